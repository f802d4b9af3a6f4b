"""Names that several units share, names in use, places that tell equal names apart: certain or refused."""

import csv
from collections import defaultdict
from pathlib import Path

import pytest
from made_workbooks import read_made, write_xlsx
from shidian.errors import PanelError
from shidian.regions.by_name import GRADES
from shidian.regions.names import short_names
from shidian.regions.resolve import CERTAIN, resolve_units
from shidian.regions.table import load_level
from shidian.yearbook.extract import extract_files
from shidian.yearbook.source import load_source

ROOT = Path(__file__).resolve().parents[2]
ALL = ("merged", "ended", "not_established", "unknown", "ambiguous", "conflict", "other_level", "zone")


def units() -> list[dict[str, str]]:
    with (ROOT / "resources" / "regions" / "units.csv").open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def resolved(names, level, year, parent=None, geography=None, codes=None):  # type: ignore[no-untyped-def]
    parents = None if parent is None else [parent] * len(names)
    return resolve_units(names, codes, year, level, geography or year, parents, accept=ALL)


def one(name, level="city", year=2015, parent=None, geography=2020, code=None):  # type: ignore[no-untyped-def]
    found = resolved([name], level, year, parent, geography, None if code is None else [code]).iloc[0]
    return (found["unit_code"] if found["status"] in CERTAIN else None), found["status"], found["grade"]


def homonyms(level: str, year: int) -> dict[str, set[str]]:
    """Name in full or in short -> the units of the level and those above that bear it in the year."""
    ranks = ("province", "city", "county")
    bearers: dict[str, set[str]] = defaultdict(set)
    for row in units():
        if ranks.index(row["level"]) <= ranks.index(level) and int(row["first_year"]) <= year <= int(row["last_year"]):
            for name in {row["name"], *short_names(row["name"], row["level"])}:
                bearers[name].add(row["code"])
    return bearers


@pytest.mark.parametrize("year", [1990, 2018])
@pytest.mark.parametrize("level", ["city", "county"])
def test_no_short_name_of_several_units_is_certain(level: str, year: int) -> None:
    own = {s.name for spells in load_level(level).units.values() for s in spells if s.covers(year)}
    named = homonyms(level, year)
    shared = sorted(name for name, codes in named.items() if len(codes) > 1 and name not in {*own, "重庆"})
    assert len(shared) > 1
    found = resolved(shared, level, year)
    assert found[found["status"].isin(CERTAIN)].empty
    sure = sorted(name for name, codes in named.items() if len(codes) == 1 and name not in own)[::25]
    found = resolved(sure, level, year)
    certain = found[found["status"].isin(CERTAIN)]
    assert all(named[row.name] == {row.unit_code} for row in certain.itertuples(index=False))


@pytest.mark.parametrize("name", ["吉林", "海南", "Jilin", "Hainan"])
def test_a_city_with_the_name_of_a_province_is_ambiguous(name: str) -> None:
    assert one(name)[:2] == (None, "ambiguous")
    with pytest.raises(PanelError, match=f"'{name}' may be"):
        resolve_units([name], None, 2015, "city", 2015, accept=("unknown",))


@pytest.mark.parametrize(
    ("name", "parent", "code"),
    [("吉林", "吉林省", "220200"), ("海南", "青海", "632500"), ("吉林市", None, "220200"), ("海南州", None, "632500")],
)
def test_its_province_or_its_kind_says_which(name: str, parent: str | None, code: str) -> None:
    assert one(name, parent=parent)[0] == code


def test_subtotals_of_provinces_are_no_prefectures(shared: Path) -> None:
    folder = shared / "cases" / "files"
    if not (folder / "c_subtotals.yaml").exists():
        pytest.skip(f"{folder} is not there")
    found = extract_files(load_source(folder / "c_subtotals.yaml"), [1], folder, []).records
    names = found["unit_name"].unique().tolist()
    units_found = resolved(names, "city", 2015).set_index("name")
    assert set(units_found.loc[["吉林", "海南"], "status"]) == {"ambiguous"}
    assert units_found.loc["吉林市", "unit_code"] == "220200"


@pytest.mark.parametrize(
    ("name", "parent", "year", "code", "status"),
    [
        ("郊区", "山西省", 2017, None, "ambiguous"),
        ("郊区", "山西省", 2018, None, "ambiguous"),
        ("郊区", "山西省", 2019, "140311", "ok"),
        ("郊区", "山西省 长治市", 2017, None, "ended"),
        ("郊区", "长治", 2018, None, "ended"),
        ("郊区", "阳泉市", 2018, "140311", "ok"),
        ("矿区", "山西", 2018, None, "ambiguous"),
        ("矿区", "山西省 阳泉市", 2018, "140303", "ok"),
        ("桥西区", "河北省", 2019, None, "ambiguous"),
        ("桥西区", "河北省 邢台市", 2019, "130503", "ok"),
        ("桥西区", "石家庄", 2019, "130104", "ok"),
        ("长沙", "湖南", 2019, None, "ambiguous"),
        ("长沙", "湖南省 长沙市", 2019, "430121", "short_name"),
        ("朝阳区", "Jilin", 2019, "220104", "ok"),
        ("潜江市", "湖北省 省直辖县级行政区划", 2019, "429005", "ok"),
        ("宜春市", None, 2005, None, "ambiguous"),
    ],
)
def test_counties_of_equal_names(name: str, parent: str | None, year: int, code: str | None, status: str) -> None:
    assert one(name, "county", year, parent)[:2] == (code, status)


