"""Units of measure that headers, titles and labels print: guesses of a draft."""

from __future__ import annotations

import re
from collections.abc import Sequence

from shidian.drafting.find import UNIT_ROW
from shidian.yearbook.numbers import HALF_WIDTH, clean, match_key
from shidian.yearbook.tables import HeaderPath

BRACKETS = re.compile(r"[（(\[【]([^（）()\[\]【】]{1,24})[）)\]】]")
NO_MEASURE = re.compile(
    r".*(续|价|年|含|不|按|其中|合计|总计|以上|以下|口径|法|数据|缺失|插值|全市|市辖|辖区|市区|城区|全省|城镇|农村|=|\d{4}).*|"
    r"[a-z]{1,2}|[ivx]+|\d+"
)
"""What brackets say that is no unit of measure: 当年价, 含研究生, 市辖区, 上年=100."""
RATE = re.compile(r".*(率|比重|比例|指数|增速|系数)(?:[（(].*)?")
"""Headers of numbers that no unit of all the table is of."""
SIZE = "(?:十亿|百万|千万|亿|万|千|百|十)"
NOUN = (
    "元|美元|美金|人民币|吨标准煤|标准煤|标准吨|吨|千克|公斤|克|平方公里|平方千米|平方米|立方米|公里|千米|米|公顷|亩|人次|人|户|个|"
    "件|册|份|台|辆|艘|架|部|张|所|家|项|头|只|株|套|条|座|床|千瓦时|千瓦|度|瓦特|瓦|小时|天|岁|次|名|位|篇|种"
)
PER = "(?:[/／每](?:" + SIZE + "?(?:" + NOUN + ")))?"
CHINESE = re.compile(f"(?:{SIZE}?(?:{NOUN})(?:人民币)?{PER}|[%％‰])")
LATIN = re.compile(
    r"(?:(?:10\s*\^?\s*[0-9]|10{2,8}|(?:hundred|thousand|million|billion|mn|bn|mil\.?|10k))\s*)?"
    r"(?:yuan|rmb|cny|usd|dollars?|us\$|persons?|people|tonnes?|tons?|tn|mt|kt|t|tce|kg|km2|sq\.? ?km|km|ha|hectares?|"
    r"%|percent|per cent|kwh|gwh|mwh|households?|units?|m3|cubic metres?|m2|square metres?|cu\.m|co2|mt co2|tj)"
    r"(?:\s*(?:/|per)\s*[a-z0-9 ]{1,12})?",
    re.IGNORECASE,
)
DIRECT = re.compile(f".{{2,}}?({SIZE}(?:{NOUN})|元|吨|平方公里|公顷|[%％])")
"""A measure that stands behind a name without any mark between them."""
COUNTED = re.compile(f"(?!每).+(?:数|量|人口|人员|里程|馆|站)({NOUN}|处)")
"""A noun that is counted, behind the word that says so: 从业人员数人, 图书馆个, 总里程公里."""
RATIO = re.compile(f"(?!每).*(?:密度|浓度|强度).*?((?:{SIZE}?(?:{NOUN})|微克|毫克))(平方公里|立方米|公顷|万元|元|人)")
"""Two measures behind the name of a ratio, whose stroke is lost: 人口密度人平方公里."""
BEHIND = re.compile(r".*?[/／_＿\-—:：,，;；\s]\s*([^/／_＿:：,，;；\s]+(?:[/／][^/／\s]+)?)")
BEHIND_MARK = re.compile(r".*[_＿:：,，;；]\s*(.+)")
UNKNOWN = ""


def is_measure(text: str) -> bool:
    """Whether a text is a unit of measure and nothing else: 万元, %, 10000 persons.

    >>> is_measure("亿元"), is_measure("人/平方公里"), is_measure("10^4 tons"), is_measure("北京")
    (True, True, True, False)
    """
    plain = clean(text).translate(HALF_WIDTH).strip("()[]（） ")
    return bool(CHINESE.fullmatch("".join(plain.split())) or LATIN.fullmatch(plain))


def measure_of(path: HeaderPath, label: str = "", titles: Sequence[str] = ()) -> str:
    """Return the unit of measure of a series, "" where nothing says it.

    >>> measure_of(("GDP（亿元）",)), measure_of(("碳排放量_吨",)), measure_of(("财政收入万元",))
    ('亿元', '吨', '万元')

    Args:
        path: its header; the lowest text that says a measure counts.
        label: what the file says of it besides.
        titles: texts above the headers; a row 单位：万元 is of all series.
    """
    for text in (*reversed(path), *([label] if label else [])):
        if found := _within(text):
            return found
    if path and RATE.fullmatch(match_key(path[-1])):
        return UNKNOWN
    if row := next((m for title in titles if (m := UNIT_ROW.search(title))), None):
        printed = clean(row[1] or row[2]).rstrip("）)】")
        return printed if len(printed) <= 40 else UNKNOWN
    if not path:
        return next((found for title in reversed(titles) if (found := _within(title))), UNKNOWN)
    return UNKNOWN


def _within(text: str) -> str:
    text = clean(text)
    if is_measure(text):
        return text.strip("()[]（） ")
    for found in reversed(BRACKETS.findall(text)):
        if is_measure(found) or not NO_MEASURE.fullmatch(found.strip()):
            return found.strip()
    for pattern in (BEHIND_MARK, BEHIND):
        if (behind := pattern.fullmatch(text)) and is_measure(behind[1]):
            return behind[1]
    return _directly_behind(match_key(text))


def _directly_behind(text: str) -> str:
    """Return the measure that stands behind a name without a mark between them.

    >>> _directly_behind("在校学生数人"), _directly_behind("人口密度人平方公里"), _directly_behind("每万人在校学生数人")
    ('人', '人/平方公里', '')
    """
    if ratio := RATIO.fullmatch(text):
        return f"{ratio[1]}/{ratio[2]}"
    found = DIRECT.fullmatch(text) or COUNTED.fullmatch(text)
    return found[1] if found else UNKNOWN


def without_measure(text: str) -> str:
    """Return a header without the unit of measure that stands in or behind it."""
    plain = BRACKETS.sub(" ", clean(text)).strip()
    found = _within(plain)
    return (
        plain[: -len(found)].strip(" /／_＿-—:：,，;；")
        if found and plain.endswith(found) and plain != found
        else plain
    )
