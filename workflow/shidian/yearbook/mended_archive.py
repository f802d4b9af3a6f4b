"""Workbooks that Excel or LibreOffice opens and the library does not.

Parts written in UTF-16, relations with a prefix, sheets of modules that have no part, a dimension of whole rows, blanks
between the cells of an .ods file and one that does not name its type.
"""

from __future__ import annotations

import codecs
import io
import re
import zipfile
from xml.etree import ElementTree

from shidian.yearbook.open_document import CONTENT
from shidian.yearbook.sheet_xml import local, open_archive, parts_of, relations_of, workbook_part

UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_DECLARED = re.compile(r"""(<\?xml[^>]*encoding\s*=\s*)["'][^"']*["']""")
_ROWS = re.compile(rb"""<(?:\w+:)?dimension\s+ref\s*=\s*["']\d[^>]*/>""")
"""The dimension of a sheet whose rows are formatted to their ends, as LibreOffice writes it: 1:4."""
_BETWEEN_CELLS = re.compile(rb">\s+(?=</?table:(?:covered-table-cell|table-cell|table-row)[\s/>])")
DOCUMENT = b"application/vnd.oasis.opendocument.spreadsheet"
_SHEET = re.compile(rb"<(?:\w+:)?sheet\s[^>]*/>")


def mended(content: bytes) -> bytes | None:
    """Return an .xlsx or .ods file that the library can open; None where nothing is to be mended here."""
    archive = open_archive(content)
    if archive is None:
        return None
    with archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
        changed = {name: _in_utf_8(part) for name, part in parts.items() if part[:2] in UTF_16}
        changed |= {name: _without_prefix(part) for name, part in parts.items() if name.endswith(".bin.rels")}
        workbook = workbook_part(archive)
        if workbook is not None and not workbook.endswith(".bin"):
            changed[workbook] = _with_parts_alone(archive, workbook, changed.get(workbook, parts[workbook]))
            for sheet in parts_of(archive).values():
                changed[sheet] = _ROWS.sub(b"", changed.get(sheet, parts.get(sheet, b"")), count=1)
    if CONTENT in parts:
        changed |= {"mimetype": DOCUMENT, CONTENT: _BETWEEN_CELLS.sub(b">", parts[CONTENT])}
    if all(part == parts.get(name) for name, part in changed.items()):
        return None
    copy = io.BytesIO()
    with zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED) as written:
        for name, part in (parts | changed).items():
            written.writestr(name, part)
    return copy.getvalue()


def _without_prefix(part: bytes) -> bytes:
    found = re.search(rb"<(\w+):Relationships", part)
    if found is None:
        return part
    return re.sub(rb"<(/?)" + found[1] + b":", rb"<\1", part).replace(b"xmlns:" + found[1] + b"=", b"xmlns=")


def _in_utf_8(part: bytes) -> bytes:
    return _DECLARED.sub(r'\1"UTF-8"', part.decode("utf-16")).encode()


def _with_parts_alone(archive: zipfile.ZipFile, workbook: str, xml: bytes) -> bytes:
    """Return the XML of a workbook without the sheets that lead to no part: modules of Excel 95's Basic."""
    targets = relations_of(archive, workbook)

    def kept(found: re.Match[bytes]) -> bytes:
        link = re.search(rb"""[\s:]id\s*=\s*["']([^"']*)["']""", found[0])
        return found[0] if link and link[1].decode() in targets else b""

    listed = [element for element in ElementTree.fromstring(xml).iter() if local(element, "sheet")]
    return _SHEET.sub(kept, xml) if listed else xml
