"""First-stage F against the first stage's t: with one instrument and one endogenous variable, F = t squared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from shidian.audit.printed_tables.findings import AGREES, CERTAIN, DISAGREES, UNDECIDED, UNUSUAL, Finding, places
from shidian.audit.printed_tables.fit import CONSTANTS
from shidian.audit.printed_tables.interval import Interval, Printed
from shidian.audit.printed_tables.paper import Column, Paper

_SMALL_SAMPLE = 0.05
"""Largest relative difference that small-sample factors of F and t may make: (N - K)/N and G/(G - 1) differ by less."""
_HOMOSKEDASTIC = ("cragg", "cd_")


def check_first_stage(paper: Paper) -> Iterator[Finding]:
    """Yield each printed F of a first stage against the t of its only instrument."""
    for column in paper.columns:
        if "first_stage" not in column.name:
            continue
        instruments = [name for name in column.terms if name not in CONSTANTS]
        if len(instruments) != 1 or column.terms[instruments[0]].size is None:
            continue
        for name, value in column.numbers.items():
            if _is_f(name):
                yield _compare(column, instruments[0], name, value, _robust(paper, column))


def _compare(column: Column, instrument: str, name: str, value: Printed, robust: bool) -> Finding:
    estimate = column.terms[instrument]
    assert estimate.size is not None
    squared = estimate.size.square()
    wide = squared * Interval(1 - _SMALL_SAMPLE, 1 + _SMALL_SAMPLE)
    printed = f"{name} {value}; {instrument} {estimate}"
    computed = f"t squared {squared}"
    why = "with one instrument and one endogenous variable F is t squared, of the same kind of error"
    agrees, uses = value.interval.meets(wide), places(value, estimate)
    if robust and name.startswith(_HOMOSKEDASTIC):
        sure = "the statistic assumes equal variances, the printed errors do not: they need not agree"
        verdict = AGREES if agrees else UNDECIDED
        return Finding("first-stage F", column.where, printed, computed, verdict, sure, why, uses)
    if agrees:
        return Finding("first-stage F", column.where, printed, computed, AGREES, CERTAIN, why, uses)
    sure = f"if there is no other instrument; {_SMALL_SAMPLE:.0%} is left for small-sample factors"
    return Finding("first-stage F", column.where, printed, computed, DISAGREES, sure, why, uses)


def _robust(paper: Paper, column: Column) -> bool:
    """Say whether the first stage's errors allow for unequal variances, in its own table or throughout the paper."""
    kinds = [column.facts.get("se_type"), *(c.facts.get("se_type") for c in paper.columns)]
    kind = next((k for k in kinds if isinstance(k, str)), "")
    return any(word in kind.lower() for word in ("robust", "cluster"))


def _is_f(name: str) -> bool:
    words = name.lower().split("_")
    return "f" in words and not any(word.startswith("lm") for word in words)


def check_names(paper: Paper) -> Iterator[Finding]:
    """Yield statistics that the text calls by another name than the table (``text_says_<number>_is: <name>``)."""
    for table, content in paper.tables.items():
        if not isinstance(content, Mapping):
            continue
        for key, said in content.items():
            number = key.removeprefix("text_says_").removesuffix("_is")
            if key == f"text_says_{number}_is" and isinstance(said, str):
                held = [name for name, value in content.items() if value == number]
                for name in held:
                    yield _named(table, name, number, said)


def _named(table: str, name: str, number: str, said: str) -> Finding:
    kinds = [{k for k in ("lm", "f") if k in text.lower().replace("_", " ").split()} for text in (name, said)]
    why = "an LM statistic and a Wald F are different numbers"
    printed = f"table: {name} {number}; text: {said}"
    if all(kinds) and kinds[0] != kinds[1]:
        return Finding("name", table, printed, "two statistics", DISAGREES, "certain that one name is wrong", why)
    same = kinds[0] == kinds[1] and bool(kinds[0])
    return Finding("name", table, printed, "one statistic", AGREES if same else UNUSUAL, CERTAIN, why)
