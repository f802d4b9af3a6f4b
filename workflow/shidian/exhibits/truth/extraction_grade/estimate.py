"""The extraction of simulated yearbooks graded against what was planted: every number, every piece of mess, every flag.

A planted number is *equal* when its cell was read with the printed text, the planted value (missing for a gap) and unit
of measure, and the study joined it to the right unit. Mess is *found* when the number or name behind it is the true one
and what was printed is still on record; a flag is *explained* when mess was planted in its cell.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from shidian.errors import EstimationError
from shidian.estimates import normalise
from shidian.exhibits import notes
from shidian.exhibits.result import Cell, ExhibitResult, Row, StudyInfo, Table
from shidian.messages import say
from shidian.used import WHOLE_PANEL

GAP_FLAGS = {"": "blank", "—": "dash", "…": "ellipsis"}
"""How each planted mark of a gap must be flagged."""
WORDS = {
    "number": say("Planted numbers: text, value, unit of measure and cell equal"),
    "unit": say("Numbers that the study uses: joined to the right unit and year"),
    "gap": say("Gaps, read as missing and flagged by their mark"),
    "misprint": say("Misprints, corrected and flagged"),
    "footnote_mark": say("Footnote marks on numbers, read without the mark"),
    "spaced_name": say("Names with spaces inside, read as the name"),
    "renamed": say("Former names of renamed units, joined to the unit"),
    "unit_change": say("Changed units of measure, read as printed"),
    "header_change": say("Changed headers, read as the same series"),
    "stranger": say("Numbers read that nobody planted"),
    "flag": say("Flags that no planted mess explains"),
    "finding": say("Findings of the value checks"),
}
CELLS = ("cell_id", "file", "sheet", "cell", "row_label", "raw_text")
RECORDS = ("cell_id", "unit_name", "year", "indicator", "value", "measure", "flag")
"""Columns of cells and records that a grade looks at."""
WRONG_ALONE = ("stranger", "flag")
"""Lines that count only what is wrong: nothing is planted for them."""


@dataclass(frozen=True)
class Reading:
    """What was read from the yearbooks of a study.

    Attributes:
        cells: cells, verbatim, with ``CELLS`` (docs/architecture.md).
        records: records, with ``RECORDS`` (docs/architecture.md).
        long: the study's raw values by unit and year, with ``cell_id``.
        findings: what the checks of the raw values found.
    """

    cells: pd.DataFrame
    records: pd.DataFrame
    long: pd.DataFrame
    findings: pd.DataFrame


def run(
    reading: Reading, planted: pd.DataFrame, key: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo
) -> ExhibitResult:
    """Grade what was read.

    Args:
        reading: what was read.
        planted: every planted number: file, sheet, cell, unit_code, year, indicator, value, measure, text.
        key: every planted piece of mess: file, sheet, cell ("" for a whole column), kind, printed, true; all texts.
        spec: resolved specification.
        info: the study.
    """
    counts = grade(reading, planted, key)
    exhibit = notes.exhibit_id(spec)
    rows, estimates = [], []
    for name, (total, right) in counts.items():
        estimates += [
            {"column": column, "term": name, "estimate": float(value)}
            for column, value in (("planted", total), ("right", right), ("wrong", total - right))
        ]
        shown = ("", "") if name in WRONG_ALONE else (f"{total:,}", f"{right:,}")
        texts = (*shown, f"{total - right:,}")
        cells = [
            Cell(text, (column, name, "estimate") if text else None)
            for column, text in zip(("planted", "right", "wrong"), texts, strict=True)
        ]
        rows.append(Row(WORDS[name], tuple(cells)))
    wrong = sum(total - right for total, right in counts.values())
    sentences = [
        say("Everything is right.") if not wrong else say("{n:,} planted or read items are wrong.", n=wrong),
        say("Graded against key.csv and planted.parquet, which the simulator writes without knowing the reader."),
        say("A finding of the value checks is right where the planted number itself is that far from its neighbours."),
        *notes.simulated_sentence(info),
    ]
    warnings = (say("the extraction misses the key in {n:,} places", n=wrong),) if wrong else ()
    frame = normalise(pd.DataFrame(estimates).assign(study=info.study, exhibit=exhibit))
    header = ((("", 1), (say("Planted"), 1), (say("Right"), 1), (say("Wrong"), 1)),)
    used = dict.fromkeys(("planted", "right", "wrong"), WHOLE_PANEL)
    return ExhibitResult(frame, Table(header, tuple(rows)), notes=tuple(sentences), warnings=warnings, used=used)


def grade(reading: Reading, planted: pd.DataFrame, key: pd.DataFrame) -> dict[str, tuple[int, int]]:
    """Return line (``WORDS``) -> number planted or found, number that is right; lines without any are left out.

    Raises:
        EstimationError: no planted number has the file of any cell that was read.
    """
    cells = _placed(reading.cells)
    read = reading.records.merge(cells[["cell_id", "place", "raw_text", "file"]], on="cell_id", how="left")
    truth = planted.assign(place=_place(planted))
    truth = truth[_among(truth["file"], cells["file"])]
    if truth.empty:
        raise EstimationError(say("none of the files that were read was simulated: there is no key to grade against"))
    both = truth.merge(
        read[["place", "value", "measure", "indicator", "year", "flag", "raw_text", "cell_id"]],
        on="place", how="left", suffixes=("", "_read"),
    )  # fmt: skip
    equal = (
        (both["raw_text"] == both["text"].str.strip()) & (both["measure_read"] == both["measure"])
        & (both["indicator_read"] == both["indicator"]) & (both["year_read"] == both["year"])
        & ((both["value_read"] == both["value"]) | (both["value_read"].isna() & both["value"].isna()))
    )  # fmt: skip
    mess = key.assign(place=_place(key))
    mess = mess[_among(mess["file"], cells["file"])]
    joined = _joined_right(reading.long, both)
    strange = ~_among(read["place"], truth["place"])
    counts = {"number": (len(both), int(equal.sum())), "unit": (len(joined), int(joined.sum()))}
    counts |= _numbers(mess, both)
    counts |= _names(mess, cells, read, reading.long)
    counts |= _columns(mess, read)
    flagged = read[(read["flag"] != "as_printed") & ~_among(read["place"], _explained(mess))]
    counts["stranger"] = (int(strange.sum()), 0)
    counts["flag"] = (len(flagged), 0)
    found = reading.findings[_among(reading.findings["cell_id"], read["cell_id"])]
    right = both.loc[equal, "cell_id"]
    counts["finding"] = (len(found), int(_among(found["cell_id"], right).sum()))
    return {name: counts[name] for name in WORDS if counts.get(name, (0, 0))[0] or name in WRONG_ALONE}


def _among(texts: pd.Series, known: pd.Series) -> np.ndarray:
    """Say which texts are among others; ``isin`` of pandas takes the others one by one."""
    places = pc.is_in(pa.array(texts, pa.string()), value_set=pa.array(known.unique(), pa.string()))
    return np.asarray(places.to_numpy(zero_copy_only=False))


def _placed(cells: pd.DataFrame) -> pd.DataFrame:
    """Add ``place`` to the cells, and bring file names into the key's form: relative to the simulated folder."""
    cells = cells.assign(file=cells["file"].str.partition("/")[2])
    return cells.assign(place=_place(cells))


