"""Layouts of files as they come: what each gives where it is declared, and the one line where it is not."""

import copy
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from made_workbooks import read_made, refused, values, write_source, write_xlsx
from made_workbooks import read_sheet as read
from shidian.drafting.inspect import inspect_workbook
from shidian.errors import SourceError
from shidian.trace.value import Trace, TracedCell, describe
from shidian.yearbook.assemble import cells_above
from shidian.yearbook.corrections import Correction
from shidian.yearbook.extract import extract_files
from shidian.yearbook.patterns import said_by
from shidian.yearbook.periods import PeriodText
from shidian.yearbook.source import load_source

CASES = Path(os.environ.get("SHIDIAN_SHARED", Path(__file__).resolve().parents[3] / "shared")) / "cases" / "files"
GDP = {"gdp": {"header": "gdp", "measure": "亿元"}}
WHOLE = {"gdp": {"header": [], "measure": "亿元"}}


def table(unit: dict[str, Any], year: dict[str, Any] | None, columns: Any = GDP, **more: Any) -> dict[str, Any]:
    return {"layout": "flat", "sheet": "S", "unit": {"level": "city", **unit}, "columns": columns,
            **({"year": year} if year else {}), **more}  # fmt: skip


MERGED = [["地区", "年份", "gdp"], ["石家庄市", 2010, 1], ["", 2011, 2], ["唐山市", 2010, 3], ["", 2011, 4]]
BY_UNIT = {("石家庄市", 2010): 1, ("石家庄市", 2011): 2, ("唐山市", 2010): 3, ("唐山市", 2011): 4}


@pytest.mark.parametrize("merges", [(), [(1, 0, 2, 0), (3, 0, 4, 0)]])
def test_units_printed_once_are_filled_down_by_declaration(tmp_path: Path, merges: Any) -> None:
    plain = table({"name": "地区"}, {"header": "年份"})
    refused(tmp_path, MERGED, plain, "declare 'fill_down: [name]' under 'unit'")
    found = read(tmp_path, MERGED, table({"name": "地区", "fill_down": True}, {"header": "年份"}), merges)
    assert values(found, "unit_name", "year") == BY_UNIT
    cells = found.cells.set_index("cell_id")
    assert cells.loc["made/1/S!A2", "raw_text"] == "石家庄市"
    assert "made/1/S!A3" not in cells.index
    assert cells_above(cells.loc["made/1/S!C3", "row_label"]) == "A2"
    assert cells_above(cells.loc["made/1/S!C2", "row_label"]) == ""
    assert found.ledger[["event", "count"]].values.tolist() == [["rows whose '地区' stands above", 2]]


def test_a_correction_of_a_name_that_is_filled_down(tmp_path: Path) -> None:
    change = Correction("made/1/S!A4", "唐山市", "秦皇岛市", "misprint")
    found = read(tmp_path, MERGED, table({"name": "地区", "fill_down": True}, {"header": "年份"}), corrections=[change])
    assert values(found, "unit_name", "year")["秦皇岛市", 2011] == 4


def test_provinces_and_years_printed_once(tmp_path: Path) -> None:
    rows = [
        ["年份", "省份", "县", "gdp"], [2010, "江苏省", "鼓楼区", 1], ["", "", "沛县", 2], ["", "河北省", "桥东区", 3],
        [2011, "", "桥东区", 4],
    ]  # fmt: skip
    unit = {"level": "county", "name": "县", "province": "省份"}
    refused(tmp_path, rows, table(unit, {"header": "年份"}), "declare 'fill_down: [province]' under 'unit'")
    unit["fill_down"] = ["province"]
    refused(tmp_path, rows, table(unit, {"header": "年份"}), "declare 'fill_down: true' under 'year'")
    found = read(tmp_path, rows, table(unit, {"header": "年份", "fill_down": True}))
    assert values(found, "province", "unit_name", "year") == {
        ("江苏省", "鼓楼区", 2010): 1, ("江苏省", "沛县", 2010): 2, ("河北省", "桥东区", 2010): 3,
        ("河北省", "桥东区", 2011): 4,
    }  # fmt: skip


