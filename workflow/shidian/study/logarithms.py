"""What logarithms in a formula are of, so that no conversion hides in the constant that it shifts them by.

The logarithm of 2 万元 is that of 20,000 元 less ln(10,000). Such constants add up as the logarithms do: in the
difference of the logarithms of 元 and 万元 the units of measure cancel, and ln(10,000) would be left unseen.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from shidian.errors import StudyError
from shidian.measures import PURE, Measure
from shidian.study.by_hand import Factors, refuse_by_hand
from shidian.study.grammar import Binary, Negative, Node, Number

NEAR = 1e-9


@dataclass(frozen=True)
class Logs:
    """What a sum of logarithms is of.

    Attributes:
        dims: base unit -> its power; ``shift`` what must be added so that the sum is that of base units.
        by_hand: the numbers that stand inside the logarithms; those of a negative one as their inverse.
        brought: the factors by which logarithms were brought to one size.
    """

    dims: Mapping[str, float]
    shift: float
    by_hand: Factors = ()
    brought: Factors = ()

    @property
    def is_pure(self) -> bool:
        """Whether the units of measure cancel."""
        return not self.dims

    def times(self, factor: float) -> Logs:
        """Return what a multiple of the logarithms is of."""
        dims = {base: n * factor for base, n in self.dims.items() if factor}
        return Logs(dims, self.shift * factor, *(_powers(f, factor) for f in (self.by_hand, self.brought)))

    def plus(self, other: Logs) -> Logs:
        """Return what the sum of two is of."""
        sums = {base: self.dims.get(base, 0.0) + other.dims.get(base, 0.0) for base in {*self.dims, *other.dims}}
        dims = {base: n for base, n in sorted(sums.items()) if abs(n) > NEAR}
        by_hand, brought = (*self.by_hand, *other.by_hand), (*self.brought, *other.brought)
        return Logs(dims, self.shift + other.shift, by_hand, brought)

    def __str__(self) -> str:
        measure = self.measure()
        return "several units" if measure is None else str(measure)

    def measure(self) -> Measure | None:
        """Return the unit of measure that the exponential has; None where a power is not whole."""
        if any(abs(n - round(n)) > NEAR for n in self.dims.values()) or abs(self.shift) > math.log(1e300):
            return None
        return Measure(factor_of(self.shift), tuple((base, round(n)) for base, n in sorted(self.dims.items())))


def logs_of(measure: Measure, by_hand: Factors) -> Logs:
    """Return what the natural logarithm of a quantity is of."""
    return Logs({base: float(n) for base, n in measure.dims}, math.log(measure.factor), by_hand)


def factor_of(shift: float) -> float:
    """Return the factor whose logarithm is ``shift``, powers of ten to the last digit."""
    tens = shift / math.log(10)
    return 10.0 ** round(tens) if abs(tens - round(tens)) < NEAR else math.exp(shift)


def joined(node: Binary, left: Logs | None, right: Logs | None) -> tuple[Node, Logs | None]:
    """Return a sum or difference that may hold logarithms, brought to one size where their units of measure cancel.

    Raises:
        StudyError: a number of the formula is that conversion already.
    """
    if left is None or right is None:
        only = left or right
        return node, only.times(-1.0) if only and left is None and node.operator == "-" else only
    logs = left.plus(right if node.operator == "+" else right.times(-1.0))
    cancel = node.operator == "-" or not left.is_pure or not right.is_pure
    if logs.is_pure and cancel and abs(logs.shift) > NEAR:
        factor = factor_of(logs.shift)
        refuse_by_hand(logs.by_hand, (factor,), f"the logarithm of [{left}] {node.operator} that of [{right}]")
        return (
            Binary("+", node, Number(logs.shift)),
            replace(logs, shift=0.0, brought=(*logs.brought, factor)),
        )
    if logs.by_hand and logs.brought:
        refuse_by_hand(logs.by_hand, logs.brought, "the sum of logarithms")
    return node, logs


def refuse_sizes(operator: str, left: Logs | None, right: Logs | None) -> None:
    """Refuse logarithms of different units of measure where they are compared or stand for each other."""
    if left is None or right is None:
        return
    apart = left.plus(right.times(-1.0))
    if not apart.is_pure or abs(apart.shift) > NEAR:
        raise StudyError(
            f"'{operator}' joins logarithms of [{left}] and [{right}]: convert what stands inside one of them with "
            "to(…, 'measure')"
        )


def constant(node: Node) -> float | None:
    """Return the value of a formula of numbers alone; None of another."""
    match node:
        case Number(value):
            return value
        case Negative(operand):
            inner = constant(operand)
            return None if inner is None else -inner
        case Binary(operator, left, right) if operator in "+-*/":
            a, b = constant(left), constant(right)
            if a is None or b is None or (operator == "/" and b == 0):
                return None
            return {"+": a + b, "-": a - b, "*": a * b}.get(operator, a / b if b else 0.0)
    return None


def multiplied(operator: str, left: tuple[Node, Logs | None], right: tuple[Node, Logs | None]) -> Logs | None:
    """Return what logarithms times or over a number are of; None of other products, whose units of measure they keep.

    A product of a logarithm with a variable depends on the unit of measure inside it, as the paper's does.
    """
    (a, of_a), (b, of_b) = left, right
    if of_a and (k := constant(b)):
        return of_a.times(k if operator == "*" else 1 / k)
    if of_b and operator == "*" and (k := constant(a)):
        return of_b.times(k)
    return None


def measure_of_exp(logs: Logs | None) -> Measure:
    """Return the unit of measure of the exponential of logarithms; a pure number where it has none."""
    return (logs.measure() or PURE) if logs else PURE


def _powers(factors: Factors, exponent: float) -> Factors:
    try:
        return tuple(abs(f) ** exponent for f in factors if f)
    except OverflowError:
        return ()