def test_every_county_abolished_in_a_year_is_not_another_of_its_name() -> None:
    rows = [row for row in units() if row["level"] == "county"]
    last: dict[str, int] = {}
    for row in rows:
        last[row["unit"]] = max(int(row["last_year"]), last.get(row["unit"], 0))
    ended = [r for r in rows if int(r["last_year"]) == last[r["unit"]] < 2026]
    provinces = {row["code"][:2]: row["name"] for row in units() if row["level"] == "province"}
    assert len(ended) > 100
    years = [last[row["unit"]] + 1 for row in ended]
    places = [provinces[row["code"][:2]] for row in ended]
    found = resolve_units([row["name"] for row in ended], None, years, "county", 2026, places, accept=ALL)
    sure = found["status"].isin(CERTAIN)
    changes = county_changes()
    for row, code in zip((r for r, s in zip(ended, sure, strict=True) if s), found.loc[sure, "unit_code"], strict=True):
        assert code in heirs(row, changes), row


def county_changes() -> list[dict[str, str]]:
    with (ROOT / "resources" / "regions" / "changes.csv").open(encoding="utf-8") as stream:
        return [change for change in csv.DictReader(stream) if change["level"] == "county"]


def heirs(row: dict[str, str], changes: list[dict[str, str]]) -> set[str]:
    """Codes to which the area of a county went, with those of units that go on from there."""
    found = {row["code"]}
    for change in changes:
        if change["from_code"] in found and int(change["year"]) > int(row["last_year"]):
            found |= set(change["to_code"].split(";"))
    return found


@pytest.mark.parametrize(
    ("name", "level", "code"),
    [
        ("克州", "city", "653000"), ("博州", "city", "652700"), ("巴州", "city", "652800"), ("锡盟", "city", "152500"),
        ("内蒙", "province", "150000"), ("广西自治区", "province", "450000"), ("景宁县", "county", "331127"),
        ("察布查尔县", "county", "654022"), ("鄂伦春旗", "county", "150723"), ("大理自治州", "city", "532900"),
        ("襄阳(襄樊)", "city", "420600"), ("普洱市（原思茅市）", "city", "530800"), ("廣州市", "city", "440100"),
        ("蘇州", "city", "320500"), ("臺灣省", "province", "710000"), ("Beijing", "city", "110000"),
        ("Guangzhou", "city", "440100"), ("Inner Mongolia", "province", "150000"), ("Xi'an", "city", "610100"),
        ("Xian", "city", "610100"), ("XI AN CITY", "city", "610100"), ("Shaanxi", "province", "610000"),
        ("Shanxi Province", "province", "140000"), ("Jilin City", "city", "220200"), ("Ürümqi", "city", "650100"),
        ("Guangxi Zhuang Autonomous Region", "province", "450000"), ("Hohhot", "city", "150100"),
        ("Hainan Tibetan Autonomous Prefecture", "city", "632500"), ("白云矿区", "county", "150206"),
    ],
)  # fmt: skip
def test_names_in_use(name: str, level: str, code: str) -> None:
    assert one(name, level) == (code, "usage", "usage")


@pytest.mark.parametrize("name", ["福州市（含平潭）", "襄阳(樊城)", "Suzhou", "Fuzhou", "州", "Hainan Province"])
def test_names_that_tell_no_unit(name: str) -> None:
    assert one(name)[0] is None


@pytest.mark.parametrize(
    ("code", "name", "level", "year", "found"),
    [
        ("42", None, "province", 2015, "420000"), ("4206", None, "city", 2015, "420600"),
        ("42", None, "city", 2015, None), ("110100", None, "city", 2015, "110000"),
        ("120100", "天津市", "city", 2015, "120000"), ("310100", "Shanghai", "city", 2015, "310000"),
        ("500100", None, "city", 2015, "500000"), ("110100", "市辖区", "city", 2015, None),
        ("420600000000", None, "city", 2015, "420600"), ("139001", "定州市", "county", 2015, "130682"),
        ("420600", "襄陽", "city", 2015, "420600"), ("420600", "吉林", "city", 2015, None),
        ("220200", "吉林", "city", 2015, "220200"),
    ],
)  # fmt: skip
def test_codes_in_use(code: str, name: str | None, level: str, year: int, found: str | None) -> None:
    assert one(name, level, year, code=code)[0] == found


@pytest.mark.parametrize(
    ("name", "code", "year"),
    [
        ("信都区", "130503", 2020), ("嘉黎县", "540621", 2018), ("双湖县", "540630", 2018), ("北屯市", "659005", 2012),
        ("铁门关市", "659006", 2012), ("双河市", "659007", 2014), ("可克达拉市", "659008", 2015),
        ("邯郸县", "130421", 2015), ("金明区", "410211", 2013), ("宜春市", "362201", 1999), ("米林市", "540481", 2023),
        ("两江新区", "500157", 2025),
    ],
)  # fmt: skip
def test_counties_of_the_table(name: str, code: str, year: int) -> None:
    assert one(name, "county", year, geography=year)[:2] == (code, "ok")
    assert one(None, "county", year, geography=year, code=code)[:2] == (code, "ok")


