"""From a value of the panel back to the workbook cells that it was computed from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import isnan

import pandas as pd

from shidian.errors import PanelError, nearest
from shidian.panel.fill_methods import FLAGS
from shidian.period import Period
from shidian.study.model import Study
from shidian.trace.cells import cells_of
from shidian.trace.lineage import Origin, lineage, origins
from shidian.yearbook.assemble import cells_above
from shidian.yearbook.numbers import CORRECTED

LONGEST_SHOWN = 200
"""Characters of a raw text that are printed; documents are longer."""


@dataclass(frozen=True)
class _Read:
    """Cells by id, notes by series and cell, and the factors of the cells behind filled values."""

    cells: pd.DataFrame
    notes: Mapping[str, str] = field(default_factory=dict)
    factors: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class TracedCell:
    """One workbook cell: where it is, what it shows, and how its text became the value used.

    ``factor`` brought the printed number to ``measure``; ``flag`` is ``as_printed``, ``corrected``, how it was filled
    (``shidian.panel.fill_methods.FLAGS``) or the mark read as missing. ``above`` are the cells above its row that say
    the unit or year of the row, "" where its own row does. ``notes`` are what the source file says of its column, and
    why it was corrected.
    """

    indicator: str
    year: int | None
    value: float
    measure: str
    factor: float
    flag: str
    file: str
    sha256: str
    sheet: str
    cell: str
    raw_text: str
    above: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Trace:
    """A panel value: its formula, its result, and the cells behind each name in the formula, in order.

    ``value`` is a text where it is a category; ``beyond`` says what of other rows enters it, "" for nothing.
    """

    variable: str
    formula: str
    unit: str
    unit_name: str
    year: int
    value: float | str
    measure: str
    cells: tuple[TracedCell, ...]
    beyond: str = ""


def trace_value(
    study: Study,
    frame: pd.DataFrame,
    long: pd.DataFrame,
    cells: pd.DataFrame,
    unit: str,
    year: int,
    variable: str,
    notes: Mapping[str, str] | None = None,
) -> tuple[Trace, ...]:
    """Trace one value; a column made of other columns gives one trace for each of these, itself first.

    Args:
        study: the study.
        frame: its panel.
        long: raw values behind the panel.
        cells: cells of the study's sources (docs/architecture.md), indexed by cell_id.
        unit: code or exact name of the unit.
        year: the year.
        variable: a variable, indicator or score of the panel, or its treatment.
        notes: qualified series, also with a file whose volume was repaired, or id of a corrected cell -> what is said
            of it.

    Raises:
        PanelError: an unknown unit, year or variable, with the nearest known one.
    """
    mine = _rows(frame, unit, year, study.panel.period)
    known = origins(study)
    if variable not in known:
        raise PanelError(f"the panel has no variable '{variable}'{nearest(variable, known)}")
    raw = long[long["unit"] == mine["unit"].iloc[0]]
    read = _Read(cells, notes or {}, _factors(long, raw))
    return tuple(_trace(origin, mine, when, raw, read) for (_, when), origin in lineage(known, variable, year).items())


def _rows(frame: pd.DataFrame, unit: str, year: int, period: Period) -> pd.DataFrame:
    """Return the rows of one unit, by year."""
    units = frame[(frame["unit"] == unit) | (frame["unit_name"] == unit)]
    if units.empty:
        raise PanelError(f"the panel has no unit '{unit}'{nearest(unit, [*frame['unit'], *frame['unit_name']])}")
    if units["unit"].nunique() > 1:
        raise PanelError(f"'{unit}' names several units: {', '.join(units['unit'].unique())}; give the code")
    if year not in set(units["year"]):
        years = f"{period.label(units['year'].min())}-{period.label(units['year'].max())}"
        raise PanelError(
            f"the panel has no row of unit {unit} in {period.label(year)}; its {period.noun}s are within {years}"
        )
    return units.set_index("year", drop=False)


def _factors(long: pd.DataFrame, raw: pd.DataFrame) -> dict[str, float]:
    """Return the factor of each cell behind a unit's filled values, which other volumes or units may print."""
    filled = raw[raw["flag"].isin(list(FLAGS))]
    if filled.empty:
        return {}
    pairs = zip(filled["cell_id"].astype(str), filled["flag"].astype(str), strict=True)
    ids = {one for text, flag in pairs for one in cells_of(text, flag)}
    printed = long[long["cell_id"].isin(ids) & ~long["flag"].isin(list(FLAGS))]
    return dict(zip(printed["cell_id"].astype(str), printed["factor"].astype(float), strict=True))


