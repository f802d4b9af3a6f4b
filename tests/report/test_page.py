"""What the page says beyond the exhibits: names of statistics, labels, folded warnings, alt texts, trails, cells."""

import base64
import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from shidian.estimates import Fit
from shidian.exhibits.result import Cell, ExhibitResult, Row, Table, no_estimates
from shidian.ledger import ledger_frame, ledger_row
from shidian.messages import say
from shidian.report.captions import captions
from shidian.report.headline import changed, headline, placebo_p
from shidian.report.html import render_html
from shidian.report.index import IndexEntry, render_index
from shidian.report.index_entries import left_out_entry
from shidian.report.page.alt_text import alt_text
from shidian.report.page.labels import column_labels, header_texts, term_labels
from shidian.report.page.objections import objections, repeated
from shidian.report.page.printed_table import page_table
from shidian.report.page.statistics import statistic_name
from shidian.report.study_report import ExhibitMeta, ReportExhibit
from shidian.run_summary import Changes

from . import report_samples as samples
from .test_html import Page, embedded


def row(**numbers):
    nothing = dict.fromkeys(("estimate", "se", "statistic", "df"), np.nan)
    return {"column": "(1)", "term": "x", **nothing, **numbers}


@pytest.mark.parametrize(
    ("numbers", "name"),
    [
        ({"estimate": 2.0, "se": 1.0, "statistic": 2.0, "df": 49.0}, "t(49)"),
        ({"estimate": 2.0, "se": 1.0, "statistic": 2.0, "df": np.inf}, "z"),
        ({"estimate": 0.01, "se": 0.007, "statistic": 1.8}, "z"),  # Moran's I, less its expectation
        ({"term": "joint pre-trend test (F)", "estimate": 2.1, "statistic": 2.1, "df": 49.0}, "F"),
        ({"term": "equal effects", "estimate": 1.8, "statistic": 1.8, "df": 3253.0}, "F"),
        ({"column": "χ²", "term": "LM lag", "estimate": 8.2, "statistic": 8.2, "df": 1.0}, "χ²(1)"),
        ({"column": "χ²", "term": "Hausman", "estimate": 8.2, "statistic": 8.2, "df": 6.0}, "χ²(6)"),
        ({"term": "poverty", "estimate": 0.49, "statistic": 13.2, "df": 548.0}, "t(548)"),  # of a correlation
        ({"estimate": 2.0, "se": pd.NA, "statistic": pd.NA}, ""),
    ],
)
def test_a_statistic_is_called_by_its_name(numbers, name):
    assert statistic_name(row(**numbers)) == name


def exhibit(result, id_="one", **more):
    return ReportExhibit(ExhibitMeta("demo", id_, "Table 1", "Title"), result, **more)


def warned(id_, *texts):
    return exhibit(ExhibitResult(no_estimates(), warnings=texts, messages={}), id_)


def test_one_message_of_several_exhibits_is_one_objection_with_each_one_s_own_words():
    template = "controls that move with {treatment}: {controls}. Controlling hides part of the effect"
    texts = [say(template, treatment="did", controls=controls) for controls in ("a in columns (1), (2)", "b", "b")]
    first, second, third = (
        replace(e, result=replace(e.result, messages={text: text}))
        for e, text in zip([warned(f"e{n}", text) for n, text in enumerate(texts)], texts, strict=True)
    )
    wrapped = say("Column {column}: {text}", column="M5", text=texts[2])
    fourth = exhibit(ExhibitResult(no_estimates(), warnings=(wrapped,), messages={wrapped: wrapped}), "e4")
    found = objections([first, second, third, fourth, warned("e5", "only here")])
    assert [(one.head, [e.meta.id for e in one.where]) for one in found] == [
        ("only here", ["e5"]),
        ("controls that move with did", ["e0", "e1", "e2", "e4"]),
    ]
    assert [(text, len(where)) for text, where in found[1].variants] == [(texts[0], 1), (texts[1], 2), (wrapped, 1)]
    assert set(repeated(found)) == {("e0", texts[0]), ("e1", texts[1]), ("e2", texts[2]), ("e4", wrapped)}


