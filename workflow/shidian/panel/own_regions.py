"""Regions of a source as they were in the years of its rows, whatever became of them."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from shidian.period import Period
from shidian.regions.resolve import CERTAIN, resolve_units
from shidian.study.model import SourceUse


def in_own_years(
    units: pd.DataFrame, use: SourceUse, geography: int, aliases: Mapping[str, str], period: Period
) -> pd.DataFrame:
    """Key the printed units that there were in their own years by the lasting names of ``resources/regions``.

    Args:
        units: printed units with the fate of each in the study's geography (``shidian.panel.join.resolved``).
        use: the source.
        geography: the year of facts without one.
        aliases: printed name -> code.
        period: that of the study.
    """
    calendar = (
        units["year"]
        .map(lambda year: geography if pd.isna(year) else period.year_of(int(year)) or geography)
        .astype(int)
    )
    passing = ("merged", "ended", "not_established", *use.accept)
    parts = []
    for year in sorted(set(calendar)):
        part = units[(calendar == year).to_numpy()]
        codes = None if part["unit_code"].isna().all() else part["unit_code"].tolist()
        found = resolve_units(
            part["unit_name"].tolist(), codes, year, use.level, year, part["province"].tolist(), aliases,
            accept=passing,
        )  # fmt: skip
        found.index = part.index
        sure = found["status"].isin(CERTAIN)
        part = part.assign(
            key=found["unit"].where(sure),
            name=found["unit_name"].where(sure),
            fate=found["status"].where(~sure, ""),
            why=part["why"].where(sure, found["reason"]),
        )
        parts.append(part)
    return pd.concat(parts).loc[units.index] if parts else units
