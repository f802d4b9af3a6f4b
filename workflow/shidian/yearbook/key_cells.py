"""Reading the cells that say which unit and period a row describes; each raises ``SourceError`` with the cell."""

from __future__ import annotations

import re
from functools import lru_cache

from shidian.errors import SourceError
from shidian.yaml_loader import UNPRINTABLE
from shidian.yearbook.addresses import HeaderRef
from shidian.yearbook.fills import advice
from shidian.yearbook.layout import Place
from shidian.yearbook.numbers import clean, match_key, parse_code, unit_name
from shidian.yearbook.patterns import code_in
from shidian.yearbook.periods import PeriodText


def read_name_cell(place: Place, row: int, column: int, text: str, header: HeaderRef, key: str) -> str | None:
    """Read the name of a unit or province, None where it may be blank; ``key`` is that of the column under ``unit``."""
    name = _printed_name(text, place.table.footnote_marks)
    if name:
        _refuse_unprintable(place, row, column, name)
        return name
    if place.table.unit.name_optional:
        return None
    raise SourceError(
        f"{place.at(row, column)}: no {clean(str(header))}; "
        f"the row is neither data nor declared as footer: {place.row_text(row)}{advice(place, row, column, key)}"
    )


@lru_cache(maxsize=4096)
def _unprintable(text: str) -> re.Match[str] | None:
    return UNPRINTABLE.search(text)


@lru_cache(maxsize=4096)
def _printed_name(text: str, marks: tuple[str, ...]) -> str:
    text = text.strip()
    for mark in marks:
        text = text.removesuffix(mark).rstrip()
    return unit_name(text)


def read_code_cell(place: Place, row: int, column: int, text: str, kind: str) -> str | None:
    """Read the code of a unit, None where the cell holds a declared mark for none."""
    if match_key(text) in map(match_key, place.table.unit.code_missing):
        return None
    pattern = place.table.unit.code_pattern
    code = code_in(pattern, text, kind) if pattern else parse_code(text, kind)
    if code is None:
        expected = "a code" if kind == "plain" else "a six-digit code (for other codes declare 'code_kind: plain')"
        expected += f" in the pattern '{pattern}'" if pattern else ""
        raise SourceError(
            f"{place.at(row, column)}: '{text}' is not {expected}; "
            f"if it is no data row declare it as footer: {place.row_text(row)}{advice(place, row, column, 'code')}"
            f"{_uncoded(place, text)}"
        )
    _refuse_unprintable(place, row, column, code)
    return code


def _uncoded(place: Place, text: str) -> str:
    """Return what to declare where a unit has a name but no code, "" where that is not what the cell says."""
    if place.table.unit.name is None or any(letter.isdigit() for letter in text):
        return ""
    return f"; if it means that the unit has no code, declare 'code_missing: [\"{clean(text)}\"]' under 'unit'"


def _refuse_unprintable(place: Place, row: int, column: int, text: str) -> None:
    """Refuse a name or code that no report could print: Word and XML have no place for control characters."""
    if found := _unprintable(text):
        raise SourceError(
            f"{place.at(row, column)}: the text holds the character U+{ord(found[0]):04X}, which cannot be printed; "
            "correct the cell"
        )


def read_year_cell(place: Place, row: int, column: int, text: str, reads: PeriodText) -> int:
    """Read a year, or another period."""
    year = reads.read(text)
    if year is None:
        footer = "" if reads.advice(text) else f"; if it is no data row declare it as footer: {place.row_text(row)}"
        raise SourceError(f"{place.at(row, column)}: {reads.refusal(text)}{footer}{advice(place, row, column, 'year')}")
    return year
