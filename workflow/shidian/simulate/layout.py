"""A printed table as cells of a sheet, in the manner of the yearbooks: pure, nothing is written here.

Title, English title and unit rows; merged bilingual headers, the whole city and its districts side by side; units
under their province's row; continuation blocks below or beside; footnotes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from shidian.simulate.catalogue import SIMULATED, Column, Family, Table
from shidian.simulate.units import MUNICIPALITIES

SCOPES = ("全市\nTotal City", "市辖区\nDistricts under City")
FOOTNOTE = "注：本表数字由程序模拟生成，不是统计数据。 Note: SIMULATED by a program; these are not statistics."
MARK, MARK_NOTE = "①", "① 为估算数（模拟）。 SIMULATED estimate."
INTENSIVE = {
    "pgdp_yuan",
    "urban_income_yuan",
    "rural_income_yuan",
    "innovation_index",
    "ruggedness",
    "green_land_share_pct",
}
"""Items that are not added up: the row of totals leaves them out, and districts are near the whole city's value."""


@dataclass(frozen=True)
class Cell:
    """A printed cell, counted from 0; ``rows`` and ``columns`` > 1 where cells are merged."""

    row: int
    column: int
    text: str
    rows: int = 1
    columns: int = 1


@dataclass(frozen=True)
class DataCell(Cell):
    """A number of a unit: whose, of which series, and the number that should be printed."""

    code: str = ""
    item: str = ""
    series: str = ""
    measure: str = ""
    value: float = float("nan")
    decimals: int = 0


@dataclass(frozen=True)
class NameCell(Cell):
    """The name of a unit."""

    code: str = ""


@dataclass(frozen=True)
class Sheet:
    """One sheet, every cell placed."""

    name: str
    cells: list[Cell]
    blocks: list[Block] = field(default_factory=list)


@dataclass(frozen=True)
class Block:
    """One printed block of a table, as its source file has to declare it."""

    title: str
    subtitles: tuple[str, ...]
    first_column: int
    last_column: int
    columns: tuple[Column, ...]
    provinces: tuple[tuple[str, bool], ...]
    skipped: tuple[str, ...]


@dataclass(frozen=True)
class Rows:
    """The units of one volume.

    Attributes:
        units: code, name, name_en (as valid in that year), province_code; sorted by code.
        provinces: province code -> (name, English name).
        all_units: every unit of the world, so that a province stands in the same block in every year.
        values: (item, scope 0 or 1) -> (n,) values in the item's own unit of measure.
    """

    units: pd.DataFrame
    provinces: Mapping[str, tuple[str, str]]
    values: Callable[[str, int], np.ndarray]
    all_units: pd.DataFrame


def lay_out(family: Family, table: Table, rows: Rows) -> Sheet:
    """Place a table and its continuations on one sheet."""
    sheet = Sheet(table.number, [])
    if table.beside:
        half = (len(table.columns) + 1) // 2
        left = 0
        for part, columns in enumerate((table.columns[:half], table.columns[half:])):
            printer = _Printer(sheet, family, replace(table, columns=columns), rows, left)
            printer.block(rows.units, part, totals=True, footer=True, note=not part)
            left = printer.right + 1
        return sheet
    printer = _Printer(sheet, family, table, rows, 0)
    parts = _split(rows, table.blocks)
    for part, units in enumerate(parts):
        last = part == len(parts) - 1
        printer.block(units, part, totals=not part, footer=last, note=last)
        printer.row += 1
    return sheet


