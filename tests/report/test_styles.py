"""Styles: the printed table made again from its estimates; layout and notes of an exhibit; what is refused."""

import io
import re
from dataclasses import replace
from functools import cache

import docx
import numpy as np
import openpyxl
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.image import imread
from shidian.audit.verify.printed_tables import wrong_numbers
from shidian.errors import ReportError, StudyError
from shidian.estimates import normalise
from shidian.exhibits.diagnostics import Diagnostic
from shidian.exhibits.notes import stars_sentence
from shidian.exhibits.regression_table import DEFAULT_STARS, STATISTICS, Style, TableColumn, regression_table
from shidian.exhibits.result import Cell, ExhibitResult, Figure, Row, Table
from shidian.messages import say
from shidian.report.figures.draw import draw_figure, render_figure
from shidian.report.files import write_table_files
from shidian.report.study_report import ExhibitMeta, note_sentences
from shidian.report.styled.apply import as_printed, styled
from shidian.report.styled.one_form import in_one_form
from shidian.report.tables.latex import table_latex
from shidian.report.tables.look import Look
from shidian.study.styles import STYLES, effective, read_style, shipped

from . import styles_page

ESTIMATED = {"digits": 4, "stars": {"*": 0.1, "**": 0.05, "***": 0.01}}


@cache
def style(name):
    return read_style(STYLES, name, "at 'style'")


def made(numbers, errors, notes=()):
    """Return an exhibit of two columns and two regressors, with a test and the usual foot."""
    frames, columns, style_ = [], [], Style()
    for n, name in enumerate(("(1)", "(2)")):
        b, se = np.array(numbers[2 * n : 2 * n + 2]), np.array(errors[2 * n : 2 * n + 2])
        t = b / se
        frame = normalise(pd.DataFrame({
            "study": "s", "exhibit": "e", "column": name, "term": ["did", "gdp"], "estimate": b, "se": se,
            "statistic": t,
            "p": np.exp(-np.abs(t)), "ci_low": b - 2 * se, "ci_high": b + 2 * se, "df": 99.0, "n_obs": 3612 + n,
            "n_units": 279, "n_clusters": 31, "r2": 0.5 + n / 7, "r2_within": 0.1,
        }))  # fmt: skip
        frames.append(frame)
        foot = {say("Controls"): say("Yes"), say("{names} fixed effects", names="City"): say("No")}
        columns.append(TableColumn(name, name, frame, "Theil", foot))
    test = Diagnostic("f_test", 12.3456, p=0.00001)
    frames.append(test.long("s", "e", "(1)"))
    tests = [Row("F test [p]", (test.cell("(1)", style_, "value [p]"), Cell("")))]
    table = regression_table(columns, {"did": "DID", "gdp": "GDP"}, style_, tuple(STATISTICS)[:5], tests)
    said = (say("{what}: {kind}.", what=say("Standard errors in parentheses"), kind="clustered"),)
    return ExhibitResult(
        pd.concat(frames, ignore_index=True), table, notes=(*said, stars_sentence(DEFAULT_STARS), *notes)
    )


def printing(name, **explicit):
    return {"style": effective(style(name), explicit), "estimated": ESTIMATED}


def close(text, value):
    """Say whether a printed number is the value rounded to the digits that it has."""
    number = re.search(r"[-−]?[\d,]*\.?\d+(e[-+]\d+)?", text)[0].replace(",", "")
    digits = len(number.partition("e")[0].partition(".")[2])
    power = int(number.partition("e")[2] or 0)
    return abs(float(number) - value) <= 0.5000001 * 10.0 ** (power - digits) + 1e-9 * abs(value)


@pytest.mark.parametrize("name", shipped())
def test_each_printed_number_is_its_estimate_and_its_stars_are_those_of_its_p(name):
    rng = np.random.default_rng(len(name))
    for size in (-5.0, 0.0, 3.0):
        numbers, errors = rng.normal(size=4) * 10.0**size, 10.0 ** (size - rng.uniform(0, 3, size=4))
        _check(name, made(numbers, errors))


