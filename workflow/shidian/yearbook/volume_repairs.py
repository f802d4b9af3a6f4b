"""Declared repairs of whole volumes: a column in another size, two that are exchanged, rows that slipped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np

from shidian.errors import SourceError, nearest
from shidian.messages import say
from shidian.yearbook.layout import Place
from shidian.yearbook.numbers import cell_text, match_key, parse_number
from shidian.yearbook.parse import Reading
from shidian.yearbook.read import Block

Cell = tuple[int, int]


@dataclass(frozen=True)
class Repair:
    """What is wrong with a whole volume, and why.

    Attributes:
        source: whose volume.
        file: its path, as the source lists it.
        series: the columns, as the source calls them.
        reason: why the printed numbers are wrong.
        year: the number of the period, where the file prints several and others are right.
        factor: that the printed numbers are multiplied by.
        exchange: whether two columns hold each other's numbers.
        rows: first and last row, as the sheet counts them, whose numbers belong to other rows.
        belong: how many rows below (above: less than zero) they belong.
        units: codes, or beginnings of codes, or names of the only units concerned; none for all.
    """

    source: str
    file: str
    series: tuple[str, ...]
    reason: str
    year: int | None = None
    factor: float | None = None
    exchange: bool = False
    rows: tuple[int, int] | None = None
    belong: int = 0
    units: tuple[str, ...] = ()

    @property
    def called(self) -> str:
        """How messages name it."""
        return f"volumes: {self.file}, {', '.join(self.series)}"

    @property
    def said(self) -> str:
        """What it does, a message."""
        if self.factor is not None:
            return say("multiplied by {factor}", factor=f"{self.factor:,.10g}")
        if self.exchange:
            return say("{one} and {other} exchanged", one=self.series[0], other=self.series[1])
        assert self.rows is not None
        first, last, rows = str(self.rows[0]), str(self.rows[1]), abs(self.belong)
        if self.belong > 0:
            return say("rows {first}-{last} belong {rows} rows below", first=first, last=last, rows=rows)
        return say("rows {first}-{last} belong {rows} rows above", first=first, last=last, rows=rows)


def repair_of(entry: Mapping[str, Any], where: str) -> Repair:
    """Return a repair as ``config/corrections.yaml`` declares it.

    Raises:
        SourceError: it says nothing to do, or several things, or not what these need.
    """
    keys = [key for key in ("factor", "exchange", "rows") if entry.get(key)]
    if len(keys) != 1:
        raise SourceError(f"{where}: says one of 'factor', 'exchange: true' and 'rows' with 'belong'")
    if entry.get("exchange") and len(entry["series"]) != 2:
        raise SourceError(f"{where}: 'exchange' wants two series, not {len(entry['series'])}")
    if ("rows" in entry) != ("belong" in entry) or (entry.get("rows") and entry["rows"][0] > entry["rows"][1]):
        raise SourceError(f"{where}: 'rows: [first, last]' goes with 'belong', rows below (1) or above (-1)")
    if entry.get("rows") and entry.get("units"):
        raise SourceError(f"{where}: 'units' goes with 'factor' and 'exchange'; 'rows' says which they are")
    lists = {key: tuple(entry[key]) for key in ("series", "units", "rows") if key in entry}
    return Repair(**{**entry, **lists})


def repaired_place(block: Block, repairs: Sequence[Repair]) -> tuple[Place, list[Repair]]:
    """Return where a table lies in its sheet, with the texts that repairs put into its cells, and those that met any.

    Args:
        block: the table as printed.
        repairs: those of its file.

    Raises:
        SourceError: a repair needs cells that the table has not, or two change one cell.
    """
    texts: dict[Cell, str] = {}
    met = []
    for repair in repairs:
        found = dict(_texts(block, repair))
        if twice := set(found) & (set(texts) | set(block.place.grid.originals)):
            row, column = min(twice)
            raise SourceError(f"{block.place.at(row, column)}: corrected, and repaired by {repair.called}; keep one")
        texts |= found
        met += [repair] if found else []
    place = block.place
    return (replace(place, grid=place.grid.corrected(texts)) if texts else place), met


def _texts(block: Block, repair: Repair) -> Iterator[tuple[Cell, str]]:
    """Give each cell that a repair changes, and the text to read there."""
    columns = [_rows(block, repair, reading) for name in repair.series for reading in _readings(block, name)]
    columns = [one for one in columns if len(one[1])]
    if repair.factor is not None:
        for reading, rows in columns:
            yield from _scaled(block, reading, rows, repair.factor)
    elif repair.exchange and columns:
        if len(columns) != 2 or not np.array_equal(columns[0][1], columns[1][1]):
            raise SourceError(f"{block.place}: {repair.called}: not both series stand in this table, row by row")
        (one, rows), (other, _) = columns
        if one.column.measure != other.column.measure:
            raise SourceError(
                f"{block.place}: {repair.called}: measured in {one.column.measure} and {other.column.measure}; "
                "exchange their headers in the source file (alternatives by year)"
            )
        for row in rows.tolist():
            for to, source in ((one, other), (other, one)):
                yield (row, to.position), _text(block, row, source.position)
    else:
        for reading, rows in columns:
            yield from _moved(block, reading, rows, repair)


def _readings(block: Block, series: str) -> list[Reading]:
    return [reading for reading in block.numbers.readings if reading.column.series == series]


def _rows(block: Block, repair: Repair, reading: Reading) -> tuple[Reading, np.ndarray]:
    """Return a column, and the rows of the grid that a repair concerns in it."""
    index = reading.index if repair.year is None else reading.index[reading.years == repair.year]
    if repair.units:
        index = np.array([i for i in index.tolist() if _concerns(repair, block, i)], dtype=int)
    return reading, block.keys.rows[index]


def _concerns(repair: Repair, block: Block, i: int) -> bool:
    code, name = block.keys.code[i], block.keys.name[i]
    names = {match_key(one) for one in repair.units}
    coded = code is not None and any(one.isdigit() and code.startswith(one) for one in repair.units)
    province = block.keys.province[i] or ""
    said = {match_key(text) for text in (name or "", province, f"{province}/{name}") if text}
    return coded or bool(said & names)


def _scaled(block: Block, reading: Reading, rows: np.ndarray, factor: float) -> Iterator[tuple[Cell, str]]:
    marks = block.place.table.footnote_marks
    for row in rows.tolist():
        number = parse_number(_text(block, row, reading.position), marks)
        if number is not None:
            exact = Decimal(repr(number)) * Decimal(repr(factor))
            yield (row, reading.position), format(exact.normalize(), "f")


def _moved(block: Block, reading: Reading, rows: np.ndarray, repair: Repair) -> Iterator[tuple[Cell, str]]:
    """Give the numbers of a block of rows to those some rows below or above; whose own are not printed lose them."""
    assert repair.rows is not None
    first, last = (row - block.place.grid.first_row for row in repair.rows)
    order = np.unique(rows)
    at = np.flatnonzero((order >= first) & (order <= last))
    if not len(at):
        return
    to = at + repair.belong
    inside = (to >= 0) & (to < len(order))
    lost = [i for i in at.tolist() if i not in set(to[inside].tolist())]
    blank = next(iter(sorted(reading.column.missing)), None)
    if blank is None:
        raise SourceError(
            f"{block.place}: {repair.called}: {reading.column.series} declares no mark that means missing"
        )
    for i, j in zip(at[inside].tolist(), to[inside].tolist(), strict=True):
        yield (int(order[j]), reading.position), _text(block, int(order[i]), reading.position)
    for i in lost:
        yield (int(order[i]), reading.position), blank


def _text(block: Block, row: int, column: int) -> str:
    return cell_text(block.place.grid.rows[row][column])


def repairs_of(source: str, file: str, repairs: Sequence[object]) -> list[Repair]:
    """Return the repairs of one file among all corrections."""
    return [one for one in repairs if isinstance(one, Repair) and one.source == source and one.file == file]


def refuse_strange(paths: Sequence[str], series: Sequence[str], source: str, repairs: Sequence[object]) -> None:
    """Refuse (``SourceError``) a repair of a file or a series that its source has not."""
    for one in repairs:
        if not isinstance(one, Repair) or one.source != source:
            continue
        if one.file not in paths:
            raise SourceError(f"{one.called}: {source} has no such file{nearest(one.file, paths)}")
        for name in one.series:
            if name not in series:
                raise SourceError(f"{one.called}: {source} has no series '{name}'{nearest(name, series)}")


def refuse_unmet(repairs: Sequence[Repair], met: Sequence[Repair]) -> None:
    """Refuse (``SourceError``) a repair that changes no cell of its file."""
    for one in repairs:
        if one not in met:
            raise SourceError(
                f"{one.called}: changes nothing: no cell of the file is one of its year, series and units"
            )
