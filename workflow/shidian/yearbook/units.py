"""The units that some tables describe, numbered in sorted order, and the numbers that they must not have twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from shidian.errors import SourceError
from shidian.yearbook.parse import Reading
from shidian.yearbook.read import Block
from shidian.yearbook.rows import NO_YEAR, YEARS_APART


@dataclass(frozen=True)
class Units:
    """The distinct units in sorted order, and for each block the unit of each data row.

    ``identity`` is equal for two printings of one unit: those with one code, or with one name and province.
    """

    code: list[str | None]
    name: list[str | None]
    province: list[str | None]
    identity: np.ndarray
    of_row: list[np.ndarray]


def number_units(blocks: Sequence[Block]) -> Units:
    """Number the units of some tables."""
    found = {key for block in blocks for key in _keys(block)}
    distinct = sorted(found, key=lambda key: [(k is None, k or "") for k in key])
    number = {key: i for i, key in enumerate(distinct)}
    of_row = [np.fromiter(map(number.__getitem__, _keys(b)), np.int64, len(b.keys.code)) for b in blocks]
    seen: dict[object, int] = {}
    identity = [seen.setdefault(code or (name, province), len(seen)) for code, name, province in distinct]
    codes, names, provinces = zip(*distinct, strict=True)
    return Units(list(codes), list(names), list(provinces), np.array(identity), of_row)


def _keys(block: Block) -> Iterator[tuple[str | None, str | None, str | None]]:
    """Give code, name and province of each data row; not as a list, which is long where equal ones are few."""
    return zip(block.keys.code, block.keys.name, block.keys.province, strict=True)


def refuse_duplicates(blocks: Sequence[Block], files: Sequence[int], units: Units) -> None:
    """Refuse two numbers of a file with one key: one unit (its code, or its name and province), year and series.

    A fact of a unit without a year may stand in several rows, such as an adoption year in each row of a panel: equal
    numbers are then one fact.

    Args:
        blocks: the tables.
        files: number of the file of each table.
        units: their units.

    Raises:
        SourceError: two numbers share a key; the message names both cells.
    """
    names = sorted({reading.column.series for block in blocks for reading in block.numbers.readings})
    rows: dict[tuple[int, str], list[tuple[int, Reading]]] = {}
    for b, block in enumerate(blocks):
        for reading in block.numbers.readings:
            rows.setdefault((files[b], reading.column.series), []).append((b, reading))
    looked_at: set[tuple[int, int, int]] = set()
    for readings in rows.values():
        b, first = readings[0]
        same = b, id(first.index), id(first.years)
        if len(readings) == 1 and same in looked_at:
            continue  # series that are read from one set of rows have the same units and years
        keys = np.concatenate([units.identity[units.of_row[b]][r.index] * YEARS_APART + r.years for b, r in readings])
        keys.sort()
        if (keys[1:] == keys[:-1]).any():
            _refuse_first(blocks, files, units, names)
            return  # all series were looked at: what is there twice are equal facts without a year
        looked_at.add(same)


def _refuse_first(blocks: Sequence[Block], files: Sequence[int], units: Units, names: Sequence[str]) -> None:
    """Name the first two numbers, by file, unit, year and series, that share a key and are not one fact."""
    span = YEARS_APART * len(names)
    keys = np.concatenate([
        (files[b] * (int(units.identity.max()) + 1) + units.identity[units.of_row[b]][r.index]) * span
        + r.years * len(names) + names.index(r.column.series)
        for b, block in enumerate(blocks) for r in block.numbers.readings
    ])  # fmt: skip
    order = np.argsort(keys, kind="stable")
    facts = np.concatenate([_facts(block, i) for block in blocks for i in range(len(block.numbers.readings))])[order]
    one_fact = (facts[1:] == facts[:-1]) & ~np.isnan(facts[1:])
    doubled = np.flatnonzero((keys[order][1:] == keys[order][:-1]) & ~one_fact)
    if not len(doubled):
        return
    one, other = (_Number.of(blocks, int(order[doubled[0] + i])) for i in (0, 1))
    way = "; where each row is an individual, declare 'unit: {level: other, row_number: true}'" if one.dated else ""
    raise SourceError(
        f"{other.cell}: unit {one.unit} has two numbers for '{one.series}'; the other is at {one.cell}{way}"
    )


def _facts(block: Block, number: int) -> np.ndarray:
    """Return the values of a reading that are facts without a year; nan for others, and infinity for a mark."""
    reading, values = block.numbers.readings[number], block.numbers.values[number]
    if reading.column.is_text:  # two texts may have one length
        return np.full(len(values), np.nan)
    return np.where(reading.years == NO_YEAR, np.where(np.isnan(values), np.inf, values), np.nan)


@dataclass(frozen=True)
class _Number:
    """One number, as named in a message."""

    cell: str
    unit: str
    series: str
    dated: bool

    @staticmethod
    def of(blocks: Sequence[Block], position: int) -> _Number:
        readings = [(block, reading) for block in blocks for reading in block.numbers.readings]
        starts = np.cumsum([0, *(len(reading.index) for _, reading in readings)])
        at = int(np.searchsorted(starts, position, side="right")) - 1
        (block, reading), i = readings[at], position - starts[at]
        keys, row, year = block.keys, int(reading.index[i]), int(reading.years[i])
        text = block.place.table.year and block.place.table.year.text
        kind = (text.kind if text else "") or "year"
        names = (keys.name[row], keys.code[row], keys.province[row])
        return _Number(
            block.place.at(int(keys.rows[row]), reading.position),
            " ".join(name for name in names if name)
            + ("" if year == NO_YEAR else f", {kind} {block.place.table.written(year)}"),
            reading.column.series,
            year != NO_YEAR,
        )
