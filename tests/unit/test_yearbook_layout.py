"""What printed yearbooks look like, in workbooks made by the tests: titles, header trees, marks, notes."""

import copy
import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xlwt
from made_workbooks import (
    CITY_MERGES,
    CITY_PAGE,
    CITY_TABLE,
    FLAT_PAGE,
    FLAT_TABLE,
    read_made,
    write_source,
    write_xlsx,
)
from shidian.drafting.inspect import inspect_workbook
from shidian.errors import SourceError
from shidian.job import write_parquet
from shidian.yearbook.arrow import for_parquet
from shidian.yearbook.corrections import Correction, load_corrections
from shidian.yearbook.extract import CELL_COLUMNS, EVENT_COLUMNS, RECORD_COLUMNS, extract_file, extract_files
from shidian.yearbook.source import load_source

EXPECTED = {
    # unit -> gdp, gdp of districts, so2, so2 of districts: value, or the flag of the mark that means missing
    "北京市": (123456789.0, 123456789.0, "ellipsis", "ellipsis"),
    "石家庄市": (31010000.0, 20000000.5, 64853.0, "dash"),
    "唐山市": (44425000.0, "dash", 0.0, "blank"),
    "太原市": (17780500.0, 163.0, "dash", 0.0),
}
INDICATORS = ("gdp_wan_yuan", "gdp_districts_wan_yuan", "so2_t", "so2_districts_t")


def found_values(records: pd.DataFrame) -> dict[str, tuple[object, ...]]:
    table = {}
    for unit, rows in records.groupby("unit_name"):
        by = rows.set_index("indicator")
        table[unit] = tuple(
            by.loc[i, "value"] if by.loc[i, "flag"] == "as_printed" else by.loc[i, "flag"] for i in INDICATORS
        )
    return table


def test_city_yearbook_page(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "page.xlsx", {"2-11": CITY_PAGE}, CITY_MERGES)
    found = read_made(tmp_path, CITY_TABLE, "page.xlsx")
    assert found_values(found.records) == EXPECTED
    provinces = dict(zip(found.records["unit_name"], found.records["province"], strict=True))
    assert provinces == {"北京市": "北京市", "石家庄市": "河北省", "唐山市": "河北省", "太原市": "山西省"}
    assert set(found.records["year"]) == {2009}
    assert tuple(found.records.columns) == RECORD_COLUMNS
    assert tuple(found.cells.columns) == CELL_COLUMNS
    assert tuple(found.ledger.columns) == EVENT_COLUMNS
    raw = found.cells.set_index("cell_id")
    assert raw.loc["made/1/2-11!C5", "raw_text"] == "１２３,456,789"
    assert raw.loc["made/1/2-11!A7", "raw_text"] == "石 家 庄 市"
    assert raw.loc["made/1/2-11!E7", ["row_label", "column_label", "raw_text"]].tolist() == [
        "石家庄市 2009", "工业二氧化硫排放量 # (吨) / 全市 Total City", "64853①",
    ]  # fmt: skip
    events = found.ledger.groupby("event")["count"].sum().to_dict()
    assert events == {
        "blank rows skipped": 1, "footer rows skipped": 1, "rows of other units skipped": 2,
        "read as missing: dash": 3, "read as missing: ellipsis": 2, "read as missing: blank": 1,
    }  # fmt: skip


def test_missing_values_are_nan_and_zero_is_zero(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "page.xlsx", {"2-11": CITY_PAGE}, CITY_MERGES)
    records = read_made(tmp_path, CITY_TABLE, "page.xlsx").records
    assert records.loc[records["flag"] == "as_printed", "value"].notna().all()
    assert records.loc[records["flag"] != "as_printed", "value"].isna().all()
    assert (records["value"] == 0).sum() == 2


def test_same_page_as_xls(tmp_path: Path) -> None:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("2-11")
    covered = {(r, c) for a, b, d, e in CITY_MERGES for r in range(a, d + 1) for c in range(b, e + 1)}
    for first_row, first_column, last_row, last_column in CITY_MERGES:
        sheet.write_merge(first_row, last_row, first_column, last_column, CITY_PAGE[first_row][first_column])
    for r, row in enumerate(CITY_PAGE):
        for c, value in enumerate(row):
            if value != "" and (r, c) not in covered:
                sheet.write(r, c, value)
    book.save(str(tmp_path / "page.xls"))
    assert found_values(read_made(tmp_path, CITY_TABLE, "page.xls").records) == EXPECTED