def _place(table: pd.DataFrame) -> pd.Series:
    """Return one text for each cell: file, sheet, address."""
    return table["file"] + "|" + table["sheet"] + "|" + table["cell"]


def _explained(mess: pd.DataFrame) -> pd.Series:
    """Return the places where a flag was to be expected."""
    return mess.loc[mess["kind"].isin(["gap", "misprint"]), "place"]


def _joined_right(long: pd.DataFrame, both: pd.DataFrame) -> pd.Series:
    """Return, for each planted number that the study uses, whether it stands at its unit and year."""
    used = long.merge(both[["cell_id", "unit_code", "year"]], on="cell_id", suffixes=("", "_planted"))
    return (used["unit"] == used["unit_code"]) & (used["year"] == used["year_planted"])


def _numbers(mess: pd.DataFrame, both: pd.DataFrame) -> dict[str, tuple[int, int]]:
    """Grade gaps, misprints and footnote marks."""
    found = mess.merge(both.drop(columns=["file", "sheet", "cell"]), on="place", how="left")
    printed = found["raw_text"] == found["printed"].str.strip()
    true = pd.to_numeric(found["true"], errors="coerce")
    right = {
        "gap": found["value_read"].isna() & (found["flag"] == found["printed"].map(GAP_FLAGS)),
        "misprint": (found["value_read"] == true) & (found["flag"] == "corrected"),
        "footnote_mark": (found["value_read"] == true) & (found["flag"] == "as_printed"),
    }
    counts = {}
    for kind, holds in right.items():
        mine = found["kind"] == kind
        counts[kind] = (int(mine.sum()), int((mine & holds & printed).sum()))
    return counts


