"""Speed of writing a simulated volume beside openpyxl: ``python -m bench.bench_simulate``.

One full-size City Yearbook volume (about 21,000 numbers, ten sheets). CPU seconds of one thread, medians of five runs
in which both write the same laid-out cells one after the other; then the parts of a whole volume.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from openpyxl import Workbook
from shidian.simulate.catalogue import family
from shidian.simulate.cities import simulate_cities
from shidian.simulate.layout import Sheet
from shidian.simulate.mess import planted_gaps, soil
from shidian.simulate.volumes import lay_out_volume, write_volume
from shidian.simulate.workbook import write_workbook

SEED, YEAR, RUNS = 20240601, 2010, 5


def cpu(run: Callable[[], object]) -> float:
    """Return the CPU seconds of a call."""
    start = time.process_time()
    run()
    return time.process_time() - start


def write_openpyxl(path: Path, sheets: list[Sheet]) -> None:
    """Write the same cells and merges with openpyxl."""
    book = Workbook()
    for sheet in sheets:
        page = book.create_sheet(sheet.name)
        for cell in sheet.cells:
            if cell.text:
                page.cell(cell.row + 1, cell.column + 1, cell.text)
            if cell.rows > 1 or cell.columns > 1:
                page.merge_cells(
                    start_row=cell.row + 1, start_column=cell.column + 1,
                    end_row=cell.row + cell.rows, end_column=cell.column + cell.columns,
                )  # fmt: skip
    book.save(path)


def main() -> None:
    """Measure and print."""
    world = simulate_cities(SEED)
    gaps = planted_gaps(SEED, world)
    simulated = statistics.median(cpu(lambda: simulate_cities(SEED)) for _ in range(RUNS))
    ours, peer, whole, lay = [], [], [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for _ in range(RUNS):
            lay.append(cpu(lambda: soil(family("city"), lay_out_volume(world, YEAR, SEED), YEAR, SEED, gaps)))
            sheets, _ = soil(family("city"), lay_out_volume(world, YEAR, SEED), YEAR, SEED, gaps)
            ours.append(cpu(lambda s=sheets: write_workbook(folder / "a.xlsx", "volume", s)))
            peer.append(cpu(lambda s=sheets: write_openpyxl(folder / "b.xlsx", s)))
            whole.append(cpu(lambda: write_volume(world, YEAR, SEED, folder, gaps)))
    a, b = statistics.median(ours), statistics.median(peer)
    print(f"write one volume: XlsxWriter {a:.2f} s, openpyxl {b:.2f} s, ratio {b / a:.1f}")
    print(f"lay out and soil it {statistics.median(lay):.2f} s; all with its key {statistics.median(whole):.2f} s")
    print(f"simulate the numbers of all twenty volumes {simulated:.2f} s")


if __name__ == "__main__":
    main()
