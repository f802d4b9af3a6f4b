"""The workbook cells behind the numbers of a study, as a script beside its page: a page of ``file:`` loads no JSON."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from shidian.trace.cells import encoded_cells
from shidian.trace.estimate import EstimateTrace, Panels

MOST_CELLS = 400_000
"""Most cells of a study that are written beside its page; of more the page names the command that prints them."""

VALUES = ("value", "measure")
"""Columns of the raw values that the page shows beside those that a trace needs."""

Traced = Mapping[str, Mapping[str, EstimateTrace]]


def cells_script(panels: Panels, traced: Traced, simulated: bool) -> str:
    """Return JavaScript that hands the page the cells of a study and which of them each column of an exhibit used.

    The cells stand column by column (file, place, series, unit, year, value, measure); units, files, series and
    measures once. ``used`` are sets of cells as bits, base64; ``columns`` says which is whose.
    """
    count = len(panels.cells.file)
    if count > MOST_CELLS:
        content: dict[str, Any] = {"too_many": count}
    else:
        columns, used = _used(traced, count)
        content = {"columns": columns, "used": used, **_cells(panels)}
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    mark = "/* SIMULATED */\n" if simulated else ""
    return f"{mark}shidianCells({text});\n"


def _used(traced: Traced, count: int) -> tuple[dict[str, dict[str, int]], list[str]]:
    """Return exhibit -> column -> place of its set of cells, and the sets, each once."""
    sets: dict[str, int] = {}
    columns: dict[str, dict[str, int]] = {}
    for exhibit, traces in traced.items():
        for column, trace in traces.items():
            if not trace.n_cells:
                continue
            bits = np.zeros(count, dtype=bool)
            bits[trace.cells] = True
            packed = base64.b64encode(np.packbits(bits, bitorder="little").tobytes()).decode("ascii")
            columns.setdefault(exhibit, {})[column] = sets.setdefault(packed, len(sets))
    return columns, list(sets)


def _cells(panels: Panels) -> dict[str, Any]:
    """Return what is behind each code of a cell: the first raw value that it enters."""
    position, ids = encoded_cells(panels.long)
    codes, first = np.unique(ids.indices.to_numpy(), return_index=True)
    rows = panels.long.iloc[position[first]]
    index = panels.cells
    names = (
        dict(zip(panels.frame["unit"], panels.frame["unit_name"], strict=True)) if "unit_name" in panels.frame else {}
    )
    unit, units = pd.factorize(rows["unit"])
    series, all_series = pd.factorize(rows["source_id"].astype(str) + "." + rows["indicator"].astype(str))
    measure, measures = pd.factorize(rows["measure"].astype(str))
    places = ids.dictionary.to_pylist()
    return {
        "files": [panels.files[source][int(number) - 1] for source, number in index.files],
        "file": index.file[codes].tolist(),
        "place": [places[code].split("/", 2)[2] for code in codes.tolist()],
        "series": _named(series, all_series), "unit": _named(unit, [[u, str(names.get(u, ""))] for u in units]),
        "measure": _named(measure, measures),
        "year": [None if pd.isna(year) else int(year) for year in rows["year"]],
        "value": [None if pd.isna(value) else float(f"{value:.10g}") for value in rows["value"]],
    }  # fmt: skip


def _named(codes: np.ndarray, names: Iterable[Any]) -> dict[str, Any]:
    return {"of": codes.tolist(), "names": list(names)}
