"""A smooth function of ρ at many points, from its values at a few: what thousands of draws ask of W."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.polynomial.chebyshev import chebpts1, chebval, chebvander

NODES = (16, 32, 64)
"""Numbers of Chebyshev nodes, tried one after the other."""
NEGLIGIBLE = 1e-13
"""Share of the largest coefficient that the last ones must stay below: they fall geometrically (Trefethen 2013)."""

ROUNDING = 1e-17
"""Coefficients of a smaller share add nothing."""


def at_many(function: Callable[[np.ndarray], np.ndarray], points: np.ndarray, pole: float) -> np.ndarray:
    """Return the (d,) values of a function analytic between the smallest and the largest of the (d,) points.

    The function is asked at Chebyshev nodes of that range, without the simple pole that it may have at ``pole``, the
    end of the interval of ρ; the interpolant is used where its last coefficients are rounding error, else the function
    is asked at every point.
    """
    low, high = float(points.min()), float(points.max())
    middle, half = (low + high) / 2, (high - low) / 2
    if len(points) <= NODES[0] or half <= 1e-12 * abs(pole):
        return function(points)

    for nodes in NODES:
        x, to_coefficients = _interpolation(nodes)
        rho = middle + half * x
        coefficients = to_coefficients @ (function(rho) * (1 - rho / pole))
        share = np.abs(coefficients) / np.abs(coefficients).max()
        if share[-3:].max() <= NEGLIGIBLE:
            kept = coefficients[: 1 + np.flatnonzero(share > ROUNDING)[-1]]
            return np.asarray(chebval((points - middle) / half, kept) / (1 - points / pole))
        if nodes * 2 >= len(points):
            break
    return function(points)


@cache
def _interpolation(nodes: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the Chebyshev nodes of [-1, 1] and the matrix that makes coefficients of values there."""
    x = chebpts1(nodes)
    matrix = chebvander(x, nodes - 1).T * 2 / nodes
    matrix[0] /= 2
    return x, matrix
