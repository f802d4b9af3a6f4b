"""Printed tables, read back from each format."""

import csv
import io
from dataclasses import replace

import docx
import openpyxl
import pandas as pd
import pytest
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from hypothesis import given
from hypothesis import strategies as st
from shidian.errors import EstimationError, ReportError
from shidian.exhibits.notes import refusal
from shidian.exhibits.result import Cell, ExhibitResult, Row, StudyInfo, Table, no_estimates
from shidian.report.files import figure_file_names, table_file_names, write_figure_files, write_table_files
from shidian.report.study_report import ExhibitMeta, join_note, note_sentences
from shidian.report.tables.delimited import (
    frame_csv,
    guarded,
    guarded_texts,
    marked,
    table_csv,
    unguarded,
    unguarded_texts,
    unmarked,
)
from shidian.report.tables.excel import excel_number, exhibit_xlsx
from shidian.report.tables.latex import table_latex
from shidian.report.tables.latex_text import em_width, escape
from shidian.report.tables.structure import alignments, column_widths, is_number, require_estimates
from shidian.report.tables.word import table_docx
from shidian.report.tables.word_fields import Caption
from shidian.report.tables.word_widths import PAGE, column_shares, page_of
from shidian.report.typography import as_typed, with_minus
from shidian.used import Used

from . import report_samples as samples

META = ExhibitMeta("demo", "baseline", "Table 2", "Pilots & emissions 低碳", "en", simulated=True)


@pytest.fixture(scope="module")
def result():
    return samples.baseline()


def printed(table):
    """Every text of a table, spanned header texts followed by empty cells."""
    lines = [[part for text, span in line for part in (text, *[""] * (span - 1))] for line in table.header]
    return lines + [[row.label, *(cell.text for cell in row.cells)] for row in table.rows]


def test_csv_reads_back_as_printed_and_marks_its_encoding(result):
    content = table_csv(result.table)
    assert content.startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(io.StringIO(content.decode("utf-8-sig")))) == printed(result.table)


def test_estimates_csv_holds_every_bit(result):
    content = frame_csv(result.estimates)
    assert content.startswith(b"study,exhibit,column,term,estimate")
    back = pd.read_csv(io.BytesIO(content))
    assert back["estimate"].tolist()[0] == 0.01731234567891
    assert back["df"].tolist()[1] == float("inf")
    assert back.loc[3, "reason"] == "collinear with eco"
    assert pd.isna(back.loc[3, "estimate"])


def test_workbook_prints_texts_and_keeps_numbers(result):
    book = openpyxl.load_workbook(io.BytesIO(exhibit_xlsx(result, META)))
    assert book.sheetnames == ["table", "estimates", "note"]
    sheet = book["table"]
    rows = [[cell.value or "" for cell in row] for row in sheet.iter_rows(min_row=2, max_col=3)]
    shown = [
        [(excel_number(text) or [text])[0] if i > 1 else text for text in row]
        for i, row in enumerate(printed(result.table))
    ]
    assert rows == shown
    assert (sheet["B5"].value, sheet["B5"].number_format) == (0.0173, '0.0000"***"')
    assert (sheet["C9"].value, sheet["C9"].number_format) == (4200, "#,##0")
    assert [str(r) for r in sheet.merged_cells.ranges] == ["B2:C2"]
    assert sheet["B2"].border.top.style == sheet["A9"].border.bottom.style == "thick"
    assert sheet["B9"].border.top.style == "thin"
    names = [cell.value for cell in book["estimates"][1]]
    first = dict(zip(names, (cell.value for cell in book["estimates"][2]), strict=True))
    assert (first["estimate"], first["n_obs"], first["vcov"]) == (0.01731234567891, 4200, "clustered by city (CRV1)")
    assert dict(zip(names, (c.value for c in book["estimates"][3]), strict=True))["df"] == "inf"
    assert [row[0].value for row in book["note"].iter_rows()][:2] == [META.heading, "SIMULATED."]
    chinese = openpyxl.load_workbook(io.BytesIO(exhibit_xlsx(result, replace(META, lang="zh"))))
    assert (chinese.sheetnames[:2], chinese.sheetnames[-1]) == (["表", "估计值"], "注")
    assert [cell.value for cell in chinese["估计值"][1]][2:6] == ["列", "变量", "估计值", "标准误"]


