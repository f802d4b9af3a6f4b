"""Word: three-line tables (三线表) as Chinese journals print them."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

import docx
from docx.document import Document
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Emu, Pt, RGBColor
from docx.text.paragraph import Paragraph

from shidian.exhibits.result import Row, Table
from shidian.report.archive import normalise_zip
from shidian.report.tables.look import PLAIN, Look
from shidian.report.tables.structure import alignments, group_rules, is_heading
from shidian.report.tables.word_fields import Caption, add_caption, entry_style
from shidian.report.tables.word_widths import column_shares, page_of
from shidian.report.typography import unbroken, with_minus

THICK, THIN = 12, 4
"""Line widths in eighths of a point: 1.5 pt above and below the table, 0.5 pt inside."""
KEPT_WHOLE = 36
"""Rows of a table, its head included, that Word keeps on one page."""
LAST = 2
"""Rows of a longer one that stay with its last row, so that none stands alone under a repeated head."""
LINES = {"thick": ("single", THICK), "thin": ("single", THIN), "double": ("double", THIN)}


def table_docx(table: Table, caption: Caption | None, note: str, look: Look = PLAIN) -> bytes:
    """Return a Word document of one table: caption above, three-line table, note below."""
    document = new_document(look)
    if page_of(table)[0]:
        turn(document)
    add_table(document, table, caption, note, look=look)
    return save(document, caption.text if caption else "")


def new_document(look: Look = PLAIN) -> Document:
    """Return an empty A4 document, by default in Times New Roman and SimSun (宋体), 10.5 pt (五号)."""
    document = docx.Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.5)
    section.top_margin = section.bottom_margin = Cm(2.5)
    for name in ("Normal", "Title", "Heading 1", "Heading 2", "Caption"):
        _set_fonts(document.styles[name], look)
        document.styles[name].font.color.rgb = RGBColor(0, 0, 0)
    _set_caption(document.styles["Caption"])
    entry_style(document, Cm(16))
    normal = document.styles["Normal"]
    normal.font.size = Pt(10.5)
    normal.paragraph_format.space_after = Pt(4)
    return document


def turn(document: Document) -> None:
    """Turn the last section to landscape or back."""
    section = document.sections[-1]
    landscape = section.orientation != WD_ORIENT.LANDSCAPE
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = section.page_height, section.page_width


def add_table(
    document: Document,
    table: Table,
    caption: Caption | None,
    note: str,
    sides: tuple[str, ...] | None = None,
    look: Look = PLAIN,
    *,
    followed: bool = False,
) -> None:
    """Append a caption, a three-line table and its note to a document.

    Args:
        document: the document to append to.
        table: the printed table.
        caption: number and title above it, None for none.
        note: paragraph below it; empty for none.
        sides: "left" or "center" for the stub and each column; found from the texts when not given.
        look: size and outer lines; a size is an upper bound, since the table must fit its page.
        followed: True keeps its last row on the page of the paragraph that comes next.
    """
    if caption is not None:
        add_caption(document, caption).paragraph_format.keep_with_next = True
    sides = sides or alignments(table)
    _, size = page_of(table)
    size = min(size, look.size or size)
    grid = document.add_table(rows=0, cols=len(sides))
    grid.alignment = WD_TABLE_ALIGNMENT.CENTER
    grid.autofit = False
    for line in table.header:
        _add_header(grid, line, sides, size)
    for row in table.rows:
        _add_row(grid, row, sides, size)
    _keep_together(grid, table, followed=followed or bool(note))
    section: Any = document.sections[-1]
    page = section.page_width - section.left_margin - section.right_margin
    _set_widths(grid, column_shares(table, page, size))
    last_header = len(table.header) - 1
    for cell in grid.rows[0].cells:
        _border(cell, "top", *LINES[look.top])
    for cell in grid.rows[last_header].cells:
        _border(cell, "bottom")
    for cell in grid.rows[-1].cells:
        _border(cell, "bottom", *LINES[look.bottom])
    if note:
        add_text(document, note, size=8.5).paragraph_format.space_before = Pt(3)


def add_text(
    document: Document, text: str, bold: bool = False, centre: bool = False, size: float | None = None
) -> Paragraph:
    """Append a paragraph and return it."""
    paragraph = document.add_paragraph()
    run = paragraph.add_run(with_minus(text))
    run.bold = bold or None
    run.font.size = Pt(size) if size else None
    if centre:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    return paragraph


def save(document: Document, title: str = "", authors: tuple[str, ...] = (), date: str = "") -> bytes:
    """Return the document's bytes: its date is the one that the study declares, never a clock's.

    Args:
        document: the document.
        title: its title.
        authors: who wrote it; "shidian" where nobody is declared.
        date: as 2026-11-30; without one the document says none.
    """
    properties = document.core_properties
    properties.author = properties.last_modified_by = "; ".join(authors) or "shidian"
    properties.comments, properties.title, properties.revision = "", title[:255], 1
    for name in ("created", "modified"):
        element = properties._element.find(qn(f"dcterms:{name}"))
        if date:
            setattr(properties, name, datetime.fromisoformat(date))
        elif element is not None:
            properties._element.remove(element)
    buffer = io.BytesIO()
    document.save(buffer)
    return normalise_zip(buffer.getvalue())


def _add_header(grid: Any, line: tuple[tuple[str, int], ...], sides: tuple[str, ...], size: float) -> None:
    cells = grid.add_row().cells
    _repeat_on_each_page(grid.rows[-1])
    at = 0
    for text, span in line:
        merged = cells[at].merge(cells[at + span - 1]) if span > 1 else cells[at]
        _write(merged, text, sides[at] if span == 1 else "center", size)
        at += span
    for first, last in group_rules(line):
        for cell in cells[first - 1 : last]:
            _border(cell, "bottom")


def _add_row(grid: Any, row: Row, sides: tuple[str, ...], size: float) -> None:
    cells = grid.add_row().cells
    _keep_whole(grid.rows[-1])
    if is_heading(row):
        _write(cells[0].merge(cells[-1]), row.label, "left", size, italic=True)
    else:
        for cell, text, side in zip(cells, (row.label, *(c.text for c in row.cells)), sides, strict=True):
            _write(cell, text, side, size)
    if row.rule_above:
        for cell in grid.rows[-1].cells:
            _border(cell, "top")


def _write(cell: Any, text: str, side: str, size: float, italic: bool = False) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after = Pt(0)
    paragraph.alignment = WD_ALIGN_PARAGRAPH.LEFT if side == "left" else WD_ALIGN_PARAGRAPH.CENTER
    run = paragraph.add_run(unbroken(text))
    run.font.size = Pt(size)
    run.italic = italic or None


def _keep_together(grid: Any, table: Table, *, followed: bool) -> None:
    """Keep a short table on one page; of a long one the head with its first rows, each row with its errors, the end."""
    short, last = len(grid.rows) <= KEPT_WHOLE, len(grid.rows) - 1
    head = len(table.header)
    for i, row in enumerate(grid._tbl.tr_lst):
        below = table.rows[i + 1 - head] if head <= i + 1 <= last else None
        inside = short or i <= head or i >= last - LAST or (below is not None and not below.label.strip())
        tied = followed if i == last else inside
        if tied:
            for paragraph in row.iter(qn("w:p")):
                Paragraph(paragraph, None).paragraph_format.keep_with_next = True  # type: ignore[arg-type]


def _set_caption(style: Any) -> None:
    """Set captions as the report prints them, with a level of their own in Word's navigation."""
    style.font.size, style.font.bold, style.font.italic = Pt(10.5), True, False
    style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(8), Pt(4)
    level = OxmlElement("w:outlineLvl")
    level.set(qn("w:val"), "1")
    style.element.get_or_add_pPr().append(level)