def _split(rows: Rows, blocks: int) -> list[pd.DataFrame]:
    """Split the units between provinces into blocks of about equal length."""
    sizes = rows.all_units.groupby("province_code", sort=True).size()
    part = np.minimum(((sizes.to_numpy().cumsum() - 1) * blocks) // len(rows.all_units), blocks - 1)
    block = rows.units["province_code"].map(dict(zip(sizes.index, part.tolist(), strict=True)))
    return [rows.units[block == b] for b in sorted(set(block.tolist()))]


class _Printer:
    """Places the blocks of one table, from ``left`` to the right and from ``row`` downwards."""

    def __init__(self, sheet: Sheet, family: Family, table: Table, rows: Rows, left: int) -> None:
        self.sheet, self.family, self.table, self.rows, self.left = sheet, family, table, rows, left
        self.row = 0
        self.scopes = 2 if table.pairs else 1
        self.first = left + (2 if family.english_names else 1)
        self.right = self.first + self.scopes * len(table.columns)

    def block(self, units: pd.DataFrame, part: int, *, totals: bool, footer: bool, note: bool) -> None:
        """Place title, headers, rows and what stands below them."""
        title, subtitles = self._titles(part)
        for text in (title, *subtitles):
            self._put(self.left, text)
            self.row += 1
        self._headers()
        labels = self.family.total_rows if totals else ()
        below = self.family.last_rows if footer else ()
        self._totals(labels)
        provinces = self._units(units)
        self._totals(below)
        if note:
            self._put(self.left, FOOTNOTE)
            self.row += 1
        self.sheet.blocks.append(
            Block(title, subtitles, self.left, self.right - 1, self.table.columns, provinces, (*labels, *below))
        )

    def _put(self, column: int, text: str) -> None:
        self.sheet.cells.append(Cell(self.row, column, text))

    def _titles(self, part: int) -> tuple[str, tuple[str, ...]]:
        table = self.table
        continued = "(续)" if table.beside else f"续表{part}"
        title = f"{table.number} {continued if part else table.title} {SIMULATED}"
        english = (f"{table.title_en} (SIMULATED)",) if table.title_en and not part else ()
        return title, (*english, *table.unit_row)

    def _headers(self) -> None:
        depth = self.scopes
        self.sheet.cells.append(Cell(self.row, self.left, self.family.name_header, depth, self.first - self.left))
        for j, column in enumerate(self.table.columns):
            at = self.first + j * depth
            self.sheet.cells.append(Cell(self.row, at, self.table.header(column), 1, depth))
            if self.table.pairs:
                self.sheet.cells.extend(Cell(self.row + 1, at + s, text) for s, text in enumerate(SCOPES))
        self.row += depth

    def _totals(self, labels: Sequence[str]) -> None:
        """Place rows that are no units: the country, regions, the corps."""
        for number, label in enumerate(labels):
            self._put(self.left, label)
            if self.family.english_names:
                self._put(self.left + 1, "Region" if number else "National Total")
            for at, column, scope in self._places():
                if column.item not in INTENSIVE:
                    total = float(np.nansum(self.rows.values(column.item, scope))) * column.factor / (1 + 2 * number)
                    self._put(at, f"{total:.{column.decimals}f}")
            self.row += 1

    def _units(self, units: pd.DataFrame) -> tuple[tuple[str, bool], ...]:
        """Place the units under their provinces; return the provinces, and which is a unit itself."""
        position = {code: i for i, code in enumerate(self.rows.units["code"])}
        values = [(at, column, scope, self.rows.values(column.item, scope)) for at, column, scope in self._places()]
        provinces: list[tuple[str, bool]] = []
        current = ""
        for unit in units.itertuples():
            code = str(unit.code)
            if self.family.heading_rows and unit.province_code != current:
                current = str(unit.province_code)
                provinces.append(self._heading(current, alone=self.family.level == "city" and code in MUNICIPALITIES))
            self.sheet.cells.append(NameCell(self.row, self.left, str(unit.name), code=code))
            if self.family.english_names:
                self._put(self.left + 1, str(unit.name_en))
            for at, column, scope, numbers in values:
                value = float(numbers[position[code]]) * column.factor
                self.sheet.cells.append(_number(self.row, at, code, column, scope, value))
            self.row += 1
        return tuple(provinces)

    def _heading(self, code: str, alone: bool) -> tuple[str, bool]:
        name, english = self.rows.provinces[code]
        if not alone:
            self._put(self.left, name)
            if self.family.english_names:
                self._put(self.left + 1, english)
            self.row += 1
        return name, alone

    def _places(self) -> list[tuple[int, Column, int]]:
        """Return position, column and scope (0 the whole, 1 the districts) of every printed column."""
        pairs = [(column, scope) for column in self.table.columns for scope in range(self.scopes)]
        return [(self.first + j, column, scope) for j, (column, scope) in enumerate(pairs)]


def _number(row: int, at: int, code: str, column: Column, scope: int, value: float) -> DataCell:
    text = f"{value:.{column.decimals}f}"
    suffix = "_districts" if scope else ""
    return DataCell(
        row, at, text, code=code, item=column.item + suffix, series=column.series + suffix,
        measure=column.measure, value=float(text), decimals=column.decimals,
    )  # fmt: skip
