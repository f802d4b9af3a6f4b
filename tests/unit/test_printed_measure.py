"""The unit of measure that a table prints against the one its source declares."""

from pathlib import Path
from typing import Any

import pytest
from made_workbooks import CITY_MERGES, CITY_PAGE, CITY_TABLE, read_made, write_xlsx
from shidian.errors import SourceError
from shidian.measures import parse_measure
from shidian.yearbook.extract import Extraction
from shidian.yearbook.printed_measure import read_unit, unit_of_header, units_of_lines

FLAT: dict[str, Any] = {"layout": "flat", "unit": {"level": "other", "name": "name"}, "year": {"fixed": 2010}}


def read(folder: Path, header: str, measure: str, above: str = "", **keys: Any) -> Extraction:
    (folder / "a.csv").write_text(f"{above}name,{header}\na,5\n", encoding="utf-8")
    column = {"header": keys.pop("at", header.split(",")[0]), "measure": measure, **keys}
    table = FLAT | {"columns": {"x": column}} | ({"header_row": above.count("\n") + 1} if above else {})
    return read_made(folder, table, "a.csv")


@pytest.mark.parametrize(
    ("text", "measure"),
    [("万元", "万元"), ("亿元人民币", "亿元"), ("100 million yuan", "亿元"), ("10 000 persons", "万人"), ("％", "%"),
     ("10,000 persons", "万人"), ("CNY 100 million", "亿元"), ("元/人", "元/人"), ("yuan per person", "元/人"),
     ("sq km", "km2"), ("单位：万吨", "万吨"), ("万辆", "10000 个"), ("Billion US$", "1000000000 usd"),
     ("千册", "1000 件"), ("persons/sq km", "人/km2")],
)  # fmt: skip
def test_units_as_printed(text: str, measure: str) -> None:
    found = read_unit(text)
    wanted = parse_measure(measure)
    assert found is not None
    assert found.measure.dims == wanted.dims
    assert found.measure.factor == pytest.approx(wanted.factor, rel=1e-12)


@pytest.mark.parametrize(
    "text",
    ["2018 年", "2010=100", "上年=100", "男", "全市", "2015", "", "x", "log", "亿", "million", "Total", "人均", "1"],
)
def test_texts_that_are_no_units(text: str) -> None:
    assert read_unit(text) is None


@pytest.mark.parametrize(
    ("path", "unit"),
    [(("财政收入（万元）",), "万元"), (("地区生产总值", "(万元)"), "万元"), (("年末总人口万人",), "万人"),
     (("人口", "万人"), "万人"), (("每万人",), None), (("财政(万元)", "收入"), "万元"), (("万元",), "万元"),
     (("GDP (100 million yuan)", "2018"), "100 million yuan"), (("收入(现价)(亿元)",), "亿元"), (("人口数",), None)],
)  # fmt: skip
def test_units_in_headers(path: tuple[str, ...], unit: str | None) -> None:
    found = unit_of_header(path)
    assert (found.text if found else None) == unit


def test_units_in_lines_above() -> None:
    assert [one.text for one in units_of_lines(["2-1 财政", "单位：万元、人"])] == ["万元", "人"]
    assert [one.text for one in units_of_lines(["指标：总人口(万人)"])] == ["万人"]
    assert units_of_lines(["单位：见下表"]) == ()


