"""Markdown: a table of pipes, as GitHub, Quarto and Pandoc read it."""

from __future__ import annotations

import re

from shidian.exhibits.result import Table
from shidian.report.tables.structure import alignments, is_heading
from shidian.report.typography import with_minus

_SIGNS = frozenset(r"\*_`[]<>#$^~&@|")
_DASHES = re.compile(r"--+")
RULES = {"left": ":--", "center": ":-:"}


def as_markdown(text: str) -> str:
    r"""Return text that Markdown prints as it stands, on one line, with minus signs and en dashes where they belong.

    >>> as_markdown("-0.012*** | a_b")
    '−0.012\\*\\*\\* \\| a\\_b'
    """
    signs = "".join(f"\\{c}" if c in _SIGNS else c for c in re.sub(r"\s*[\r\n]\s*", " ", with_minus(text)).strip())
    return _DASHES.sub(lambda found: "\\-" * len(found[0]), signs)


def table_markdown(table: Table) -> str:
    """Return the table; of several header lines the first is the head, a span stands in its first column."""
    head = [[text for t, span in line for text in (t, *[""] * (span - 1))] for line in table.header]
    lines = [_line(list(map(as_markdown, texts))) for texts in head]
    for row in table.rows:
        label = as_markdown(row.label)
        label = f"*{label}*" if is_heading(row) and label else label
        lines.append(_line([label, *(as_markdown(cell.text) for cell in row.cells)]))
    rule = "|" + "|".join(RULES[side] for side in alignments(table)) + "|"
    return "\n".join([lines[0], rule, *lines[1:]])


def _line(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"
