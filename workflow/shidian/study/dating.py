"""What a date of adoption is read from: it must be in periods of the study, also behind variables and formulas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shidian.period import Period
from shidian.study.formula_periods import check_dates
from shidian.study.formula_variable import Variable
from shidian.study.grammar import If, Name, Negative, Node, names_in
from shidian.study.variables import Catalogue


def check_dating(
    where: str,
    series: str,
    formula: Variable | None,
    variables: Sequence[Variable],
    catalogue: Catalogue,
    period: Period,
) -> None:
    """Refuse a date of adoption that is not in periods of the study.

    A formula may add to a date, or choose one by other columns: one date of the right kind will do, and none of a
    wrong kind. ``year`` is a period of the study.

    Raises:
        StudyError: it names the series and what to declare.
    """
    if formula is None:
        check_dates(where, series.partition(".")[2], catalogue.info(series).period, period)
        return
    found, has_year = _dates_of(formula, {v.name: v for v in variables})
    kinds = [catalogue.info(qualified).period for qualified in found]
    dated = has_year or period.kind in kinds
    for qualified, kind in zip(found, kinds, strict=True):
        if kind or not dated:
            check_dates(where, qualified.partition(".")[2], kind, period)


def _dates_of(formula: Variable, variables: Mapping[str, Variable]) -> tuple[list[str], bool]:
    """Return every series that the value of a formula is made of, conditions aside, and whether ``year`` is among."""
    found: list[str] = []
    seen: set[str] = set()
    has_year, todo = False, [formula]
    while todo:
        variable = todo.pop()
        for name in _values_in(variable.node):
            if name in variable.inputs:
                found.append(variable.inputs[name])
            elif name in variables and name not in seen:
                seen.add(name)
                todo.append(variables[name])
            has_year = has_year or name == "year"
    return list(dict.fromkeys(found)), has_year


def _values_in(node: Node) -> tuple[str, ...]:
    """Return the names whose values a formula may have, not those of its conditions alone."""
    match node:
        case If(_, then, other):
            return (*_values_in(then), *_values_in(other))
        case Negative(operand):
            return _values_in(operand)
        case Name(name):
            return (name,)
    return names_in(node)