def _check(name, result):
    found = styled(result, printing(name), "e")
    estimates = {(r["column"], r["term"]): r for r in result.estimates.to_dict("records")}
    levels = style(name)["stars"]
    printed = set()
    for row in found.table.rows:
        for cell in row.cells:
            if cell.ref is None:
                continue
            column, term, field = cell.ref
            estimate = estimates[column, term]
            printed.add((column, term, field))
            assert cell.text == "—" or close(cell.text, estimate[field])
            marks = re.search(r"\**$", cell.text)[0]
            earned = [mark for mark, level in levels.items() if estimate["p"] < level]
            assert marks == (max(earned, key=len, default="") if field == "estimate" and term != "f_test" else "")
    was = {cell.ref for row in result.table.rows for cell in row.cells if cell.ref}
    with_it = {"se": "se", "t": "statistic", "p": "p", "interval": "ci_low"}[style(name)["statistic"]]
    for column, term, field in was:
        if field == "se":
            assert (column, term, with_it) in printed
        elif field in ("n_obs", "n_units", "n_clusters", "r2", "r2_within"):
            assert ((column, term, field) in printed) == (field in style(name)["foot"])
        else:
            assert (column, term, field) in printed


NUMBERS, ERRORS = (0.01234, -0.5, 2.0, 0.00001), (0.005, 0.3, 5.0, 0.00002)


@pytest.fixture(scope="module")
def result():
    return made(NUMBERS, ERRORS, notes=("SIMULATED: made.",))


def texts(found):
    return {row.label or "under": [cell.text for cell in row.cells] for row in reversed(found.table.rows)}


def test_without_style_and_layout_the_result_is_the_one_estimated(result):
    assert styled(result, {}, "e") is result
    assert styled(result, {"notes": "none"}, "e") is result


def test_what_stands_in_an_exhibit_wins_over_the_style(result):
    explicit = {"digits": 4, "stars": {"+": 0.2}, "parentheses": "t", "statistics": ["r2", "n_obs"]}
    rows = texts(styled(result, printing("econometrica", **explicit), "e"))
    assert rows["DID"] == ["0.0123+", "2.0000"]
    assert rows["under"] == ["(2.4680)", "(0.4000)"]
    assert list(rows)[:3] == ["Observations", "R²", "City fixed effects"]


def test_what_stands_with_a_coefficient_stands_beside_it_or_below_in_brackets(result):
    beside = styled(result, printing("springer_nature"), "e").table
    assert beside.header[0] == (("", 1), ("(1)", 2), ("(2)", 2))
    assert beside.header[1] == (("", 1), ("Theil", 4))
    assert [cell.text for cell in beside.rows[0].cells] == ["0.012", "(0.005)", "2.000", "(5.000)"]
    own = {"style": {"brackets": "square", "statistic": "p", "decimals": {"p": 3}}, "estimated": ESTIMATED}
    found = styled(result, own, "e")
    assert texts(found)["under"] == ["[0.085]", "[0.670]"]
    assert texts(found)["DID"] == ["0.0123*", "2.0000"]
    assert found.notes[0] == "p-values in brackets; errors: clustered."
    none = styled(result, {"style": {"statistic": "none", "stars": {}}, "estimated": ESTIMATED}, "e")
    assert [row.label for row in none.table.rows[:2]] == ["DID", "GDP"]
    assert none.notes == ("Standard errors: clustered.", "SIMULATED: made.")


def test_words_of_a_style_and_of_its_language(result):
    printed = as_printed(result, ExhibitMeta("s", "e", lang="zh", printing=printing("gbt_three_line")))
    rows = texts(printed)
    assert rows["控制变量"] == ["√", "√"]
    assert rows["City固定效应"] == ["", ""]
    assert rows["样本量"] == ["3,612", "3,613"]
    assert printed.notes[1] == "***、**、* 分别表示在 1%、5%、10% 的水平上显著。"


