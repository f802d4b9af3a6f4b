"""Which level of China's units the names or codes of a table are of: guesses of a draft."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

from shidian.regions.spelling import latin_keys, simplified
from shidian.regions.table import load_level
from shidian.yearbook.numbers import match_key, parse_code, unit_name

LEVELS = ("city", "province", "county")
LEAST_SHARE = 0.5
"""Share of known units from which on a column is taken to name them."""
MUNICIPALITIES = ("11", "12", "31", "50")
COUNTRY = ("全国", "中国", "全国总计", "全国合计", "china", "national", "nationaltotal")
TOTALS = (
    *COUNTRY, "合计", "总计", "总数", "小计", "全省", "全市", "全区", "全省合计", "全省总计", "全市合计", "平均",
    "均值", "全国平均",
    "total", "sum", "average", "mean", "东部", "中部", "西部", "东北", "东部地区", "中部地区", "西部地区", "东北地区",
    "沿海", "内陆",
    "华北", "华东", "华中", "华南", "西南", "西北", "不分地区", "其他",
)  # fmt: skip
"""Names of rows that sum others up."""


@dataclass(frozen=True)
class Known:
    """The level that most of some units are of, "" where nothing tells, their share, and the count in words."""

    level: str = ""
    share: float = 0.0
    told: str = ""

    @property
    def is_told(self) -> bool:
        """Whether enough units are known."""
        return bool(self.level) and self.share >= LEAST_SHARE


NOBODY = Known()
"""No unit is known."""


def known_names(names: Collection[str], levels: Sequence[str] = LEVELS) -> Known:
    """Return the level at which most of some printed names are known; names of totals do not count."""
    units = sorted({unit_name(name) for name in names if name and not is_total(name)})
    return _best({level: sum(is_known(unit, level) for unit in units) for level in levels}, len(units), "names")


def known_codes(codes: Collection[str]) -> Known:
    """Return the level at which most of some six-digit codes are known."""
    units = [parse_code(code, "gb2260") for code in sorted(set(codes))]
    found = {name: sum(unit in load_level(name).by_code for unit in units) for name in LEVELS}
    return _best(found, len(units), "codes")


def _best(found: dict[str, int], of: int, kind: str) -> Known:
    level = max(found, key=lambda name: found[name])
    if not found[level]:
        return Known()
    return Known(level, found[level] / of, f"{found[level]} of {of} {kind} are known at this level")


@lru_cache(maxsize=16384)
def is_known(name: str, level: str) -> bool:
    """Whether a printed name is that of a unit of a level: in full, without the word for its kind, or as in use."""
    units, plain = load_level(level), unit_name(name)
    if len(plain) < 2:
        return False
    if any(plain in names for names in (units.by_name, units.by_short_name, units.by_usage)):
        return True
    written = (simplified(plain), *latin_keys(plain))
    return any(key in names for key in written for names in (units.by_name, units.by_short_name, units.by_usage))


def is_region(name: str) -> bool:
    """Whether a name is that of a unit of any level, or of a total of such."""
    return is_total(name) or any(is_known(name, level) for level in LEVELS)


def is_total(name: str) -> bool:
    """Whether a name is that of a sum over units: 全国, 合计, Total."""
    return match_key(name).lower() in TOTALS


def is_municipality(name: str) -> bool:
    """Whether a name is that of 北京, 天津, 上海 or 重庆."""
    level = load_level("province")
    spells = level.by_name.get(unit_name(name)) or level.by_short_name.get(unit_name(name)) or ()
    return any(spell.code.startswith(MUNICIPALITIES) for spell in spells)
