"""HTML: one self-contained page a study, every traced number clickable. No clock, no network."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from functools import partial
from importlib import resources
from typing import Any

import jinja2
from markupsafe import Markup

from shidian.errors import ReportError
from shidian.exhibits.result import Cell, Row
from shidian.report.captions import captions
from shidian.report.catalogue import in_language
from shidian.report.study_report import FILES_APART, ReportExhibit, StudyReport, printed_note
from shidian.report.tables.structure import WIDE, alignments, estimate_of, group_rules, is_heading, plain
from shidian.report.webfont import font_face

_SHORT_LABEL = 40
"""A row label of no more characters than this stays on one line."""


def render_html(report: StudyReport) -> str:
    """Return the study's report as one HTML page with styles, script, figures and estimates inside.

    Raises:
        ReportError: a figure was not drawn, or a printed cell refers to an estimate that is not there.
    """
    template = environment().get_template("report.html.j2")
    page = template.render(
        report=report,
        words=captions(report.lang),
        files_apart=FILES_APART,
        exhibits=[_exhibit(exhibit, report) for exhibit in report.exhibits],
        data=_embedded(report),
        css=Markup(template_text("report.css")),
        script=Markup(template_text("report.js")),
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
    return jinja2.Environment(
        loader=jinja2.PackageLoader("shidian.report", "templates"), autoescape=True, trim_blocks=True,
        lstrip_blocks=True, undefined=jinja2.StrictUndefined,
    )  # fmt: skip


def _exhibit(exhibit: ReportExhibit, report: StudyReport) -> dict[str, Any]:
    """Return what the template prints of one exhibit."""
    result = exhibit.result
    if result.figure is not None and exhibit.png is None:
        raise ReportError(f"exhibit '{exhibit.meta.id}': its figure was not drawn, so the report cannot show it")
    note, full_note = printed_note(exhibit, report.lang)
    return {
        "meta": exhibit.meta,
        "table": result.table and _table(exhibit),
        "image": exhibit.png and "data:image/png;base64," + base64.b64encode(exhibit.png).decode("ascii"),
        "note": note,
        "full_note": full_note,
        "warnings": result.warnings,
        "estimated": exhibit.estimated,
        "files": exhibit.files,
        "estimates": _estimate_rows(exhibit, partial(_said, exhibit, report.lang)),
    }


def _table(exhibit: ReportExhibit) -> dict[str, Any]:
    """Return header lines and body rows, each cell with its alignment and the estimate it refers to."""
    table = exhibit.result.table
    assert table is not None
    sides = alignments(table)
    header = []
    for line in table.header:
        ruled = {first for first, _ in group_rules(line)}
        cells, at = [], 1
        for text, span in line:
            side = sides[at - 1] if span == 1 else "center"
            cells.append({"text": text, "span": span, "ruled": at in ruled, "side": side})
            at += span
        header.append(cells)
    rows = [_row(row, sides, exhibit) for row in table.rows]
    return {"header": header, "rows": rows, "width": len(sides), "wide": len(sides) > WIDE}


def _row(row: Row, sides: tuple[str, ...], exhibit: ReportExhibit) -> dict[str, Any]:
    cells = [
        {"text": cell.text, "side": side, "ref": _checked_ref(cell, exhibit)}
        for cell, side in zip(row.cells, sides[1:], strict=True)
    ]
    short = len(row.label) <= _SHORT_LABEL
    return {
        "label": row.label,
        "short": short,
        "heading": is_heading(row),
        "rule": row.rule_above,
        "cells": cells,
    }


def _checked_ref(cell: Cell, exhibit: ReportExhibit) -> tuple[str, str, str] | None:
    estimate_of(exhibit.result, cell, exhibit.meta.id)
    return cell.ref


def _estimate_rows(exhibit: ReportExhibit, said: Callable[[str], str]) -> list[dict[str, Any]]:
    """Return the estimates as short texts for the list below an exhibit, words as ``said`` gives them."""
    rows = []
    for row in exhibit.result.estimates.to_dict("records"):
        shown = {name: _short(row[name]) for name in ("estimate", "se", "statistic", "p", "ci_low", "ci_high")}
        shown["p"] = "< 1e-300" if row["p"] == 0 else shown["p"]  # beyond what a double holds, never zero
        n_obs = "" if plain(row["n_obs"]) is None else str(row["n_obs"])
        words = {f"said_{name}": said(str(row[name])) for name in ("column", "term")}
        rows.append({
            **shown, **words, "column": row["column"], "term": row["term"], "n_obs": n_obs,
            "reason": said(str(row["reason"])),
        })  # fmt: skip
    return rows


def _said(exhibit: ReportExhibit, lang: str, text: str) -> str:
    return in_language(text, lang, exhibit.result.messages)


def _other_words(exhibit: ReportExhibit, lang: str) -> dict[str, str]:
    """Return text of an estimate -> what the panel shows in its place, where these differ."""
    frame = exhibit.result.estimates
    texts = {str(text) for name in ("column", "term", "vcov", "reason") for text in frame[name].unique()}
    return {text: said for text in sorted(texts) if (said := _said(exhibit, lang, text)) != text}


def _short(value: Any) -> str:
    return "" if plain(value) is None else f"{value:.4g}".replace("-", "\N{MINUS SIGN}")


def _embedded(report: StudyReport) -> Markup:
    """Return what a click looks up, as JSON that no text in it can break out of its script element."""
    content = {
        "words": dict(captions(report.lang)),
        "exhibits": {
            exhibit.meta.id: {
                "heading": exhibit.meta.heading,
                "files": dict(exhibit.files),
                "words": _other_words(exhibit, report.lang),
                "traces": {column: [list(line) for line in lines] for column, lines in exhibit.traces.items()},
                "estimates": [
                    {name: plain(value) for name, value in row.items()}
                    for row in exhibit.result.estimates.to_dict("records")
                ],
            }
            for exhibit in report.exhibits
        },
    }
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return Markup(text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))
