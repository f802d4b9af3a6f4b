"""Who is treated when: the treatment's columns of the panel, from what the study file names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from shidian.errors import PanelError
from shidian.panel.adoption import ABSENT, FACTS, LIES_IN, adopted_of
from shidian.panel.coded import of_series
from shidian.panel.nest import Members, moves_of
from shidian.panel.steps import adoption_in_steps
from shidian.panel.treat import adoption_years, as_it_stands, from_status, never_line, treated
from shidian.period import Period
from shidian.study.model import SourceUse
from shidian.study.treated import STAYS, Treatment

Nested = Mapping[str, tuple[SourceUse, Members]]
"""Nested source -> how it joins, and the unit that each row lies in."""


def with_treatment(
    treatment: Treatment | None,
    rows: pd.DataFrame,
    long: pd.DataFrame,
    values: np.ndarray | None,
    nested: Nested,
    period: Period,
    individuals: bool = False,
) -> tuple[pd.DataFrame, list[str], list[dict[str, Any]]]:
    """Add the adoption year, missing throughout where there is none, and the treatment.

    Args:
        treatment: the study's treatment, None where it has none.
        rows: unit, unit_name, year of the panel's rows.
        long: raw values behind the panel.
        values: (n,) values of the status or of a computed adoption year; None where a series is read entry by entry.
        nested: the nested sources.
        period: what a year of the panel is; an adoption year is one of the calendar, the rows' years are steps.
        individuals: whether each unit has one row, so that a status says nothing of when its group adopted.

    Returns:
        The rows with their columns, the units listed without a year, and the ledger's lines.

    Raises:
        PanelError: entries that date nobody, or contradict each other.
    """
    undated: list[str] = []
    none = rows.assign(adoption_year=pd.array([pd.NA] * len(rows), dtype="Int64"))
    if treatment is None:
        return none, undated, []
    if treatment.kind != STAYS or (individuals and treatment.dated_by == "status"):
        assert values is not None
        column, ledger = as_it_stands(treatment, rows, values, period)
        return none.assign(**{treatment.name: column}), undated, ledger
    lines: list[dict[str, Any]] = []
    if treatment.dated_by == "status":
        assert values is not None
        years = from_status(treatment, rows, values, period)
    else:
        facts, moves = _facts(treatment, rows, long, values, nested, period)
        adopted = adopted_of(treatment, rows, facts, moves, period)
        years, between = adoption_in_steps(adopted.years, period)
        undated, lines = adopted.undated, [*never_line(adopted, treatment), *between]
    adoption, ledger = adoption_years(treatment, rows, years)
    panel = rows.assign(adoption_year=rows["unit"].map(adoption).astype("Int64"))
    panel[treatment.name] = treated(rows, adoption)
    return panel, undated, lines + ledger


def _facts(
    treatment: Treatment,
    rows: pd.DataFrame,
    long: pd.DataFrame,
    values: np.ndarray | None,
    nested: Nested,
    period: Period,
) -> tuple[pd.DataFrame, str]:
    """Return the entries of an adoption year (``shidian.panel.adoption.FACTS``), and what to say of units that move."""
    if values is not None:
        facts = rows[["unit", "year"]].assign(value=values, flag="")
        return facts, ""
    entries = long[list(FACTS)].take(of_series(long, treatment.series)).astype({"unit": "str", "flag": "str"})
    source = treatment.series.partition(".")[0]
    if source not in nested:
        there = entries["year"].isna() | pd.MultiIndex.from_frame(entries[["unit", "year"]]).isin(
            pd.MultiIndex.from_frame(rows[["unit", "year"]])
        )
        return entries[there], ""
    use, members = nested[source]
    return _nested_facts(rows, entries, members, use, period)


def _nested_facts(
    rows: pd.DataFrame, entries: pd.DataFrame, members: Members, use: SourceUse, period: Period
) -> tuple[pd.DataFrame, str]:
    """Return the entry of each row by the unit that it lies in; where that is not on the list the flag says so.

    Raises:
        PanelError: a unit of which no row says in which unit it lies.
    """
    lies = members.keys.notna().to_numpy()
    placed = set(rows.loc[lies, "unit"])
    lost = [unit for unit in rows["unit"].unique() if unit not in placed]
    assert use.nesting is not None
    if lost:
        raise PanelError(
            f"'{use.nesting.on}' does not say in which unit of '{use.source}' {len(lost)} units of the panel lie "
            f"({', '.join(lost[:3])}): they are neither treated nor controls. Give them a value, or exclude them under "
            "'sample.exclude'"
        )
    mine = rows.loc[lies, ["unit", "year"]].astype({"unit": "str", "year": "Int64"})
    mine = mine.assign(**{LIES_IN: members.shown.to_numpy()[lies]})
    dateless = entries["year"].isna().all()
    given = entries.drop(columns="year") if dateless else entries
    facts = mine.merge(given, on=["unit"] if dateless else ["unit", "year"], how="left")
    facts["flag"] = facts["flag"].fillna(ABSENT)
    moved = rows.loc[members.moved(rows["unit"]).to_numpy(), "unit"].unique()
    if not len(moved):
        return facts, ""
    return facts, (
        f"It moves: '{use.nesting.on}' is {moves_of(use, members, rows, str(moved[0]), period)}"
        f"{'' if len(moved) == 1 else f' for unit {moved[0]}'}. Exclude the units that move under 'sample.exclude', or "
        f"give them the value of their first year: 'sources.{use.source}.join: {{on: {use.nesting.on}, moves: "
        "first_year}'"
    )
