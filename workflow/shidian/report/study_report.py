"""What a report is made of: one frozen value that every renderer (HTML, PDF, Word) reads."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from shidian.exhibits.result import ExhibitResult
from shidian.ledger import ledger_frame
from shidian.messages import is_aside
from shidian.report.captions import captions
from shidian.report.ledger_names import named
from shidian.web_links import web_link

LINES_APART = 4
"""Most lines of the sample ledger with one step and one reason that are printed apart."""
NAMES_SHOWN = 100
"""Names that one line of the printed ledger lists at most."""
FILES_APART = 12
"""Most files of a source with one description that PDF and Word list one by one."""


@dataclass(frozen=True)
class ExhibitMeta:
    """What a rendered exhibit must know beyond its result.

    Attributes:
        study: id of the study.
        id: id of the exhibit; its files are named after it.
        number: as printed, e.g. ``"Table 2"``; empty for none.
        title: title, without the number.
        lang: ``"en"`` or ``"zh"``, for notes and axis texts.
        simulated: True marks every file SIMULATED.
        note: sentence of the author's own that opens the note.
        figure: how its figure looks, where the study says so: ``colours`` (colour or grey), ``font`` (serif or sans).
        printing: style, layout and note that the study or the run asks for (``shidian.study.styles``), {} for none.
    """

    study: str
    id: str
    number: str = ""
    title: str = ""
    lang: str = "en"
    simulated: bool = False
    note: str = ""
    figure: Mapping[str, str] = field(default_factory=dict)
    printing: Mapping[str, Any] = field(default_factory=dict)

    @property
    def figure_form(self) -> dict[str, Any]:
        """How its figure is drawn: what the style says of figures, over it what the study says."""
        own: dict[str, Any] = {}
        if "colours" in self.figure:
            own["greyscale"] = self.figure["colours"] == "grey"
        if "font" in self.figure:
            own["family"] = self.figure["font"]
        return {**self.printing.get("style", {}).get("figures", {}), **own}

    @property
    def heading(self) -> str:
        """Number and title as printed above a table or below a figure."""
        return "  ".join(part for part in (self.number, self.title) if part)


@dataclass(frozen=True)
class ReportExhibit:
    """One exhibit of a report.

    Attributes:
        meta: id, number, title.
        result: what the exhibit found.
        files: label -> path relative to the report's folder, with forward slashes, for links
            (``{"csv": "exhibits/baseline.csv", "estimates": "exhibits/baseline_estimates.csv"}``).
        png: drawn figure for HTML and Word; required when the result has a figure.
        pdf: drawn figure for the PDF; required when the result has a figure.
        traces: column of the estimates -> labelled lines shown beside the estimate when a number of that
            column is clicked: outcome, sample, variables, workbook cells.
        estimated: line under the heading that says which years and units were estimated, "" for none.
    """

    meta: ExhibitMeta
    result: ExhibitResult
    files: Mapping[str, str] = field(default_factory=dict)
    png: bytes | None = None
    pdf: bytes | None = None
    traces: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    estimated: str = ""


@dataclass(frozen=True)
class SourceFile:
    """One raw file of a source and its checksum."""

    name: str
    sha256: str
    what: str = ""


@dataclass(frozen=True)
class Source:
    """Where data come from: printed in every report."""

    id: str
    title: str
    publisher: str
    licence: str
    files: tuple[SourceFile, ...] = ()
    url: str = ""
    citation: str = ""
    note: str = ""

    @property
    def link(self) -> str:
        """Address that the title links to; empty for none, and for one that is not of the web."""
        return web_link(self.url)

    @property
    def texts(self) -> tuple[str, ...]:
        """What is printed below the publisher: citation, note, and an address that is no link."""
        return tuple(text for text in (self.citation, self.note, "" if self.link else self.url) if text)

    def printed_files(self, lang: str) -> tuple[tuple[str, str, str], ...]:
        """Return the files as PDF and Word print them: name, what it is, checksum.

        More than ``FILES_APART`` files with one description are one line, with the SHA-256 of the list of them as
        ``sha256sum`` prints it; the HTML page has each.
        """
        printed = []
        for what in dict.fromkeys(file.what for file in self.files):
            files = [file for file in self.files if file.what == what]
            if len(files) <= FILES_APART:
                printed += [(file.name, what, file.sha256) for file in files]
                continue
            lines = "".join(f"{file.sha256}  {file.name}\n" for file in files)
            name = captions(lang)["files_many"].format(n=len(files), first=files[0].name, last=files[-1].name)
            printed.append((name, what, hashlib.sha256(lines.encode()).hexdigest()))
        return tuple(printed)


@dataclass(frozen=True)
class StudyReport:
    """A study's whole report.

    Attributes:
        study: id of the study.
        title: title of the report.
        exhibits: in printed order.
        lang: ``"en"`` or ``"zh"``.
        simulated: True puts a SIMULATED banner on every page.
        ledger: sample ledger of the study, ``shidian.ledger.LEDGER_COLUMNS``.
        sources: data sources.
        versions: (package, version) pairs, as locked.
        summary: lines printed first.
        labels: variable -> its printed label.
        beside: what the page links to -> path from the report's folder: ``index``, ``pdf``, ``docx``, ``cells``.
        estimated: line under the title that says which years and units are in the panel, "" for none.
        authors: who writes it, as declared.
        date: as declared, 2026-11-30; "" for none.
    """

    study: str
    title: str
    exhibits: tuple[ReportExhibit, ...]
    lang: str = "en"
    simulated: bool = False
    ledger: pd.DataFrame = field(default_factory=lambda: ledger_frame([]))
    sources: tuple[Source, ...] = ()
    versions: tuple[tuple[str, str], ...] = ()
    summary: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    beside: Mapping[str, str] = field(default_factory=dict)
    estimated: str = ""
    authors: tuple[str, ...] = ()
    date: str = ""

    def ledger_rows(self) -> tuple[tuple[str, str, str, str, str], ...]:
        """Return the ledger as printed: step, subject, units, rows, reason; a count of zero stays blank.

        Lines of one step with one reason are one printed line with their sums once they are more than ``LINES_APART``,
        also where the reason repeats the subject's own code; ledger.csv has each. So has it the names of a line that
        lists more than ``NAMES_SHOWN``, of which the first few are printed.
        """
        printed = []
        numbers = {exhibit.meta.id: exhibit.meta.number for exhibit in self.exhibits}
        ledger = named(self.ledger, numbers, self.labels, captions(self.lang)["list_comma"])
        shared = [
            _without_code(str(s), str(r), self.lang)
            for s, r in zip(self.ledger["subject"], self.ledger["reason"], strict=True)
        ]
        for (step, reason), lines in ledger.assign(shared=shared).groupby(["step", "shared"], sort=False):
            counts = lines[["units", "rows"]].sum()
            if len(lines) <= LINES_APART:
                printed += [
                    (step, self._named(r["subject"]), r["units"], r["rows"], r["reason"])
                    for r in lines.to_dict("records")
                ]
            else:
                few = captions(self.lang)["list_comma"].join(lines["subject"].iloc[:LINES_APART])
                more = captions(self.lang)["ledger_more"].format(n=len(lines) - LINES_APART)
                printed.append((step, f"{few}{more}", counts["units"], counts["rows"], reason))
        return tuple((str(a), str(b), _count(c), _count(d), str(e)) for a, b, c, d, e in printed)

    def _named(self, subject: str) -> str:
        comma = captions(self.lang)["list_comma"]
        names = subject.split(comma)
        if len(names) <= NAMES_SHOWN:
            return subject
        more = captions(self.lang)["ledger_more"].format(n=len(names) - LINES_APART)
        return comma.join(names[:LINES_APART]) + more


def _count(n: int) -> str:
    """Return a count with separators, one of zero as a blank."""
    return f"{int(n):,}" if n else ""


def _without_code(subject: str, reason: str, lang: str) -> str:
    """Return a reason without the code of the subject that it is about: what it has in common with others."""
    words, code = captions(lang), subject.split()[0] if subject.split() else ""
    return reason.replace(words["code_named"].format(code=code), words["code_shared"]) if code else reason


def note_sentences(result: ExhibitResult, meta: ExhibitMeta, *, short: bool = False) -> tuple[str, ...]:
    """Return the exhibit's note; that of a simulated study always says SIMULATED, first.

    The short one is what a journal prints: without the sentences on how a number was checked and what terms mean; where
    the exhibit asks for a long note it has them, where it asks for none it has the author's own sentence alone.
    """
    asked = meta.printing.get("notes", "short")
    short = short and asked != "long"
    marked = any("SIMULATED" in sentence for sentence in result.notes)
    mark = (captions(meta.lang)["simulated"] + ("。" if meta.lang == "zh" else "."),)
    own = (meta.note,) if meta.note else ()
    said = tuple(text for text in result.notes if not (short and is_aside(text, result.messages)))
    if short and asked == "none":
        said = tuple(text for text in said if "SIMULATED" in text)
    return (mark if meta.simulated and not marked else ()) + own + said


def printed_note(exhibit: ReportExhibit, lang: str) -> tuple[str, str]:
    """Return the note below an exhibit, and the one in full; "" for the latter where it says no more."""
    short, full = (
        join_note(note_sentences(exhibit.result, exhibit.meta, short=short), lang) for short in (True, False)
    )
    return short, full if full != short else ""


def join_note(sentences: Iterable[str], lang: str) -> str:
    """Return the sentences as one paragraph headed by "Note:" (注：), or nothing when there are none."""
    stops = "。" if lang == "zh" else "."
    closed = [
        s if s.endswith((".", "。", "!", "?", "！", "？", "…")) else s + stops for s in map(str.strip, sentences) if s
    ]
    lead = captions(lang)["note"]
    return "".join(text + " " * text[-1].isascii() for text in [lead, *closed]).rstrip() if closed else ""


def number_exhibits(exhibits: Iterable[ReportExhibit]) -> tuple[ReportExhibit, ...]:
    """Number the exhibits that have no number, tables and figures each from 1, in the language of each.

    An exhibit with a printed table counts as a table, one with only a figure as a figure.
    """
    counts = {"table": 0, "figure": 0}
    numbered = []
    for exhibit in exhibits:
        kind = "figure" if exhibit.result.table is None else "table"
        counts[kind] += 1
        number = exhibit.meta.number or captions(exhibit.meta.lang)[kind].format(n=counts[kind])
        numbered.append(replace(exhibit, meta=replace(exhibit.meta, number=number)))
    return tuple(numbered)
