"""What of an exhibit is still English in a Chinese report."""

import re
from collections.abc import Iterable, Iterator

from shidian.exhibits.result import ExhibitResult
from shidian.report.words import in_words

SENTENCE = re.compile(r"[A-Za-z]{2,},? [a-z]{2,}")
"""Two English words in a row."""
CITATION = re.compile(r"[（(][^（）()]*\d{4}[^（）()]*[)）]|[A-Z]\w+( and |, | & | et al\.)[A-Z]?\w*[^，。；]*?\d{4}")
NAMES = ("Kleibergen–Paap rk",)
"""Names of tests that are two words in Chinese papers too."""
CODE = re.compile(r"`[^`]*`")


def english_left(result: ExhibitResult, own: Iterable[str] = ()) -> list[str]:
    """Return the texts of a result in Chinese that hold two English words in a row.

    Citations, code in backquotes and the user's ``own`` words (labels, names) do not count.
    """
    return words_left(_texts(in_words(result, "zh")), own)


def words_left(texts: Iterable[str], own: Iterable[str] = ()) -> list[str]:
    """Return those of the texts that hold two English words in a row, citations, code and ``own`` words aside."""
    names = list(own)
    return [text for text in texts if SENTENCE.search(_ours(text, names))]


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
