"""One simulated volume: a year's tables laid out, soiled and written, with the list of every number planted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from shidian.errors import SimulationError
from shidian.simulate.catalogue import Family, family
from shidian.simulate.layout import INTENSIVE, DataCell, NameCell, Rows, Sheet, lay_out
from shidian.simulate.mess import KeyEntry, planted_gaps, soil
from shidian.simulate.streams import stream
from shidian.simulate.units import names_by_year, province_names, read_provinces
from shidian.simulate.workbook import address, write_workbook
from shidian.simulate.world import World

KEY_COLUMNS = ["file", "sheet", "cell", "kind", "printed", "true"]
PLANTED_COLUMNS = ["file", "sheet", "cell", "unit_code", "unit_name", "year", "indicator", "value", "measure", "text"]


@dataclass(frozen=True)
class Volume:
    """What was written.

    Attributes:
        file: name of the workbook.
        key: planted mess, ``KEY_COLUMNS``.
        planted: every number of a unit, ``PLANTED_COLUMNS``: the true value as it should be read (missing for gaps),
            and the text that is printed.
    """

    file: str
    key: pd.DataFrame
    planted: pd.DataFrame


def volume_rows(world: World, year: int, seed: int) -> Rows:
    """Return the units that a volume lists, with the names valid in that year, and their values."""
    if year not in world.years:
        raise SimulationError(
            f"no {world.level} volume for {year}: simulated are {world.years[0]} to {world.years[-1]}"
        )
    listed = ((world.units["first_year"] <= year) & (world.units["last_year"] >= year)).to_numpy()
    units = named(world.units[listed].reset_index(drop=True), world.level, year)
    t = int(np.flatnonzero(world.years == year)[0])
    share = np.array([stream(seed, "districts", code).uniform(0.2, 0.9) for code in units["code"]])

    def values(item: str, scope: int) -> np.ndarray:
        total = world.item(item)[listed, t]
        return total if not scope else total * (1 + 0.1 * share if item in INTENSIVE else share)

    return Rows(units, province_names(), values, world.units)


def named(units: pd.DataFrame, level: str, year: int) -> pd.DataFrame:
    """Return the units under the names that a volume of the year prints."""
    if level == "province":
        return units.assign(name=units["code"].map(read_provinces().set_index("code")["short_name"]))
    if level == "city":
        names = names_by_year()
        valid = names[(names["first_year"] <= year) & (names["last_year"] >= year)].set_index("code")
        return units.assign(name=units["code"].map(valid["name"]), name_en=units["code"].map(valid["name_en"]))
    return units


def lay_out_volume(world: World, year: int, seed: int) -> list[Sheet]:
    """Return the clean sheets of a volume."""
    rows = volume_rows(world, year, seed)
    kind = family(world.level)
    return [lay_out(kind, table, rows) for table in kind.tables(year)]


def write_volume(
    world: World, year: int, seed: int, folder: Path, gaps: set[tuple[str, str, int]] | None = None
) -> Volume:
    """Write one volume into ``folder/<level>``.

    Args:
        world: the simulated world.
        year: data year of the volume.
        seed: seed of the world.
        folder: folder of all simulated workbooks.
        gaps: planted gaps of the world; drawn anew when None.
    """
    kind = family(world.level)
    planned = planted_gaps(seed, world) if gaps is None else gaps
    sheets, key = soil(kind, lay_out_volume(world, year, seed), year, seed, planned)
    file = f"{world.level}/{kind.file.format(year=year)}"
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    write_workbook(path, f"{kind.volume}（{year}年数据） {kind.volume_en}, data of {year}", sheets)
    names = _present_names(world)
    return Volume(file, _key(file, world, kind, year, sheets, key), _planted(file, year, sheets, key, names))


def _present_names(world: World) -> dict[str, str]:
    return dict(zip(world.units["code"], world.units["name"], strict=True))


def _planted(file: str, year: int, sheets: list[Sheet], key: list[KeyEntry], names: dict[str, str]) -> pd.DataFrame:
    numbers = [(sheet.name, cell) for sheet in sheets for cell in sheet.cells if isinstance(cell, DataCell)]
    table = {
        "file": file,
        "sheet": [sheet for sheet, _ in numbers],
        "cell": [address(cell) for _, cell in numbers],
        "unit_code": [cell.code for _, cell in numbers],
        "unit_name": [names[cell.code] for _, cell in numbers],
        "year": year,
        "indicator": [cell.series for _, cell in numbers],
        "value": [cell.value for _, cell in numbers],
        "measure": [cell.measure for _, cell in numbers],
        "text": [cell.text for _, cell in numbers],
    }
    return pd.DataFrame(table, columns=PLANTED_COLUMNS)


def _key(file: str, world: World, kind: Family, year: int, sheets: list[Sheet], key: list[KeyEntry]) -> pd.DataFrame:
    """Return the key, with renamed units and changed units of measure added."""
    first = {t.number: t for t in kind.tables(int(world.years[0]))}
    entries = list(key)
    current = _present_names(world)
    for table, sheet in zip(kind.tables(year), sheets, strict=True):
        before = {column.item: column for column in first[table.number].columns}
        for column in table.columns:
            was = before[column.item]
            for kind_, a, b in (
                ("unit_change", was.measure, column.measure),
                ("header_change", was.header, column.header),
            ):
                if a != b:
                    entries.append(
                        KeyEntry(sheet.name, -1, -1, kind_, f"{column.series}: {b}", f"{column.series}: {a}")
                    )
        if world.level == "city":
            names = [cell for cell in sheet.cells if isinstance(cell, NameCell)]
            old = [cell for cell in names if "".join(cell.text.split()) != current[cell.code]]
            entries += [KeyEntry(sheet.name, c.row, c.column, "renamed", c.text, c.code) for c in old]
    ordered = sorted(entries, key=lambda e: (e.sheet, e.row, e.column, e.kind, e.printed))
    rows = [
        (file, e.sheet, address(NameCell(e.row, e.column, "")) if e.row >= 0 else "", e.kind, e.printed, e.true)
        for e in ordered
    ]
    return pd.DataFrame(rows, columns=KEY_COLUMNS)
