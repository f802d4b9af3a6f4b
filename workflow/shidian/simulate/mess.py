"""Mess planted in a laid-out volume, with a key: gaps, spaces in names, footnote marks, misprints.

Renamed cities and changed units of measure come from the real lists and from the catalogue; here they are only
entered in the key. Written without sight of the reader.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from shidian.simulate.catalogue import Family, mess_settings, used_items
from shidian.simulate.layout import MARK, MARK_NOTE, Cell, DataCell, NameCell, Sheet
from shidian.simulate.streams import stream
from shidian.simulate.world import World

SPACES = (" ", "\u3000", "  ")


@dataclass(frozen=True)
class KeyEntry:
    """One planted piece of mess: what is printed and what is true."""

    sheet: str
    row: int
    column: int
    kind: str
    printed: str
    true: str


def planted_gaps(seed: int, world: World) -> set[tuple[str, str, int]]:
    """Draw the (code, item, year) that the volumes of a world leave out, for the items that studies use."""
    gaps: set[tuple[str, str, int]] = set()
    taken: set[tuple[str, int]] = set()  # no unit-year loses two items, so that the counts of complete rows add up
    for item, rule in mess_settings()["gaps"].get(world.level, {}).items():
        codes = world.panels[rule["study"]].units["code"].tolist()
        years = [y for y in world.years.tolist() if rule["first"] <= y <= rule["last"]]
        pool = sorted({(c, y) for c in codes for y in years} - taken)
        count = min(len(pool), max(1, round(rule["cells"] * len(codes) / rule["units"])))
        chosen = stream(seed, "gaps", item).choice(len(pool), size=count, replace=False)
        lost = {pool[k] for k in chosen.tolist()}
        taken |= lost
        gaps |= {(code, item, year) for code, year in lost}
    return gaps


def soil(
    family: Family, sheets: list[Sheet], year: int, seed: int, gaps: set[tuple[str, str, int]]
) -> tuple[list[Sheet], list[KeyEntry]]:
    """Return the sheets of one volume with mess in them, and the key."""
    settings = mess_settings()
    rng = stream(seed, "mess", family.level, year)
    used = used_items(family.level)
    key: list[KeyEntry] = []
    soiled = []
    for sheet in sheets:
        cells = [_soil_cell(cell, sheet.name, year, rng, gaps, used, settings, key) for cell in sheet.cells]
        soiled.append(replace(sheet, cells=cells))
    soiled = _misprints(soiled, rng, int(settings["misprints_per_volume"]), used, key)
    marked = {entry.sheet for entry in key if entry.kind == "footnote_mark"}
    for sheet in soiled:
        if sheet.name in marked:
            below = max(cell.row for cell in sheet.cells) + 1
            sheet.cells.append(Cell(below, 0, MARK_NOTE))
    return soiled, key


def _soil_cell(
    cell: Cell, sheet: str, year: int, rng: np.random.Generator, gaps: set[tuple[str, str, int]], used: set[str],
    settings: Mapping[str, Any], key: list[KeyEntry],
) -> Cell:  # fmt: skip
    marks = settings["gap_marks"]
    if isinstance(cell, NameCell) and len(cell.text) <= 3 and rng.uniform() < settings["spaced_name_share"]:
        text = SPACES[int(rng.integers(len(SPACES)))].join(cell.text)
        key.append(KeyEntry(sheet, cell.row, cell.column, "spaced_name", text, cell.text))
        return replace(cell, text=text)
    if isinstance(cell, DataCell):
        unused = cell.item not in used and rng.uniform() < settings["unused_gap_share"]
        if unused or (cell.code, cell.item, year) in gaps:
            text = marks[int(rng.integers(len(marks)))]
            key.append(KeyEntry(sheet, cell.row, cell.column, "gap", text, ""))
            return replace(cell, text=text, value=float("nan"))
        if rng.uniform() < settings["footnote_mark_share"]:
            key.append(KeyEntry(sheet, cell.row, cell.column, "footnote_mark", cell.text + MARK, cell.text))
            return replace(cell, text=cell.text + MARK)
    return cell


def _misprints(
    sheets: list[Sheet], rng: np.random.Generator, count: int, used: set[str], key: list[KeyEntry]
) -> list[Sheet]:
    """Misprint numbers: a digit too many or too few, or two digits swapped. The truth goes to the corrections."""
    places = [
        (s, c)
        for s, sheet in enumerate(sheets)
        for c, cell in enumerate(sheet.cells)
        if isinstance(cell, DataCell)
        and cell.item in used
        and cell.text.replace(".", "").isdigit()
        and cell.value >= 100
    ]
    for place in sorted(rng.choice(len(places), size=min(count, len(places)), replace=False).tolist()):
        s, c = places[place]
        cell = sheets[s].cells[c]
        wrong = _misprint(cell.text, int(rng.integers(3)))
        key.append(KeyEntry(sheets[s].name, cell.row, cell.column, "misprint", wrong, cell.text))
        sheets[s].cells[c] = replace(cell, text=wrong)
    return sheets


def _misprint(text: str, kind: int) -> str:
    whole, dot, rest = text.partition(".")
    if kind == 0:
        wrong = whole + "0" + dot + rest
    elif kind == 1:
        wrong = whole[:-1] + dot + rest
    else:
        wrong = whole[1] + whole[0] + whole[2:] + dot + rest
    return wrong if wrong != text and not wrong.startswith("0") else whole + "0" + dot + rest
