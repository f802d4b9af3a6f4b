"""Limits of what is read: those of the configuration hold in every kind of file, and are named where one is passed."""

import dataclasses
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import xlsxwriter
from made_workbooks import write_source
from shidian.drafting.inspect import inspect_workbook
from shidian.errors import SourceError
from shidian.schema import read_schema
from shidian.study.limits import declared_limits
from shidian.yearbook import extract as extract_module
from shidian.yearbook.extract import extract_files
from shidian.yearbook.limits import LIMITS, Limits
from shidian.yearbook.source import load_source
from shidian.yearbook.workbook import Workbook

ROOT = Path(__file__).resolve().parents[2]


def workbook(path: Path) -> Path:
    book = xlsxwriter.Workbook(path)
    page = book.add_worksheet("data")
    for row in range(30):
        page.write_row(row, 0, [f"r{row}", row, row])
    book.close()
    return path


def page(path: Path) -> Path:
    rows = "".join(f"<tr><td>r{row}</td><td>{row}</td><td>{row}</td></tr>" for row in range(30))
    path.write_text(f"<html><table>{rows}</table></html>", encoding="utf-8")
    return path


def text(path: Path) -> Path:
    path.write_text("a,b,c\n" + "1,2,3\n" * 29, encoding="utf-8")
    return path


def stata(path: Path) -> Path:
    pd.DataFrame({name: range(30) for name in "abc"}).to_stata(path, write_index=False)
    return path


def spread(path: Path) -> Path:
    """Write an .ods file with one table."""
    cell = '<table:table-cell office:value-type="float" office:value="1" table:number-columns-repeated="3"/>'
    row = f"<table:table-row>{cell}"
    content = (
        '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"><office:body><office:spreadsheet>'
        f'<table:table table:name="data">{(row + "</table:table-row>") * 30}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr(
            "META-INF/manifest.xml", '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
        )
    return path


CASES: list[tuple[str, Callable[[Path], Path], str | None, str, int]] = [
    ("a.xlsx", workbook, "data", "sheet_cells", 50),
    ("a.xlsx", workbook, "data", "columns", 2),
    ("a.xlsx", workbook, "data", "entries", 3),
    ("a.ods", spread, "data", "sheet_cells", 50),
    ("a.ods", spread, "data", "columns", 2),
    ("a.html", page, None, "sheet_cells", 50),
    ("a.html", page, None, "columns", 2),
    ("a.csv", text, None, "file_cells", 50),
    ("a.csv", text, None, "columns", 2),
    ("a.dta", stata, None, "file_cells", 50),
    ("a.dta", stata, None, "columns", 2),
]


@pytest.mark.parametrize(("name", "write", "sheet", "key", "most"), CASES, ids=[f"{c[0]} {c[3]}" for c in CASES])
def test_a_file_past_a_limit_is_refused(
    tmp_path: Path, name: str, write: Callable[[Path], Path], sheet: str | None, key: str, most: int
) -> None:
    path = write(tmp_path / name)
    Workbook(path).grid(sheet)
    with pytest.raises(SourceError, match=rf"{name}.*{most:,}.*\(limits\.{key} in config/config\.yaml\)"):
        Workbook(path, limits=dataclasses.replace(LIMITS, **{key: most})).grid(sheet)


def test_a_packed_file_past_a_limit_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx")
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/image1.png", b"\0" * 3_000_000)
    with pytest.raises(
        SourceError, match=r"a\.xlsx: .*at most 1 are read \(limits\.unpacked_mb in config/config\.yaml\)"
    ):
        Workbook(path, limits=Limits(unpacked_mb=1))


def test_the_usual_limits_are_those_that_the_schema_says() -> None:
    said: dict[str, Any] = read_schema("config")["properties"]["limits"]["properties"]
    assert {field.name: field.default for field in dataclasses.fields(Limits)} == {
        key: one.get("default") for key, one in said.items()
    }


def test_limits_of_a_project(tmp_path: Path) -> None:
    assert declared_limits(tmp_path) == LIMITS
    assert declared_limits(ROOT) == LIMITS
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.yaml").write_text("studies: [a]\nlimits: {pages: 7}\n", encoding="utf-8")
    assert declared_limits(tmp_path) == Limits(pages=7)


def test_extraction_and_drafts_keep_the_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text(tmp_path / "a.csv")
    table = {
        "layout": "flat", "unit": {"level": "other", "code": "a", "code_kind": "plain"}, "year": {"fixed": 2010},
        "columns": {"b": {"header": "b", "measure": "1"}}, "ignore": ["c"],
    }  # fmt: skip
    source = load_source(write_source(tmp_path, [table], "a.csv"))
    with pytest.raises(SourceError, match=r"limits\.columns"):
        extract_files(source, [1], tmp_path, limits=Limits(columns=2))
    with pytest.raises(SourceError, match=r"limits\.columns"):
        inspect_workbook(tmp_path / "a.csv", limits=Limits(columns=2))

    def wait(*_: object) -> None:
        while True:
            pass

    monkeypatch.setattr(extract_module, "_read_blocks", wait)
    with pytest.raises(SourceError, match=r"a\.csv: reading takes more than 1 seconds \(limits\.seconds in config"):
        extract_files(source, [1], tmp_path, limits=Limits(seconds=1))
