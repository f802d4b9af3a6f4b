"""Twelve volumes read by one table entry whose keys have alternatives by year."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from made_workbooks import write_xlsx
from shidian.errors import SourceError
from shidian.yearbook.extract import Extraction, extract_files
from shidian.yearbook.source import Source, load_source

CITIES = {"石家庄市": 1, "唐山市": 2, "秦皇岛市": 3}
YEARS = range(2004, 2016)
SOURCE = """\
source: volumes
title: Twelve made volumes
publisher: the tests
citation: none
licence: MIT
url: ""
accessed: 2026-11
redistributable: true
simulated: true
ignore_sheets: [说明]
files:
  - {path: "yearbook_{2004..2009}.xlsx", what: made by the tests}
  - {path: "年鉴{2010..2015}.xlsx", what: made by the tests}
tables:
  - name: finance
    layout: yearbook
    file_name: ["yearbook_{year}.xlsx", "年鉴{year}.xlsx"]
    sheet: [{until: 2007, is: 2-1}, {from: 2008, is: "财政{year}"}]
    title: "2-1 {year}年财政与教育"
    subtitles: [{until: 2008, is: ["单位：万元"]}, {from: 2009, absent: true}]
    header_depth: [{until: 2011, is: 1}, {from: 2012, is: 2}]
    unit:
      level: city
      name: [{until: 2009, is: 城市}, {from: 2010, is: 地级市}]
      skip: [{until: 2005, is: [合计]}, {from: 2006, absent: true}]
    year: {from_file: true}
    columns:
      spending:
        header:
          - {until: 2008, is: 财政支出, measure: 万元}
          - {from: 2009, until: 2011, is: "财政支出(万元)", measure: 万元}
          - {from: 2012, is: [财政支出, "(亿元)"], measure: 亿元, missing: ["", "-"]}
      education:
        header:
          - {until: 2006, absent: true}
          - {from: 2007, until: 2008, is: 教育支出}
          - {from: 2009, until: 2011, is: "教育支出(万元)"}
          - {from: 2012, is: [教育支出, "(亿元)"]}
        measure: [{until: 2011, is: 万元}, {from: 2012, is: 亿元}]
    ignore: [{files: [7], is: [备注]}, {others: true, is: []}]
    footer:
      texts: [{until: 2010, is: ["注：不含市辖县。"]}, {from: 2011, is: ["注：{year-1}年以前不可比。"]}]
