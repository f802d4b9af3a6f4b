"""All slips of some series, each cell told once."""

from __future__ import annotations

from collections.abc import Sequence

from shidian.misprints.digits import digit_slips
from shidian.misprints.factors import factor_slips
from shidian.misprints.repeats import repeated_slips
from shidian.misprints.signs import sign_slips
from shidian.misprints.table import Slip, Table


def find_slips(tables: Sequence[Table]) -> list[Slip]:
    """Return what looks like a slip, by series, unit and period; a cell with several causes has the first of them.

    Args:
        tables: the series of a source, of the same units and periods.
    """
    found: list[Slip] = []
    told: set[tuple[str, int, int]] = set()
    of_each = [slip for table in tables for detect in (factor_slips, sign_slips, digit_slips) for slip in detect(table)]
    for slip in [*of_each, *repeated_slips(tables)]:
        cells = {(slip.series, *cell) for cell in slip.cells}
        if not cells <= told:
            told |= cells
            found.append(slip)
    order = {table.series: i for i, table in enumerate(tables)}
    return sorted(found, key=lambda slip: (order[slip.series], slip.cells[0]))
