"""Printed tables read back: is every number in a CSV, LaTeX, Word, Excel or Markdown file the one in the result?"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

import pandas as pd

from shidian.exhibits.result import ExhibitResult, Table
from shidian.report.captions import captions, languages
from shidian.report.tables.delimited import unmarked
from shidian.report.tables.excel import excel_number
from shidian.report.tables.structure import is_heading
from shidian.report.typography import as_typed

Body = list[list[Any]]
_DIGITS_OF_EXCEL = 1e-14
"""A workbook holds 16 digits of a number, a double up to 17."""
_GUARD = "'\t"
"""What may stand before a text that a spreadsheet would take for a formula."""


def wrong_numbers(name: str, content: bytes, result: ExhibitResult) -> Iterator[str]:
    """Yield what a printed file of an exhibit says otherwise than its result; nothing for a format that is not ours.

    Args:
        name: name of the file.
        content: its bytes.
        result: the result, in the words of the file.
    """
    ending = PurePosixPath(name).suffix
    if name.endswith("_estimates.csv"):
        yield from _frame("", unmarked(_read_csv(content)), result.estimates, 0.0)
        return
    if ending == ".xlsx":
        yield from _workbook(content, result)
    elif result.table is not None and ending in READERS:
        yield from _cells(READERS[ending](content, len(result.table.header)), result.table, exact=ending != ".tex")


def _cells(body: Body, table: Table, *, exact: bool = True) -> Iterator[str]:
    rows = [row for row in table.rows if exact or not is_heading(row)]  # LaTeX: numbers alone, markup aside
    if len(body) != len(rows):
        yield f"{len(body)} rows, the result has {len(rows)}"
        return
    for printed, row in zip(body, rows, strict=True):
        if is_heading(row):
            continue
        if len(printed) != 1 + len(row.cells):
            yield f"'{row.label}': {len(printed) - 1} cells, the result has {len(row.cells)}"
        for at, (text, own) in enumerate(zip(printed[1:], row.cells, strict=False)):
            if not (_same_text(text, own.text) if exact else own.ref is None or digits(text) == digits(own.text)):
                yield f"'{row.label}', column {at + 1}: '{text}', the result has '{own.text}'"


def _same_text(printed: str | float, own: str) -> bool:
    if isinstance(printed, float):
        number = excel_number(own)
        return number is not None and printed == number[0]
    return as_typed(printed).lstrip(_GUARD) == as_typed(own).lstrip(_GUARD)


def digits(text: str) -> str:
    """Return the digits, signs, points, brackets and stars of a printed number, whatever markup is around them."""
    typed = as_typed(text).replace(r"\infty", "∞").replace("\N{EM DASH}", "")
    return re.sub(r"[^-0-9.*()∞%]", "", re.sub("-{2,}", "", typed))


def read_csv_table(content: bytes, header: int) -> Body:
    """Return the body of a printed CSV table, the stub first."""
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))[header:]


def _tex(content: bytes, header: int) -> Body:
    """Return the body of a LaTeX table."""
    text = content.decode("utf-8")
    after, before = (
        ("\\endlastfoot\n", "\\end{longtable}") if "\\endlastfoot" in text else ("\\midrule\n", "\\bottomrule")
    )
    text = text.partition(after)[2].partition(before)[0]
    lines = [line.removesuffix(r" \\") for line in text.splitlines() if line.endswith(r" \\")]
    return [re.split(r"(?<!\\) & ", line) for line in lines if not line.startswith(r"\multicolumn")]


def _word(content: bytes, header: int) -> Body:
    import docx

    return docx_tables(docx.Document(io.BytesIO(content)))[0][header:]


def docx_tables(document: Any) -> list[Body]:
    """Return the texts of each table of a Word document, row by row."""
    return [[[cell.text for cell in row.cells] for row in table.rows] for table in document.tables]


def _markdown(content: bytes, header: int) -> Body:
    """Return the body of a table of pipes; one inside a text stands behind a backslash."""
    lines = [line for line in content.decode("utf-8").splitlines() if line.startswith("| ")]
    return [[re.sub(r"\\(.)", r"\1", cell) for cell in line[2:-2].split(" | ")] for line in lines[header:]]


READERS: Mapping[str, Callable[[bytes, int], Body]] = {
    ".csv": read_csv_table, ".tex": _tex, ".docx": _word, ".md": _markdown,
}  # fmt: skip
"""Ending -> the body of the table of such a file, given the lines of its header."""


def _workbook(content: bytes, result: ExhibitResult) -> Iterator[str]:
    """Yield what the sheets of a workbook say otherwise: the table, the estimates, the data of the figure."""
    import python_calamine

    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    lang = next((one for one in languages() if captions(one)["sheet_estimates"] in book.sheet_names), "en")
    words = captions(lang)

    def sheet(name: str) -> list[list[Any]]:
        return book.get_sheet_by_name(name).to_python(skip_empty_area=False) if name in book.sheet_names else []

    if result.table is not None:
        name = words["sheet_table"]
        width = 1 + (len(result.table.rows[0].cells) if result.table.rows else 0)
        body = [[v if isinstance(v, float) else str(v) for v in row] + [""] * (width - len(row)) for row in sheet(name)]
        yield from (f"sheet '{name}': {text}" for text in _cells(body[1 + len(result.table.header) :], result.table))
    heads = {} if lang == "en" else {name: words.get(f"field_{name}", name) for name in result.estimates.columns}
    frames = {words["sheet_estimates"]: result.estimates.rename(columns=heads)}
    data = result.figure.data if result.figure else {}
    frames |= {words["sheet_data"].format(name=name)[:31]: frame for name, frame in data.items()}
    for name, frame in frames.items():
        rows = sheet(name)
        found = pd.DataFrame(rows[1:], columns=[str(v) for v in rows[0]] if rows else None, dtype=object)
        yield from _frame(f"sheet '{name}': ", found, frame, _DIGITS_OF_EXCEL)


def _read_csv(content: bytes) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False)


def _frame(where: str, found: pd.DataFrame, own: pd.DataFrame, room: float) -> Iterator[str]:
    """Yield the numbers of a frame that are not the result's."""
    names = [str(name) for name in own.columns]
    if [str(name) for name in found.columns] != names or len(found) != len(own):
        yield f"{where}{len(found)} rows of {len(found.columns)} columns, the result has {len(own)} of {len(names)}"
        return
    for at, name in enumerate(names):
        for n, (text, value) in enumerate(zip(found.iloc[:, at].tolist(), own.iloc[:, at].tolist(), strict=True)):
            if isinstance(value, int | float) and not isinstance(value, bool) and not same_number(text, value, room):
                yield f"{where}row {n + 1}, {name}: {text or 'nothing'}, the result has {value!r}"


def same_number(text: Any, value: float, room: float) -> bool:
    """Say whether what a file holds is a number, within a relative difference; missing is an empty cell."""
    if pd.isna(value):
        return text in ("", None) or text != text
    try:
        other = float(text)
    except (TypeError, ValueError):
        return False
    return other == value or (math.isfinite(other) and abs(other - value) <= room * abs(value))


def first_of(found: Iterable[str]) -> str:
    """Return the first of several differences and how many more there are, "" for none."""
    lines = list(found)
    more = f" (and {len(lines) - 1} more)" if len(lines) > 1 else ""
    return f"{lines[0]}{more}" if lines else ""
