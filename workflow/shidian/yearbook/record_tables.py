"""The records of some blocks, sorted, a batch of units at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shidian.yearbook.arrow import Texts
from shidian.yearbook.grid import Grid
from shidian.yearbook.numbers import FLAGS
from shidian.yearbook.parse import BATCH, Reading
from shidian.yearbook.read import Block
from shidian.yearbook.rows import NO_YEAR, YEARS_APART
from shidian.yearbook.units import Units

RECORD_COLUMNS = (
    "source_id", "unit_code", "unit_name", "province", "year", "indicator", "value", "measure", "flag",
    "cell_id",
)  # fmt: skip


@dataclass(frozen=True)
class Origin:
    """Which file the blocks come from; ``number`` is the file's number in the source."""

    source: str
    number: int
    file: str
    digest: str

    @property
    def prefix(self) -> str:
        """First part of the ids of the file's cells."""
        return f"{self.source}/{self.number}"


@dataclass(frozen=True)
class _Column:
    """The numbers of one reading; ``order`` sorts them by ``ranks``, the places of their units among all."""

    block: int
    reading: Reading
    values: np.ndarray
    flags: np.ndarray
    order: np.ndarray
    ranks: np.ndarray

    def positions(self, span: tuple[int, int]) -> np.ndarray:
        """Return which numbers are of some units, in the order in which they were read."""
        return np.sort(self.order[slice(*np.searchsorted(self.ranks, span))])


def record_tables(blocks: Sequence[Block], origins: Sequence[Origin], units: Units) -> Iterator[pa.Table]:
    """Give one row a file, unit, year and series, sorted in this order (``RECORD_COLUMNS``).

    Args:
        blocks: tables as read.
        origins: the file of each block.
        units: the units that they describe.
    """
    columns, counts = _columns(blocks, origins, units)
    texts = _RecordTexts.of(blocks, origins, units, [column.reading for column in columns])
    for span in _spans(counts):
        yield _table([(column, column.positions(span)) for column in columns], blocks, origins, units, texts)


def _columns(blocks: Sequence[Block], origins: Sequence[Origin], units: Units) -> tuple[list[_Column], np.ndarray]:
    """Return all readings, and how many numbers there are of each file and unit, in order."""
    keys = [o.number * len(units.code) + of_row for o, of_row in zip(origins, units.of_row, strict=True)]
    places = np.unique(np.concatenate(keys))
    counts = np.zeros(len(places), dtype=np.int64)
    columns: list[_Column] = []
    for b, block in enumerate(blocks):
        rank = np.searchsorted(places, keys[b])
        known: dict[int, tuple[np.ndarray, np.ndarray]] = {}
        for i, reading in enumerate(block.numbers.readings):
            if id(reading.index) not in known:
                mine = rank[reading.index]
                order = np.argsort(mine, kind="stable").astype(np.int32)
                known[id(reading.index)] = order, mine[order].astype(np.int32)
            order, ranks = known[id(reading.index)]
            counts += np.bincount(ranks, minlength=len(places))
            columns.append(_Column(b, reading, block.numbers.values[i], block.numbers.flags[i], order, ranks))
    return columns, counts


def _spans(counts: np.ndarray) -> Iterator[tuple[int, int]]:
    """Split places that follow each other into spans of at most ``BATCH`` numbers, or of one place."""
    ends, start = np.cumsum(counts), 0
    while start < len(counts):
        before = ends[start - 1] if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, before + BATCH, side="right")))
        yield start, stop
        start = stop


@dataclass(frozen=True)
class _RecordTexts:
    """The texts of records: those of units by unit, of readings by reading, and before and after a cell's row."""

    source: Texts
    code: Texts
    name: Texts
    province: Texts
    series: Texts
    measure: Texts
    flag: Texts
    before: pa.Array
    after: pa.Array
    series_number: np.ndarray
    has_categories: bool = False
    has_after: bool = True

    @classmethod
    def of(
        cls, blocks: Sequence[Block], origins: Sequence[Origin], units: Units, readings: Sequence[Reading]
    ) -> _RecordTexts:
        """Gather them."""
        grids = [block.place.grid for block in blocks for _ in block.numbers.readings]
        prefixes = [o.prefix for o, block in zip(origins, blocks, strict=True) for _ in block.numbers.readings]
        before, after = around([(grid, reading.position) for grid, reading in zip(grids, readings, strict=True)])
        starts = pa.array([f"{prefix}/{grid.sheet}!" for prefix, grid in zip(prefixes, grids, strict=True)])
        series = [reading.column.series for reading in readings]
        numbers = {name: i for i, name in enumerate(sorted(set(series)))}
        return cls(
            Texts.of([origins[0].source]), Texts.of(units.code), Texts.of(units.name), Texts.of(units.province),
            Texts.of(series), Texts.of([reading.column.measure for reading in readings]), Texts.of(FLAGS),
            pc.binary_join_element_wise(starts, before, ""), after, np.array([numbers[name] for name in series]),
            any(reading.column.is_category for reading in readings), any(after.to_pylist()),
        )  # fmt: skip