def test_same_page_without_merged_cells_as_csv(tmp_path: Path) -> None:
    """Flattened to .csv in the old Chinese encoding, the header tree is told by the blank cells alone."""
    frame = pd.DataFrame([[str(v) for v in row] for row in CITY_PAGE])
    frame.to_csv(tmp_path / "page.csv", header=False, index=False, encoding="gb18030")
    table = {key: value for key, value in CITY_TABLE.items() if key != "sheet"}
    found = read_made(tmp_path, {**table, "encoding": "gb18030"}, "page.csv")
    assert found_values(found.records) == EXPECTED
    assert found.records["cell_id"].str.startswith("made/1/!").all()


def test_pdf_table_with_ruled_lines(tmp_path: Path) -> None:
    typst = pytest.importorskip("typst")
    fonts = Path(pytest.importorskip("mplfonts").__file__).parent / "fonts"

    def cell(value: object) -> str:
        return "[" + str(value).replace("\n", " \\ ").replace("#", "\\#").replace("-", "\\-") + "]"

    header = [
        "table.cell(rowspan: 2)[城 市]", "table.cell(rowspan: 2)[City]",
        "table.cell(colspan: 2)[地区生产总值（当年价格） \\ (万元)]",
        "table.cell(colspan: 2)[工业二氧化硫排放量 \\# \\ (吨)]", *(cell(v) for v in CITY_PAGE[3][2:]),
    ]  # fmt: skip
    body = [cell(value) for row in CITY_PAGE[4:10] for value in row]
    text = f"""
#set page(width: 22cm, height: 16cm)
#set text(font: "Noto Sans CJK SC", size: 9pt)
2\\-11 地区生产总值

Gross Regional Product
#table(columns: 6, stroke: 0.5pt, {", ".join([*header, *body])})
① 不含原铁路系统。
"""
    (tmp_path / "page.typ").write_text(text, encoding="utf-8")
    typst.compile(str(tmp_path / "page.typ"), output=str(tmp_path / "page.pdf"), font_paths=[str(fonts)])
    found = read_made(tmp_path, {**CITY_TABLE, "sheet": "page 1 table 1"}, "page.pdf")
    assert found_values(found.records) == EXPECTED


def test_flat_table(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "flat.xlsx", {"data": FLAT_PAGE})
    records = read_made(tmp_path, FLAT_TABLE, "flat.xlsx").records
    assert records["unit_code"].tolist() == ["130100"] * 4 + ["130200"] * 4
    assert records["value"].tolist()[:4] == [3101.0, 0.11, 3401.0, 0.12]
    assert np.isnan(records["value"].tolist()[5])
    assert records["measure"].tolist()[:2] == ["亿元", "1"]


def test_order_of_rows_does_not_matter(tmp_path: Path) -> None:
    """Records are sorted, so only the cell ids tell in which row a unit stood."""
    write_xlsx(tmp_path / "a.xlsx", {"data": FLAT_PAGE})
    write_xlsx(tmp_path / "b.xlsx", {"data": [FLAT_PAGE[0], *FLAT_PAGE[4:0:-1], FLAT_PAGE[5]]})
    one = read_made(tmp_path, FLAT_TABLE, "a.xlsx").records.drop(columns="cell_id")
    other = read_made(tmp_path, FLAT_TABLE, "b.xlsx").records.drop(columns="cell_id")
    pd.testing.assert_frame_equal(one, other)


def test_batches_change_nothing(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "a.xlsx", {"data": FLAT_PAGE})
    later = [[v + 2 if j == 0 and isinstance(v, int) else v for j, v in enumerate(row)] for row in FLAT_PAGE]
    write_xlsx(tmp_path / "b.xlsx", {"data": later})
    files = [{"path": "a.xlsx", "what": "w"}, {"path": "b.xlsx", "what": "w"}]
    source = load_source(write_source(tmp_path, [FLAT_TABLE], "a.xlsx", files=files))
    together = extract_files(source, [1, 2], tmp_path)
    for name in ("cells", "records", "ledger"):
        parts = [getattr(extract_file(source, number, tmp_path), name) for number in (1, 2)]
        pd.testing.assert_frame_equal(getattr(together, name), pd.concat(parts, ignore_index=True))


def test_parquet_gives_pandas_the_same_frames(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "a.xlsx", {"data": FLAT_PAGE})
    found = read_made(tmp_path, FLAT_TABLE, "a.xlsx")
    for table, frame in ((found.cell_table, found.cells), (found.record_table, found.records)):
        write_parquet(tmp_path / "t.parquet", for_parquet(table))
        pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "t.parquet"), frame)
    assert found.records.dtypes[["unit_name", "year", "value"]].astype(str).to_list() == ["str", "Int64", "float64"]
    assert found.digests == (hashlib.sha256((tmp_path / "a.xlsx").read_bytes()).hexdigest(),)


