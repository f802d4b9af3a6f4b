"""HTML: one self-contained page a study, every traced number clickable. No clock, no network."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from functools import partial
from importlib import resources
from typing import Any

import jinja2
from markupsafe import Markup

from shidian.errors import ReportError
from shidian.report.captions import captions
from shidian.report.page.alt_text import alt_text
from shidian.report.page.labels import column_labels, term_labels
from shidian.report.page.objections import Objection, heading, objections, repeated
from shidian.report.page.panel_data import panel_data, said
from shidian.report.page.printed_table import page_table
from shidian.report.page.statistics import statistic_name
from shidian.report.study_report import FILES_APART, ReportExhibit, StudyReport, printed_note
from shidian.report.tables.structure import plain
from shidian.report.typography import with_minus
from shidian.report.webfont import font_face

_SCRIPTS = ("report.js", "cells.js", "table_keys.js", "search.js", "reading.js")
"""Files of the ``templates`` folder that make the page's script, in order."""


def render_html(report: StudyReport) -> str:
    """Return the study's report as one HTML page with styles, script, figures and estimates inside.

    Raises:
        ReportError: a figure was not drawn, or a printed cell refers to an estimate that is not there.
    """
    template = environment().get_template("report.html.j2")
    found = objections(report.exhibits)
    folded = repeated(found)
    page = template.render(
        report=report,
        words=captions(report.lang),
        files_apart=FILES_APART,
        objections=found,
        exhibits=[_exhibit(exhibit, report, folded) for exhibit in report.exhibits],
        data=panel_data(report),
        css=Markup(template_text("report.css")),
        script=Markup("\n".join(template_text(name) for name in _SCRIPTS)),
    )
    return with_font(page)


def with_font(page: str) -> str:
    """Return the page with the Chinese glyphs that it uses embedded."""
    return page.replace("<style>", f"<style>\n{font_face(page)}", 1) + "\n"


def template_text(name: str) -> str:
    """Return the text of a file of the package's ``templates`` folder."""
    return resources.files("shidian.report").joinpath("templates", name).read_text(encoding="utf-8")


def environment() -> jinja2.Environment:
    """Return the templates of the package, with HTML escaped and a missing name an error."""
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("shidian.report", "templates"), autoescape=True, trim_blocks=True,
        lstrip_blocks=True, undefined=jinja2.StrictUndefined,
    )  # fmt: skip
    made.filters["minus"] = with_minus
    return made


def _exhibit(
    exhibit: ReportExhibit, report: StudyReport, folded: Mapping[tuple[str, str], Objection]
) -> dict[str, Any]:
    """Return what the template prints of one exhibit."""
    result = exhibit.result
    if result.figure is not None and exhibit.png is None:
        raise ReportError(f"exhibit '{exhibit.meta.id}': its figure was not drawn, so the report cannot show it")
    note, full_note = printed_note(exhibit, report.lang)
    return {
        "meta": exhibit.meta,
        "table": result.table and page_table(exhibit),
        "image": exhibit.png and "data:image/png;base64," + base64.b64encode(exhibit.png).decode("ascii"),
        "alt": alt_text(exhibit, report.lang),
        "note": with_minus(note),
        "full_note": with_minus(full_note),
        "warnings": [
            {"text": with_minus(text), "head": heading(text), "folded": (exhibit.meta.id, text) in folded}
            for text in result.warnings
        ],
        "estimated": exhibit.estimated,
        "files": exhibit.files,
        "estimates": _estimate_rows(exhibit, report, partial(said, exhibit, report.lang, labels=report.labels)),
    }


def _estimate_rows(exhibit: ReportExhibit, report: StudyReport, in_words: Callable[[str], str]) -> list[dict[str, Any]]:
    """Return the estimates as short texts for the list below an exhibit, with labels where the table has them."""
    terms, columns = term_labels(exhibit, report.labels), column_labels(exhibit)
    rows = []
    for row in exhibit.result.estimates.to_dict("records"):
        shown = {name: _short(row[name]) for name in ("estimate", "se", "statistic", "p", "ci_low", "ci_high")}
        shown["p"] = "< 1e-300" if row["p"] == 0 else shown["p"]  # beyond what a double holds, never zero
        name = statistic_name(row)
        column, term = str(row["column"]), str(row["term"])
        rows.append({
            **shown, "column": column, "term": term,
            "statistic": f"{name} = {shown['statistic']}" if name else shown["statistic"],
            "said_column": columns.get(column) or in_words(column), "said_term": terms.get(term) or in_words(term),
            "n_obs": "" if plain(row["n_obs"]) is None else f"{int(row['n_obs']):,}",
            "reason": in_words(str(row["reason"])),
        })  # fmt: skip
    return rows


def _short(value: Any) -> str:
    if plain(value) is None:
        return ""
    large = abs(value) >= (1e3 if float(value).is_integer() else 1e4)
    text = f"{value:,.0f}" if large and abs(value) < 1e15 else f"{value:.4g}"
    return text.replace("-", "\N{MINUS SIGN}")
