"""What a .pdf file may ask for: its streams are unpacked to their limits before the parser takes them whole."""

from __future__ import annotations

import re
import zlib

MOST_DRAWN, MOST_OTHER = 8_000_000, 100_000_000
"""Most bytes to which a stream may unpack that draws a page, and one of a font, a picture or a table of objects."""
MOST_LINES = 20_000
"""Most lines and edges of one page in which tables are looked for; 20,000 take six seconds."""
_STREAM = re.compile(rb"stream\r?\n")
_OTHER = re.compile(rb"/Image|/Length1|/CIDFontType0C|/Type1C|/OpenType|/ObjStm|/XRef|/ICCBased|/Metadata|/XML")
_LINE = re.compile(rb"(?<=[\d.])\s+(?:l|re)\s")
_LONGEST_DICTIONARY = 2000


def refuse_streams(content: bytes) -> str | None:
    """Say why a file is not read; None where it may be.

    Only streams packed by zlib, as nearly all are, are unpacked here, each no further than its limit.
    """
    for found in _STREAM.finditer(content):
        end = content.find(b"endstream", found.end())
        raw = content[found.end() : end if end >= 0 else len(content)]
        start = content.rfind(b"<<", max(0, found.start() - _LONGEST_DICTIONARY), found.start())
        outer = content.rfind(b"obj", max(0, found.start() - _LONGEST_DICTIONARY), found.start())
        draws = not _OTHER.search(content, max(0, min(start, outer)), found.start())
        most = MOST_DRAWN if draws else MOST_OTHER
        unpacked = _unpacked(raw, most)
        if len(unpacked) > most:
            return f"the stream at byte {found.start():,} unpacks to more than {most:,} bytes"
        if draws and (lines := len(_LINE.findall(unpacked))) > MOST_LINES:
            return f"the stream at byte {found.start():,} draws {lines:,} lines; at most {MOST_LINES:,} are read"
    return None


def _unpacked(raw: bytes, most: int) -> bytes:
    """Return a stream unpacked no further than one byte beyond the limit."""
    try:
        return zlib.decompressobj().decompress(raw, most + 1)
    except zlib.error:
        return raw  # not packed, or packed in another way