def test_years_in_header_and_stacked_blocks(tmp_path: Path) -> None:
    page = [
        ["3-6 农业机械", "", ""], ["地 区", "动力(万千瓦)", ""], ["", "2018年", "2019 年"],
        ["全 国", 30, 40], ["北 京", 10, 15], ["天 津", 20, 25], ["", "", ""],
        ["3-6 续表1", "", ""], ["地 区", "拖拉机(万台)", ""], ["", "2018年", "2019年"],
        ["北 京", 1, 2], ["天 津", 3, 4],
    ]  # fmt: skip
    write_xlsx(tmp_path / "p.xlsx", {"s": page}, [(1, 1, 1, 2), (8, 1, 8, 2)])
    first = {
        "sheet": "s", "layout": "yearbook", "title": "3-6 农业机械", "header_depth": 2,
        "year": {"in_header": True},
        "unit": {"level": "province", "name": "地区", "skip": ["全国"]},
        "columns": {"power": {"header": "动力(万千瓦)", "measure": "万千瓦"}},
    }  # fmt: skip
    second = {**first, "title": "3-6 续表1", "unit": {"level": "province", "name": "地区"}}
    second["columns"] = {"tractors": {"header": "拖拉机（万台）", "measure": "万台"}}
    source = load_source(write_source(tmp_path, [first, second], "p.xlsx"))
    found = extract_file(source, 1, tmp_path)
    values = found.records.set_index(["indicator", "unit_name", "year"])["value"].to_dict()
    assert values == {
        ("power", "北京", 2018): 10, ("power", "北京", 2019): 15, ("power", "天津", 2018): 20,
        ("power", "天津", 2019): 25, ("tractors", "北京", 2018): 1, ("tractors", "北京", 2019): 2,
        ("tractors", "天津", 2018): 3, ("tractors", "天津", 2019): 4,
    }  # fmt: skip
    country = {**first, "unit": {"level": "country", "name": "地区", "only": ["全国"]}}
    source = load_source(write_source(tmp_path, [country, second], "p.xlsx"))
    power = extract_file(source, 1, tmp_path).records.query("indicator == 'power'")
    assert power["value"].tolist() == [30, 40]


def test_continuation_on_another_sheet(tmp_path: Path) -> None:
    header = ["地 区", "粮食（万吨）"]
    first = [["5-1 粮食产量", ""], ["单位：万吨", ""], header, ["全 国", 60], ["北 京", 10], ["新 疆", 20]]
    second = [["续表", ""], ["单位：万吨", ""], header, ["新疆生产建设兵团", 30]]
    write_xlsx(tmp_path / "p.xlsx", {"5-1": first, "5-1 (2)": second})
    table = {
        "sheet": "5-1", "layout": "yearbook", "title": "5-1 粮食产量", "subtitles": ["单位：万吨"], "header_depth": 1,
        "year": {"fixed": 2010}, "unit": {"level": "province", "name": "地区", "skip": ["全国"]},
        "columns": {"grain": {"header": "粮食（万吨）", "measure": "万吨"}},
    }  # fmt: skip
    corps = {**table, "sheet": "5-1 (2)", "title": "续表", "unit": {"level": "province", "name": "地区"}}
    path = write_source(tmp_path, [copy.deepcopy(table), corps], "p.xlsx")
    found = extract_file(load_source(path), 1, tmp_path)
    values = found.records.set_index("unit_name")["value"].to_dict()
    assert values == {"北京": 10.0, "新疆": 20.0, "新疆生产建设兵团": 30.0}
    assert found.records["cell_id"].tolist() == ["made/1/5-1!B5", "made/1/5-1!B6", "made/1/5-1 (2)!B4"]
    write_xlsx(tmp_path / "p.xlsx", {"5-1": first, "5-1 (2)": [second[0], ["", ""], *second[2:]]})
    with pytest.raises(SourceError, match="table '续表': the text '单位：万吨' does not stand above"):
        extract_file(load_source(path), 1, tmp_path)


def test_validity_years(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "flat.xlsx", {"data": FLAT_PAGE})
    table = copy.deepcopy(FLAT_TABLE)
    table["columns"]["gdp_yi_yuan"]["valid_from"] = 2010
    found = read_made(tmp_path, table, "flat.xlsx")
    assert set(found.records.query("indicator == 'gdp_yi_yuan'")["year"]) == {2010}
    assert found.ledger.query("event == 'outside validity years'")["count"].tolist() == [2]


def correction(cell: str, expected: str, corrected: str) -> Correction:
    return Correction(f"made/1/data!{cell}", expected, corrected, "misprint, see the errata of the volume")