@pytest.mark.parametrize(
    ("header", "measure", "says"),
    [
        ("支出(万元)", "亿元",
         r"cell 1:支出\(万元\): the header '支出\(万元\)' says '万元', columns.x.measure is '亿元', "
         r"10,000 times as small. Declare the measure that is printed, or insist with 'columns.x.override: why'"),
        ("支出(亿元)", "万元", "10,000 times as large"), ("population (10 000 persons)", "人", "10,000 times as large"),
        ("从业人员(人)", "万元", "another kind"), ("占比(%)", "1", "100 times as small"),
        ("GDP(亿元)", "1", "another kind"), ("出口(万美元)", "万元", "another kind"),
        ("汽车(万辆)", "个", "10,000 times"), ("年末总人口万人", "人", "10,000 times as large"),
    ],
)  # fmt: skip
def test_another_measure_than_the_header_says_stops(tmp_path: Path, header: str, measure: str, says: str) -> None:
    with pytest.raises(SourceError, match=says):
        read(tmp_path, header, measure)
    found = read(tmp_path, header, measure, override="the header is a misprint")
    (line,) = found.ledger.to_dict("records")
    assert line["detail"] == "the header is a misprint"
    assert line["indicator"] == "x"
    assert f"declared in {measure}" in line["event"]


@pytest.mark.parametrize(
    ("header", "measure"),
    [("人均GDP(元)", "元/人"), ("支出(万元)", "万元"), ("支出(万元)", "10000 yuan"), ("医院(个)", "个"),
     ("学生(人)", "个"), ("指数(上年=100)", "1"), ("支出(2010)", "万元"), ("密度(人/平方公里)", "人/km2"),
     ("汽车(辆)", "个"),
     ("能耗(吨)", "吨"), ("GDP(亿元)", "log 亿元"), ("户数(户)", "户"), ("职工人数(人)", "1")],
)  # fmt: skip
def test_the_same_measure_in_other_words_is_read(tmp_path: Path, header: str, measure: str) -> None:
    found = read(tmp_path, header, measure)
    assert found.records["value"].tolist() == [5.0]
    assert found.ledger.empty


def test_the_lines_above_say_it_for_columns_of_their_kind(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"the table says '万元', columns.x.measure is '亿元', 10,000 times as small"):
        read(tmp_path, "支出", "亿元", above="单位：万元\n")
    with pytest.raises(SourceError, match="the table says '万人'"):
        read(tmp_path, "2010", "人", above="指标：总人口(万人)\n")
    for measure in ("万元", "人", "%"):
        assert read(tmp_path, "支出", measure, above="单位：万元\n").records["value"].tolist() == [5.0]
    assert not read(tmp_path, "支出", "亿元", above="单位：万元\n", override="all are 亿元").ledger.empty
    assert read(tmp_path, "支出(亿元)", "亿元", above="单位：万元\n").records["value"].tolist() == [5.0]


def test_a_yearbook_page(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "a.xlsx", {"2-11": CITY_PAGE}, CITY_MERGES)
    columns = CITY_TABLE["columns"] | {"gdp_wan_yuan": CITY_TABLE["columns"]["gdp_wan_yuan"] | {"measure": "亿元"}}
    with pytest.raises(
        SourceError, match=r"a.xlsx, sheet '2-11', cell C4: .*says '万元', columns.gdp_wan_yuan.measure"
    ):
        read_made(tmp_path, CITY_TABLE | {"columns": columns}, "a.xlsx")


def test_rows_that_are_series_say_it_too(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("name,item,v\na,GDP(亿元),5\na,人口(万人),6\n", encoding="utf-8")
    columns = {
        "gdp": {"header": "v", "measure": "万元", "where": {"item": "GDP(亿元)"}},
        "people": {"header": "v", "measure": "万人", "where": {"item": "人口(万人)"}},
    }
    with pytest.raises(SourceError, match=r"its rows \(GDP\(亿元\)\) say '亿元', columns.gdp.measure is '万元'"):
        read_made(tmp_path, FLAT | {"columns": columns}, "a.csv")


def test_shares_stored_and_shown_as_percentages(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "S"
    for row in (("name", "share(%)"), ("a", 0.653)):
        sheet.append(row)
    sheet["B2"].number_format = "0.0%"
    book.save(tmp_path / "a.xlsx")
    table = FLAT | {"sheet": "S", "columns": {"x": {"header": "share(%)", "measure": "1"}}}
    assert read_made(tmp_path, table, "a.xlsx").records["value"].tolist() == [0.653]
