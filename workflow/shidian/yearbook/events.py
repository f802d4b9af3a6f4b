"""What befell a table while it was read, as the ledger has it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Event:
    """One line of the ledger: what was left out, read as missing, or changed, and how often; texts are messages."""

    event: str
    count: int
    detail: str = ""
    series: str = ""