"""


def printed(year: int, kind: int) -> float:
    """Return spending (kind 1) or education (2) of a city, in 万元: city * 1000 + year, education a fifth of it."""
    return kind * 1000 + year


def volume(year: int) -> list[list[Any]]:
    """Return the sheet of one volume."""
    large = 10_000 if year >= 2012 else 1
    headers = ["城市" if year <= 2009 else "地级市", "财政支出"]
    second = ["", "(亿元)", "(亿元)"] if year >= 2012 else []
    unit = "(万元)" if 2009 <= year <= 2011 else ""
    headers = [headers[0], f"财政支出{unit}", *([f"教育支出{unit}"] if year >= 2007 else [])]
    rows: list[list[Any]] = [[f"2-1  {year}年财政与教育"], *([["单位：万元"]] if year <= 2008 else []), headers]
    rows += [second] if second else []
    rows += [["合计", 1]] if year <= 2005 else []
    for name, number in CITIES.items():
        value = printed(year, number) / large
        cell: Any = "-" if (year, number) == (2013, 2) else value
        rows.append([name, cell, *([value / 5] if year >= 2007 else [])])
    rows.append(["注：不含市辖县。" if year <= 2010 else f"注：{year - 1}年以前不可比。"])
    if year == 2010:
        rows = [[*row, *[""] * (3 - len(row)), "备注" if row[0] == "地级市" else ""] for row in rows]
    width = max(map(len, rows))
    return [[*row, *[""] * (width - len(row))] for row in rows]


def made(folder: Path, change: Callable[[dict[str, Any]], object] | None = None) -> Source:
    """Write the volumes and the source file, ``change`` applied to its table; read the latter."""
    for year in YEARS:
        name = f"yearbook_{year}.xlsx" if year <= 2009 else f"年鉴{year}.xlsx"
        write_xlsx(folder / name, {"2-1" if year <= 2007 else f"财政{year}": volume(year), "说明": [["x"]]})
    text = SOURCE
    if change:
        document = yaml.safe_load(SOURCE)
        change(document["tables"][0])
        text = yaml.safe_dump(document, allow_unicode=True)
    (folder / "volumes.yaml").write_text(text, encoding="utf-8")
    return load_source(folder / "volumes.yaml")


def read(folder: Path, source: Source) -> Extraction:
    return extract_files(source, [file.number for file in source.files], folder)


def test_twelve_volumes_are_read_by_one_entry(tmp_path: Path) -> None:
    assert len(SOURCE.splitlines()) < 120
    found = read(tmp_path, made(tmp_path))
    records = found.records.set_index(["indicator", "year", "unit_name"]).sort_index()
    for year in YEARS:
        size, measure = (10_000, "亿元") if year >= 2012 else (1, "万元")
        for name, number in CITIES.items():
            row = records.loc[("spending", year, name)]
            assert row["measure"] == measure
            if (year, number) == (2013, 2):
                assert row["flag"] == "dash"
                continue
            assert row["value"] == pytest.approx(printed(year, number) / size, rel=1e-12)
    education = records.loc["education"]
    assert sorted(set(education.index.get_level_values("year"))) == list(range(2007, 2016))
    assert education.loc[(2015, "秦皇岛市"), "value"] == pytest.approx(printed(2015, 3) / 5 / 10_000, rel=1e-12)
    cells = found.cells.set_index("cell_id")
    assert cells.loc[records.loc[("spending", 2011, "唐山市"), "cell_id"], "column_label"] == "财政支出(万元)"
    assert cells.loc[records.loc[("spending", 2012, "唐山市"), "cell_id"], "column_label"] == "财政支出 / (亿元)"


def test_a_series_that_volumes_do_not_have_is_counted(tmp_path: Path) -> None:
    ledger = read(tmp_path, made(tmp_path)).ledger
    absent = ledger[ledger["event"] == "not in this file, as declared"]
    assert list(absent["file"]) == ["yearbook_2004.xlsx", "yearbook_2005.xlsx", "yearbook_2006.xlsx"]
    assert set(absent["indicator"]) == {"education"}
    assert set(ledger["table"]) == {"finance"}


def test_the_measure_of_an_alternative_is_held_against_the_printed_one(tmp_path: Path) -> None:
    def swap(table: dict[str, Any]) -> None:
        table["columns"]["spending"]["header"][2]["measure"] = "万元"

    source = made(tmp_path, swap)
    with pytest.raises(SourceError, match=r"年鉴2012.xlsx.*says '亿元', columns.spending.measure is '万元', 10,000"):
        read(tmp_path, source)


def test_a_line_of_units_is_held_against_the_measure_of_its_years(tmp_path: Path) -> None:
    def swap(table: dict[str, Any]) -> None:
        table["columns"]["spending"]["header"][0]["measure"] = "亿元"

    source = made(tmp_path, swap)
    with pytest.raises(
        SourceError, match=r"yearbook_2004.xlsx.*the table says '万元', columns.spending.measure is '亿"
    ):
        read(tmp_path, source)


def test_an_override_is_that_of_its_years(tmp_path: Path) -> None:
    def insist(table: dict[str, Any]) -> None:
        table["columns"]["spending"]["header"][2] |= {"measure": "万元", "override": "a slip of the printer"}

    ledger = read(tmp_path, made(tmp_path, insist)).ledger
    insisted = ledger[ledger["detail"] == "a slip of the printer"]
    assert list(insisted["file"]) == [f"年鉴{year}.xlsx" for year in range(2012, 2016)]


def test_a_volume_prints_the_year_before_its_own(tmp_path: Path) -> None:
    def older(table: dict[str, Any]) -> None:
        table["year"]["behind"] = 1

    records = read(tmp_path, made(tmp_path, older)).records.set_index(["indicator", "year", "unit_name"])
    assert records.loc[("spending", 2003, "唐山市"), "value"] == printed(2004, 2)
    with pytest.raises(SourceError, match=r"year\.behind: goes with 'from_file: true'"):
        made(tmp_path, put("year", value={"fixed": 2010, "behind": 1}))


def put(*path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(table: dict[str, Any]) -> None:
        node: Any = table
        for key in path[:-1]:
            node = node[key]
        node[path[-1]] = value

    return change


DEPTH = "header_depth"


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ((DEPTH,), [{"until": 2012, "is": 1}, {"from": 2012, "is": 2}],
         "header_depth: alternatives 1 and 2 are both for 2012"),
        ((DEPTH,), [{"until": 2012, "is": 1}, {"from": 2011, "until": 2014, "is": 2}],
         "alternatives 1 and 2 are both for 2011-2012"),
        ((DEPTH,), [{"until": 2005, "is": 1}, {"until": 2011, "is": 2}], "are both for 2005 and before"),
        ((DEPTH,), [{"until": 2008, "is": 1}, {"from": 2012, "is": 2}], "no alternative is for 2009-2011"),
        ((DEPTH,), [{"from": 2005, "until": 2014, "is": 1}], "no alternative is for 2004, 2015; write one"),
        ((DEPTH,), [{"until": 2011, "is": 1}, {"from": 2012, "is": 2}, {"files": [3], "is": 1}],
         r"alternatives 1 and 3 are both for file 3 \(2006\)"),
        ((DEPTH,), [{"files": [1, 2], "is": 1}, {"files": [2], "is": 1}, {"others": True, "is": 2}],
         "alternatives 1 and 2 are both for file 2"),
        ((DEPTH,), [{"until": 2011, "is": 1}, {"from": 2012, "until": 2015, "is": 2}, {"from": 2016, "is": 2}],
         r"header_depth\[3\]: is for no file of the table, which are those of 2004-2015"),
        ((DEPTH,), [{"until": 2011, "is": 1}, {"from": 2012, "is": "two"}],
         r"tables\[1\] \(file of 2012\): at 'header_depth': 'two' is not of type 'integer'"),
        ((DEPTH,), [{"untill": 2011, "is": 1}], r"unknown key 'untill' \(did you mean 'until'"),
        ((DEPTH,), [{"is": 1}], r"header_depth\[1\]: says for no year"),
        ((DEPTH,), [{"until": 2011}, {"from": 2012, "is": 2}], "says either 'is' or 'absent: true'"),
        ((DEPTH,), [{"until": 2011, "files": [1], "is": 1}], "chooses in two ways"),
        ((DEPTH,), [{"from": 2011, "until": 2010, "is": 1}], "'from' 2011 is after 'until' 2010"),
        ((DEPTH,), [{"until": 2011, "is": 1, "measure": "万元"}], r"header_depth\[1\].measure: stands beside 'is'"),
        ((DEPTH,), [{"others": True, "absent": True}], "absent in all its years"),
        (("layout",), [{"until": 2011, "is": "flat"}, {"from": 2012, "is": "yearbook"}],
         "layout: takes no alternatives by year; these keys do: sheet"),
        (("columns", "spending", "measure"), [{"until": 2011, "is": "万元"}], "no alternative is for 2012-2015"),
        (("columns", "education", "header"), [{"others": True, "absent": True}], "leave the key out"),
    ],
)  # fmt: skip
def test_alternatives_that_do_not_fit_are_refused(tmp_path: Path, path: tuple[str, ...], value: Any, said: str) -> None:
    with pytest.raises(SourceError, match=said) as problem:
        made(tmp_path, put(*path, value=value))
    assert str(problem.value).startswith(f"{tmp_path}/volumes.yaml: tables[1]")


def test_files_without_a_year_choose_by_number(tmp_path: Path) -> None:
    for number, header in ((1, "支出"), (2, "财政支出")):
        (tmp_path / f"{number}.csv").write_text(f"城市,年份,{header}\n唐山市,200{number},5\n", encoding="utf-8")
    document = yaml.safe_load(SOURCE) | {"files": [{"path": "{1,2}.csv", "what": "made"}]}
    document |= {"source": "numbered"}

    def load(alternatives: Any) -> Source:
        column = {"header": alternatives, "measure": "万元"}
        unit = {"level": "city", "name": "城市"}
        table = {"layout": "flat", "unit": unit, "year": {"header": "年份"}, "columns": {"spending": column}}
        (tmp_path / "numbered.yaml").write_text(yaml.safe_dump(document | {"tables": [table]}), encoding="utf-8")
        return load_source(tmp_path / "numbered.yaml")

    source = load([{"files": [1], "is": "支出"}, {"others": True, "is": "财政支出"}])
    assert list(extract_files(source, [1, 2], tmp_path).records["value"]) == [5.0, 5.0]
    with pytest.raises(SourceError, match=r"header: file 1 has no year to choose by: give files\[\].year or file_name"):
        load([{"until": 2011, "is": "支出"}, {"from": 2012, "is": "财政支出"}])


def test_a_text_with_the_year_wants_files_with_years(tmp_path: Path) -> None:
    def undated(table: dict[str, Any]) -> None:
        del table["file_name"]
        for key in ("sheet", DEPTH, "subtitles", "ignore"):
            table.pop(key)
        table["unit"] = {"level": "city", "name": "城市"}
        table["columns"] = {"spending": {"header": "x", "measure": "1"}}
        table["footer"], table["sheet"] = {}, "财政{year}"

    with pytest.raises(
        SourceError, match=r"title: '2-1 \{year\}年财政与教育' holds the year of the file, but file 1 has"
    ):
        made(tmp_path, undated)