@pytest.mark.parametrize(("name", "year"), [("邯郸县", 2016), ("金明区", 2014), ("江北区", 2025), ("信都区", 2019)])
def test_counties_that_are_not_there(name: str, year: int) -> None:
    assert one(name, "county", year, "重庆" if name == "江北区" else None, geography=year)[1] in ("ended", "other_year")


@pytest.mark.parametrize(
    ("name", "code", "level", "status", "reason"),
    [
        ("河北", None, "city", "other_level", "'河北' is the province 130000 河北省, and the level asked for is city"),
        (
            "昆山市",
            None,
            "city",
            "other_level",
            "'昆山市' is the county 320583 昆山市, and the level asked for is city",
        ),
        (
            None,
            "659001",
            "city",
            "other_level",
            "659001 is the county 659001 石河子市, and the level asked for is city",
        ),
        ("襄阳高新区", None, "county", "zone", "'襄阳高新区' is a zone, no unit of the code lists"),
        ("某某市", None, "city", "unknown", "no unit of this level is called '某某市'"),
    ],
)
def test_what_is_no_unit_of_the_level(name, code, level, status, reason) -> None:  # type: ignore[no-untyped-def]
    found = resolved([name], level, 2015, codes=None if code is None else [code]).iloc[0]
    assert found["status"] == status
    assert found["reason"].startswith(reason)
    kept = resolve_units([name], None if code is None else [code], 2015, level, 2015, accept=("unknown",))
    assert kept["unit"].isna().all()


def test_every_unit_is_certain_by_its_name_and_code() -> None:
    for level in ("province", "city", "county"):
        rows = [row for row in units() if row["level"] == level]
        names, codes = [row["name"] for row in rows], [row["code"] for row in rows]
        years = [int(row["last_year"]) for row in rows]
        found = resolve_units(names, codes, years, level, 2026, accept=ALL)
        there = found["status"].isin([*CERTAIN, "ended", "merged"])
        assert there.all(), found[~there]
        assert set(found["grade"].dropna()) <= set(GRADES)
        certain = found[found["status"].isin(CERTAIN)]
        assert (certain["grade"] == "exact").all()


def test_a_city_column_tells_equal_counties_apart(tmp_path: Path) -> None:
    page = [
        ["省", "市", "县", "年", "人口"],
        ["山西省", "长治市", "郊区", 2016, 28],
        ["山西省", "阳泉市", "郊区", 2016, 29],
        ["湖北省", "省直辖县级行政区划", "潜江市", 2016, 96],
    ]
    table = {
        "sheet": "S", "layout": "flat", "unit": {"level": "county", "name": "县", "province": "省", "city": "市"},
        "year": {"header": "年"}, "columns": {"people": {"header": "人口", "measure": "万人"}},
    }  # fmt: skip
    write_xlsx(tmp_path / "page.xlsx", {"S": page})
    records = read_made(tmp_path, table, "page.xlsx").records
    assert set(records["province"]) == {"山西省 长治市", "山西省 阳泉市", "湖北省 省直辖县级行政区划"}
    found = resolve_units(records["unit_name"].tolist(), None, 2016, "county", 2016, records["province"].tolist())
    people = dict(zip(found["unit_code"], records["value"], strict=True))
    assert people == {"140411": 28, "140311": 29, "429005": 96}
    grades = dict(zip(found["unit_code"], found["grade"], strict=True))
    assert grades == {"140411": "by parent", "140311": "by parent", "429005": "exact"}
    del table["unit"]["province"]  # type: ignore[attr-defined]
    table["ignore"] = ["省"]
    records = read_made(tmp_path, table, "page.xlsx").records
    found = resolve_units(records["unit_name"].tolist(), None, 2016, "county", 2016, records["province"].tolist())
    assert dict(zip(found["unit_code"], records["value"], strict=True)) == people


def test_a_county_in_no_city_may_stand_under_its_own_name() -> None:
    places = ["海南省 万宁市", "万宁市", "湖北省 潜江市", "海南省 文昌市"]
    found = resolve_units(["万宁市", "万宁市", "潜江市", "万宁市"], None, 2020, "county", 2020, places, accept=ALL)
    assert found["unit_code"].tolist()[:3] == ["469006", "469006", "429005"]
    assert found["status"].tolist()[3] == "unknown"


def test_zones_and_groups_of_units_are_told_by_their_names() -> None:
    names = ["烟台经济技术开发区", "市辖区", "省直辖县级行政区划", "自治州直辖"]
    codes = ["370672", "130101", None, None]
    found = resolve_units(names, codes, 2020, "county", 2020, accept=ALL)
    assert found["status"].tolist() == ["zone", "other_level", "other_level", "other_level"]
    assert found["unit"].isna().all()
