"""``shidian check-source``: what it says of a source, its exit codes, and what changed since the last check."""

import pytest
from shidian.checking.page import WIDTH, width_of, wrapped

from tests.checking.project import rows, write_csv, write_workbook


def flat(text: str) -> str:
    """Return a page without its line breaks."""
    return " ".join(text.split())


def test_a_source_without_findings_is_0(project):
    code, out, err = project.run("check-source", "two")
    assert (code, err) == (0, "")
    assert "Files read: 2 of 2" in out
    assert "10 units" in out
    assert "2010-2015" in out
    assert "slips" not in out
    assert out.rstrip().endswith("Nothing stops a run.")
    assert all(width_of(line) <= WIDTH for line in out.splitlines())


def test_slips_are_told_with_file_sheet_cell_value_and_reason(project):
    lines = rows()
    lines[23][2] *= 10
    write_workbook(project.root / "raw" / "book.xlsx", lines)
    code, out, _ = project.run("check-source", "book")
    assert code == 0
    assert "book.xlsx, sheet '全市':" in out
    assert f"C25: 邯郸市 2012 gdp = {lines[23][2]:.12g}: 10 times" in flat(out)
    assert project.run("check-source", "book", "--strict")[0] == 1


def test_a_file_that_cannot_be_read_hides_nothing_in_the_others(project):
    lines = rows(range(2010, 2013))
    lines[4][2] = "12.3.4"
    write_csv(project.root / "raw" / "a.csv", lines)
    code, out, _ = project.run("check-source", "two")
    assert code == 1
    assert "Files read: 1 of 2" in out
    assert "6:gdp" in out
    assert "2013-2015" in out
    assert "A run stops: files that cannot be read: 1" in out


def test_missing_files_and_numbers_that_stand_twice_in_one_file(project):
    (project.root / "raw" / "a.csv").unlink()
    write_csv(project.root / "raw" / "b.csv", [*rows(range(2013, 2016)), ["唐山市", 2013, 1, 2]])
    code, out, _ = project.run("check-source", "two")
    assert code == 1
    assert "the file is missing" in flat(out)
    assert "has two numbers for 'gdp'" in flat(out)


def test_numbers_that_stand_in_two_files(project):
    write_csv(project.root / "raw" / "b.csv", [*rows(range(2013, 2016)), ["唐山", 2011, 77, 500]])
    code, out, _ = project.run("check-source", "two")
    assert code == 1
    assert "Two numbers for one unit, period and series: 2" in out
    assert "唐山 2011 gdp = 77; the other is" in flat(out)
    assert "numbers that stand twice: 2" in out


def test_units_that_are_not_matched_or_not_exactly(project):
    lines = rows()
    for line in lines:
        line[0] = {"唐山市": "唐山", "廊坊市": "狼坊市"}.get(str(line[0]), line[0])
    write_workbook(project.root / "raw" / "book.xlsx", lines)
    code, out, _ = project.run("check-source", "book")
    assert code == 1
    assert "Units not matched: 1" in out
    assert "A11: 狼坊市 (2010-2015): unknown" in flat(out)
    assert "Units matched, not exactly: 1 (short 1)" in out
    assert "A3: 唐山 (2010-2015): short" in flat(out)


def test_coverage_names_the_units_that_lack_years(project):
    lines = [line for line in rows() if not (line[0] == "承德市" and line[1] in (2011, 2012, 2015))]
    lines[0][2] = "-"
    write_workbook(project.root / "raw" / "book.xlsx", lines)
    _, out, _ = project.run("check-source", "book")
    assert "2011-2012, 2015: 承德市" in out
    assert "gdp: read as missing: dash 1 (of 57)" in out


def test_what_changed_since_the_last_check(project):
    assert "this is the first" in project.run("check-source", "book")[1]
    assert "nothing changed" in project.run("check-source", "book")[1]
    lines = rows()
    before, lines[3][3] = lines[3][3], 501
    gone = lines.pop()
    lines.append(["衡水市", 2015, 999.5, 430])
    write_workbook(project.root / "raw" / "book.xlsx", lines)
    out = flat(project.run("check-source", "book")[1])
    assert "1 changed, 2 appeared, 2 vanished" in out
    assert f"D5: 邯郸市 2010 people was {before}, is 501" in out
    assert "衡水市 2015 gdp = 999.5 appeared" in out
    assert f"{gone[0]} 2015 gdp = {gone[2]:.12g} vanished" in out


def test_a_row_put_in_moves_cells_and_changes_no_value(project):
    project.run("check-source", "book")
    lines = rows()
    write_workbook(project.root / "raw" / "book.xlsx", [lines[0], ["衡水市", 2010, 311.5, 430], *lines[1:]])
    out = flat(project.run("check-source", "book")[1])
    assert "0 changed, 2 appeared, 0 vanished" in out
    assert "another cell, unchanged: 118" in out


def test_a_file_that_cannot_be_read_has_not_vanished(project):
    project.run("check-source", "two")
    kept = (project.root / "raw" / "a.csv").read_bytes()
    (project.root / "raw" / "a.csv").write_bytes(b"city,year\n")
    assert "nothing changed" in project.run("check-source", "two")[1]
    (project.root / "raw" / "a.csv").write_bytes(kept)
    assert "nothing changed" in project.run("check-source", "two")[1]


def test_a_path_names_a_source_too_and_unknown_names_are_2(project):
    assert project.run("check-source", "config/sources/book.yaml")[0] == 0
    code, _, err = project.run("check-source", "bok")
    assert code == 2
    assert "did you mean 'book'?" in err
    assert project.run("check-source", "config/sources/none.yaml")[0] == 2
    assert project.run("check-source")[0] == 2


def test_it_speaks_the_language_of_the_configuration(project):
    path = project.root / "config" / "config.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "language: zh\n", encoding="utf-8")
    _, out, _ = project.run("check-source", "book")
    assert "Files read" not in out
    assert "已读取文件" in out
    assert all(width_of(line) <= WIDTH for line in out.splitlines())


def test_individuals_have_no_units_to_match(project):
    table = {
        "layout": "flat", "unit": {"level": "other", "row_number": True}, "year": {"header": "year"},
        "columns": {"price": {"header": "gdp", "measure": "1"}, "town": {"header": "city", "measure": "category"}},
        "ignore": ["people"],
    }  # fmt: skip
    project.source("houses", ["a.csv"], table)
    code, out, _ = project.run("check-source", "houses")
    assert code == 0
    assert "price" in out
    assert "Units" not in out


@pytest.mark.parametrize("text", ["一" * 80, "a" * 130, "long words " * 30, "唐山市 (河北省) " * 20, ""])
def test_lines_are_wrapped_by_their_width(text):
    lines = wrapped(text, "  ", "    ")
    assert all(width_of(line) <= WIDTH for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_slips_of_a_real_panel_are_found(project, shared, monkeypatch):
    """Six values of a circulated panel of loans and deposits, five of them ten times what they should be."""
    from shidian.code_digests import ROOT

    folder = shared / "china"
    if not (folder / "city_panels").is_dir():
        pytest.skip("no city panels")
    monkeypatch.setenv("SHIDIAN_RAW", str(folder))
    declared = ROOT / "config" / "sources" / "city_loans_deposits.yaml"
    _, out, _ = project.run("check-source", str(declared))
    slips = flat(out.partition("Values that look like slips: 6")[2].partition("Marks, ")[0])
    assert all(f" {cell}: " in slips for cell in ("I1047", "I5965", "H433", "H493", "H1584", "H5986"))
