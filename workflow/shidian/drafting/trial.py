"""Reading a file by the draft of its source file, before anybody else does."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from heapq import nsmallest
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from shidian.drafting.written import TODO
from shidian.errors import ShidianError
from shidian.yaml_loader import UNPRINTABLE, load
from shidian.yearbook.arrow import plain_frame
from shidian.yearbook.extract import Extraction, extract_files
from shidian.yearbook.limits import LIMITS, Limits
from shidian.yearbook.numbers import clean
from shidian.yearbook.source import Source, load_source
from shidian.yearbook.tables import Table

METADATA = ("title", "publisher", "citation", "licence")
YEAR = 2000
"""Year that a trial takes where the draft leaves it to the user."""
SHOWN = 10
"""Values that a trial prints."""


@dataclass(frozen=True)
class Trial:
    """What came of reading by a draft: the lines to print, and what it reads, None where it does not run."""

    lines: list[str]
    read: Extraction | None


def try_draft(text: str, folder: Path, limits: Limits = LIMITS) -> Trial:
    """Read files by a draft, with words in the place of title and the like, and say what it reads or what stops it.

    Args:
        text: the draft.
        folder: where its files lie.
        limits: how much of each file is read.
    """
    try:
        document = load(text)
    except yaml.YAMLError as problem:
        return Trial(
            [f"The draft does not run: it is no YAML: {UNPRINTABLE.sub('?', ' '.join(str(problem).split()))}"], None
        )
    open_year = _fill(document)
    with tempfile.TemporaryDirectory() as made:
        path = Path(made) / f"{document['source']}.yaml"
        path.write_text(json.dumps(document, ensure_ascii=True), encoding="utf-8")
        try:
            source = load_source(path)
            read = extract_files(source, range(1, len(source.files) + 1), folder, limits=limits)
            lines = _shown(source, read)
        except ShidianError as problem:
            said = str(problem).replace(f"{path}: ", "").splitlines()[0]
            return Trial([f"The draft does not run: {UNPRINTABLE.sub('?', said)}"], None)
    taken = f", the year being left to you (here from {YEAR} on)" if open_year else ""
    count = sum(sum(block.numbers.sizes) for block in read.assembly.blocks)
    head = (
        f"The draft runs once title, publisher, citation and licence are filled in{taken}. It reads {count:,} values:"
    )
    return Trial([head, *lines], read)


def _fill(document: dict[str, Any]) -> bool:
    """Put words where the draft wants the user's; return whether the year of a table is among them."""
    document |= dict.fromkeys(METADATA, "x")
    document["accessed"] = "2000-01-01"
    if document["source"] == TODO:
        document["source"] = "draft"
    open_year = False
    for number, file in enumerate(document["files"]):
        file["what"] = "x"
        if file.get("year") == TODO:
            file["year"], open_year = YEAR + number, True
    for table in document["tables"]:
        if table.get("year", {}).get("fixed") == TODO:
            table["year"]["fixed"], open_year = YEAR, True
        if table["unit"].get("fixed_name") == TODO:
            table["unit"]["fixed_name"] = "x"
    return open_year


def _shown(source: Source, read: Extraction) -> list[str]:
    """Return the first values in the order of their cells."""
    frame = plain_frame(next(read.assembly.records()))
    frame = frame[frame["value"].notna()]
    tables: Mapping[str, Table] = {column.series: table for table in source.tables for column in table.columns}
    ids = frame["cell_id"].tolist()
    order = nsmallest(SHOWN, range(len(ids)), key=lambda i: _place(ids[i]))
    cells = plain_frame(next(read.assembly.cells()))
    words = {c.series for table in source.tables for c in table.columns if c.is_category or c.is_text}
    texts = dict(zip(cells["cell_id"], cells["raw_text"], strict=True)) if words else {}
    lines = []
    for row in frame.iloc[order].itertuples(index=False):
        unit = next(text for text in (row.unit_name, row.unit_code, "") if isinstance(text, str))
        table = tables[str(row.indicator)]
        year = f" {table.written(int(str(row.year)))}" if row.year is not pd.NA else ""
        value = clean(texts.get(row.cell_id, ""))[:40] if row.indicator in words else f"{row.value:.10g}"
        cell = str(row.cell_id).split("/", 2)[-1].removeprefix("!")
        lines.append(f"  {cell}: {unit}{year}, {row.indicator} = {value}")
    return lines or ["  none: all cells are blank or marks"]


def _place(cell: str) -> tuple[str, int, int, str]:
    """Return file and sheet of a cell, its row, and its column by the length of its letters and these."""
    sheet, _, address = cell.rpartition("!")
    row = re.sub(r"\D", "", address.split(":")[0])
    column = address.split(":", 1)[1] if ":" in address else re.sub(r"\d", "", address)
    return sheet, int(row or 0), len(column) if ":" not in address else 0, column if ":" not in address else ""
