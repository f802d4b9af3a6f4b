"""Extraction of workbooks against pandas with openpyxl, and of two large files: CPU time and memory, one thread.

Workbooks of 300 rows x 30 columns are made here in the manner of exported yearbooks: a title and a unit row, two
header rows with merged cells, borders, dashes and blanks. As in such exports all numbers are stored as text; a second,
smaller set stores them as numbers. The peers only read the cells (`pandas.read_excel`, and calamine to Python lists),
shidian also checks headers and units, parses, and keeps the trail of every cell: once as records with the ids of their
cells, once with the table of cells too.

A CSV of 1,000,000 rows x 30 columns and a .dta of 200 MB are read, and their cells and records written, each in a
process of its own, whose peak memory is said.

Run: python -m bench.bench_extract [workbooks] [part of the large files' size, such as 0.1; 0 leaves them out]
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import python_calamine
import xlsxwriter
import yaml
from shidian.yearbook.arrow import write_tables
from shidian.yearbook.extract import extract_files
from shidian.yearbook.source import Source, load_source

ROWS, COLUMNS = 300, 29
ROUNDS = 5
BATCH = 10
LARGE_ROWS, LARGE_COLUMNS = 1_000_000, 28
"""Rows of the large file of texts; its columns of numbers, beside the code of the unit and the year."""
DTA_BYTES = 200_000_000
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


def _seconds_of(task: Callable[[range], int], some: range) -> float:
    return cpu_seconds(lambda: task(some))


def compare(n: int, as_text: bool) -> None:
    """Print the ratio, the times and the peak memory of the extraction."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = make_workbooks(folder, n, as_text)

        def ours(some: range) -> int:
            batches = [list(some)[i : i + BATCH] for i in range(0, len(some), BATCH)]
            return sum(len(extract_files(source, batch, folder).record_table) for batch in batches)

        def with_cells(some: range) -> int:
            found = extract_files(source, some, folder)
            return len(found.record_table) + len(found.cell_table)

        def peer(some: range) -> int:
            return sum(pd.read_excel(folder / f"{k}.xlsx", engine="openpyxl", header=None).size for k in some)

        def library(some: range) -> int:
            books = (python_calamine.CalamineWorkbook.from_path(str(folder / f"{k}.xlsx")) for k in some)
            return sum(len(book.get_sheet_by_index(0).to_python()) for book in books)

        whole = cpu_seconds(lambda: ours(range(1, n + 1)))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{n} workbooks of {ROWS} x {COLUMNS + 1}, numbers stored as {'text' if as_text else 'numbers'}")
        print(f"  shidian: {whole:.2f} s CPU for all, peak memory of the process {peak:.0f} MB")
        sample = range(1, max(BATCH, n // 10) + 1)
        print(f"  pandas + openpyxl on {len(sample)} of them takes so many times as long as")
        for name, task in (
            ("shidian, records", ours),
            ("shidian, records and cells", with_cells),
            ("calamine", library),
        ):
            ratios = [_seconds_of(peer, sample) / _seconds_of(task, sample) for _ in range(ROUNDS)]
            rounds = ", ".join(f"{ratio:.1f}" for ratio in ratios)
            print(f"    {name}: median {statistics.median(ratios):.1f}x ({rounds})", flush=True)


def make_large(folder: Path, kind: str, part: float) -> None:
    """Write a panel of numbers as .csv or .dta, and the source file that declares it."""
    rows = LARGE_ROWS if kind == "csv" else DTA_BYTES // (8 * (LARGE_COLUMNS + 1))
    rows, rng = max(20, int(rows * part)), np.random.default_rng(20261130)
    frame = pd.DataFrame({"code": 100_000 + np.arange(rows) // 20, "year": 2000 + np.arange(rows) % 20})
    values = {f"v{j}": np.round(rng.lognormal(5, 2, rows), 2) for j in range(LARGE_COLUMNS)}
    frame = pd.concat([frame, pd.DataFrame(values)], axis=1)
    if kind == "csv":
        frame.to_csv(folder / "large.csv", index=False)
    else:
        frame.to_stata(folder / "large.dta", write_index=False)
    table = {
        "layout": "flat", "unit": {"level": "city", "code": "code", "code_kind": "plain"}, "year": {"header": "year"},
        "columns": {name: {"header": name, "measure": "万元"} for name in values},
    }  # fmt: skip
    document = {
        "source": "bench", "title": TITLE, "publisher": "bench", "citation": "none", "licence": "none", "url": "",
        "accessed": "2026-11", "redistributable": True, "simulated": True,
        "files": [{"path": f"large.{kind}", "what": "bench"}], "tables": [table],
    }  # fmt: skip
    (folder / "bench.yaml").write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")


def extract_large(folder: Path) -> None:
    """Read the large file of a folder, write its tables, and print what it took of this process."""
    found = extract_files(load_source(folder / "bench.yaml"), [1], folder)
    write_tables(folder / "cells.parquet", found.assembly.cells())
    write_tables(folder / "records.parquet", found.assembly.records())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{time.process_time():.1f} s CPU, peak memory of the process {peak:.0f} MB")


def large(kind: str, part: float) -> None:
    """Print what a large file takes from its bytes to its tables of cells and records."""
    with tempfile.TemporaryDirectory() as name:
        make_large(Path(name), kind, part)
        size = (Path(name) / f"large.{kind}").stat().st_size / 1e6
        command = [sys.executable, "-m", "bench.bench_extract", "--large", name]
        done = subprocess.run(
            command, env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True, text=True, check=True
        )
        print(f".{kind} of {size:.0f} MB, cells and records written: {done.stdout.strip()}", flush=True)


def main(n: int = 300, part: float = 1.0) -> None:
    """Compare on numbers stored as text, then on stored numbers; then read the large files."""
    compare(n, as_text=True)
    compare(max(BATCH, n // 10), as_text=False)
    for kind in ("csv", "dta") if part else ():
        large(kind, part)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--large"]:
        extract_large(Path(sys.argv[2]))
    else:
        main(*map(int, sys.argv[1:2]), *map(float, sys.argv[2:3]))
