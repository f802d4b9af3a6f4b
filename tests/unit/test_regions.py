"""Units in time: renames, new codes, ends, equal names; every doubtful one is an error, never a guess."""

import csv
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from shidian.errors import PanelError, SourceError
from shidian.regions.names import short_names
from shidian.regions.resolve import resolve_units
from shidian.regions.table import load_level
from shidian.yearbook.aliases import load_aliases

ROOT = Path(__file__).resolve().parents[2]
ALL = ("merged", "ended", "not_established", "unknown", "ambiguous", "conflict")


def one(name=None, code=None, year=2010, level="city", geography=2020, province=None, accept=ALL, **more):  # type: ignore[no-untyped-def]
    names = None if name is None else [name]
    codes = None if code is None else [code]
    provinces = None if province is None else [province]
    frame = resolve_units(names, codes, year, level, geography, provinces, accept=accept, **more)
    row = frame.iloc[0]
    return (row["unit_code"] if row["status"] not in ALL[1:] else None), row["status"], row["reason"]


@pytest.mark.parametrize(
    ("name", "year", "geography", "code", "status"),
    [
        ("襄樊市", 2009, 2020, "420600", "ok"),
        ("襄阳市", 2010, 2020, "420600", "ok"),
        ("襄阳市", 2009, 2020, "420600", "other_year"),
        ("思茅地区", 2002, 2020, "530800", "ok"),
        ("思茅市", 2006, 2020, "530800", "ok"),
        ("普洱市", 2007, 2002, "532700", "ok"),
        ("那曲", 2020, 2020, "540600", "short_name"),
        ("铜仁地区", 2010, 2022, "520600", "ok"),
        ("大理州", 2010, 2022, "532900", "short_name"),
        ("巴音郭楞", 2010, 2022, "652800", "short_name"),
        ("北京", 2010, 2022, "110000", "short_name"),
        ("莱芜市", 2010, 2018, "371200", "ok"),
        ("莱芜市", 2010, 2020, "370100", "merged"),
        ("巢湖市", 2010, 2010, "341400", "ok"),
        ("巢湖市", 2010, 2020, None, "ended"),
        ("巢湖市", 2012, 2010, None, "ended"),
        ("三沙市", 2013, 2010, None, "not_established"),
        ("中卫市", 2002, 2020, None, "not_established"),
        ("襄陽市", 2010, 2020, "420600", "usage"),
    ],
)
def test_cities(name: str, year: int, geography: int, code: str | None, status: str) -> None:
    assert one(name, year=year, geography=geography)[:2] == (code, status)


@pytest.mark.parametrize(
    ("name", "province", "year", "code", "status"),
    [
        ("朝阳区", "北京", 2010, "110105", "ok"),
        ("朝阳区", "吉林省", 2010, "220104", "ok"),
        ("朝阳区", None, 2010, None, "ambiguous"),
        ("双流县", "四川", 2010, "510116", "ok"),
        ("户县", "陕西", 2010, "610118", "ok"),
        ("临安市", None, 2010, "330112", "ok"),
        ("昌江黎族自治县", None, 2003, "469026", "ok"),
        ("崇文区", None, 2009, None, "ended"),
        ("沙县", None, 2015, "350427", "ok"),
        ("甲乙丙县", None, 2015, None, "unknown"),
    ],
)
def test_counties(name: str, province: str | None, year: int, code: str | None, status: str) -> None:
    assert one(name, year=year, level="county", province=province)[:2] == (code, status)


def test_reused_code_means_the_unit_of_its_year() -> None:
    assert one("西城区", "110102", 2005, "county")[:2] == ("110102", "ok")
    jia, _, reason = one("加格达奇区", "232701", 2007, "county")
    assert jia is None
    assert "加格达奇区 ended in 2009" in reason
    assert one("漠河市", "232701", 2019, "county")[:2] == ("232701", "ok")


def test_code_and_name_must_agree() -> None:
    assert one("哈密市", "650500", 2003)[:2] == ("650500", "other_year")
    assert one("吐鲁番市", "650500", 2018)[1] == "conflict"
    assert one(None, "650599", 2018)[1] == "unknown"


def test_problems_are_errors_with_suggestions() -> None:
    with pytest.raises(PanelError) as caught:
        resolve_units(["石家庄市", "石家庒市", "朝阳区"], None, [2010, 2010, 2011], "city", 2020)
    message = str(caught.value)
    assert "2 printed units are not certain (city)" in message
    assert "unknown (2010): no unit of this level is called '石家庒市'; nearest: 130100 石家庄市" in message
    with pytest.raises(PanelError, match="unknown level 'town'"):
        resolve_units(["a"], None, 2010, "town", 2020)
    with pytest.raises(PanelError, match="'湖南岛' is no province"):
        resolve_units(["长沙市"], None, 2010, "city", 2020, provinces=["湖南岛"])


