"""The study's sample ledger: what every step dropped, filled, corrected or left unmatched, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from shidian.exhibits.result import LEDGER_COLUMNS, ledger_frame


def assemble_ledger(
    extracted: Sequence[pd.DataFrame], panel: pd.DataFrame, results: Sequence[tuple[str, pd.DataFrame]]
) -> pd.DataFrame:
    """Gather the ledger in the order of the work: extraction, panel, exhibits.

    Args:
        extracted: ledgers of ``shidian.yearbook.extract.extract_file``.
        panel: ledgers of the panel, its indicators and its efficiency scores, one after the other.
        results: (exhibit, ledger of its result) in the order of the report.
    """
    lines: list[Mapping[Any, Any]] = [_extraction_line(row) for frame in extracted for row in frame.to_dict("records")]
    lines += panel.to_dict("records")
    for exhibit, frame in results:
        lines += frame.assign(step=f"{exhibit}: " + frame["step"].astype(str)).to_dict("records")
    return ledger_frame([{key: line[key] for key in LEDGER_COLUMNS} for line in lines])


def _extraction_line(row: Mapping[Any, Any]) -> dict[str, Any]:
    place = [str(row[key]) for key in ("sheet", "table") if row[key]]
    detail = str(row["detail"])
    return {
        "step": f"extract {row['source_id']}",
        "subject": str(row["indicator"]) or " ".join(dict.fromkeys(place)) or str(row["file"]),
        "units": 0,
        "rows": int(str(row["count"])),
        "reason": f"{row['event']}: {detail}" if detail else str(row["event"]),
    }
