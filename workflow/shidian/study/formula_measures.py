"""The unit of measure of a formula, worked out before any number is read, and the conversions that its sizes need.

What cannot be added is an error; what measures one kind in different sizes (人 over 万人, a percentage times a sum of
money) is brought to one size, so that no factor hides in a number without one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from shidian.errors import StudyError
from shidian.measures import CATEGORY, PURE, Measure
from shidian.study.by_hand import Factors, all_but_inverses, refuse_by_hand, without_product
from shidian.study.function_measures import size_call
from shidian.study.grammar import Binary, Call, If, Name, Negative, Node, Number, Text, names_in, parts_of
from shidian.study.logarithms import joined, multiplied, refuse_sizes
from shidian.study.sized import (
    Names,
    Sized,
    conversion_factor,
    is_calendar,
    number_side,
    same_measure,
    to_power,
)
from shidian.yearbook.categories import code_of

_COMPARISONS = ("==", "!=", "<=", ">=", "<", ">")

_PEOPLE = {"person", "household"}


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
            return Sized(node, names.measures[name], names.by_hand.get(name, ()), logs=names.logs.get(name))
        case Negative(operand):
            inner = number_side(size_formula(operand, names), "-")
            logs = inner.logs.times(-1.0) if inner.logs else None
            return Sized(Negative(inner.node), inner.measure, inner.by_hand, inner.brought, logs)
        case Text(value):
            return Sized(Number(code_of(value)), CATEGORY)
        case If(condition, then, other):
            return _choice(size_formula(condition, names), _sum_sides(node, names, then, other))
        case Call():
            return _called(node, names)
        case Binary("^", left, Number(exponent)):
            return to_power(number_side(size_formula(left, names), "^"), exponent, node)
        case Binary("*" | "/", left, right):
            a, b = (number_side(size_formula(side, names), node.operator) for side in (left, right))
            return _product(node, a, b)
        case Binary(_, left, right):
            return _sum(node, size_formula(left, names), size_formula(right, names))
    raise AssertionError(node)


def _called(node: Call, names: Names) -> Sized:
    """Return a function's value with its unit of measure."""
    if node.function == "since":
        compared = Binary(">=", Name("year"), node.argument)
        size_formula(compared, replace(names, measures={"year": PURE, **names.measures}))
        return Sized(node, PURE)
    parts = [size_formula(part, names) for part in parts_of(node)]
    if node.function == "in":
        return _listed(parts[0], node.options)
    return _of_one_measure(node, parts) if node.function in ("min", "max") else size_call(node, parts, names)


def _choice(condition: Sized, sides: tuple[Sized, Sized, Measure]) -> Sized:
    """Return ``if(condition, a, b)`` in the unit of measure that both sides share."""
    then, other, measure = sides
    if condition.measure != PURE:
        raise StudyError(f"if(…) wants a condition, 1 or 0, and has [{condition.measure}]: compare it with something")
    by_hand = tuple(dict.fromkeys([*then.by_hand, *other.by_hand]))
    return Sized(
        If(condition.node, then.node, other.node), measure, by_hand,
        tuple(dict.fromkeys([*then.brought, *other.brought])), then.logs or other.logs,
    )  # fmt: skip


def _sum_sides(node: Node, names: Names, then: Node, other: Node) -> tuple[Sized, Sized, Measure]:
    """Return the two sides of a choice, and the unit of measure that their sum would have."""
    first, second = size_formula(then, names), size_formula(other, names)
    if first.measure == second.measure == CATEGORY:
        return first, second, CATEGORY
    refuse_sizes("if", first.logs, second.logs)
    both = _sum(Binary("if", then, other), first, second)
    return first, second, both.measure


def _of_one_measure(node: Call, sides: Sequence[Sized]) -> Sized:
    """Return the smallest or largest of several values, which are in one unit of measure as those of a sum are."""
    parts = parts_of(node)
    first = next((n for n, part in enumerate(parts) if names_in(part)), 0)
    pairs = [n for n in range(len(parts)) if n != first]
    sums = [_sum(Binary(node.function, parts[first], parts[n]), sides[first], sides[n]) for n in pairs]
    measure = sums[0].measure
    for n in pairs:
        refuse_sizes(node.function, sides[first].logs, sides[n].logs)
    if Number(1.0) in parts and measure.is_pure_number and not same_measure(measure, PURE):
        raise StudyError(
            f"'{node.function}' takes 1 for 1 [{measure}]: write {1 / measure.factor:g} for the whole, or convert the "
            "others with to(…, '1')"
        )
    by_hand, brought = (dict.fromkeys(f for one in sums for f in getattr(one, key)) for key in ("by_hand", "brought"))
    called = Call(node.function, sides[0].node, (), tuple(side.node for side in sides[1:]))
    logs = next((side.logs for side in sides if side.logs), None)
    return Sized(called, measure, tuple(by_hand), tuple(brought), logs)


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


