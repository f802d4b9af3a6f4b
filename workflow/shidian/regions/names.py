"""How the names of units are shortened in print."""

from __future__ import annotations

import re
from functools import lru_cache

_PEOPLES = (
    "蒙古|回|藏|维吾尔|苗|彝|壮|布依|朝鲜|满|侗|瑶|白|土家|哈尼|哈萨克|傣|黎|傈僳|佤|畲|拉祜|水|东乡|纳西"
    "|景颇|柯尔克孜|土|达斡尔|仫佬|羌|布朗|撒拉|毛南|仡佬|锡伯|阿昌|普米|塔吉克|怒|乌孜别克|俄罗斯|鄂温克"
    "|德昂|保安|裕固|京|塔塔尔|独龙|鄂伦春|赫哲|门巴|珞巴|基诺|各"
)
_OF_PEOPLES = rf"(?:(?:{_PEOPLES})族|蒙古|哈萨克|柯尔克孜|维吾尔|锡伯|塔吉克)"
_AUTONOMOUS = re.compile(rf"^(.+?){_OF_PEOPLES}*自治(?:区|州|县|旗)$")
_NATIONS = re.compile(rf"^(.+?){_OF_PEOPLES}+自治(区|州|县|旗)$")
_ENDINGS = {
    "province": re.compile(r"^(.+?)(?:特别行政区|(?:壮族|回族|维吾尔)?自治区|省|市)$"),
    "city": re.compile(r"^(.+?)(?:地区|盟|市)$"),
    "county": re.compile(r"^(..+?)(?:林区|特区|县|市|区|旗)$"),
}


@lru_cache(maxsize=16384)
def short_names(name: str, level: str) -> tuple[str, ...]:
    """Return the names under which a unit is printed when its kind is left out; empty when there is none.

    >>> short_names("襄阳市", "city"), short_names("内蒙古自治区", "province")
    (('襄阳',), ('内蒙古',))
    >>> short_names("大理白族自治州", "city")
    ('大理', '大理州')
    """
    match = _AUTONOMOUS.match(name)
    if match and level != "province":
        return (match[1], f"{match[1]}州") if name.endswith("州") else (match[1],)
    match = _ENDINGS[level].match(name)
    return (match[1],) if match else ()


@lru_cache(maxsize=16384)
def names_without_peoples(name: str, level: str) -> tuple[str, ...]:
    """Return the names of an autonomous unit under which usage leaves out its peoples; empty for all others.

    >>> names_without_peoples("广西壮族自治区", "province"), names_without_peoples("景宁畲族自治县", "county")
    (('广西自治区',), ('景宁自治县', '景宁县'))
    """
    if level == "county":
        match = _AUTONOMOUS.match(name)
        return (f"{match[1]}自治{name[-1]}", f"{match[1]}{name[-1]}") if match else ()
    match = _NATIONS.match(name)
    return (f"{match[1]}自治{match[2]}",) if match else ()
