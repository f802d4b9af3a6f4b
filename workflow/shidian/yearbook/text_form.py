"""How a text file is written: its encoding, the separator of its cells and their quotes, declared or seen."""

from __future__ import annotations

import codecs
import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from shidian.errors import SourceError
from shidian.yearbook.limits import LIMITS, Limits
from shidian.yearbook.packed import content_of
from shidian.yearbook.pdf_settings import PdfSettings

MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"), (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"), (b"\x84\x31\x95\x33", "gb18030"),
)  # fmt: skip
"""Bytes at the beginning of a text that say its encoding; that of UTF-32 begins as that of UTF-16 does."""
LIKELY = ("gb18030", "big5", "cp1252")
"""Encodings that a text without such a mark may have, named where it is not UTF-8."""
SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
SEEN_LINES, SEEN_CHARACTERS = 200, 1 << 18
"""How much of a text tells its separator."""
TELLING = 3
"""Characters outside ASCII that no text of another encoding forms in UTF-8 by chance."""


@dataclass(frozen=True)
class TextForm:
    """What a source file declares of a text file; None is left to the file.

    Attributes:
        encoding: name of the encoding; UTF-8 where neither the declaration nor a mark in the file says one.
        separator: the one character between cells, or ``tab``; seen in the file when None.
        quote: the character around cells that hold separators, or ``none``; ``"`` when None.
        labelled: variables of a file of Stata, SPSS, SAS or R whose labels are read instead of their values.
        pages: how tables are found on some pages of a .pdf file.
    """

    encoding: str | None = None
    separator: str | None = None
    quote: str | None = None
    labelled: tuple[str, ...] = ()
    pages: Mapping[int, PdfSettings] = field(default_factory=dict)

    @property
    def between(self) -> str | None:
        """The separator as a character."""
        return "\t" if self.separator == "tab" else self.separator

    @property
    def around(self) -> str | None:
        """The quote as a character, None where cells have none."""
        return None if self.quote == "none" else self.quote or '"'


UNDECLARED = TextForm()
"""Nothing is declared."""


def encoding_of(path: Path, content: bytes, declared: str | None) -> str:
    """Return the encoding of a text: that of the mark it begins with, else the declared one, else UTF-8.

    Raises:
        SourceError: the mark says another encoding than is declared, or UTF-16 is declared and no mark says its order.
    """
    marked = next((name for mark, name in MARKS if content.startswith(mark)), None)
    if marked is None:
        if declared == "utf-16":
            raise SourceError(
                f"{path}: no mark at the beginning says the order of its bytes; declare encoding: utf-16-le or "
                "utf-16-be"
            )
        return "utf-8" if declared in (None, "utf-8-sig") else declared
    if declared and not marked.startswith(declared) and not declared.startswith(marked):
        raise SourceError(f"{path}: its first bytes say {marked} text; leave out 'encoding: {declared}'")
    return marked


def decode(path: Path, encoding: str | None, limits: Limits = LIMITS) -> str:
    """Return a file's text, in the encoding that :func:`encoding_of` gives.

    Raises:
        SourceError: the bytes are not text of that encoding; the message says where, and as what they read.
    """
    content = content_of(path, limits)
    used = encoding_of(path, content, encoding)
    try:
        text = content.decode(used)
    except LookupError:
        raise SourceError(f"{path}: there is no encoding '{encoding}'; declare utf-8 or gb18030") from None
    except UnicodeDecodeError as error:
        raise SourceError(f"{path}: {_undecoded(content, used, error.start)}") from None
    if encoding and used not in ("utf-8", "utf-8-sig") and _reads_as_utf8(content):
        raise SourceError(f"{path}: this is utf-8 text, declared: encoding: {encoding}; declare encoding: utf-8")
    return text.removeprefix("\ufeff")


def likely_encoding_of(path: Path) -> str | None:
    """Return the encoding in which a text reads, None where nothing need be declared: for a draft, never to read by."""
    content = content_of(path)
    used = encoding_of(path, content, None)
    if used != "utf-8" or _is_of(content, used):
        return None
    return next((name for name in (*LIKELY, "latin-1") if _is_of(content, name)), None)


def _is_of(content: bytes, name: str) -> bool:
    try:
        content.decode(name)
    except UnicodeDecodeError:
        return False
    return True


def _undecoded(content: bytes, used: str, byte: int) -> str:
    """Say where a text is not of an encoding, and what else it may be."""
    line = content[:byte].count(b"\n") + 1
    if b"\0" in content[:1000] and used == "utf-8":
        fit = [name for name in ("utf-16-le", "utf-16-be") if _sample(content, name, 0) is not None]
    else:
        start = content.rfind(b"\n", 0, byte) + 1
        fit = [f"{name} ('{text}')" for name in LIKELY if (text := _sample(content, name, start)) is not None]
    advice = (
        f"it may be read as encoding: {', '.join(fit)}" if fit else "it is no text, or of two files in two encodings"
    )
    return f"not {used} text (byte {byte}, line {line}); {advice}"


def _sample(content: bytes, name: str, start: int) -> str | None:
    """Return the beginning of a line where the whole text is of an encoding, None else."""
    lines = content[start : start + 4000].decode(name, "replace").splitlines() if _is_of(content, name) else []
    return " ".join(lines[0].split())[:20] if lines else None


def _reads_as_utf8(content: bytes) -> bool:
    text = content.decode("utf-8") if _is_of(content, "utf-8") else ""
    return sum(1 for _ in islice((letter for letter in text if ord(letter) > 127), TELLING)) == TELLING


def seen_separator(path: Path, text: str, form: TextForm) -> str:
    """Return the separator of a text: the declared one, else that which gives its lines most equally many cells.

    Raises:
        SourceError: two separators fit alike.
    """
    if form.between is not None:
        return form.between
    lines = [line for line in text[:SEEN_CHARACTERS].splitlines()[:SEEN_LINES] if line.strip()]
    if len(text) > SEEN_CHARACTERS:
        lines = lines[:-1] or lines
    fits = {mark: _fit(lines, mark, form.around) for mark in SEPARATORS}
    best = max(fits.values())
    if best[0] == 0 or fits[","] == best or (fits[","][0] == len(lines) and fits[","][1] > 1):
        return ","
    found = [mark for mark, fit in fits.items() if fit[0] == best[0]]
    if len(found) > 1:
        names = " or ".join(SEPARATORS[mark] for mark in found)
        raise SourceError(f"{path}: the cells may be separated by {names}; declare separator")
    return found[0]


def _fit(lines: list[str], mark: str, quote: str | None) -> tuple[int, int]:
    """Return how many lines have the commonest number of cells, of those with more than one, and that number."""
    try:
        widths = Counter(len(row) for row in csv_rows(lines, mark, quote) if len(row) > 1)
    except csv.Error:
        return 0, 0
    return max(((times, width) for width, times in widths.items()), default=(0, 0))


def csv_rows(lines: Iterable[str], separator: str, quote: str | None) -> Iterator[list[str]]:
    """Give the rows that Python's csv module reads, with cells in quotes or, where there are none, without."""
    if quote is None:
        return csv.reader(lines, delimiter=separator, quoting=csv.QUOTE_NONE)
    return csv.reader(lines, delimiter=separator, quotechar=quote)
