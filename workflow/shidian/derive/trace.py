"""From an indicator or an efficiency score of the panel back to the cells and texts behind it."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from shidian.errors import PanelError, nearest
from shidian.panel.trace import Trace, TracedCell, cells_of, row_of, trace_value, years_of
from shidian.study.grammar import parse_formula
from shidian.study.model import FORMULA, EfficiencyModel, Indicator, Study

Inputs = Iterator[tuple[str, int]]
"""Names of the columns that a measure is computed from, each with the year that is read."""


def trace_measure(
    study: Study, frame: pd.DataFrame, long: pd.DataFrame, cells: pd.DataFrame, unit: str, year: int, name: str
) -> tuple[Trace, ...]:
    """Trace one value of any column of a study's panel: itself first, then what it is computed from.

    Of measures that look at other units too (a frontier, a location quotient, an entropy index), the trace follows the
    unit's own inputs.

    Args:
        study: the study.
        frame: the panel.
        long: raw values behind the panel.
        cells: cells of the study's sources (docs/architecture.md), indexed by cell_id.
        unit: code or exact name of the unit.
        year: the year.
        name: a variable, an indicator, an efficiency score, or the treatment.

    Raises:
        PanelError: an unknown unit, year or column, with the nearest known one.
    """
    measures: dict[str, Indicator | EfficiencyModel] = {i.name: i for i in study.indicators}
    measures |= {m.name: m for m in study.efficiency}
    plain = study.panel.columns
    if name not in measures and name not in plain:
        known = [*plain, *measures]
        raise PanelError(f"the panel has no variable '{name}'{nearest(name, known)}")
    found: dict[tuple[str, int], Trace] = {}
    todo = [(name, year)]
    while todo:
        one, when = todo.pop(0)
        if (one, when) in found:
            continue
        if one in measures:
            row = row_of(frame, unit, when)
            texts = [cell for text in _texts(measures[one]) for cell in cells_of(text, row, long, cells, [when])]
            found[one, when] = _trace(one, describe_measure(measures[one]), row, texts)
            there = frame.loc[frame["unit"] == row["unit"], "year"]
            todo += [(n, y) for n, y in _inputs(measures[one], when) if y in set(there)]
        else:
            for part in trace_value(study.panel, frame, long, cells, unit, when, one):
                found.setdefault((part.variable, when), part)
    return tuple(found.values())


def describe_measure(measure: Indicator | EfficiencyModel) -> str:
    """Return the formula of a measure as a trace prints it."""
    if isinstance(measure, EfficiencyModel):
        model = measure.model
        roles = ", ".join(f"{role}: {' '.join(model.get(role) or ['none'])}" for role in _ROLES)
        return f"Super-SBM score, {model['frontier']} frontier ({roles})"
    if measure.method == FORMULA:
        return str(measure.option("formula"))
    options = [f"{key}={value}" for key, value in measure.options]
    return f"{measure.method}({', '.join([*(given for _, given in measure.inputs), *options])})"


_ROLES = ("inputs", "desirable", "undesirable")


def _texts(measure: Indicator | EfficiencyModel) -> tuple[str, ...]:
    return measure.texts if isinstance(measure, Indicator) else ()


def _inputs(measure: Indicator | EfficiencyModel, year: int) -> Inputs:
    if isinstance(measure, EfficiencyModel):
        yield from ((name, year) for role in _ROLES for name in measure.model.get(role) or ())
        return
    years = sorted(years_of(parse_formula(measure.option("formula")), year)) if measure.method == FORMULA else [year]
    yield from ((n, y) for y in years for _, n in measure.inputs if n not in (*measure.texts, "year"))


def _trace(name: str, formula: str, row: pd.Series, cells: list[TracedCell]) -> Trace:
    unit, unit_name, year = str(row["unit"]), str(row["unit_name"]), int(row["year"])
    return Trace(name, formula, unit, unit_name, year, float(row[name]), "", tuple(cells))
