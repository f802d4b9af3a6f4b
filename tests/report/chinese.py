"""What of an exhibit is still English in a Chinese report."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from shidian.exhibits.result import ExhibitResult
from shidian.report.page.alt_text import alt_text
from shidian.report.page.labels import column_labels, term_labels
from shidian.report.page.panel_data import said
from shidian.report.study_report import ExhibitMeta, ReportExhibit
from shidian.report.words import in_words

SENTENCE = re.compile(r"[A-Za-z]{2,},? [a-z]{2,}")
"""Two English words in a row."""
CITATION = re.compile(r"[（(][^（）()]*\d{4}[^（）()]*[)）]|[A-Z]\w+( and |, | & | et al\.)[A-Z]?\w*[^，。；]*?\d{4}")
NAMES = ("Kleibergen–Paap rk",)
"""Names of tests that are two words in Chinese papers too."""
WORD = re.compile(r"[A-Za-z][A-Za-z'’]*[A-Za-z]")
LATIN_NAMES = frozenset((Path(__file__).parent / "latin_names.txt").read_text(encoding="utf-8").split())
"""Names of people, programs, methods, files and units of measure that Chinese papers print in Latin letters."""
CODE = re.compile(r"`[^`]*`|\bdocs/\w+\.md")


def english_left(result: ExhibitResult, own: Iterable[str] = ()) -> list[str]:
    """Return the texts of a result in Chinese that hold two English words in a row.

    Citations, code in backquotes and the user's ``own`` words (labels, names) do not count.
    """
    return words_left(_texts(in_words(result, "zh")), own)


def words_left(texts: Iterable[str], own: Iterable[str] = ()) -> list[str]:
    """Return those of the texts that hold two English words in a row, citations, code and ``own`` words aside."""
    names = list(own)
    return [text for text in texts if SENTENCE.search(_ours(text, names))]


def latin_left(texts: Iterable[str], own: Iterable[str] = ()) -> list[str]:
    """Return those of the texts that hold a word in Latin letters which is no name, symbol or word of ``own``."""
    names = [name for name in own if len(name) > 1]
    known = LATIN_NAMES | set(names)
    return [text for text in texts if set(WORD.findall(_ours(text, names))) - known]


def shown(result: ExhibitResult, labels: Mapping[str, str]) -> Iterator[str]:
    """Give every text that a reader sees of a result in Chinese: as printed, and in the page's list of estimates."""
    said_again = in_words(result, "zh")
    exhibit = ReportExhibit(ExhibitMeta("s", str(result.estimates["exhibit"].iloc[0]), lang="zh"), said_again)
    yield from (text for text in _texts(said_again))
    terms, columns = term_labels(exhibit, labels), column_labels(exhibit)
    for name in ("term", "column", "vcov", "ssc", "reason"):
        printed = {"term": terms, "column": columns}.get(name, {})
        for text in result.estimates[name].astype(str).unique():
            yield printed.get(text) or said(exhibit, "zh", text, labels)
    for used in result.used.values():
        yield from (said(exhibit, "zh", str(text), labels) for text in (used.words, used.counts))
    if said_again.figure is not None:
        yield alt_text(exhibit, "zh")


def _ours(text: str, own: Iterable[str]) -> str:
    for words in sorted((*NAMES, *own), key=len, reverse=True):
        text = text.replace(words, "")
    return CITATION.sub("", CODE.sub("", text))


def _texts(result: ExhibitResult) -> Iterator[str]:
    yield from result.notes
    yield from result.warnings
    if result.table is not None:
        for line in result.table.header:
            yield from (text for text, _ in line)
        for row in result.table.rows:
            yield row.label
            yield from (cell.text for cell in row.cells)
    yield from result.ledger["step"]
    yield from result.ledger["reason"]