def test_rows_without_a_year_take_the_geography() -> None:
    frame = resolve_units(["襄阳市"], None, [None], "city", 2020)
    assert frame["status"].tolist() == ["ok"]
    assert frame["year"].isna().all()


def test_aliases_are_declared_and_checked(tmp_path: Path) -> None:
    aliases = load_aliases(ROOT / "config" / "aliases" / "ceads_city_co2.yaml")
    assert len(aliases) == 285
    assert aliases["新疆阿克苏"] == "652900"
    assert aliases["吉林吉林"] == "220200"
    assert len(set(aliases.values())) == 285
    frame = resolve_units(["安徽安庆"], None, 2010, "city", 2020, aliases=aliases)
    assert frame.loc[0, ["unit_code", "unit_name", "status"]].tolist() == ["340800", "安庆市", "alias"]
    path = tmp_path / "a.yaml"
    path.write_text('level: city\nnote: n\naliases: {甲: "999900"}\n', encoding="utf-8")
    with pytest.raises(SourceError, match=r"aliases\.甲: code 999900 is no city"):
        load_aliases(path)


def test_every_ceads_alias_is_province_and_short_name() -> None:
    for alias, code in load_aliases(ROOT / "config" / "aliases" / "ceads_city_co2.yaml").items():
        city = load_level("city").by_code[code][-1]
        province = load_level("province").by_code[f"{code[:2]}0000"][0]
        head = short_names(province.name, "province")[0]
        tails = {
            "",
            city.name,
            *(s for t in load_level("city").units[city.unit] for s in short_names(t.name, "city")),
        }
        assert alias.removeprefix(head) in tails
        assert alias.startswith(head)


@pytest.mark.parametrize(
    ("level", "year", "count"),
    [
        ("province", 2002, 34),
        ("city", 2002, 336),
        ("city", 2012, 337),
        ("city", 2018, 338),
        ("city", 2022, 337),
        ("county", 2002, 2860),
        ("county", 2010, 2856),
        ("county", 2018, 2851),
        ("county", 2022, 2843),
        ("county", 2024, 2846),
    ],
)
def test_number_of_units(level: str, year: int, count: int) -> None:
    """Official counts: 333 prefecture-level units and 4 municipalities, 2,843 counties in 2022; 2,856 in 2010."""
    assert sum(any(s.covers(year) for s in spells) for spells in load_level(level).units.values()) == count


@pytest.mark.parametrize(
    ("before", "after", "year"),
    [
        ("370882", "370812", 2013), ("451281", "451203", 2016), ("140481", "140406", 2018),
        ("370684", "370614", 2020), ("220381", "220184", 2020), ("350403", "350404", 2021),
    ],
)  # fmt: skip
def test_counties_change_in_the_year_of_the_decision(before: str, after: str, year: int) -> None:
    """Decisions of the State Council on 兖州, 宜州, 潞城, 蓬莱, 公主岭 and 三元."""
    with (ROOT / "resources" / "regions" / "changes.csv").open(encoding="utf-8") as stream:
        found = [row for row in csv.DictReader(stream) if row["from_code"] == before and row["to_code"] == after]
    assert [(int(row["year"]), row["note"]) for row in found] == [(year, "")]


def test_table_is_sound() -> None:
    with (ROOT / "resources" / "regions" / "units.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    for level in ("province", "city", "county"):
        years = Counter(
            (row["code"], year)
            for row in rows
            if row["level"] == level
            for year in range(int(row["first_year"]), int(row["last_year"]) + 1)
        )
        assert max(years.values()) == 1, "one code is one unit at a time"
        for spells in load_level(level).units.values():
            for before, after in pairwise(spells):
                assert after.first_year == before.last_year + 1


@pytest.mark.parametrize(
    ("name", "level", "short"),
    [
        ("新疆维吾尔自治区", "province", ("新疆",)),
        ("广西壮族自治区", "province", ("广西",)),
        ("伊犁哈萨克自治州", "city", ("伊犁", "伊犁州")),
        ("海西蒙古族藏族自治州", "city", ("海西", "海西州")),
        ("黔西南布依族苗族自治州", "city", ("黔西南", "黔西南州")),
        ("大兴安岭地区", "city", ("大兴安岭",)),
        ("锡林郭勒盟", "city", ("锡林郭勒",)),
        ("琼中黎族苗族自治县", "county", ("琼中",)),
        ("沙县", "county", ()),
        ("神农架林区", "county", ("神农架",)),
    ],
)
def test_short_names(name: str, level: str, short: tuple[str, ...]) -> None:
    assert short_names(name, level) == short
