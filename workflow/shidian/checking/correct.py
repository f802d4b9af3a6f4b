"""``shidian correct``: the entry of one corrected cell, checked against what the workflow would read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from shidian.checking.entry import add_entry
from shidian.checking.find_cell import Cell, find_cell
from shidian.checking.page import Section, page
from shidian.checking.tables import rows_of, unit_labels
from shidian.checking.where import CORRECTIONS, corrections_of, declared_source, period_name, raw_root_of
from shidian.errors import SourceError, UsageError
from shidian.messages import say
from shidian.yearbook.corrections import Correction, Declared
from shidian.yearbook.extract import extract_file
from shidian.yearbook.source import Source

SHORTEST = 10
"""Fewest characters of a reason, as the schema of corrections has it."""
SHOWN = 5
"""Most records of one cell that are shown."""


@dataclass(frozen=True)
class Outcome:
    """What the workflow reads from a file: records and the ids of the cells read, or why it cannot."""

    records: pd.DataFrame
    cells: frozenset[str] = frozenset()
    problem: str = ""


def correct(
    root: Path,
    named: str,
    cell: str,
    value: str,
    reason: str,
    config: Mapping[str, Any],
    translated: Callable[[str], str],
) -> str:
    """Write a correction into ``config/corrections.yaml`` and return the cell before and after, as it is read.

    Args:
        root: folder of the project.
        named: name of the source, or path to its file.
        cell: the cell (:func:`shidian.checking.find_cell.find_cell`).
        value: text to read instead.
        reason: why.
        config: the configuration.
        translated: gives a message in the language of the reader.

    Raises:
        UsageError: no such source or cell, or several cells; no reason.
        SourceError: the cell is not read, is corrected already, or would read as it does; the file cannot be read with
            the new text.
    """
    source = declared_source(root, named)
    if not (root / "config" / "sources" / f"{source.source}.yaml").is_file():
        raise UsageError(say("{name} is not in config/sources: corrections are of sources there", name=named))
    if len(reason.strip()) < SHORTEST:
        raise UsageError(say(
            "--reason '{reason}': say in {n} characters or more why the value is wrong and where the right one comes "
            "from", reason=reason, n=SHORTEST,
        ))  # fmt: skip
    raw_root, known = raw_root_of(root, config, source), corrections_of(root, source)
    found = find_cell(source, cell, raw_root)
    _refuse_known(found, value, known)
    entry = Correction(found.cell_id, found.text, value, reason.strip())
    before = _outcome(source, found, raw_root, known)
    if not before.problem and found.cell_id not in before.cells:
        raise SourceError(say(
            "{place}: the source does not read this cell, so that a correction would change nothing",
            place=found.place,
        ))  # fmt: skip
    after = _outcome(source, found, raw_root, (*known, entry))
    _refuse_outcome(found, before, after)
    line = add_entry(root / CORRECTIONS, entry)
    written = say("Written: {file}, line {line}", file=str(CORRECTIONS), line=line)
    head = Section(found.place, (say("before: '{text}'", text=found.text), say("after: '{text}'", text=value)))
    return page([head, *_difference(before, after, found, period_name(source)), Section(written)], translated)


def _refuse_known(cell: Cell, value: str, known: Sequence[Declared]) -> None:
    if (
        there := next((one for one in known if isinstance(one, Correction) and one.cell_id == cell.cell_id), None)
    ) is not None:
        raise SourceError(say(
            "{place} is corrected already: '{expected}' -> '{corrected}' ({reason}); change or remove its entry, {id}",
            place=cell.place, expected=there.expected, corrected=there.corrected, reason=there.reason, id=there.cell_id,
        ))  # fmt: skip
    if value == cell.text:
        raise SourceError(say("{place} holds '{text}' already", place=cell.place, text=value))


def _outcome(source: Source, cell: Cell, raw_root: Path, corrections: Sequence[Declared]) -> Outcome:
    try:
        found = extract_file(source, cell.file.number, raw_root, corrections)
    except SourceError as problem:
        return Outcome(pd.DataFrame(), problem=str(problem))
    return Outcome(found.records, frozenset(found.cell_table["cell_id"].to_pylist()))


def _refuse_outcome(cell: Cell, before: Outcome, after: Outcome) -> None:
    """Refuse a text with which the file cannot be read, or reads as it did."""
    if after.problem:
        names_it = re.search(rf"({re.escape(cell.cell_id)}|{re.escape(cell.place)})(?!\w)", after.problem)
        if not before.problem or names_it:
            raise SourceError(say("with this text the file could not be read: {problem}", problem=after.problem))
        return  # another cell stops the reading too: it is said below
    flagless = [frame.drop(columns="flag") for frame in (before.records, after.records) if "flag" in frame]
    if len(flagless) == 2 and flagless[0].equals(flagless[1]):
        raise SourceError(say("{place}: the new text reads as the old one does", place=cell.place))


def _difference(before: Outcome, after: Outcome, cell: Cell, written: Callable[[int], str]) -> list[Section]:
    """Return the records that the correction changes, as they were and as they are."""
    if after.problem:
        return [Section(say("The file still cannot be read: {problem}", problem=after.problem))]
    if before.problem:
        now = after.records[after.records["cell_id"] == cell.cell_id]
        head = Section(say("The file could not be read before: {problem}", problem=before.problem))
        return [head, Section(say("Read now"), _lines(now, written))]
    both = before.records.drop(columns="flag").merge(
        after.records.drop(columns="flag"), how="outer", indicator="there", sort=False
    )
    was, now = (both[both["there"] == side] for side in ("left_only", "right_only"))
    return [Section(say("Read before"), _lines(was, written)), Section(say("Read now"), _lines(now, written))]


def _lines(rows: pd.DataFrame, written: Callable[[int], str]) -> tuple[str, ...]:
    shown = rows.head(SHOWN)
    lines = [
        say(
            "{unit}{when}: {series} = {value} {measure}", unit=unit, series=row.indicator, measure=row.measure,
            when="" if pd.isna(row.year) else f" {written(int(row.year))}",
            value="-" if pd.isna(row.value) else f"{row.value:.12g}",
        )
        for row, unit in zip(rows_of(shown), unit_labels(shown), strict=True)
    ]  # fmt: skip
    left = len(rows) - len(shown)
    return (*lines, *([say("and {n} more", n=left)] if left else []))
