"""A simulated world as the records that reading its workbooks would give, nothing rounded and nothing misprinted.

With them a study's own formulas compute its variables from a world without disturbances: the panel on which
pseudo-true values are estimated. What the volumes leave out is left out here too, so that both panels have the same
complete rows.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from shidian.simulate.catalogue import family
from shidian.simulate.lists import frame_columns, frame_rows
from shidian.simulate.mess import planted_gaps
from shidian.simulate.treat import NEVER
from shidian.simulate.volumes import named
from shidian.simulate.world import Panel, World

RECORD_COLUMNS = (
    "source_id", "unit_code", "unit_name", "province", "year", "indicator", "value", "measure", "flag", "cell_id",
)  # fmt: skip


def world_records(world: World, seed: int) -> dict[str, pd.DataFrame]:
    """Return source id -> records (docs/architecture.md) of the volumes, the list of units and the pilot lists.

    Args:
        world: the simulated world.
        seed: its seed, which decides the gaps.
    """
    gaps = planted_gaps(seed, world)
    kind = family(world.level)
    parts = [part for t, year in enumerate(world.years.tolist()) for part in _volume(world, t, year, gaps)]
    result = {kind.source: _records(pd.concat(parts, ignore_index=True), kind.source)}
    units = f"sim_{world.level}_units"
    result[units] = _records(_frame(world), units)
    for study, panel in world.panels.items():
        if panel.truth.treatment.batches:
            source = f"sim_pilots_{study}"
            result[source] = _records(_pilots(panel), source)
    return result


def _volume(world: World, t: int, year: int, gaps: set[tuple[str, str, int]]) -> Iterator[pd.DataFrame]:
    """Give the records of one volume, a series after the other, under the names printed in that year."""
    listed = ((world.units["first_year"] <= year) & (world.units["last_year"] >= year)).to_numpy()
    units = named(world.units[listed].reset_index(drop=True), world.level, year)
    for table in family(world.level).tables(year):
        for column in table.columns:
            lost = np.array([(code, column.item, year) in gaps for code in units["code"]])
            values = np.where(lost, np.nan, world.item(column.item)[listed, t] * column.factor)
            yield pd.DataFrame(
                {
                    "unit_name": units["name"],
                    "year": year,
                    "indicator": column.series,
                    "value": values,
                    "measure": column.measure,
                    "flag": np.where(lost, "blank", "as_printed"),
                }
            )


def _frame(world: World) -> pd.DataFrame:
    rows = frame_rows(world)
    wide = rows.rename(columns={"code": "unit_code", "name": "unit_name"})
    columns = frame_columns(world.level)
    long = wide.melt(["unit_code", "unit_name", "province", "year"], list(columns), "indicator", "value")
    long["value"] = long["value"].astype(float)
    return long.assign(measure=long["indicator"].map({item: measure for item, (_, measure) in columns.items()}))


def _pilots(panel: Panel) -> pd.DataFrame:
    treated = panel.assignment[panel.assignment["first_year"] < NEVER]
    table = {"unit_code": treated["code"], "unit_name": treated["name"], "value": treated["first_year"].astype(float)}
    return pd.DataFrame(table).assign(indicator="pilot_year", measure="year")


def _records(table: pd.DataFrame, source: str) -> pd.DataFrame:
    """Bring records into their columns and types; what a table does not say is missing."""
    given = table if "flag" in table else table.assign(flag="as_printed")
    full = given.assign(source_id=source, cell_id="").reindex(columns=list(RECORD_COLUMNS))
    texts = [name for name in RECORD_COLUMNS if name not in ("year", "value")]
    full[texts] = full[texts].astype(str).where(full[texts].notna(), None)
    return full.astype({**dict.fromkeys(texts, "str"), "year": "Int64", "value": "float64"})