def test_rows_are_kept_dropped_and_ordered_by_pattern_and_columns_stand_under_headings(result):
    layout = {"order": ["^gdp$"], "drop": ["F test", "R²$"], "spanners": [{"All": ["(1)", "(2)"]}, {"A": ["(2)"]}]}
    table = styled(result, {"layout": layout}, "e").table
    labels = [row.label for row in table.rows]
    assert labels == ["GDP", "", "DID", "", "Controls", "City fixed effects", "Observations", "Units", "Clusters"]
    assert table.header[:2] == ((("", 1), ("All", 2)), (("", 1), ("", 1), ("A", 1)))
    assert [row.label for row in table.rows if row.rule_above] == ["Controls"]
    kept = styled(result, {"layout": {"keep": ["^DI"]}}, "e").table
    assert [row.label for row in kept.rows][:3] == ["DID", "", "Controls"]


@pytest.mark.parametrize(
    ("layout", "said"),
    [
        ({"drop": ["gpd"]}, "at 'layout.drop': no row of its table has 'gpd' (did you mean 'GDP'?)"),
        ({"spanners": [{"A": ["(3)"]}]}, "'(3)' under 'A' is no column of its table"),
        ({"spanners": [{"A": ["(1)"], "B": ["(1)"]}]}, "a column stands under 'A' and 'B' of one level"),
    ],
)
def test_a_layout_that_the_table_has_not_is_refused(result, layout, said):
    with pytest.raises(ReportError, match=re.escape("exhibit 'e': ")) as problem:
        styled(result, {"layout": layout}, "e")
    assert said in str(problem.value)


def test_the_note_is_short_long_or_the_authors_own(result):
    meta = ExhibitMeta("s", "e", simulated=True, note="Mine.", printing={"notes": "none"})
    assert note_sentences(result, meta, short=True) == ("Mine.", "SIMULATED: made.")
    assert len(note_sentences(result, replace(meta, printing={}), short=True)) == 4
    assert note_sentences(result, meta) == ("Mine.", *result.notes)


def test_cells_with_decimals_of_their_own_keep_them(result):
    own = Row("Bias, %", (Cell("1.2", ("(1)", "did", "estimate")), Cell("3,612", ("(1)", "did", "n_obs"))))
    table = replace(result.table, rows=(*result.table.rows, own))
    rows = texts(styled(replace(result, table=table), printing("aer"), "e"))
    assert rows["Bias, %"] == ["1.2", "3,612"]


def test_small_numbers_of_a_column_have_one_form():
    ref = ("(1)", "did", "estimate")
    column = ("0.0107", "0.000035**", "5.5e-06", "[-0.000013, 0.0009]", "0.00049", "1.2345")
    table = Table(
        ((("", 1), ("A", 1), ("B", 1)),), tuple(Row("", (Cell(t, ref), Cell("0.000035", ref))) for t in column)
    )
    printed = [[cell.text for cell in row.cells] for row in in_one_form(table).rows]
    assert [a for a, _ in printed] == ["0.0107", "3.5e-05**", "5.5e-06", "[-1.3e-05, 0.0009]", "0.00049", "1.2345"]
    assert {b for _, b in printed} == {"0.000035"}


def test_fonts_and_outer_lines_of_the_files(result, tmp_path):
    own = {"style": {"fonts": {"latin": "Palatino", "size": 7}, "rules": {"top": "double", "bottom": "thin"}}}
    written = write_table_files(result, ExhibitMeta("s", "e", "Table 1", "T", printing=own), tmp_path)
    document = docx.Document(str(written["docx"]))
    assert document.styles["Normal"].font.name == "Palatino"
    grid = document.tables[0]
    assert {run.font.size.pt for cell in grid.rows[3].cells for p in cell.paragraphs for run in p.runs} == {7.0}
    assert 'w:top w:val="double"' in grid.rows[0].cells[0]._tc.xml
    assert 'w:bottom w:val="single" w:sz="4"' in grid.rows[-1].cells[0]._tc.xml
    for name in ("tex", "fragment"):
        text = written[name].read_text(encoding="utf-8")
        assert r"\toprule" not in text
        assert text.count(r"\specialrule") == 2
        assert r"\bottomrule[\lightrulewidth]" in text
        assert not list(wrong_numbers(written[name].name, written[name].read_bytes(), result))
    sheet = openpyxl.load_workbook(written["xlsx"])["table"]
    assert (sheet.cell(2, 2).font.name, sheet.cell(2, 2).border.top.style) == ("Palatino", "double")


