"""Tables with ruled lines in .pdf files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from shidian.errors import SourceError
from shidian.yearbook.grid import Grid
from shidian.yearbook.pdf_limits import MOST_LINES, refuse_streams


class PdfBook:
    """An opened .pdf file; each ruled table is a sheet, named ``page 3 table 1``.

    The lines of text above a table (below the one before it) are the first rows of its sheet, one cell each;
    those below the last table of a page are its last rows. Titles, unit rows and notes are thus read as in a
    workbook.
    """

    def __init__(self, path: Path) -> None:
        """Open the file and find its tables."""
        import pdfplumber

        if reason := refuse_streams(path.read_bytes()):
            raise SourceError(f"{path}: the .pdf file is not read: {reason}")
        try:
            self._document = pdfplumber.open(path)
            self._tables = {
                f"page {page.page_number} table {i}": (page, tables, i - 1)
                for page in self._document.pages
                for tables in [_in_order(page)]
                for i in range(1, len(tables) + 1)
            }
        except SourceError as error:
            raise SourceError(f"{path}, {error}") from None
        except Exception as error:  # pdfplumber passes on whatever its parser raises
            raise SourceError(f"{path}: not a readable .pdf file, damaged or protected ({error!r})") from None
        if not self._tables:
            raise SourceError(f"{path}: no table with ruled lines; only such tables are read from .pdf files")

    @property
    def sheet_names(self) -> list[str]:
        """Names of the tables."""
        return list(self._tables)

    def grid(self, sheet: str) -> Grid:
        """Read one table with the text around it."""
        page, tables, number = self._tables[sheet]
        table = tables[number]
        start = tables[number - 1].bbox[3] if number else page.bbox[1]
        above = _lines(page, start, table.bbox[1])
        last = number == len(tables) - 1
        below = _lines(page, table.bbox[3], page.bbox[3]) if last else []
        body = [[cell or "" for cell in row] for row in table.extract()]
        width = len(body[0])
        rows = [[text, *[""] * (width - 1)] for text in above]
        rows += body
        rows += [[text, *[""] * (width - 1)] for text in below]
        return Grid(sheet, rows, merges=_merges(table, len(above)))


def _in_order(page: Any) -> list[Any]:
    """Return the tables of a page from top to bottom.

    Raises:
        SourceError: it has more lines than can be a table's.
    """
    if len(page.edges) > MOST_LINES:
        raise SourceError(f"page {page.page_number}: {len(page.edges):,} lines; at most {MOST_LINES:,} are read")
    return sorted(page.find_tables(), key=lambda table: (table.bbox[1], table.bbox[0]))


def _lines(page: Any, top: float, bottom: float) -> list[str]:
    """Lines of text in a strip of a page."""
    if bottom - top < 1:
        return []
    strip = page.crop((page.bbox[0], top, page.bbox[2], bottom))
    return [line["text"] for line in strip.extract_text_lines(return_chars=False)]


def _merges(table: Any, first_row: int) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Merged cells of a table: those that span several of its columns or rows."""
    lefts = sorted({cell[0] for cell in table.cells})
    tops = sorted({cell[1] for cell in table.cells})
    merges = []
    for x0, top, x1, bottom in table.cells:
        columns = [i for i, left in enumerate(lefts) if x0 <= left < x1]
        rows = [i for i, edge in enumerate(tops) if top <= edge < bottom]
        if len(columns) > 1 or len(rows) > 1:
            merges.append(((rows[0] + first_row, columns[0]), (rows[-1] + first_row, columns[-1])))
    return sorted(merges)