def test_no_name_is_filled_into_rows_of_another_unit(tmp_path: Path) -> None:
    rows = [["code", "地区", "gdp"], [130100, "石家庄市", 1], [130200, "", 2]]
    unit = {"code": "code", "name": "地区", "fill_down": ["name"]}
    refused(tmp_path, rows, table(unit, {"fixed": 2010}), "cell B3: blank, and 'code' is '130200' in this row")
    refused(tmp_path, [["地区", "gdp"], ["", 1]], table({"name": "地区", "fill_down": True}, {"fixed": 2010}),
            "cell A2: blank, and no row above it prints")  # fmt: skip
    refused(tmp_path, rows, table({"name": "地区", "fill_down": ["code"]}, {"fixed": 2010}), "'code' is not declared")


@pytest.mark.parametrize("place", [{"column": "A"}, {"position": 1}])
def test_columns_without_a_header_are_named_by_their_place(tmp_path: Path, place: dict[str, Any]) -> None:
    rows = [["", "", "gdp", ""], ["石家庄市", 2010, 1, 5], ["唐山市", 2010, 3, 7]]
    columns = {**GDP, "pop": {"header": {"column": "D"}, "measure": "万人"}}
    found = read(tmp_path, rows, table({"name": place}, {"header": {"position": 2}}, columns))
    assert values(found, "unit_name", "year", "indicator") == {
        ("石家庄市", 2010, "gdp"): 1, ("石家庄市", 2010, "pop"): 5,
        ("唐山市", 2010, "gdp"): 3, ("唐山市", 2010, "pop"): 7,
    }  # fmt: skip
    assert found.cells.set_index("cell_id").loc["made/1/S!D2", "column_label"] == "column D"
    named = table({"name": {"column": "C"}}, None)
    refused(tmp_path, rows, named, "cell C1: column C has the header 'gdp'; name it by that")
    refused(tmp_path, rows, table({"name": {"column": "Z"}}, None), "there is no column Z; the last one is D")
    (tmp_path / "a.csv").write_text(",,gdp,\n石家庄市,2010,1,5\n", encoding="utf-8")
    flat = {k: v for k, v in table({"name": place}, {"header": {"position": 2}}, columns).items() if k != "sheet"}
    assert values(read_made(tmp_path, flat, "a.csv"), "indicator") == {("gdp",): 1, ("pop",): 5}


def test_of_two_equal_headers_one_is_named_by_its_place(tmp_path: Path) -> None:
    rows = [["地区", "gdp", "gdp"], ["石家庄市", 1, 2]]
    columns = {"gdp": {"header": {"column": "C", "header": "gdp"}, "measure": "亿元"},
               "old": {"header": {"column": "B", "header": "gdp"}, "measure": "亿元"}}  # fmt: skip
    found = read(tmp_path, rows, table({"name": "地区"}, {"fixed": 2010}, columns))
    assert values(found, "indicator") == {("gdp",): 2, ("old",): 1}


UNITS = [["年份", "北京", "天津", "河北"], [2010, 1, 2, 3], [2011, 4, 5, 6]]


def test_units_as_columns(tmp_path: Path) -> None:
    declared = table({"level": "province", "in_header": True, "skip": ["河北"]}, {"header": "年份"}, WHOLE)
    found = read(tmp_path, UNITS, declared)
    assert values(found, "unit_name", "year") == {
        ("北京", 2010): 1,
        ("北京", 2011): 4,
        ("天津", 2010): 2,
        ("天津", 2011): 5,
    }
    cells = found.cells.set_index("cell_id")
    assert cells.index.is_unique
    assert cells.loc["made/1/S!C3", ["row_label", "column_label"]].tolist() == ["天津 2011", "天津"]
    assert found.ledger[["event", "count"]].values.tolist() == [["columns of other units skipped", 1]]
    declared["unit"]["skip"] = ["河南"]
    refused(tmp_path, UNITS, declared, "there is no column of '河南', which the declaration of units names")


