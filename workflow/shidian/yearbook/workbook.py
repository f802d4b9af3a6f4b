"""Opening raw files of any kind the reader knows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from shidian.errors import SourceError, nearest
from shidian.messages import say
from shidian.yearbook.grid import Grid
from shidian.yearbook.html_tables import HtmlBook
from shidian.yearbook.limits import LIMITS, Limits
from shidian.yearbook.packed import PACKED, is_packed, kind_of
from shidian.yearbook.plain import read_csv
from shidian.yearbook.text_form import UNDECLARED, TextForm
from shidian.yearbook.true_kind import PAGE, SHEET_XML, TEXT, WEB_ARCHIVE, is_binary, true_kind

EXCEL = (".xls", ".xlsx", ".xlsm", ".xlsb", ".ods")
PAGES = (".html", ".htm")
REFUSED = {SHEET_XML: "an XML spreadsheet of Excel 2003", WEB_ARCHIVE: "a web archive (.mht), no workbook"}
CELLS = (".csv", ".tsv", ".tab", ".txt")
R = (".rds", ".rdata", ".rda")
LABELLED = (".dta", ".sav", ".zsav", ".por", ".sas7bdat", ".xpt")
"""Files of Stata, SPSS and SAS, which store numbers, texts and labels of both."""
PLAIN = (*CELLS, *LABELLED)


class Workbook:
    """An opened raw file. Sheets are read when asked for."""

    def __init__(self, path: Path, form: TextForm = UNDECLARED, limits: Limits = LIMITS) -> None:
        """Open the file.

        Args:
            path: the file.
            form: how a text file is written; its encoding and labels are also those of a file of Stata, SPSS, SAS or R.
            limits: how much of it is read.

        Raises:
            SourceError: the file is damaged, protected by a password, or of an unknown kind.
        """
        self.path = path
        self._form = form
        self._limits = limits
        self._book = _open(path, form, limits)

    @property
    def sheet_names(self) -> list[str]:
        """Names of the sheets; none for files without sheets."""
        return self._book.sheet_names if self._book is not None else []

    def grid(self, sheet: str | None) -> Grid:
        """Read one sheet (None for files without sheets)."""
        if self._book is None:
            return self._plain_grid(sheet)
        if isinstance(self._book, HtmlBook) or self.path.suffix.lower() in R:
            return self._book.grid(sheet)
        names = self.sheet_names
        if sheet is None:
            raise SourceError(f"{self.path}: say which sheet to read; found: {', '.join(map(repr, names))}")
        if sheet not in names:
            self.refuse_missing([sheet])
            found = ", ".join(map(repr, names))
            raise SourceError(f"{self.path}: no sheet '{sheet}'; found: {found}{nearest(sheet, names)}")
        grid = self._book.grid(sheet)
        if not any(cell != "" for row in grid.rows for cell in row):
            place, fault = min(grid.faults().items(), default=((0, 0), ""))
            what = f", cell {grid.cell(*place)}: {fault}; beside such cells" if fault else ":"
            raise SourceError(f"{self.path}, sheet '{sheet}'{what} the sheet is empty")
        return grid

    def body(self, sheet: str | None) -> tuple[Grid, int]:
        """Read one table of a .pdf file; also return the row in which the table itself begins."""
        grid = self.grid(sheet)
        return self._book.body(grid.sheet) if sheet is not None and self.path.suffix.lower() == ".pdf" else (grid, 0)

    def refuse_missing(self, sheets: Iterable[str]) -> None:
        """Say why declared tables of a .pdf file are not there, where anything tells (``SourceError``)."""
        for sheet in sorted(set(sheets) - set(self.sheet_names)) if self.path.suffix.lower() == ".pdf" else ():
            if why := self._book.why_missing(sheet):
                raise SourceError(f"{self.path}: {why}")

    def _plain_grid(self, sheet: str | None) -> Grid:
        kind = kind_of(self.path)
        if sheet is not None:
            what = f"{kind} file" if kind in PLAIN else "text file, whatever its name says,"
            raise SourceError(f"{self.path}: a {what} has no sheets; leave out 'sheet: {sheet}'")
        if kind == ".dta":
            from shidian.yearbook.stata import read_stata

            return read_stata(self.path, self._form.encoding, self._form.labelled, self._limits)
        if kind in LABELLED:
            from shidian.yearbook.stat_files import read_stat_file

            return read_stat_file(self.path, self._form.encoding, self._form.labelled, self._limits)
        if found := is_binary(self.path):
            raise SourceError(f"{self.path}: {found}, no text; name it after what it is")
        grid = read_csv(self.path, self._form, self._limits)
        return (
            grid if kind in PLAIN else replace(grid, seen=(*grid.seen, (say("the file is no workbook but a text"), "")))
        )


def _open(path: Path, form: TextForm, limits: Limits):  # type: ignore[no-untyped-def]
    """Open a file with sheets; None for files without. The libraries load only for the kinds of file met."""
    if is_packed(path):
        _refuse_packed(path)
        return None
    kind = path.suffix.lower()
    found = true_kind(path) if kind in EXCEL else PAGE if kind in PAGES else None
    if found in REFUSED:
        raise SourceError(f"{path}: {REFUSED[found]}; open it in Excel and save it as .xlsx")
    if found == PAGE:
        return HtmlBook(path, form.encoding, limits)
    if kind in PLAIN or found == TEXT:
        return None
    if kind in EXCEL:
        from shidian.yearbook.excel import ExcelBook

        return ExcelBook(path, form.encoding, limits)
    if kind == ".pdf":
        from shidian.yearbook.pdf import PdfBook

        return PdfBook(path, form.pages, limits)
    if kind in R:
        from shidian.yearbook.r_files import RBook

        return RBook.of(path, form.encoding, form.labelled, limits)
    known = ", ".join((*EXCEL, ".pdf", *PAGES, *PLAIN, *R))
    raise SourceError(f"{path}: cannot read files of kind '{path.suffix}'; the reader knows {known}")


def _refuse_packed(path: Path) -> None:
    """Refuse a packed file that is no text of cells."""
    if kind_of(path) not in CELLS:
        known = ", ".join(f"{CELLS[0]}{ending}" for ending in PACKED)
        raise SourceError(f"{path}: of packed files only texts are read, such as {known}; unpack it")
