"""Tables of an HTML page, which many sites give out as .xls."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import groupby
from pathlib import Path

from shidian.errors import SourceError, nearest
from shidian.messages import say
from shidian.yearbook.grid import Grid
from shidian.yearbook.limits import LIMITS, Limits
from shidian.yearbook.rich_text import marked_text
from shidian.yearbook.text_form import decode

_CHARSET = re.compile(rb"charset\s*=\s*[\"']?([A-Za-z0-9_-]+)", re.IGNORECASE)
_PLACES = {"sup": "superscript", "sub": "subscript"}
Span = tuple[tuple[int, int], tuple[int, int]]


@dataclass
class _Table:
    """A table while it is read: its rows of cells, each with its text in runs and the columns and rows it spans."""

    rows: list[list[tuple[list[tuple[str, str]], int, int]]] = field(default_factory=list)
    nested: bool = False
    in_cell: bool = False


class HtmlBook:
    """The tables of an HTML page as sheets named ``table 1`` on; a page with one table has no sheets."""

    def __init__(self, path: Path, encoding: str | None = None, limits: Limits = LIMITS) -> None:
        """Read the page, in the declared encoding, else in that which it says it has.

        Raises:
            SourceError: it holds no table, or is text of another encoding.
        """
        self._path, self._limits = path, limits
        said = _CHARSET.search(path.read_bytes()[:4096])
        reader = _Reader()
        reader.feed(decode(path, encoding or (said[1].decode().lower() if said else None)))
        reader.close()
        self._tables = [table for table in reader.tables if table.rows and not table.nested]
        if not self._tables:
            raise SourceError(f"{path}: an HTML page without a table, whatever its name says; get the data itself")

    @property
    def sheet_names(self) -> list[str]:
        """Names of the tables where there are several."""
        return [f"table {i}" for i, _ in enumerate(self._tables, start=1)] if len(self._tables) > 1 else []

    def grid(self, sheet: str | None) -> Grid:
        """Read one table.

        Raises:
            SourceError: there is no table of this name, or it is larger than any that is read.
        """
        names = self.sheet_names
        if names and sheet not in names:
            hint = nearest(sheet, names) if sheet else ""
            raise SourceError(f"{self._path}: an HTML page; say which of its tables: sheet: {', '.join(names)}{hint}")
        if not names and sheet is not None:
            raise SourceError(f"{self._path}: an HTML page with one table has no sheets; leave out 'sheet: {sheet}'")
        table = self._tables[names.index(sheet) if sheet and names else 0]
        cells, spans = _laid_out(table, self._path, self._limits)
        seen = ((say("the file is no workbook but an HTML page"), ""),)
        return Grid(sheet or "", cells, merges=spans, seen=seen)


def _laid_out(table: _Table, path: Path, limits: Limits) -> tuple[list[list[str]], list[Span]]:
    """Put the cells of a table where their spans leave room for them."""
    placed: dict[tuple[int, int], str] = {}
    taken: set[tuple[int, int]] = set()
    spans: list[Span] = []
    for r, row in enumerate(table.rows):
        c = 0
        for runs, wide, high in row:
            while (r, c) in taken:
                c += 1
            last = (min(r + high, len(table.rows)) - 1, c + wide - 1)
            limits.refuse(path, "columns", last[1] + 1, "columns in a table")
            more = (last[0] + 1 - r) * (last[1] + 1 - c)
            limits.refuse(path, "sheet_cells", len(taken) + more, "cells in a table")
            taken |= {(i, j) for i in range(r, last[0] + 1) for j in range(c, last[1] + 1)}
            placed[r, c] = _text(runs)
            spans += [((r, c), last)] if last != (r, c) else []
    width = max((c + 1 for _, c in taken), default=0)
    return [[placed.get((r, c), "") for c in range(width)] for r in range(len(table.rows))], spans


def _text(runs: list[tuple[str, str]]) -> str:
    parts = [("".join(text for text, _ in some), place) for place, some in groupby(runs, key=lambda run: run[1])]
    text = marked_text(parts) if parts else ""
    return " ".join(("".join(part for part, _ in parts) if text is None else text).split())


class _Reader(HTMLParser):
    """Gathers the cells of all tables; a table around others is a page's layout."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[_Table] = []
        self._open: list[_Table] = []
        self._places: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            for outer in self._open:
                outer.nested = True
            self._open.append(_Table())
            self.tables.append(self._open[-1])
        elif tag in ("script", "style"):
            self._silent += 1
        elif tag in _PLACES:
            self._places.append(_PLACES[tag])
        elif self._open and tag == "tr":
            self._open[-1].rows.append([])
            self._open[-1].in_cell = False
        elif self._open and tag in ("td", "th"):
            table, said = self._open[-1], dict(attrs)
            if not table.rows:
                table.rows.append([])
            table.rows[-1].append(([], _count(said.get("colspan")), _count(said.get("rowspan"))))
            table.in_cell, self._places = True, []
        elif tag in ("br", "p", "div"):
            self.handle_data(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag == "table" and self._open:
            self._open.pop()
        elif tag in ("script", "style"):
            self._silent = max(0, self._silent - 1)
        elif tag in _PLACES and self._places:
            self._places.pop()
        elif self._open and tag in ("td", "th", "tr"):
            self._open[-1].in_cell = False

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1].in_cell and not self._silent:
            self._open[-1].rows[-1][-1][0].append((data, self._places[-1] if self._places else ""))


def _count(said: str | None) -> int:
    number = int(said) if said and said.strip().isdecimal() else 1
    return min(max(number, 1), 100_000)
