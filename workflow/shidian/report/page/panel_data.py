"""What a click on a number looks up: estimates, trails, labels and names of statistics, as JSON in the page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from shidian.exhibits.result import told_apart
from shidian.messages import Words, with_names
from shidian.messages import said as behind
from shidian.report.captions import captions
from shidian.report.catalogue import in_language
from shidian.report.page.code_names import named
from shidian.report.page.labels import column_labels, term_labels
from shidian.report.page.statistics import statistic_name
from shidian.report.study_report import ReportExhibit, StudyReport
from shidian.report.tables.structure import plain


def panel_data(report: StudyReport) -> Markup:
    """Return the data of the panel as JSON that no text in it can break out of its script element."""
    labels = told_apart(report.labels)
    content = {
        "words": dict(captions(report.lang)),
        "study": report.study,
        "cells": report.beside.get("cells", ""),
        "labels": labels,
        "exhibits": {exhibit.meta.id: _exhibit(exhibit, report.lang, labels) for exhibit in report.exhibits},
    }
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return Markup(text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))


def said(exhibit: ReportExhibit, lang: str, text: str, labels: Mapping[str, str]) -> str:
    """Return a text of an exhibit's estimates in a language, variables in it by their ``labels``."""
    if text in labels:
        return text
    words = exhibit.result.messages.get(text) or behind(text)
    if isinstance(words, Words):
        return in_language(with_names(words, lambda name: labels.get(name, name)), lang)
    return in_language(named(text), lang)


def _exhibit(exhibit: ReportExhibit, lang: str, labels: dict[str, str]) -> dict[str, Any]:
    rows = exhibit.result.estimates.to_dict("records")
    return {
        "heading": exhibit.meta.heading,
        "files": dict(exhibit.files),
        "words": _other_words(exhibit, lang, labels),
        "terms": term_labels(exhibit, labels),
        "columns": column_labels(exhibit),
        "statistics": [statistic_name(row) for row in rows],
        "traces": {column: [list(line) for line in lines] for column, lines in exhibit.traces.items()},
        "estimates": [{name: plain(value) for name, value in row.items()} for row in rows],
    }


def _other_words(exhibit: ReportExhibit, lang: str, labels: Mapping[str, str]) -> dict[str, str]:
    """Return text of an estimate -> what the panel shows in its place, where these differ."""
    frame = exhibit.result.estimates
    texts = {str(text) for name in ("column", "term", "vcov", "ssc", "reason") for text in frame[name].unique()}
    return {text: words for text in sorted(texts) if (words := said(exhibit, lang, text, labels)) != text}