def test_a_text_that_looks_like_a_formula_stays_text():
    table = Table(((("", 1), ("a", 1)),), (Row("=1+1", (Cell("-0.5"),)),))
    sheet = openpyxl.load_workbook(io.BytesIO(exhibit_xlsx(ExhibitResult(no_estimates(), table), META)))["table"]
    assert (sheet["A3"].value, sheet["A3"].data_type, sheet["B3"].data_type) == ("=1+1", "s", "n")


def test_word_has_three_lines_and_all_texts(result):
    document = docx.Document(io.BytesIO(table_docx(result.table, Caption.of(META, has_table=True), "Note: 注.")))
    assert [p.text for p in document.paragraphs if p.text] == [META.heading, "Note: 注."]
    (grid,) = document.tables
    for line, row in zip(printed(result.table), grid.rows, strict=True):
        texts = [as_typed(cell.text) for cell in row.cells]
        assert list(dict.fromkeys(t for t in texts if t)) == list(dict.fromkeys(t for t in line if t))
    rules = {
        (i, border.tag.split("}")[1], int(border.get(qn("w:sz"))))
        for i, row in enumerate(grid.rows)
        for cell in row._tr.tc_lst
        for border in cell.iter(qn("w:top"), qn("w:bottom"))
        if border.getparent().tag == qn("w:tcBorders")
    }
    last = len(grid.rows) - 1
    three_lines = {(0, "top", 12), (1, "bottom", 4), (last, "bottom", 12)}
    assert rules == three_lines | {(0, "bottom", 4), (last, "top", 4)}  # the group's rule, the declared rule
    assert not list(grid._tbl.iter(qn("w:left"), qn("w:right"), qn("w:insideV")))
    fonts = document.styles["Normal"].element.rPr.rFonts
    assert (fonts.get(qn("w:eastAsia")), fonts.get(qn("w:ascii"))) == ("SimSun", "Times New Roman")


def test_word_columns_fill_the_page_and_turn_it_when_wide():
    document = docx.Document(io.BytesIO(table_docx(samples.wide().table, None, "")))
    section = document.sections[0]
    assert section.page_width > section.page_height
    room = section.page_width - section.left_margin - section.right_margin
    assert abs(sum(column.width for column in document.tables[0].columns) - room) < 20_000  # EMU, rounding


def test_latex_structure(result):
    text = table_latex(result.table, META.title, "Note: a_b", "baseline")
    assert r"\begin{tabular}{@{}>{\raggedright" in text or r"\begin{tabular}{@{}lS[table-format" in text
    assert r" & \multicolumn{2}{c@{}}{ln(CO2)} \\" + "\n" + r"\cmidrule(lr){2-3}" in text
    assert r"试点 DID & 0.0173{$^{***}$} & -0.0143{$^{***}$} \\" in text
    assert r" & {(}0.0051{)} & {(}0.0049{)} \\" in text
    assert r"\multicolumn{3}{@{}l@{}}{\textit{Panel A. 基准回归}} \\" in text
    assert text.index(r"\toprule") < text.index(r"\midrule") < text.index(r"\bottomrule")
    assert text.count(r"\midrule") == 2
    assert r"Note: a\_b" in text
    assert "xelatex" in text.splitlines()[0]


def test_latex_escapes_everything_special():
    text = escape(samples.TEXT_WITH_EVERYTHING + "−≥²")
    assert text == (
        r"R\&D\_share 50\% \#1 \{x\} \textasciitilde{} \textasciicircum{} \textbackslash{} \$5 "
        r'\textless{}b\textgreater{}"人均"\textless{}/b\textgreater{} {[}a{]}$-$$\geq$$^{2}$'
    )


@pytest.mark.parametrize("text", ["0.0173***", "-0.01", "(0.0051)", "4,200", "−1.2e-05**", "12.3%", "[0.01]", ".5"])
def test_numbers_are_told_from_words(text):
    assert is_number(text)
    assert not is_number(f"{text} cities")


def test_numbers_are_centred_and_prose_is_not():
    assert alignments(samples.prose().table) == ("left", "center", "left")
    intervals = Table(((("", 1), ("a", 1)),), (Row("x", (Cell("[-0.0123, 0.0456]"),)),))
    assert alignments(intervals) == ("left", "center")


def test_widths_count_chinese_twice_and_ignore_spans():
    table = Table(((("", 1), ("a very long group header", 2)),), (Row("中文", (Cell("12"), Cell("x" * 90))),))
    assert column_widths(table, 40) == (4, 2, 40)


