"""Rows that are units by their number in the file."""

import copy

import pytest
import yaml
from made_workbooks import write_xlsx
from shidian.drafting.inspect import inspect_workbook
from shidian.errors import SourceError
from shidian.yearbook.extract import extract_files
from shidian.yearbook.source import load_source

UNIT = {"level": "other", "row_number": True}
TABLE = {
    "layout": "flat", "unit": UNIT, "year": {"header": "year"},
    "columns": {"county": {"header": "county", "measure": "category"}, "price": {"header": "price", "measure": "1"}},
}  # fmt: skip
SOURCE = {
    "source": "houses", "title": "houses", "publisher": "made", "citation": "made", "licence": "none stated", "url": "",
    "accessed": "2026-01", "redistributable": True, "tables": [TABLE],
    "files": [{"path": "houses.csv", "what": "made"}],
}  # fmt: skip
TEXT = "county,year,price\nA,1978,1.5\nA,1978,1.5\nB,1981,2\n"


def declared(folder, **changes):
    """Write the source file, ``changes`` made in its one table, and load it."""
    source = copy.deepcopy(SOURCE)
    source["tables"][0] |= changes
    return loaded(folder, source)


def loaded(folder, source):
    path = folder / "houses.yaml"
    path.write_text(yaml.safe_dump(source, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return load_source(path)


def test_each_row_is_a_unit_called_by_its_number_equal_rows_too(tmp_path):
    (tmp_path / "houses.csv").write_text(TEXT, encoding="utf-8")
    found = extract_files(declared(tmp_path), [1], tmp_path)
    prices = found.records[found.records["indicator"] == "price"]
    assert prices["unit_code"].tolist() == ["2", "3", "4"]
    assert prices["value"].tolist() == [1.5, 1.5, 2.0]
    assert prices["cell_id"].tolist() == [f"houses/1/!{n}:price" for n in (2, 3, 4)]
    assert found.cells["row_label"].tolist()[:3] == ["2 1978", "3 1978", "4 1981"]


def test_rows_of_several_files_and_sheets_are_told_apart(tmp_path):
    head, years = ["county", "price"], (1978, 1981)
    for n in (1, 2):
        write_xlsx(tmp_path / f"{n}.xlsx", {str(y): [head, ["A", str(n + y)], ["B", "3"]] for y in years})
    files = [{"path": f"{n}.xlsx", "what": "made"} for n in (1, 2)]
    tables = [{**TABLE, "sheet": str(y), "year": {"fixed": y}} for y in years]
    source = loaded(tmp_path, {**SOURCE, "files": files, "tables": tables})
    records = extract_files(source, [1, 2], tmp_path).records
    prices = records[records["indicator"] == "price"]
    assert sorted(prices["unit_code"]) == sorted(f"{n}/{y}/{row}" for n in (1, 2) for y in years for row in (2, 3))
    assert prices.set_index("unit_code").loc["2/1981/2", "value"] == 1983


def test_rows_of_a_wide_table_hold_several_years(tmp_path):
    """Units without an id that are followed: the years stand in the headers."""
    write_xlsx(tmp_path / "wide.xlsx", {"data": [["price", ""], ["1978", "1981"], ["1", "2"], ["3", "4"]]},
               [(0, 0, 0, 1)])  # fmt: skip
    table = {
        "layout": "yearbook", "sheet": "data", "header_row": 1, "header_depth": 2, "unit": UNIT,
        "year": {"in_header": True}, "columns": {"price": {"header": ["price"], "measure": "1"}},
    }  # fmt: skip
    source = loaded(tmp_path, {**SOURCE, "files": [{"path": "wide.xlsx", "what": "made"}], "tables": [table]})
    records = extract_files(source, [1], tmp_path).records
    wide = records.pivot(index="unit_code", columns="year", values="value")
    assert wide.to_dict("index") == {"3": {1978: 1.0, 1981: 2.0}, "4": {1978: 3.0, 1981: 4.0}}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"unit": {**UNIT, "level": "city"}},
            "unit.level: with 'row_number' the rows are no regions: write 'level: oth",
        ),
        ({"unit": {**UNIT, "code": "county"}}, "unit.code: with 'row_number' each row is a unit.*leave 'code' out, or"),
        ({"unit": {**UNIT, "name": "county"}}, "unit.name: with 'row_number'"),
        ({"unit": {**UNIT, "skip": ["A"]}}, "unit.skip: with 'row_number'"),
        ({"unit": {"level": "other"}}, "needs one of: code, name, fixed_name, from_file, row_number"),
        ({"columns": {"price": {"header": "price", "measure": "1", "where": {"county": "A"}}}}, "columns.price.where"),
    ],
)
def test_what_contradicts_it_is_refused(tmp_path, changes, words):
    with pytest.raises(SourceError, match=words):
        declared(tmp_path, **changes)


def test_tables_of_one_source_are_all_of_one_kind(tmp_path):
    other = {**TABLE, "unit": {"level": "other", "code": "county", "code_kind": "plain"}}
    with pytest.raises(SourceError, match=r"in some each row is a unit.*make two sources of them"):
        loaded(tmp_path, {**SOURCE, "tables": [TABLE, other]})


def test_an_id_that_repeats_points_to_it_where_the_rows_have_years_alone(tmp_path):
    (tmp_path / "houses.csv").write_text(TEXT, encoding="utf-8")
    unit = {"level": "other", "code": "county", "code_kind": "plain"}
    prices = {"price": {"header": "price", "measure": "1"}}
    with pytest.raises(
        SourceError, match=r"where each row is an individual, declare 'unit: \{level: other, row_number"
    ):
        extract_files(declared(tmp_path, unit=unit, columns=prices), [1], tmp_path)
    lists = copy.deepcopy(SOURCE)
    lists["tables"][0] |= {"unit": unit, "columns": {"year": {"header": "year", "measure": "1"}}, "ignore": ["price"]}
    del lists["tables"][0]["year"]
    (tmp_path / "houses.csv").write_text(TEXT.replace("A,1978,1.5\nB", "A,1980,1.5\nB"), encoding="utf-8")
    with pytest.raises(SourceError, match="has two numbers for 'year'") as problem:
        extract_files(loaded(tmp_path, lists), [1], tmp_path)
    assert "row_number" not in str(problem.value)


@pytest.mark.parametrize(
    ("text", "drafted"),
    [
        (TEXT, ['row_number: true # TODO: "county" repeats within a year', "measure: category"]),
        (
            "year,price,rooms\n1978,1.5,3\n1978,2.5,4\n1978,2.1,4\n1981,2,4\n",
            ["row_number: true # TODO: no column of codes or names"],
        ),
        ("nr,year,wage\n13,1980,1\n13,1981,2\n17,1980,1\n17,1981,4\n", ['code: "nr"', "code_kind: plain"]),
        ("county,year,price\nA,1978,1\nB,1978,2\nA,1981,1\nB,1981,3\n", ['name: "county"']),
        ("county,item,year,v\nA,rail,1978,1\nA,road,1978,2\nB,rail,1978,1\nB,road,1978,3\n", ['name: "county"']),
    ],
)
def test_inspect_drafts_what_the_rows_are(tmp_path, text, drafted):
    (tmp_path / "houses.csv").write_text(text, encoding="utf-8")
    draft = inspect_workbook(tmp_path / "houses.csv").split("Draft of the source file:")[1]
    assert all(words in draft for words in drafted)
    assert ("row_number" in draft) == ("row_number" in drafted[0])
