"""LaTeX: what tables look like in it, the page that their widths choose, and what TeX says of them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shidian.exhibits.result import Cell, Row, Table
from shidian.report.tables.latex import fragment_latex, table_latex
from shidian.report.tables.latex_cells import aligned
from shidian.report.tables.latex_layout import STEPS, broken, layout
from shidian.report.tables.latex_text import breakable, em_width, escape
from shidian.report.tables.look import A4
from shidian.report.typography import as_typed, with_minus

from . import report_samples as samples
from .typesetting import MISSING, faults


def table_of(*rows, header=None):
    """A table of one header line and rows of texts, the stub first."""
    header = header or [("", 1), *((f"({n})", 1) for n in range(1, len(rows[0])))]
    return Table((tuple(header),), tuple(Row(first, tuple(map(Cell, rest))) for first, *rest in rows))


def grid(rows, columns, text="-0.0123***", label="Variable"):
    return table_of(*([f"{label} {i}", *[text] * columns] for i in range(rows)))


PANELS = table_of(("Panel A", "", ""), ("DID", "0.01", "-0.02*"), ("Panel B", "", ""), ("DID", "1.10", "2"))
SENTENCE = "The published table rounds half away from zero; the text says otherwise, at some length. "
TABLES = {
    "baseline": samples.baseline().table,
    "wide": samples.wide().table,
    "prose": samples.prose().table,
    "panels": PANELS,
    "turned": grid(5, 12),
    "many": grid(5, 24),
    "too many": grid(5, 40),
    "too many and long": grid(120, 40),
    "long": grid(120, 4),
    "long and turned": grid(90, 12),
    "narrow heads": table_of(
        ("a", "1", "2"), header=(("", 1), ("Heterogeneity-robust estimator of the effect", 1), ("Observations", 1))
    ),
    "wide group": table_of(("a", "0.1", "0.2"), header=(("", 1), ("Mechanisms of the policy in the long run", 2))),
    "sentences": table_of(*[("a", SENTENCE, SENTENCE * 2)] * 3),
    "long words": table_of(("city_sector_structure.gdp_yi_yuan" * 2, "city_sector_structure/1/2000-2023!F318" * 3)),
    "codes": table_of(("a", "0123"), ("b", "110000"), ("c", "4,200")),
    "signs": table_of(("τ = -3, M̄, ε ≥ 0, β̂, Δ²", "-0.000***"), ("x", "(-0.5)**"), ("y", "[-∞, ∞]"), ("z", "12.3%")),
    "heading": table_of((SENTENCE, "", ""), ("a", "1", "2")),
}
CHINESE = {
    "表": table_of(
        ("城市固定效应", "0.0123***", "是"), ("样本量", "4,200", "3,612"), header=(("", 1), ("基准回归结果", 2))
    ),
    "长": grid(80, 5, label="新质生产力"),
    "句": table_of(*[("说明" * 20, "未参与试点的城市在政策实施之前的趋势" * 4)] * 4),
}


BIG = ("many", "too many", "too many and long", "long", "long and turned", "wide")
"""Tables that TeX takes a minute for."""


@pytest.mark.parametrize("big", [False, pytest.param(True, marks=pytest.mark.slow)])
@pytest.mark.skipif(MISSING["en"], reason="no pdflatex with siunitx on this machine")
def test_tables_fit_the_page_as_tex_sets_them(tmp_path, big):
    tables = {name: table for name, table in TABLES.items() if (name in BIG) == big}
    tables.pop("baseline", None)  # holds Chinese
    texts = {name: table_latex(table, "Effects", "Note: " + SENTENCE * 4, name) for name, table in tables.items()}
    assert faults(texts, tmp_path) == {}


@pytest.mark.slow
@pytest.mark.skipif(MISSING["zh"], reason="no xelatex with ctex on this machine")
def test_chinese_tables_fit_the_page_as_tex_sets_them(tmp_path):
    tables = {**CHINESE, "baseline": TABLES["baseline"]}
    texts = {name: table_latex(table, "政策效应", "注：样本。" * 20, name, "zh") for name, table in tables.items()}
    assert faults(texts, tmp_path) == {}


@pytest.mark.skipif(MISSING["en"], reason="no pdflatex with siunitx on this machine")
def test_a_fragment_is_typeset_where_it_is_put(tmp_path):
    text = fragment_latex(PANELS)
    assert not re.search(r"\\begin\{(table|longtable|landscape)\}|\\caption", text)
    assert text.splitlines()[1] == "% 3.4 cm wide"
    assert faults({"fragment": text}, tmp_path) == {}


@pytest.mark.parametrize(
    ("table", "command", "landscape", "long"),
    [
        (grid(5, 4), "", False, False),
        (grid(5, 6), "", False, False),
        (grid(5, 7), r"\footnotesize", False, False),
        (grid(5, 8), r"\scriptsize", False, False),
        (grid(5, 9), r"\small", True, False),
        (grid(5, 12), r"\footnotesize", True, False),
        (grid(40, 4), "", False, False),
        (grid(60, 4), "", False, True),
        (grid(40, 11), r"\footnotesize", True, True),
        (table_of(*[("a", "1")] * 3), "", False, False),
        (grid(5, 20, text="0.1"), r"\scriptsize", False, False),  # many columns, none wide
    ],
)
def test_the_measured_width_chooses_the_page(table, command, landscape, long):
    found = layout(table)
    assert (found.step.command, found.step.landscape, found.long) == (command, landscape, long)
    assert found.width <= (A4.height if landscape else A4.width)


def test_widths_are_those_that_tex_measured():
    """The widths in points of five texts in Computer Modern, from ``\\the\\wd`` of a box."""
    measured = {"The quick brown Fox": 92.9446, "0123456789": 50.0, "\N{MINUS SIGN}": 7.7778, "中文": 20.0, "(": 3.8889}
    for text, points in measured.items():
        assert 0 <= 10 * em_width(text) - points < 0.03 * points + 0.5
    column = aligned(["-0.0143***", "(0.0051)"])
    assert abs(10.95 * column.em + 3 * 4.76 - (60.70029 - 4.25835)) < 1.2  # measured with ")" before the stars


def test_numbers_align_at_the_point_and_other_cells_are_centred():
    column = aligned(["-0.0143***", "(0.0051)", "12.5", "4,200", "Yes"])
    assert column.type == (
        "S[table-format=-2.4,table-space-text-pre={(},table-align-text-pre=false,table-space-text-post={$^{***}$},"
        "table-align-text-post=false,group-digits=none]"
    )
    assert column.cells == {"-0.0143***": "-0.0143{$^{***}$}", "(0.0051)": "{(}0.0051{)}", "12.5": "12.5"}
    counts = aligned(["4,200", "26,822", "9"])
    assert counts.type == "S[table-format=5,group-digits=integer,group-minimum-digits=4,group-separator={,}]"
    assert counts.cells["26,822"] == "26822"
    assert "retain-negative-zero=true" in aligned(["-0.000***"]).type
    assert aligned(["Yes", "No", "[0.1, 0.2]"]) is None
    assert aligned(["0123"]) is None  # a code
    assert aligned(["1,234.5", "1234.5"]).cells == {"1234.5": "1234.5"}  # one with a separator, one without


def test_no_rule_of_a_group_stands_right_above_the_rule_of_the_head():
    header = ((("", 1), ("(1)", 1), ("(2)", 1)), (("", 1), ("ln(CO2)", 2)))
    text = table_latex(Table(header, (Row("a", (Cell("1"), Cell("2"))),)), "", "", "t")
    assert "cmidrule" not in text
    assert r"\cmidrule(lr){2-3}" in table_latex(Table(header[::-1], PANELS.rows), "", "", "t")


def test_the_first_line_names_what_is_needed():
    assert table_latex(PANELS, "", "", "t").startswith("% needs \\usepackage{booktabs,siunitx}\n")
    assert "booktabs,siunitx,longtable,pdflscape}" in table_latex(TABLES["long and turned"], "", "", "t").split("\n")[0]
    assert table_latex(CHINESE["表"], "", "", "t").split("\n")[0].endswith(r"\usepackage{ctex}, compiled with xelatex")
    assert "（续）" in table_latex(CHINESE["长"], "", "", "t", "zh")


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("M̄", r"\={M}"), ("ε", r"$\varepsilon$"), ("β̂", r"$\hat{\beta}$"), ("−0.1", "$-$0.1"), ("č", r"\v {c}"),
        ("é", "é"),
        ("χ²(3)", r"$\chi$$^{2}$(3)"), ("2006–2018", "2006--2018"),
    ],
)  # fmt: skip
def test_signs_are_escaped(text, latex):
    assert escape(text) == latex


def test_only_long_words_break():
    assert breakable("a_b c") == r"a\_b c"
    assert breakable("structure.gdp_yi_yuan") == r"structure.\allowbreak{}gdp\_\allowbreak{}yi\_\allowbreak{}yuan"


@given(st.lists(st.text("ab c-中", max_size=30), min_size=1, max_size=4), st.floats(3, 40))
def test_broken_lines_hold_the_whole_text(words, ems):
    text = " ".join(words)
    assert "".join("".join(broken(text, ems)).split()) == "".join(text.split())


@given(st.integers(1, 30), st.integers(0, 9), st.integers(1, 40))
def test_a_table_of_numbers_is_never_wider_than_its_page(columns, decimals, label):
    table = grid(3, columns, text=f"-{1.5:.{decimals}f}*", label="x" * label)
    found = layout(table)
    room = A4.height if found.step.landscape else A4.width
    assert found.width * found.scale <= room
    assert (found.scale < 1) == (found.width > room)
    assert found.scale == 1 or found.step == STEPS[-1]


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("2006-2018", "2006–2018"), ("reference τ = -1", "reference τ = −1"),
        ("(estimate -0.0351)", "(estimate −0.0351)"),
        ("为-0.0351，", "为−0.0351，"), ("GB/T 7714-2015", "GB/T 7714-2015"), ("10.1-3", "10.1-3"),
        ("COVID-19", "COVID-19"),
        ("10.1016/j.jde.2006-2018", "10.1016/j.jde.2006-2018"), ("2006-2018.xlsx", "2006-2018.xlsx"),
        ("x -5km", "x -5km"),
        ("p = 1.7e-22.", "p = 1.7e−22."), ("2020-01-01", "2020-01-01"),
    ],
)  # fmt: skip
def test_minus_signs_and_ranges_of_years(text, printed):
    assert with_minus(text) == printed
    assert as_typed(printed) == text
