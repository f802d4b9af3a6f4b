"""Where a declared table lies in its sheet: title, header rows, data rows and columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shidian.errors import SourceError, nearest
from shidian.yearbook.grid import Grid, column_index
from shidian.yearbook.numbers import cell_text, clean, match_key
from shidian.yearbook.tables import Table


@dataclass(frozen=True)
class Region:
    """Part of a sheet that one table fills; 0-based, ends exclusive.

    Attributes:
        top: row of the title (of the headers, where there is none).
        header: first and one past the last header row.
        bottom: one past the last row.
        left: first column.
        right: one past the last column.
    """

    top: int
    header: tuple[int, int]
    bottom: int
    left: int
    right: int


@dataclass(frozen=True)
class Place:
    """A table in its sheet, as needed to name a cell in a message."""

    file: str
    grid: Grid
    table: Table
    region: Region

    def __str__(self) -> str:
        """Write file, sheet, and the table where a sheet may hold several."""
        name = f", table '{self.table.name}'" if self.table.layout == "yearbook" else ""
        return _place(self.file, self.grid) + name

    def at(self, row: int, column: int) -> str:
        """Name one cell for a message."""
        return f"{_place(self.file, self.grid)}, cell {self.grid.cell(row, column)}"

    def row_text(self, row: int) -> str:
        """Write the printed cells of one row."""
        return " | ".join(_texts(self.grid, row, self.region.left, self.region.right))[:200]


def _place(file: str, grid: Grid) -> str:
    return f"{file}, sheet '{grid.sheet}'" if grid.sheet else file


def _texts(grid: Grid, row: int, left: int, right: int) -> list[str]:
    cells = grid.rows[row][left:right]
    return [text for cell in cells if cell != "" and (text := clean(cell_text(cell)))]


def locate_tables(file: str, grid: Grid, tables: Sequence[Table]) -> list[Region]:
    """Find the declared tables of one sheet.

    Raises:
        SourceError: a title, a header row or a text between them is not as declared, or cells are printed
            that belong to no declared table.
    """
    if all(table.layout != "yearbook" for table in tables):
        return [_whole_sheet(file, grid, table) for table in tables]
    tops = [_find_title(file, grid, table) for table in tables]
    regions = []
    for table, top in zip(tables, tops, strict=True):
        left, right = _area(file, grid, table)
        below = [
            other_top
            for other, other_top in zip(tables, tops, strict=True)
            if other_top > top and _overlap((left, right), _area(file, grid, other))
        ]
        bottom = min(below, default=len(grid.rows))
        first = _find_header_row(file, grid, table, (top, bottom), (left, right))
        header = (first, first + table.header_depth)
        if header[1] >= bottom:
            raise SourceError(f"{_place(file, grid)}, table '{table.name}': no row below the header rows")
        regions.append(Region(top, header, bottom, left, right))
        _check_subtitles(file, grid, table, regions[-1])
    _check_coverage(file, grid, regions)
    return regions


def _whole_sheet(file: str, grid: Grid, table: Table) -> Region:
    row = (table.header_row or 1) - 1
    if row >= len(grid.rows):
        raise SourceError(f"{_place(file, grid)}: no row {row + 1}; the sheet has {len(grid.rows)} rows")
    return Region(row, (row, row + 1), len(grid.rows), 0, len(grid.rows[0]))


def _area(file: str, grid: Grid, table: Table) -> tuple[int, int]:
    if table.area is None:
        return 0, len(grid.rows[0])
    first, last = map(column_index, table.area.split(":"))
    if last >= len(grid.rows[0]):
        width = len(grid.rows[0])
        raise SourceError(f"{_place(file, grid)}: area {table.area} is wider than the sheet of {width} columns")
    return first, last + 1


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _find_title(file: str, grid: Grid, table: Table) -> int:
    """Row of a table's title; the sheet's first row for a table without one."""
    if table.title is None:
        return 0
    left, right = _area(file, grid, table)
    wanted = match_key(table.title)
    found = _rows_with(grid, wanted, (0, len(grid.rows)), (left, right))
    occurrence = table.title_occurrence or 1
    if len(found) < occurrence:
        titles = [text for row in range(len(grid.rows)) for text in _texts(grid, row, left, right)[:1]]
        raise SourceError(
            f"{_place(file, grid)}: the title '{table.title}' stands {len(found)} times, wanted number "
            f"{occurrence}{nearest(table.title, titles)}; first texts found: {' | '.join(titles[:8])}"
        )
    if len(found) > 1 and table.title_occurrence is None:
        rows = ", ".join(str(row + grid.first_row) for row in found)
        raise SourceError(
            f"{_place(file, grid)}: the title '{table.title}' stands in rows {rows}; declare title_occurrence"
        )
    return found[occurrence - 1]


def _find_header_row(file: str, grid: Grid, table: Table, rows: tuple[int, int], columns: tuple[int, int]) -> int:
    if table.header_row is not None:
        row = table.header_row - grid.first_row
        if not rows[0] <= row < rows[1]:
            raise SourceError(f"{_place(file, grid)}, table '{table.name}': header_row {table.header_row} is outside")
        return row
    unit, year = table.unit, table.year.header if table.year else None
    anchor = next((one for one in (unit.name, unit.code, unit.province, year) if isinstance(one, str)), None)
    if anchor is None:
        raise SourceError(
            f"{_place(file, grid)}, table '{table.name}': declare header_row; no header of units or years is declared"
        )
    found = _rows_with(grid, match_key(anchor), rows, columns)
    if found:
        return found[0]
    texts = [text for row in range(*rows) for text in _texts(grid, row, *columns)[:1]]
    raise SourceError(
        f"{_place(file, grid)}, table '{table.name}': no header '{anchor}' below the title"
        f"{nearest(anchor, texts)}; first texts found: {' | '.join(texts[:8])}"
    )


def _rows_with(grid: Grid, wanted: str, rows: tuple[int, int], columns: tuple[int, int]) -> list[int]:
    """Rows in which a cell holds a text, given as its match key."""
    top, bottom = rows
    left, right = columns
    return [
        r for r, c, key in grid.words(wanted.isascii()) if key == wanted and top <= r < bottom and left <= c < right
    ]


def _check_subtitles(file: str, grid: Grid, table: Table, region: Region) -> None:
    """Compare all texts between the top of a table and its headers with the declared title and subtitles."""
    found = [t for r in range(region.top, region.header[0]) for t in _texts(grid, r, region.left, region.right)]
    declared = [text for text in (table.title, *table.subtitles) if text]
    where = f"{_place(file, grid)}, table '{table.name}'"
    for text in declared:
        if match_key(text) not in map(match_key, found):
            raise SourceError(
                f"{where}: the text '{text}' does not stand above the headers{nearest(text, found)}; "
                f"found: {' | '.join(found)}"
            )
    for text in found:
        if match_key(text) not in map(match_key, declared):
            raise SourceError(f"{where}: the text '{text}' above the headers is not declared under subtitles")


def _check_coverage(file: str, grid: Grid, regions: Sequence[Region]) -> None:
    width = len(grid.rows[0])
    covered = {row for r in regions if r.right - r.left == width for row in range(r.top, r.bottom)}
    for row in sorted(set(range(len(grid.rows))) - covered):
        free = set(range(width))
        for region in regions:
            if region.top <= row < region.bottom:
                free -= set(range(region.left, region.right))
        for column in sorted(free):
            text = clean(cell_text(grid.rows[row][column]))
            if text:
                raise SourceError(
                    f"{_place(file, grid)}, cell {grid.cell(row, column)}: '{text[:60]}' "
                    "belongs to no declared table; declare the table that it is in"
                )