def test_units_and_years_in_header_rows_and_texts(tmp_path: Path) -> None:
    rows = [["指标", "北京", "", "天津", ""], ["", 2010, 2011, 2010, 2011], ["gdp", 1, 2, 3, 4], ["pop", 5, 6, 7, 8]]
    columns = {name: {"header": [], "measure": "1", "where": {"指标": name}} for name in ("gdp", "pop")}
    declared = table({"in_header": 1}, {"in_header": 2}, columns, layout="yearbook", header_row=1, header_depth=2)
    found = read(tmp_path, rows, declared)
    assert values(found, "unit_name", "year", "indicator") == {
        (unit, year, name): 4 * (name == "pop") + 2 * (unit == "天津") + year - 2009
        for unit in ("北京", "天津") for year in (2010, 2011) for name in ("gdp", "pop")
    }  # fmt: skip
    wide = [["年份", "北京gdp", "北京pop", "天津gdp", "天津pop"], [2010, 1, 2, 3, 4]]
    columns = {name: {"header": "{name}" + name, "measure": "1"} for name in ("gdp", "pop")}
    found = read(tmp_path, wide, table({"in_header": True}, {"header": "年份"}, columns))
    assert values(found, "unit_name", "indicator") == {
        ("北京", "gdp"): 1,
        ("北京", "pop"): 2,
        ("天津", "gdp"): 3,
        ("天津", "pop"): 4,
    }
    both = table({"in_header": True}, {"in_header": True}, WHOLE)
    refused(tmp_path, wide, both, "units and years cannot both be the same header row")


@pytest.mark.parametrize(
    ("headers", "declared", "year"),
    [
        (("gdp2010", "gdp2011"), "gdp{year}", {}),
        (("GDP_2010", "GDP_2011"), "GDP_{year}", {}),
        (("2010年gdp", "2011年gdp"), "{year}gdp", {}),
        (("gdp 10", "gdp 11"), "gdp{year}", {"pivot": 1950}),
        (("2010年", "2011年"), [], {}),
        (("FY2010", "FY2011"), [], {"pattern": "FY{year}"}),
        (("2010年度", "2011年度"), [], {"fiscal": "first"}),
    ],
)
def test_years_inside_headers(tmp_path: Path, headers: Any, declared: Any, year: Any) -> None:
    columns = {"gdp": {"header": declared, "measure": "亿元"}}
    found = read(
        tmp_path,
        [["地区", *headers], ["石家庄市", 1, 2]],
        table({"name": "地区"}, {"in_header": True, **year}, columns),
    )
    assert values(found, "year") == {(2010,): 1, (2011,): 2}


def test_years_in_the_upper_header_row_and_quarters(tmp_path: Path) -> None:
    rows = [["地区", "2010Q1", "", "2010Q2", ""], ["", "gdp", "pop", "gdp", "pop"], ["石家庄市", 1, 2, 3, 4]]
    year = {"in_header": 1, "kind": "quarter"}
    columns = {**GDP, "pop": {"header": "pop", "measure": "万人"}}
    declared = table({"name": "地区"}, year, columns, layout="yearbook", header_depth=2)
    assert values(read(tmp_path, rows, declared), "year", "indicator") == {
        (8040, "gdp"): 1, (8040, "pop"): 2, (8041, "gdp"): 3, (8041, "pop"): 4,
    }  # fmt: skip


def test_headers_without_a_year_say_what_to_declare(tmp_path: Path) -> None:
    rows = [["地区", "2010年末"], ["石家庄市", 1]]
    in_header = table({"name": "地区"}, {"in_header": True}, WHOLE)
    refused(tmp_path, rows, in_header, """no header is a year ('2010年末': for 2010 declare 'pattern: "{year}年末"'""")
    rows = [["地区", "gdp2010"], ["石家庄市", 1]]
    refused(tmp_path, rows, table({"name": "地区"}, {"in_header": True}, GDP), """declared as 'header: "gdp{year}"'""")
    wants = table({"name": "地区"}, {"fixed": 2010}, {"gdp": {"header": "gdp{year}", "measure": "1"}})
    refused(tmp_path, rows, wants, "columns.gdp.header: a header that holds the year wants 'year: {in_header: true}'")


SHEETS = {f"{unit}{year}": [["部门", "co2"], ["农业", i], ["工业", i + 10]]
          for i, (unit, year) in enumerate([("Beijing", 1997), ("Beijing", 1998), ("Tianjin", 1997)])}  # fmt: skip
