"""From a planted index back to the raw items that a yearbook prints.

Each function inverts a definition of ``shidian``'s studies exactly: computing the index from what it returns gives
the planted value.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from shidian.errors import SimulationError

ROUNDING = 1e-12


def theil(ratio: np.ndarray, urban_share: np.ndarray) -> np.ndarray:
    """Theil index of two groups from the ratio of their mean incomes and the urban population share (Theil 1967)."""
    mean = urban_share * ratio + (1 - urban_share)
    urban_income = urban_share * ratio / mean
    return np.asarray(
        urban_income * np.log(urban_income / urban_share)
        + (1 - urban_income) * np.log((1 - urban_income) / (1 - urban_share))
    )


def income_ratio(index: np.ndarray, urban_share: np.ndarray, highest: float) -> np.ndarray:
    """Return the ratio of urban to rural mean income, from 1 to ``highest``, that gives a Theil index.

    Raises:
        SimulationError: the index is negative, or needs a ratio above ``highest`` (its supremum is -ln urban share).
    """
    top = theil(np.full_like(index, highest), urban_share)
    beyond = np.maximum(-index, index - top)
    if (beyond > ROUNDING).any():
        worst = float(beyond.max())
        raise SimulationError(
            f"{int((beyond > ROUNDING).sum())} values of the Theil index cannot be attained with income "
            f"ratios from 1 to {highest:g} (beyond the range by up to {worst:g})"
        )
    return _bisect(lambda r: theil(r, urban_share), index, 1.0, highest)


def employment_shares(index: np.ndarray, value_added: np.ndarray) -> np.ndarray:
    """Return employment shares (…, 3) whose divergence from the shares of value added is the rationalisation index.

    ``ris = sum_m y_m ln(y_m / l_m)`` (Gan, Zheng and Yu 2011). Labour moves from industry and,
    less, from services to farming: ``l_m`` is proportional to ``y_m exp(tau d_m)``, d = (1, -1, -0.1); the index
    rises with tau from 0 without limit.
    """
    if (index < 0).any():
        raise SimulationError("the rationalisation index is a divergence and cannot be negative")
    direction = np.array([1.0, -1.0, -0.1])

    def shares(tau: np.ndarray) -> np.ndarray:
        weights = value_added * np.exp(tau[..., None] * direction)
        return np.asarray(weights / weights.sum(axis=-1, keepdims=True))

    def divergence(tau: np.ndarray) -> np.ndarray:
        return np.asarray((value_added * np.log(value_added / shares(tau))).sum(axis=-1))

    return shares(_bisect(divergence, index, 0.0, 60.0))


def employed(
    index: np.ndarray, real_gdp: np.ndarray, value_added: np.ndarray, labour: np.ndarray, scale: float
) -> np.ndarray:
    """Return total employment for which ``ais = sum_m y_m (Y_m / L_m) / scale`` is the planted index.

    Liu, Zhang and Huang (2008); labour productivity is real and divided by ``scale`` to be dimensionless.
    """
    return np.asarray(real_gdp * (value_added**2 / labour).sum(axis=-1) / (scale * index))


def _bisect(function: Callable[[np.ndarray], np.ndarray], target: np.ndarray, low: float, high: float) -> np.ndarray:
    """Solve an increasing function elementwise."""
    a, b = np.full_like(target, low), np.full_like(target, high)
    for _ in range(100):
        middle = (a + b) / 2
        below = function(middle) < target
        a, b = np.where(below, middle, a), np.where(below, b, middle)
    return (a + b) / 2
