"""What changed in a source since it was checked last."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa

from shidian.checking.reading import Reading
from shidian.checking.tables import unit_labels
from shidian.slips.records import unit_keys
from shidian.yearbook.arrow import write_tables

KEYS = ["file", "unit", "period", "series"]
COLUMNS = (*KEYS, "label", "value", "sheet", "cell")
"""What is kept of a check: one row a value, with its printed number, or the mark that stands for it in brackets."""


@dataclass(frozen=True)
class Changes:
    """Values by how they changed; frames of ``COLUMNS``, in ``changed`` with ``before``."""

    changed: pd.DataFrame
    appeared: pd.DataFrame
    vanished: pd.DataFrame
    moved: int


def state_file(results: Path, source: str) -> Path:
    """Return where the values of a source's last check are kept."""
    return results / ".checks" / f"{source}.parquet"


def state_of(reading: Reading) -> pd.DataFrame:
    """Return the values of a source as they are kept (``COLUMNS``)."""
    records = reading.records
    if records.empty:
        return pd.DataFrame(columns=list(COLUMNS), dtype=str)
    known = records["value"].notna()
    numbers = records["value"].where(known, 0.0).map("{:.15g}".format)
    if "text" in records:
        numbers = records["text"].where(records["text"].notna(), numbers)
    periods = ["" if pd.isna(year) else reading.written(int(year)) for year in records["year"]]
    frame = pd.DataFrame({
        "file": records["file"], "unit": unit_keys(records), "period": periods, "series": records["indicator"],
        "label": unit_labels(records), "value": numbers.where(known, "(" + records["flag"] + ")"),
        "sheet": records["sheet"], "cell": records["cell"],
    })  # fmt: skip
    return frame.astype(str).drop_duplicates(KEYS, ignore_index=True)


def compare(before: pd.DataFrame, now: pd.DataFrame) -> Changes:
    """Compare two states of a source."""
    both = before.merge(now, on=KEYS, how="outer", suffixes=("_before", ""), indicator="there", sort=False)
    pairs = both[both["there"] == "both"]
    changed = pairs[pairs["value_before"] != pairs["value"]].rename(columns={"value_before": "before"})
    same = pairs[pairs["value_before"] == pairs["value"]]
    moved = (same["cell_before"] != same["cell"]) | (same["sheet_before"] != same["sheet"])
    gone = both[both["there"] == "left_only"]
    vanished = gone[KEYS].assign(**{name: gone[f"{name}_before"] for name in ("label", "value", "sheet", "cell")})
    appeared = both[both["there"] == "right_only"][list(COLUMNS)]
    return Changes(changed[[*COLUMNS, "before"]], appeared, vanished, int(moved.sum()))


def read_state(path: Path) -> pd.DataFrame | None:
    """Return a kept state, None where there is none that can be read: it is made again by each check."""
    try:
        kept = pd.read_parquet(path)
    except (OSError, pa.ArrowException):
        return None
    return kept if set(COLUMNS) <= set(kept.columns) else None


def keep_state(path: Path, state: pd.DataFrame) -> None:
    """Write a state, whole."""
    write_tables(path, [pa.Table.from_pandas(state[list(COLUMNS)], preserve_index=False)])


def with_unread(before: pd.DataFrame, now: pd.DataFrame, unread: set[str]) -> pd.DataFrame:
    """Return the new state with what was known of files that could not be read now."""
    return pd.concat([now, before[before["file"].isin(unread)]], ignore_index=True)