def two_columns():
    """A table whose first row is an estimate, its second a mean and its third a text."""
    fit = Fit(("did", "x"), np.array([0.5, 1.0]), np.eye(2), 20.0, 30, 10, 10)
    estimates = pd.concat([fit.long("demo", "one", "c1"), fit.long("demo", "one", "c2")], ignore_index=True)
    refs = [Cell("0.5", (column, "did", "estimate")) for column in ("c1", "c2")]
    rows = (
        Row("Pilot", tuple(refs)),
        Row("Mean", (Cell("0.2371"), Cell("97.3%"))),
        Row("City effects", (Cell("Yes"), Cell("jump of 10 times"))),
    )
    table = Table(((("", 1), ("ln GDP", 2)), (("", 1), ("(1)", 1), ("(2)", 1))), rows)
    return ExhibitResult(estimates, table)


def test_labels_stand_for_internal_names():
    one = exhibit(two_columns())
    assert header_texts(one.result.table, "en") == ("ln GDP, (1)", "ln GDP, (2)")
    assert header_texts(one.result.table, "zh") == ("ln GDP，(1)", "ln GDP，(2)")
    assert column_labels(one) == {"c1": "ln GDP, (1)", "c2": "ln GDP, (2)"}
    assert term_labels(one, {"x": "Exports", "other": "Other"}) == {"did": "Pilot", "x": "Exports"}


def test_a_number_without_an_estimate_has_the_trail_of_its_row_or_of_the_only_column():
    lines = (("Sample", "30 of 30 rows"),)
    only = page_table(exhibit(two_columns(), traces={"c1": lines}))
    assert [cell["trail"] for cell in only["rows"][0]["cells"]] == [None, None]
    assert [cell["trail"] for cell in only["rows"][1]["cells"]] == [
        ("c1", "Mean, ln GDP, (1)"),
        ("c1", "Mean, ln GDP, (2)"),
    ]
    assert [cell["trail"] for cell in only["rows"][2]["cells"]] == [None, None]
    two = page_table(exhibit(two_columns(), traces={"c1": lines, "c2": lines}))
    assert [cell["trail"] for cell in two["rows"][1]["cells"]] == [None, None]  # whose it is cannot be known


def test_alt_texts_say_what_a_figure_finds():
    drawn = {kind: exhibit(ExhibitResult(no_estimates(), figure=figure)) for kind, figure in samples.figures().items()}
    assert alt_text(drawn["event_study"], "en") == (
        "Table 1  Title. before adoption estimates between −0.005 and −0.005, 0 of 3 with an interval that leaves out "
        "zero; from adoption on estimates between 0.005 and 0.035, 2 of 4 with an interval that leaves out zero."
    )
    assert "120 placebo estimates between −0.02 and 0.02; the observed one is −0.05, and 0" in alt_text(
        drawn["placebo"], "en"
    )
    assert "匹配前为 42%，匹配后为 3%" in alt_text(drawn["balance"], "zh")
    for kind, one in drawn.items():
        assert alt_text(one, "en").startswith("Table 1  Title"), kind


def test_the_page_has_what_assistive_software_needs():
    page = Page(
        render_html(replace(samples.study_report("en"), beside={"index": "../index.html", "pdf": "report.pdf"}))
    )
    assert {"../index.html", "report.pdf"} <= {a["href"] for a in page.all("a")}
    assert len(page.all("caption")) == len(page.all("table"))
    assert {th.get("scope") for th in page.all("th")} <= {"col", "colgroup", "row", "rowgroup"}
    assert all(image.get("alt") for image in page.all("img") if "src" in image)
    assert all(button.get("aria-label") for button in page.all("button") if "enlarge" in button.get("class", ""))
    assert [nav["aria-label"] for nav in page.all("nav")] == ["Contents"]
    assert not [attrs for _, attrs in page.elements if int(attrs.get("tabindex", 0)) > 0]


def test_the_panel_names_each_statistic(page_data):
    exhibits = page_data["exhibits"]["baseline"]
    assert exhibits["statistics"] == ["t(279)", "z", "z", ""]
    assert exhibits["columns"] == {"c1": "ln(CO2), (1)", "c2": "ln(CO2), (2)"}


@pytest.fixture(scope="module")
def page_data():
    return embedded(render_html(samples.study_report("en")))


