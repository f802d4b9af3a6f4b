"""The unit of measure of a formula, worked out before any number is read, and the conversions that its sizes need.

What cannot be added is an error; what measures one kind in different sizes (人 over 万人, a percentage times a sum of
money) is brought to one size, so that no factor hides in a number without one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from shidian.errors import StudyError
from shidian.study.by_hand import Factors, all_but_inverses, refuse_by_hand, without_product
from shidian.study.grammar import Binary, Call, If, Name, Negative, Node, Number, Text, names_in
from shidian.study.measures import CATEGORY, MOST_POWER, PURE, Measure, parse_measure
from shidian.yearbook.categories import code_of

_COMPARISONS = ("==", "!=", "<=", ">=", "<", ">")

CALENDAR = Measure(1.0, (("year", 1),))
_PEOPLE = {"person", "household"}


@dataclass(frozen=True)
class Names:
    """What is known of the names in a formula.

    Attributes:
        measures: name -> unit of measure of every series and earlier variable.
        extra: units of measure that the study declares.
        by_hand: name of an earlier variable -> the numbers that its formula multiplies by.
    """

    measures: Mapping[str, Measure]
    extra: Mapping[str, str] = field(default_factory=dict)
    by_hand: Mapping[str, Factors] = field(default_factory=dict)


@dataclass(frozen=True)
class Sized:
    """A formula as it is computed.

    Attributes:
        node: the formula, its conversions written out as factors.
        measure: the unit of measure of its value.
        by_hand: the numbers that it multiplies by; one of them may be a conversion made by hand.
        brought: the factors that brought quantities to one size.
    """

    node: Node
    measure: Measure
    by_hand: Factors = ()
    brought: Factors = ()

    def times(self, factor: float, measure: Measure) -> Sized:
        """Return the formula in another unit of measure, ``factor`` times as large a number."""
        return Sized(self.node if factor == 1 else Binary("*", self.node, Number(factor)), measure)


def size_formula(node: Node, names: Names) -> Sized:
    """Return a formula with its conversions written out, and the unit of measure of its value.

    Products and ratios that leave a pure number, or multiply a percentage with a quantity, are brought to
    one size; a power keeps its unit of measure, since x and x² are read together.

    Raises:
        StudyError: different units of measure added or compared, a power of one that is not whole, a conversion
            between kinds, a number in the formula that may already be the conversion.
    """
    match node:
        case Number(value):
            return Sized(node, PURE, (value,) if value not in (0, 1) else ())
        case Name(name):
            return Sized(node, names.measures[name], names.by_hand.get(name, ()))
        case Negative(operand):
            inner = _number(size_formula(operand, names), "-")
            return Sized(Negative(inner.node), inner.measure, inner.by_hand, inner.brought)
        case Text(value):
            return Sized(Number(code_of(value)), CATEGORY)
        case If(condition, then, other):
            return _choice(size_formula(condition, names), _sum_sides(node, names, then, other))
        case Call("in", argument, options):
            return _listed(size_formula(argument, names), options)
        case Call():
            return _call(node, names)
        case Binary("^", left, Number(exponent)):
            return _power(_number(size_formula(left, names), "^"), exponent, node)
        case Binary("*" | "/", left, right):
            a, b = (_number(size_formula(side, names), node.operator) for side in (left, right))
            return _product(node, a, b)
        case Binary(_, left, right):
            return _sum(node, size_formula(left, names), size_formula(right, names))
    raise AssertionError(node)


def _number(side: Sized, operator: str) -> Sized:
    """Return a side of an operation; raises StudyError where it is a category."""
    if side.measure == CATEGORY:
        raise StudyError(
            f"'{operator}' of a category: texts are compared by == and !=, listed by in(x, [..]) and chosen by if(..)"
        )
    return side


def _choice(condition: Sized, sides: tuple[Sized, Sized, Measure]) -> Sized:
    """Return ``if(condition, a, b)`` in the unit of measure that both sides share."""
    then, other, measure = sides
    if condition.measure != PURE:
        raise StudyError(f"if(…) wants a condition, 1 or 0, and has [{condition.measure}]: compare it with something")
    by_hand = tuple(dict.fromkeys([*then.by_hand, *other.by_hand]))
    return Sized(
        If(condition.node, then.node, other.node), measure, by_hand,
        tuple(dict.fromkeys([*then.brought, *other.brought])),
    )  # fmt: skip


def _sum_sides(node: Node, names: Names, then: Node, other: Node) -> tuple[Sized, Sized, Measure]:
    """Return the two sides of a choice, and the unit of measure that their sum would have."""
    first, second = size_formula(then, names), size_formula(other, names)
    if first.measure == second.measure == CATEGORY:
        return first, second, CATEGORY
    both = _sum(Binary("+", then, other), first, second)
    return first, second, both.measure


def _listed(inner: Sized, options: tuple[float | str, ...]) -> Sized:
    """Return ``in(x, [..])``: the values as numbers, texts by their codes, of the kind that x is."""
    if (inner.measure == CATEGORY) != isinstance(options[0], str):
        what = "a category is listed by texts in quotes" if inner.measure == CATEGORY else "a number by numbers"
        raise StudyError(f"in(x, [..]) lists values of another kind than x: {what}")
    values = tuple(code_of(one) if isinstance(one, str) else one for one in options)
    return Sized(Call("in", inner.node, values), PURE)


def formula_measure(node: Node, measures: Mapping[str, Measure], extra: Mapping[str, str] | None = None) -> Measure:
    """Return the unit of measure of a formula's value as it is computed (``size_formula``).

    Raises:
        StudyError: as ``size_formula``.
    """
    return size_formula(node, Names(measures, extra or {})).measure


def same_measure(a: Measure, b: Measure) -> bool:
    """Say whether two units of measure are the same kind and size."""
    return a.dims == b.dims and b.factor != 0 and abs(a.factor / b.factor - 1) < 1e-12


def _calendar(a: Measure, b: Measure) -> bool:
    """Say whether years meet plain numbers: the numbers of the calendar have no unit of measure of their own."""
    return {a, b} == {PURE, CALENDAR}


def conversion_factor(source: Measure, target: Measure) -> float:
    """Return the number by which values in ``source`` are multiplied to be in ``target``.

    Raises:
        StudyError: the two measure different things.
    """
    if _calendar(source, target):
        return 1.0
    if source.dims != target.dims:
        raise StudyError(f"[{source}] cannot be converted to [{target}]: they measure different things")
    ratio = source.factor / target.factor if target.factor else math.inf
    if not 0 < ratio < math.inf:
        raise StudyError(f"[{source}] to [{target}]: the sizes lie further apart than can be computed with")
    nearest_power = 10.0 ** round(math.log10(ratio))
    return nearest_power if abs(ratio / nearest_power - 1) < 1e-12 else ratio


def _product(node: Binary, left: Sized, right: Sized) -> Sized:
    """Return a product or a ratio; its sizes are brought to one where the result could not show them."""
    by_number = not names_in(node.left) or not names_in(node.right)
    if node.operator == "*" and left.node == right.node and not by_number:
        return _power(left, 2.0, Binary("*", left.node, right.node))
    divides = node.operator == "/"
    measure = left.measure / right.measure if divides else left.measure * right.measure
    by_hand = all_but_inverses((*left.by_hand, *_turned(right.by_hand, divides)))
    brought = (*left.brought, *_turned(right.brought, divides))
    plain = Sized(Binary(node.operator, left.node, right.node), measure, by_hand, brought)
    if by_number:
        return _by_number(plain)
    factor = conversion_factor(Measure(_pure_size(left.measure, right.measure, measure, divides), ()), PURE)
    refuse_by_hand(by_hand, (*brought, factor), f"[{left.measure}] {node.operator} [{right.measure}]")
    if factor == 1:
        return plain
    sized = plain.times(factor, Measure(measure.factor / factor, measure.dims))
    return Sized(sized.node, sized.measure, by_hand, (*brought, factor))


def _pure_size(left: Measure, right: Measure, result: Measure, divides: bool) -> float:
    """Return the size that a product or ratio cannot show: all of that of a pure number or rate, a percentage's."""
    if result.is_pure_number or _is_rate(result):
        return result.factor
    size = left.factor if left.is_pure_number else 1.0
    if right.is_pure_number:
        size = size / right.factor if divides else size * right.factor
    return size


