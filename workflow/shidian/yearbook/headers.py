"""Header rows as a tree, and the declared headers found in it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from shidian.errors import SourceError, nearest
from shidian.yearbook.addresses import Address, HeaderRef
from shidian.yearbook.grid import Grid
from shidian.yearbook.header_reader import HeaderReader
from shidian.yearbook.layout import Place, Region
from shidian.yearbook.numbers import cell_text, clean, match_key
from shidian.yearbook.tables import Column, HeaderPath, Table, Year


@dataclass(frozen=True)
class Found:
    """A column of numbers: what its header says of period and unit beside the series, None where nothing.

    ``label`` is the printed header where the declared one, with the year behind it, would not show it.
    """

    position: int
    year: int | None = None
    name: str | None = None
    code: str | None = None
    label: str = ""


@dataclass(frozen=True)
class Headers:
    """Columns of a table by declared header.

    Attributes:
        single: header -> column, for the unit, the year, ``where``, ``expect`` and filters of rows.
        values: series -> its columns.
        paths: the path of headers above each column of the region.
        other_units: columns of units that are not read.
    """

    single: dict[HeaderRef, int]
    values: dict[str, list[Found]]
    paths: list[HeaderPath]
    other_units: int = 0


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
    table, unit = place.table, place.table.unit
    finder = _Finder(place, header_paths(place.grid, place.region))
    single = {header: finder.one(header) for header in _single_headers(table)}
    if unit.name is not None:
        finder.used.update(range(single[unit.name], single[unit.name] + unit.name_columns))
    if unit.name is not None and unit.indented is not None:
        finder.use_indented(single[unit.name], unit.indented.columns)
    in_header = unit.in_header or (table.year is not None and table.year.in_header)
    if unit.in_header:  # where any header may be a unit's name, those not read must be known first
        finder.ignore_all()
    taken = set(finder.used)
    values = {
        column.series: finder.in_header(column, taken) if in_header else finder.value(column)
        for column in table.columns
    }
    kept, others = of_declared_units(place, values) if unit.in_header else (values, 0)
    if not unit.in_header:
        finder.ignore_all()
    finder.refuse_unmapped()
    return Headers(single, kept, finder.paths, others)


def _single_headers(table: Table) -> list[HeaderRef]:
    unit, year = table.unit, table.year or Year()
    headers: list[HeaderRef] = [*unit.headers.values()]
    headers += [year.header] if year.header else []
    headers += table.expect
    for column in table.columns:
        headers += column.where
    return list(dict.fromkeys([*headers, *table.keep_rows, *table.drop_rows]))


def of_declared_units(place: Place, values: dict[str, list[Found]]) -> tuple[dict[str, list[Found]], int]:
    """Leave out the columns of units that are not read, and count them.

    Raises:
        SourceError: a unit that ``only`` or ``skip`` names heads no column.
    """
    unit = place.table.unit
    names = {match_key(found.name or found.code or ""): found.name or "" for all_ in values.values() for found in all_}
    for name in (*unit.only, *unit.skip):
        if match_key(name) not in names:
            raise SourceError(
                f"{place}: there is no column of '{name}', which the declaration of units names"
                f"{nearest(name, list(names.values()))}"
            )
    only, skip = set(map(match_key, unit.only)), set(map(match_key, unit.skip))

    def is_read(found: Found) -> bool:
        key = match_key(found.name or found.code or "")
        return key not in skip and (not only or key in only)

    kept = {series: [found for found in all_ if is_read(found)] for series, all_ in values.items()}
    return kept, sum(map(len, values.values())) - sum(map(len, kept.values()))


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
            if len(key) > 1:  # a path may also be declared as it is listed, "upper / lower"
                self._columns_of.setdefault((match_key(_written(paths[i])),), []).append(self.left + i)

    @property
    def listing(self) -> str:
        first, last = self.place.region.header
        rows = f"row {first + self.place.grid.first_row}"
        rows = rows if last == first + 1 else f"rows {rows[4:]}-{last - 1 + self.place.grid.first_row}"
        return f"headers found in {rows}: {' | '.join(_written(p) for p in self.paths if p) or 'none'}"

    def one(self, header: HeaderRef) -> int:
        """Column of the unit or year header; of a header that spans several columns the first."""
        if isinstance(header, Address):
            return self.addressed(header)
        unit = self.place.table.unit
        if header == unit.name and unit.indented is not None:
            found = self._with_header((header,))
            if len(found) in (1, unit.indented.columns):
                return found[0]
        width = unit.name_columns if header == unit.name else 1
        return self._columns((header,), width)[0]

    def addressed(self, address: Address) -> int:
        """Column that is named by its place, above which no header stands but the one declared with it."""
        at = address.index - self.left
        if not 0 <= at < len(self.paths):
            last = self.place.grid.column_name(self.left + len(self.paths) - 1)
            raise SourceError(f"{self.place}: there is no {address}; the last one is {last}")
        header = _written(self.paths[at])
        if match_key(header) != match_key(address.header):
            row = self.place.region.header[1] - 1
            cell = self.place.at(row, address.index)
            if address.header:
                raise SourceError(
                    f"{cell}: {address} is declared with the header '{address.header}'; found: '{header}'"
                )
            raise SourceError(f"{cell}: {address} has the header '{header}'; name it by that, not by its place")
        self.used.add(address.index)
        return address.index

    def use_indented(self, first: int, columns: int) -> None:
        """Take the columns of indented names, which no other header stands above."""
        for column in range(first, first + columns):
            path = self.paths[column - self.left] if column - self.left < len(self.paths) else None
            if path is None or (path and path != self.paths[first - self.left]):
                what = "there is no such column" if path is None else f"another header stands there, '{_written(path)}'"
                raise SourceError(
                    f"{self.place}: 'indented' declares {columns} columns of names from "
                    f"{self.place.grid.column_name(first)} on, but {what}; {self.listing}"
                )
            self.used.add(column)

    def value(self, column: Column) -> list[Found]:
        """The one column of a series, without a year."""
        if column.address is not None:
            return [Found(self.addressed(column.address))]
        if column.occurrence is None:
            return [Found(self._columns(column.header, 1)[0])]
        found = self._with_header(column.header)
        if len(found) < column.occurrence:
            header = f"{_written(column.header)}', occurrence {column.occurrence}"
            raise SourceError(f"{self.place}: the declared header '{header}, is not there; {self.listing}")
        self.used.add(found[column.occurrence - 1])
        return [Found(found[column.occurrence - 1])]

    def in_header(self, column: Column, taken: Collection[int]) -> list[Found]:
        """Columns of a series, one a year, a unit, or a unit and year; ``taken`` are no columns of units."""
        table = self.place.table
        reader = HeaderReader.of(column.header, table)
        found = []
        for i, (key, path) in enumerate(zip(self.keys, self.paths, strict=True)):
            if table.unit.in_header and self.left + i in taken:
                continue
            if path and (said := reader.read(key, path)) is not None:
                label = "" if reader.is_year_below else _written(path)
                found.append(Found(self.left + i, said.year, said.name, said.code, label))
        of = [(one.year, one.name, one.code) for one in found]
        if not found:
            raise SourceError(f"{self.place}: {reader.refusal(self.paths)}; {self.listing}")
        if len(set(of)) < len(of):
            first = next(one for i, one in enumerate(found) if of[i] in of[:i])
            twice = " / ".join(
                [one for one in (first.name or first.code,) if one]
                + ([] if first.year is None else [table.written(first.year)])
            )
            raise SourceError(
                f"{self.place}: the declared header '{_written(column.header)}' has a {reader.what} twice: {twice}; "
                f"{self.listing}"
            )
        self.used.update(one.position for one in found)
        return found

    def ignore_all(self) -> None:
        """Take the headers that are declared as not read."""
        for header in self.place.table.ignore:
            self.ignore(header)
        patterns = self.place.table.ignore_patterns
        if self.place.table.unit.in_header and patterns:
            texts = [_written(path) for path in self.paths]
            self.used.update(
                self.left + i for i, text in enumerate(texts) if text and any(re.fullmatch(p, text) for p in patterns)
            )

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
        blank = sum(not path and self.left + i not in self.used for i, path in enumerate(self.paths))
        if table.blank_headers not in (blank, blank + self.place.grid.beyond[1]):
            raise SourceError(
                f"{self.place}: {blank} columns without a header, declared: blank_headers: {table.blank_headers} (one "
                "that is read is named by its place, as '{column: C}')"
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
