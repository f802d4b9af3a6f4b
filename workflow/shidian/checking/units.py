"""How the printed units of a source are recognised."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from shidian.checking.reading import UNIT_COLUMNS, Reading
from shidian.period import Period
from shidian.regions.by_name import EXACT
from shidian.regions.resolve import CERTAIN, resolve_units
from shidian.regions.table import FIRST_YEAR, LAST_YEAR, LEVELS
from shidian.yearbook.aliases import load_aliases

STATUSES = ("merged", "ended", "not_established", "unknown", "ambiguous", "conflict", "other_level", "zone")
"""What a unit may be that is not certain."""
FOUND = ("unit", "status", "reason", "grade")


def recognised_units(reading: Reading, aliases: Path) -> pd.DataFrame:
    """Return the printed units and periods (``UNIT_COLUMNS``) with what each is in the units of its own year.

    Args:
        reading: the source as read.
        aliases: folder of the declared names.

    Returns:
        The columns ``FOUND`` beside; none of these are given for levels that are not those of China's units.

    Raises:
        SourceError: a table of declared names is wrong.
    """
    units = reading.units if len(reading.units) else pd.DataFrame(columns=list(UNIT_COLUMNS))
    units = units[units["level"].isin(LEVELS)].reset_index(drop=True)
    kinds = [table.year.text.kind or "year" for table in reading.source.tables if table.year]
    period = Period(kinds[0]) if kinds else Period()
    years = [_calendar(period, year) for year in units["year"]]
    parts = []
    groups: Any = units.groupby(["level", units["aliases"].fillna(""), pd.Series(years, dtype="int64")])
    for (level, names, year), rows in groups:
        found = resolve_units(
            rows["name"].tolist(), rows["code"].tolist(), int(year), level, int(year), rows["province"].tolist(),
            load_aliases(aliases / f"{names}.yaml") if names else None, STATUSES,
        )  # fmt: skip
        parts.append(found[list(FOUND)].set_index(rows.index))
    empty = pd.DataFrame(columns=list(FOUND), dtype=object)
    return units.join(pd.concat(parts) if parts else empty)


def uncertain(units: pd.DataFrame) -> pd.DataFrame:
    """Return the units that are not certain, once a name, code and status, with the first cell and all years."""
    return _grouped(units[~units["status"].isin(CERTAIN)], ["status"])


def inexact(units: pd.DataFrame) -> pd.DataFrame:
    """Return the units that are certain and not exact, once a name, code and grade, with the first cell and years."""
    certain = units[units["status"].isin(CERTAIN)]
    return _grouped(certain[certain["grade"] != EXACT], ["grade"])


def _grouped(rows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    keys = ["code", "name", "province", *by]
    shown = {name: (name, "first") for name in ("file", "sheet", "cell", "reason")}
    grouped = rows.groupby(keys, dropna=False, sort=False)
    return grouped.agg(years=("year", lambda years: sorted(set(years.dropna()))), **shown).reset_index()


def _calendar(period: Period, number: int | None) -> int:
    """Return the year whose units count; that of the newest list for facts without one."""
    year = None if number is None or pd.isna(number) else period.year_of(int(number))
    return LAST_YEAR if year is None else min(max(year, FIRST_YEAR), LAST_YEAR)