def around(columns: Sequence[tuple[Grid, int]]) -> tuple[pa.Array, pa.Array]:
    """Return what stands before and after the row's number in the addresses of some columns' cells."""
    names = [(grid.column_name(column), grid.labels is not None) for grid, column in columns]
    before = pa.array(["" if labelled else name for name, labelled in names])
    return before, pa.array([f":{name}" if labelled else "" for name, labelled in names])


def _table(
    chosen: Sequence[tuple[_Column, np.ndarray]],
    blocks: Sequence[Block],
    origins: Sequence[Origin],
    units: Units,
    texts: _RecordTexts,
) -> pa.Table:
    """Return the records of some numbers of each reading."""
    of = np.repeat(np.arange(len(chosen)), [len(at) for _, at in chosen])
    rows = [column.reading.index[at] for column, at in chosen]
    unit = np.concatenate([units.of_row[c.block][row] for (c, _), row in zip(chosen, rows, strict=True)])
    year = np.concatenate([column.reading.years[at] for column, at in chosen])
    file = np.array([origins[column.block].number for column, _ in chosen])
    order = _order(chosen, (file[of] * len(units.code) + unit) * YEARS_APART + year, of, texts.series_number)
    grids = [blocks[column.block] for column, _ in chosen]
    lines = [b.place.grid.row_numbers(b.keys.rows[row]) for b, row in zip(grids, rows, strict=True)]
    of, unit, year, reading = of[order], unit[order], year[order], pa.array(of[order])
    number = pa.concat_arrays(lines).take(pa.array(order))
    after = [texts.after.take(reading)] if texts.has_after else []
    columns = {
        "source_id": texts.source.at(np.zeros(len(order), dtype=np.int64)),
        "unit_code": texts.code.at(unit),
        "unit_name": texts.name.at(unit),
        "province": texts.province.at(unit),
        "year": pa.array(year, mask=year == NO_YEAR),
        "indicator": texts.series.at(of),
        "value": np.concatenate([column.values[at] for column, at in chosen])[order],
        "measure": texts.measure.at(of),
        "flag": texts.flag.at(np.concatenate([column.flags[at] for column, at in chosen])[order]),
        "cell_id": pc.binary_join_element_wise(texts.before.take(reading), number, *after, ""),
    }  # fmt: skip
    if texts.has_categories:
        found = [text for one, block in zip(chosen, grids, strict=True) for text in _categories(one, block)]
        columns["text"] = pa.array(found, type=pa.string()).take(pa.array(order))
    return pa.table(columns)


def _order(
    chosen: Sequence[tuple[_Column, np.ndarray]], keys: np.ndarray, of: np.ndarray, series: np.ndarray
) -> np.ndarray:
    """Return the order of some numbers by key and series; those with equal ones stay as they are.

    Args:
        chosen: readings and which of their numbers, one behind the other.
        keys: file, unit and year of each number, as one number.
        of: which reading each is of.
        series: number of the series of each reading.
    """
    starts = np.cumsum([0, *(len(at) for _, at in chosen)])
    found, i = [], 0
    while i < len(chosen):  # readings of the same rows follow each other: their rows are sorted once
        j = i + 1
        while j < len(chosen) and _same_rows(chosen[i][0], chosen[j][0]):
            j += 1
        if len(set(series[i:j].tolist())) < j - i:
            break
        rows = np.argsort(keys[starts[i] : starts[i + 1]], kind="stable")
        found.append((starts[i:j][np.argsort(series[i:j])] + rows[:, None]).ravel())
        i = j
    order = np.concatenate(found) if i == len(chosen) else np.empty(0, dtype=np.int64)
    if len(order) and (np.diff(keys[order]) >= 0).all() and _told_apart(keys[order], series[of[order]]):
        return order
    return np.argsort(keys * (int(series.max()) + 1) + series[of], kind="stable")


def _same_rows(one: _Column, other: _Column) -> bool:
    """Say whether two readings take the same rows of one table, in the same years."""
    same = one.reading.index is other.reading.index and one.reading.years is other.reading.years
    return one.block == other.block and same


def _told_apart(keys: np.ndarray, series: np.ndarray) -> bool:
    """Say whether numbers that are sorted by key have ascending series within each."""
    return bool(((np.diff(keys) > 0) | (np.diff(series) > 0)).all())


def _categories(chosen: tuple[_Column, np.ndarray], block: Block) -> list[str | None]:
    """Return the texts of some cells of a reading, those of categories alone."""
    column, at = chosen
    if not column.reading.column.is_category:
        return [None] * len(at)
    rows = block.keys.rows[column.reading.index[at]]
    texts = block.place.grid.texts_at(rows, np.full(len(rows), column.reading.position))
    missing = np.isnan(column.values[at])
    return [None if gone else text.strip() for text, gone in zip(texts.to_pylist(), missing, strict=True)]
