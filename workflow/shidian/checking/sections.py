"""The sections of the report on a source: what each finding says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from shidian.checking.changes import Changes
from shidian.checking.coverage import columns_of, counts_by_period, lacking, spans
from shidian.checking.matrix import matrix_lines
from shidian.checking.page import Finding, Section, cut
from shidian.checking.reading import Reading
from shidian.checking.tables import CellTables, rows_of, unit_labels
from shidian.messages import counted, say
from shidian.misprints.table import Slip, Table
from shidian.yearbook.numbers import AS_PRINTED
from shidian.yearbook.read import SAID

NAMED = 8
"""Most units that one line names."""


def place(file: str, sheet: str, cell: str) -> str:
    """Return where a cell stands; only its file, or file and sheet, where that is all that is known."""
    if sheet and cell:
        return say("{file}, sheet '{sheet}', cell {cell}", file=file, sheet=sheet, cell=cell)
    if sheet:
        return say("{file}, sheet '{sheet}'", file=file, sheet=sheet)
    return say("{file}, cell {cell}", file=file, cell=cell) if cell else file


def in_place(row: Any, text: str) -> Finding:
    """Return what is said of a row with ``file``, ``sheet`` and ``cell``, under its file and sheet."""
    where = say("{file}, sheet '{sheet}'", file=row.file, sheet=row.sheet) if row.sheet else row.file
    return Finding(where, say("{cell}: {text}", cell=row.cell, text=text) if row.cell else text)


def files_section(reading: Reading) -> Section:
    """Say which files were read, and why others were not."""
    n = len(reading.source.files)
    heading = say("Files read: {n} of {all}", n=len(reading.read), all=n)
    lines = [say("{file}: read", file=file) for file in reading.read] if n <= NAMED else []
    return Section(heading, (*lines, *(_one_line(text) for text in reading.problems.values())))


def coverage_section(tables: Sequence[Table], *, every: bool) -> Section:
    """Count the units with a value of each series in each period."""
    groups = counts_by_period(tables)
    labels = [names[0] if len(names) == 1 else f"{names[0]} (+{len(names) - 1})" for names, _ in groups]
    first = len(groups) if every else 30
    columns = columns_of(np.array([counts for _, counts in groups[:first]]), tables[0].periods) if groups else []
    lines = tuple(matrix_lines(labels[:first], columns))
    left = sum(len(names) for names, _ in groups[first:])
    more = say("and {n} more series (--all shows them)", n=left) if left else ""
    units = counted(len(tables[0].units) if tables else 0, say("unit"))
    heading = say("Coverage: {units}; how many have a value, by series and period", units=units)
    return Section(heading, lines, more, as_is=True)


def lacking_section(tables: Sequence[Table], *, every: bool) -> Section | None:
    """Name the units that have no value in some periods."""
    groups = lacking(tables)
    if not groups:
        return None
    lines = []
    for positions, units in groups:
        periods = ", ".join(spans(positions, tables[0].periods))
        lines.append(say("{periods}: {units}", periods=periods, units=_some(units, every=every)))
    n = sum(len(units) for _, units in groups)
    return cut(say("Units without any value in some periods: {n}", n=n), lines, every=every)


def uncertain_section(rows: pd.DataFrame, reading: Reading, *, every: bool) -> Section | None:
    """Name the units that are not recognised."""
    lines = [
        in_place(row, say("{unit}{when}: {status}: {why}", unit=_printed(row), when=_when(row.years, reading),
                          status=row.status, why=row.reason))
        for row in rows_of(rows)
    ]  # fmt: skip
    if not lines:
        return None
    return cut(say("Units not matched: {n}", n=len(lines)), lines, every=every)


def inexact_section(rows: pd.DataFrame, reading: Reading, *, every: bool) -> Section | None:
    """Name the units that are recognised otherwise than by their exact name."""
    lines = [
        in_place(row, say("{unit}{when}: {status}: {why}", unit=_printed(row), when=_when(row.years, reading),
                          status=row.grade, why=row.reason or say("by its place")))
        for row in rows_of(rows)
    ]  # fmt: skip
    if not lines:
        return None
    grades = Counter(rows["grade"])
    counts = [f"{grade} {n}" for grade, n in grades.most_common()]
    return cut(say("Units matched, not exactly: {n} ({grades})", n=len(lines), grades=counts), lines, every=every)


def doubled_section(pairs: pd.DataFrame, reading: Reading, *, every: bool) -> Section | None:
    """Name the numbers that stand twice for one unit, period and series."""
    if pairs.empty:
        return None
    labels = unit_labels(pairs)
    lines = []
    for row, unit in zip(rows_of(pairs), labels, strict=True):
        there = place(row.file_first, row.sheet_first, row.cell_first)
        when = "" if pd.isna(row.year) else reading.written(int(row.year))
        lines.append(in_place(row, say(
            "{unit} {period} {series} = {value}; the other is {first} at {other}", unit=unit, period=when,
            series=row.indicator, value=_number(row.value), first=_number(row.value_first), other=there,
        )))  # fmt: skip
    return cut(say("Two numbers for one unit, period and series: {n}", n=len(lines)), lines, every=every)


def volumes_section(volumes: pd.DataFrame, reading: Reading, *, every: bool) -> Section | None:
    """Say what looks like a slip of whole volumes (``shidian.slips``)."""
    lines = [
        say("{grade}, {period}: {what}", grade=row.grade, period=reading.written(int(row.period)), what=row.detail)
        for row in rows_of(volumes)
    ]
    return cut(say("Slips of whole volumes: {n}", n=len(lines)), lines, every=every) if lines else None


def slips_section(slips: Sequence[Slip], found: CellTables, records: pd.DataFrame, *, every: bool) -> Section | None:
    """Name the values that look like slips."""
    if not slips:
        return None
    tables = {table.series: table for table in found.tables}
    lines = [_slip_line(slip, tables[slip.series], found, records) for slip in slips]
    return cut(say("Values that look like slips: {n}", n=len(lines)), lines, every=every)


def flags_section(reading: Reading) -> Section | None:
    """Count what was read as missing or corrected, by series, and what was passed over."""
    records = reading.records
    odd = records[records["flag"] != AS_PRINTED] if len(records) else records
    lines = []
    if len(odd):
        for series, rows in odd.groupby("indicator", sort=False):
            flags = rows["flag"].value_counts()
            what = [say("{what} {n}", what=SAID[str(flag)], n=int(n)) for flag, n in flags.items()]
            n = int((records["indicator"] == series).sum())
            lines.append(say("{series}: {flags} (of {n})", series=str(series), flags=what, n=n))
    if len(reading.ledger):
        rest = reading.ledger[reading.ledger["indicator"] == ""]
        for event, n in rest.groupby("event", sort=False)["count"].sum().items():
            lines.append(say("{what}: {n}", what=str(event), n=int(n)))
    return Section(say("Marks, corrections and what was passed over"), tuple(lines)) if lines else None


def changes_section(changes: Changes | None, *, every: bool) -> Section:
    """Say what changed since the last check."""
    if changes is None:
        return Section(say("Since the last check: this is the first"))
    lines: list[str | Finding] = [
        in_place(row, say("{what} was {before}, is {now}", what=_what(row), before=row.before, now=row.value))
        for row in rows_of(changes.changed)
    ]
    lines += [
        in_place(row, say("{what} = {now} appeared", what=_what(row), now=row.value))
        for row in rows_of(changes.appeared)
    ]
    lines += [
        in_place(row, say("{what} = {now} vanished", what=_what(row), now=row.value))
        for row in rows_of(changes.vanished)
    ]
    if changes.moved:
        lines.append(say("values that stand in another cell, unchanged: {n}", n=changes.moved))
    sizes = {"changed": len(changes.changed), "appeared": len(changes.appeared), "vanished": len(changes.vanished)}
    if not lines:
        return Section(say("Since the last check: nothing changed"))
    heading = say("Since the last check: {changed} changed, {appeared} appeared, {vanished} vanished", **sizes)
    return cut(heading, lines, every=every)


def _slip_line(slip: Slip, table: Table, found: CellTables, records: pd.DataFrame) -> Finding:
    unit, period = slip.cells[0]
    row = records.iloc[int(found.cells[slip.series][unit, period])]
    others = len(slip.cells) - 1
    more = say(" (and {n} further)", n=others) if others else ""
    text = say(
        "{unit} {period} {series} = {value}: {why}{more}", unit=table.units[unit], period=table.periods[period],
        series=slip.series, value=_number(row["value"]), why=slip.why, more=more,
    )  # fmt: skip
    return in_place(row, text)


def _what(row: Any) -> str:
    parts = (row.label, row.period, row.series)
    return " ".join(part for part in parts if part)


def _number(value: float) -> str:
    return "-" if pd.isna(value) else f"{value:.12g}"


def _some(names: Sequence[str], *, every: bool) -> str:
    kept = list(names) if every else list(names[:NAMED])
    left = len(names) - len(kept)
    return say("{names} and {n} more", names=kept, n=left) if left else say("{names}", names=kept)


def _printed(row: Any) -> str:
    parts: Iterable[object] = (row.code, row.name, row.province)
    return " ".join(str(part) for part in parts if isinstance(part, str) and part)


def _when(years: Sequence[int], reading: Reading) -> str:
    if not len(years):
        return ""
    names = [reading.written(int(year)) for year in years]
    return f" ({names[0]})" if len(names) == 1 else f" ({names[0]}-{names[-1]})"


def _one_line(text: str) -> str:
    return text if "\n" not in text else " ".join(text.split())
