"""What looks like a slip in a volume, one a volume and kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from shidian.messages import say

Grade = Literal["stop", "warn", "note"]
GRADES: tuple[Grade, ...] = ("stop", "warn", "note")

KINDS = {
    "volume moved": say("volume moved"), "province moved": say("province moved"),
    "columns swapped": say("columns swapped"), "column mistaken": say("column mistaken"),
    "column repeated": say("column repeated"), "volume repeated": say("volume repeated"),
    "rows shifted": say("rows shifted"), "volumes exchanged": say("volumes exchanged"),
    "order broken": say("order broken"), "coverage lost": say("coverage lost"), "signs changed": say("signs changed"),
    "volume unlike": say("volume unlike"),
}  # fmt: skip
"""Kind of slip -> its name, a message."""


@dataclass(frozen=True)
class Finding:
    """One slip.

    Attributes:
        kind: what it is, one of KINDS.
        grade: whether it stops a run, warns, or is said only.
        series: the columns that it is seen in.
        period: the period of the volume.
        said: the sentence about it, a message.
        units: codes of the units it concerns; empty for all of the volume.
        weight: how sure it is, for the order among findings of one kind.
    """

    kind: str
    grade: Grade
    series: tuple[str, ...]
    period: int
    said: str
    units: tuple[str, ...] = ()
    weight: float = 0.0
