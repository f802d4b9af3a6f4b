"""Join the records of a study's sources on the frame's units: by region, by code or by exact name."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from shidian.errors import PanelError
from shidian.ledger import ledger_row, ledger_row_of
from shidian.messages import say
from shidian.panel.absent import absent_lines, unserved_lines
from shidian.panel.coded import category, key_of, sorted_rows, with_categories
from shidian.panel.own_regions import in_own_years
from shidian.period import Period
from shidian.regions.resolve import CERTAIN, resolve_units
from shidian.study.model import PanelSpec, SourceUse

LONG_COLUMNS = ("unit", "year", "source_id", "indicator", "value", "measure", "flag", "cell_id")
SORTED = ("unit", "year", "indicator")
PRINTED = ("unit_code", "unit_name", "province", "year")
YEARS = Period()
"""The period of a study that declares none."""
STRANGER = say("not among the units of the panel")
PASSING = ("merged", "ended", "not_established")
"""Fates of a unit that leave its rows out without an error: the ledger names them."""


@dataclass(frozen=True)
class Frame:
    """The rows of the panel before any value: the unit-years that the frame source has in the study's years.

    Attributes:
        rows: unit (code as text), unit_name (that of the latest year), year; sorted, one row a unit-year.
    """

    rows: pd.DataFrame

    @property
    def names(self) -> pd.Series:
        """Name of every unit, indexed by code."""
        return self.rows.drop_duplicates("unit", keep="last").set_index("unit")["unit_name"]


@dataclass(frozen=True)
class Joined:
    """Records of the study's years with the key that they join by.

    Attributes:
        records: the source's records (docs/architecture.md), repeating texts as categories.
        of: the row of ``printed`` that each record has.
        printed: the distinct units and years as printed (``PRINTED``), and ``key``: a code, or a name where the join is
            by name; ``name``, official where the join is by region; both are missing where the unit is not certain,
            and ``fate`` and ``why`` say what became of it. Where the join is by region ``grade`` and ``how`` say how
            the unit was recognised (``shidian.regions.by_name.GRADES``).
    """

    records: pd.DataFrame
    of: np.ndarray
    printed: pd.DataFrame

    @staticmethod
    def by(spec: PanelSpec, use: SourceUse, records: pd.DataFrame, aliases: Mapping[str, str]) -> Joined:
        """Give every record of a source its key.

        Raises:
            PanelError: the source has no column to join by; a unit that is not certain and not accepted.
        """
        inside = (records["year"].isna() | records["year"].between(spec.first_year, spec.last_year)).to_numpy(bool)
        if not inside.any():
            label, years = spec.period.label, records["year"].dropna()
            raise PanelError(
                f"source '{use.source}' has no row in {label(spec.first_year)}-{label(spec.last_year)}; its "
                f"{spec.period.noun}s are {label(years.min())}-{label(years.max())}"
            )
        if not inside.all():
            records = records[inside].reset_index(drop=True)
        records = with_categories(records)
        of, printed = _printed(records)
        if use.join in ("region", "province") or (use.nesting and use.nesting.level):
            assert spec.geography is not None
            known = resolved(printed, use, spec.geography, aliases, spec.period)
            if use.aggregate:
                known = in_own_years(known, use, spec.geography, aliases, spec.period)
            return Joined(records, of, known)
        column = "unit_code" if use.join != "name" and printed["unit_code"].notna().any() else "unit_name"
        if printed[column].isna().all():
            raise PanelError(f"source '{use.source}' has no names to join by; declare another 'join'")
        name = printed["unit_name"].fillna(printed[column])
        key = printed[column].astype(str)
        if use.nesting:
            key = key.map(plain_code)
        return Joined(records, of, printed.assign(key=key, name=name, fate="", why=STRANGER))

    def only(self, series: Collection[str]) -> Joined:
        """Return the records of some series."""
        mine = self.records["indicator"].isin(series).to_numpy()
        return self if mine.all() else replace(self, records=self.records[mine], of=self.of[mine])


def _printed(records: pd.DataFrame) -> tuple[np.ndarray, pd.DataFrame]:
    """Return the distinct units and years in the order in which they appear, and which of them each record has."""
    key = key_of(records, PRINTED)
    starts = np.flatnonzero(np.diff(key, prepend=-1))  # records of one unit and year mostly follow each other
    distinct, first = np.unique(key[starts], return_index=True)
    appears = np.argsort(first)
    place = np.empty(len(distinct), dtype=np.int32)
    place[appears] = np.arange(len(distinct), dtype=np.int32)
    of = np.repeat(place[np.searchsorted(distinct, key[starts])], np.diff(starts, append=len(key)))
    printed = records[list(PRINTED)].take(starts[np.sort(first)]).reset_index(drop=True)
    return of, printed.astype({name: "str" for name in PRINTED if name != "year"})


def plain_code(text: str) -> str:
    """Return a code as a number prints it: leading zeros are lost in a column of numbers."""
    return text.lstrip("0") or "0" if text.isascii() and text.isdigit() else text


def resolved(
    units: pd.DataFrame, use: SourceUse, geography: int, aliases: Mapping[str, str], period: Period = YEARS
) -> pd.DataFrame:
    """Find the code of every printed unit (``PRINTED``) in the study's geography, as valid in its year.

    Raises:
        PanelError: a unit that is not certain and not accepted.
    """
    years = [year if pd.isna(year) else period.year_of(int(year)) for year in units["year"]]
    codes = None if units["unit_code"].isna().all() else units["unit_code"].tolist()
    try:
        found = resolve_units(
            units["unit_name"].tolist(),
            codes,
            units["year"].tolist() if period.is_plain else years,
            use.level,
            geography,
            units["province"].tolist(),
            aliases,
            accept=(*PASSING, *use.accept),
        )
    except PanelError as problem:
        raise PanelError(f"source '{use.source}': {problem}") from None
    sure = found["status"].isin(CERTAIN).to_numpy()
    return units.assign(
        key=found["unit_code"].where(sure).to_numpy(),
        name=found["unit_name"].where(sure).to_numpy(),
        fate=found["status"].where(~sure, "").to_numpy(),
        why=found["reason"].where(~sure, STRANGER).to_numpy(),
        grade=found["grade"].to_numpy(),
        how=found["reason"].where(sure, "").to_numpy(),
    )


def frame_of(joined: Joined, source: str) -> Frame:
    """Return the panel's rows from the records of the frame source: its units and years.

    Raises:
        PanelError: no record has a year, or none has a unit that is certain.
    """
    dated = joined.printed[joined.printed["year"].notna() & joined.printed["key"].notna()]
    if dated.empty:
        raise PanelError(f"source '{source}' has no row with a unit and a year of the study")
    rows = pd.DataFrame({"unit": dated["key"], "unit_name": dated["name"], "year": dated["year"].astype(int)})
    rows = rows.drop_duplicates(["unit", "year"]).sort_values(["unit", "year"], kind="stable")
    latest = rows.drop_duplicates("unit", keep="last").set_index("unit")["unit_name"]
    return Frame(rows.assign(unit_name=rows["unit"].map(latest)).reset_index(drop=True))


def join_source(
    frame: Frame, joined: Joined, use: SourceUse, period: Period = YEARS
) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """Give every record the frame's unit, and name the units of the source that are not in the frame.

    Returns:
        The matched records in long form (``LONG_COLUMNS``) and the ledger's lines for the units not matched.

    Raises:
        PanelError: a name that two units of the frame carry; a unit, year and series given twice.
    """
    if use.join == "province":
        return _serve_provinces(frame, joined, use, period)
    unit = _units(frame, joined.printed["key"], use)
    lost = unit.isna().to_numpy()
    gone = lost[joined.of]
    ledger = unmatched(joined, lost, use)
    records, of = (joined.records[~gone], joined.of[~gone]) if gone.any() else (joined.records, joined.of)
    long = records.assign(unit=category(unit).take(of).array).reindex(columns=list(LONG_COLUMNS))
    long = refuse_duplicates(long, use.source, period)
    return sorted_rows(long, SORTED), [*ledger, *absent_lines(frame.rows, long, step(use), use.source, period)]


def _serve_provinces(
    frame: Frame, joined: Joined, use: SourceUse, period: Period
) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """Give every unit of the frame the records of its province, by the first two digits of its code."""
    names = frame.names
    units = pd.DataFrame({"unit": names.index, "key": names.index.str[:2] + "0000"})
    records = joined.records.assign(key=joined.printed["key"].take(joined.of).array)
    records = refuse_duplicates(records.assign(unit=records["key"]), use.source, period).drop(columns="unit")
    matched = records.merge(units, on="key")
    long = with_categories(matched.reindex(columns=list(LONG_COLUMNS)))
    reason = say("the value of each of {n} provinces serves all units in it", n=matched["key"].nunique())
    lines = [ledger_row_of(long[["unit", "year"]].drop_duplicates(), step(use), say("provinces"), reason)]
    lines += unmatched(joined, ~joined.printed["key"].isin(units["key"]).to_numpy(), use)
    lies_in = frame.rows["unit"].str[:2] + "0000"
    own = joined.records[["year"]].assign(unit=joined.printed["key"].take(joined.of).array)
    lines += unserved_lines(frame.rows, lies_in, own, step(use), use.source, period)
    return sorted_rows(long, SORTED), lines


def _units(frame: Frame, keys: pd.Series, use: SourceUse) -> pd.Series:
    names = frame.names
    if use.join != "name":
        return keys.where(keys.isin(names.index))
    shared = names[names.duplicated(keep=False) & names.isin(keys)]
    if not shared.empty:
        raise PanelError(
            f"source '{use.source}' joins by name, but '{shared.iloc[0]}' is the name of several units "
            f"({', '.join(shared.index)}): join by code or by region"
        )
    return keys.map(dict(zip(names, names.index, strict=True)))


def refuse_duplicates(long: pd.DataFrame, source: str, period: Period) -> pd.DataFrame:
    """Return values of which each unit, year and series has one; equal facts without a year are one fact.

    Raises:
        PanelError: two values; names the unit, the series, the year and their cells.
    """
    keys = ["unit", "year", "indicator"]
    sought = key_of(long, keys)
    if not (sought[1:] > sought[:-1]).all():
        again = long["year"].isna() & long.duplicated([*keys, "value"])
        if again.any():
            return refuse_duplicates(long[~again.to_numpy()], source, period)
        twice = long[pd.Series(sought).duplicated(keep=False).to_numpy()]
        if not twice.empty:
            unit, year, series = twice.iloc[0][keys]
            cells = ", ".join(twice[(twice[keys] == twice.iloc[0][keys]).fillna(True).all(axis=1)]["cell_id"].head(2))
            when = "" if pd.isna(year) else f" in {period.label(int(year))}"
            raise PanelError(f"source '{source}': unit {unit} has '{series}' twice{when}: {cells}")
    return long


def step(use: SourceUse) -> str:
    """Return the step of the ledger at which a source joins."""
    return say("join {source}", source=use.source)


def unmatched(joined: Joined, lost: np.ndarray, use: SourceUse) -> list[dict[str, Any]]:
    """Return a line of the ledger for each printed unit that is not in the panel, with the reason."""
    last = np.full(len(lost), -1)
    last[joined.of] = np.arange(len(joined.of))
    gone = np.flatnonzero(lost & (last >= 0))
    printed = joined.printed.take(gone[np.argsort(last[gone])])
    shown = printed["unit_name"].fillna("").astype(str)
    if use.join != "name":
        shown = (printed["unit_code"].fillna("").astype(str) + " " + shown).str.strip()
    lines = []
    for (name, _), rows in printed.assign(shown=shown).groupby(["shown", "fate"], sort=True):
        years, why = int(rows["year"].dropna().nunique()), rows["why"].iloc[-1]
        lines.append(ledger_row(step(use), str(name), why, units=1, rows=years))
    return lines
