"""What every table renderer must know of a printed table: headings, alignment, group rules, estimates."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

import pandas as pd

from shidian.errors import ReportError
from shidian.exhibits.result import Cell, ExhibitResult, Row, Table

_NUMBER = re.compile(r"^[(\[]?[-−+]?(\d[\d,]*\.?\d*|\.\d+)([eE][-+]?\d+)?%?[)\]]?\**$")
WIDE = 9
"""A table of more columns than this is set smaller, or on a landscape page."""
_LONG_TEXT = 14
"""A column most of whose texts are longer than this is set flush left like prose; short words ("Yes") are centred."""

_LAST_NARROW = 0x2E7F
"""Last code point before the Chinese blocks, whose characters are twice as wide."""


def with_corner(table: Table, mark: str) -> Table:
    """Return a table that says a word in its first cell, before a text that stands there."""
    (corner, span), *others = table.header[0]
    text = ": ".join(part for part in (mark, corner) if part.strip())
    return Table((((text, span), *others), *table.header[1:]), table.rows)


def is_number(text: str) -> bool:
    """Say whether a cell prints a number: digits with a sign, parentheses, percent sign or stars."""
    return bool(_NUMBER.match(text.strip()))


def is_heading(row: Row) -> bool:
    """Say whether a row is a heading inside the table ("Panel A"): a label and nothing else."""
    return bool(row.label.strip()) and not any(cell.text.strip() for cell in row.cells)


def alignments(table: Table) -> tuple[str, ...]:
    """Return "left" or "center" for the stub and each column: prose left, numbers and short words centred."""
    width = len(table.rows[0].cells) if table.rows else sum(span for _, span in table.header[0]) - 1
    found = ["left"]
    for j in range(width):
        texts = [row.cells[j].text.strip() for row in table.rows]
        filled = [text for text in texts if text]
        long = [text for text in filled if text_width(text) > _LONG_TEXT and not _numeric_words(text)]
        found.append("left" if 2 * len(long) > len(filled) else "center")
    return tuple(found)


def text_width(text: str) -> int:
    """Return the width of a text in Latin characters; a Chinese character is as wide as two."""
    return sum(1 + (ord(character) > _LAST_NARROW) for character in text)


def column_widths(table: Table, widest: int) -> tuple[int, ...]:
    """Return the width of the longest text of the stub and of each column, in Latin characters.

    Texts that span columns (group headers, headings inside the table) claim no width of their own.

    Args:
        table: the printed table.
        widest: no column is wider; its texts wrap.
    """
    lines: list[list[tuple[int, str]]] = []
    for header in table.header:
        at = 0
        for text, span in header:
            lines += [[(at, text)]] if span == 1 else []
            at += span
    body = [row for row in table.rows if not is_heading(row)]
    lines += [list(enumerate((row.label, *(cell.text for cell in row.cells)))) for row in body]
    widths = [0] * len(alignments(table))
    for line in lines:
        for j, text in line:
            widths[j] = max(widths[j], min(widest, text_width(text)))
    return tuple(widths)


def group_rules(line: tuple[tuple[str, int], ...]) -> tuple[tuple[int, int], ...]:
    """Return first and last column (from 1) below which a header line draws a rule: its named groups."""
    rules, at = [], 1
    for text, span in line:
        if span > 1 and text.strip():
            rules.append((at, at + span - 1))
        at += span
    return tuple(rules)


def require_estimates(result: ExhibitResult, cells: Iterable[Cell], exhibit: str) -> None:
    """Check that every cell that prints an estimate names one, and a field of it.

    Raises:
        ReportError: a cell names an estimate or a field that the exhibit lacks: its trail is broken.
    """
    estimates = result.estimates
    known = Counter(zip(estimates["column"], estimates["term"], strict=True))
    for cell in cells:
        if cell.ref is None:
            continue
        column, term, name = cell.ref
        found = known[column, term]
        if found != 1 or name not in estimates.columns:
            raise ReportError(
                f"exhibit '{exhibit}': the printed cell '{cell.text}' refers to column '{column}', "
                f"term '{term}', field '{name}', and {found} estimates match. "
                "Each traced cell must name exactly one."
            )


def plain(value: Any) -> Any:
    """Return a value of the long schema for JSON: missing as None, infinity as the text "inf"."""
    if value is None or pd.isna(value):
        return None
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return "inf" if value > 0 else "-inf"
    return value


def _numeric_words(text: str) -> bool:
    """Say whether a longer text is made of numbers only, like the interval "[-0.012, 0.034]"."""
    return all(is_number(word.rstrip(",;")) or word in {"–", "-", "to", "~"} for word in text.split())
