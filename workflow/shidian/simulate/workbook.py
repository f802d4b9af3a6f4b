"""Write laid-out sheets as an .xlsx file: text cells only, the same bytes every time."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path

from xlsxwriter import Workbook
from xlsxwriter.utility import xl_rowcol_to_cell

from shidian.simulate.catalogue import SIMULATED
from shidian.simulate.layout import Cell, Sheet

COVER, DATABASE = "封面", "CNKI"
"""A cover, and the empty sheet that the usual database adds to its exports."""
EPOCH = datetime.datetime(2000, 1, 1)


def write_workbook(path: Path, title: str, sheets: Sequence[Sheet], *, extras: bool = True) -> None:
    """Write the sheets after a cover and before the database's sheet; every cell is text.

    Args:
        path: the file.
        title: title of the volume, for the cover and the properties.
        sheets: laid-out sheets; every one must say SIMULATED in its first cell.
        extras: whether cover and database sheet are added.
    """
    with Workbook(str(path), {"in_memory": True, "strings_to_numbers": False, "strings_to_urls": False}) as book:
        book.set_properties({"title": f"{title} {SIMULATED}", "comments": SIMULATED, "created": EPOCH})
        heading = book.add_format({"text_wrap": True, "align": "center", "valign": "vcenter"})
        if extras:
            _plain(book.add_worksheet(COVER), [f"{title} {SIMULATED}", "由程序模拟生成，不是统计数据"])
        for sheet in sheets:
            page = book.add_worksheet(sheet.name)
            page.set_column(0, 0, 14)
            for cell in sheet.cells:
                if cell.rows > 1 or cell.columns > 1:
                    page.merge_range(
                        cell.row,
                        cell.column,
                        cell.row + cell.rows - 1,
                        cell.column + cell.columns - 1,
                        cell.text,
                        heading,
                    )
                elif cell.text:
                    page.write_string(cell.row, cell.column, cell.text)
        if extras:
            _plain(book.add_worksheet(DATABASE), [f"{SIMULATED} CNKI"])


def address(cell: Cell) -> str:
    """Return the A1 address of a cell."""
    return str(xl_rowcol_to_cell(cell.row, cell.column))


def _plain(page: object, lines: Sequence[str]) -> None:
    for row, line in enumerate(lines):
        page.write_string(row, 0, line)  # type: ignore[attr-defined]
