"""PDF by typst: the template reads the report as JSON, so that no text can break its markup."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from shidian.errors import ReportError
from shidian.exhibits.result import Table
from shidian.report.captions import captions
from shidian.report.fonts import TIMES, require_cjk, times_folder
from shidian.report.html import template_text
from shidian.report.study_report import ReportExhibit, StudyReport, printed_note
from shidian.report.tables.structure import alignments, column_widths, group_rules, is_heading
from shidian.report.typography import with_minus

_WIDEST = 60
"""Characters beyond which a text makes a column that wraps no wider."""


def render_pdf(report: StudyReport) -> bytes:
    """Return the study's report as PDF, the same bytes for the same report.

    Raises:
        ReportError: a figure was not drawn, or the text is partly Chinese and no Chinese font was found.
    """
    import typst

    content = _content(report)
    where = f"report.pdf of study '{report.study}'"
    fonts = [require_cjk(_texts(content), where, style) for style in ("serif", "sans")]
    found = [font for font in fonts if font is not None]
    latin: Any = {"name": TIMES, "covers": "latin-in-cjk"} if report.lang == "zh" else "Libertinus Serif"
    folders = {str(font.path.parent) for font in found} | ({str(times_folder())} if report.lang == "zh" else set())
    content["fonts"] = {
        "body": [latin, *(font.family for font in found)],
        "heading": [latin, *(font.family for font in reversed(found))],
    }
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for exhibit in report.exhibits:
            if exhibit.pdf is not None:
                (root / _image_name(exhibit)).write_bytes(exhibit.pdf)
        (root / "report.json").write_text(json.dumps(content, ensure_ascii=False, sort_keys=True), encoding="utf-8")
        (root / "report.typ").write_text(template_text("report.typ"), encoding="utf-8")
        made: bytes = typst.compile(
            str(root / "report.typ"), root=folder, ignore_system_fonts=True,
            font_paths=sorted(folders),
        )  # fmt: skip
    return made


def _content(report: StudyReport) -> dict[str, Any]:
    return {
        "title": report.title, "estimated": report.estimated,
        "authors": list(report.authors), "date": report.date,
        "study": report.study, "lang": report.lang, "simulated": report.simulated,
        "words": dict(captions(report.lang)), "summary": [with_minus(text) for text in report.summary],
        "exhibits": [_exhibit(exhibit, report.lang) for exhibit in report.exhibits],
        "ledger": report.ledger_rows(),
        "sources": [
            {
                "title": s.title, "publisher": s.publisher, "licence": s.licence, "url": s.link,
                "more": list(s.texts),
                "files": [list(line) for line in s.printed_files(report.lang)],
            }
            for s in report.sources
        ],
        "versions": [list(pair) for pair in report.versions],
    }  # fmt: skip


def _exhibit(exhibit: ReportExhibit, lang: str) -> dict[str, Any]:
    result, meta = exhibit.result, exhibit.meta
    if result.figure is not None and exhibit.pdf is None:
        raise ReportError(f"exhibit '{meta.id}': its figure was not drawn, so the report cannot show it")
    note, full_note = printed_note(exhibit, lang)
    return {
        "number": meta.number, "title": meta.title, "table": result.table and _table(result.table),
        "image": _image_name(exhibit) if exhibit.pdf is not None else None,
        "note": with_minus(note), "full_note": with_minus(full_note),
        "warnings": [with_minus(text) for text in result.warnings],
        "estimated": exhibit.estimated,
    }  # fmt: skip


def _table(table: Table) -> dict[str, Any]:
    return {
        "align": alignments(table), "widths": column_widths(table, _WIDEST),
        "header": [
            {
                "cells": [[with_minus(text), span] for text, span in line],
                "rules": [list(rule) for rule in group_rules(line)],
            }
            for line in table.header
        ],
        "rows": [
            {
                "cells": [with_minus(row.label), *(with_minus(cell.text) for cell in row.cells)],
                "rule": row.rule_above, "heading": is_heading(row),
            }
            for row in table.rows
        ],
    }  # fmt: skip


def _image_name(exhibit: ReportExhibit) -> str:
    return f"{exhibit.meta.id}.pdf"


def _texts(content: Any) -> Iterator[str]:
    if isinstance(content, str):
        yield content
    elif isinstance(content, dict):
        for value in content.values():
            yield from _texts(value)
    elif isinstance(content, (list, tuple)):
        for value in content:
            yield from _texts(value)