def _product(node: Binary, left: Sized, right: Sized) -> Sized:
    """Return a product or a ratio; its sizes are brought to one where the result could not show them."""
    by_number = not names_in(node.left) or not names_in(node.right)
    if node.operator == "*" and left.node == right.node and not by_number:
        return to_power(left, 2.0, Binary("*", left.node, right.node))
    divides = node.operator == "/"
    measure = left.measure / right.measure if divides else left.measure * right.measure
    by_hand = all_but_inverses((*left.by_hand, *_turned(right.by_hand, divides)))
    brought = (*left.brought, *_turned(right.brought, divides))
    logs = multiplied(node.operator, (node.left, left.logs), (node.right, right.logs))
    plain = Sized(Binary(node.operator, left.node, right.node), measure, by_hand, brought, logs)
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
    return plain if rest is None else Sized(plain.node, PURE, rest, plain.brought, plain.logs)


def _sum(node: Binary, left: Sized, right: Sized) -> Sized:
    """Return a sum, difference or comparison; a plain number is taken in the other side's unit of measure."""
    both = Binary(node.operator, left.node, right.node)
    if left.measure == CATEGORY or right.measure == CATEGORY:
        if node.operator not in ("==", "!="):
            number_side(left if left.measure == CATEGORY else right, node.operator)
        if left.measure != right.measure:
            raise StudyError(f"'{node.operator}' compares a category with a number: {_way_to_compare(node)}")
        return Sized(both, PURE)
    a_number, b_number = not names_in(node.left), not names_in(node.right)
    if is_calendar(left.measure, right.measure):
        left, right = (
            replace(left, measure=PURE),
            replace(right, measure=PURE),
        )
    if not same_measure(left.measure, right.measure) and not a_number and not b_number:
        raise StudyError(
            f"'{node.operator}' joins [{left.measure}] and [{right.measure}]: convert one with to(…, 'measure') so "
            "that both are in one unit of measure"
        )
    if node.operator in _COMPARISONS:
        _refuse_share(node, right.measure if a_number else left.measure)
        refuse_sizes(node.operator, left.logs, right.logs)
        return Sized(both, PURE)
    measure = right.measure if a_number else left.measure
    _refuse_one(node, measure)
    parts = [side for side, number in ((left, a_number), (right, b_number)) if not number]
    by_hand = tuple(dict.fromkeys(f for side in parts for f in side.by_hand))
    brought = tuple(dict.fromkeys(f for side in parts for f in side.brought))
    sized, logs = joined(both, left.logs, right.logs) if node.operator in ("+", "-") else (both, None)
    return Sized(sized, measure, by_hand, brought, logs)


def _refuse_one(node: Binary, measure: Measure) -> None:
    """Refuse 1 beside a percentage, where it may mean the whole and would count as 1 %."""
    if node.operator not in ("+", "-", "if") or Number(1.0) not in (node.left, node.right):
        return
    if not measure.is_pure_number or same_measure(measure, PURE):
        return
    whole = f"{1 / measure.factor:g}"
    sides = ("1", "…") if node.left == Number(1.0) else ("…", "1")
    written = f"if(…, {', '.join(sides)})" if node.operator == "if" else f" {node.operator} ".join(sides)
    does = f"takes a quantity in [{measure}] from 1" if written == "1 - …" else f"joins a quantity in [{measure}] and 1"
    raise StudyError(
        f"'{written}' {does}: write {written.replace('1', whole)}, or convert it with to(…, '1'); where 1 [{measure}] "
        f"is meant, {whole} * to(…, '1') is the number to write it beside"
    )


def _refuse_share(node: Binary, measure: Measure) -> None:
    """Refuse a percentage compared with a number between 0 and 1, which may be meant as a share."""
    numbers = [side.value for side in (node.left, node.right) if isinstance(side, Number)]
    if measure.is_pure_number and measure.factor < 1 and any(0 < value <= 1 for value in numbers):
        raise StudyError(
            f"'{node.operator}' compares a quantity in [{measure}] with {numbers[0]:g}: write "
            f"{numbers[0] / measure.factor:g} for that share of the whole, or to(…, '1') {node.operator} … for a share"
        )


def _way_to_compare(node: Binary) -> str:
    """Return what to do where a category stands beside a number: a text in quotes is right beside categories only."""
    text = next((side for side in (node.left, node.right) if isinstance(side, Text)), None)
    if text is None:
        return "put the category's text in quotes"
    return (
        f"the other side of '{text.value}' holds numbers. Write its number, or declare 'measure: category' in its "
        "source (and in a file of Stata 'value_labels', which reads the labels of its values)"
    )


def _turned(factors: Factors, divides: bool) -> Factors:
    return tuple(1 / f for f in factors if f) if divides else factors