def test_a_figure_has_the_width_the_dots_and_the_greys_of_its_style():
    frame = pd.DataFrame(
        {"group": ["A"] * 3 + ["B"] * 3, "year": [2001, 2002, 2003] * 2, "value": [1.0, 2, 3, 3, 2, 1]}
    )
    figure = Figure("trend", {"lines": frame}, {})
    png, _ = render_figure(
        figure, form={"width": 3.0, "dpi": 100, "greyscale": True, "font": "No Such Font", "size": 7}
    )
    pixels = imread(io.BytesIO(png), format="png")
    assert pixels.shape[1] == 300
    assert np.ptp(pixels[..., :3], axis=2).max() < 0.02
    drawing = draw_figure(figure, form={"colours": ["#112233", "#445566"]})
    assert [to_hex(line.get_color()) for line in drawing.axes[0].lines[:2]] == ["#112233", "#445566"]


def test_the_page_of_styles_is_what_the_styles_print():
    assert styles_page.PAGE.read_text(encoding="utf-8") == styles_page.page(), "python -m tests.report.styles_page"
    assert all((styles_page.PAGE.parent / "images" / f"style_{name}.png").exists() for name in shipped())


@pytest.mark.parametrize(
    ("stars", "said"),
    [
        ('{"1": 0.05}', "the mark '1' could be read as part of a number"),
        ('{"": 0.05}', "the mark '' could be read as part of a number"),
        ('{"*": 0.05, "%": 0.01}', "the mark '%' could be"),
        ('{"*": 0.05, "+": 0.05}', r"the marks \* and \+ have one level, 0.05"),
    ],
)
def test_marks_that_would_change_a_number_are_refused(tmp_path, stars, said):
    (tmp_path / "own.yaml").write_text(f"stars: {stars}\n", encoding="utf-8")
    with pytest.raises(StudyError, match=said) as found:
        read_style(tmp_path, "own.yaml", "at 'style'")
    assert str(found.value).count("\n") == 0


def test_the_words_of_a_style_stand_in_reports_of_its_language(result):
    asked = printing("jingji_yanjiu")
    meta = ExhibitMeta("s", "e", lang="zh", printing=asked)
    assert "观测值" in texts(as_printed(result, meta))
    assert "Observations" in texts(as_printed(result, replace(meta, lang="en")))
    own = {**asked, "style": {key: value for key, value in asked["style"].items() if key != "language"}}
    assert "观测值" in texts(as_printed(result, replace(meta, lang="en", printing=own)))


def test_a_dropped_treatment_leaves_the_statistics_of_its_column(result):
    left = texts(styled(result, {"layout": {"drop": ["^did$"]}}, "e"))
    assert "DID" not in left
    assert left["Observations"] == ["3,612", "3,613"]
    assert "Observations" not in texts(styled(result, {"layout": {"drop": ["^n_obs$"]}}, "e"))
    with pytest.raises(ReportError, match="its patterns leave no row of the table"):
        styled(result, {"layout": {"drop": [".*"]}}, "e")


def test_a_style_says_the_page_that_latex_tables_must_fit(result):
    look = Look.of(printing("elsevier"))
    assert (round(look.page.width), round(look.page.height)) == (344, 549)  # elsarticle has 345 by 550 points
    many = Table(((("", 1), *((f"({n})", 1) for n in range(7))),), (Row("a", (Cell("-0.1234***"),) * 7),))
    assert r"\begin{landscape}" in table_latex(many, "", "", "t", look=look)
    assert r"\begin{table*}" in table_latex(many, "", "", "t")
