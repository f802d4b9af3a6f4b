"""Opening raw files of any kind the reader knows."""

from __future__ import annotations

from pathlib import Path

from shidian.errors import SourceError, nearest
from shidian.yearbook.grid import Grid
from shidian.yearbook.text_form import UNDECLARED, TextForm

EXCEL = (".xls", ".xlsx", ".xlsm")
CELLS = (".csv", ".tsv", ".tab", ".txt")
PLAIN = (*CELLS, ".dta")


class Workbook:
    """An opened raw file. Sheets are read when asked for."""

    def __init__(self, path: Path, form: TextForm = UNDECLARED) -> None:
        """Open the file.

        Args:
            path: the file.
            form: how a text file is written; its encoding is also that of a .dta file before Stata 14.

        Raises:
            SourceError: the file is damaged, protected by a password, or of an unknown kind.
        """
        self.path = path
        self._form = form
        self._book = _open(path)

    @property
    def sheet_names(self) -> list[str]:
        """Names of the sheets; none for files without sheets."""
        return self._book.sheet_names if self._book is not None else []

    def grid(self, sheet: str | None) -> Grid:
        """Read one sheet (None for files without sheets)."""
        if self._book is None:
            return self._plain_grid(sheet)
        names = self.sheet_names
        if sheet is None:
            raise SourceError(f"{self.path}: say which sheet to read; found: {', '.join(map(repr, names))}")
        if sheet not in names:
            found = ", ".join(map(repr, names))
            raise SourceError(f"{self.path}: no sheet '{sheet}'; found: {found}{nearest(sheet, names)}")
        grid = self._book.grid(sheet)
        if not any(cell != "" for row in grid.rows for cell in row):
            raise SourceError(f"{self.path}, sheet '{sheet}': the sheet is empty")
        return grid

    def _plain_grid(self, sheet: str | None) -> Grid:
        from shidian.yearbook.plain import read_csv
        from shidian.yearbook.stata import read_stata

        kind = self.path.suffix.lower()
        if sheet is not None:
            raise SourceError(f"{self.path}: a {kind} file has no sheets; leave out 'sheet: {sheet}'")
        return read_csv(self.path, self._form) if kind in CELLS else read_stata(self.path, self._form.encoding)


def _open(path: Path):  # type: ignore[no-untyped-def]
    """Open a file with sheets; None for files without. The libraries load only for the kinds of file met."""
    kind = path.suffix.lower()
    if kind in EXCEL:
        from shidian.yearbook.excel import ExcelBook

        return ExcelBook(path)
    if kind == ".pdf":
        from shidian.yearbook.pdf import PdfBook

        return PdfBook(path)
    if kind in PLAIN:
        return None
    known = ", ".join((*EXCEL, ".pdf", *PLAIN))
    raise SourceError(f"{path}: cannot read files of kind '{path.suffix}'; the reader knows {known}")
