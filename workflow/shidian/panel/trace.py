"""From a value of the panel back to the workbook cells that it was computed from."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from shidian.errors import PanelError, nearest
from shidian.study.grammar import Binary, Call, Negative, Node, names_in
from shidian.study.model import PanelSpec, Variable

LONGEST_SHOWN = 200
"""Characters of a raw text that are printed; documents are longer."""


@dataclass(frozen=True)
class TracedCell:
    """One workbook cell: where it is, what it shows, and how its text became the value used.

    ``factor`` brought the printed number to ``measure``; ``flag`` is ``as_printed``, ``corrected``,
    ``interpolated``, ``carried`` or the mark read as missing.
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


@dataclass(frozen=True)
class Trace:
    """A panel value: its formula, its result, and the cells behind each name in the formula, in order."""

    variable: str
    formula: str
    unit: str
    unit_name: str
    year: int
    value: float
    measure: str
    cells: tuple[TracedCell, ...]


def trace_value(
    spec: PanelSpec, frame: pd.DataFrame, long: pd.DataFrame, cells: pd.DataFrame, unit: str, year: int, variable: str
) -> tuple[Trace, ...]:
    """Trace one value; a variable made of other variables gives one trace for each of these, itself first.

    Args:
        spec: what the study's panel depends on.
        frame: the panel.
        long: raw values behind the panel.
        cells: cells of the study's sources (docs/architecture.md), indexed by cell_id.
        unit: code or exact name of the unit.
        year: the year.
        variable: a variable of the panel, or its treatment.

    Raises:
        PanelError: an unknown unit, year or variable, with the nearest known one.
    """
    row = row_of(frame, unit, year)
    by_name = {v.name: v for v in spec.variables}
    if variable == spec.treatment.name:
        return (_treatment(spec, row, long, cells),)
    if variable not in by_name:
        known = [*by_name, spec.treatment.name]
        raise PanelError(f"the panel has no variable '{variable}'{nearest(variable, known)}")
    order, todo = dict.fromkeys([variable]), [variable]
    while todo:
        used = by_name[todo.pop(0)]
        earlier = [n for n in names_in(used.node) if n in by_name and n not in used.inputs]
        todo += [n for n in earlier if n not in order]
        order |= dict.fromkeys(earlier)
    return tuple(_variable(by_name[name], row, long, cells) for name in order)


def row_of(frame: pd.DataFrame, unit: str, year: int) -> pd.Series:
    """Return the row of a unit, given by code or exact name, in a year; what is not there is a PanelError."""
    units = frame[(frame["unit"] == unit) | (frame["unit_name"] == unit)]
    if units.empty:
        raise PanelError(f"the panel has no unit '{unit}'{nearest(unit, [*frame['unit'], *frame['unit_name']])}")
    if units["unit"].nunique() > 1:
        raise PanelError(f"'{unit}' names several units: {', '.join(units['unit'].unique())}; give the code")
    rows = units[units["year"] == year]
    if rows.empty:
        years = f"{units['year'].min()}-{units['year'].max()}"
        raise PanelError(f"the panel has no row of unit {unit} in {year}; its years are within {years}")
    return rows.iloc[0]


def _variable(variable: Variable, row: pd.Series, long: pd.DataFrame, cells: pd.DataFrame) -> Trace:
    found: list[TracedCell] = []
    for name in names_in(variable.node):
        if name in variable.inputs:
            found += cells_of(variable.inputs[name], row, long, cells, _years_read(variable, int(row["year"])))
    return Trace(
        variable.name, variable.formula, str(row["unit"]), str(row["unit_name"]), int(row["year"]),
        float(row[variable.name]), variable.unit_text or str(variable.unit), tuple(found),
    )  # fmt: skip


def _treatment(spec: PanelSpec, row: pd.Series, long: pd.DataFrame, cells: pd.DataFrame) -> Trace:
    words = f"1 from the year of {spec.treatment.indicator}" + (" + 1" if spec.treatment.delay else "")
    years: list[int] | None = None if spec.treatment.kind == "status" else []
    found = cells_of(spec.treatment.indicator, row, long, cells, years)
    value = float(row[spec.treatment.name])
    return Trace(
        spec.treatment.name, words, str(row["unit"]), str(row["unit_name"]), int(row["year"]), value, "0 or 1",
        tuple(found),
    )  # fmt: skip


def _years_read(variable: Variable, year: int) -> list[int]:
    """Return the years whose raw values a formula reads for a row: its own, those of lags, base years."""
    return sorted(years_of(variable.node, year))


def years_of(node: Node, year: int) -> set[int]:
    """Return the years whose values a formula reads for a row of ``year``."""
    match node:
        case Call("lag", argument, options):
            return years_of(argument, year - (int(options[0]) if options else 1))
        case Call("base", argument, (base, *_)):
            return years_of(argument, int(base))
        case Call(_, argument, _):
            return years_of(argument, year)
        case Binary(_, left, right):
            return years_of(left, year) | years_of(right, year)
        case Negative(operand):
            return years_of(operand, year)
    return {year}


def cells_of(
    qualified: str, row: pd.Series, long: pd.DataFrame, cells: pd.DataFrame, years: list[int] | None
) -> list[TracedCell]:
    """Return the cells behind a raw value of a row's unit, in some years or (None) in all."""
    source, _, indicator = qualified.partition(".")
    mine = long[(long["unit"] == row["unit"]) & (long["source_id"] == source) & (long["indicator"] == indicator)]
    if years is not None:
        mine = mine[mine["year"].isna() | mine["year"].isin(years)]
    found = []
    for value in mine.to_dict("records"):
        for cell_id in str(value["cell_id"]).split(" + "):
            cell = cells.loc[cell_id]
            when = None if pd.isna(value["year"]) else int(value["year"])
            used = (float(value["value"]), str(value["measure"]), float(value["factor"]), str(value["flag"]))
            place = (str(cell[k]) for k in ("file", "sha256", "sheet", "cell", "raw_text"))
            found.append(TracedCell(qualified, when, *used, *place))
    return found


def describe(traces: tuple[Trace, ...]) -> str:
    """Return a trace as text, as ``shidian trace`` prints it."""
    lines = []
    for trace in traces:
        shown = f"{trace.value:.10g} {trace.measure}".rstrip()
        lines.append(f"{trace.variable} of {trace.unit} {trace.unit_name} in {trace.year} = {shown}")
        lines.append(f"  formula: {trace.formula}")
        for cell in trace.cells:
            when = f" {cell.year}" if cell.year is not None else ""
            times = "" if cell.factor == 1 else f", times {cell.factor:g}"
            place = f"{cell.sheet}!{cell.cell}" if cell.sheet else cell.cell
            lines += [
                f"  {cell.indicator}{when} = {cell.value:.10g} {cell.measure} ({cell.flag})",
                f"    cell {place} shows {_shown(cell.raw_text)}{times}",
                f"    in {cell.file} (sha256 {cell.sha256[:16]}…)",
            ]
    return "\n".join(lines)


def _shown(text: str) -> str:
    """Return a raw text in quotes; of a document its beginning and its length."""
    if len(text) <= LONGEST_SHOWN:
        return repr(text)
    return f"{text[:LONGEST_SHOWN]!r}… ({len(text):,} characters)"
