"""``shidian check-source``: one declared source read and looked through."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from shidian.checking import sections as say_of
from shidian.checking.changes import Changes, compare, keep_state, read_state, state_file, state_of, with_unread
from shidian.checking.duplicates import doubled, with_units
from shidian.checking.page import Section, page
from shidian.checking.proposed import proposed_rules, rules_file, rules_section, write_rules
from shidian.checking.reading import Reading, read_source
from shidian.checking.suggested import suggested_file, suggestions, write_suggestions
from shidian.checking.tables import CellTables, cell_tables, rows_of
from shidian.checking.units import inexact, recognised_units, uncertain
from shidian.checking.where import corrections_of, declared_source, raw_root_of
from shidian.messages import joined, say
from shidian.misprints.find import find_slips
from shidian.misprints.table import Slip
from shidian.slips.records import findings_of, table_of


@dataclass(frozen=True)
class Checked:
    """The report on a source, and whether anything in it stops a run (or looks like a slip, where that counts)."""

    text: str
    stops: bool


def check_source(
    root: Path,
    named: str,
    config: Mapping[str, Any],
    results: Path,
    translated: Callable[[str], str],
    *,
    strict: bool = False,
    every: bool = False,
    beside: str = "",
) -> Checked:
    """Read a source as the workflow does, report on it, and keep its values for the next check.

    Args:
        root: folder of the project.
        named: the source's name, or the path to its file.
        config: the configuration.
        results: folder of the results; ``.checks`` in it keeps the values.
        translated: gives a message in the language of the reader.
        strict: values that look like slips count as what stops a run.
        every: show all lines of every section.
        beside: a source of provinces that sums of the units are held against, by name or path; "" for none.

    Raises:
        UsageError: there is no such source.
        SourceError: its file is wrong.
    """
    reading, other = _read(root, named, config), _read(root, beside, config) if beside else None
    source = reading.source
    slipped = findings_of(reading.records) if not (reading.rows_are_units or reading.records.empty) else []
    found, stops, slips = _findings(root, reading, table_of(slipped), every=every)
    suggested = suggestions(source, reading.records, slipped)
    file = suggested_file(results, source.source)
    write_suggestions(file, suggested, source.source, translated)
    state, kept = state_of(reading), read_state(state_file(results, source.source))
    changes: Changes | None = None
    if kept is not None:
        unread = set(reading.problems)
        changes = compare(kept[~kept["file"].isin(unread)], state)
        state = with_unread(kept, state, unread)
    keep_state(state_file(results, source.source), state)
    if slips and strict:
        stops.append(say("values that look like slips (--strict): {n}", n=slips))
    end = Section(say("A run stops: {what}", what=joined(stops, "clauses")) if stops else say("Nothing stops a run."))
    head = Section(f"{source.source}: {source.title}")
    if suggested:
        found.append(
            Section(say("Suggested repairs of whole volumes: {n}, in {file}", n=len(suggested), file=str(file)))
        )
    rules = proposed_rules(reading, other, root / "config" / "aliases")
    write_rules(rules_file(results, source.source), rules, source.source, translated)
    if proposed := rules_section(rules, rules_file(results, source.source), every=every):
        found.append(proposed)
    text = page([head, *found, say_of.changes_section(changes, every=every), end], translated)
    return Checked(text, bool(stops))


def _read(root: Path, named: str, config: Mapping[str, Any]) -> Reading:
    source = declared_source(root, named)
    return read_source(source, raw_root_of(root, config, source), corrections_of(root, source))


def _findings(
    root: Path, reading: Reading, volumes: pd.DataFrame, *, every: bool
) -> tuple[list[Section], list[str], int]:
    """Return the sections, what stops a run, and how many values look like slips."""
    stops, sections = [], [say_of.files_section(reading)]
    if reading.problems:
        stops.append(say("files that cannot be read: {n}", n=len(reading.problems)))
    if reading.records.empty:
        return sections, stops, 0
    units = recognised_units(reading, root / "config" / "aliases")
    records = with_units(reading.records, units)
    found = cell_tables(records, reading.written)
    parts: list[Section | None] = [say_of.coverage_section(found.tables, every=every)] if found.tables else []
    if not reading.rows_are_units:
        parts.append(say_of.lacking_section(found.tables, every=every))
        strange = uncertain(units)
        if len(strange):
            stops.append(say("units not matched, unless a study accepts them: {n}", n=len(strange)))
        parts.append(say_of.uncertain_section(strange, reading, every=every))
        parts.append(say_of.inexact_section(inexact(units), reading, every=every))
        pairs = doubled(records)
        if len(pairs):
            stops.append(say("numbers that stand twice: {n}", n=len(pairs)))
        parts.append(say_of.doubled_section(pairs, reading, every=every))
    if grave := int((volumes["grade"] == "stop").sum()):
        stops.append(say("slips of whole volumes, unless a study accepts them: {n}", n=grave))
    parts.append(say_of.volumes_section(volumes, reading, every=every))
    slips = [] if reading.rows_are_units else _not_told(find_slips(found.tables), found, volumes, reading)
    parts.append(say_of.slips_section(slips, found, records, every=every))
    parts.append(say_of.flags_section(reading))
    return [*sections, *(part for part in parts if part)], stops, len(slips)


def _not_told(slips: list[Slip], found: CellTables, volumes: pd.DataFrame, reading: Reading) -> list[Slip]:
    """Return the slips without those of several units that are told as one of the whole volume."""
    told = {
        (series, reading.written(int(row.period))) for row in rows_of(volumes) for series in str(row.series).split()
    }
    periods = found.tables[0].periods if found.tables else ()
    return [
        slip
        for slip in slips
        if len({unit for unit, _ in slip.cells}) == 1
        or not any((slip.series, periods[t]) in told for _, t in slip.cells)
    ]
