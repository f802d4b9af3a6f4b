"""Tables in .pdf files: with ruled lines, or as a source file says how they are found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shidian.errors import SourceError
from shidian.messages import say
from shidian.yearbook.grid import Grid
from shidian.yearbook.limits import LIMITS, Limits
from shidian.yearbook.pdf_limits import refuse_streams
from shidian.yearbook.pdf_settings import RULED, SHEET, PdfSettings

UNREAD = (
    "no table with ruled lines; a table without them is declared by its place and what separates its cells, as 'sheet: "
    "page 1 table 1' and 'pdf: {vertical_strategy: text, horizontal_strategy: text}'"
)


@dataclass(frozen=True)
class _Found:
    """A table of a page: the page as it is looked at, all its tables from top to bottom, and which of them it is."""

    page: Any
    tables: list[Any]
    number: int


class PdfBook:
    """An opened .pdf file; each table is a sheet, named ``page 3 table 1``.

    The lines of text above a table (below the one before it) are the first rows of its sheet, one cell each;
    those below the last table of a page are its last rows. Titles, unit rows and notes are thus read as in a
    workbook.
    """

    def __init__(self, path: Path, settings: Mapping[int, PdfSettings] | None = None, limits: Limits = LIMITS) -> None:
        """Open the file and find its tables; ``settings`` are those of pages whose tables are no ruled ones."""
        import pdfplumber

        self._path, self._settings, self._limits = path, settings or {}, limits
        if reason := refuse_streams(path.read_bytes(), limits):
            raise SourceError(f"{path}: the .pdf file is not read: {reason}")
        try:
            self._document = pdfplumber.open(path)
            limits.refuse(path, "pages", len(self._document.pages), "pages")
            self._tables = {
                f"page {page.page_number} table {i + 1}": _Found(page, tables, i)
                for page in self._document.pages
                for tables in [self._in_order(page)]
                for i in range(len(tables))
            }
            with_tables = {found.page.page_number for found in self._tables.values()}
            self._unread = [
                page.page_number for page in self._document.pages if page.chars and page.page_number not in with_tables
            ]
        except SourceError:
            raise
        except Exception as error:  # pdfplumber passes on whatever its parser raises
            raise SourceError(f"{path}: not a readable .pdf file, damaged or protected ({error!r})") from None
        if not self._tables:
            pictures = [page.page_number for page in self._document.pages if _is_picture(page)]
            raise SourceError(f"{path}: {_scanned(pictures) if pictures else UNREAD}")

    @property
    def sheet_names(self) -> list[str]:
        """Names of the tables."""
        return list(self._tables)

    def why_missing(self, sheet: str) -> str | None:
        """Say why a declared table is not there: its page is not, or is a picture; None where nothing tells."""
        found, pages = SHEET.fullmatch(sheet), self._document.pages
        if found is None:
            return None
        number = int(found[1])
        if not 1 <= number <= len(pages):
            return f"no page {number}; the file has {len(pages)}"
        if _is_picture(pages[number - 1]):
            return _scanned([number])
        return None if any(name.startswith(f"page {number} ") for name in self._tables) else f"page {number}: {UNREAD}"

    def body(self, sheet: str) -> tuple[Grid, int]:
        """Read one table with the text around it; also return the row in which the table itself begins."""
        found = self._tables[sheet]
        page, tables, table = found.page, found.tables, found.tables[found.number]
        last = found.number == len(tables) - 1
        start = tables[found.number - 1].bbox[3] if found.number else page.bbox[1]
        above = _lines(page, start, table.bbox[1])
        below = _lines(page, table.bbox[3], page.bbox[3]) if last else []
        settings = self._settings.get(page.page_number, RULED)
        body = [[cell or "" for cell in row] for row in table.extract()]
        width = len(body[0])
        kept = [r for r, row in enumerate(body) if settings.horizontal_strategy != "text" or any(row)]
        rows = [[text, *[""] * (width - 1)] for text in above]
        rows += [body[r] for r in kept]
        rows += [[text, *[""] * (width - 1)] for text in below]
        beside = _beside(page, settings.crop) if settings.crop else []
        seen = [(say("texts beside the part of a page that is read"), text[:60]) for text in beside]
        if self._unread:
            seen.append((say("pages with texts of which no table is read"), ", ".join(map(str, self._unread))))
        return Grid(
            sheet, rows, merges=_merges(table, {r: len(above) + i for i, r in enumerate(kept)}), seen=tuple(seen)
        ), len(above)

    def grid(self, sheet: str) -> Grid:
        """Read one table with the text around it."""
        return self.body(sheet)[0]

    def _in_order(self, page: Any) -> list[Any]:
        """Return the tables of a page from top to bottom.

        Raises:
            SourceError: it has more lines than can be a table's, or its settings do not suit it.
        """
        settings = self._settings.get(page.page_number, RULED)
        place = f"{self._path}, page {page.page_number}"
        self._limits.refuse(place, "page_lines", len(page.edges), "lines")
        part = page
        if settings.crop:
            left, top, right, bottom = page.bbox
            crop = settings.crop
            if crop[0] < left or crop[1] < top or crop[2] > right or crop[3] > bottom:
                raise SourceError(f"{place}: 'crop' {list(crop)} reaches beyond the page, {[left, top, right, bottom]}")
            part = page.crop(crop)
        if settings == RULED:
            tables = part.find_tables()
        else:
            try:
                tables = part.find_tables(_given(part, settings))
            except ValueError as error:
                raise SourceError(f"{place}: 'pdf' does not suit the page: {error}") from None
        return sorted(tables, key=lambda table: (table.bbox[1], table.bbox[0]))


def _is_picture(page: Any) -> bool:
    return bool(page.images) and not page.chars


def _scanned(pages: list[int]) -> str:
    which = (
        f"page {pages[0]} is a picture" if len(pages) == 1 else f"pages {', '.join(map(str, pages[:20]))} are pictures"
    )
    return (
        f"{which} (scanned) without text, of which no table is read; get the file with its text, or let a program "
        "recognise it (OCR) and check what it read"
    )


def _given(part: Any, settings: PdfSettings) -> dict[str, Any]:
    """Return settings as pdfplumber takes them.

    Where words alone tell the rows and lines the columns, or the other way round, what the words tell reaches over the
    whole part of the page: in pdfplumber it ends with the words and meets no line beyond them.
    """
    from pdfplumber.table import words_to_edges_h, words_to_edges_v

    given, words = settings.given(), {"horizontal": words_to_edges_h, "vertical": words_to_edges_v}
    if given["vertical_strategy"] == given["horizontal_strategy"]:
        return given
    for way, place in (("horizontal", "top"), ("vertical", "x0")):
        if given[f"{way}_strategy"] == "text":
            edges = words[way](part.extract_words(), given[f"min_words_{way}"])
            places = {float(edge[place]) for edge in edges} | set(given[f"explicit_{way}_lines"])
            if len(places) > 1:
                given |= {f"{way}_strategy": "explicit", f"explicit_{way}_lines": sorted(places)}
    return given


def _lines(page: Any, top: float, bottom: float) -> list[str]:
    """Lines of text whose middle lies in a strip of a page."""
    lines = page.extract_text_lines(return_chars=False) if bottom - top >= 1 else []
    return [line["text"] for line in lines if top <= (line["top"] + line["bottom"]) / 2 < bottom]


def _beside(page: Any, crop: tuple[float, float, float, float]) -> list[str]:
    """Lines of text to the left and right of the part of a page that is read."""
    left, right = (page.bbox[0], crop[0]), (crop[2], page.bbox[2])
    strips = [page.crop((x0, crop[1], x1, crop[3])) for x0, x1 in (left, right) if x1 - x0 >= 1]
    return [line["text"] for strip in strips for line in strip.extract_text_lines(return_chars=False)]


def _merges(table: Any, places: Mapping[int, int]) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Merged cells of a table: those that span several of its columns or rows; ``places`` are its rows in the sheet."""
    lefts = sorted({cell[0] for cell in table.cells})
    tops = sorted({cell[1] for cell in table.cells})
    merges = []
    for x0, top, x1, bottom in table.cells:
        columns = [i for i, left in enumerate(lefts) if x0 <= left < x1]
        rows = [places[i] for i, edge in enumerate(tops) if top <= edge < bottom and i in places]
        if rows and (len(columns) > 1 or len(rows) > 1):
            merges.append(((rows[0], columns[0]), (rows[-1], columns[-1])))
    return sorted(merges)