def test_a_broken_trail_is_an_error(result):
    require_estimates(result, [Cell("x"), *result.table.rows[1].cells], "baseline")
    for ref in (("c9", "did", "estimate"), ("c1", "eco", "estimate"), ("c1", "did", "beta")):
        with pytest.raises(ReportError, match=r"exhibit 'baseline': the printed cell '1'.*exactly one"):
            require_estimates(result, [Cell("1", ref)], "baseline")


def test_notes_say_simulated_once(result):
    assert note_sentences(result, META)[0] == "SIMULATED."
    marked = ExhibitResult(no_estimates(), notes=("SIMULATED data.", "Sample"))
    assert join_note(note_sentences(marked, META), "en") == "Note: SIMULATED data. Sample."
    assert join_note(["样本", "聚类。"], "zh") == "注：样本。聚类。"
    assert join_note([" "], "en") == ""


def test_files_of_an_exhibit(tmp_path, result):
    paths = write_table_files(result, META, tmp_path / "new")
    assert {label: path.name for label, path in paths.items()} == table_file_names("baseline", has_table=True)
    assert all(path.stat().st_size > 100 for path in paths.values())
    assert write_figure_files(result, META, tmp_path) == {}
    only_figure = ExhibitResult(no_estimates(), figure=samples.figures()["trend"])
    assert set(write_table_files(only_figure, META, tmp_path)) == {"estimates", "xlsx"}
    drawn = write_figure_files(only_figure, META, tmp_path)
    assert {label: path.name for label, path in drawn.items()} == figure_file_names("baseline")
    book = openpyxl.load_workbook(tmp_path / "baseline.xlsx")
    assert book.sheetnames == ["estimates", "data lines", "note"]
    assert [c.value for c in book["data lines"][2]] == ["东部", 2003, 3]


def test_word_breaks_no_number_and_leaves_no_column_too_narrow():
    interval, label = "[-0.0699, -0.0460]", "A label of several words that may break where it will " * 2
    table = Table(((("", 1), ("Sun-Abraham", 1), ("95%", 1)),), (Row(label, (Cell("-0.0088***"), Cell(interval))),) * 2)
    assert page_of(table) == (False, 9.0)
    shares = column_shares(table, PAGE, 9.0)
    assert abs(sum(shares) - PAGE) <= len(shares)
    assert shares[1] > Pt(9) * em_width("Abraham") + Cm(0.4)
    assert shares[2] > Pt(9) * em_width("[-0.0699, -0.0460]") + Cm(0.4)
    document = docx.Document(io.BytesIO(table_docx(table, None, "reference τ = -1 in 2006-2018")))
    cells = [cell.text for cell in document.tables[0].rows[1].cells]
    assert cells[1:] == ["−0.0088***", "[−0.0699,\u00a0−0.0460]"]
    assert document.paragraphs[-1].text == "reference τ = −1 in 2006–2018"


@pytest.mark.parametrize(
    ("columns", "page"), [(6, (False, 9.0)), (8, (True, 9.0)), (12, (True, 8.0)), (14, (True, 6.0)), (20, (True, 5.0))]
)
def test_the_measured_width_chooses_the_page_in_word(columns, page):
    row = Row("Variable", tuple(Cell("-0.0088***") for _ in range(columns)))
    table = Table(((("", 1), *((f"({j})", 1) for j in range(columns))),), (row,))
    assert page_of(table) == page


@pytest.mark.parametrize(
    ("text", "value", "shown"),
    [
        ("0.0173***", 0.0173, '0.0000"***"'), ("(0.0051)", 0.0051, '"("0.0000")"'), ("4,200", 4200, "#,##0"),
        ("-0.01**", -0.01, '0.00"**";-0.00"**"'), ("(-0.5)", -0.5, '"("0.0")";"("-0.0")"'), ("12.3%", 0.123, "0.0%"),
        ("-0.000***", 0.0, '"-"0.000"***"'), ("12,345.67", 12345.67, "#,##0.00"), ("-1.5†", -1.5, '0.0"†";-0.0"†"'),
    ],
)  # fmt: skip
def test_a_number_in_excel_is_one_and_its_format_shows_it_as_printed(text, value, shown):
    number, form = excel_number(text)
    assert (number, form) == (pytest.approx(value, rel=1e-15), shown)


@pytest.mark.parametrize("text", ["", "Yes", "—", "0123", "[0.1, 0.2]", "< 0.0001", "1.2e-05", "1,23"])
def test_other_texts_stay_texts_in_excel(text):
    assert excel_number(text) is None


