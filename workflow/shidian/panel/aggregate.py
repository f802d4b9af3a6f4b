"""Sums and means of smaller regions (counties) for the panel's units (cities) in one geography."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from shidian.errors import PanelError
from shidian.ledger import ledger_row, ledger_row_of
from shidian.messages import joined as listed
from shidian.messages import say
from shidian.panel.absent import absent_lines
from shidian.panel.coded import sorted_rows, with_categories
from shidian.panel.join import SORTED, Frame, Joined, step, unmatched
from shidian.panel.nest import own_long
from shidian.panel.own_values import own_values
from shidian.panel.records import series_used
from shidian.regions.inside import inside, members, name_of
from shidian.study.model import Aggregation, PanelSpec, SourceUse

SAID = {"sum": say("sum"), "mean": say("mean")}
LEVELS = {"county": say("counties"), "city": say("cities")}
KEYS = ("unit", "year", "indicator")
NAMED = 5
"""Lacking regions that the ledger names."""


@dataclass(frozen=True)
class _Parts:
    """The regions' values beside the unit of the panel that each lies in, and what is expected of each unit-year."""

    values: pd.DataFrame
    expected: Mapping[tuple[str, int], frozenset[str]]


def aggregated(
    spec: PanelSpec, frame: Frame, use: SourceUse, joined: Joined
) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """Return the values of a source whose regions lie in the panel's units, by these.

    Gaps are filled by the source's own regions first. A unit-year in which fewer than ``least`` of its regions have a
    value stays missing; which regions there are is said by ``members``.

    Returns:
        The values (``LONG_COLUMNS`` and factor) with the flag ``aggregated`` and all cells joined by `` + ``; the
        factor is that of every cell, not a number where they differ. And the ledger's lines.
    """
    assert use.aggregate is not None
    assert spec.geography is not None
    printed = own_long(joined.only(series_used(spec, use.source)), use, spec.period)
    own, ledger = own_values(spec, use, printed)
    own = own.astype({"unit": "str", "indicator": "str", "cell_id": "str"}).rename(columns={"unit": "region"})
    geography = spec.geography
    find = inside(use.level, use.aggregate.to, geography)
    when = [geography if pd.isna(year) else spec.period.year_of(int(year)) or geography for year in own["year"]]
    own["calendar"] = when
    own["unit"] = [find(region, year) for region, year in zip(own["region"].tolist(), when, strict=True)]
    there = own["unit"].isin(frame.names.index)
    ledger += unmatched(joined, joined.printed["key"].isna().to_numpy(), use)
    if not there.all():
        lost = own[~there]
        reason = say("{regions} that lie in no unit of the panel", regions=LEVELS[use.level])
        ledger.append(ledger_row(step(use), use.source, reason, units=lost["region"].nunique(), rows=len(lost)))
    own = own[there].reset_index(drop=True)
    parts = _Parts(own, _expected(own, use, geography))
    long, lines = _taken(parts, use, geography)
    ledger += lines
    return long, [*ledger, *absent_lines(frame.rows, long, step(use), use.source, spec.period)]


def _expected(own: pd.DataFrame, use: SourceUse, geography: int) -> dict[tuple[str, int], frozenset[str]]:
    """Return unit and calendar year -> the regions that should have a value."""
    assert use.aggregate is not None
    found = {}
    printed = own.groupby("unit")["region"].agg(frozenset).to_dict()
    for unit, year in set(zip(own["unit"], own["calendar"], strict=True)):
        there = members(use.level, use.aggregate.to, geography, year).get(unit, frozenset())
        found[unit, year] = there & printed[unit] if use.aggregate.members == "source" else there
    return found


