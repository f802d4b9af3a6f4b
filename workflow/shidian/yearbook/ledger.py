"""What extraction passed over, read as missing or corrected, one line each."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from shidian.yearbook.read import Block
from shidian.yearbook.record_tables import Origin

EVENT_COLUMNS = ("source_id", "file", "sheet", "table", "indicator", "event", "count", "detail")


def build_ledger(blocks: Sequence[Block], origins: Sequence[Origin]) -> pd.DataFrame:
    """Return what was skipped, left out, read as missing or corrected, with counts (``EVENT_COLUMNS``)."""
    lines = [
        (*_place(block, origin), event.series, event.event, event.count, event.detail)
        for block, origin in zip(blocks, origins, strict=True)
        for event in block.events
    ]
    columns = dict(zip(EVENT_COLUMNS, zip(*lines, strict=True) if lines else [()] * len(EVENT_COLUMNS), strict=True))
    return pd.DataFrame({
        name: pd.Series(values, dtype="int64" if name == "count" else "str") for name, values in columns.items()
    })  # fmt: skip


def _place(block: Block, origin: Origin) -> tuple[str, str, str, str]:
    return origin.source, origin.file, block.place.grid.sheet, block.place.table.name
