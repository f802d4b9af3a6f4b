"""Formulas with the unit of measure of their value, and the factors between units of measure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from shidian.errors import StudyError
from shidian.measures import CATEGORY, MOST_POWER, PURE, Measure
from shidian.study.by_hand import Factors, refuse_by_hand
from shidian.study.grammar import Binary, Node, Number
from shidian.study.logarithms import Logs

CALENDAR = Measure(1.0, (("year", 1),))


@dataclass(frozen=True)
class Names:
    """What is known of the names in a formula.

    Attributes:
        measures: name -> unit of measure of every series and earlier variable.
        extra: units of measure that the study declares.
        by_hand: name of an earlier variable -> the numbers that its formula multiplies by.
        logs: name of an earlier variable that is a logarithm -> what it is of.
    """

    measures: Mapping[str, Measure]
    extra: Mapping[str, str] = field(default_factory=dict)
    by_hand: Mapping[str, Factors] = field(default_factory=dict)
    logs: Mapping[str, Logs] = field(default_factory=dict)


@dataclass(frozen=True)
class Sized:
    """A formula as it is computed.

    Attributes:
        node: the formula, its conversions written out as factors.
        measure: the unit of measure of its value.
        by_hand: the numbers that it multiplies by; one of them may be a conversion made by hand.
        brought: the factors that brought quantities to one size.
        logs: what a logarithm is of; None where it is none.
    """

    node: Node
    measure: Measure
    by_hand: Factors = ()
    brought: Factors = ()
    logs: Logs | None = None

    def times(self, factor: float, measure: Measure) -> Sized:
        """Return the formula in another unit of measure, ``factor`` times as large a number."""
        return Sized(self.node if factor == 1 else Binary("*", self.node, Number(factor)), measure)


def same_measure(a: Measure, b: Measure) -> bool:
    """Say whether two units of measure are the same kind and size."""
    return a.dims == b.dims and b.factor != 0 and abs(a.factor / b.factor - 1) < 1e-12


def is_calendar(a: Measure, b: Measure) -> bool:
    """Say whether years meet plain numbers: the numbers of the calendar have no unit of measure of their own."""
    return {a, b} == {PURE, CALENDAR}


def conversion_factor(source: Measure, target: Measure) -> float:
    """Return the number by which values in ``source`` are multiplied to be in ``target``.

    Raises:
        StudyError: the two measure different things.
    """
    if is_calendar(source, target):
        return 1.0
    if source.dims != target.dims:
        raise StudyError(f"[{source}] cannot be converted to [{target}]: they measure different things")
    ratio = source.factor / target.factor if target.factor else math.inf
    if not 0 < ratio < math.inf:
        raise StudyError(f"[{source}] to [{target}]: the sizes lie further apart than can be computed with")
    nearest_power = 10.0 ** round(math.log10(ratio))
    return nearest_power if abs(ratio / nearest_power - 1) < 1e-12 else ratio


def number_side(side: Sized, operator: str) -> Sized:
    """Return a side of an operation; raises StudyError where it is a category."""
    if side.measure == CATEGORY:
        raise StudyError(
            f"'{operator}' of a category: texts are compared by == and !=, listed by in(x, [..]) and chosen by if(..)"
        )
    return side


def pure_side(inner: Sized, function: str) -> Sized:
    """Return what stands inside a function that has a meaning for pure numbers only, as a number of size one.

    Raises:
        StudyError: it has a unit of measure, or may be converted by hand already.
    """
    if not inner.measure.is_pure_number:
        raise StudyError(
            f"{function}(…) of a quantity in [{inner.measure}] has no meaning: take a ratio or a logarithm first"
        )
    factor = conversion_factor(inner.measure, PURE)
    refuse_by_hand(inner.by_hand, (factor,), f"{function}(…)")
    return inner.times(factor, PURE)


def to_power(inner: Sized, exponent: float, node: Node) -> Sized:
    """Return a power; raises StudyError where its unit of measure is no whole power, or it is too large."""
    if inner.measure.dims and abs(exponent) > MOST_POWER:
        raise StudyError(f"[{inner.measure}] to the power {exponent:g}: powers up to {MOST_POWER} are read")
    powers = [n * exponent for _, n in inner.measure.dims]
    if any(p != int(p) for p in powers):
        raise StudyError(
            f"[{inner.measure}] to the power {exponent:g} has no unit of measure: take a ratio or a logarithm first"
        )
    dims = tuple((base, int(p)) for (base, _), p in zip(inner.measure.dims, powers, strict=True) if p)
    if isinstance(node, Binary) and node.operator == "^":
        node = Binary("^", inner.node, node.right)
    try:
        size = inner.measure.factor**exponent
        by_hand = tuple(abs(f) ** exponent for f in inner.by_hand)
        brought = tuple(f**exponent for f in inner.brought)
    except ArithmeticError:
        raise StudyError(f"the power {exponent:g} makes numbers that are beyond what can be computed with") from None
    return Sized(node, Measure(size, dims), by_hand, brought)
