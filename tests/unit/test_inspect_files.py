"""Inspect: families of sheets, folders of yearly files, what a file says beyond its cells, what stops a draft."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from layout_drafts import PROVINCES, number, wide
from made_workbooks import write_xlsx
from shidian.cli import main
from shidian.drafting.families import pattern_of
from shidian.drafting.folder import inspect_folder
from shidian.drafting.inspect import inspect_workbook
from shidian.drafting.measures import measure_of
from shidian.drafting.periods import sole_year
from shidian.errors import ShidianError, SourceError
from shidian.yearbook.extract import extract_files
from shidian.yearbook.source import load_source
from test_draft_layouts import drafted_records, filled

SHARED = Path(os.environ.get("SHIDIAN_SHARED", "../shared"))
KINDS = (".xls", ".xlsx", ".csv", ".dta", ".tsv", ".ods", ".xlsb", ".html", ".pdf")


def one_year(names: Any = PROVINCES, heads: Any = ("gdp", "pop"), year: int = 2010) -> list[list[Any]]:
    return [["地区", *heads], *([name, *(number(name, head, year) for head in heads)] for name in names)]


def by_unit_and_year(records: pd.DataFrame) -> dict[tuple[Any, ...], float]:
    keys = records[["unit_name", "year", "indicator"]].itertuples(index=False, name=None)
    return dict(zip(keys, records["value"], strict=True))


def folder_records(folder: Path, tmp_path: Path) -> tuple[str, pd.DataFrame]:
    text = inspect_folder(folder)
    draft = filled(text)
    source = tmp_path / f"{draft.splitlines()[0].removeprefix('source: ')}.yaml"
    source.write_text(draft, encoding="utf-8")
    declared = load_source(source)
    return text, extract_files(declared, range(1, len(declared.files) + 1), folder).records


def test_sheets_named_by_years_are_one_table(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "a.xlsx", {f"{year}年": one_year(year=year) for year in (2010, 2011, 2012)})
    text, records = drafted_records(tmp_path / "a.xlsx", tmp_path)
    assert 'sheets: { pattern: "{year}年" }' in text
    assert "year: { from_sheet: true }" in text
    assert text.count("- layout") == 1
    found = by_unit_and_year(records)
    assert found["北京", 2011, "gdp"] == number("北京", "gdp", 2011)
    assert len(found) == 5 * 3 * 2


def test_sheets_named_by_units_and_years_are_one_table(tmp_path: Path) -> None:
    sheets = {f"{name}{year}": [["指标", "数值"], ["地区生产总值(亿元)", year / 7], ["年末人口(万人)", year / 9]]
              for name in ("Hebei", "Tianjin") for year in (1997, 1998)}  # fmt: skip
    write_xlsx(tmp_path / "a.xlsx", {"说明": [["数据说明"]], **sheets})
    text, records = drafted_records(tmp_path / "a.xlsx", tmp_path)
    assert 'sheets: { pattern: "{name}{year}" }' in text
    assert "level: province" in text
    assert 'ignore_sheets: ["说明"]' in text
    assert by_unit_and_year(records)["Tianjin", 1998, "gdp"] == pytest.approx(1998 / 7)


def test_sheets_with_a_row_of_units_of_measure_and_a_column_of_items(tmp_path: Path) -> None:
    head = [["", "Raw Coal", "Coke", "Total"], ["Unit", "10^4 tons", "10^4 tons", "mt CO2"]]
    items = ("Total", "Farming")
    sheets = {f"{name}{year}": [*head, *([item, *(number(name, year, item, i) for i in range(3))] for item in items)]
              for name in ("Beijing", "Hebei", "InnerMongolia") for year in (1997, 1998)}  # fmt: skip
    write_xlsx(tmp_path / "a.xlsx", {"NOTE": [["Notes"]], **sheets})
    text, records = drafted_records(tmp_path / "a.xlsx", tmp_path)
    assert text.count("- layout") == 1
    assert 'measure: "10^4 tons"' in text
    assert by_unit_and_year(records)["Hebei", 1998, "farming_coke"] == number("Hebei", 1998, "Farming", 1)
    assert len(records) == 6 * 6


def test_firms_of_one_city_are_told_by_their_codes(tmp_path: Path) -> None:
    rows = [
        ["stkcd", "year", "city", "roa"],
        *([code, y, "深圳市", number(code, y)] for code in ("000001", "000002") for y in (2010, 2011)),
    ]
    write_xlsx(tmp_path / "a.xlsx", {"S": rows})
    text, records = drafted_records(tmp_path / "a.xlsx", tmp_path)
    assert 'code: "stkcd"\n      code_kind: plain\n    year' in text
    assert set(records["unit_code"]) == {"000001", "000002"}
    assert set(records["indicator"]) == {"city", "roa"}


def test_china_is_a_country_among_countries(tmp_path: Path) -> None:
    rows = [["Country Name", "1990", "1991"], ["China", 1.5, 2.5], ["Japan", 3.5, ""], ["Total", 9, 9]]
    write_xlsx(tmp_path / "a.xlsx", {"S": rows})
    _, records = drafted_records(tmp_path / "a.xlsx", tmp_path)
    assert set(records["unit_name"]) == {"China", "Japan"}


def test_sheets_of_other_kinds_stay_apart(tmp_path: Path) -> None:
    sheets = {"2010": one_year(), "2011": one_year(heads=("gdp", "area"))}
    write_xlsx(tmp_path / "a.xlsx", sheets)
    text, records = drafted_records(tmp_path / "a.xlsx", tmp_path)
    assert "pattern" not in text
    assert "year: { fixed: 2011 } # as '2011' says" in text
    assert set(records["year"]) == {2010, 2011}


@pytest.mark.parametrize("titled", [False, True])
def test_tables_beside_each_other(tmp_path: Path, titled: bool) -> None:
    title = [["2010年主要指标", "", "", "续表(2010年)", "", ""]] if titled else []
    rows = [
        ["地区", "gdp", "", "地区", "人口（万人）", "面积"],
        *([p, number(p, 1), "", p, number(p, 2), 2.5] for p in PROVINCES),
    ]
    write_xlsx(tmp_path / "a.xlsx", {"S": [*title, *rows]})
    text, records = drafted_records(tmp_path / "a.xlsx", tmp_path)
    assert "    area: " in text
    found = by_unit_and_year(records)
    year = 2010 if titled else 2015
    assert found["河北", year, "gdp"] == number("河北", 1)
    assert found["河北", year, "population"] == number("河北", 2)
    assert len(found) == 15


def test_tables_below_each_other(tmp_path: Path) -> None:
    first = [["2-1 生产总值(2010年)", "", ""], *wide(heads=("gdp", "人口"))]
    second = [["注：初步数。", "", ""], ["", "", ""], ["2-2 面积(2010年)", "", ""], ["城市", "面积", "耕地"]]
    second += [[name, number(name, 3), number(name, 4)] for name in ("石家庄市", "唐山市", "保定市")]
    write_xlsx(tmp_path / "a.xlsx", {"S": [*first, *second]})
    text, records = drafted_records(tmp_path / "a.xlsx", tmp_path)
    assert text.count("- layout: yearbook") == 2
    assert text.count("year: { fixed: 2010 }") == 2
    found = by_unit_and_year(records)
    assert found["唐山市", 2010, "area"] == number("唐山市", 3)
    assert len(found) == 10 + 6


def test_a_folder_of_yearly_files_is_one_source(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    for year in range(2001, 2021):
        heads = ("gdp", "pop") if year < 2011 else ("gdp", "pop", "co2")
        write_xlsx(folder / f"data_{year}.xlsx", {"Sheet1": one_year(heads=heads, year=year)})
    write_xlsx(
        folder / "pilots.xlsx", {"S": [["城市", "试点年份"], ["石家庄市", 2010], ["唐山市", 2012], ["保定市", 2012]]}
    )
    (folder / "readme.md").write_text("notes", encoding="utf-8")
    text, records = folder_records(folder, tmp_path)
    assert 'path: "data_{2001..2020}.xlsx"' in text
    assert 'file_name: "data_{year}.xlsx"' in text
    assert 'header: [{ until: 2010, absent: true }, { from: 2011, is: "co2" }]' in text
    assert "  2011  co2   none  co2" in text
    assert (
        "not among them: pilots.xlsx: 1 table of level city with no year, in data_2001.xlsx 1 table of level province"
        in text
    )
    assert "not among them: readme.md: no kind of file that the reader knows" in text
    found = by_unit_and_year(records)
    assert len(found) == 5 * (20 * 2 + 10)
    assert found["天津", 2015, "co2"] == number("天津", "co2", 2015)


def test_files_of_other_series_are_named_and_left_out(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    for year in (2001, 2002, 2003):
        write_xlsx(folder / f"{year}.xlsx", {f"t{year}": one_year(year=year)})
    write_xlsx(folder / "2004.xlsx", {"t": one_year(heads=("rain", "sun"), year=2004)})
    text, records = folder_records(folder, tmp_path)
    assert "not among them: 2004.xlsx: other series than 2001.xlsx ('rain', 'sun')" in text
    assert 'sheet: "t{year}"' in text
    assert set(records["year"]) == {2001, 2002, 2003}


def test_files_without_years_in_their_names_leave_them_open(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    for name in ("first", "second"):
        write_xlsx(folder / f"{name}.xlsx", {"S": one_year()})
    text = inspect_folder(folder)
    assert text.count("    year: TODO") == 2
    assert "from_file: true" in text
    assert "the year being left to you" in text
    for path in folder.iterdir():
        path.unlink()
    with pytest.raises(SourceError, match="the folder holds no file of a kind that the reader knows"):
        inspect_folder(folder)


def test_the_command_takes_files_and_folders(tmp_path: Path, capsys: Any) -> None:
    for year in (2001, 2002):
        write_xlsx(tmp_path / f"{year}.xlsx", {"S": wide()})
    assert main(["inspect", str(tmp_path)]) == 0
    assert "2 files of one kind" in capsys.readouterr().out
    assert main(["inspect", str(tmp_path / "2001.xlsx")]) == 0
    assert "# The draft runs once title" in capsys.readouterr().out


def test_an_encoding_that_is_given_stands_in_the_draft(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("地区,2019年,2018年\n北京,1.5,2.5\n河北,3,4\n", encoding="gbk")
    assert "    encoding: gbk\n" in inspect_workbook(tmp_path / "a.csv", "gbk")
    assert "    encoding: gb18030\n" in inspect_workbook(tmp_path / "a.csv")
    write_xlsx(tmp_path / "a.xlsx", {"S": wide()})
    assert "encoding: " not in inspect_workbook(tmp_path / "a.xlsx", "gbk")


@pytest.mark.parametrize("text", ["无表格\n", "a,b\n", "x,y\nred,blue\n\n"])
def test_a_file_without_a_table_has_no_draft(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    said = inspect_workbook(tmp_path / "a.csv")
    assert said.splitlines()[-1].startswith("No draft: no table was found")
    assert "None" not in said
    assert "ignore_sheets" not in said


def test_characters_that_cannot_be_printed_are_written_by_number(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("city,year,g\x00dp\n石家庄市,2010,1.5\n唐山市,2010,2\n", encoding="utf-8")
    said = inspect_workbook(tmp_path / "a.csv")
    assert "\x00" not in said.split("Draft of the source file:")[1]
    assert "# The draft does not run: " in said


def test_what_stops_a_draft_is_one_line(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "a.xlsx", {"S": [["地区", "2019年"], ["北京", 1.5], ["天津", "12万"], ["河北", 3]]})
    last = inspect_workbook(tmp_path / "a.xlsx").strip().splitlines()[-1]
    assert last.startswith("# The draft does not run: a.xlsx, sheet 'S', cell B3: '12万' is not a number")


def test_labels_of_regions_in_stata_are_read_as_names(tmp_path: Path) -> None:
    frame = pd.DataFrame({"prov": [0, 1, 0, 1], "year": [2010, 2010, 2011, 2011], "gdp": [1.5, 2, 3, 4]})
    labels = {"prov": {0: "北京市", 1: "天津市"}}
    frame.to_stata(tmp_path / "a.dta", write_index=False, value_labels=labels, version=118)
    text, records = drafted_records(tmp_path / "a.dta", tmp_path)
    assert 'value_labels: ["prov"]' in text
    assert "header_row" not in text
    assert set(records["unit_name"]) == {"北京市", "天津市"}


def test_years_are_those_that_something_says(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "gdp_2013.xlsx", {"S": one_year()})
    assert "year: { fixed: 2013 } # as 'gdp_2013' says" in inspect_workbook(tmp_path / "gdp_2013.xlsx")
    write_xlsx(tmp_path / "gdp_2013.xlsx", {"S": [["各地区生产总值(2012年)", "", ""], *one_year()]})
    assert "year: { fixed: 2012 }" in inspect_workbook(tmp_path / "gdp_2013.xlsx")
    write_xlsx(tmp_path / "gdp.xlsx", {"S": one_year()})
    assert "year: { fixed: TODO } # TODO: the year of the table" in inspect_workbook(tmp_path / "gdp.xlsx")
    assert [sole_year(text) for text in ("1996-2023年", "13070", "FY2010")] == [None, None, 2010]


@pytest.mark.parametrize(
    ("names", "pattern"),
    [
        (("2010", "2011"), "{year}"),
        (("北京", "天津", "河北"), "{name}"),
        (("北京_2010", "天津_2010"), "{name}_{year}"),
        (("Sheet1", "Sheet2"), None),
        (("a2010", "b2011"), None),
        (("2010", "说明"), None),
    ],
)
def test_how_names_differ(names: tuple[str, ...], pattern: str | None) -> None:
    assert pattern_of(names) == pattern


@pytest.mark.parametrize(
    ("header", "measure"),
    [
        ("GDP/亿元", "亿元"), ("人口密度（人/平方公里）", "人/平方公里"), ("gdp（当年价格）(万元)", "万元"),
        ("指数（上年=100）", ""),
        ("碳排放量_吨", "吨"), ("户籍人口万人", "万人"), ("城镇化率(%)", "%"),
        ("Total (10^4 tons)", "10^4 tons"), ("第一产业", ""),
        ("city", ""), ("Area, sq km", "sq km"),
    ],
)  # fmt: skip
def test_units_of_measure_of_headers(header: str, measure: str) -> None:
    assert measure_of((header,)) == measure


def files_of_the_cases() -> list[Path]:
    folders = [SHARED / "cases" / "files", *(SHARED / "china" / name for name in ("pilot_lists", "layout_samples"))]
    return sorted(path for folder in folders for path in folder.rglob("*") if path.suffix.lower() in KINDS)


STOPPED = {
    "c_numbers.xlsx": "cell B",
    "c_years.xlsx": "cell B2: '2010年度' is not a year",
    "real_xls_with_theme.xls": "two numbers",
}
"""Files of the cases that no draft reads, and what the line that says so names."""


@pytest.mark.skipif(not SHARED.is_dir(), reason="no $SHIDIAN_SHARED")
def test_every_file_of_the_cases_has_a_draft_that_runs_or_a_line_why_not() -> None:
    runs, stopped = [], []
    for path in files_of_the_cases():
        try:
            said = inspect_workbook(path)
        except ShidianError as problem:
            pytest.fail(f"{path}: {problem}")
        lines = [line for line in said.splitlines() if line.startswith("# The draft ")]
        assert len(lines) == 1, path
        (runs if lines[0].startswith("# The draft runs once") else stopped).append(path.name)
        assert STOPPED.get(path.name, "") in lines[0]
    assert set(stopped) <= set(STOPPED)
    assert len(runs) > 40


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such file"):
        inspect_workbook(tmp_path / "none.xlsx")


def test_a_block_of_words_beside_a_table_is_no_table(tmp_path: Path) -> None:
    rows = [["地区", "2019年", "", "地区", "说明"]]
    rows += [
        [name, str(n), "", name, "见注"] for n, name in enumerate(["北京市", "天津市", "河北省", "山西省"], start=5)
    ]
    write_xlsx(tmp_path / "a.xlsx", {"S": [[int(c) if c.isdigit() else c for c in row] for row in rows]})
    said = inspect_workbook(tmp_path / "a.xlsx")
    assert "rows 1-5, 5 columns" in said
    assert "the header '地区' is neither read nor declared" in said.rsplit("# The draft does not run:", 1)[-1]