def test_corrections(tmp_path: Path) -> None:
    page = copy.deepcopy(FLAT_PAGE)
    page[3][3] = "37.81.4"
    write_xlsx(tmp_path / "flat.xlsx", {"data": page})
    good = correction("D4", "37.81.4", "3781.4")
    found = read_made(tmp_path, FLAT_TABLE, "flat.xlsx", [good])
    row = found.records[found.records["cell_id"] == good.cell_id].iloc[0]
    assert (row["value"], row["flag"]) == (3781.4, "corrected")
    assert found.cells.set_index("cell_id").loc[good.cell_id, "raw_text"] == "37.81.4"
    assert found.ledger.query("event == 'corrected'")["count"].tolist() == [1]
    for bad, message in [
        (correction("D4", "3781.4", "1"), "holds '37.81.4', not the declared '3781.4'"),
        (correction("Z99", "1", "2"), "the sheet has no such cell"),
        (correction("A6", "数据来源：统计年鉴", "来源"), "declared as footer|neither data|not a six-digit"),
    ]:
        with pytest.raises(SourceError, match=message):
            read_made(tmp_path, FLAT_TABLE, "flat.xlsx", [good, bad] if bad.cell_id != good.cell_id else [bad])


def test_correction_of_a_cell_that_is_not_read(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "flat.xlsx", {"data": FLAT_PAGE})
    table = copy.deepcopy(FLAT_TABLE)
    del table["columns"]["rate"]
    with pytest.raises(SourceError, match=r"corrections of cells that are not read: made/1/data!E2"):
        read_made(tmp_path, {**table, "ignore": ["rate"]}, "flat.xlsx", [correction("E2", "0.11", "0.2")])


def test_corrections_file(tmp_path: Path) -> None:
    path = tmp_path / "corrections.yaml"
    entry = 'cell_id: "a/1/s!B2", expected: "1", corrected: "2", reason: "errata of the volume"'
    path.write_text(f"corrections:\n  - {{ {entry} }}\n", encoding="utf-8")
    assert load_corrections(path, ["a"])[0].source == "a"
    with pytest.raises(SourceError, match="no source 'a'"):
        load_corrections(path, ["ab"])
    path.write_text(f"corrections:\n  - {{ {entry} }}\n  - {{ {entry} }}\n", encoding="utf-8")
    with pytest.raises(SourceError, match="corrected twice"):
        load_corrections(path)
    path.write_text("corrections:\n  - { cell_id: x, expected: a, corrected: b, reason: no }\n", encoding="utf-8")
    with pytest.raises(SourceError, match="cell_id"):
        load_corrections(path)
    assert load_corrections(Path(__file__).resolve().parents[2] / "config" / "corrections.yaml") == ()


def test_inspect_drafts_a_source_that_reads(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "page.xlsx", {"2-11": CITY_PAGE, "CNKI": [["http://www.example.org/"]]}, CITY_MERGES)
    text = inspect_workbook(tmp_path / "page.xlsx")
    assert "above the headers: 2-11 地 区 生 产 总 值" in text
    assert "header rows 3-4:" in text
    assert "      D: 市辖区 Districts under City" in text
    assert 'measure: "万元"' in text
    assert 'missing: ["", "-", "…"]' in text
    assert 'footnote_marks: ["①"]' in text
    assert 'ignore_sheets: ["CNKI"]' in text
    write_xlsx(tmp_path / "flat.xlsx", {"data": FLAT_PAGE})
    draft = inspect_workbook(tmp_path / "flat.xlsx").split("Draft of the source file:\n\n")[1]
    path = tmp_path / "flat.yaml"
    path.write_text(
        draft.replace("accessed: TODO", 'accessed: "2026-11"').replace(": TODO\n", ': "x"\n'),
        encoding="utf-8",
    )
    records = extract_file(load_source(path), 1, tmp_path).records
    assert records["value"].notna().sum() == 7
    with pytest.raises(SourceError, match="no such file"):
        inspect_workbook(tmp_path / "none.xlsx")


def test_inspect_takes_a_row_with_a_year_and_no_number_for_data(tmp_path: Path) -> None:
    rows = [["year", "city", "fdi"], *([str(y), "七台河", "" if y % 3 == 1 else "0.5"] for y in range(1996, 2006))]
    write_xlsx(tmp_path / "flat.xlsx", {"data": rows})
    text = inspect_workbook(tmp_path / "flat.xlsx")
    assert "header rows 1-1:" in text
    assert "first of 10 rows that look like data:" in text
    assert "other text below" not in text
