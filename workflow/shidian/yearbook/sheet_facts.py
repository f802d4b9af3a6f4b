"""What a sheet says of its cells beside their values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from shidian.yearbook.cell_formats import Scaled

Address = tuple[int, int]
"""0-based row and column."""


@dataclass(frozen=True)
class SheetFacts:
    """What a sheet of an .xlsb or .ods file says of its cells.

    Attributes:
        rows: one past the last row that is not blank.
        columns: one past the last column that is not blank.
        faults: cells that hold an error or a result that nobody calculated, and what is wrong.
        scaled: cells that show another size than they store.
        texts: cells with raised or lowered marks, and their text.
    """

    rows: int = 0
    columns: int = 0
    faults: Mapping[Address, str] = field(default_factory=dict)
    scaled: Mapping[Address, Scaled] = field(default_factory=dict)
    texts: Mapping[Address, str] = field(default_factory=dict)
