"""Partialling out effects among which are slopes of levels, such as a trend of each unit.

Intercept and slopes of the same levels are projected out jointly and exactly; blocks of different levels in turn, a
symmetric sweep over them at a time, accelerated by conjugate gradients (Hernandez-Ramos, Escalante & Raydan 2011;
Correia 2016, the method of reghdfe).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from shidian.errors import EstimationError
from shidian.inference.effects import Block, Effect, blocks
from shidian.messages import say

TOLERANCE = 1e-12
"""What a sweep may still change, as a share of each column's scale."""
MOST_SWEEPS, MOST_STARTS = 2_000, 20


def without_effects(columns: np.ndarray, effects: Sequence[Effect], weights: np.ndarray | None) -> np.ndarray:
    """Return (n, k) columns of scale one less the effects, to ``TOLERANCE``.

    Raises:
        EstimationError: the projections do not converge.
    """
    root = np.ones(len(columns)) if weights is None else np.sqrt(weights / weights.mean())
    parts = blocks(effects, root)
    left = parts[0].without(columns * root[:, None])
    if len(parts) > 1:
        left = np.column_stack([_converged(column[:, None], parts) for column in left.T])
    else:
        left = parts[0].without(left)
    return left / root[:, None]


def _converged(y: np.ndarray, parts: Sequence[Block]) -> np.ndarray:
    """Return what is left of an (n, 1) column, starting again from where rounding stopped the gradients."""
    for _ in range(MOST_STARTS):
        y = _gradients(y, parts)
        if np.abs(_gone(y, parts)).max() <= TOLERANCE:
            return y
    raise EstimationError(
        say(
            "the fixed effects and slopes could not be partialled out: the projections do not converge; the slopes are "
            "nearly those of another effect, or their variable hardly varies within levels"
        )
    )


def _gradients(y: np.ndarray, parts: Sequence[Block]) -> np.ndarray:
    """Take steps of conjugate gradients for (I - T) y = 0, T the symmetric sweep that partials each block out."""
    gone = direction = _gone(y, parts)
    size = float(np.sum(gone * gone))
    for _ in range(MOST_SWEEPS):
        if size == 0 or np.abs(gone).max() <= TOLERANCE / 10:
            break
        turned = _gone(direction, parts)
        along = float(np.sum(direction * turned))
        if along <= 0:
            break
        step = size / along
        y = y - step * direction
        gone = gone - step * turned
        before, size = size, float(np.sum(gone * gone))
        direction = gone + (size / before) * direction
    for part in parts:
        y = part.without(y)
    return y


def _gone(columns: np.ndarray, parts: Sequence[Block]) -> np.ndarray:
    """Return what one symmetric sweep takes from the columns."""
    left = columns
    for part in (*parts, *reversed(parts[:-1])):
        left = part.without(left)
    return columns - left
