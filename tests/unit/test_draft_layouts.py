"""Drafts of every layout of docs/sources.md, with the metadata filled in, read what a person's declaration reads."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pandas as pd
import pytest
from layout_drafts import CASES
from made_workbooks import read_made, write_xlsx
from shidian.drafting.inspect import inspect_workbook
from shidian.yearbook.extract import extract_files
from shidian.yearbook.source import load_source


def filled(text: str, year: int = 2015) -> str:
    """Return the draft in what inspect prints, with the metadata filled in and nothing else."""
    draft = text.split("Draft of the source file:\n\n")[1]
    draft = draft.replace("accessed: TODO", 'accessed: "2026-11"').replace("fixed: TODO", f"fixed: {year}")
    return re.sub(r"(title|publisher|citation|licence|what|fixed_name|^source): TODO", r"\1: x", draft)


def drafted_records(path: Path, folder: Path) -> tuple[str, pd.DataFrame]:
    """Return the draft of a file, and what it reads."""
    text = filled(inspect_workbook(path))
    source = folder / f"{text.splitlines()[0].removeprefix('source: ')}.yaml"
    source.write_text(text, encoding="utf-8")
    declared = load_source(source)
    return text, extract_files(declared, range(1, len(declared.files) + 1), path.parent).records


def told(records: pd.DataFrame) -> set[tuple[str, ...]]:
    """Return cell, unit, place, year and value of each record, whatever the series are called."""
    names = ("unit_code", "unit_name", "province", "year", "value", "flag")
    cells = records["cell_id"].str.split("/", n=1).str[1]
    return set(zip(cells, *(records[name].astype("str") for name in names), strict=True))


@pytest.mark.parametrize("name", CASES)
def test_a_draft_reads_what_a_person_declares(tmp_path: Path, name: str) -> None:
    rows, declared, merges = CASES[name]
    write_xlsx(tmp_path / "a.xlsx", {"S": rows}, merges)
    wanted = told(read_made(tmp_path, declared, "a.xlsx").records)
    text, records = drafted_records(tmp_path / "a.xlsx", tmp_path)
    assert told(records) == wanted
    assert "# The draft runs once title" in text


def said(records: pd.DataFrame) -> set[tuple[str, ...]]:
    """Return unit, place, year and value of each record."""
    return {record[1:] for record in told(records)}


@pytest.mark.parametrize(("separator", "encoding"), [(",", "gb18030"), ("\t", "utf-8-sig"), (";", "utf-16")])
@pytest.mark.parametrize("name", [name for name, case in CASES.items() if not case[2]])
def test_a_text_file_is_drafted_as_the_sheet_is(tmp_path: Path, name: str, separator: str, encoding: str) -> None:
    rows, declared, _ = CASES[name]
    write_xlsx(tmp_path / "a.xlsx", {"S": rows})
    wanted = said(read_made(tmp_path, declared, "a.xlsx").records)
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator).writerows(rows)
    (tmp_path / "b.csv").write_bytes(text.getvalue().encode(encoding))
    _, records = drafted_records(tmp_path / "b.csv", tmp_path)
    assert said(records) == wanted


def test_units_without_any_number_are_rows_of_their_table(tmp_path: Path) -> None:
    """A list of states, some without a year: the first stands right below the headers, others among the dated."""
    rows = [["State", "Status", "Text", "year", "month"], ["Alabama", "Not Adopted", "", "", ""],
            ["Alaska", "Adopted", "on 9/1/2015", "2015", "9"], ["Florida", "Not Adopted", "", "", ""],
            ["Ohio", "Adopted", "on 1/1/2014", "2014", "1"], ["Note: none", "", "", "", ""]]  # fmt: skip
    path = tmp_path / "states.csv"
    path.write_text("\n".join(",".join(row) for row in rows), encoding="utf-8")
    draft, records = drafted_records(path, tmp_path)
    assert "header_row: 1" in draft
    assert '- "Florida"' not in draft
    status = records[records["indicator"] == "status"]
    assert status["unit_name"].tolist() == ["Alabama", "Alaska", "Florida", "Ohio"]
    assert records.loc[records["indicator"] == "year_value", "value"].dropna().tolist() == [2015, 2014]
