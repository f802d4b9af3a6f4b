"""What a file really is, whatever its name says: by its first bytes."""

from __future__ import annotations

import re
from pathlib import Path

ARCHIVE, OLD, DOCUMENT = b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF"
"""First bytes of .xlsx, .xlsb and .ods files, of .xls files, and of .pdf files."""
BEGINNING = 1 << 16
WORKBOOK, PAGE, TEXT, SHEET_XML, WEB_ARCHIVE = "workbook", "page", "text", "sheet_xml", "web_archive"


def true_kind(path: Path) -> str | None:
    """Say whether a file named as a workbook is one, an HTML page, an XML of Excel 2003, or plain text.

    None where its bytes say none of these.
    """
    with path.open("rb") as file:
        head = file.read(BEGINNING)
    if head.startswith((ARCHIVE, OLD)):
        return WORKBOOK
    if not head or is_old_stream(head):
        return None
    text = _letters(head)
    if text is None:
        return None
    start = text.lstrip("\ufeff \r\n\t")[:2000].lower()
    if start.startswith("mime-version") or "content-type: multipart/related" in start:
        return WEB_ARCHIVE
    if "urn:schemas-microsoft-com:office:spreadsheet" in start and "<workbook" in start:
        return SHEET_XML
    return PAGE if re.search(r"<(html|table|!doctype html|body|meta)\b", text.lower()) else TEXT


def is_binary(path: Path) -> str | None:
    """Name what a file named as a text is where it is none: a workbook or a PDF."""
    with path.open("rb") as file:
        head = file.read(4)
    if head in (ARCHIVE, OLD):
        return "an Excel workbook"
    return "a PDF document" if head == DOCUMENT else None


def is_old_stream(head: bytes) -> bool:
    """Say whether a file begins with a record of Excel, as workbooks of Excel 2 to 4 do, not with a container."""
    return len(head) > 3 and head[0] == 0x09 and head[1] in (0x00, 0x02, 0x04, 0x08)


def _letters(head: bytes) -> str | None:
    """Return the beginning of a text, None where it is none: control characters stand in it."""
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return head.decode("utf-16", "replace")
    if re.search(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]", head):
        return None
    return head.decode("latin-1")  # its marks and tags are ASCII
