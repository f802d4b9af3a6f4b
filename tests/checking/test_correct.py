"""``shidian correct``: the entry with its guard, what it refuses, and that no other character of the file changes."""

import pytest
import yaml
from shidian.checking.entry import with_entry
from shidian.errors import SourceError
from shidian.yearbook.corrections import Correction

from tests.checking.project import FLAT, NO_CORRECTIONS, rows, write_csv, write_workbook

REASON = "the yearbook of 2014 prints 471.9"


def correct(project, *arguments, reason=REASON):
    return project.run("correct", *arguments, "--reason", reason)


def test_it_writes_the_entry_with_its_guard_and_shows_before_and_after(project):
    code, out, err = correct(project, "book", "C5", "471.9")
    printed = f"{rows()[3][2]:.12g}"
    assert (code, err) == (0, "")
    assert project.entries == [
        {"cell_id": "book/1/全市!C5", "expected": printed, "corrected": "471.9", "reason": REASON}
    ]
    assert f"before: '{printed}'" in out
    assert f"邯郸市 2010: gdp = {printed} 亿元" in out
    assert "邯郸市 2010: gdp = 471.9 亿元" in out
    assert "Written: config/corrections.yaml, line 3" in out
    assert "gdp: corrected 1 (of 60)" in project.run("check-source", "book")[1]


def test_a_changed_file_stops(project):
    correct(project, "book", "C5", "471.9")
    lines = rows()
    lines[3][2] = 471.8
    write_workbook(project.root / "raw" / "book.xlsx", lines)
    code, out, _ = project.run("check-source", "book")
    assert code == 1
    assert "the cell holds '471.8', not the declared" in " ".join(out.split())


@pytest.mark.parametrize(
    "cell",
    ["C5", "c5", "$C$5", "全市!C5", "book.xlsx!全市!C5", "book!全市!C5", "1!全市!C5", "book/1/全市!C5", "book.xlsx!C5"],
)
def test_ways_to_name_a_cell(project, cell):
    assert correct(project, "book", cell, "471.9")[0] == 0
    assert project.entries[0]["cell_id"] == "book/1/全市!C5"


@pytest.mark.parametrize("cell", ["b.csv!3:gdp", "b!3:gdp", "2!3:gdp", "two/2/!3:gdp"])
def test_ways_to_name_a_cell_of_a_file_without_sheets(project, cell):
    assert correct(project, "two", cell, "471.9")[0] == 0
    assert project.entries[0]["cell_id"] == "two/2/!3:gdp"


def test_what_a_sheet_and_a_column_may_be_called(project):
    write_workbook(project.root / "raw" / "odd.xlsx", rows(), sheet="a!b")
    project.source("odd", ["odd.xlsx"], {"sheet": "a!b", **FLAT})
    assert correct(project, "odd", "a!b!C5", "471.9")[0] == 0
    assert project.entries[0]["cell_id"] == "odd/1/a!b!C5"


def refused(project, code, words, *arguments, **keys):
    before = project.corrections.read_bytes()
    found, out, err = correct(project, *arguments, **keys)
    assert (found, out) == (code, "")
    assert words in err
    assert "Traceback" not in err
    assert project.corrections.read_bytes() == before


def test_what_it_refuses(project):
    printed = f"{rows()[3][2]:.12g}"
    refused(project, 2, "may be a.csv!3:gdp or b.csv!3:gdp", "two", "3:gdp", "1")
    refused(project, 2, "has no cell 'Z99'", "book", "Z99", "1")
    refused(project, 2, "has no cell 'none.xlsx!C5'", "book", "none.xlsx!C5", "1")
    refused(project, 2, "its sheets are book.xlsx!全市", "book", "市辖区!C5", "1")
    refused(project, 1, "does not read this cell", "book", "C1", "GDP")
    refused(project, 1, f"holds '{printed}' already", "book", "C5", printed)
    refused(project, 1, "reads as the old one does", "book", "C5", f"{printed}.0")
    refused(project, 1, "with this text the file could not be read", "book", "C5", "many")
    refused(project, 2, "say in 10 characters or more", "book", "C5", "1", reason="  wrong  ")
    refused(project, 2, "did you mean 'book'?", "bok", "C5", "1")
    assert project.run("correct", "book", "C5", "1")[0] == 2
    correct(project, "book", "C5", "471.9")
    refused(project, 1, f"is corrected already: '{printed}' -> '471.9' ({REASON})", "book", "C5", "5")


