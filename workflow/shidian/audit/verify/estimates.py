"""Do the numbers of an estimate belong together, and did the panel hold what they say they used?"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd
import pyarrow as pa
from scipy import special

from shidian.audit.bundle.archive import Fault, read_member
from shidian.audit.verify.bundle import Bundle
from shidian.exhibits.result import ExhibitResult
from shidian.study.kinds import kinds
from shidian.used import Used

NOT_AGAINST_ZERO = frozenset({"moran"})
"""Kinds whose statistic is not the estimate over its error: Moran's I is tested against -1/(n - 1)."""
ROUNDING = 1e-6
"""Largest difference, relative to the statistic or in p, that rounding explains."""


def check_estimates(bundle: Bundle) -> Iterator[Fault]:
    """Yield estimates whose error, statistic, p-value, interval and N contradict each other or the panel."""
    facts = bundle.json("audit/study.json")
    panel = _panel(bundle, f"results/{facts['study']}/panel.parquet")
    for exhibit in facts["exhibits"]:
        result = result_of(bundle, exhibit)
        ours = exhibit["kind"] in kinds() and exhibit["kind"] not in NOT_AGAINST_ZERO
        for row in ({str(k): v for k, v in line.items()} for line in result.estimates.to_dict("records")):
            where = f"{exhibit['result']}: column '{row['column']}', term '{row['term']}'"
            for text in (*contradictions(row, ours), *_of_used(row, result.used.get(str(row["column"])))):
                yield Fault("contradiction", where, text)
        for column, used in result.used.items():
            for text in _not_in_the_panel(used, panel):
                yield Fault("contradiction", f"{exhibit['result']}: column '{column}'", text)


def result_of(bundle: Bundle, exhibit: Mapping[str, Any]) -> ExhibitResult:
    """Return the result of an exhibit in a bundle."""
    return ExhibitResult.from_json(read_member(bundle.archive, exhibit["result"]).decode("utf-8"))


def contradictions(row: Mapping[str, Any], against_zero: bool) -> Iterator[str]:
    """Yield what is wrong between estimate, error, statistic, p-value and interval of one row.

    Args:
        row: a row of the long schema (``shidian.estimates``).
        against_zero: whether its statistic is the estimate over its error.
    """
    b, se, t, p, low, high, df = (
        float("nan") if pd.isna(row[key]) else float(row[key])
        for key in ("estimate", "se", "statistic", "p", "ci_low", "ci_high", "df")
    )
    if not se > 0:  # tests of several coefficients have statistics of their own
        return
    if against_zero and abs(b / se - t) > ROUNDING * max(1.0, abs(t)):
        yield f"{b:.10g} over its error {se:.10g} is {b / se:.10g}, the statistic is {t:.10g}"
    if not math.isnan(t) and not math.isnan(df):
        tail = 2 * float(special.ndtr(-abs(t)) if math.isinf(df) else special.stdtr(df, -abs(t)))
        if abs(tail - p) > ROUNDING:
            yield f"a statistic of {t:.10g} with {df:g} degrees of freedom has p = {tail:.10g}, the result has {p:.10g}"
    room = ROUNDING * max(abs(low), abs(high))
    if b < low - room or b > high + room:
        yield f"{b:.10g} lies outside its interval [{low:.10g}, {high:.10g}]"


def _of_used(row: Mapping[str, Any], used: Used | None) -> Iterator[str]:
    """Yield where N is not the number of rows that the estimate used."""
    if used is None or used.counts or used.taken or pd.isna(row["n_obs"]) or pd.isna(row["estimate"]):
        return
    rows = used.of_terms.get(str(row["term"]), used.rows)
    if rows is not None and len(rows) and int(row["n_obs"]) != len(rows):
        yield f"N is {int(row['n_obs'])}, the rows used are {len(rows)}"


def _not_in_the_panel(used: Used, panel: pd.DataFrame | None) -> Iterator[str]:
    """Yield rows and variables that an estimate used and the panel does not have."""
    if panel is None or used.noise_free:
        return
    lines = [rows for rows in (used.rows, used.declared, *used.of_terms.values()) if rows is not None and len(rows)]
    last = max((int(rows.positions[-1]) for rows in lines), default=-1)
    if last >= len(panel):
        yield f"used row {last} of panel.parquet, which has {len(panel)} rows"


def _panel(bundle: Bundle, name: str) -> pd.DataFrame | None:
    """Return the panel; None where it cannot be read, which ``check_readable`` says."""
    try:
        return pd.read_parquet(io.BytesIO(read_member(bundle.archive, name)))
    except (pa.ArrowException, OSError, ValueError):
        return None
