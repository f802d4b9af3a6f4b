"""Tables of one exhibit stacked as panels, as journals print what would be too wide side by side."""

from __future__ import annotations

from collections.abc import Mapping

from shidian.exhibits.result import Cell, Row, Table


def stack_tables(panels: Mapping[str, Table]) -> Table:
    """Return the tables one under the other, each under its name and the last line of its own header.

    The columns of the whole are numbered (1), (2), ...; a narrower table leaves its last columns blank.
    """
    width = max(len(table.rows[0].cells) for table in panels.values())
    rows: list[Row] = []
    for name, table in panels.items():
        heads = [Cell(text) for text, span in table.header[-1][1:] for text in [text, *[""] * (span - 1)]]
        rows += [Row(name, _filled((), width), rule_above=bool(rows)), Row("", _filled(heads, width))]
        rows += [
            Row(row.label, _filled(row.cells, width), rule_above=row.rule_above or first)
            for first, row in zip((True, *[False] * len(table.rows)), table.rows, strict=False)
        ]
    header = (("", 1), *((f"({j})", 1) for j in range(1, width + 1)))
    return Table((header,), tuple(rows))


def _filled(cells: tuple[Cell, ...] | list[Cell], width: int) -> tuple[Cell, ...]:
    return (*cells, *[Cell("")] * (width - len(cells)))