def test_a_source_elsewhere_has_no_corrections(project):
    path = project.root / "book.yaml"
    path.write_bytes((project.root / "config/sources/book.yaml").read_bytes())
    (project.root / "config/sources/book.yaml").unlink()
    refused(project, 2, "is not in config/sources", "./book.yaml", "C5", "471.9")


def test_a_cell_that_stops_the_reading_can_be_corrected(project):
    lines = rows(range(2010, 2013))
    lines[4][2], lines[7][2] = "12.3.4", "n. d."
    write_csv(project.root / "raw" / "a.csv", lines)
    code, out, _ = correct(project, "two", "a.csv!6:gdp", "612.3")
    assert code == 0
    assert "still cannot be read" in out
    code, out, _ = correct(project, "two", "a.csv!9:gdp", "-")
    assert code == 0
    assert "could not be read before" in out
    assert "承德市 2010: gdp = - 亿元" in out
    assert project.run("check-source", "two")[0] == 0
    assert len(project.entries) == 2


def test_the_name_of_a_unit_can_be_corrected(project):
    lines = rows()
    lines[9][0] = "狼坊市"
    write_workbook(project.root / "raw" / "book.xlsx", lines)
    code, out, _ = correct(project, "book", "A11", "廊坊市")
    assert code == 0
    assert "狼坊市 2010: gdp" in out
    assert "廊坊市 2010: gdp" in out


ENTRY = Correction("two/1/!3:gdp", 'a "quoted": text', "1,5 # no comment", "第一行\nsecond line")
ITEM = "- cell_id: book/1/x!A1\n  expected: '1'\n  corrected: '2'\n  reason: because it is so\n"


@pytest.mark.parametrize(
    "text",
    [
        NO_CORRECTIONS,
        "corrections: []",
        "corrections:\n  []\n",
        "corrections: [ ] # none",
        "# top\ncorrections:\n" + ITEM + "# last\n",
        "corrections:\n" + "".join(f"    {line}\n" for line in ITEM.splitlines()) + "\n\n",
        "corrections:\n" + ITEM.rstrip("\n"),
        "corrections:\n" + ITEM.replace("because it is so\n", "|+\n    because\n    it is so\n\n"),
        "corrections: [{cell_id: book/1/x!A1, expected: '1', corrected: '2', reason: because it is so}]\n",
        "corrections: [\n  {cell_id: book/1/x!A1, expected: '1', corrected: '2', reason: because it is so},\n]\n",
        ("# top\ncorrections:\n" + ITEM).replace("\n", "\r\n"),
        "\ufeffcorrections: []\n",
    ],
)
def test_all_that_stands_in_the_file_stays(text):
    new, line = with_entry(text, ENTRY, "corrections.yaml")
    old, now = (yaml.safe_load(one)["corrections"] for one in (text, new))
    assert now == [*old, {key: getattr(ENTRY, key) for key in ("cell_id", "expected", "corrected", "reason")}]
    assert ENTRY.cell_id in new.splitlines()[line - 1] or ENTRY.cell_id in new.splitlines()[line]
    kept = iter(new)
    assert all(letter in kept for letter in text.replace("[]", "").replace("[ ]", "").replace(" ", "").rstrip())
    assert ("\r\n" in new) == ("\r\n" in text)
    twice, _ = with_entry(new, Correction("two/1/!4:gdp", "1", "2", "for another reason"), "corrections.yaml")
    assert len(yaml.safe_load(twice)["corrections"]) == len(now) + 1


@pytest.mark.parametrize("text", ["{corrections: []}\n", "corrections:\n" + ITEM + "...\n"])
def test_a_file_that_is_written_otherwise_is_left_alone(text):
    with pytest.raises(SourceError, match="add it by hand") as problem:
        with_entry(text, ENTRY, "corrections.yaml")
    assert ENTRY.cell_id in str(problem.value)
