"""Workbooks of Excel 5.0 to 2003 made record by record, as no writer at hand makes them."""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence
from pathlib import Path

from xlwt.CompoundDoc import XlsDoc

EXCEL_95, EXCEL_97 = 0x500, 0x600
SECTOR, ENTRY = 512, 128


def record(kind: int, body: bytes) -> bytes:
    """Return one record of a stream."""
    return struct.pack("<HH", kind, len(body)) + body


def stream(
    rows: Sequence[Sequence[object]],
    version: int,
    code_page: int | None,
    codec: str,
    sheet: str = "S",
    more: bytes = b"",
) -> bytes:
    """Return the stream of a workbook of one sheet, whose texts stand in its cells and not in a table.

    Args:
        rows: texts and numbers; bytes are a record of a cell without its address.
        version: ``EXCEL_95`` or ``EXCEL_97``, which writes its texts in Unicode.
        code_page: the number that the workbook names; None where it names none.
        codec: how the texts of Excel 95 are written.
        sheet: name of the sheet.
        more: records of the workbook beside those that are needed.
    """
    page = b"" if code_page is None else record(0x42, struct.pack("<H", code_page))
    start = record(0x809, struct.pack("<HHHH", version, 0x5, 0, 0)) + page + more

    def written(text: str, size: str) -> bytes:
        if version == EXCEL_95:
            content = text.encode(codec)
            return struct.pack(size, len(content)) + content
        return struct.pack(size, len(text)) + (b"\x01" + text.encode("utf-16-le"))

    name = written(sheet, "<B")
    at = len(start) + 4 + 6 + len(name) + 4
    cells = b""
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            place = struct.pack("<HHH", r, c, 0)
            if isinstance(value, str):
                cells += record(0x204, place + written(value, "<H"))
            elif isinstance(value, bytes):
                cells += record(struct.unpack_from("<H", value)[0], place + value[2:])
            else:
                cells += record(0x203, place + struct.pack("<d", value))
    listed = record(0x85, struct.pack("<IBB", at, 0, 0) + name) + record(0x0A, b"")
    return start + listed + record(0x809, struct.pack("<HHHH", version, 0x10, 0, 0)) + cells + record(0x0A, b"")


def contained(path: Path, content: bytes, name: str, embedded: bytes = b"") -> Path:
    """Write a container with a stream, in which another workbook is embedded that the directory lists first."""
    padded = embedded.ljust(-(-len(embedded) // SECTOR) * SECTOR, b"\0")
    whole = io.BytesIO()
    XlsDoc().save(whole, (padded + content).ljust(5000, b"\0"))
    written = bytearray(whole.getvalue())
    directory = (struct.unpack_from("<I", written, 48)[0] + 1) * SECTOR
    first, size = struct.unpack_from("<IQ", written, directory + ENTRY + 116)
    own = _entry(name, 2, first + len(padded) // SECTOR, size - len(padded))
    if not embedded:
        written[directory + ENTRY : directory + 2 * ENTRY] = own
    else:
        written[directory + ENTRY : directory + 2 * ENTRY] = _entry("Workbook", 2, first, size)
        written[directory + 2 * ENTRY : directory + 3 * ENTRY] = own[:68] + struct.pack("<I", 3) + own[72:]
        written[directory + 3 * ENTRY : directory + 4 * ENTRY] = _entry("MBD0001", 1, 0, 0, child=1)
        struct.pack_into("<I", written, directory + 76, 2)
    path.write_bytes(written)
    return path


def _entry(name: str, kind: int, start: int, size: int, child: int = 0xFFFFFFFF) -> bytes:
    """Return an entry of the directory: a stream (2) or a storage (1) without siblings."""
    text = name.encode("utf-16-le") + b"\0\0"
    links = struct.pack("<III", 0xFFFFFFFF, 0xFFFFFFFF, child)
    return (
        text.ljust(64, b"\0")
        + struct.pack("<HBB", len(text), kind, 1)
        + links
        + bytes(36)
        + struct.pack("<IQ", start, size)
    )