def _trace(origin: Origin, mine: pd.DataFrame, year: int, raw: pd.DataFrame, read: _Read) -> Trace:
    """Trace one column of one unit in a year; a lag may reach a year in which the panel has no row of it."""
    unit, unit_name = (str(mine[key].iloc[-1]) for key in ("unit", "unit_name"))
    stored = mine[origin.name].loc[year] if year in mine.index else float("nan")
    value = stored if isinstance(stored, str) else float(stored)
    found = [cell for name in origin.reads for cell in _cells_of(name, origin.years(name, year), raw, read)]
    return Trace(origin.name, origin.formula, unit, unit_name, year, value, origin.measure, tuple(found), origin.beyond)


def _cells_of(qualified: str, years: set[int] | None, raw: pd.DataFrame, read: _Read) -> list[TracedCell]:
    source, _, indicator = qualified.partition(".")
    values = raw[(raw["source_id"] == source) & (raw["indicator"] == indicator)]
    if years is not None:
        values = values[values["year"].isna() | values["year"].isin(years)]
    found = []
    for value in values.to_dict("records"):
        for cell_id in cells_of(str(value["cell_id"]), str(value["flag"])):
            cell = read.cells.loc[cell_id]
            when = None if pd.isna(value["year"]) else int(value["year"])
            factor = read.factors.get(cell_id, float(value["factor"]))
            used = (float(value["value"]), str(value["measure"]), factor, str(value["flag"]))
            file, digest, sheet, at, text = (str(cell[k]) for k in ("file", "sha256", "sheet", "cell", "raw_text"))
            above = cells_above(str(cell.get("row_label", "")))
            mended = [f"{qualified} {file}"] if value["flag"] == CORRECTED and cell_id not in read.notes else []
            said = tuple(read.notes[key] for key in (qualified, cell_id, *mended) if key in read.notes)
            found.append(TracedCell(qualified, when, *used, file, digest, sheet, at, text, above, said))
    return found


def describe(traces: tuple[Trace, ...], written: Callable[[int], str] = str) -> str:
    """Return a trace as text, as ``shidian trace`` prints it; ``written`` writes a period."""
    lines = []
    for trace in traces:
        number = repr(trace.value) if isinstance(trace.value, str) else f"{trace.value:.10g}"
        shown = f"{number} {trace.measure}".rstrip()
        lines.append(f"{trace.variable} of {trace.unit} {trace.unit_name} in {written(trace.year)} = {shown}")
        lines.append(f"  formula: {trace.formula}" + (f"; {trace.beyond}" if trace.beyond else ""))
        for cell in trace.cells:
            when = f" {written(cell.year)}" if cell.year is not None else ""
            times = "" if cell.factor == 1 or isnan(cell.factor) else f", times {cell.factor:g}"
            place = f"{cell.sheet}!{cell.cell}" if cell.sheet else cell.cell
            number = "" if cell.measure == "category" else f"{cell.value:.10g} "
            lines += [
                f"  {cell.indicator}{when} = {number}{cell.measure} ({cell.flag})",
                f"    cell {place} shows {_shown(cell.raw_text)}{times}",
                f"    in {cell.file} (sha256 {cell.sha256[:16]}…)",
            ]
            lines += [f"    unit or year of the row filled down from {cell.above}"] if cell.above else []
            lines += [f"    note: {text}" for text in cell.notes]
    return "\n".join(lines)


def _shown(text: str) -> str:
    """Return a raw text in quotes; of a document its beginning and its length."""
    if len(text) <= LONGEST_SHOWN:
        return repr(text)
    return f"{text[:LONGEST_SHOWN]!r}… ({len(text):,} characters)"
