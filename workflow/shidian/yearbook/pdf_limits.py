"""What a .pdf file may ask for: its streams are unpacked to their limits before the parser takes them whole."""

from __future__ import annotations

import re
import zlib

from shidian.yearbook.limits import LIMITS, MEGABYTE, Limits, where

_STREAM = re.compile(rb"stream\r?\n")
_OTHER = re.compile(rb"/Image|/Length1|/CIDFontType0C|/Type1C|/OpenType|/ObjStm|/XRef|/ICCBased|/Metadata|/XML")
_LINE = re.compile(rb"(?<=[\d.])\s+(?:l|re)\s")
_LONGEST_DICTIONARY = 2000


def refuse_streams(content: bytes, limits: Limits = LIMITS) -> str | None:
    """Say why a file is not read; None where it may be.

    Only streams packed by zlib, as nearly all are, are unpacked here, each no further than its limit.
    """
    for found in _STREAM.finditer(content):
        end = content.find(b"endstream", found.end())
        raw = content[found.end() : end if end >= 0 else len(content)]
        start = content.rfind(b"<<", max(0, found.start() - _LONGEST_DICTIONARY), found.start())
        outer = content.rfind(b"obj", max(0, found.start() - _LONGEST_DICTIONARY), found.start())
        draws = not _OTHER.search(content, max(0, min(start, outer)), found.start())
        key = "page_mb" if draws else "part_mb"
        most = getattr(limits, key) * MEGABYTE
        unpacked = _unpacked(raw, most)
        if len(unpacked) > most:
            return f"the stream at byte {found.start():,} unpacks to more than {most:,} bytes {where(key)}"
        if draws and (reason := limits.over("page_lines", len(_LINE.findall(unpacked)), "lines")):
            return f"the stream at byte {found.start():,} draws {reason}"
    return None


def _unpacked(raw: bytes, most: int) -> bytes:
    """Return a stream unpacked no further than one byte beyond the limit."""
    try:
        return zlib.decompressobj().decompress(raw, most + 1)
    except zlib.error:
        return raw  # not packed, or packed in another way
