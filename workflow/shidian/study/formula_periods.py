"""Periods in formulas and dates: the base period of ``base``, series that date something, and how they must read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from shidian.errors import StudyError
from shidian.period import HOW_WRITTEN, NAMES, Period, read_period
from shidian.study.grammar import Binary, Call, If, Name, Negative, Node, Number, Text, names_in

COMPARISONS = ("==", "!=", "<=", ">=", "<", ">")


def with_base_periods(node: Node, period: Period | None) -> Node:
    """Return a formula with the numbers of the periods that ``base`` is given, and ``year`` compared with, in quotes.

    Raises:
        StudyError: a text that is no period of the study; a number where periods are no numbers.
    """
    match node:
        case Call("base", argument, (str(text),)):
            if period is None:
                raise StudyError(f"base(..., '{text}'): without 'period' in the study its base is a year, such as 2005")
            return Call("base", with_base_periods(argument, period), (float(number_of(text, period, "base")),))
        case Call("base", argument, (float(year),)) if period is not None:
            if period.kind not in ("year", "integer"):
                wanted = HOW_WRITTEN[period.kind]
                raise StudyError(f"base(..., {year:g}): write the {period.noun} in quotes, such as '{wanted}'")
            return Call("base", with_base_periods(argument, period), (float(number_of(int(year), period, "base")),))
        case Call("in", Name("year"), options) if period is not None:
            return replace(node, options=tuple(_calendar(option, period) for option in options))
        case Call(_, argument, _):
            return replace(node, argument=with_base_periods(argument, period))
        case Binary(operator, Name("year") as year, Text(value) | Number(value)) if period and operator in COMPARISONS:
            return Binary(operator, year, Number(_calendar(value, period)))
        case Binary(operator, Text(value) | Number(value), Name("year") as year) if period and operator in COMPARISONS:
            return Binary(operator, Number(_calendar(value, period)), year)
        case Binary(_, left, right):
            return replace(node, left=with_base_periods(left, period), right=with_base_periods(right, period))
        case Negative(operand):
            return Negative(with_base_periods(operand, period))
        case If(condition, then, other):
            return If(*(with_base_periods(part, period) for part in (condition, then, other)))
    return node


def _calendar(given: float | str, period: Period) -> float:
    """Return the number of the calendar that ``year`` is compared with."""
    if isinstance(given, float) and period.kind in ("year", "wave", "integer"):
        return given
    number = read_period(period.kind, given) if isinstance(given, str) else None
    if number is None:
        shown = f"{given:g}" if isinstance(given, float) else f"'{given}'"
        wanted = HOW_WRITTEN[period.kind]
        raise StudyError(f"'year' is a {period.noun}, {shown} is none: write it in quotes, such as year >= '{wanted}'")
    return float(number)


def dates_in(node: Node) -> tuple[str, ...]:
    """Return the names whose values a formula compares with periods: those within ``since``."""
    match node:
        case Call("since", argument, _):
            return names_in(argument)
        case Call(_, argument, _):
            return dates_in(argument)
        case Binary(_, left, right):
            return (*dates_in(left), *dates_in(right))
        case Negative(operand):
            return dates_in(operand)
        case If(condition, then, other):
            return (*dates_in(condition), *dates_in(then), *dates_in(other))
    return ()


def check_dates(where: str, name: str, kind: str, period: Period) -> None:
    """Refuse a series of dates, such as adoption, that is not read as periods of the study's kind.

    Raises:
        StudyError: numbers would be taken for other periods than they are.
    """
    if kind == period.kind or (not kind and period.kind in ("year", "wave", "integer")):
        return
    read = f"read as {NAMES.get(kind, kind)}s" if kind else "read as plain numbers"
    raise StudyError(
        f"{where}: '{name}' is {read}, the study's periods are {period.kind}s; give its column "
        f"'period: {{kind: {period.kind}}}' in the source file"
    )


def number_of(value: Any, period: Period, where: str) -> int:
    """Return the number of a period as a study file writes it.

    Raises:
        StudyError: it is no such period, or lies between two steps; ``where`` is its key.
    """
    name = NAMES.get(period.kind, period.kind)
    number = None if isinstance(value, bool) else read_period(period.kind, str(value))
    if number is None:
        raise StudyError(f"at '{where}': {value!r} is no {name}; write it as {HOW_WRITTEN[period.kind]}")
    steps = period.number(number)
    if steps is None:
        raise StudyError(f"at '{where}': {value} lies between two periods of 'step: {period.step}' from years.first on")
    return steps
