"""What a header says beside the series: the year or the unit of its column, in a header row or within its text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shidian.yearbook.numbers import match_key, unit_name
from shidian.yearbook.patterns import Said, said_by, tokens_in, year_texts
from shidian.yearbook.periods import PeriodText, year_within
from shidian.yearbook.tables import HeaderPath, Table, Year


@dataclass(frozen=True)
class HeaderReader:
    """Reads the headers of one series.

    Attributes:
        wanted: the declared header, its elements with words in braces as they are.
        year_row: header row of the years, from 1, -1 for the lowest; 0 where none holds them.
        unit_row: the same for units.
        reads: how years read.
        marks: footnote marks cut off names of units.
    """

    wanted: HeaderPath
    year_row: int
    unit_row: int
    reads: PeriodText
    marks: tuple[str, ...] = ()

    @classmethod
    def of(cls, header: HeaderPath, table: Table) -> HeaderReader:
        """Return the reader of a declared header."""
        tokens = {token for part in header for token in tokens_in(part)}
        year = table.year or Year()
        return cls(
            header,
            0 if "year" in tokens else year.in_header,
            0 if tokens & {"name", "code"} else table.unit.in_header,
            year.text,
            table.footnote_marks,
        )

    def read(self, key: HeaderPath, path: HeaderPath) -> Said | None:
        """Return what a header says, None where it is of another series; ``key`` is the path by match keys."""
        rows = {place(row, len(path)): row for row in (self.year_row, self.unit_row) if row}
        if None in rows or len(path) != len(self.wanted) + bool(self.year_row) + bool(self.unit_row):
            return None
        year, name, code = None, None, None
        if self.year_row:
            year = self.reads.read(path[place(self.year_row, len(path)) or 0])
            if year is None:
                return None
        if self.unit_row:
            name = self._unit(path[place(self.unit_row, len(path)) or 0])
        rest = [i for i in range(len(path)) if i not in rows]
        for part, i in zip(self.wanted, rest, strict=True):
            if not tokens_in(part):
                if match_key(part) != key[i]:
                    return None
                continue
            said = said_by(part, path[i], self.reads)
            if said is None:
                return None
            year = said.year if said.year is not None else year
            name, code = (self._unit(said.name) if said.name else name), said.code or code
        return Said(name, code, year)

    @property
    def is_year_below(self) -> bool:
        """Whether the header is the declared one with the year below it, and nothing else."""
        return self.year_row == -1 and not self.unit_row and not any(tokens_in(part) for part in self.wanted)

    @property
    def what(self) -> str:
        """What tells the columns of the series apart."""
        tokens = {token for part in self.wanted for token in tokens_in(part)}
        units, years = self.unit_row or tokens & {"name", "code"}, self.year_row or "year" in tokens
        return "unit and year" if units and years else "unit" if units else "year"

    def refusal(self, paths: Sequence[HeaderPath]) -> str:
        """Return why no header is one of the series, with what to declare where one nearly is."""
        header = " / ".join(self.wanted)
        if any(tokens_in(part) for part in self.wanted):
            said = f"no header is as '{header}' says"
        elif self.year_row and not self.wanted:
            said = "no header is a year"
        elif self.year_row:
            said = f"the declared header '{header}' has no year {'below' if self.year_row < 0 else 'above or below'} it"
        else:
            said = f"the declared header '{header}' has no unit {'below' if self.unit_row < 0 else 'above or below'} it"
        return said + next((f" ('{text}': {why})" for text, why in (*self._within(paths), *self._nearly(paths))), "")

    def _within(self, paths: Sequence[HeaderPath]) -> list[tuple[str, str]]:
        """Return the headers that are the declared one with a year in the same text, and how such are declared."""
        if not self.wanted or not self.year_row:
            return []
        *above, last = map(match_key, self.wanted)
        found = []
        for path in paths:
            if not path or [match_key(part) for part in path[:-1]] != above or not match_key(path[-1]).startswith(last):
                continue
            if year := year_within(path[-1]):
                found.append((path[-1], f"years within headers are declared as 'header: \"{year[1]}\"'"))
        return found

    def _nearly(self, paths: Sequence[HeaderPath]) -> list[tuple[str, str]]:
        """Return the texts that stand where a year should, with what would make them one."""
        texts = (
            [path[at] for path in paths if (at := place(self.year_row, len(path))) is not None] if self.year_row else []
        )
        for part in self.wanted:
            if "year" in tokens_in(part):
                texts += [text for path in paths for one in path for text in year_texts(part, one)[-1:]]
        return [(text, why) for text in texts if self.reads.read(text) is None and (why := self.reads.advice(text))]

    def _unit(self, text: str) -> str:
        text = text.strip()
        for mark in self.marks:
            text = text.removesuffix(mark).rstrip()
        return unit_name(text)


def place(row: int, depth: int) -> int | None:
    """Return the 0-based place in a path of a header row counted from 1, or from the end; None where there is none."""
    at = row - 1 if row > 0 else depth + row
    return at if row and 0 <= at < depth else None
