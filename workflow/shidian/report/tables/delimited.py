"""CSV: the table as printed, and the numbers behind it at full precision.

The printed table is read by people, most of all in Excel, which takes a UTF-8 file without a byte order mark
for GBK on a Chinese Windows and garbles it: so it has the mark. ``*_estimates.csv`` and figure data are read
by programs; R's ``read.csv`` would take the mark for part of the first column's name: so they have none.
(Opening any CSV in Excel also turns "(0.012)" into -0.012; the .xlsx of the same table keeps it.)
"""

from __future__ import annotations

import csv
import io

import pandas as pd

from shidian.exhibits.result import Table


def table_csv(table: Table) -> bytes:
    """Return the printed table as UTF-8 CSV with a byte order mark; a spanning text comes first."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    for line in table.header:
        writer.writerow([part for text, span in line for part in (text, *[""] * (span - 1))])
    for row in table.rows:
        writer.writerow([row.label, *(cell.text for cell in row.cells)])
    return b"\xef\xbb\xbf" + buffer.getvalue().encode("utf-8")


def frame_csv(frame: pd.DataFrame) -> bytes:
    """Return a frame as plain UTF-8 CSV; floats with the fewest digits that read back to the same number."""
    text: str = frame.to_csv(index=False, lineterminator="\n")
    return text.encode("utf-8")