def _taken(parts: _Parts, use: SourceUse, geography: int) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """Return the sums and means, and the lines on those taken, taken of a part, and left missing."""
    assert use.aggregate is not None
    present = parts.values[parts.values["value"].notna()]
    rows = []
    lacking: dict[tuple[str, int, str], list[str]] = {}
    for _, part in present.groupby(list(KEYS), dropna=False, sort=True):
        unit, calendar = str(part["unit"].iloc[0]), int(part["calendar"].iloc[0])
        wanted = parts.expected[unit, calendar]
        missing = wanted - set(part["region"])
        share = 1 - len(missing) / len(wanted) if wanted else 1.0
        rows.append(
            _row(part, use.aggregate)
            | {"calendar": calendar, "share": share, "taken": share >= use.aggregate.least - 1e-12}
        )
        if missing:
            names = [name_of(use.level, region, calendar) for region in sorted(missing)]
            lacking[unit, calendar, str(part["indicator"].iloc[0])] = names
    columns = [*parts.values.columns.drop("region"), "share", "taken"]
    made = pd.DataFrame(rows, columns=columns)
    ledger = []
    for series, part in made.groupby("indicator"):
        if not part["taken"].any():
            _refuse_none(part, str(series), use, lacking)
        ledger += _lines(part, str(series), use, geography, lacking)
    done = made[made["taken"].astype(bool)].drop(columns=["calendar", "share", "taken"])
    done = done.astype({"year": "Int64", "value": "float64", "factor": "float64"})
    return sorted_rows(with_categories(done), SORTED), ledger


def _refuse_none(
    made: pd.DataFrame, series: str, use: SourceUse, lacking: Mapping[tuple[str, int, str], list[str]]
) -> None:
    unit, calendar = made["unit"].iloc[0], int(made["calendar"].iloc[0])
    names = lacking[unit, calendar, series]
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    raise PanelError(
        f"source '{use.source}': no unit has a value of '{series}' of all its {LEVELS[use.level]}; lacking are, "
        f"for one, {', '.join(names[:NAMED])}{more} ({unit} in {calendar}). Write 'members: source' under "
        f"'sources.{use.source}.aggregate' if the source leaves some out throughout, 'least: 0.9' to take sums of nine "
        "tenths of them"
    )


def _row(part: pd.DataFrame, how: Aggregation) -> dict[str, Any]:
    """Return the sum or mean of the regions of one unit, year and series."""
    first = part.iloc[0]
    part = part.sort_values("region", kind="stable")
    value = part["value"].sum() if how.of(str(first["indicator"])) == "sum" else part["value"].mean()
    factor = first["factor"] if part["factor"].nunique() == 1 else np.nan
    return {
        **{key: first[key] for key in ("unit", "year", "source_id", "indicator", "measure")},
        "value": float(value), "flag": "aggregated", "cell_id": " + ".join(part["cell_id"]), "factor": factor,
    }  # fmt: skip


def _lines(
    made: pd.DataFrame, series: str, use: SourceUse, geography: int, lacking: Mapping[tuple[str, int, str], list[str]]
) -> list[dict[str, Any]]:
    """Return the ledger's lines of one series."""
    assert use.aggregate is not None
    how, regions = SAID[use.aggregate.of(series)], LEVELS[use.level]
    taken, lines = made["taken"].astype(bool), []
    name = f"{use.source}.{series}"
    if taken.any():
        reason = say("{how} of the {regions} in each unit as of {year}", how=how, regions=regions, year=geography)
        lines.append(ledger_row_of(made[taken], step(use), name, reason))
    for mask, what in (
        (taken & (made["share"] < 1), say("taken though some of its {regions} have no value", regions=regions)),
        (~taken, say("left missing: some of its {regions} have no value", regions=regions)),
    ):
        if not mask.any():
            continue
        keys = zip(made.loc[mask, "unit"], made.loc[mask, "calendar"], strict=True)
        names = dict.fromkeys(name for unit, year in keys for name in lacking[unit, year, series])
        reason = say("{what}, such as {list}", what=what, list=listed(list(names)[:NAMED]))
        lines.append(ledger_row_of(made[mask], step(use), name, reason))
    return lines
