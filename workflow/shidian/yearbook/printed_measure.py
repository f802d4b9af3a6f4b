"""Units of measure as tables print them: in a header (万元), in a row of units, in a line 单位：万元 above."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from shidian.errors import StudyError
from shidian.measures import Measure, parse_measure

UNIT_LINE = re.compile(r"(?:计量)?(?:单位|units?(?: of measure(?:ment)?)?)\s*[:：]\s*([^。;；]+)", re.IGNORECASE)
IN_BRACKETS = re.compile(r"[(（\[【]([^()（）\[\]【】]*)[)）\]】]")
AT_END = re.compile(
    r"(?<![每占])((?:百万|千万|万|亿|千)(?:吨标准煤|美元|元|人|户|吨|千瓦时|千瓦|立方米|公顷|部|件|册|台|辆))$"
)
"""A large unit that closes a header without brackets (年末总人口万人); 每万人 is what something else is counted by."""
SIZES = {
    "thousand": 1e3, "thousands": 1e3, "million": 1e6, "millions": 1e6, "mn": 1e6, "billion": 1e9, "bn": 1e9,
    "trillion": 1e12, "hundred": 1e2,
}  # fmt: skip
WORDS = {
    "yuan": "元", "rmb": "元", "cny": "元", "renminbi": "元", "usd": "美元", "us$": "美元", "dollars": "美元",
    "dollar": "美元", "person": "人", "persons": "人", "people": "人", "inhabitants": "人", "household": "户",
    "households": "户", "ton": "吨", "tons": "吨", "tonne": "吨", "tonnes": "吨", "hectare": "公顷", "hectares": "公顷",
    "percent": "%", "%": "%", "piece": "件", "pieces": "件", "kwh": "千瓦时", "km": "公里", "kg": "千克",
}  # fmt: skip
SQUARE = {"sq km": "km2", "sq.km": "km2", "sq. km": "km2", "square kilometers": "km2", "square kilometres": "km2"}
COUNTERS = "个件家项台部册辆张所处座条次宗艘架只头人户"
CHINESE_SIZES = {"": 1.0, "百": 1e2, "千": 1e3, "万": 1e4, "十万": 1e5, "百万": 1e6, "千万": 1e7, "亿": 1e8}
AN_INDEX = re.compile(r"\d{4}\s*=\s*100|上年\s*=\s*1|=\s*100")


@dataclass(frozen=True)
class Printed:
    """A unit of measure that a table prints: its text, and what it stands for."""

    text: str
    measure: Measure


def unit_of_header(path: Sequence[str]) -> Printed | None:
    """Return the unit of measure that a header says, the lowest first: in brackets, as a row, or at its end."""
    for level, text in reversed(list(enumerate(path))):
        inside = [found for part in IN_BRACKETS.findall(text) if (found := read_unit(part))]
        if inside:
            return inside[-1]
        if level and (whole := read_unit(text)):
            return whole
        if (closing := AT_END.search(text.strip())) and (found := read_unit(closing[1])):
            return found
    return None


def units_of_lines(texts: Iterable[str]) -> tuple[Printed, ...]:
    """Return the units of measure that lines above the headers say for the whole table.

    A line of units lists them (单位：万元、人), a title or the name of an indicator has one in brackets (总人口(万人)).
    """
    found: list[Printed] = []
    for text in texts:
        listed = [
            part for line in UNIT_LINE.findall(text) for part in re.split(r"[、,，]|\s{2,}", line) if part.strip()
        ]
        units = [read_unit(part) for part in listed] or [
            one for p in IN_BRACKETS.findall(text) if (one := read_unit(p))
        ]
        if None in units:
            return ()  # a line that is not understood may say anything
        found += [one for one in units if one]
    return tuple(found)


@lru_cache(maxsize=4096)
def read_unit(text: str) -> Printed | None:
    """Read a unit of measure as printed in Chinese or English; None where a text is none that is known."""
    plain = re.sub(r"^(?:计量)?单位\s*[:：]\s*", "", text.strip())
    if not plain or len(plain) > 40 or AN_INDEX.search(plain):
        return None
    measure = _known(plain) or _counted(plain) or _english(plain.lower())
    if measure is None or "year" in dict(measure.dims) or (not measure.dims and measure.factor not in (0.01, 0.001)):
        return None  # a year, a plain number: nothing that a size could hide in
    return Printed(text.strip(), measure)


def _known(text: str) -> Measure | None:
    """Return a unit of measure written as in source files."""
    text = re.sub(r"(?:人民币|RMB)$", "", text.replace("/", "/").replace("㎡", "平方米").replace("％", "%")).strip()
    if not text or re.fullmatch(r"[a-su-z]", text, re.IGNORECASE) or text.split()[0] in ("log", "text", "category"):
        return None
    try:
        return parse_measure(text)
    except StudyError:
        return None


def _counted(text: str) -> Measure | None:
    """Return a number of countable things (万辆, 千册)."""
    found = re.fullmatch(rf"(百万|十万|千万|万|亿|千|百)?([{COUNTERS}])次?", text)
    return Measure(CHINESE_SIZES[found[1] or ""], (("piece", 1),)) if found else None


def _english(text: str) -> Measure | None:
    """Return a unit of measure in English words, such as ``100 million yuan`` or ``10 000 persons``."""
    for words, short in SQUARE.items():
        text = text.replace(words, short)
    text = re.sub(r"(?<=\d)[ ,](?=\d{3}\b)", "", text)
    numerator, *below = re.split(r"\s*/\s*|\s+per\s+", text)
    measure = _words(numerator)
    for part in below:
        divisor = _words(part)
        measure = measure / divisor if measure and divisor else None
    return measure


def _words(text: str) -> Measure | None:
    size, kind = 1.0, None
    for word in re.findall(r"us\$|[a-z%]+\d?|\d+(?:\.\d+)?|\S", text):
        if word in SIZES:
            size *= SIZES[word]
        elif re.fullmatch(r"\d+(?:\.\d+)?", word):
            size *= float(word)
        elif word in ("of", "us") or (kind is not None and word in ("rmb", "cny", "yuan")):
            continue
        elif kind is None and (known := _known(WORDS.get(word, word)) if word.isascii() and len(word) > 1 else None):
            kind = known
        else:
            return None
    return Measure(size * kind.factor, kind.dims) if kind and size > 0 else None


def agree(printed: Measure, declared: Measure) -> bool:
    """Say whether values printed in one unit of measure may be declared in another: in one size and of one kind.

    The declared one may say more (元 of a value per head is 元/人); things counted may be of any kind (个 of persons).
    """
    same_size = abs(printed.factor / declared.factor - 1) < 1e-9
    return same_size and of_one_kind(printed, declared)


def of_one_kind(printed: Measure, declared: Measure) -> bool:
    """Say whether two units of measure count or weigh the same, whatever their sizes."""
    countable = {"piece", "person", "household"}
    one, other = dict(printed.dims), dict(declared.dims)
    if one == other:
        return True
    if {base for base, power in one.items() if power == 1} <= countable and one:
        return any(base in countable for base in other) or not other
    return bool(one) and all(other.get(base) == power for base, power in one.items())