def _names(
    mess: pd.DataFrame, cells: pd.DataFrame, read: pd.DataFrame, long: pd.DataFrame
) -> dict[str, tuple[int, int]]:
    """Grade names: on record as printed, read as the name, and its numbers, if the study uses any, at the unit."""
    named = mess[mess["kind"].isin(["spaced_name", "renamed"])]
    printed = cells[_among(cells["place"], named["place"])].drop_duplicates("place").set_index("place")
    text, label = printed["raw_text"], printed["row_label"]
    read = read.assign(line=_row(read["place"]))
    read = read[_among(read["line"], _row(named["place"]))]
    unit_of = long.drop_duplicates("cell_id").set_index("cell_id")["unit"]
    numbers = read.assign(key=read["line"] + "|" + read["unit_name"], unit=read["cell_id"].map(unit_of))
    reached = numbers.dropna(subset=["unit"]).groupby("key")["unit"].agg(set)
    counts = {}
    for kind in ("spaced_name", "renamed"):
        mine = mess[mess["kind"] == kind]
        name = mine["place"].map(label).fillna("").str.rsplit(" ", n=1).str[0]
        on_record = mine["place"].map(text).fillna("") == mine["printed"].str.strip()
        meant = mine["true"] if kind == "spaced_name" else mine["printed"].str.split().str.join("")
        units = (_row(mine["place"]) + "|" + name).map(reached)
        reaches = [not isinstance(u, set) or u == {code} for u, code in zip(units, mine["true"], strict=True)]
        right = on_record & (name == meant) & (pd.Series(reaches, index=mine.index) | (kind == "spaced_name"))
        counts[kind] = (len(mine), int(right.sum()))
    return counts


def _row(place: pd.Series) -> pd.Series:
    """Return the place without the letters of its column: one text a row of a sheet."""
    return place.str.replace(r"\|[A-Z]+(\d+)$", r"|\1", regex=True)


def _columns(mess: pd.DataFrame, read: pd.DataFrame) -> dict[str, tuple[int, int]]:
    """Grade whole columns: the series is read in that file, in the unit of measure printed there."""
    series = ["file", "indicator", "measure"]
    measures = read[series].drop_duplicates().groupby(series[:2])["measure"].agg(set)
    counts = {}
    for kind in ("unit_change", "header_change"):
        mine = mess[mess["kind"] == kind]
        right = 0
        for file, text in zip(mine["file"], mine["printed"], strict=True):
            indicator, _, printed = text.partition(": ")
            there = measures.get((file, indicator), set())
            right += bool(there) and (kind == "header_change" or there == {printed})
        counts[kind] = (len(mine), right)
    return counts
