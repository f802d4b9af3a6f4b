"""Interval arithmetic on printed numbers: a printed digit stands for every value that rounds to it.

A number printed with d decimals is any value within half a unit of the d-th decimal. Every result encloses all values
that the operands allow (Moore 1966), so what falls outside cannot be explained by rounding. Operands are taken as
independent: a quantity that enters twice makes the result wider than it need be, never narrower.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from decimal import Decimal

SLACK = 1e-9
"""Relative slack of comparisons, far below any printed digit, for the rounding of the computer itself."""


@dataclass(frozen=True)
class Interval:
    """All numbers from ``low`` to ``high``, both included."""

    low: float
    high: float

    def __add__(self, other: Interval | float) -> Interval:
        other = enclose(other)
        return Interval(self.low + other.low, self.high + other.high)

    def __sub__(self, other: Interval | float) -> Interval:
        other = enclose(other)
        return Interval(self.low - other.high, self.high - other.low)

    def __mul__(self, other: Interval | float) -> Interval:
        other = enclose(other)
        corners = [_product(a, b) for a in (self.low, self.high) for b in (other.low, other.high)]
        return Interval(min(corners), max(corners))

    def __truediv__(self, other: Interval | float) -> Interval:
        other = enclose(other)
        if other.low < 0 < other.high:
            return Interval(-math.inf, math.inf)
        if other.low == other.high == 0:
            raise ZeroDivisionError("division by an interval that is zero")
        low = 1 / other.high if other.high else -math.inf
        high = 1 / other.low if other.low else math.inf
        return self * Interval(low, high)

    def square(self) -> Interval:
        """Return the squares of all values."""
        size = self.size()
        return Interval(size.low**2, size.high**2)

    def root(self) -> Interval:
        """Return the square roots of the values that are not negative."""
        return Interval(math.sqrt(max(0.0, self.low)), math.sqrt(max(0.0, self.high)))

    def size(self) -> Interval:
        """Return the absolute values."""
        if self.low <= 0 <= self.high:
            return Interval(0.0, max(-self.low, self.high))
        return Interval(min(abs(self.low), abs(self.high)), max(abs(self.low), abs(self.high)))

    def meets(self, other: Interval | float) -> bool:
        """Say whether some value lies in both, up to the rounding of the computer."""
        other = enclose(other)
        slack = SLACK * max(1.0, *(abs(x) for x in (self.low, other.low, self.high, other.high) if math.isfinite(x)))
        return self.low <= other.high + slack and other.low <= self.high + slack

    def below(self, other: Interval | float) -> bool:
        """Say whether every value lies below every value of the other."""
        other = enclose(other)
        return self.low <= other.low and not self.meets(other)

    def __str__(self) -> str:
        if self.low == self.high:
            return f"{self.low:.6g}"
        return f"{self.low:.5g} to {self.high:.5g}"


@dataclass(frozen=True)
class Printed:
    """A number as printed.

    Attributes:
        text: the number as plain decimal text (``plain_number``).
        exact: rounding did not touch it: counts, the 0 and 1 of a variable's range.
        at: the cell that holds it, which neither equality nor arithmetic heeds.
        relation: ``"<"`` where a bound is printed (p < 0.001), ``">"`` likewise, else "".
    """

    text: str
    exact: bool = False
    at: str = field(default="", compare=False)
    relation: str = ""

    @property
    def value(self) -> float:
        """The number itself."""
        return float(Decimal(self.text))

    @property
    def decimals(self) -> int:
        """Number of decimals printed."""
        return max(0, -int(Decimal(self.text).as_tuple().exponent))

    @property
    def interval(self) -> Interval:
        """Every value that rounds to the printed one (halves either way), or that the printed bound leaves."""
        if self.relation:
            return Interval(0.0, self.value) if self.relation == "<" else Interval(self.value, math.inf)
        if self.exact:
            return Interval(self.value, self.value)
        half = 0.5 * 10.0 ** int(Decimal(self.text).as_tuple().exponent)
        return Interval(self.value - half, self.value + half)

    @property
    def digits(self) -> int:
        """Significant digits printed: 0.0103 has three, 0.010 two."""
        return len(Decimal(self.text).as_tuple().digits) if self.value else 0

    def __str__(self) -> str:
        return f"{self.relation}{self.text}"


def enclose(value: Interval | float) -> Interval:
    """Return a number as the interval that holds only it."""
    return value if isinstance(value, Interval) else Interval(float(value), float(value))


def total(parts: list[Interval]) -> Interval:
    """Return the sum of intervals."""
    return Interval(math.fsum(p.low for p in parts), math.fsum(p.high for p in parts))


def _product(a: float, b: float) -> float:
    return 0.0 if a == 0 or b == 0 else a * b