def _set_fonts(style: Any, look: Look) -> None:
    style.font.name = look.latin
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    for script in ("ascii", "hAnsi", "cs"):
        fonts.set(qn(f"w:{script}"), look.latin)
    fonts.set(qn("w:eastAsia"), look.chinese)


def _border(cell: Any, edge: str, kind: str = "single", width: int = THIN) -> None:
    properties = cell._tc.get_or_add_tcPr()
    borders = properties.find(qn("w:tcBorders"))
    if borders is None:
        borders = OxmlElement("w:tcBorders")
        properties.append(borders)
    line = OxmlElement(f"w:{edge}")
    for name, value in (("val", kind), ("sz", str(width)), ("space", "0"), ("color", "000000")):
        line.set(qn(f"w:{name}"), value)
    previous = borders.find(qn(f"w:{edge}"))
    if previous is not None:
        borders.remove(previous)
    if edge == "top":
        borders.insert(0, line)
    else:
        borders.append(line)


def _set_widths(grid: Any, shares: list[int]) -> None:
    """Give the columns their widths."""
    for column, share in zip(grid.columns, shares, strict=True):
        column.width = share
    for row in grid._tbl.tr_lst:
        at = 0
        for cell in row.tc_lst:
            cell.width = Emu(sum(shares[at : at + cell.grid_span]))
            at += cell.grid_span


def _repeat_on_each_page(row: Any) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def _keep_whole(row: Any) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
