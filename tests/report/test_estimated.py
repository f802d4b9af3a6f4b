"""The years and units that were estimated stand under headings whose words name others."""

import io
from dataclasses import replace

import pandas as pd
import pdfplumber
import pytest
from docx import Document
from shidian.exhibits.result import ExhibitResult, no_estimates
from shidian.period import Period
from shidian.report.estimated import Estimated
from shidian.report.html import render_html
from shidian.report.pdf import render_pdf
from shidian.report.typography import with_minus
from shidian.report.word import render_docx
from shidian.used import WHOLE_PANEL, Rows, Taken, Used

from . import report_samples as samples

ROWS = pd.DataFrame({
    "unit": ["a", "a", "a", "b", "b", "c"], "year": [2013, 2014, 2015, 2013, 2014, 2018],
})  # fmt: skip
TITLE = "Effects in 29 major cities, 2002-2019"


def estimated(lang="en", unit="city", **changes):
    return Estimated(ROWS, changes.pop("period", Period()), unit, lang, **changes)


def result(**used):
    return ExhibitResult(no_estimates(), used=used)


def test_the_panel_and_the_rows_that_columns_used_are_said():
    used = result(one=Used(rows=Rows.of([0, 1, 3])), two=Used(rows=Rows.of([1, 4])))
    assert estimated().of_study() == "In the panel: 2013–2018, 3 cities, 6 rows"
    assert estimated().of_exhibit(TITLE, used) == "Estimated: 2013–2014, 2 cities, 4 rows"
    assert estimated("zh", "城市").of_exhibit("29 个城市", used) == "实际估计：2013–2014，2 个城市，4 行"
    assert estimated().of_exhibit(TITLE, result(one=WHOLE_PANEL)) == "Estimated: 2013–2018, 3 cities, 6 rows"


@pytest.mark.parametrize(
    ("title", "used"),
    [
        ("Baseline", Used(rows=Rows.of([0, 1]))),
        (TITLE, Used(rows=Rows())),
        (TITLE, Used(rows=None, taken=(Taken("did", "(1)"),))),
        (TITLE, Used(rows=Rows.of([0]), noise_free=True)),
    ],
)
def test_nothing_is_said_where_no_number_is_named_or_no_row_is_the_exhibits_own(title, used):
    assert estimated().of_exhibit(title, result(one=used)) == ""


def test_quarters_are_written_as_such_and_individuals_have_rows_alone():
    quarters = Estimated(ROWS.assign(year=[8052, 8053, 8054, 8052, 8053, 8055]), Period("quarter"), "firm", "en")
    assert quarters.of_study() == "In the panel: 2013Q1–2013Q4, 3 firms, 6 rows"
    assert estimated(individuals=True).of_study() == "In the panel: 2013–2018, 6 rows"


def test_all_three_reports_print_the_lines_and_keep_the_authors_words():
    study = samples.study_report(simulated=False)
    tables = [e for e in study.exhibits if e.result.table is not None and e.result.figure is None]
    line, whole = "Estimated: 2013–2014, 2 cities, 4 rows", "In the panel: 2013–2018, 3 cities, 6 rows"
    exhibit = replace(tables[0], meta=replace(tables[0].meta, title=TITLE), estimated=line)
    report = replace(study, exhibits=(exhibit,), title="29 cities, 2002-2019", estimated=whole)
    page = render_html(report)
    assert page.index(f"</span> {TITLE}") < page.index(f'<p class="estimated">{line}</p>')
    assert page.index("29 cities, 2002-2019</h1>") < page.index(f'<p class="estimated">{whole}</p>')
    texts = [paragraph.text for paragraph in Document(io.BytesIO(render_docx(report))).paragraphs]
    assert whole in texts
    assert texts[texts.index(line) - 1] == with_minus(exhibit.meta.heading)
    with pdfplumber.open(io.BytesIO(render_pdf(report))) as pdf:
        printed = "\n".join(page.extract_text() for page in pdf.pages)
    assert line in printed
    assert whole in printed