def _is_rate(measure: Measure) -> bool:
    """Say whether people are counted by people, such as households a person: read as a share, whatever the sizes."""
    return {base for base, _ in measure.dims} <= _PEOPLE and sum(n for _, n in measure.dims) == 0


def _by_number(plain: Sized) -> Sized:
    """Return a quantity times a number: a percentage over 100 is a plain share, its conversion made by hand."""
    refuse_by_hand(plain.by_hand, plain.brought, "the formula")
    if not plain.measure.is_pure_number or same_measure(plain.measure, PURE):
        return plain
    rest = without_product(plain.by_hand, plain.measure.factor)
    return plain if rest is None else Sized(plain.node, PURE, rest, plain.brought)


def _sum(node: Binary, left: Sized, right: Sized) -> Sized:
    """Return a sum, difference or comparison; a plain number is taken in the other side's unit of measure."""
    joined = Binary(node.operator, left.node, right.node)
    if left.measure == CATEGORY or right.measure == CATEGORY:
        if node.operator not in ("==", "!="):
            _number(left if left.measure == CATEGORY else right, node.operator)
        if left.measure != right.measure:
            raise StudyError(f"'{node.operator}' compares a category with a number: put the category's text in quotes")
        return Sized(joined, PURE)
    a_number, b_number = not names_in(node.left), not names_in(node.right)
    if _calendar(left.measure, right.measure):
        left, right = (
            Sized(left.node, PURE, left.by_hand, left.brought),
            Sized(right.node, PURE, right.by_hand, right.brought),
        )
    if not same_measure(left.measure, right.measure) and not a_number and not b_number:
        raise StudyError(
            f"'{node.operator}' joins [{left.measure}] and [{right.measure}]: convert one with to(…, 'measure') so "
            "that both are in one unit of measure"
        )
    if node.operator in _COMPARISONS:
        return Sized(joined, PURE)
    measure = right.measure if a_number else left.measure
    if node.left == Number(1.0) and node.operator == "-" and measure.is_pure_number and not same_measure(measure, PURE):
        raise StudyError(
            f"'1 - …' takes a quantity in [{measure}] from 1: write {1 / measure.factor:g} - …, or convert it with "
            "to(…, '1')"
        )
    parts = [side for side, number in ((left, a_number), (right, b_number)) if not number]
    by_hand = tuple(dict.fromkeys(f for side in parts for f in side.by_hand))
    return Sized(joined, measure, by_hand, tuple(dict.fromkeys(f for side in parts for f in side.brought)))


