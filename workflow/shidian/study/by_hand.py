"""Numbers in a formula that may be a conversion made by hand: 10000 beside 万人, 100 beside a percentage."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np

from shidian.errors import StudyError

Factors = tuple[float, ...]
"""Numbers that a formula multiplies by; those of a denominator stand as their inverse."""
FEW, NEAR = 24, 1e-8
"""Most factors of which every choice of four is tried; difference of logarithms within which a choice is tried."""


def all_but_inverses(factors: Factors) -> Factors:
    """Return the factors without pairs that undo each other, such as ``100 * x / 100``, and without ones."""
    left: list[float] = []
    for factor in factors:
        undone = next((n for n, other in enumerate(left) if _equal(other * factor, 1.0)), None)
        if undone is not None:
            left.pop(undone)
        elif not _equal(factor, 1.0):
            left.append(factor)
    return tuple(left)


def without_product(factors: Factors, product: float) -> Factors | None:
    """Return the factors that are left when some are taken whose product is ``product``; None if none have it."""
    taken = next((chosen for chosen in _choices(factors, product) if _equal(_product(factors, chosen), product)), None)
    return None if taken is None else tuple(f for n, f in enumerate(factors) if n not in taken)


def refuse_by_hand(factors: Factors, brought: Factors, where: str) -> None:
    """Refuse a formula that multiplies by a number which a conversion multiplies by once more.

    Raises:
        StudyError: numbers of the formula make a conversion, or all conversions together, a second time.
    """
    wanted = [*(f for f in brought if not _equal(f, 1.0)), math.prod(brought)]
    for factor in dict.fromkeys(wanted):
        if not _equal(factor, 1.0) and without_product(factors, factor) is not None:
            number = f"multiplies by {factor:g}" if factor > 1 else f"divides by {1 / factor:.12g}"
            raise StudyError(
                f"{where} is converted (times {factor:g}), and the formula {number} itself: leave that number out, or "
                f"write to(…, 'measure') for the conversion and keep the number for what else it means"
            )


def _choices(factors: Factors, product: float) -> Iterator[Sequence[int]]:
    """Give the choices of up to four factors, smaller ones first; of many factors those alone that may be right."""
    for size in range(1, min(len(factors), 4) + 1):
        yield from combinations(range(len(factors)), size) if len(factors) <= FEW else _likely(factors, product, size)


def _likely(factors: Factors, product: float, size: int) -> Iterator[Sequence[int]]:
    """Give choices of a size whose logarithms sum to that of a product: pairs are looked up, not tried by fours."""
    logs = np.log(np.abs(np.array(factors, dtype=float)))
    first, second = (_combined(len(factors), taken) for taken in (min(size, 2), max(size - 2, 0)))
    sums, wanted = logs[first].sum(axis=1), np.log(abs(product)) - logs[second].sum(axis=1)
    order = np.argsort(sums)
    low = np.searchsorted(sums[order], wanted - NEAR)
    high = np.searchsorted(sums[order], wanted + NEAR, side="right")
    for n in np.flatnonzero(high > low).tolist():
        for m in order[low[n] : high[n]].tolist():
            chosen = [*first[m].tolist(), *second[n].tolist()]
            if len(set(chosen)) == size:
                yield chosen


def _combined(count: int, taken: int) -> np.ndarray:
    """Return every choice of so many out of ``count`` numbers, one a row."""
    rows = list(combinations(range(count), taken))
    return np.array(rows, dtype=np.int64).reshape(len(rows), taken)


def _product(factors: Factors, chosen: Sequence[int]) -> float:
    return math.prod(factors[n] for n in chosen)


def _equal(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=1e-9)
