"""From the records of a source to the slips of its volumes, and the table that holds them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from shidian.errors import StudyError
from shidian.measures import parse_measure
from shidian.messages.frames import read_messages
from shidian.slips.find import find_slips
from shidian.slips.finding import Finding
from shidian.slips.paths import LEAST_UNITS, Paths, paths_of

COLUMNS = ("kind", "grade", "period", "series", "units", "detail")
READ = ("unit_code", "unit_name", "province", "year", "indicator", "value", "measure", "cell_id")
"""What is read of the records."""
MOST_UNITS = 10_000
"""Units that are looked at, the first by code: a volume that slipped shows in these as in all."""
NOT_NUMBERS = ("text", "category")


def slips_of(records: pd.DataFrame) -> pd.DataFrame:
    """Find the slips of the volumes of a source.

    Args:
        records: its records (docs/architecture.md).

    Returns:
        A row a finding (``COLUMNS``): its series and units joined by blanks and bars, the sentence a message.
    """
    return table_of(findings_of(records))


def findings_of(records: pd.DataFrame) -> list[Finding]:
    """Find the slips of the volumes of a source, with what would repair them."""
    paths = source_paths(records)
    return find_slips(paths, provinces_of(records, paths)) if paths else []


def source_paths(records: pd.DataFrame, least: int = LEAST_UNITS) -> list[Paths]:
    """Return the columns of a source by period and unit; none where no unit has numbers of two periods.

    Args:
        records: its records.
        least: units that a median of a whole volume rests on.
    """
    numbers = records[records["value"].notna() & records["year"].notna()]
    numbers = numbers[~numbers["measure"].astype(str).isin(NOT_NUMBERS)]
    values = pd.DataFrame({
        "unit": unit_keys(numbers),
        "period": numbers["year"].to_numpy(dtype=np.int64),
        "series": numbers["indicator"].astype(str).to_numpy(),
        "value": numbers["value"].to_numpy(dtype=float),
        "measure": numbers["measure"].astype(str).to_numpy(),
        "row": _rows(numbers["cell_id"].astype(str)),
    }).drop_duplicates(["unit", "period", "series"])  # fmt: skip
    seen = values.drop_duplicates(["unit", "period"]).groupby("unit").size()
    if not (seen > 1).any():
        return []
    if len(seen) > MOST_UNITS:
        values = values[values["unit"].isin(seen.index[:MOST_UNITS])]
    return paths_of(values, sizes_of(values["measure"].unique()), least=least)


def unit_keys(records: pd.DataFrame) -> np.ndarray:
    """Return what tells the units of a source apart: the code, or province and name."""
    code, name, province = (records[c].astype("str") for c in ("unit_code", "unit_name", "province"))
    named = province.where(province.notna(), "").str.cat(name.where(name.notna(), ""), sep="/").str.removeprefix("/")
    return code.where(code.notna(), named).to_numpy(dtype=str)


def _rows(cells: pd.Series) -> np.ndarray:
    """Return the row of each cell, from the end of its id (``…!C5`` of a sheet, ``…!5:name`` of a text file)."""
    found = cells.str.extract(r"!(?:[A-Z]+(\d+)|(\d+):.*)$")
    return pd.to_numeric(found[0].fillna(found[1])).fillna(-1).to_numpy(dtype=np.int64)


def sizes_of(measures: Iterable[str]) -> dict[str, tuple[float, object]]:
    """Return unit of measure -> its factor and what it measures, of those that are built in."""
    found: dict[str, tuple[float, object]] = {}
    for text in measures:
        try:
            known = parse_measure(text)
        except StudyError:
            continue
        found[text] = known.factor, known.dims
    return found


def provinces_of(records: pd.DataFrame, paths: list[Paths]) -> np.ndarray:
    """Return the province of each unit: the first two digits of an official code, or the printed one."""
    units = paths[0].units
    printed = dict(zip(unit_keys(records), records["province"].astype("str").fillna(""), strict=True))
    return np.array([u[:2] if len(u) == 6 and u.isdigit() else str(printed.get(u, "")) for u in units], dtype=object)


def table_of(findings: Iterable[Finding]) -> pd.DataFrame:
    """Return findings as a table (``COLUMNS``)."""
    rows = [(f.kind, f.grade, f.period, " ".join(f.series), "|".join(f.units), f.said) for f in findings]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"period": "int64"})


def read_slips(path: Path | str) -> pd.DataFrame:
    """Read the table of a source's slips; its sentences are messages again."""
    slips = pd.read_csv(path, dtype={"series": str, "units": str}, keep_default_na=False)
    read_messages(slips)
    return slips
