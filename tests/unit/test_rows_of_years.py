"""Rows that print a year alone, units without a code, headers declared as they are listed."""

from pathlib import Path
from typing import Any

from made_workbooks import read_made, refused, values, write_xlsx
from made_workbooks import read_sheet as read
from shidian.yearbook.assemble import cells_above
from shidian.yearbook.corrections import Correction

PEOPLE = {"people": {"header": "人口", "measure": "万人"}}
YEARS = {"heading_rows": True, "pattern": "{any}({year})年"}
PAGE = [
    ["地区", "人口"], ["(1)平成27(2015)年", ""], ["全体", 127], ["北海道", 5], ["", ""], ["(2)平成32(2020)年", ""],
    ["全体", 125], ["注", ""],
]  # fmt: skip


def table(**keys: Any) -> dict[str, Any]:
    return {"layout": "yearbook", "sheet": "S", "header_row": 1, "unit": {"level": "other", "name": "地区"},
            "year": YEARS, "columns": PEOPLE, "footer": {"texts": ["注"]}, **keys}  # fmt: skip


def test_a_year_alone_in_its_row_is_that_of_the_rows_below(tmp_path: Path) -> None:
    found = read(tmp_path, PAGE, table())
    assert values(found, "unit_name", "year") == {("全体", 2015): 127, ("北海道", 2015): 5, ("全体", 2020): 125}
    cells = found.cells.set_index("cell_id")
    assert cells.loc["made/1/S!A2", "raw_text"] == "(1)平成27(2015)年"
    assert cells_above(cells.loc["made/1/S!B4", "row_label"]) == "A2"
    assert ["rows that print the period of those below", 2] in found.ledger[["event", "count"]].values.tolist()


def test_a_year_alone_stands_beside_names_and_above_headed_units(tmp_path: Path) -> None:
    rows = [["年份", "地区", "人口"], [2015, "", ""], ["", "北京", 1], [2016, "", ""], ["", "北京", 2]]
    declared = table(year={"heading_rows": True}, ignore=["年份"], footer={})
    assert values(read(tmp_path, rows, declared), "unit_name", "year") == {("北京", 2015): 1, ("北京", 2016): 2}
    rows = [["年龄", "北京", "天津"], ["2015年", "", ""], ["0-14", 1, 2], ["2016年", "", ""], ["0-14", 3, 4]]
    declared = table(
        unit={"level": "province", "in_header": True}, year={"heading_rows": True}, footer={},
        columns={"children": {"header": [], "measure": "万人", "where": {"年龄": "0-14"}}},
    )  # fmt: skip
    assert values(read(tmp_path, rows, declared), "unit_name", "year") == {
        ("北京", 2015): 1, ("北京", 2016): 3, ("天津", 2015): 2, ("天津", 2016): 4,
    }  # fmt: skip


def test_a_correction_of_a_year_alone(tmp_path: Path) -> None:
    change = Correction("made/1/S!A2", "(1)平成27(2015)年", "(1)平成26(2014)年", "misprint")
    assert values(read(tmp_path, PAGE, table(), corrections=[change]), "unit_name", "year")["北海道", 2014] == 5


def test_rows_without_a_year_above_are_refused(tmp_path: Path) -> None:
    refused(tmp_path, [PAGE[0], ["全体", 126], *PAGE[1:]], table(), "row 2: no period is printed above this row: 全体")
    refused(tmp_path, PAGE, table(year={"heading_rows": True}), "no row prints a period alone ('heading_rows')")
    refused(tmp_path, [*PAGE[:2], PAGE[-1]], table(), "no data row below the rows that print a period alone")
    moved = [*PAGE[:5], ["", "(2)平成32(2020)年"], *PAGE[6:]]
    refused(tmp_path, moved, table(), "cell B6: a period alone in its row, but the others stand in column A")


def flat(unit: dict[str, Any]) -> dict[str, Any]:
    return {"layout": "flat", "sheet": "S", "unit": {"level": "county", **unit}, "columns": PEOPLE}


def test_units_without_a_code_are_known_by_their_names(tmp_path: Path) -> None:
    rows = [["代码", "县", "人口"], ["130102", "长安区", 1], ["NA", "高新技术开发区", 2], ["", "循环化工园区", 3]]
    unit: dict[str, Any] = {"code": "代码", "name": "县"}
    refused(tmp_path, rows, flat(unit), "declare 'code_missing: [\"NA\"]' under 'unit'")
    found = read(tmp_path, rows, flat({**unit, "code_missing": ["", "NA"]}))
    assert values(found, "unit_name") == {("长安区",): 1, ("高新技术开发区",): 2, ("循环化工园区",): 3}
    assert found.records.set_index("unit_name")["unit_code"].dropna().to_dict() == {"长安区": "130102"}
    for wrong in ({"code": "代码", "code_missing": [""]}, {**unit, "code_missing": [""], "name_optional": True}):
        refused(tmp_path, rows, flat(wrong), "unit.code_missing: a row without a code is known by its name")


def test_a_code_stands_among_other_characters(tmp_path: Path) -> None:
    rows = [["code", "county", "人口"], ["CN0100100000000", "Autauga", 1], ["CN0101000000000", "Bibb", 2]]
    unit: dict[str, Any] = {"level": "other", "code": "code", "name": "county", "code_kind": "plain"}
    found = read(tmp_path, rows, flat({**unit, "code_pattern": "CN{code}00000000"}))
    assert values(found, "unit_code") == {("01001",): 1, ("01010",): 2}
    for wrong, words in (
        ({"code_pattern": "CN{code}9"}, "'CN0100100000000' is not a code in the pattern 'CN{code}9'"),
        ({"code_pattern": "CN"}, "code_pattern: 'CN' holds nothing that differs"),
        ({"code_pattern": "{code}{year}"}, "'{year}' has no meaning here"),
    ):
        refused(tmp_path, rows, flat({**unit, **wrong}), words)
    nameless = {"level": "other", "name": "county", "code_pattern": "CN{code}"}
    refused(tmp_path, rows, {**flat(nameless), "ignore": ["code"]}, "no column of codes is declared")


def test_rows_with_neither_name_nor_code_are_no_unit(tmp_path: Path) -> None:
    rows = [["县", "人口"], ["长安区", 1], ["", 2]]
    refused(tmp_path, rows, flat({"name": "县", "name_optional": True}),
            "cell A3: no 县, and no 'code' is declared that would say which unit it is")  # fmt: skip


def test_a_header_of_several_rows_is_declared_as_it_is_listed(tmp_path: Path) -> None:
    rows = [["地区", "", "人口"], ["代码", "名称", ""], ["110000", "北京", 1]]
    write_xlsx(tmp_path / "a.xlsx", {"S": rows}, [(0, 0, 0, 1), (0, 2, 1, 2)])
    declared = table(
        header_depth=2, year={"fixed": 2015}, footer={},
        unit={"level": "province", "code": "地区 / 代码", "name": "地区/名称"},
    )  # fmt: skip
    assert values(read_made(tmp_path, declared, "a.xlsx"), "unit_code", "unit_name") == {("110000", "北京"): 1}
