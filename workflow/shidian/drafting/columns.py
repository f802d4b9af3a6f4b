"""The columns of a table that no source file describes: their headers, their texts, what these look like."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from shidian.drafting.find import Guess
from shidian.drafting.lines import is_value
from shidian.drafting.parts import Part
from shidian.drafting.regions import Known, known_names
from shidian.yearbook.numbers import match_key, parse_number, parse_year
from shidian.yearbook.tables import HeaderPath

SAMPLE = 400
"""Texts of a column that tell whether it holds words or numbers."""
NOTHING_SAID = ("na", "n/a", "n.a.", "nan", "null", "none", "nil")
"""What programs write where there is no number, in small letters."""
ONCE = 1 / 3
"""Share of blanks from which on a column without merged cells is taken to be printed once for several rows."""


@dataclass(frozen=True)
class Columns:
    """The columns of a guessed table; all lists of texts are of its rows of data, in their order."""

    part: Part
    guess: Guess

    @property
    def paths(self) -> Sequence[HeaderPath]:
        """Header of each column."""
        return self.guess.paths

    @cached_property
    def _texts(self) -> dict[int, list[str]]:
        rows = [self.part.texts[row] for row in self.guess.data]
        return {c: [row[c] for row in rows] for c in range(len(self.paths))}

    def texts(self, column: int) -> list[str]:
        """Texts of a column as printed."""
        return self._texts[column]

    @cached_property
    def shown(self) -> list[int]:
        """Columns that hold anything in the rows of data."""
        return [c for c in range(len(self.paths)) if any(self._texts[c])]

    def filled(self, column: int) -> list[str]:
        """Texts of a column, blanks below a printed one filled where the column is printed once for several rows."""
        return self._filled[column] if column in self._filled else self.texts(column)

    @cached_property
    def _filled(self) -> dict[int, list[str]]:
        return {c: _fill(self.texts(c)) for c in self.shown if self._is_printed_once(c)}

    @property
    def printed_once(self) -> set[int]:
        """Columns whose texts seem to be printed once for several rows."""
        return set(self._filled)

    def _is_printed_once(self, column: int) -> bool:
        texts = self.texts(column)
        blanks = texts.count("")
        if not blanks or not texts[0] or not (self.is_text(column) or self._are_years(column)):
            return False
        first, last = self.guess.data[0], self.guess.data[-1]
        merged = any(left <= column <= right and top < bottom and first <= top and bottom <= last
                     for (top, left), (bottom, right) in self.part.grid.merges)  # fmt: skip
        return merged or blanks >= ONCE * len(texts)

    def _are_years(self, column: int) -> bool:
        return all(parse_year(text) is not None for text in self.distinct(column) if text)

    def is_text(self, column: int) -> bool:
        """Whether a column holds words in most of its filled cells."""
        return self._kinds[column][0]

    def is_numeric(self, column: int) -> bool:
        """Whether most filled cells of a column are numbers or marks that stand for them."""
        return self._kinds[column][1]

    @cached_property
    def _kinds(self) -> dict[int, tuple[bool, bool]]:
        found = {}
        for column, texts in self._texts.items():
            filled = [text for text in texts if text and text.lower() not in NOTHING_SAID]
            some = filled[:: max(1, len(filled) // SAMPLE)]
            found[column] = is_text(some), sum(map(is_value, some)) * 2 > len(some)
        return found

    def distinct(self, column: int) -> set[str]:
        """Distinct texts of a column."""
        return self._distinct[column]

    @cached_property
    def _distinct(self) -> dict[int, set[str]]:
        return {column: set(texts) for column, texts in self._texts.items()}

    def header(self, column: int) -> str:
        """The lowest header of a column in small letters, without blanks."""
        return match_key(self.paths[column][-1]).lower() if self.paths[column] else ""

    def says(self, column: int, words: Iterable[str]) -> bool:
        """Whether a header holds one of some words, those of Latin letters as whole words."""
        header = " ".join(self.paths[column][-1:]).lower()
        parts = re.split(r"[^a-z]+", header)
        return any(word in parts if word.isascii() else word in header for word in words)

    def all_are(self, read: Callable[[str], object], but: Iterable[int | None] = ()) -> list[int]:
        """Columns of which every text is read as something."""
        out = set(but)
        return [c for c in self.shown if c not in out and all(read(text) is not None for text in self._keys_of(c))]

    def _keys_of(self, column: int) -> set[str]:
        """Distinct texts of a column, blanks that are filled down not counted."""
        return self.distinct(column) - ({""} if column in self._filled else set())

    def known(self, column: int) -> Known:
        """The level of China's units that a column's texts name."""
        return known_names(self.distinct(column))

    def is_unique(self, columns: Sequence[int]) -> bool:
        """Whether no two rows have the same texts in some columns."""
        rows = set(zip(*(self.filled(c) for c in columns), strict=True))
        return len(rows) == len(self.guess.data)

    def tells(self, column: int, year: int | None) -> bool:
        """Whether no two rows have the same value, in the same period where there is one, and none is blank."""
        values = self.filled(column)
        years = set(self.filled(year)) if year is not None else {""}
        repeats = len(years) == 1 or len(set(values)) < len(values)
        return all(values) and repeats and self.is_unique([column, *([] if year is None else [year])])

    def is_named(self, column: int) -> bool:
        """Whether a header of one row stands above this column alone, so that the reader finds it by its text."""
        return len(self.paths[column]) == 1 and self._keys.count(self._keys[column]) == 1

    @cached_property
    def _keys(self) -> list[tuple[str, ...]]:
        return [tuple(map(match_key, path)) for path in self.paths]

    def equal(self, column: int) -> list[int]:
        """Columns with the same header."""
        return [c for c, key in enumerate(self._keys) if key == self._keys[column]]

    def reference(self, column: int) -> str | dict[str, Any]:
        """How a key column is named: by its header, else by its place."""
        if self.is_named(column):
            return self.paths[column][0]
        header = " / ".join(self.paths[column])
        return {"column": self.part.letter(column), **({"header": header} if header else {})}


def _fill(texts: Sequence[str]) -> list[str]:
    filled: list[str] = []
    for text in texts:
        filled.append(text or (filled[-1] if filled else ""))
    return filled


def is_text(texts: Sequence[str]) -> bool:
    """Whether a column holds texts: words in most of its filled cells, not numbers and marks."""
    filled = [text for text in texts if text and text.lower() not in NOTHING_SAID]
    words = sum(parse_number(text) is None and any(map(str.isalpha, text)) for text in filled)
    return words * 2 > len(filled)


def printed(path: HeaderPath) -> str | list[str]:
    """Return a header as a source file writes it."""
    return path[0] if len(path) == 1 else list(path)
