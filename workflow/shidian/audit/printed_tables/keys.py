"""The keys of a file of printed tables. Every other key is an error that names the nearest one: none is passed over."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from shidian.errors import AuditError, nearest

READ_KEYS = (
    "title", "source", "unit", "sample", "treatment", "outcome", "descriptives", "descriptives_columns", "groups",
    "percentages", "tables", "variables", "star_levels", "below",
)  # fmt: skip
"""Keys of the file that the checker reads."""
REMARKS = (
    "remarks", "note", "notes", "printed_oddities", "method", "results", "index", "efficiency", "controls", "weights",
    "other_policies",
)  # fmt: skip
"""Keys of the transcriber's own words: never read, for a checker that reads its answers checks nothing."""
SAMPLE = ("units", "first_year", "last_year", "periods", "balanced", "n", "excluded", "note")
TREATMENT = ("policy", "treated", "never_treated", "units_total", "pilot_units", "batches", "first", "largest_batch",
             "treated_by_<year>", "note")  # fmt: skip
VARIABLE = ("kind", "low", "high", "ratio", "parts", "items", "why")
TABLE = ("columns", "rows", "contribution", "shares", "models", "remarks")
"""Keys of a table beside the facts of its columns, which may stand in the table and then hold for all of them."""
TEXTS = ("outcome", "what", "sample", "se_type", "method", "instrument", "threshold_variable", "note", "controls")
LISTS = ("fe", "controls", "models")
SETTINGS = ("below", "star_levels")
NUMBERS = ("n", "r2", "adj_r2", "within_r2", "pseudo_r2", "units", "clusters", "df", "mean_y", "sd_y", "ci_level", "f",
           "p", "gamma", "replications", "log_likelihood", "aic", "bic")  # fmt: skip
NUMBER_PATTERN = "<name>_f, <name>_lm, <name>_p"
FACTS = tuple(dict.fromkeys((*TEXTS, *LISTS, *SETTINGS, *NUMBERS, "crit")))
"""Keys of a column that are no terms."""
MOMENTS = ("n", "mean", "sd", "min", "max", "median", "p1", "p5", "p10", "p25", "p50", "p75", "p90", "p95", "p99")
CELL = ("b", "se", "t", "z", "p", "ci", "stars", "elasticity", "percent")
BELOW = ("se", "t", "z", "p", "ci")


def is_number_key(key: str) -> bool:
    """Say whether a key of a column or table holds a printed number: ``n``, ``r2``, any F or LM statistic."""
    words = re.split(r"[_\W]+", key.lower())
    return key in NUMBERS or (len(words) > 1 and bool({"f", "lm", "chi2", "hansen", "sargan", "hausman"} & set(words)))


def is_fact_key(key: str) -> bool:
    """Say whether a key of a column or table is no term."""
    return key in FACTS or is_number_key(key) or key.startswith("text_says_")


def check_keys(given: Mapping[str, Any], known: Iterable[str], where: str) -> None:
    """Refuse keys that there are not.

    Raises:
        AuditError: a key that is none of ``known``, with the nearest one.
    """
    names = tuple(known)
    for key in given:
        pattern = re.sub(r"\d{4}$", "<year>", key)
        if key not in names and pattern not in names:
            raise unknown_key(key, names, where)


def unknown_key(key: str, known: Iterable[str], where: str) -> AuditError:
    """Return the error of a key that there is not: the nearest one, else all."""
    names = tuple(known)
    near = nearest(key, names)
    if key.isdigit():
        near = ' (a number with a comma stands in quotes: "4,850")'
    return AuditError(f"{where}: there is no key '{key}'{near or '; there are ' + ', '.join(names)}")
