"""Sheets of every layout of docs/sources.md with the declaration that a person would write for each."""

from __future__ import annotations

from typing import Any

Sheet = list[list[Any]]
CITIES = ("石家庄市", "唐山市", "秦皇岛市", "邯郸市")
PROVINCES = ("北京", "天津", "河北", "山西", "内蒙古")
YEARS = (2019, 2018, 2017)
VALUE = {"header": [], "measure": "1"}


def number(*of: Any) -> float:
    """Return a number that tells a cell from all others."""
    return round(1000 + (hash_of(of) % 90_000) / 7, 3)


def hash_of(of: tuple[Any, ...]) -> int:
    """Return the same number for the same texts in every run."""
    found = 7
    for character in repr(of):
        found = (found * 131 + ord(character)) % 1_000_003
    return found


def wide(names: Any = PROVINCES, heads: Any = tuple(f"{y}年" for y in YEARS), corner: str = "地区") -> Sheet:
    """Return names as rows and years as columns."""
    return [[corner, *heads], *([name, *(number(name, head) for head in heads)] for name in names)]


def long(names: Any = CITIES, years: Any = YEARS, heads: Any = ("gdp", "pop")) -> Sheet:
    """Return a row a name and year."""
    rows = [[name, year, *(number(name, year, head) for head in heads)] for name in names for year in years]
    return [["城市", "年份", *heads], *rows]


def once(rows: Sheet, column: int) -> Sheet:
    """Return rows in which a column prints a text once for the rows that have it."""
    found = [list(row) for row in rows]
    for above, row in zip(rows[1:], found[2:], strict=False):
        row[column] = "" if row[column] == above[column] else row[column]
    return found


def columns(*heads: str) -> dict[str, Any]:
    """Return series of some headers, each with its name."""
    return {f"v{i}": {"header": head, "measure": "1"} for i, head in enumerate(heads)}


