"""The project that the tests of the commands on sources run in."""

import pytest

from tests.checking.project import FLAT, Project, rows, write_csv, write_workbook


@pytest.fixture
def project(tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("SHIDIAN_RAW", raising=False)
    monkeypatch.chdir(tmp_path)
    made = Project(tmp_path, capsys)
    write_csv(tmp_path / "raw" / "a.csv", rows(range(2010, 2013)))
    write_csv(tmp_path / "raw" / "b.csv", rows(range(2013, 2016)))
    made.source("two", ["a.csv", "b.csv"])
    write_workbook(tmp_path / "raw" / "book.xlsx", rows())
    made.source("book", ["book.xlsx"], {"sheet": "全市", **FLAT})
    return made