SECTORS = {
    name: {"header": "co2", "measure": "万吨", "where": {"部门": text}}
    for name, text in [("farm", "农业"), ("industry", "工业")]
}


def of_sheets(pattern: str, unit: dict[str, Any], year: dict[str, Any]) -> dict[str, Any]:
    declared = table({"level": "province", **unit}, year, SECTORS, sheets={"pattern": pattern})
    del declared["sheet"]
    return declared


def test_a_family_of_sheets(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "a.xlsx", {**SHEETS, "说明": [["text"]]})
    declared = of_sheets("{name}{year}", {"from_sheet": True}, {"from_sheet": True})
    found = read_made(tmp_path, declared, "a.xlsx", ignore_sheets=["说明"])
    assert values(found, "unit_name", "year", "indicator") == {
        (unit, year, name): i + 10 * (name == "industry")
        for i, (unit, year) in enumerate([("Beijing", 1997), ("Beijing", 1998), ("Tianjin", 1997)]) for name in SECTORS
    }  # fmt: skip
    assert "made/1/Beijing1998!B2" in set(found.records["cell_id"])
    with pytest.raises(SourceError, match="the sheet '说明' is neither read nor declared"):
        read_made(tmp_path, declared, "a.xlsx")
    for pattern, unit, message in [
        ("Peking{year}", {"fixed_name": "Beijing"}, "no sheet is named as 'Peking{year}' says; found: 'Beijing1997'"),
        ("{any}", {"fixed_name": "Beijing"}, "year.from_sheet: the pattern '{any}' has no {year}"),
        ("{name}{year}", {"fixed_name": "Beijing"}, "read it by 'unit: {from_sheet: true}'"),
        ("Sheet", {"fixed_name": "Beijing"}, "holds nothing that differs from text to text"),
    ]:
        with pytest.raises(SourceError) as caught:
            read_made(tmp_path, of_sheets(pattern, unit, {"from_sheet": True}), "a.xlsx")
        assert message in str(caught.value)


def test_a_family_of_files_says_year_and_unit(tmp_path: Path) -> None:
    for year in (2010, 2011):
        write_xlsx(tmp_path / f"data_{year}.xlsx", {"S": [["地区", "gdp"], ["石家庄市", year]]})
    declared = table({"name": "地区"}, {"from_file": True}, file_name="data_{year}.xlsx")
    files = [{"path": "data_{2010..2011}.xlsx", "what": "w"}]
    source = load_source(write_source(tmp_path, [copy.deepcopy(declared)], "", files=files))
    assert values(extract_files(source, [1, 2], tmp_path), "year") == {(2010,): 2010, (2011,): 2011}
    files = [{**files[0], "year": 2009}]
    with pytest.raises(SourceError, match="the name says year 2010, the file's entry or another table 2009"):
        load_source(write_source(tmp_path, [copy.deepcopy(declared)], "", files=files))
    write_xlsx(tmp_path / "河北省.xlsx", {"S": [["年份", "gdp"], [2010, 3]]})
    declared = table({"level": "province", "from_file": True}, {"header": "年份"}, file_name="{name}.xlsx")
    assert values(read_made(tmp_path, declared, "河北省.xlsx"), "unit_name", "year") == {("河北省", 2010): 3}


LEVELS = [["地区", "级别", "gdp"], ["石家庄市", "地级市", 1], ["辛集市", "县级市", 2], ["", "全省", 9]]


@pytest.mark.parametrize("rows", [{"keep_rows": {"级别": "地级市"}}, {"drop_rows": {"级别": ["县级市", "全省"]}}])
def test_rows_are_filtered_by_another_column(tmp_path: Path, rows: dict[str, Any]) -> None:
    found = read(tmp_path, LEVELS, table({"name": "地区"}, {"fixed": 2010}, **rows))
    assert values(found, "unit_name") == {("石家庄市",): 1}
    (line,) = found.ledger.to_dict("records")
    assert (line["event"], line["count"], line["detail"]) == ("rows left out by '级别'", 2, "县级市 (1); 全省 (1)")


