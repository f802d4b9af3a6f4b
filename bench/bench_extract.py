"""Extraction of 300 workbooks of 300 rows x 30 columns against pandas with openpyxl: CPU time, one process.

Run: python -m bench.bench_extract [workbooks]. The workbooks are made here in the manner of exported
yearbooks: a title and a unit row, two header rows with merged cells, borders, dashes and blanks. As in such
exports all numbers are stored as text; a second, smaller set stores them as numbers. The peer only reads the
cells (`pandas.read_excel`), shidian also checks headers and units, parses, and keeps the trail of every cell.
"""

from __future__ import annotations

import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import xlsxwriter
import yaml
from shidian.yearbook.extract import extract_files
from shidian.yearbook.source import Source, load_source

ROWS, COLUMNS = 300, 29
ROUNDS = 5
BATCH = 10
TITLE = "2-1 各市主要指标 (made for the bench)"


def make_workbooks(folder: Path, n: int, as_text: bool) -> Source:
    """Write n workbooks of 300 units x (name + 29 indicators), and the source file that declares them."""
    rng = np.random.default_rng(20261123)
    for number in range(1, n + 1):
        write_workbook(folder / f"{number}.xlsx", np.round(rng.lognormal(8, 2, (ROWS, COLUMNS)), 2), as_text)
    columns = {
        f"indicator_{j}": {"header": [f"指标{j}", "全市"], "measure": "万元", "missing": ["—", ""]}
        for j in range(COLUMNS)
    }
    table = {
        "sheet": "1", "layout": "yearbook", "title": TITLE, "subtitles": ["单位：万元"],
        "header_depth": 2, "unit": {"level": "city", "name": "地区"}, "year": {"from_file": True},
        "columns": columns,
    }  # fmt: skip
    document = {
        "source": "bench", "title": TITLE, "publisher": "bench", "citation": "none", "licence": "none",
        "url": "", "accessed": "2026-11", "redistributable": True, "simulated": True,
        "files": [{"path": f"{k}.xlsx", "what": "bench", "year": 1900 + k % 200} for k in range(1, n + 1)],
        "tables": [table],
    }  # fmt: skip
    path = folder / "bench.yaml"
    path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    return load_source(path)


def write_workbook(path: Path, values: np.ndarray, as_text: bool) -> None:
    """Write one table as a yearbook prints it."""
    book = xlsxwriter.Workbook(path)
    border = book.add_format({"border": 1})
    sheet = book.add_worksheet("1")
    sheet.write(0, 0, TITLE)
    sheet.write(1, 0, "单位：万元")
    sheet.merge_range(2, 0, 3, 0, "地区", border)
    for j in range(COLUMNS):
        sheet.write(2, j + 1, f"指标{j}", border)
        sheet.write(3, j + 1, "全市", border)
    for i in range(ROWS):
        sheet.write(i + 4, 0, f"甲 市{i}", border)
        for j, value in enumerate(values[i]):
            if (i + j) % 50 < 2:
                sheet.write(i + 4, j + 1, "—" if (i + j) % 50 else "", border)
            elif as_text:
                sheet.write_string(i + 4, j + 1, str(value), border)
            else:
                sheet.write_number(i + 4, j + 1, value, border)
    book.close()


def cpu_seconds(task: Callable[[], object]) -> float:
    """CPU time of one call."""
    start = time.process_time()
    task()
    return time.process_time() - start


def compare(n: int, as_text: bool) -> None:
    """Print the ratio, the times and the peak memory of the extraction."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = make_workbooks(folder, n, as_text)

        def ours(some: range) -> int:
            batches = [list(some)[i : i + BATCH] for i in range(0, len(some), BATCH)]
            return sum(len(extract_files(source, batch, folder).record_table) for batch in batches)

        def peer(some: range) -> int:
            return sum(pd.read_excel(folder / f"{k}.xlsx", engine="openpyxl", header=None).size for k in some)

        whole = cpu_seconds(lambda: ours(range(1, n + 1)))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{n} workbooks of {ROWS} x {COLUMNS + 1}, numbers stored as {'text' if as_text else 'numbers'}")
        print(f"  shidian: {whole:.2f} s CPU for all, peak memory of the process {peak:.0f} MB")
        sample = range(1, max(BATCH, n // 10) + 1)
        ratios = [cpu_seconds(lambda: peer(sample)) / cpu_seconds(lambda: ours(sample)) for _ in range(ROUNDS)]
        rounds = ", ".join(f"{ratio:.1f}" for ratio in ratios)
        median = statistics.median(ratios)
        print(f"  pandas + openpyxl / shidian on {len(sample)} of them: median {median:.1f}x ({rounds})")


def main(n: int) -> None:
    """Compare on numbers stored as text, then on stored numbers."""
    compare(n, as_text=True)
    compare(max(BATCH, n // 10), as_text=False)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
