"""What the kinds on distributions share: years, rows with values, the sentence on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from shidian.errors import EstimationError
from shidian.exhibits import notes
from shidian.exhibits.known_rows import known_rows, missing_ledger
from shidian.exhibits.result import StudyInfo
from shidian.messages import counted, say


def declared_years(panel: pd.DataFrame, spec: Mapping[str, Any], least: int = 1) -> list[int]:
    """Return the years of ``years``, in order; all of the panel where they are not given.

    Raises:
        EstimationError: a year that the rows have not; fewer years than ``least``.
    """
    have = sorted(int(year) for year in panel["year"].unique())
    wanted = sorted({int(year) for year in spec.get("years", have)})
    if lacking := [year for year in wanted if year not in have]:
        raise EstimationError(
            say(
                "exhibit '{exhibit}': 'years' names {year}, and the sample's years are {first} to {last}",
                exhibit=notes.exhibit_id(spec), year=str(lacking[0]), first=str(have[0]), last=str(have[-1]),
            )
        )  # fmt: skip
    if len(wanted) < least:
        raise EstimationError(
            say(
                "exhibit '{exhibit}': it compares periods and needs {least} or more, the sample has {n}",
                exhibit=notes.exhibit_id(spec), least=least, n=len(wanted),
            )
        )  # fmt: skip
    return wanted


def known_with(
    rows: pd.DataFrame, names: Sequence[str], step: str, also: Mapping[str, str] | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows with a value of every variable and the ledger of the others.

    ``also`` names further columns of the rows that must have a value, with the variable that the ledger calls them by.
    """
    known, ledgers = rows, []
    for column, printed in {**{name: name for name in names}, **(also or {})}.items():
        kept = known_rows(known, column)
        ledgers.append(missing_ledger(step, known, kept, printed))
        known = kept
    return known, pd.concat(ledgers, ignore_index=True)


def described(what: str, rows: pd.DataFrame, words: str, info: StudyInfo) -> str:
    """Return the sentence on what is described, over how many rows and units, restricted to ``words``."""
    if info.individuals:
        said = say("{what}: {n} rows.", what=what, n=len(rows))
        return said if not words else say("{sentence} Rows restricted to: {words}.", sentence=said, words=words)
    units = counted(rows["unit"].nunique(), info.unit_label)
    if words:
        return say("{what}: {n} rows of {units} ({words}).", what=what, n=len(rows), units=units, words=words)
    return say("{what}: {n} rows of {units}.", what=what, n=len(rows), units=units)
