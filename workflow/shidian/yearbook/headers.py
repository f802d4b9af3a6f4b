"""Header rows as a tree, and the declared headers found in it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from shidian.errors import SourceError, nearest
from shidian.yearbook.grid import Grid
from shidian.yearbook.layout import Place, Region
from shidian.yearbook.numbers import cell_text, clean, match_key
from shidian.yearbook.tables import Column, HeaderPath, Table, Year


@dataclass(frozen=True)
class Headers:
    """Columns of a table by declared header.

    Attributes:
        single: header -> column, for the unit, the year, ``where`` and ``expect``.
        values: series -> its columns, each with its year where the header holds it.
    """

    single: dict[str, int]
    values: dict[str, list[tuple[int, int | None]]]


def header_paths(grid: Grid, region: Region) -> list[HeaderPath]:
    """Return for each column of a region the path of headers above it, from the top.

    A merged cell heads all the columns it spans. A blank header cell above the lowest header row belongs to
    the header on its left when both stand under the same header, unless that one is merged and ends before
    it: the printed convention for "of which" columns, whose total fills the rows above them.
    """
    spans = {}
    for (top, left), (bottom, right) in grid.merges:
        for row in range(max(top, region.header[0]), min(bottom + 1, region.header[1])):
            for column in range(max(left, region.left), min(right + 1, region.right)):
                spans[row, column] = (top, left, right)
    paths: list[list[str]] = [[] for _ in range(region.left, region.right)]
    for row in range(*region.header):
        above = [tuple(path) for path in paths]
        level: list[str] = []
        for i, column in enumerate(range(region.left, region.right)):
            top, left, _ = spans.get((row, column), (row, column, column))
            text = clean(cell_text(grid.rows[top][left]))
            vertical = top < row and text
            if not text and i and row < region.header[1] - 1 and above[i] == above[i - 1]:
                ended = spans.get((row, column - 1), (0, 0, 0))
                text = "" if ended[1] < ended[2] < column else level[i - 1]
            level.append("" if vertical else text)
        for path, text in zip(paths, level, strict=True):
            if text:
                path.append(text)
    return [tuple(path) for path in paths]


def locate_headers(place: Place) -> Headers:
    """Find every declared header; each header must be declared, each declared header must be there.

    Raises:
        SourceError: a declared header is missing or stands twice, a header is not declared, or the number of
            columns without a header has changed. The message lists the headers found and the nearest one.
    """
    table, region = place.table, place.region
    finder = _Finder(place, header_paths(place.grid, region))
    single = {header: finder.one(header) for header in _single_headers(table)}
    if table.unit.name is not None:
        finder.used.update(range(single[table.unit.name], single[table.unit.name] + table.unit.name_columns))
    in_header = table.year is not None and table.year.in_header
    find = finder.by_year if in_header else finder.value
    values = {column.series: find(column) for column in table.columns}
    for header in table.ignore:
        finder.ignore(header)
    finder.refuse_unmapped()
    return Headers(single, values)


def _single_headers(table: Table) -> list[str]:
    unit, year = table.unit, table.year or Year()
    headers = [h for h in (unit.code, unit.name, unit.province, year.header) if h]
    headers += table.expect
    for column in table.columns:
        headers += column.where
    return list(dict.fromkeys(headers))


class _Finder:
    """Looks headers up by their text without spaces, and remembers the columns that were asked for."""

    def __init__(self, place: Place, paths: list[HeaderPath]) -> None:
        self.place = place
        self.left = place.region.left
        self.paths = paths
        self.keys = [tuple(map(match_key, path)) for path in paths]
        self.used: set[int] = set()
        self._columns_of: dict[HeaderPath, list[int]] = {}
        for i, key in enumerate(self.keys):
            self._columns_of.setdefault(key, []).append(self.left + i)

    @property
    def listing(self) -> str:
        first, last = self.place.region.header
        rows = f"row {first + self.place.grid.first_row}"
        rows = rows if last == first + 1 else f"rows {rows[4:]}-{last - 1 + self.place.grid.first_row}"
        return f"headers found in {rows}: {' | '.join(_written(p) for p in self.paths if p) or 'none'}"

    def one(self, header: str) -> int:
        """Column of the unit or year header; of a header that spans several columns the first."""
        width = self.place.table.unit.name_columns if header == self.place.table.unit.name else 1
        return self._columns((header,), width)[0]

    def value(self, column: Column) -> list[tuple[int, int | None]]:
        """The one column of a series, without a year."""
        if column.occurrence is None:
            return [(self._columns(column.header, 1)[0], None)]
        found = self._with_header(column.header)
        if len(found) < column.occurrence:
            header = f"{_written(column.header)}', occurrence {column.occurrence}"
            raise SourceError(f"{self.place}: the declared header '{header}, is not there; {self.listing}")
        self.used.add(found[column.occurrence - 1])
        return [(found[column.occurrence - 1], None)]

    def by_year(self, column: Column) -> list[tuple[int, int | None]]:
        """Columns of a series, one a year."""
        header = column.header
        wanted = tuple(map(match_key, header))
        found: list[tuple[int, int | None]] = []
        reads = (self.place.table.year or Year()).text
        for i, (key, path) in enumerate(zip(self.keys, self.paths, strict=True)):
            if key[:-1] == wanted and path and (year := reads.read(path[-1])) is not None:
                found.append((self.left + i, year))
        years = [year for _, year in found]
        if not found or len(set(years)) < len(years):
            problem = "has no year below it" if not found else f"has a year twice: {years}"
            raise SourceError(f"{self.place}: the declared header '{_written(header)}' {problem}; {self.listing}")
        self.used.update(column for column, _ in found)
        return found

    def ignore(self, header: HeaderPath) -> None:
        found = self._with_header(header)
        if not found:
            raise SourceError(
                f"{self.place}: the header to ignore, '{_written(header)}', is not there"
                f"{self._nearest(header)}; {self.listing}"
            )
        self.used.update(found)

    def refuse_unmapped(self) -> None:
        table = self.place.table
        for i, path in enumerate(self.paths):
            text = _written(path)
            if not path or self.left + i in self.used or any(re.fullmatch(p, text) for p in table.ignore_patterns):
                continue
            declared = [_written(c.header) for c in table.columns] + [_written(h) for h in table.ignore]
            raise SourceError(
                f"{self.place}: the header '{text}' is neither read nor declared under ignore"
                f"{nearest(text, declared)}; {self.listing}"
            )
        blank = self.paths.count(())
        if table.blank_headers not in (blank, blank + self.place.grid.beyond[1]):
            raise SourceError(
                f"{self.place}: {blank} columns without a header, declared: blank_headers: {table.blank_headers}"
            )

    def _columns(self, header: HeaderPath, width: int) -> list[int]:
        found = self._with_header(header)
        if len(found) != width:
            problem = f"stands {len(found)} times" if found else f"is not there{self._nearest(header)}"
            raise SourceError(f"{self.place}: the declared header '{_written(header)}' {problem}; {self.listing}")
        self.used.update(found)
        return found

    def _with_header(self, header: HeaderPath) -> list[int]:
        return self._columns_of.get(tuple(map(match_key, header)), [])

    def _nearest(self, header: HeaderPath) -> str:
        return nearest(_written(header), [_written(path) for path in self.paths if path])


def _written(path: Iterable[str]) -> str:
    return " / ".join(path)
