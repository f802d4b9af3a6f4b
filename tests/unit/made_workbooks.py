"""Workbooks made by the tests, after the habits of the printed City Yearbook. No number in them is real."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
import yaml
from shidian.errors import SourceError
from shidian.yearbook.extract import Extraction, extract_file
from shidian.yearbook.source import load_source

CITY_PAGE: list[list[Any]] = [
    ["2-11  地 区 生 产 总 值", "", "", "", "", ""],
    ["Gross Regional Product", "", "", "", "", ""],
    ["城 市", "City", "地区生产总值（当年价格）\n(万元)", "", "工业二氧化硫排放量 #\n(吨)", ""],
    [
        "",
        "",
        "全 市\nTotal City",
        "市辖区\nDistricts under City",
        "全 市\nTotal City",
        "市辖区\nDistricts under City",
    ],
    ["北 京 市", "Beijing", "１２３,456,789", "123,456,789", "…", "…"],
    ["河 北 省", "Hebei", "", "", "", ""],
    ["石 家 庄 市", "Shijiazhuang", 31010000, "20 000 000.5".replace(" ", ""), "64853①", "—"],
    ["唐 山 市", "Tangshan", "44425000", "-", 0, ""],
    ["山 西 省", "Shanxi", "", "", "", ""],
    ["太 原 市①", "Taiyuan", "17780500", "16 3".replace(" ", ""), "-", "0"],
    ["① 不含原铁路系统。", "", "", "", "", ""],
    ["", "", "", "", "", ""],
]
CITY_MERGES = [(2, 0, 3, 0), (2, 1, 3, 1), (2, 2, 2, 3), (2, 4, 2, 5)]
CITY_TABLE: dict[str, Any] = {
    "sheet": "2-11",
    "layout": "yearbook",
    "title": "2-11 地区生产总值",
    "subtitles": ["Gross Regional Product"],
    "header_depth": 2,
    "unit": {
        "level": "city",
        "name": "城市",
        "province_rows": {"北京市": "unit", "河北省": "heading", "山西省": "heading"},
    },
    "year": {"fixed": 2009},
    "columns": {
        "gdp_wan_yuan": {
            "header": ["地区生产总值（当年价格） (万元)", "全市 Total City"],
            "measure": "万元",
        },
        "gdp_districts_wan_yuan": {
            "header": ["地区生产总值（当年价格） (万元)", "市辖区 Districts under City"],
            "measure": "万元",
            "missing": ["-"],
        },
        "so2_t": {
            "header": ["工业二氧化硫排放量 # (吨)", "全市 Total City"],
            "measure": "吨",
            "missing": ["…", "-"],
        },
        "so2_districts_t": {
            "header": ["工业二氧化硫排放量 # (吨)", "市辖区 Districts under City"],
            "measure": "吨",
            "missing": ["…", "—", ""],
        },
    },
    "ignore": ["City"],
    "footer": {"patterns": ["①.*"]},
    "footnote_marks": ["①"],
}
FLAT_PAGE: list[list[Any]] = [
    ["year", "code", "city", "gdp", "rate"],
    [2009, 130100, "石家庄市", 3101.0, 0.11],
    [2010, 130100, "石家庄市", 3401.0, 0.12],
    [2009, 130200, "唐山市", "3781.4", ""],
    [2010, 130200, "唐山市", "4469.2", 0.13],
    ["数据来源：统计年鉴", "", "", "", ""],
]
FLAT_TABLE: dict[str, Any] = {
    "sheet": "data",
    "layout": "flat",
    "unit": {"level": "city", "code": "code", "name": "city"},
    "year": {"header": "year"},
    "columns": {
        "gdp_yi_yuan": {"header": "gdp", "measure": "亿元"},
        "rate": {"header": "rate", "measure": "1"},
    },
    "footer": {"texts": ["数据来源：统计年鉴"]},
}


def write_xlsx(path: Path, sheets: dict[str, list[list[Any]]], merges: Any = ()) -> Path:
    """Write rows of cells; a text that starts with = becomes a formula without a result."""
    book = xlsxwriter.Workbook(path)
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for r, row in enumerate(rows):
            for c, value in enumerate(row):
                if isinstance(value, str) and value.startswith("="):
                    sheet.write_formula(r, c, value, None, "")
                elif isinstance(value, str):
                    sheet.write_string(r, c, value)
                elif value is not None:
                    sheet.write(r, c, value)
        for first_row, first_column, last_row, last_column in merges if len(rows) > 2 else ():
            text = rows[first_row][first_column]
            sheet.merge_range(first_row, first_column, last_row, last_column, text)
    book.close()
    return path


def write_source(folder: Path, tables: list[dict[str, Any]], file: str, **more: Any) -> Path:
    """Write the source file of made workbooks; keys in ``more`` replace its own."""
    document = {
        "source": "made", "title": "Made by the tests", "publisher": "the tests", "citation": "none",
        "licence": "MIT", "url": "", "accessed": "2026-11", "redistributable": True, "simulated": True,
        "files": [{"path": file, "what": "made by the tests"}], "tables": tables,
    }  # fmt: skip
    path = folder / "made.yaml"
    path.write_text(yaml.safe_dump({**document, **more}, allow_unicode=True), encoding="utf-8")
    return path


def read_made(folder: Path, table: dict[str, Any], file: str, corrections: Any = (), **more: Any) -> Extraction:
    """Read one made file through one table."""
    source = load_source(write_source(folder, [copy.deepcopy(table)], file, **more))
    return extract_file(source, 1, folder, corrections)


def read_sheet(
    folder: Path, rows: list[list[Any]], declared: dict[str, Any], merges: Any = (), **more: Any
) -> Extraction:
    """Write rows as a workbook of one sheet, S, and read it through one table."""
    write_xlsx(folder / "a.xlsx", {"S": rows}, merges)
    return read_made(folder, declared, "a.xlsx", **more)


def refused(folder: Path, rows: list[list[Any]], declared: dict[str, Any], message: str) -> None:
    """See that rows are refused in one line that holds a message."""
    with pytest.raises(SourceError) as caught:
        read_sheet(folder, rows, declared)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def values(found: Extraction, *keys: str) -> dict[tuple[Any, ...], float]:
    """Return the values that were read by some of their keys."""
    rows = found.records
    return dict(zip(rows[[*keys]].itertuples(index=False, name=None), rows["value"], strict=True))
