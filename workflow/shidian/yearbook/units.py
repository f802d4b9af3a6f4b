"""The units that some tables describe, numbered in sorted order, and the numbers that they must not have twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from shidian.errors import SourceError
from shidian.yearbook.read import Block
from shidian.yearbook.rows import NO_YEAR


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
    keys = [list(zip(b.keys.code, b.keys.name, b.keys.province, strict=True)) for b in blocks]
    distinct = sorted({key for rows in keys for key in rows}, key=lambda key: [(k is None, k or "") for k in key])
    number = {key: i for i, key in enumerate(distinct)}
    of_row = [np.array([number[key] for key in rows], dtype=np.int64) for rows in keys]
    seen: dict[object, int] = {}
    identity = [seen.setdefault(code or (name, province), len(seen)) for code, name, province in distinct]
    codes, names, provinces = zip(*distinct, strict=True)
    return Units(list(codes), list(names), list(provinces), np.array(identity), of_row)


def refuse_duplicates(blocks: Sequence[Block], keys: np.ndarray) -> None:
    """Refuse two numbers with one key: one unit (its code, or its name and province), year and series.

    Args:
        blocks: the tables.
        keys: the key of each number, block after block.

    Raises:
        SourceError: two numbers share a key; the message names both cells.
    """
    order = np.argsort(keys, kind="stable")
    doubled = np.flatnonzero(keys[order][1:] == keys[order][:-1])
    if not doubled.size:
        return
    starts = np.cumsum([0, *(len(block.numbers.of) for block in blocks)])
    one, other = (_Number.of(blocks, starts, int(order[doubled[0] + i])) for i in (0, 1))
    raise SourceError(f"{other.cell}: unit {one.unit} has two numbers for '{one.series}'; the other is at {one.cell}")


@dataclass(frozen=True)
class _Number:
    """One number, as named in a message."""

    cell: str
    unit: str
    series: str

    @staticmethod
    def of(blocks: Sequence[Block], starts: np.ndarray, position: int) -> _Number:
        b = int(np.searchsorted(starts, position, side="right")) - 1
        block, i = blocks[b], position - starts[b]
        numbers, keys = block.numbers, block.keys
        row, reading = int(numbers.index[i]), numbers.readings[numbers.of[i]]
        names = (keys.name[row], keys.code[row], keys.province[row])
        when = "" if numbers.years[i] == NO_YEAR else f", year {numbers.years[i]}"
        return _Number(
            block.place.at(keys.rows[row], reading.position),
            " ".join(name for name in names if name) + when,
            reading.column.series,
        )