def flat(unit: dict[str, Any], year: dict[str, Any] | None, read: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return the declaration of a flat table in the sheet S."""
    return {"layout": "flat", "sheet": "S", "unit": unit, **({"year": year} if year else {}), "columns": read, **more}


CITY, PROVINCE = {"level": "city", "name": "城市"}, {"level": "province", "name": "地区"}
TWO = columns("gdp", "pop")
IN = {"in_header": True}
DATES = tuple(f"{year}-12-31" for year in YEARS)
HEADINGS = [
    ["地区", "gdp"], ["全国", 9], ["北京市", 1.5], ["河北省", 2.5], ["石家庄市", 3.5], ["唐山市", 4.5],
    ["秦皇岛市", 3.25], ["山西省", 5.5], ["太原市", 6.5], ["大同市", 7.5], ["阳泉市", 8.5],
]  # fmt: skip

CASES: dict[str, tuple[Sheet, dict[str, Any], tuple[tuple[int, int, int, int], ...]]] = {
    "years as headers": (wide(), flat(PROVINCE, IN, {"v": VALUE}), ()),
    "dates as headers": (wide(heads=DATES), flat(PROVINCE, {**IN, "kind": "year"}, {"v": VALUE}), ()),
    "plain numbers as headers": (wide(heads=YEARS), flat(PROVINCE, IN, {"v": VALUE}), ()),
    "fiscal years as headers": (
        wide(heads=("2019-2020", "2018-2019")),
        flat(PROVINCE, {**IN, "fiscal": "first"}, {"v": VALUE}),
        (),
    ),
    "2019年度 as headers": (
        wide(heads=("2019年度", "2018年度")),
        flat(PROVINCE, {**IN, "fiscal": "first"}, {"v": VALUE}),
        (),
    ),
    "FY2019 as headers": (
        wide(heads=("FY2019", "FY2018")),
        flat(PROVINCE, {**IN, "pattern": "FY{year}"}, {"v": VALUE}),
        (),
    ),
    "quarters as headers": (
        wide(heads=("2019Q2", "2019Q1")),
        flat(PROVINCE, {**IN, "kind": "quarter"}, {"v": VALUE}),
        (),
    ),
    "years within headers": (
        wide(CITIES, ("gdp2010", "gdp2011", "pop2010", "pop2011"), "城市"),
        flat(CITY, IN, columns("gdp{year}", "pop{year}")),
        (),
    ),
    "years before the words of headers": (
        wide(CITIES, ("2010年gdp", "2011年gdp"), "城市"),
        flat(CITY, IN, columns("{year}gdp")),
        (),
    ),
    "years in the upper header row": (
        [["地区", "2010", "", "2011", ""], ["", "gdp", "pop", "gdp", "pop"], *wide(heads="abcd")[1:]],
        flat(PROVINCE, {"in_header": 1}, TWO, layout="yearbook", header_row=1, header_depth=2),
        (),
    ),
    "years in the upper header row, merged": (
        [["地区", "2010", "", "2011", ""], ["", "gdp", "pop", "gdp", "pop"], *wide(heads="abcd")[1:]],
        flat(PROVINCE, {"in_header": 1}, TWO, layout="yearbook", header_row=1, header_depth=2),
        ((0, 0, 1, 0), (0, 1, 0, 2), (0, 3, 0, 4)),
    ),
    "years in the lower header row": (
        [["地区", "gdp", "", "pop", ""], ["", "2010", "2011", "2010", "2011"], *wide(heads="abcd")[1:]],
        flat(PROVINCE, IN, TWO, layout="yearbook", header_row=1, header_depth=2),
        ((0, 0, 1, 0), (0, 1, 0, 2), (0, 3, 0, 4)),
    ),
    "units as headers": (
        [["年份", *PROVINCES, "全国"], *([y, *(number(p, y) for p in (*PROVINCES, "全国"))] for y in YEARS)],
        flat({"level": "province", "in_header": True, "skip": ["全国"]}, {"header": "年份"}, {"v": VALUE}),
        (),
    ),
    "units within headers": (
        [
            ["年份", *(p + s for p in PROVINCES for s in ("gdp", "人口"))],
            *([y, *(number(y, i) for i in range(10))] for y in YEARS),
        ],
        flat({"level": "province", "in_header": True}, {"header": "年份"}, columns("{name}gdp", "{name}人口")),
        (),
    ),
    "series as rows, units as columns": (
        [
            ["指标", *PROVINCES],
            *([s, *(number(p, s) for p in PROVINCES)] for s in ("地区生产总值(亿元)", "年末常住人口(万人)")),
        ],
        flat(
            {"level": "province", "in_header": True},
            {"fixed": 2015},
            {
                f"v{i}": {"header": [], "measure": s.split("(")[1][:-1], "where": {"指标": s}}
                for i, s in enumerate(("地区生产总值(亿元)", "年末常住人口(万人)"))
            },
        ),
        (),
    ),
    "a row a unit and year": (long(), flat(CITY, {"header": "年份"}, TWO), ()),
    "names printed once": (once(long(), 0), flat({**CITY, "fill_down": True}, {"header": "年份"}, TWO), ()),
    "names merged": (
        once(long(), 0),
        flat({**CITY, "fill_down": True}, {"header": "年份"}, TWO),
        ((1, 0, 3, 0), (4, 0, 6, 0), (7, 0, 9, 0), (10, 0, 12, 0)),
    ),
    "years printed once": (
        once([["年份", "城市", "gdp"], *([y, c, number(y, c)] for y in YEARS for c in CITIES)], 0),
        flat(CITY, {"header": "年份", "fill_down": True}, columns("gdp")),
        (),
    ),
    "cities and counties, the cities printed once": (
        once(
            [
                ["市", "县", "年份", "gdp"],
                *(
                    [c, n, y, number(c, n, y)]
                    for c, ns in (("长治市", ("郊区", "沁县")), ("阳泉市", ("郊区", "盂县")))
                    for n in ns
                    for y in (2016, 2015)
                ),
            ],
            0,
        ),
        flat(
            {"level": "county", "name": "县", "city": "市", "fill_down": ["city"]}, {"header": "年份"}, columns("gdp")
        ),
        (),
    ),
    "provinces printed once": (
        [
            ["省份", "县", "gdp"],
            ["江苏省", "沛县", 1.5],
            ["", "丰县", 2.5],
            ["河北省", "正定县", 3.5],
            ["", "辛集市", 4.5],
        ],
        flat(
            {"level": "county", "name": "县", "province": "省份", "fill_down": ["province"]},
            {"fixed": 2015},
            columns("gdp"),
        ),
        (),
    ),
    "a name column without a header": (
        [["", *long()[0][1:]], *long()[1:]],
        flat({"level": "city", "name": {"column": "A"}}, {"header": "年份"}, TWO),
        (),
    ),
    "no header above names and years": (
        [["", "", "gdp", "pop"], *long()[1:]],
        flat({"level": "city", "name": {"column": "A"}}, {"header": {"column": "B"}}, TWO),
        (),
    ),
    "names indented": (
        [
            ["地区", "", "gdp"],
            ["河北省", "", 9.5],
            ["", "石家庄市", 1.5],
            ["", "唐山市", 2.5],
            ["山西省", "", 8.5],
            ["", "太原市", 3.5],
            ["", "大同市", 4.5],
        ],
        flat(
            {"level": "city", "name": "地区", "indented": {"columns": 2, "province": 1}},
            {"fixed": 2015},
            columns("gdp"),
        ),
        (),
    ),
    "rows of other kinds": (
        [
            ["地区", "级别", "gdp"],
            ["石家庄市", "地级市", 1.5],
            ["辛集市", "县级市", 2.5],
            ["唐山市", "地级市", 3.5],
            ["正定县", "县", 4.5],
            ["秦皇岛市", "地级市", 4.25],
        ],
        flat({"level": "city", "name": "地区"}, {"fixed": 2015}, columns("gdp"), keep_rows={"级别": "地级市"}),
        (),
    ),
    "headers printed again": (
        [*long()[:7], long()[0], *long()[7:]],
        flat(CITY, {"header": "年份"}, TWO, repeated_header=True),
        (),
    ),
    "totals": (
        [*wide(("全国", *PROVINCES))],
        flat({**PROVINCE, "skip": ["全国"]}, IN, {"v": VALUE}),
        (),
    ),
    "provinces as headings": (
        HEADINGS,
        flat(
            {
                "level": "city",
                "name": "地区",
                "skip": ["全国"],
                "province_rows": {"北京市": "unit", "河北省": "heading", "山西省": "heading"},
            },
            {"fixed": 2015},
            columns("gdp"),
        ),
        (),
    ),
    "a series in each row": (
        [
            ["省份", "年份", "指标", "数值", "单位"],
            *(
                [p, y, s, number(p, y, s), u]
                for p in PROVINCES
                for y in YEARS
                for s, u in (("教育", "亿元"), ("卫生", "亿元"))
            ),
        ],
        flat(
            {"level": "province", "name": "省份"},
            {"header": "年份"},
            {
                f"v{i}": {"header": "数值", "measure": "亿元", "where": {"指标": s}}
                for i, s in enumerate(("教育", "卫生"))
            },
            expect={"单位": "亿元"},
        ),
        (),
    ),
    "a title, a row of units and notes": (
        [
            ["2-1 各地区生产总值", "", "", ""],
            ["", "", "", "单位：亿元"],
            *wide(),
            ["注：本表按当年价格计算。", "", "", ""],
            ["资料来源：国家统计局。", "", "", ""],
        ],
        flat(
            PROVINCE,
            IN,
            {"v": VALUE},
            layout="yearbook",
            title="2-1 各地区生产总值",
            subtitles=["单位：亿元"],
            header_row=3,
            header_depth=1,
            footer={"texts": ["注：本表按当年价格计算。", "资料来源：国家统计局。"]},
        ),
        (),
    ),
    "a merged title": (
        [["各地区生产总值", "", "", ""], *wide()],
        flat(PROVINCE, IN, {"v": VALUE}, layout="yearbook", title="各地区生产总值", header_row=2, header_depth=1),
        ((0, 0, 0, 3),),
    ),
    "a row of units of measure below the headers": (
        [["地区", "gdp", "pop"], ["", "亿元", "万人"], *wide(heads="ab")[1:]],
        flat(
            PROVINCE,
            {"fixed": 2015},
            {"a": {"header": ["gdp", "亿元"], "measure": "亿元"}, "b": {"header": ["pop", "万人"], "measure": "万人"}},
            layout="yearbook",
            header_row=1,
            header_depth=2,
        ),
        (),
    ),
    "numbered columns": (
        [["地区", "gdp", "pop", "area"], ["甲", 1, 2, 3], *wide(heads="abc")[1:]],
        flat(PROVINCE, {"fixed": 2015}, columns("gdp", "pop", "area"), footer={"texts": ["甲", "1", "2", "3"]}),
        (),
    ),
    "years of one unit": (
        [["年份", "1美元兑人民币（元）"], *([y, number(y)] for y in YEARS)],
        flat(
            {"level": "country", "fixed_name": "x"},
            {"header": "年份"},
            {"v": {"header": "1美元兑人民币（元）", "measure": "元"}},
        ),
        (),
    ),
    "series and years of one unit": (
        wide(("国内生产总值(亿元)", "年末总人口(万人)", "就业人员(万人)"), corner="指标"),
        flat(
            {"level": "country", "fixed_name": "x"},
            IN,
            {
                f"v{i}": {"header": [], "measure": s.split("(")[1][:-1], "where": {"指标": s}}
                for i, s in enumerate(("国内生产总值(亿元)", "年末总人口(万人)", "就业人员(万人)"))
            },
        ),
        (),
    ),
    "a list of pilots": (
        [
            ["城市", "试点年份", "批次"],
            ["石家庄市", 2010, "第一批"],
            ["唐山市", 2012, "第二批"],
            ["秦皇岛市", 2017, "第三批"],
        ],
        flat(CITY, None, {"a": {"header": "试点年份", "measure": "1"}, "b": {"header": "批次", "measure": "category"}}),
        (),
    ),
    "codes": (
        [
            ["行政区划代码", "城市", "年份", "gdp"],
            *([c, n, y, number(n, y)] for c, n in ((130100, "石家庄市"), (130200, "唐山市")) for y in YEARS),
        ],
        flat({"level": "city", "code": "行政区划代码", "name": "城市"}, {"header": "年份"}, columns("gdp")),
        (),
    ),
    "provinces and codes beside cities": (
        [
            ["年份", "省份", "城市", "省份代码", "城市代码", "gdp"],
            *(
                [y, "河北省", n, 130000, c, number(n, y)]
                for c, n in ((130100, "石家庄市"), (130200, "唐山市"))
                for y in YEARS
            ),
        ],
        flat(
            {"level": "city", "code": "城市代码", "name": "城市"},
            {"header": "年份"},
            {"p": {"header": "省份", "measure": "category"}, **columns("gdp")},
            ignore=["省份代码"],
        ),
        (),
    ),
    "marks": (
        [
            ["地区", "2019年", "2018年"],
            ["北京", 1.5, "…"],
            ["天津", "-", 2.5],
            ["河北", 3.5, ""],
            ["山西", "4.5①", 5.5],
        ],
        flat(PROVINCE, IN, {"v": {**VALUE, "missing": ["", "…", "-"]}}, footnote_marks=["①"]),
        (),
    ),
    "numbers that look like years": (
        [["地区", "2019年"], ["北京", 2000], ["天津", 1999], ["河北", 35.5], ["山西", 2001]],
        flat(PROVINCE, IN, {"v": VALUE}),
        (),
    ),
    "units without any number": (
        [["地区", "2019年", "2018年"], ["北京", 1.5, 2.5], ["西藏", "", ""], ["河北", 3.5, 4.5]],
        flat(PROVINCE, IN, {"v": VALUE}),
        (),
    ),
    "a first unit without any number": (
        [["地区", "2019年", "2018年"], ["西藏", "", ""], ["北京", 1.5, 2.5], ["河北", 3.5, 4.5]],
        flat(PROVINCE, IN, {"v": VALUE}),
        (),
    ),
    "a first row without a number": (
        [
            ["年份", "城市", "gdp"],
            [2010, "唐山市", ""],
            [2011, "唐山市", 1.5],
            [2012, "唐山市", 2.5],
            [2010, "石家庄市", 3.5],
        ],
        flat(CITY, {"header": "年份"}, columns("gdp")),
        (),
    ),
    "blank rows and columns": (
        [["地区", "2019年", "", "2018年"], ["北京", 1.5, "", 2.5], ["", "", "", ""], ["河北", 3.5, "", 4.5]],
        flat(PROVINCE, IN, {"v": VALUE}, blank_headers=1, footer={"blank_rows": 1}),
        (),
    ),
}