def test_filters_that_fit_no_row_are_refused(tmp_path: Path) -> None:
    declared = table({"name": "地区"}, {"fixed": 2010}, drop_rows={"级别": "县级"})
    refused(
        tmp_path,
        LEVELS,
        declared,
        "no row holds '县级' under '级别' (did you mean '县级市'?); found: 地级市 | 县级市 | 全省",
    )
    nothing = table({"name": "地区"}, {"fixed": 2010}, drop_rows={"级别": ["地级市", "县级市", "全省"]})
    refused(tmp_path, LEVELS, nothing, "leave no row")


def test_merged_texts_of_filters_and_series(tmp_path: Path) -> None:
    rows = [
        ["项目", "年份", "地区", "x"],
        ["gdp", 2010, "石家庄市", 1],
        ["", 2011, "石家庄市", 2],
        ["pop", 2010, "石家庄市", 3],
    ]
    columns = {name: {"header": "x", "measure": "1", "where": {"项目": name}} for name in ("gdp", "pop")}
    declared = table({"name": "地区"}, {"header": "年份"}, columns, fill_down=["项目"])
    assert values(read(tmp_path, rows, declared), "indicator", "year") == {
        ("gdp", 2010): 1,
        ("gdp", 2011): 2,
        ("pop", 2010): 3,
    }
    stray = table({"name": "地区"}, {"header": "年份"}, GDP, fill_down=["项目"])
    refused(tmp_path, rows, stray, "fill_down: '项目' stands in no 'where'")


INDENTED = [
    ["地区", "", "gdp"],
    ["河北省", "", 9],
    ["", "石家庄市", 1],
    ["", "唐山市", 2],
    ["江苏省", "", 8],
    ["", "南京市", 3],
]


def test_names_indented_over_several_columns(tmp_path: Path) -> None:
    declared = table({"name": "地区", "indented": {"columns": 2, "province": 1}}, {"fixed": 2010})
    found = read(tmp_path, INDENTED, declared)
    assert values(found, "province", "unit_name") == {
        ("河北省", "石家庄市"): 1,
        ("河北省", "唐山市"): 2,
        ("江苏省", "南京市"): 3,
    }
    cells = found.cells.set_index("cell_id")
    assert cells.loc["made/1/S!B3", "raw_text"] == "石家庄市"
    assert found.ledger[["event", "count"]].values.tolist() == [["rows of other units skipped", 2]]
    all_ = table({"name": "地区", "indented": {"columns": 2}}, {"fixed": 2010})
    assert len(read(tmp_path, INDENTED, all_).records) == 5
    two = [*INDENTED[:2], ["江苏省", "南京市", 3]]
    refused(
        tmp_path, two, declared, "cell B3: '南京市' stands beside '江苏省'; of names that are indented over 2 columns"
    )


@pytest.mark.parametrize("numbers", [("gdp", "pop"), (2010, 2011)])
def test_repeated_headers_are_no_data(tmp_path: Path, numbers: Any) -> None:
    rows = [["地区", *numbers], ["石家庄市", 1, 2], ["地区", *numbers], ["唐山市", 3, 4]]
    by_year = numbers[0] == 2010
    columns = WHOLE if by_year else {**GDP, "pop": {"header": "pop", "measure": "万人"}}
    declared = table({"name": "地区"}, {"in_header": True} if by_year else {"fixed": 2010}, columns)
    refused(tmp_path, rows, declared, "row 3: the headers are printed again")
    found = read(tmp_path, rows, {**declared, "repeated_header": True})
    assert sorted(found.records["value"]) == [1, 2, 3, 4]
    assert found.ledger[["event", "count"]].values.tolist() == [["repeated headers skipped", 1]]
    refused(tmp_path, rows[:2], {**declared, "repeated_header": True}, "but no row repeats the headers")


def test_the_year_of_a_text_is_the_longest() -> None:
    reads = PeriodText()
    assert said_by("{name}{year}", "Region12001", reads).name == "Region1"  # type: ignore[union-attr]
    assert said_by("{code}_{year}", "110000_2010", reads).code == "110000"  # type: ignore[union-attr]
    assert said_by("gdp{year}", "gdpx", reads) is None
    assert PeriodText(kind="quarter", pattern="{year}({any})").read("2010Q1(预计)") == 8040


