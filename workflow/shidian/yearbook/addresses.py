"""Columns that are named by where they stand, since no header says what they hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shidian.yearbook.grid import column_index, column_letter


@dataclass(frozen=True)
class Address:
    """A column by its place: ``index`` counts from 0 at column A; ``header`` must stand above it, "" for none."""

    index: int
    header: str = ""

    def __str__(self) -> str:
        """Write it as messages and labels of cells do."""
        return f"column {column_letter(self.index)}"


HeaderRef = str | Address
"""What names a column of a table: its header, or its place."""


def header_ref(spec: str | Mapping[str, Any]) -> HeaderRef:
    """Return what a source file declares: a header, ``{column: C}`` or ``{position: 3}``."""
    return spec if isinstance(spec, str) else address_of(spec)


def address_of(spec: Mapping[str, Any]) -> Address:
    """Return the place that a source file declares as ``{column: C}`` or ``{position: 3}``."""
    index = column_index(spec["column"]) if "column" in spec else int(spec["position"]) - 1
    return Address(index, spec.get("header", ""))
