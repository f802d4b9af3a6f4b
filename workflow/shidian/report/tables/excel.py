"""Excel: the table as printed, the estimates at full precision, the figure's data, the note: a sheet each."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping
from typing import Any

import pandas as pd
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook

from shidian.exhibits.result import ExhibitResult, Table
from shidian.report.archive import EPOCH, normalise_zip
from shidian.report.captions import captions
from shidian.report.catalogue import as_read
from shidian.report.study_report import ExhibitMeta, note_sentences
from shidian.report.tables.latex_cells import NUMBER, number
from shidian.report.tables.look import Look
from shidian.report.tables.structure import alignments, column_widths, group_rules, is_heading

_FONT = {"font_name": "Times New Roman", "font_size": 11}
_WIDEST = 60
LINES = {"thin": 1, "thick": 5, "double": 6}
"""Line of a look -> that of a cell's border."""


def exhibit_xlsx(result: ExhibitResult, meta: ExhibitMeta) -> bytes:
    """Return a workbook: sheets ``table`` (as printed), ``estimates``, the figure's frames, ``note``.

    In Chinese the sheets and the heads of the estimates are Chinese; ``*_estimates.csv`` keeps the names for programs.
    """
    buffer, words = io.BytesIO(), captions(meta.lang)
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"author": "shidian", "created": EPOCH.replace(tzinfo=None)})
    if result.table is not None:
        _table_sheet(book, words["sheet_table"], result.table, meta.heading, Look.of(meta.printing))
    estimates = result.estimates if meta.lang == "en" else _in_words(result, meta.lang)
    _frame_sheet(book, words["sheet_estimates"], estimates, {} if meta.lang == "en" else words)
    for name, frame in sorted(result.figure.data.items()) if result.figure else []:
        _frame_sheet(book, words["sheet_data"].format(name=name)[:31], frame, {})
    sheet = book.add_worksheet(words["sheet_note"])
    sheet.set_column(0, 0, 110, book.add_format({**_FONT, "text_wrap": True}))
    sheet.write_column(0, 0, [meta.heading, *note_sentences(result, meta), *result.warnings])
    book.close()
    return normalise_zip(buffer.getvalue())


def _in_words(result: ExhibitResult, lang: str) -> pd.DataFrame:
    """Return the estimates with what was said in them in a language."""
    said: dict[str, Any] = {
        name: [as_read(str(text), lang, result.messages) for text in result.estimates[name]]
        for name in ("column", "term", "vcov", "ssc", "reason")
    }
    return result.estimates.assign(**said)


def _table_sheet(book: Workbook, name: str, table: Table, heading: str, look: Look) -> None:
    font = {"font_name": look.latin, "font_size": look.size or _FONT["font_size"]}
    sheet = book.add_worksheet(name)
    sides = alignments(table)
    sheet.hide_gridlines(2)
    sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
    sheet.write_string(0, 0, heading, book.add_format({**font, "bold": True}))
    for i, line in enumerate(table.header):
        ruled = {j for first, last in group_rules(line) for j in range(first - 1, last)}
        at = 0
        for text, span in line:
            bottom = 1 if i == len(table.header) - 1 or at in ruled else 0
            style = book.add_format({
                **font, "align": sides[at] if span == 1 else "center", "top": 0 if i else LINES[look.top],
                "bottom": bottom,
            })  # fmt: skip
            _write_span(sheet, 1 + i, at, span, text, style)
            at += span
    first = 1 + len(table.header)
    for i, row in enumerate(table.rows):
        bottom = LINES[look.bottom] if i == len(table.rows) - 1 else 0
        for j, text in enumerate((row.label, *(cell.text for cell in row.cells))):
            style = {
                **font,
                "align": sides[j],
                "top": int(row.rule_above),
                "bottom": bottom,
                "italic": is_heading(row),
            }
            shown = excel_number(text) if j else None
            if shown is None:
                sheet.write_string(first + i, j, text, book.add_format(style))
            else:
                sheet.write_number(first + i, j, shown[0], book.add_format({**style, "num_format": shown[1]}))
    for j, width in enumerate(column_widths(table, _WIDEST)):
        sheet.set_column(j, j, max(8, width + 2))
    sheet.freeze_panes(first, 1)


def excel_number(text: str) -> tuple[float, str] | None:
    """Return the number that a cell prints and the format that shows it as printed, brackets and stars included.

    None for a text, an interval or a code with leading zeros. The number is the printed one: what the estimates hold
    at full precision is in their own sheet.

    >>> excel_number("(0.051)"), excel_number("-0.01**")
    ((0.051, '"("0.000")"'), (-0.01, '0.00"**";-0.00"**"'))
    """
    found = NUMBER.fullmatch(text.strip())
    if found is None or number(text) is None:
        return None
    value = float(f"{found['whole'].replace(',', '')}.{found['decimals']}") / (100 if found["unit"] else 1)
    digits = ("#,##0" if "," in found["whole"] else "0") + (
        "." + "0" * len(found["decimals"]) if found["decimals"] else ""
    )
    before, behind = _quoted(found["open"]), found["unit"] + _quoted(found["close"] + found["mark"])
    if not found["sign"]:
        return value, f"{before}{digits}{behind}"
    negative = f"{before}-{digits}{behind}"
    return (-value, f"{before}{digits}{behind};{negative}") if value else (0.0, f'{before}"-"{digits}{behind}')


def _quoted(text: str) -> str:
    return f'"{text}"' if text else ""


def _write_span(sheet: Any, row: int, at: int, span: int, text: str, style: Format) -> None:
    if span > 1:
        sheet.merge_range(row, at, row, at + span - 1, text, style)
    else:
        sheet.write_string(row, at, text, style)


def _frame_sheet(book: Workbook, name: str, frame: pd.DataFrame, heads: Mapping[str, str]) -> None:
    sheet = book.add_worksheet(name)
    bold = book.add_format({"bold": True, "bottom": 1})
    sheet.freeze_panes(1, 0)
    for j, column in enumerate(frame.columns):
        head = heads.get(f"field_{column}", str(column))
        sheet.write_string(0, j, head, bold)
        values = frame[column].tolist()
        for i, value in enumerate(values, start=1):
            _write_value(sheet, i, j, value)
        longest = max(len(value) for value in (head, *(v for v in values if isinstance(v, str))))
        sheet.set_column(j, j, min(_WIDEST, max(10, longest + 2)))


def _write_value(sheet: Any, i: int, j: int, value: Any) -> None:
    """Write one value: missing as an empty cell, infinity (Excel has none) as the text "inf"."""
    if value is None or pd.isna(value):
        return
    if isinstance(value, float) and math.isinf(value):
        sheet.write_string(i, j, "inf" if value > 0 else "-inf")
    elif isinstance(value, bool):
        sheet.write_boolean(i, j, value)
    elif isinstance(value, (int, float)):
        sheet.write_number(i, j, value)
    else:
        sheet.write_string(i, j, str(value))
