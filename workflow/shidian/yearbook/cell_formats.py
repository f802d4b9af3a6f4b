"""What a cell's number format makes of the number that the cell stores: percent, thousands, millions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

_SILENT = re.compile(r'"[^"]*"?|\[[^\]]*\]|[\\!_*].', re.DOTALL)
"""What a format prints as it stands, or not at all: quoted and escaped characters, conditions and colours."""
_SCALING = re.compile(r"(?<=[0#?]),+(?![0#?,])")
_ESCAPED_POINT = re.compile(r'[\\!][.,]|"[^"]*[.,][^"]*"')
BUILT_IN = {9: "0%", 10: "0.00%"}
"""Formats that every workbook knows by number and that scale."""
SIZES = {"千": 3, "thousand": 3, "1000": 3, "百万": 6, "million": 6, "十亿": 9, "billion": 9}
"""Words with which a measure begins -> the power of ten by which a cell in it shows less than it stores."""


@dataclass(frozen=True)
class Scaled:
    """How much more a cell shows than it stores, as a power of ten (2 for ``0.0%``, -3 for ``#,##0,``), and by which
    format; ``power`` is None where the format moves the decimal point in another way.
    """

    format: str
    power: int | None

    def shown(self, stored: float) -> float:
        """Return the number that the cell shows, not rounded.

        >>> Scaled("0.0%", 2).shown(0.653), Scaled("#,##0,", -3).shown(1234567.0)
        (65.3, 1234.567)
        """
        return float(Decimal(repr(stored)).scaleb(self.power or 0))

    def of_measure(self, measure: str) -> bool | None:
        """Say whether a measure names what the cell shows (True) or stores (False); None where it does not tell."""
        if self.power == 2:
            return True if is_percent(measure) else False if measure.strip() == "1" else None
        size = next((size for word, size in SIZES.items() if measure.strip().lower().startswith(word)), 0)
        return True if self.power is not None and size == -self.power else None


def is_percent(measure: str) -> bool:
    """Say whether a measure is percent."""
    return measure.strip().lower() in ("%", "％", "percent", "per cent", "百分比", "百分数")


@lru_cache(maxsize=1024)
def scaling(number_format: str) -> Scaled | None:
    """Return how a number format scales, None where it does not.

    >>> scaling("#,##0.00"), scaling('0.0"%"'), scaling("0.0%").power, scaling("#,##0,,").power
    (None, None, 2, -6)
    """
    sections = _SILENT.sub("", number_format).split(";")
    powers = {2 * one.count("%") - 3 * _thousands(one) for one in sections if re.search("[0#?]", one)}
    if powers <= {0}:
        return None
    moved = len(powers) > 1 or (min(powers) < 0 and _ESCAPED_POINT.search(number_format))
    return Scaled(number_format, None if moved else powers.pop())


def _thousands(section: str) -> int:
    return sum(len(commas) for commas in _SCALING.findall(section))
