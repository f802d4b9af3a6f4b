"""Samples of whole numbers in a range with a given total and sum of squares: whether there is one, and one of them."""

from __future__ import annotations

_MOST = 4_000_000
"""Most work, in words of the sets of sums of squares, that counting all samples may take."""


def possible_sample(
    n: int, pairs: list[tuple[int, int]], ends: tuple[int, int], attained: bool
) -> dict[int, int] | None:
    """Return value -> how often, of one sample of n whole numbers; empty where there is none, None where not counted.

    Args:
        n: size of the sample.
        pairs: total and sum of squares that it may have, any of them.
        ends: smallest and largest value allowed.
        attained: both ends must occur.

    Every reachable sum of squares is one bit of a whole number, for each total: one more value shifts them.
    """
    low, high = ends
    width = high - low
    fixed = [0, width] if attained and width else [0] if attained else []
    free = n - len(fixed)
    if free < 0 or width < 0:
        return {}
    if free * free * width * (width + 1) * (free * width * width / 64 + 1) > _MOST * 8:
        return None
    wanted = [_shifted(s, q, n, low) for s, q in pairs]
    wanted = [(s - sum(fixed), q - sum(v * v for v in fixed)) for s, q in wanted]
    levels = [{0: 1}]
    for _ in range(free):
        levels.append(_one_more(levels[-1], width))
    for total, squares in wanted:
        if total >= 0 and squares >= 0 and levels[free].get(total, 0) >> squares & 1:
            return _counted([*fixed, *_back(levels, total, squares, width)], low)
    return {}


def _shifted(total: int, squares: int, n: int, low: int) -> tuple[int, int]:
    """Return total and sum of squares of the values less ``low``."""
    return total - n * low, squares - 2 * low * total + n * low * low


def _one_more(level: dict[int, int], width: int) -> dict[int, int]:
    found: dict[int, int] = {}
    for total, bits in level.items():
        for value in range(width + 1):
            found[total + value] = found.get(total + value, 0) | bits << value * value
    return found


def _back(levels: list[dict[int, int]], total: int, squares: int, width: int) -> list[int]:
    """Return values that lead to a total and a sum of squares."""
    values = []
    for level in reversed(levels[:-1]):
        for value in range(width + 1):
            rest, left = total - value, squares - value * value
            if rest >= 0 and left >= 0 and level.get(rest, 0) >> left & 1:
                values.append(value)
                total, squares = rest, left
                break
    return values


def _counted(values: list[int], low: int) -> dict[int, int]:
    return {value + low: values.count(value) for value in sorted(set(values))}
