"""Files of many cells: read as columns, in batches, with the same cells, records and errors as cell by cell."""

import csv
import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_workbooks import FLAT_PAGE, FLAT_TABLE, read_made, write_source
from shidian.errors import SourceError
from shidian.yearbook import csv_columns, parse, record_tables
from shidian.yearbook.arrow import write_tables
from shidian.yearbook.columns import NumberColumn, number_texts
from shidian.yearbook.corrections import Correction
from shidian.yearbook.csv_columns import read_in_full, read_plainly
from shidian.yearbook.extract import extract_file
from shidian.yearbook.numbers import cell_text
from shidian.yearbook.plain import read_csv
from shidian.yearbook.source import load_source
from shidian.yearbook.stata import read_stata

CELLS = st.sampled_from(
    ["a", "", "1", " b ", "é", "NA", "null", "\x0b", "\u2028", '"x"', '"x,y"', '"p\nq"', '""', '"a""b"', 'a"b', '"x"y']
)
ENDS = st.sampled_from(["\n", "\r\n", "\r"])


def by_python(text: str) -> tuple[list[list[str]], dict[int, int]]:
    """Return the columns that Python's csv module reads, as wide as most rows, and the rows of another width."""
    rows = list(csv.reader(io.StringIO(text, newline="")))
    widths = [len(row) for row in rows if len(row) > 1] or [len(row) for row in rows if row]
    if not widths:
        return [], {}
    width = max(widths, key=lambda width: (widths.count(width), width))
    uneven = {i: len(row) for i, row in enumerate(rows) if row and len(row) != width}
    even = [row if len(row) <= width else [",".join(row)] for row in rows]
    return [list(c) for c in zip(*(row + [""] * (width - len(row)) for row in even), strict=True)], uneven


@st.composite
def tables(draw: st.DrawFn) -> str:
    """Draw a table as text, mostly even, some of it quoted, blank or ragged."""
    width, end = draw(st.integers(1, 3)), draw(ENDS)
    rows = draw(st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=5))
    return end.join(map(",".join, rows)) + draw(st.sampled_from(["", end, end + end, f"{end}a,b,c,d"]))


@settings(max_examples=600, deadline=None)
@given(tables().filter(bool) | st.text(alphabet='a1,"\n\r é\t', min_size=1, max_size=14))
def test_columns_are_those_that_pythons_csv_module_reads(text: str) -> None:
    wanted, uneven = by_python(text)
    for found in (read_plainly(text.encode()), read_in_full(text)):
        if found is not None and wanted:
            assert [column.to_pylist() for column in found.columns] == wanted
            assert found.uneven == uneven


def test_an_ordinary_file_is_read_by_arrow() -> None:
    found = read_plainly("地区,年份\r\n北京,2003\r\n".encode())
    assert found is not None
    assert [column.to_pylist() for column in found.columns] == [["地区", "北京"], ["年份", "2003"]]
    assert read_plainly(b'"a","b"\n"1","x,y"\n') is not None
    assert read_plainly(b'a,b\n1,"x""y"\n') is None


def test_blank_rows_claim_no_memory(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a" + ",b" * 1_999 + "\n" * 6_000, encoding="utf-8")
    with pytest.raises(SourceError, match=r"6,000 rows of 2,000 cells; at most"):
        read_csv(tmp_path / "a.csv")


def test_more_than_ten_million_cells_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b,c\n" + "1,2,3\n" * 3_500_000, encoding="utf-8")
    grid = read_csv(tmp_path / "a.csv")
    assert len(grid.rows) == 3_500_001
    assert grid.rows[3_500_000] == ["1", "2", "3"]


def test_what_memory_does_not_hold_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shidian.yearbook.plain.physical_memory", lambda: 600)
    (tmp_path / "a.csv").write_text("a,b\n" + "1,2\n" * 5, encoding="utf-8")
    with pytest.raises(SourceError, match=r"a\.csv: 6 rows of 2 cells; at most 16,384 columns and 10 cells are read"):
        read_csv(tmp_path / "a.csv")
    pd.DataFrame({"a": range(6), "b": range(6)}).to_stata(tmp_path / "a.dta", write_index=False)
    with pytest.raises(SourceError, match=r"a\.dta: 6 rows of 2 cells; at most"):
        read_stata(tmp_path / "a.dta")


@given(st.lists(st.floats() | st.floats(1e-6, 1e12), max_size=20))
def test_numbers_are_written_as_cell_by_cell(values: list[float]) -> None:
    wanted = ["" if value != value else cell_text(value) for value in values]
    assert number_texts(np.array(values, dtype=np.float64)).to_pylist() == wanted


def test_a_column_of_a_dta_file_gives_cells_texts_and_kinds() -> None:
    column = NumberColumn("gdp", np.array([1.5, np.nan, 3.0]))
    rows = np.array([3, 0, 2])
    assert column.cells(0, 4) == ["gdp", 1.5, "", 3.0]
    assert column.cells(1, 3) == [1.5, ""]
    assert column.texts(rows).to_pylist() == ["3", "gdp", ""]
    assert column.kinds(rows).tolist() == [2, 1, 1]


def csv_of(page: list[list[object]]) -> str:
    return "".join(",".join(map(cell_text, row)) + "\n" for row in page)


@pytest.mark.parametrize("batch", [1, 3, 7])
def test_batches_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batch: int) -> None:
    """Cells and records made a few at a time are those made at once, in the file too."""
    (tmp_path / "a.csv").write_text(csv_of(FLAT_PAGE), encoding="utf-8")
    table = {key: value for key, value in FLAT_TABLE.items() if key != "sheet"}
    whole = read_made(tmp_path, table, "a.csv")
    for module in (parse, record_tables):
        monkeypatch.setattr(module, "BATCH", batch)
    monkeypatch.setattr(csv_columns, "BLOCK", batch)
    some = read_made(tmp_path, table, "a.csv")
    for name in ("cells", "records", "ledger"):
        pd.testing.assert_frame_equal(getattr(some, name), getattr(whole, name))
    write_tables(tmp_path / "r.parquet", some.assembly.records())
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "r.parquet"), whole.records)


