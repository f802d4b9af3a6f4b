"""The stream of an .xls file that holds its workbook: of Excel 97 and later ([MS-XLS]), or of Excel 5.0 and 95.

Excel 97 and later write texts in Unicode, whatever code page a writer names; Excel 5.0 and 95 write them in the code
page that the workbook names. The library goes by the name for both and knows single bytes alone, so that it is told
another one (``legible``) and its texts are read again (``own_text``).
"""

from __future__ import annotations

import codecs
import io
import struct
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

STREAMS = ("Workbook", "Book")
"""The stream of Excel 97 and later, and that of Excel 5.0 and 95; a file may hold both."""
BEGIN, END, BOUND_SHEET, CODE_PAGE, FORMULA = 0x809, 0x0A, 0x85, 0x42, 0x06
OLD_FORMULAS = (0x206, 0x406)
"""Records of formulas of Excel 3.0 and 4.0, which Numbers of Apple writes into its .xls files."""
UNICODE, WESTERN = 1200, 1252
CODECS = {
    367: "ascii", 936: "gb18030", 10000: "mac_roman", 10001: "shift_jis", 10002: "big5", 10003: "euc_kr",
    10006: "mac_greek", 10007: "mac_cyrillic", 10008: "gb2312", 10029: "mac_latin2", 10079: "mac_iceland",
    10081: "mac_turkish", 32768: "mac_roman", 32769: "cp1252",
}  # fmt: skip
"""Code pages whose codec is not ``cp`` and their number."""


@lru_cache(maxsize=1)
def workbook_stream(content: bytes) -> bytes:
    """Return the stream of an .xls file that holds its workbook; empty where it is of another kind."""
    import olefile  # type: ignore[import-untyped]

    with olefile.OleFileIO(io.BytesIO(content)) as container:
        found = next((name for name in STREAMS if container.exists(name)), None)
        return container.openstream(found).read() if found else b""


def records(stream: bytes, start: int) -> Iterator[tuple[int, bytes]]:
    """Give the records of one substream: kind and body, up to its end."""
    while start + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, start)
        if kind == END:
            return
        yield kind, stream[start + 4 : start + 4 + size]
        start += 4 + size


def sheet_records(content: bytes, sheet: str) -> Iterator[tuple[int, bytes]]:
    """Give the records of one sheet of an .xls file: kind and body."""
    stream = workbook_stream(content)
    return records(stream, sheet_start(stream, sheet))


def sheet_start(stream: bytes, sheet: str) -> int:
    """Return where the substream of a sheet starts, the end of the stream where it has none."""
    return next((start for name, start in sheet_starts(stream) if name == sheet), len(stream))


def sheet_starts(stream: bytes) -> Iterator[tuple[str, int]]:
    """Give the name of every sheet and where its substream starts: the first substream lists them."""
    codec = own_codec(stream) if in_code_page(stream) else None
    for kind, body in records(stream, 0):
        if kind != BOUND_SHEET or len(body) < 8:
            continue
        length, wide = body[6], body[7] & 1
        if in_code_page(stream):
            name = body[7 : 7 + length].decode(codec or "latin-1", errors="replace")
        else:
            name = body[8 : 8 + length * (1 + wide)].decode("utf-16-le" if wide else "latin-1", errors="replace")
        yield name, int(struct.unpack_from("<I", body)[0])


def in_code_page(stream: bytes) -> bool:
    """Say whether a workbook is of Excel 5.0 or 95, whose texts are bytes of a code page."""
    if len(stream) < 8:
        return False
    kind, _, version, substream = struct.unpack_from("<HHHH", stream)
    return kind == BEGIN and (version == 0x500 or (version == 0 and substream == 0x1000))


def own_codec(stream: bytes) -> str | None:
    """Return the codec of the texts of a workbook of Excel 5.0 or 95; None where it names no code page.

    Raises:
        ValueError: the code page is not known.
    """
    number = next(
        (struct.unpack_from("<H", body)[0] for kind, body in records(stream, 0) if kind == CODE_PAGE), UNICODE
    )
    if number == UNICODE:
        return None
    try:
        return codecs.lookup(CODECS.get(number, f"cp{number}")).name
    except LookupError:
        raise ValueError(f"its texts are in the code page {number}, which is not known") from None


def legible(content: bytes) -> bytes:
    """Return an .xls file in which the library finds the file's own workbook and reads its texts.

    It looks for the first stream of a name, be it that of a workbook embedded in this one, and in that spelling alone.
    """
    import olefile

    changed = io.BytesIO(content)
    with olefile.OleFileIO(changed) as container:
        own = next((name for name in STREAMS if container.exists(name)), None)
        if own is None:
            return content
        stream = container.openstream(own).read()
        if changes := _changes(stream):
            changed_stream = bytearray(stream)
            for at, number in changes.items():
                struct.pack_into("<H", changed_stream, at, number)
            container.write_stream(own, bytes(changed_stream))
        mine = next(entry.sid for entry in container.root.kids if entry.name.lower() == own.lower())
        for entry in filter(None, container.direntries):
            if entry.entry_type == olefile.STGTY_STREAM and entry.name.lower() in ("workbook", "book"):
                changed.seek(_entry_at(container, entry.sid))
                changed.write((STREAMS[0] if entry.sid == mine else "Embedded").encode("utf-16-le").ljust(64, b"\0"))
                changed.write(struct.pack("<H", 2 * len(STREAMS[0]) + 2))
        return changed.getvalue()


def own_text(read: str, codec: str) -> str:
    """Return a text of a workbook of Excel 5.0 or 95 that the library has read byte by byte.

    Raises:
        ValueError: the text is none of that codec.
    """
    if read.isascii():
        return read
    return b"".join(bytes([ord(c)]) if ord(c) < 256 else c.encode("cp1252") for c in read).decode(codec)


def _entry_at(container: Any, number: int) -> int:
    """Return where an entry of the directory of a container stands in its file; each takes 128 bytes."""
    before, within = divmod(number * 128, container.sectorsize)
    sector = container.first_dir_sector
    for _ in range(before):
        sector = container.fat[sector]
    return int((sector + 1) * container.sectorsize + within)


def _changes(stream: bytes) -> dict[int, int]:
    """Return where a stream gets which number: its code page, formulas of before Excel 5.0."""
    wanted = WESTERN if in_code_page(stream) else UNICODE
    found, at = dict[int, int](), 0
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        if kind == CODE_PAGE and size >= 2 and struct.unpack_from("<H", stream, at + 4)[0] != wanted:
            found[at + 4] = wanted
        elif kind in OLD_FORMULAS:
            found[at] = FORMULA
        at += 4 + size
    return found
