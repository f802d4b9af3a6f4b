"""Rules that a declared sample is cut down by, one after the other: complete rows, units seen often enough, groups."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from shidian.errors import EstimationError, no_column
from shidian.ledger import ledger_row
from shidian.messages import say

RULES = (
    "complete", "complete_years", "observed_every_year", "balanced", "min_periods", "drop_groups", "one_row",
)  # fmt: skip
"""Keys of a declared sample that are rules, in the order in which they are applied."""

Label = Callable[[str], str]


@dataclass(frozen=True)
class Cut:
    """What one rule left out: its words, and how many units lost all their rows and how many rows went."""

    words: str
    units: int
    rows: int


def apply_rules(
    part: pd.DataFrame, declared: Mapping[str, Any], needed: Sequence[str] = (), label: Label = str
) -> tuple[pd.DataFrame, list[Cut]]:
    """Return the rows that the rules of a declared sample leave, and what each of them left out.

    Args:
        part: rows of the panel.
        declared: the sample; other keys than ``RULES`` are passed over.
        needed: variables of the exhibit, which ``balanced`` wants complete.
        label: gives the printed name of a variable.

    Raises:
        EstimationError: a variable or year that the panel has not, or a rule that leaves no row.
    """
    cuts = []
    for rule in RULES:
        if declared.get(rule) in (None, False):
            continue
        keep, words = _KEEP[rule](part, declared[rule], needed, label)
        left = part[keep]
        if left.empty:
            raise EstimationError(say("the declared sample keeps no row: none is left by '{words}'", words=words))
        gone = part["unit"].nunique() - left["unit"].nunique()
        cuts.append(Cut(words, int(gone), len(part) - len(left)))
        part = left
    return part, cuts


def rules_ledger(cuts: Iterable[Cut], exhibit: str) -> list[dict[str, Any]]:
    """Return the ledger's lines of what rules left out."""
    return [
        ledger_row(say("declared sample"), exhibit, cut.words, units=cut.units, rows=cut.rows)
        for cut in cuts
        if cut.rows
    ]


def declared_samples(spec: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Give the label ("" for the exhibit itself) and settings of each part of an exhibit that declares a sample."""
    if spec.get("sample"):
        yield "", spec
    baseline = spec.get("baseline")
    if isinstance(baseline, Mapping) and baseline.get("sample"):
        yield str(spec.get("baseline_label", say("Baseline"))), {**spec, **baseline}
    for key in ("columns", "variations"):
        for n, column in enumerate(spec.get(key, ())):
            if isinstance(column, Mapping) and column.get("sample"):
                yield str(column.get("label", f"({n + 1})")), {**spec, **column}


def _complete(part: pd.DataFrame, names: Iterable[str]) -> pd.Series:
    chosen = list(dict.fromkeys(names))
    for name in chosen:
        if name not in part.columns:
            raise no_column(name, part.columns)
    return part[chosen].notna().all(axis=1)


def _keep_complete(part: pd.DataFrame, names: Any, _: Any, label: Label) -> tuple[pd.Series, str]:
    return _complete(part, names), say("rows with values of {names}", names=[label(name) for name in names])


def _keep_complete_years(part: pd.DataFrame, years: Any, _: Any, label: Label) -> tuple[pd.Series, str]:
    absent = sorted(set(years) - set(part["year"]))
    if absent:
        raise EstimationError(say("no year '{value}' in the panel{near}", value=absent[0], near=""))
    seen = part[part["year"].isin(years)].groupby("unit")["year"].nunique()
    enough = set(seen.index[seen == len(set(years))])
    return part["unit"].isin(enough), say("units observed in {years}", years=sorted(years))


def _keep_observed(part: pd.DataFrame, _: Any, __: Any, label: Label) -> tuple[pd.Series, str]:
    return _in_every_year(part, part["year"].notna()), say("units observed in every year")


def _keep_balanced(part: pd.DataFrame, _: Any, needed: Sequence[str], label: Label) -> tuple[pd.Series, str]:
    names = [name for name in needed if name in part.columns]
    whole = _complete(part, names)
    return whole & _in_every_year(part, whole), say("units with values of every variable in every year")


def _in_every_year(part: pd.DataFrame, rows: pd.Series) -> pd.Series:
    years = part[rows].groupby("unit")["year"].nunique()
    return part["unit"].isin(years.index[years == part["year"].nunique()])


def _keep_min_periods(part: pd.DataFrame, least: Any, _: Any, label: Label) -> tuple[pd.Series, str]:
    periods = part.groupby("unit")["year"].transform("nunique")
    return periods >= int(least), say("units observed in at least {n} years", n=int(least))


def _keep_groups(part: pd.DataFrame, declared: Any, _: Any, label: Label) -> tuple[pd.Series, str]:
    by, least = declared["by"], int(declared["fewer_than"])
    if by not in part.columns:
        raise no_column(by, part.columns)
    units = part.groupby(by, dropna=False)["unit"].transform("nunique")
    words = say("groups of {name} with at least {n} units", name=label(by), n=least)
    return (units >= least) & part[by].notna(), words


def _keep_one_row(part: pd.DataFrame, declared: Any, _: Any, label: Label) -> tuple[pd.Series, str]:
    by, which = declared.get("by", "unit"), declared["which"]
    if by not in part.columns:
        raise no_column(by, part.columns)
    years = part.groupby(by)["year"]
    at = years.transform("min" if which == "first" else "max")
    name = label(by)
    words = (
        say("the first year of each {name}", name=name)
        if which == "first"
        else say("the last year of each {name}", name=name)
    )
    return part["year"] == at, words


_KEEP: Mapping[str, Callable[..., tuple[pd.Series, str]]] = {
    "complete": _keep_complete, "complete_years": _keep_complete_years, "observed_every_year": _keep_observed,
    "balanced": _keep_balanced, "min_periods": _keep_min_periods, "drop_groups": _keep_groups,
    "one_row": _keep_one_row,
}  # fmt: skip
