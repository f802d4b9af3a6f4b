"""Put a study's report together from its result files, drawn figures and facts about its sources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from shidian.exhibits.result import read_result
from shidian.messages import Words
from shidian.report import ledger as words_of_ledger
from shidian.report.captions import captions
from shidian.report.catalogue import in_language
from shidian.report.estimated import Estimated
from shidian.report.repeated_figures import without_repeated_figures
from shidian.report.study_report import (
    ExhibitMeta,
    ReportExhibit,
    Source,
    SourceFile,
    StudyReport,
    number_exhibits,
)
from shidian.report.styled.apply import as_printed

Traces = Mapping[str, Sequence[Sequence[str]]]
"""Column -> (what, text) lines."""
BESIDE = {"index": "../index.html", "pdf": "report.pdf", "docx": "report.docx", "cells": "cells.js"}
"""What a report's page links to or loads, from its folder."""


def assemble_report(
    meta: Mapping[str, Any],
    results: Mapping[str, str],
    printed: Iterable[str],
    files: Mapping[str, list[Mapping[str, str]]],
    ledger: pd.DataFrame,
    messages: Mapping[str, Words],
    versions: Mapping[str, str],
    traces: Mapping[str, Traces],
    panel: pd.DataFrame | None = None,
) -> StudyReport:
    """Return the report of a study.

    Args:
        meta: the study's words, exhibits and sources (``shidian.study.plan.Plan.report_meta``).
        results: exhibit -> path of its result file.
        printed: paths of the printed files, each named after its exhibit.
        files: source -> its raw files, each with path, sha256 and what it is.
        ledger: the study's sample ledger.
        messages: text of the ledger or of a line in ``traces`` -> the message behind it.
        versions: package -> version.
        traces: exhibit -> column -> labelled lines that say where its numbers come from (``shidian.trace``).
        panel: unit and year of the panel's rows, from which the lines under headings are made; None for no such lines.
    """
    estimated = None if panel is None else Estimated.of(meta, panel)
    by_exhibit = _by_exhibit(printed, [e["id"] for e in meta["exhibits"]])
    exhibits = [
        _exhibit(words, results[words["id"]], by_exhibit[words["id"]], traces.get(words["id"], {}), messages, estimated)
        for words in meta["exhibits"]
    ]
    sources = [
        Source(
            s["id"], s["title"], s["publisher"], s["licence"],
            tuple(SourceFile(f["path"], f["sha256"], f["what"]) for f in files[s["id"]]),
            s["url"], s["citation"], s["note"],
        )
        for s in meta["sources"]
    ]  # fmt: skip
    return StudyReport(
        study=meta["study"],
        title=meta["title"],
        exhibits=without_repeated_figures(number_exhibits(exhibits)),
        lang=meta["lang"],
        simulated=meta["simulated"],
        ledger=words_of_ledger.in_words(ledger, meta["lang"], messages),
        sources=tuple(sources),
        versions=tuple(sorted(versions.items())),
        summary=tuple(text for text in (meta["description"], meta["paper"]) if text),
        labels={"unit": meta["unit_label"], **meta.get("labels", {})},
        beside=BESIDE,
        estimated=estimated.of_study() if estimated else "",
        authors=tuple(meta.get("authors", ())),
        date=meta.get("date", ""),
    )


def _exhibit(
    words: Mapping[str, Any],
    result: str,
    printed: Mapping[str, Path],
    traces: Traces,
    messages: Mapping[str, Words],
    estimated: Estimated | None,
) -> ReportExhibit:
    figure = {label: printed[label].read_bytes() for label in ("png", "pdf") if label in printed}
    found, meta = read_result(result), ExhibitMeta(**words)
    return ReportExhibit(
        meta=meta,
        result=as_printed(found, meta),
        files={label: f"exhibits/{path.name}" for label, path in sorted(printed.items())},
        png=figure.get("png"),
        pdf=figure.get("pdf"),
        traces={column: _in_words(lines, words["lang"], messages) for column, lines in traces.items()},
        estimated=estimated.of_exhibit(f"{words['title']} {words.get('note', '')}", found) if estimated else "",
    )


def _in_words(lines: Sequence[Sequence[str]], lang: str, messages: Mapping[str, Words]) -> tuple[tuple[str, str], ...]:
    """Return lines in the report's language; the name of a variable stays as it is."""
    fixed = captions(lang)
    return tuple((fixed.get(f"trace_{what}", what), in_language(text, lang, messages)) for what, text in lines)


def _by_exhibit(printed: Iterable[str], exhibits: Iterable[str]) -> dict[str, dict[str, Path]]:
    """Return exhibit -> label -> path; a label is the file's ending, or ``estimates`` of "_estimates.csv"."""
    found: dict[str, dict[str, Path]] = {exhibit: {} for exhibit in exhibits}
    for path in map(Path, printed):
        name = path.stem
        if name in found:
            found[name][path.suffix[1:]] = path
        else:
            exhibit, _, label = name.rpartition("_")
            found[exhibit][label] = path
    return found