TOWNS = {
    "layout": "flat", "unit": {"level": "other", "code": "town", "code_kind": "plain"}, "year": {"header": "year"},
    "columns": {"a": {"header": "a", "measure": "1"}, "b": {"header": "b", "measure": "1"}},
}  # fmt: skip


@pytest.mark.parametrize("kind", ["csv", "dta"])
def test_corrections_of_columns(tmp_path: Path, kind: str) -> None:
    frame = pd.DataFrame({"town": ["x", "y"], "year": [2001, 2001], "a": [1.5, np.nan], "b": [3, 4]})
    if kind == "csv":
        frame.to_csv(tmp_path / "t.csv", index=False)
    else:
        frame.to_stata(tmp_path / "t.dta", write_index=False)
    first = {"csv": 2, "dta": 1}[kind]
    source = load_source(write_source(tmp_path, [TOWNS], f"t.{kind}"))
    mend = [
        Correction(f"made/1/!{first}:b", "3", "30", "misprint"),
        Correction(f"made/1/!{first + 1}:a", "", "7", "left out"),
    ]
    found = extract_file(source, 1, tmp_path, mend)
    values = found.records.set_index(["unit_code", "indicator"])[["value", "flag"]]
    assert values.loc[("x", "b")].tolist() == [30, "corrected"]
    assert values.loc[("y", "a")].tolist() == [7, "corrected"]
    assert values.loc[("x", "a")].tolist() == [1.5, "as_printed"]
    raw = found.cells.set_index("cell_id")["raw_text"]
    assert raw[f"made/1/!{first}:b"] == "3"
    assert raw[f"made/1/!{first + 1}:a"] == ""
    unread = [Correction(f"made/1/!{first - 1}:a", "a", "a", "a header")]
    with pytest.raises(SourceError, match="corrections of cells that are not read: made/1/"):
        extract_file(source, 1, tmp_path, unread)


def test_one_number_twice_names_the_same_cells_in_any_batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parse, "BATCH", 2)
    rows = [f"t{i},2001,1,2" for i in range(9)]
    (tmp_path / "t.csv").write_text("\n".join(["town,year,a,b", *rows, "t4,2001,5,6"]), encoding="utf-8")
    source = load_source(write_source(tmp_path, [TOWNS], "t.csv"))
    with pytest.raises(
        SourceError, match=r"cell 11:a: unit t4, year 2001 has two numbers for 'a'; the other is at t\.csv, cell 6:a"
    ):
        extract_file(source, 1, tmp_path)


def test_a_fault_far_down_names_its_cell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parse, "BATCH", 2)
    source = load_source(write_source(tmp_path, [TOWNS], "t.csv"))
    for text, words in (
        ("1e999", "cell 8:b: '1e999' is infinite"), ("x", "cell 8:b: 'x' is not a number"),
    ):  # fmt: skip
        rows = [f"t{i},2001,1,{2 if i < 6 else text}" for i in range(9)]
        (tmp_path / "t.csv").write_text("\n".join(["town,year,a,b", *rows]), encoding="utf-8")
        with pytest.raises(SourceError, match=words):
            extract_file(source, 1, tmp_path)
