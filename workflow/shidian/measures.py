"""Units of measure: parsed, multiplied, compared and converted, so that 万元 is never added to 亿元 unseen."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from shidian.errors import StudyError, nearest

_BASE: dict[str, tuple[float, str]] = {
    "1": (1.0, ""), "ratio": (1.0, ""), "index": (1.0, ""), "log": (1.0, ""), "%": (0.01, ""), "‰": (0.001, ""),
    "yuan": (1.0, "yuan"), "元": (1.0, "yuan"), "千元": (1e3, "yuan"), "万元": (1e4, "yuan"),
    "百万元": (1e6, "yuan"), "亿元": (1e8, "yuan"),
    "usd": (1.0, "usd"), "美元": (1.0, "usd"), "万美元": (1e4, "usd"), "百万美元": (1e6, "usd"), "亿美元": (1e8, "usd"),
    "person": (1.0, "person"), "persons": (1.0, "person"), "people": (1.0, "person"),
    "degree": (1.0, "degree"),
    "人": (1.0, "person"), "千人": (1e3, "person"), "万人": (1e4, "person"),
    "household": (1.0, "household"), "户": (1.0, "household"), "万户": (1e4, "household"),
    "g": (1e-6, "t"), "kg": (1e-3, "t"), "千克": (1e-3, "t"), "公斤": (1e-3, "t"),
    "t": (1.0, "t"), "吨": (1.0, "t"), "千吨": (1e3, "t"), "万吨": (1e4, "t"), "百万吨": (1e6, "t"),
    "亿吨": (1e8, "t"), "Mt": (1e6, "t"), "吨标准煤": (1.0, "tce"), "万吨标准煤": (1e4, "tce"),
    "m2": (1.0, "m2"), "平方米": (1.0, "m2"), "公顷": (1e4, "m2"), "ha": (1e4, "m2"), "千公顷": (1e7, "m2"),
    "km2": (1e6, "m2"), "平方公里": (1e6, "m2"), "平方千米": (1e6, "m2"),
    "m3": (1.0, "m3"), "立方米": (1.0, "m3"), "万立方米": (1e4, "m3"), "亿立方米": (1e8, "m3"),
    "km": (1.0, "km"), "公里": (1.0, "km"),
    "kWh": (1.0, "kWh"), "千瓦时": (1.0, "kWh"), "万千瓦时": (1e4, "kWh"), "亿千瓦时": (1e8, "kWh"),
    "kW": (1.0, "kW"), "千瓦": (1.0, "kW"), "万千瓦": (1e4, "kW"),
    "piece": (1.0, "piece"), "件": (1.0, "piece"), "个": (1.0, "piece"), "项": (1.0, "piece"), "家": (1.0, "piece"),
    "台": (1.0, "piece"), "部": (1.0, "piece"), "万部": (1e4, "piece"), "册": (1.0, "piece"),
    "year": (1.0, "year"), "年": (1.0, "year"), "text": (1.0, "text"), "category": (1.0, "category"),
}  # fmt: skip
"""Name -> (factor, base unit). An empty base is a pure number."""


LONGEST, MOST_POWER = 200, 99
"""Most characters of a unit of measure, and its largest power."""
_PARTS = {0.01: "%", 0.001: "‰"}
"""Size of a pure number -> how it is written."""


@dataclass(frozen=True)
class Measure:
    """A unit of measure: ``factor`` base units, with ``dims`` = sorted ((base unit, exponent), ...)."""

    factor: float
    dims: tuple[tuple[str, int], ...]

    def __mul__(self, other: Measure) -> Measure:
        return Measure(self.factor * other.factor, _combine(self.dims, other.dims, 1))

    def __truediv__(self, other: Measure) -> Measure:
        return Measure(self.factor / other.factor, _combine(self.dims, other.dims, -1))

    def power(self, exponent: int) -> Measure:
        """Return the unit of measure raised to a whole power."""
        return Measure(self.factor**exponent, tuple((base, n * exponent) for base, n in self.dims) if exponent else ())

    @property
    def is_pure_number(self) -> bool:
        """True for shares, logs and counts without a dimension."""
        return not self.dims

    def __str__(self) -> str:
        if not self.dims:
            return _PARTS.get(self.factor, f"{self.factor:g}")
        above = "·".join(base if n == 1 else f"{base}^{n}" for base, n in self.dims if n > 0) or "1"
        below = "".join(f"/{base}" if n == -1 else f"/{base}^{-n}" for base, n in self.dims if n < 0)
        return f"{above}{below}" if self.factor == 1 else f"{self.factor:g} {above}{below}"


_CHINESE = {
    "yuan": "元", "usd": "美元", "person": "人", "household": "户", "degree": "度", "t": "吨", "tce": "吨标准煤",
    "m2": "平方米", "m3": "立方米", "km": "公里", "kWh": "千瓦时", "kW": "千瓦", "piece": "件", "year": "年",
}  # fmt: skip
"""Base unit -> how it is called in Chinese."""
_SIZES = {1.0: "", 1e3: "千", 1e4: "万", 1e8: "亿"}


def in_chinese(text: str) -> str:
    """Return a unit of measure in Chinese where it is written in our own words; another stays as it is.

    >>> in_chinese("100 yuan/m2"), in_chinese("10000 yuan"), in_chinese("万元/人")
    ('100 元/平方米', '万元', '万元/人')
    """
    try:
        measure = parse_measure(text)
    except StudyError:
        return text
    if str(measure) != text or not all(base in _CHINESE for base, _ in measure.dims) or not measure.dims:
        return text
    above, below = (
        "·".join(_CHINESE[base] + (f"^{abs(n)}" if abs(n) > 1 else "") for base, n in measure.dims if (n > 0) is over)
        for over in (True, False)
    )
    size = _SIZES.get(measure.factor, f"{measure.factor:g} ") if above else f"{measure.factor:g}"
    return f"{size}{above}/{below}" if below else f"{size}{above}"


PURE = Measure(1.0, ())
CATEGORY = Measure(1.0, (("category", 1),))
"""What texts that stand for categories are measured in: they are compared, never reckoned with."""


def parse_measure(text: str, extra: Mapping[str, str] | None = None) -> Measure:
    """Parse a unit of measure such as ``万元``, ``t/km2``, ``yuan/person``, ``10000 yuan`` or ``per 100000 persons``.

    Args:
        text: names joined by ``*``, ``·`` and ``/``, each with an optional whole power (``m^3``); numbers scale;
            all that follows ``per`` divides; ``log ...`` is a pure number, whatever the logarithm is of.
        extra: further ones, name -> definition in known ones, or an empty text for one of its own kind.

    Raises:
        StudyError: an unknown unit of measure, with the nearest known name.
    """
    if text.split()[:1] == ["log"]:
        return PURE
    if len(text) > LONGEST:
        raise StudyError(f"a unit of measure of {len(text)} characters; at most {LONGEST} are read")
    measure = PURE
    try:
        for sign, token in _tokens(text):
            factor = _one(token, text, extra or {})
            measure = measure * factor if sign == "*" else measure / factor
    except ArithmeticError:
        measure = Measure(math.inf, ())
    if not 0 < measure.factor < math.inf:
        raise StudyError(f"unit of measure '{text}': its size is zero, or beyond what can be computed with")
    return measure


def _tokens(text: str) -> list[tuple[str, str]]:
    parts = re.split(r"\s*([*·×/])\s*|\s+", text.strip())
    signed: list[tuple[str, str]] = []
    sign = default = "*"
    for part in parts:
        if not part:
            continue
        if part in "*·×/":
            sign = "/" if part == "/" else "*"
        elif part == "per":
            sign = default = "/"
        else:
            signed.append((sign, part))
            sign = default
    return signed


def _one(token: str, text: str, extra: Mapping[str, str]) -> Measure:
    name, _, power = token.partition("^")
    exponent = int(power) if re.fullmatch(r"-?\d+", power) else 1
    if abs(exponent) > MOST_POWER:
        raise StudyError(f"unit of measure '{text}': the power {exponent} is larger than {MOST_POWER}")
    if re.fullmatch(r"\d+(\.\d+)?", name) and name not in _BASE:
        return Measure(float(name) ** exponent, ())
    if name in extra:
        definition = extra[name]
        base = parse_measure(definition) if definition else Measure(1.0, ((name, 1),))
        return base.power(exponent)
    if name not in _BASE:
        known = [*_BASE, *extra]
        raise StudyError(
            f"unknown unit of measure '{name}' in '{text}'{nearest(name, known)}; declare it under 'measures:'"
        )
    factor, dimension = _BASE[name]
    return Measure(factor, ((dimension, 1),) if dimension else ()).power(exponent)


def _combine(a: tuple[tuple[str, int], ...], b: tuple[tuple[str, int], ...], sign: int) -> tuple[tuple[str, int], ...]:
    exponents = dict(a)
    for base, n in b:
        exponents[base] = exponents.get(base, 0) + sign * n
    return tuple(sorted((base, n) for base, n in exponents.items() if n))


def known_measures() -> tuple[str, ...]:
    """Return the names of the built-in units of measure."""
    return tuple(_BASE)
