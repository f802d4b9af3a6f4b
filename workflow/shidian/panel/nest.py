"""Join a source whose units the panel's units lie in, by a column of the panel, as firms lie in cities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from shidian.errors import PanelError
from shidian.ledger import ledger_row, ledger_row_of
from shidian.messages import say
from shidian.panel.coded import sorted_rows, with_categories
from shidian.panel.join import (
    LONG_COLUMNS,
    SORTED,
    Frame,
    Joined,
    refuse_duplicates,
    resolved,
    step,
    unmatched,
)
from shidian.panel.matched import refuse_few
from shidian.period import Period
from shidian.study.model import SourceUse

SERVED = (*LONG_COLUMNS, "factor")
NAMED = 5
"""Values that an error names."""


@dataclass(frozen=True)
class Members:
    """Which unit of a source each row of the panel lies in.

    Attributes:
        keys: (n,) key of the source's unit, missing where the column has no value or its unit is not certain.
        shown: (n,) the column's value as text, "" where it has none.
    """

    keys: pd.Series
    shown: pd.Series

    def moved(self, units: pd.Series) -> pd.Series:
        """Return for each row whether its unit lies in several units of the source, or in none for a time."""
        return self.keys.fillna("").groupby(units.to_numpy()).transform("nunique") > 1


def members_of(
    use: SourceUse, rows: pd.DataFrame, values: np.ndarray | pd.Series, joined: Joined, context: Mapping[str, Any]
) -> tuple[Members, list[dict[str, Any]]]:
    """Find the source's unit that each row lies in.

    Args:
        use: the nested source.
        rows: unit, unit_name, year of the panel's rows.
        values: (n,) values of the column: numbers, or texts.
        joined: the source's records with their keys.
        context: ``geography`` and ``period`` of the study and the ``aliases`` of the source.

    Returns:
        The members, and the ledger's lines on rows without a value.

    Raises:
        PanelError: numbers that are no codes, names that several units share, a region that is not certain.
    """
    nesting = use.nesting
    assert nesting is not None
    shown = _as_text(values, use)
    if nesting.level:
        keys = _regions(use, shown, rows["year"], context)
    else:
        lookup = _lookup(joined, use, texts=nesting.is_text)
        keys = shown.map(lookup).where(shown != "")
        keys = keys.where(keys.notna() | (shown == ""), shown)
    if nesting.first_year:
        first = rows.assign(key=keys, shown=shown).drop_duplicates("unit").set_index("unit")
        keys, shown = (rows["unit"].map(first[name]) for name in ("key", "shown"))
    ledger = []
    blank, gone = (shown == "").to_numpy(), keys.isna().to_numpy()
    for mask, reason in (
        (blank, say("'{column}' is blank: in none of the source's units", column=nesting.on)),
        (gone & ~blank, say("'{column}' names a region that is none of the study's geography", column=nesting.on)),
    ):
        if mask.any():
            ledger.append(ledger_row_of(rows[mask], step(use), nesting.on, reason))
    return Members(keys.reset_index(drop=True), shown.reset_index(drop=True)), ledger


def _as_text(values: np.ndarray | pd.Series, use: SourceUse) -> pd.Series:
    """Return codes and names as text; numbers that are not whole are no codes."""
    given = pd.Series(values).reset_index(drop=True)
    if not pd.api.types.is_numeric_dtype(given.dtype):
        return given.fillna("").astype(str).str.strip()
    broken = given.notna() & (given != given.round())
    if broken.any():
        assert use.nesting is not None
        raise PanelError(
            f"at 'sources.{use.source}.join.on': '{use.nesting.on}' is {given[broken].iloc[0]:g} in a row, which is no "
            "code of a unit"
        )
    return given.map(lambda value: f"{value:.0f}", na_action="ignore").fillna("").astype(str)


def _lookup(joined: Joined, use: SourceUse, *, texts: bool) -> dict[str, str]:
    """Return printed code, and name where the column holds texts -> key of the source's unit."""
    known = joined.printed.dropna(subset=["key"])
    found = {key: key for key in known["key"]}
    found |= {code: key for code, key in zip(known["unit_code"], known["key"], strict=True) if isinstance(code, str)}
    if not texts:
        return found
    for name, key in zip(known["unit_name"], known["key"], strict=True):
        if isinstance(name, str) and found.setdefault(name, key) != key:
            raise PanelError(
                f"source '{use.source}': '{name}' is the name of several units ({found[name]}, {key}): join on "
                "their code"
            )
    return found


def _regions(use: SourceUse, shown: pd.Series, years: pd.Series, context: Mapping[str, Any]) -> pd.Series:
    """Resolve codes or names as those of units, in the year of each row."""
    assert use.nesting is not None
    given = pd.DataFrame({"shown": shown, "year": years.to_numpy()})
    distinct = given[given["shown"] != ""].drop_duplicates().reset_index(drop=True)
    coded = distinct["shown"].str.fullmatch(r"\d+").to_numpy(bool)
    units = pd.DataFrame({
        "unit_code": distinct["shown"].where(coded, None), "unit_name": distinct["shown"].where(~coded, None),
        "province": None, "year": distinct["year"],
    })  # fmt: skip
    try:
        distinct["key"] = resolved(units, use, context["geography"], context["aliases"], context["period"])["key"]
    except PanelError as problem:
        raise PanelError(f"at 'sources.{use.source}.join.on', values of '{use.nesting.on}': {problem}") from None
    return given.merge(distinct, on=["shown", "year"], how="left")["key"]


