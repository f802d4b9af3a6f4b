"""Ratios of paired runs, printed beside what was asked of them."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median


def ratio(peer: Sequence[float], ours: Sequence[float]) -> float:
    """Return the median over paired runs of the peer's seconds by ours."""
    return median(theirs / mine for theirs, mine in zip(peer, ours, strict=True))


def verdict(found: float, goal: float) -> str:
    """Return a ratio beside its goal: ``4,210 times (goal 5,000: missed)``."""
    return f"{found:,.0f} times (goal {goal:,.0f}: {'met' if found >= goal else 'missed'})"
