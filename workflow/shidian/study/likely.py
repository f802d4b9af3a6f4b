"""Which series of a real source is likely to be one that a study reads: by name, header and unit of measure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from shidian.errors import StudyError
from shidian.measures import parse_measure
from shidian.study.sized import conversion_factor
from shidian.study.variables import SeriesInfo

LEAST = 0.4
"""Least likeness that is worth showing."""
ALONE = 0.6
"""Least share of common words where nothing but the names can be compared."""
TIED = 0.02
"""Difference of likeness that decides nothing."""
STEM = 5
"""Letters in which two words of names agree that are one: employed, employees."""
_ONE_SIDED = ("人均", "每", "密度", "比重", "增长", "新增", "绿色", "发明", "实用新型", "外观设计")
"""Words of a header that make another quantity of one that is called alike: 地区生产总值, 人均地区生产总值."""
_OPPOSED = (
    ("农村", "城镇"), ("第一产业", "第二产业", "第三产业"), ("收入", "支出"), ("进口", "出口"), ("存款", "贷款"),
    ("出生", "死亡"), ("男", "女"), ("小学", "中学", "高等学校"), ("全市", "市辖区"), ("常住", "户籍"),
)  # fmt: skip
"""Words of headers of which one stands for what the others are not."""
_NEUTRAL = re.compile("年末|单位(?=从业)|全部|合计|总计|总数|数$")
"""What a header says beside the quantity: of all its parts, at the year's end."""
_PARTS = ("城镇", "农村", "乡村", "市辖区", "私营", "其中")
"""Words of a header that make a part of what is called alike without them: 城镇常住人口, 常住人口."""
_BRANCH = re.compile("(?<![从就])业(?!人员)")
"""A branch of the economy in a header: 建筑业从业人员 is a part of 从业人员合计."""
_UNITS = frozenset(
    ("wan", "yi", "yuan", "usd", "m3", "kwh", "kw", "tce", "t", "ha", "km2", "persons", "pct", "permille", "thousand")
)
"""Words of names that say a unit of measure."""
_BRACKETS = re.compile(r"[(（\[][^)）\]]*[)）\]]")
_CHINESE = re.compile(r"[一-鿿]+")


def likely(name: str, wanted: SeriesInfo, given: Mapping[str, SeriesInfo], extra: Mapping[str, str]) -> list[str]:
    """Return the series that are most like the one wanted and of its kind, the likeliest first; none where none is.

    Args:
        name: the series as the study names it; wanted: what it is there.
        given: series -> what a real source declares of it.
        extra: units of measure that the study declares.
    """
    alike = ((likeness(name, wanted, other, info), other) for other, info in given.items())
    found = sorted(((score, other) for score, other in alike if score >= LEAST), key=lambda pair: (-pair[0], pair[1]))
    found = [(s, other) for s, other in found if is_of_kind(wanted, given[other], extra)]
    found = [(s, other) for s, other in found if not _are_opposed(wanted.title, given[other].title)]
    return [other for score, other in found if score > found[0][0] - TIED]


def likeness(name: str, wanted: SeriesInfo, other: str, info: SeriesInfo) -> float:
    """Return how like two series are, from 0 to 1: by the words of their names and by their Chinese headers.

    A header alone says nearly as much as both: names may be anything.
    """
    names = _shared(_words(name), _words(other))
    first, second = _pairs(wanted.title, wanted.measure), _pairs(info.title, info.measure)
    if not first or not second:
        return names * 0.9 if names >= ALONE else 0.0
    headers = 2 * len(first & second) / (len(first) + len(second))
    return max((names + headers) / 2, 0.7 * headers)


def is_of_kind(wanted: SeriesInfo, info: SeriesInfo, extra: Mapping[str, str]) -> bool:
    """Say whether a series is a text, a category, or a number of a kind of measure, as the one wanted is."""
    if (wanted.is_text, wanted.is_category) != (info.is_text, info.is_category):
        return False
    if info.is_text or info.is_category:
        return True
    try:
        conversion_factor(parse_measure(info.measure, extra), parse_measure(wanted.measure, extra))
    except StudyError:
        return False
    return True


def _are_opposed(first: str, second: str) -> bool:
    """Whether headers say that two series are not one, however alike they are otherwise: 城镇 and 农村, 人均 and none.

    A branch or part is no total, and a total no branch or part.

    >>> _are_opposed("人均地区生产总值", "地区生产总值(万元)"), _are_opposed("第二产业增加值", "第二产业增加值(万元)")
    (True, False)
    >>> _are_opposed("从业人员合计", "建筑业从业人员数"), _are_opposed("从业人员合计", "年末单位从业人员数万人")
    (True, False)
    >>> _are_opposed("绿色专利申请量", "专利申请数件"), _are_opposed("建筑业从业人员数", "从业人员合计")
    (True, True)
    """
    if not _CHINESE.search(first) or not _CHINESE.search(second):
        return False
    said = [({w for w in group if w in first}, {w for w in group if w in second}) for group in _OPPOSED]
    opposed = any(mine and theirs and not mine & theirs for mine, theirs in said)
    opposed = opposed or any((word in first) != (word in second) for word in _PARTS)
    opposed = opposed or bool(_BRANCH.search(first)) != bool(_BRANCH.search(second))
    return opposed or any((word in first) != (word in second) for word in _ONE_SIDED)


def _words(name: str) -> list[str]:
    return [word for word in name.lower().split("_") if word and word not in _UNITS]


def _shared(first: Iterable[str], second: Iterable[str]) -> float:
    """Return the share of words that two names have in common, of all their words."""
    mine, theirs = list(first), list(second)
    common = 0
    for word in mine:
        match = next((w for w in theirs if w == word or (len(word) >= STEM and w[:STEM] == word[:STEM])), None)
        if match is not None:
            theirs.remove(match)
            common += 1
    total = len(mine) + len(theirs)
    return common / total if total else 0.0


def _pairs(title: str, measure: str) -> set[str]:
    """Return the pairs of Chinese characters of a header, its unit of measure and its scope left out."""
    first = _BRACKETS.sub("", title.partition(" / ")[0])
    text = "".join(_CHINESE.findall(first)).removesuffix(measure).removesuffix(re.sub(r"\W", "", measure))
    text = _NEUTRAL.sub("", text) or text
    return {text[i : i + 2] for i in range(len(text) - 1)}