def test_csv_files_say_simulated_where_programs_read_them_without_an_option(result):
    grid = list(csv.reader(io.StringIO(table_csv(result.table, simulated=True).decode("utf-8-sig"))))
    assert grid[0][0] == "SIMULATED"
    assert [*grid[0][1:], *grid[1:]] == [*printed(result.table)[0][1:], *printed(result.table)[1:]]
    assert table_csv(samples.prose().table, simulated=True).decode("utf-8-sig").startswith("SIMULATED: Quantity,")
    back = pd.read_csv(io.BytesIO(frame_csv(marked(result.estimates, simulated=True))))
    assert back["data"].tolist() == ["SIMULATED"] * len(back)
    assert frame_csv(unmarked(marked(result.estimates, simulated=True))) == frame_csv(result.estimates)
    assert frame_csv(marked(result.estimates, simulated=False)) == frame_csv(result.estimates)


def test_every_file_of_a_simulated_exhibit_says_so(tmp_path, result):
    import zipfile

    for path in write_table_files(result, META, tmp_path).values():
        packed = path.suffix in (".docx", ".xlsx")
        parts = (
            [zipfile.ZipFile(path).read(n) for n in zipfile.ZipFile(path).namelist()] if packed else [path.read_bytes()]
        )
        assert any(b"SIMULATED" in part for part in parts), path.name


def test_a_refused_estimate_has_its_files_and_says_why(tmp_path):
    info = StudyInfo("demo", "city", "did")
    result = refusal("honest", info, ["parallel trends"], EstimationError("too few periods before adoption"), Used())
    tables = write_table_files(result, META, tmp_path)
    assert set(tables) == {"estimates", "xlsx", "csv", "tex", "fragment", "docx", "md"}
    assert "—" in tables["csv"].read_text(encoding="utf-8-sig")
    drawn = write_figure_files(result, META, tmp_path)
    assert set(drawn) == {"png", "pdf", "svg"}
    assert drawn["png"].stat().st_size > 2000


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("-0.01", "−0.01"), ("-1.2e-05**", "−1.2e−05**"), ("(-0.5)", "(−0.5)"),
        ("[-0.2257, -0.1855]", "[−0.2257, −0.1855]"),
        ("-24494.6473†", "−24494.6473†"), ("2006-2016", "2006–2016"), ("SDM-DID", "SDM-DID"), ("COVID-19", "COVID-19"),
        ("-7 to -1", "−7 to −1"), ("0.1 (-.5)", "0.1 (−.5)"),
    ],
)  # fmt: skip
def test_negative_numbers_have_a_minus_sign(text, printed):
    assert with_minus(text) == printed


FORMULAS = ["=cmd|' /C calc'!A0", "@SUM(A1)", "-2+3+cmd|' /C calc'!A0", "\t=1", "+1+1", "'=1", "＝1+1", "-x"]


def test_a_text_that_a_spreadsheet_would_run_is_guarded_and_comes_back(result):
    table = replace(result.table, rows=[replace(result.table.rows[0], label=text) for text in FORMULAS])
    rows = list(csv.reader(io.StringIO(table_csv(table).decode("utf-8-sig"), newline="")))[-len(FORMULAS) :]
    assert all(row[0].startswith("'") for row in rows)
    assert [unguarded(row[0]) for row in rows] == FORMULAS


@given(st.text(max_size=12) | st.sampled_from(FORMULAS))
def test_guards_come_off_as_they_went_on(text):
    assert unguarded(guarded(text)) == text
    assert guarded(text)[:1] not in ("=", "@", "\t", "\r")


@given(
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(0, 6),
    st.sampled_from(["", "*", "**", "***", "†", "a"]),
)
def test_no_printed_number_is_guarded(value, digits, stars):
    for text in (f"{value:.{digits}f}{stars}", f"{value:,.{digits}f}{stars}", f"{value:.3e}", f"{value:+.{digits}f}"):
        assert guarded(text) == text


def test_the_texts_of_a_ledger_are_guarded_and_come_back():
    ledger = pd.DataFrame(
        {"step": ["panel", "=1+1"], "n_rows": pd.array([3, pd.NA], dtype="Int64"), "reason": ["@x", "-"]}
    )
    safe = guarded_texts(ledger)
    assert safe["step"].tolist() == ["panel", "'=1+1"]
    assert safe["reason"].tolist() == ["'@x", "-"]
    assert unguarded_texts(safe).to_csv() == ledger.to_csv()
    assert (
        guarded_texts(ledger.drop(index=1).assign(reason="one")).to_csv()
        == ledger.drop(index=1).assign(reason="one").to_csv()
    )