@pytest.mark.parametrize(
    ("rows", "drafted"),
    [
        ([["地区", "2019年", "2018年"], ["河北省", 1.5, 2.5], ["江苏省", 3.5, 4.5]], "header: []"),
        ([["地区", "gdp2018", "gdp2019"], ["河北省", 1.5, 2.5], ["江苏省", 3.5, 4.5]], 'header: "gdp{year}"'),
    ],
)
def test_inspect_drafts_years_of_headers(tmp_path: Path, rows: Any, drafted: str) -> None:
    draft = inspect_workbook(write_xlsx(tmp_path / "a.xlsx", {"S": rows}))
    assert drafted in draft
    assert "in_header: true" in draft


def test_a_draft_without_a_year_does_not_run(tmp_path: Path) -> None:
    rows = [["地区", "gdp"], ["河北省", 1.5], ["河北省", 2.5]]
    draft = inspect_workbook(write_xlsx(tmp_path / "a.xlsx", {"S": rows}))
    assert "fixed: 2000" not in draft


@pytest.mark.parametrize("name", ["no", "yes", "on", "y"])
def test_words_that_other_yaml_reads_as_booleans_are_names(tmp_path: Path, name: str) -> None:
    columns = {name: {"header": "gdp", "measure": "亿元"}}
    found = read(tmp_path, [["地区", "gdp"], ["石家庄市", 1]], table({"name": "地区"}, {"fixed": 2010}, columns))
    assert values(found, "indicator") == {(name,): 1}


def test_empty_names_and_truth_values_as_keys_are_one_line(tmp_path: Path) -> None:
    refused(tmp_path, LEVELS, table({"name": ""}, {"fixed": 2010}), "at 'tables[1].unit.name'")
    refused(tmp_path, LEVELS, table({"name": "地区"}, {"fixed": "TODO"}), "'TODO' is not a year")
    path = write_source(tmp_path, [table({"name": "地区"}, {"fixed": 2010})], "a.xlsx")
    path.write_text(path.read_text(encoding="utf-8").replace("gdp:", "true:"), encoding="utf-8")
    with pytest.raises(SourceError, match="the key True is read as true or false; put it in quotes"):
        load_source(path)


@pytest.mark.parametrize(
    ("file", "declared", "expected"),
    [
        ("c_merged_unit.xlsx", table({"name": "地区", "fill_down": True}, {"header": "年份"}), [1, 2, 3, 4]),
        ("c_merged_prov.xlsx",
         table({"level": "county", "name": "县", "province": "省份", "fill_down": ["province"]}, {"fixed": 2010}),
         [1, 2, 3, 4]),
        ("c_wide_suffix.xlsx",
         table({"name": "city"}, {"in_header": True}, {"gdp": {"header": "gdp{year}", "measure": "1"},
                                                       "pop": {"header": "pop{year}", "measure": "1"}}), [1, 2, 3, 4]),
        ("c_units_in_columns.xlsx",
         table({"level": "province", "in_header": True}, {"header": "年份"}, WHOLE), [1, 2, 3, 4, 5, 6]),
        ("c_dateheader.xlsx", table({"name": "地区"}, {"in_header": True, "kind": "year"}, WHOLE), [1, 2]),
    ],
)  # fmt: skip
def test_files_of_the_cases(tmp_path: Path, file: str, declared: dict[str, Any], expected: list[float]) -> None:
    if not (CASES / file).exists():
        pytest.skip("the shared cases are not here")
    source = load_source(write_source(tmp_path, [copy.deepcopy(declared)], file))
    assert sorted(extract_files(source, [1], CASES).records["value"]) == expected


def test_a_trace_names_the_cell_that_a_unit_was_filled_down_from() -> None:
    cell = TracedCell("s.gdp", 2011, 2.0, "亿元", 1.0, "as_printed", "a.xlsx", "0" * 64, "S", "C3", "2", "A2")
    trace = Trace("gdp", "s.gdp", "130100", "石家庄市", 2011, 2.0, "亿元", (cell,))
    assert "unit or year of the row filled down from A2" in describe((trace,))
    assert "filled down" not in describe((replace(trace, cells=(replace(cell, above=""),)),))
