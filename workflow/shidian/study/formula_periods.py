"""Periods in formulas and dates: the base period of ``base``, series that date something, and how they must read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from shidian.errors import StudyError
from shidian.period import HOW_WRITTEN, NAMES, Period, read_period
from shidian.study.grammar import Binary, Call, Name, Node, Number, Text, names_in, parts_of, with_parts

COMPARISONS = ("==", "!=", "<=", ">=", "<", ">")


def with_base_periods(node: Node, period: Period | None) -> Node:
    """Return a formula with the numbers of the periods that it names in quotes: base periods, and those of ``year``.

    Raises:
        StudyError: a text that is no period of the study; a number where periods are no numbers; a function that has
            no meaning in the study's periods.
    """
    node = with_parts(node, [with_base_periods(part, period) for part in parts_of(node)])
    match node:
        case Call("base" | "deflate" as function, _, (given, *more)):
            _refuse_steps(node, period)
            return replace(node, options=(float(_base_period(function, given, period)), *more))
        case Call("perpetual_inventory"):
            _refuse_steps(node, period)
        case Call("in", Name("year"), options) if period is not None:
            return replace(node, options=tuple(_calendar(option, period) for option in options))
        case Binary(operator, Name("year") as year, Text(value) | Number(value)) if period and operator in COMPARISONS:
            return Binary(operator, year, Number(_calendar(value, period)))
        case Binary(operator, Text(value) | Number(value), Name("year") as year) if period and operator in COMPARISONS:
            return Binary(operator, Number(_calendar(value, period)), year)
    return node


def refuse_bases(where: str, node: Node, years: tuple[int, int], period: Period) -> None:
    """Refuse a base period outside the study's, for which every value would be missing.

    Raises:
        StudyError: naming the function and the study's periods.
    """
    for part in parts_of(node):
        refuse_bases(where, part, years, period)
    if isinstance(node, Call) and node.function in ("base", "deflate"):
        base = int(node.options[0])
        if not years[0] <= base <= years[1]:
            first, last = map(period.label, years)
            raise StudyError(
                f"at '{where}': {node.function}(…, {period.label(base)}): the base lies outside the study's "
                f"{period.noun}s, {first}-{last}, and {period.noun}s outside are not read; take one of these"
            )


def _base_period(function: str, given: float | str, period: Period | None) -> int:
    """Return the number of a base period as a formula writes it."""
    where = f"{function}(…, {given:g})" if isinstance(given, float) else f"{function}(…, '{given}')"
    if isinstance(given, str) and period is None:
        raise StudyError(f"{where}: without 'period' in the study its base is a year, such as 2005")
    if period is None:
        return int(given)
    if isinstance(given, float) and period.kind not in ("year", "integer"):
        raise StudyError(f"{where}: write the {period.noun} in quotes, such as '{HOW_WRITTEN[period.kind]}'")
    return number_of(given if isinstance(given, str) else int(given), period, function)


def _refuse_steps(node: Call, period: Period | None) -> None:
    """Refuse what adds up or chains every period in a panel that passes some over.

    Raises:
        StudyError: naming the function and why.
    """
    every = node.function == "perpetual_inventory" or (node.function == "deflate" and len(node.options) > 1)
    if every and period is not None and period.step > 1:
        why = "needs the investment" if node.function == "perpetual_inventory" else "with 'chained' needs the index"
        raise StudyError(
            f"{node.function}(…) {why} of every {period.noun}, and 'period.step: {period.step}' passes over some: "
            "compute it in a study of every period, or take the series from a source"
        )


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
    if isinstance(node, Call) and node.function == "since":
        return names_in(node.argument)
    return tuple(name for part in parts_of(node) for name in dates_in(part))


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
