"""Raised and lowered marks in the texts of .xls files of Excel 5.0 and later."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

from shidian.yearbook.old_workbook import in_code_page, own_codec, records, sheet_records, workbook_stream
from shidian.yearbook.rich_text import marked_text

FONT, STRINGS, CONTINUE, SHARED, RICH = 0x31, 0xFC, 0x3C, 0xFD, 0xD6
POSITIONS = {1: "superscript", 2: "subscript"}
NO_FONT = 4
"""Number that no font has: those behind it are counted one too far."""
WIDE, EXTENDED, RUNS = 0x1, 0x4, 0x8
"""Flags of a string: two bytes a character; phonetic text and formats of parts follow."""
Runs = Sequence[tuple[int, int]]


def find_marked(content: bytes, sheet: str, encoding: str | None = None) -> dict[tuple[int, int], str]:
    """Find the cells of a sheet with raised or lowered marks: 0-based (row, column) -> their text.

    Args:
        content: the bytes of the workbook.
        sheet: name of the sheet.
        encoding: that of the texts of a workbook of Excel 5.0 or 95 that names no code page.
    """
    fonts, shared = _marked(content)
    if not any(fonts):
        return {}
    stream = workbook_stream(content)
    old = in_code_page(stream)
    letters = (old and own_codec(stream)) or encoding or "latin-1"
    found: dict[tuple[int, int], str | None] = {}
    for kind, body in sheet_records(content, sheet):
        if kind == SHARED and len(body) >= 10:
            found[struct.unpack_from("<HH", body)] = shared.get(struct.unpack_from("<I", body, 6)[0])
        elif kind == RICH and len(body) >= 9:
            read = _old_rich(body, fonts, letters) if old else _rich(body, fonts)
            found[struct.unpack_from("<HH", body)] = marked_text(read)
    return {place: text for place, text in found.items() if text is not None}


@lru_cache(maxsize=1)
def _marked(content: bytes) -> tuple[tuple[str, ...], Mapping[int, str]]:
    """Return where each font of a workbook is set, and the shared strings with marks, by their numbers."""
    fonts, parts = list[str](), list[bytes]()
    last = 0
    for kind, body in records(workbook_stream(content), 0):
        if kind == FONT and len(body) >= 10:
            fonts.append(POSITIONS.get(struct.unpack_from("<H", body, 8)[0], ""))
        elif kind == STRINGS or (kind == CONTINUE and last == STRINGS):
            parts.append(body)
        last = STRINGS if kind == CONTINUE and last == STRINGS else kind
    if not any(fonts) or not parts:
        return tuple(fonts), {}
    strings = _Strings(parts)
    texts = ((i, marked_text(_split(text, runs, fonts))) for i, (text, runs) in enumerate(strings.read()) if runs)
    return tuple(fonts), {i: text for i, text in texts if text is not None}


def _split(text: str, runs: Runs, fonts: Sequence[str]) -> list[tuple[str, str]]:
    """Return the parts of a text and where each is set, given the first character and the font of each part."""
    edges = [(0, -1), *runs, (len(text), -1)]
    return [(text[start:stop], _set(fonts, font)) for (start, font), (stop, _) in pairwise(edges) if stop > start] or [
        (text, "")
    ]


def _set(fonts: Sequence[str], font: int) -> str:
    at = font - 1 if font > NO_FONT else font
    return fonts[at] if 0 <= at < len(fonts) else ""


def _rich(body: bytes, fonts: Sequence[str]) -> list[tuple[str, str]]:
    length, wide = struct.unpack_from("<H", body, 6)[0], body[8] & WIDE
    end = 9 + length * (1 + wide)
    text = body[9:end].decode("utf-16-le" if wide else "latin-1", "replace")
    count = struct.unpack_from("<H", body, end)[0] if len(body) >= end + 2 else 0
    return _split(text, [struct.unpack_from("<HH", body, end + 2 + 4 * i) for i in range(count)], fonts)


def _old_rich(body: bytes, fonts: Sequence[str], letters: str) -> list[tuple[str, str]]:
    """Read a rich text of Excel 5, whose parts begin at bytes."""
    end = 8 + struct.unpack_from("<H", body, 6)[0]
    count = body[end] if len(body) > end else 0
    runs = [(body[end + 1 + 2 * i], body[end + 2 + 2 * i]) for i in range(count)]
    raw = body[8:end]
    edges = [(0, -1), *runs, (len(raw), -1)]
    return [
        (raw[start:stop].decode(letters, "replace"), _set(fonts, font))
        for (start, font), (stop, _) in pairwise(edges)
        if stop > start
    ] or [("", "")]


class _Strings:
    """The shared strings of a workbook, which go on from record to record."""

    def __init__(self, parts: Sequence[bytes]) -> None:
        self._parts, self._part, self._at = parts, 0, 8  # behind two counts

    def read(self) -> Iterator[tuple[str, list[tuple[int, int]]]]:
        """Give each string with the first character and the font of its parts."""
        while self._part < len(self._parts) and (head := self._take(3)):
            length, flags = struct.unpack("<HB", head)
            count = struct.unpack("<H", self._take(2))[0] if flags & RUNS else 0
            phonetic = struct.unpack("<I", self._take(4))[0] if flags & EXTENDED else 0
            text = self._letters(length, flags)
            runs = self._take(4 * count)
            self._take(phonetic)
            yield text, [struct.unpack_from("<HH", runs, 4 * i) for i in range(count)]

    def _take(self, size: int) -> bytes:
        """Return some bytes; b"" where there are none left."""
        found = b""
        while size and self._part < len(self._parts):
            piece = self._parts[self._part][self._at : self._at + size]
            found, size, self._at = found + piece, size - len(piece), self._at + len(piece)
            if self._at >= len(self._parts[self._part]):
                self._part, self._at = self._part + 1, 0
        return found if not size else b""

    def _letters(self, length: int, flags: int) -> str:
        """Return some characters: where they go on in another record, a flag says anew how wide they are."""
        text = ""
        while length and self._part < len(self._parts):
            size = 1 + (flags & WIDE)
            here = min(length, (len(self._parts[self._part]) - self._at) // size)
            text += self._take(here * size).decode("utf-16-le" if size == 2 else "latin-1", "replace")
            length -= here
            if length:
                if self._at:
                    self._part, self._at = self._part + 1, 0
                flags = (self._take(1) or b"\0")[0]
        return text
