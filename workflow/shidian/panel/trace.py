"""From a value of the panel back to the workbook cells that it was computed from."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from shidian.errors import PanelError, nearest
from shidian.study.grammar import Binary, Call, Negative, Node, names_in
from shidian.study.model import PanelSpec, Treatment, Variable


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
    row = _row(frame, unit, year)
    by_name = {v.name: v for v in spec.variables}
    treatment = spec.treatment
    if treatment and variable == treatment.name:
        return (_treatment(treatment, row, long, cells),)
    if variable not in by_name:
        known = [*by_name, *([treatment.name] if treatment else [])]
        raise PanelError(f"the panel has no variable '{variable}'{nearest(variable, known)}")
    order, todo = dict.fromkeys([variable]), [variable]
    while todo:
        used = by_name[todo.pop(0)]
        earlier = [n for n in names_in(used.node) if n in by_name and n not in used.inputs]
        todo += [n for n in earlier if n not in order]
        order |= dict.fromkeys(earlier)
    return tuple(_variable(by_name[name], row, long, cells) for name in order)


def _row(frame: pd.DataFrame, unit: str, year: int) -> pd.Series:
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
            found += _cells_of(variable.inputs[name], row, long, cells, _years_read(variable, int(row["year"])))
    return Trace(
        variable.name, variable.formula, str(row["unit"]), str(row["unit_name"]), int(row["year"]),
        float(row[variable.name]), variable.unit_text or str(variable.unit), tuple(found),
    )  # fmt: skip


def _treatment(treatment: Treatment, row: pd.Series, long: pd.DataFrame, cells: pd.DataFrame) -> Trace:
    words = f"1 from the year of {treatment.indicator}" + (" + 1" if treatment.delay else "")
    years: list[int] | None = None if treatment.kind == "status" else []
    found = _cells_of(treatment.indicator, row, long, cells, years)
    value = float(row[treatment.name])
    return Trace(
        treatment.name, words, str(row["unit"]), str(row["unit_name"]), int(row["year"]), value, "0 or 1",
        tuple(found),
    )  # fmt: skip


def _years_read(variable: Variable, year: int) -> list[int]:
    """Return the years whose raw values a formula reads for a row: its own, those of lags, base years."""
    return sorted(_years_of(variable.node, year))


def _years_of(node: Node, year: int) -> set[int]:
    match node:
        case Call("lag", argument, options):
            return _years_of(argument, year - (int(options[0]) if options else 1))
        case Call("base", argument, (base, *_)):
            return _years_of(argument, int(base))
        case Call(_, argument, _):
            return _years_of(argument, year)
        case Binary(_, left, right):
            return _years_of(left, year) | _years_of(right, year)
        case Negative(operand):
            return _years_of(operand, year)
    return {year}


def _cells_of(
    qualified: str, row: pd.Series, long: pd.DataFrame, cells: pd.DataFrame, years: list[int] | None
) -> list[TracedCell]:
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
                f"    cell {place} shows {cell.raw_text!r}{times}",
                f"    in {cell.file} (sha256 {cell.sha256[:16]}…)",
            ]
    return "\n".join(lines)
