"""Reports read back: is every number of the tables in the HTML page, the PDF and the Word document the result's?"""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser

from shidian.audit.verify.printed_tables import docx_tables
from shidian.exhibits.result import ExhibitResult
from shidian.report.tables.structure import is_heading
from shidian.report.typography import as_typed

Results = Mapping[str, ExhibitResult]
"""Exhibit -> its result in the words of the report, in printed order."""
_NUMBER = re.compile(r"\d[\d.,]*\d|\d")


def wrong_in_html(content: bytes, results: Results) -> Iterator[str]:
    """Yield the printed numbers of a page, and the estimates embedded in it, that are not the result's."""
    page = _Page()
    page.feed(content.decode("utf-8"))
    for exhibit, result in results.items():
        rows = result.table.rows if result.table is not None else ()
        own = [(cell.ref, cell.text) for row in rows for cell in row.cells if cell.ref is not None]
        found = page.cells.get(exhibit, [])
        if len(found) != len(own):
            yield f"exhibit '{exhibit}': {len(found)} numbers, the result has {len(own)}"
        for (place, text), (ref, expected) in zip(found, own, strict=False):
            if (place, as_typed(text)) != (ref, as_typed(expected)):
                yield f"exhibit '{exhibit}', {', '.join(ref or ())}: '{text}', the result has '{expected}'"
    yield from _embedded(page.data, results)


class _Page(HTMLParser):
    """The cells of the printed tables of a page, by exhibit, and the data that a click looks up."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.cells: dict[str, list[tuple[tuple[str, str, str], str]]] = {}
        self.data = ""
        self._table = self._script = False
        self._open: tuple[str, tuple[str, str, str]] | None = None
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = {name: value or "" for name, value in attrs}
        if tag == "table":
            self._table = "printed" in facts.get("class", "").split()
        elif tag == "script":
            self._script = facts.get("type") == "application/json"
        elif tag == "td" and self._table and "data-exhibit" in facts:
            ref = (facts.get("data-column", ""), facts.get("data-term", ""), facts.get("data-field", ""))
            self._open, self._text = (facts["data-exhibit"], ref), ""

    def handle_data(self, data: str) -> None:
        self._text += data
        if self._script:
            self.data += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "td" and self._open is not None:
            exhibit, ref = self._open
            self.cells.setdefault(exhibit, []).append((ref, self._text))
            self._open = None
        self._script = self._script and tag != "script"


def _embedded(data: str, results: Results) -> Iterator[str]:
    """Yield the embedded estimates that are not the result's."""
    held = json.loads(data)["exhibits"] if data.strip() else {}
    for exhibit, result in results.items():
        own = json.loads(result.to_json())["estimates"]["values"]
        for n, row in enumerate(held.get(exhibit, {}).get("estimates", [])):
            for name, value in row.items():
                if isinstance(value, int | float) and (n >= len(own[name]) or own[name][n] != value):
                    expected = own[name][n] if n < len(own[name]) else "nothing"
                    yield f"estimates of '{exhibit}', row {n + 1}, {name}: {value}, the result has {expected}"


def wrong_in_word(content: bytes, results: Results) -> Iterator[str]:
    """Yield the printed numbers of a Word report that are not the result's."""
    import docx

    tables = docx_tables(docx.Document(io.BytesIO(content)))
    with_table = {exhibit: result.table for exhibit, result in results.items() if result.table is not None}
    if len(tables) < len(with_table):
        yield f"{len(tables)} tables, the results have {len(with_table)}"
    for body, (exhibit, table) in zip(tables, with_table.items(), strict=False):
        rows = body[len(table.header) :]
        if len(rows) != len(table.rows):
            yield f"exhibit '{exhibit}': {len(rows)} rows, the result has {len(table.rows)}"
        for printed, row in zip(rows, table.rows, strict=False):
            own = [row.label, *(cell.text for cell in row.cells)]
            pairs = [tuple(map(as_typed, pair)) for pair in zip(printed, own, strict=False)]
            if (any(a != b for a, b in pairs) or len(printed) != len(own)) and not is_heading(row):
                at = next((n for n, (a, b) in enumerate(pairs) if a != b), 0)
                yield f"exhibit '{exhibit}', '{row.label}': '{printed[at]}', the result has '{own[at]}'"


def wrong_in_pdf(content: bytes, results: Results) -> Iterator[str]:
    """Yield the numbers of the tables that stand in a PDF report less often than they were printed.

    The text of a PDF has lines, no cells: its numbers are counted.
    """
    import pdfplumber

    with pdfplumber.open(io.BytesIO(content)) as document:
        there = Counter(n for page in document.pages for n in _NUMBER.findall(page.extract_text()))
    own: Counter[str] = Counter()
    for result in results.values():
        for row in result.table.rows if result.table is not None else ():
            own.update(n for cell in row.cells if cell.ref for n in _NUMBER.findall(cell.text))
    for number, times in sorted(own.items()):
        if there[number] < times:
            yield f"{number} stands there {there[number]} times, the results print it {times} times"
