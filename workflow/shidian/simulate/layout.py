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
    """A number of a unit: whose, which indicator, and the number that should be printed."""

    code: str = ""
    item: str = ""
    indicator: str = ""
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
    last: bool


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
        right = 0
        for part, columns in enumerate((table.columns[:half], table.columns[half:])):
            right = (
                _block(sheet, family, replace(table, columns=columns), rows, rows.units, 0, right, part, True)[1] + 1
            )
        return sheet
    row = 0
    parts = _split(rows, table.blocks)
    for part, units in enumerate(parts):
        row = _block(sheet, family, table, rows, units, row, 0, part, part == len(parts) - 1)[0] + 1
    return sheet


def _split(rows: Rows, blocks: int) -> list[pd.DataFrame]:
    """Split the units between provinces into blocks of about equal length."""
    sizes = rows.all_units.groupby("province_code", sort=True).size()
    part = np.minimum(((sizes.cumsum() - 1) * blocks) // len(rows.all_units), blocks - 1)
    block = rows.units["province_code"].map(part)
    return [rows.units[block == b] for b in sorted(set(block.tolist()))]


def _titles(table: Table, part: int) -> tuple[str, tuple[str, ...]]:
    if part and table.beside:
        title = f"{table.number} (续) {SIMULATED}"
    elif part:
        title = f"{table.number} 续表{part} {SIMULATED}"
    else:
        title = f"{table.number} {table.title} {SIMULATED}"
    english = (f"{table.title_en} (SIMULATED)",) if table.title_en and not part else ()
    return title, (*english, *table.unit_row)


def _block(
    sheet: Sheet, family: Family, table: Table, rows: Rows, units: pd.DataFrame, row: int, left: int, part: int, last: bool
) -> tuple[int, int]:  # fmt: skip
    """Place one block; return the first free row and column."""
    title, subtitles = _titles(table, part)
    names = 2 if family.english_names else 1
    scopes = 2 if table.pairs else 1
    right = left + names + scopes * len(table.columns)
    for text in (title, *subtitles):
        sheet.cells.append(Cell(row, left, text))
        row += 1
    row = _headers(sheet, family, table, row, left, names)
    row, skipped = _total_rows(
        sheet, family, table, rows, row, left, names, family.total_rows if not part or table.beside else ()
    )
    row, provinces = _unit_rows(sheet, family, table, rows, units, row, left, names)
    row, below = _total_rows(sheet, family, table, rows, row, left, names, family.last_rows if last else ())
    if last and (not table.beside or not part):
        sheet.cells.append(Cell(row, left, FOOTNOTE))
        row += 1
    sheet.blocks.append(Block(title, subtitles, left, right - 1, table.columns, provinces, (*skipped, *below), last))
    return row, right


def _headers(sheet: Sheet, family: Family, table: Table, row: int, left: int, names: int) -> int:
    depth = 2 if table.pairs else 1
    sheet.cells.append(Cell(row, left, family.name_header, depth, names))
    for j, column in enumerate(table.columns):
        at = left + names + j * depth
        sheet.cells.append(Cell(row, at, table.header(column), 1, depth))
        if table.pairs:
            sheet.cells.extend(Cell(row + 1, at + s, text) for s, text in enumerate(SCOPES))
    return row + depth


def _total_rows(
    sheet: Sheet, family: Family, table: Table, rows: Rows, row: int, left: int, names: int, labels: Sequence[str]
) -> tuple[int, tuple[str, ...]]:
    """Place rows that are no units: the country, regions, the corps."""
    for number, label in enumerate(labels):
        sheet.cells.append(Cell(row, left, label))
        if names == 2:
            sheet.cells.append(Cell(row, left + 1, "National Total" if not number else "Region"))
        for j, column in enumerate(table.columns):
            for scope in range(2 if table.pairs else 1):
                if column.item in INTENSIVE:
                    continue
                total = float(np.nansum(rows.values(column.item, scope))) * column.factor / (1 + 2 * number)
                at = left + names + j * (2 if table.pairs else 1) + scope
                sheet.cells.append(Cell(row, at, f"{total:.{column.decimals}f}"))
        row += 1
    return row, tuple(labels)


def _unit_rows(
    sheet: Sheet, family: Family, table: Table, rows: Rows, units: pd.DataFrame, row: int, left: int, names: int
) -> tuple[int, tuple[tuple[str, bool], ...]]:
    position = {code: i for i, code in enumerate(rows.units["code"])}
    scopes = 2 if table.pairs else 1
    values = {(c.item, s): rows.values(c.item, s) for c in table.columns for s in range(scopes)}
    provinces: list[tuple[str, bool]] = []
    current = ""
    for unit in units.itertuples():
        if family.heading_rows and unit.province_code != current:
            current = str(unit.province_code)
            name, english = rows.provinces[current]
            alone = family.level == "city" and unit.code in MUNICIPALITIES
            provinces.append((name, alone))
            if not alone:
                sheet.cells.append(Cell(row, left, name))
                if names == 2:
                    sheet.cells.append(Cell(row, left + 1, english))
                row += 1
        sheet.cells.append(NameCell(row, left, str(unit.name), code=str(unit.code)))
        if names == 2:
            sheet.cells.append(Cell(row, left + 1, str(unit.name_en)))
        for j, column in enumerate(table.columns):
            for scope in range(scopes):
                value = float(values[column.item, scope][position[str(unit.code)]]) * column.factor
                sheet.cells.append(
                    _number(row, left + names + j * scopes + scope, str(unit.code), column, scope, value)
                )
        row += 1
    return row, tuple(provinces)


def _number(row: int, at: int, code: str, column: Column, scope: int, value: float) -> DataCell:
    text = f"{value:.{column.decimals}f}"
    suffix = "_districts" if scope else ""
    return DataCell(
        row, at, text, code=code, item=column.item + suffix, indicator=column.indicator + suffix, measure=column.measure,
        value=float(text), decimals=column.decimals,
    )  # fmt: skip
