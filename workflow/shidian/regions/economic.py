"""The four economic regions of the National Bureau of Statistics (国家统计局, 2011: 东西中部和东北地区划分方法)."""

from __future__ import annotations

from collections.abc import Iterable

from shidian.errors import EstimationError
from shidian.messages import say

REGIONS = {
    say("East"): "11 12 13 31 32 33 35 37 44 46",
    say("Central"): "14 34 36 41 42 43",
    say("West"): "15 45 50 51 52 53 54 61 62 63 64 65",
    say("Northeast"): "21 22 23",
}
"""Region -> the first two digits of its provinces' codes (GB/T 2260)."""
_OF = {prefix: region for region, prefixes in REGIONS.items() for prefix in prefixes.split()}


def economic_region(codes: Iterable[object]) -> list[str]:
    """Return the region of each unit, by its six-digit code.

    Raises:
        EstimationError: a unit that is none of mainland China's.
    """
    found = []
    for code in map(str, codes):
        if len(code) != 6 or code[:2] not in _OF:
            raise EstimationError(
                say("'{code}' is no code of a unit of mainland China: it has no economic region", code=code)
            )
        found.append(_OF[code[:2]])
    return found
