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
    "volume unlike": say("volume unlike"), "units moved": say("units moved"),
    "province unlike": say("province unlike"), "numbers filled down": say("numbers filled down"),
    "row repeated": say("row repeated"), "rows exchanged": say("rows exchanged"), "added up": say("added up"),
}  # fmt: skip
"""Kind of slip -> its name, a message."""


@dataclass(frozen=True)
class Mend:
    """What would repair a slip, as ``config/corrections.yaml`` says it of a volume.

    Attributes:
        series: the columns.
        period: the period of the volume.
        factor: to multiply the printed numbers by; None where it is another slip.
        rows: first and last row whose numbers belong ``belong`` rows below; without either, two columns are exchanged.
        belong: see ``rows``.
        units: the only units concerned, all for none.
    """

    series: tuple[str, ...]
    period: int
    factor: float | None = None
    rows: tuple[int, int] | None = None
    belong: int = 0
    units: tuple[str, ...] = ()


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
        mends: what would repair it; none where no repair is of this kind, or nothing tells which volume is wrong.
    """

    kind: str
    grade: Grade
    series: tuple[str, ...]
    period: int
    said: str
    units: tuple[str, ...] = ()
    weight: float = 0.0
    mends: tuple[Mend, ...] = ()