def test_headline_is_the_last_column_of_the_first_exhibit_with_an_error():
    means = no_estimates()
    first = Fit(("did",), np.array([-0.5]), np.eye(1) * 0.01, np.inf, 3000, 10).long("demo", "b", "(2)")
    found = headline([("d", means), ("b", first)], "did", "Pilot")
    assert (found.exhibit, found.column, found.estimate, found.n_obs) == ("b", "(2)", "−0.5", "3,000")
    assert found.interval == "[−0.696, −0.304]"
    assert headline([("d", means)], "did", "Pilot") is None
    draws = pd.DataFrame({"term": ["observed", "p_two_sided"], "estimate": [0.1, 0.00001]})
    assert (placebo_p([draws]), placebo_p([means])) == ("< 0.0001", "")


def test_what_changed_is_said_in_both_languages():
    moved = Changes(10, False, {"a": 0.184, "b": 0.01}, 0, 2, 1)
    assert changed(moved, "en") == "numbers moved: 2, at most by 0.18 standard errors, 2 gone"
    assert changed(replace(moved, moved={}, gone=0), "zh") == captions("zh")["changed_none"]
    assert changed(replace(moved, first=True), "en") == "first run"


def test_the_index_is_a_line_a_study_and_folds_missing_files():
    found = headline(
        [("b", Fit(("did",), np.array([0.5]), np.eye(1), np.inf, 30, 10).long("demo", "b", "(2)"))], "did", "Pilot"
    )
    ran = IndexEntry(
        "a", "A (SIMULATED data)", {"html": "a/report.html"}, simulated=True, headline=found, placebo_p="0.0100",
        warnings=3, ran="2026-11-30 17:05 UTC", changed="no number moved",
    )  # fmt: skip
    lacking = left_out_entry({"study": "b", "title": "B", "missing": [f"raw/{n}.xlsx" for n in range(40)]}, "en")
    text = render_index([ran, lacking])
    page = Page(text)
    assert text.count("SIMULATED") == 1
    assert [a["href"] for a in page.all("a")] == [
        "a/report.html", "a/report.html#exhibit-b", "a/report.html#objections", "a/report.html",
    ]  # fmt: skip
    assert len(page.all("details")) == 1
    assert "40 raw files are missing" in text
    for shown in ("0.0100", "2026-11-30 17:05 UTC", "no number moved", "Pilot, (2)"):
        assert shown in text


def test_cells_beside_the_page_are_those_of_each_column():
    cells_page = pytest.importorskip("shidian.trace.cells_page")
    from shidian.trace.cells import CellIndex
    from shidian.trace.estimate import EstimateTrace

    frame = pd.DataFrame({"unit": ["110000", "120000"], "unit_name": ["北京市", "天津市"], "year": [2010, 2010]})
    long = pd.DataFrame({
        "unit": ["110000", "120000"], "year": pd.array([2010, 2010], dtype="Int64"), "source_id": ["s", "s"],
        "indicator": ["gdp", "gdp"], "flag": ["as_printed"] * 2, "cell_id": ["s/1/表!B2", "s/1/表!B3"],
        "value": [1.5, -2.0], "measure": ["亿元", "亿元"],
    })  # fmt: skip

    class Given:
        pass

    given = Given()
    given.frame, given.long, given.files = frame, long, {"s": ("raw/面板.xlsx",)}
    given.cells = CellIndex(frame, long, {})
    trace = EstimateTrace("one", "did_table", "c1", n_cells=1, cells=np.array([1]))
    text = cells_page.cells_script(given, {"one": {"c1": trace}}, simulated=True)
    assert text.startswith("/* SIMULATED */\nshidianCells({")
    content = json.loads(text[text.index("(") + 1 : text.rindex(")")])
    assert content["place"] == ["表!B2", "表!B3"]
    assert content["unit"]["names"][content["unit"]["of"][1]] == ["120000", "天津市"]
    assert content["value"] == [1.5, -2.0]
    assert base64.b64decode(content["used"][content["columns"]["one"]["c1"]]) == bytes([0b10])


def test_the_ledger_names_exhibits_and_variables_as_the_report_prints_them():
    report = replace(
        samples.study_report("en"),
        labels={"fin": "Financial depth"},
        ledger=ledger_frame([
            ledger_row("baseline: estimation sample", "baseline c1", "missing value", rows=3),
            ledger_row("descriptives", "fin, fin", "missing value", rows=2),
            ledger_row("extract s", "2-1 2-1 人口与土地", "blank rows skipped", rows=1),
        ]),
    )  # fmt: skip
    assert [row[:2] for row in report.ledger_rows()] == [
        ("Table 1: estimation sample", "c1"), ("descriptives", "Financial depth"), ("extract s", "2-1 人口与土地"),
    ]  # fmt: skip
