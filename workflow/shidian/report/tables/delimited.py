"""CSV: the table as printed, and the numbers behind it at full precision.

The printed table is read by people, most of all in Excel, which takes a UTF-8 file without a byte order mark
for GBK on a Chinese Windows and garbles it: so it has the mark. ``*_estimates.csv`` and figure data are read
by programs; R's ``read.csv`` would take the mark for part of the first column's name: so they have none.
(Opening any CSV in Excel also turns "(0.012)" into -0.012; the .xlsx of the same table keeps it.)

On simulated data every CSV that leaves says so where pandas, R, Stata and Excel all read it without an option: a
printed table in its empty first cell, estimates and the ledger in a last column ``data``. A comment line would be taken
for the names of the columns by all four.

A text that a spreadsheet would run as a formula (``=cmd|...``) is printed behind an apostrophe, which a spreadsheet
shows as part of the text; so are the texts of ``ledger.csv``. Numbers are left alone. ``unguarded`` takes it off again.
"""

from __future__ import annotations

import csv
import io
import re

import pandas as pd

from shidian.exhibits.result import Table
from shidian.report.tables.structure import with_corner

MARK, SIMULATED = "data", "SIMULATED"
"""Column of a frame that leaves the project, and what it says of data that say nothing about China."""
_STARTS = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_NUMBER = re.compile(r"[-+−]?(\d[\d,]*(\.\d*)?|\.\d+)([eE][-+]?\d+)?%?[*†‡§^#A-Za-z]{0,3}|[-+–—−]+")


def guarded(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula; a number, with or without stars, and a dash stay.

    >>> guarded("=1+2"), guarded("-0.012***"), guarded("Wage"), guarded("-2+3")
    ("'=1+2", '-0.012***', 'Wage', "'-2+3")
    """
    return f"'{text}" if _STARTS.match(text) and not _NUMBER.fullmatch(text) else text


def unguarded(text: str) -> str:
    """Return what a cell was before ``guarded``."""
    return text[1:] if text.startswith("'") and _STARTS.match(text) else text


def guarded_texts(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame of texts and whole numbers, its texts guarded; ``unguarded_texts`` takes the guards off."""
    return frame.map(lambda cell: guarded(cell) if isinstance(cell, str) else cell)


def unguarded_texts(frame: pd.DataFrame) -> pd.DataFrame:
    """Return what a frame was before ``guarded_texts``."""
    return frame.map(lambda cell: unguarded(cell) if isinstance(cell, str) else cell)


def marked(frame: pd.DataFrame, simulated: bool) -> pd.DataFrame:
    """Return a frame as it leaves: where the data are simulated, a last column ``data`` says so in every row."""
    return frame.assign(**{MARK: SIMULATED}) if simulated else frame


def unmarked(frame: pd.DataFrame) -> pd.DataFrame:
    """Return what a frame was before ``marked``."""
    return frame.drop(columns=MARK, errors="ignore")


def table_csv(table: Table, simulated: bool = False) -> bytes:
    """Return the printed table as UTF-8 CSV with a byte order mark; a spanning text comes first.

    The corner above the stub says SIMULATED where the data are: before a text that stands there.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    table = with_corner(table, SIMULATED) if simulated else table
    for line in table.header:
        writer.writerow([part for text, span in line for part in (guarded(text), *[""] * (span - 1))])
    for row in table.rows:
        writer.writerow([guarded(row.label), *(guarded(cell.text) for cell in row.cells)])
    return b"\xef\xbb\xbf" + buffer.getvalue().encode("utf-8")


def frame_csv(frame: pd.DataFrame) -> bytes:
    """Return a frame as plain UTF-8 CSV; floats with the fewest digits that read back to the same number."""
    text: str = frame.to_csv(index=False, lineterminator="\n")
    return text.encode("utf-8")