def serve(
    frame: Frame, long: pd.DataFrame, members: Members, use: SourceUse
) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """Give every row of the panel the values of the source's unit that it lies in, in its year.

    Facts without a year stay without one where no unit of the panel moves, else they stand in each row's year.

    Args:
        frame: the panel's rows.
        long: values of the source's units, ``unit`` being their key (``LONG_COLUMNS`` and factor).
        members: the unit that each row lies in.
        use: the nested source.

    Returns:
        The values by unit of the panel, and the ledger's lines.
    """
    rows = frame.rows[["unit", "year"]].assign(key=members.keys.to_numpy()).astype({"year": "Int64"})
    moved = members.moved(frame.rows["unit"]).to_numpy()
    given = long.rename(columns={"unit": "key"}).astype({"key": "str", "year": "Int64"})
    facts = given["year"].isna()
    dated = rows.merge(given[~facts], on=["key", "year"])
    holders = rows if moved.any() else rows.drop_duplicates("unit").assign(year=None)
    undated = holders.merge(given[facts].drop(columns="year"), on="key")
    served = pd.concat([part for part in (dated, undated) if len(part)] or [dated], ignore_index=True)
    ledger = []
    if moved.any():
        what = say("the value of its first year") if _first(use) else say("the value of the row's own year")
        reason = say("move between units of '{source}': each row has {what}", source=use.source, what=what)
        ledger.append(ledger_row_of(frame.rows[moved], step(use), _on(use), reason))
    served = with_categories(served.reindex(columns=list(SERVED)).astype({"year": "Int64"}))
    return sorted_rows(served, SORTED), ledger


def own_long(joined: Joined, use: SourceUse, period: Period) -> pd.DataFrame:
    """Return the records by the source's own units, those that are not certain left out.

    Raises:
        PanelError: a unit, year and series given twice.
    """
    keys = joined.printed["key"].take(joined.of)
    there = keys.notna().to_numpy()
    long = joined.records[there].assign(unit=keys[there].to_numpy()).reindex(columns=list(LONG_COLUMNS))
    long = refuse_duplicates(with_categories(long), use.source, period)
    return sorted_rows(long, SORTED)


def matched_lines(frame: Frame, joined: Joined, members: Members, use: SourceUse) -> list[dict[str, Any]]:
    """Return the ledger's lines on what matched, and on each unit of the source that no row lies in.

    Raises:
        PanelError: nothing matches, or less than is asked for.
    """
    own = joined.printed["key"]
    inside = own.isin(members.keys.dropna())
    known, values = own.dropna().unique(), members.shown[members.shown != ""].unique()
    served = frame.rows[members.keys.isin(known).to_numpy()]
    n, units = int(own[inside].nunique()), served["unit"].nunique()
    total = frame.rows["unit"].nunique()
    if not n:
        raise PanelError(
            f"source '{use.source}': none of its {len(known)} units ({_some(known)}) is a value of '{_on(use)}' "
            f"({_some(values)}): name another column under 'sources.{use.source}.join.on'"
        )
    refuse_few(use, (n, len(known)), (units, total), f"values of '{_on(use)}'")
    reason = say(
        "{n} of the {known} units of the list are values of '{column}'; {units} of the panel's {total} units lie in "
        "them",
        n=n, known=len(known), column=_on(use), units=units, total=total,
    )  # fmt: skip
    line = ledger_row(step(use), _on(use), reason, units=units, rows=len(served))
    return [line, *unmatched(joined, ~inside.to_numpy(), use)]


def moves_of(use: SourceUse, members: Members, rows: pd.DataFrame, unit: str, period: Period) -> str:
    """Return how a unit moves, for an error: "'city' is 1 in 2001-2003, 2 in 2004"."""
    mine = (rows["unit"] == unit).to_numpy()
    return runs(members.shown[mine].replace("", "blank"), rows.loc[mine, "year"], period)


def runs(values: pd.Series, years: pd.Series, period: Period) -> str:
    """Return consecutive equal values with their years: "1 in 2001-2003, 2 in 2004"."""
    texts, when = values.astype(str).tolist(), years.astype(int).tolist()
    found: list[tuple[str, int, int]] = []
    for text, year in zip(texts, when, strict=True):
        if found and found[-1][0] == text:
            found[-1] = (text, found[-1][1], year)
        else:
            found.append((text, year, year))
    label = period.label
    return ", ".join(f"{text} in {label(a)}" + (f"-{label(b)}" if b > a else "") for text, a, b in found)


def _some(values: Any) -> str:
    listed = [str(value) for value in values]
    return ", ".join(listed[:NAMED]) + (", ..." if len(listed) > NAMED else "")


def _on(use: SourceUse) -> str:
    assert use.nesting is not None
    return use.nesting.on


def _first(use: SourceUse) -> bool:
    return use.nesting is not None and use.nesting.first_year