def _call(node: Call, names: Names) -> Sized:
    if node.function == "since":
        compared = Binary(">=", Name("year"), node.argument)
        years = Names({"year": PURE, **names.measures}, names.extra, names.by_hand)
        size_formula(compared, years)
        return Sized(node, PURE)
    inner = size_formula(node.argument, names)
    if node.function not in ("lag", "base"):
        _number(inner, f"{node.function}(…)")
    if node.function == "to":
        target = parse_measure(str(node.options[0]), names.extra)
        factor = conversion_factor(inner.measure, target)
        refuse_by_hand(inner.by_hand, (factor,), f"to(…, '{node.options[0]}')")
        return inner.times(factor, target)
    if node.function == "exp":
        inner = _without_size(inner)
    called = Call(node.function, inner.node, node.options)
    if node.function in ("lag", "base", "abs"):
        return Sized(called, inner.measure, inner.by_hand, inner.brought)
    if node.function == "sqrt":
        return _power(inner, 0.5, called)
    return Sized(
        called, PURE
    )  # ln and log10 take the argument in its own unit of measure, which shifts them by a constant


def _without_size(inner: Sized) -> Sized:
    """Return what stands inside exp(), which has a meaning for pure numbers only, as a number of size one."""
    if not inner.measure.is_pure_number:
        raise StudyError(f"exp(…) of a quantity in [{inner.measure}] has no meaning: take a ratio or a logarithm first")
    factor = conversion_factor(inner.measure, PURE)
    refuse_by_hand(inner.by_hand, (factor,), "exp(…)")
    return inner.times(factor, PURE)


def _power(inner: Sized, exponent: float, node: Node) -> Sized:
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


def _turned(factors: Factors, divides: bool) -> Factors:
    return tuple(1 / f for f in factors if f) if divides else factors
