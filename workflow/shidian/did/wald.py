"""Wald tests that several estimates are jointly zero, judged by a covariance that must have full rank."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from shidian.errors import EstimationError
from shidian.estimates import Fit


@dataclass(frozen=True)
class WaldTest:
    """Joint test that q coefficients are zero: F(q, df2), with its p-value."""

    F: float
    df1: int
    df2: float
    p: float


def wald_test(fit: Fit, terms: Sequence[str]) -> WaldTest:
    """Test that the coefficients named are jointly zero: F = b'V^-1 b / q with q and the fit's df.

    Raises:
        EstimationError: the covariance of the coefficients is singular (more of them than clusters allow).
    """
    index = [fit.terms.index(term) for term in terms]
    b, V = fit.coef[index], fit.vcov[np.ix_(index, index)]
    return joint_test(b, V, np.sqrt(np.diag(V)), fit.df, f"{len(index)} coefficients")


def joint_test(b: np.ndarray, V: np.ndarray, scale: np.ndarray, df: float, what: str) -> WaldTest:
    """Test that the q estimates ``b`` with covariance ``V`` are jointly zero: F(q, df); see ``wald_statistic``."""
    F = wald_statistic(b, V, scale, what) / len(b)
    return WaldTest(F, len(b), df, float(stats.f.sf(F, len(b), df)))


def wald_statistic(b: np.ndarray, V: np.ndarray, scale: np.ndarray, what: str) -> float:
    """Return b'V^-1 b of the q estimates ``b`` with covariance ``V``.

    ``scale`` (q,) holds the size of standard error by which the rank of V is judged, ``what`` names the estimates.

    Raises:
        EstimationError: V is singular beside rounding error (more estimates than clusters allow, or estimates that
            are the same by construction).
    """
    R = V / np.outer(scale, scale) if (scale > 0).all() else np.zeros_like(V)
    if np.linalg.matrix_rank(R, tol=1e-10) < len(b):
        raise EstimationError(f"{what} cannot be tested jointly: their covariance has lower rank")
    z = b / scale
    return float(z @ np.linalg.solve(R, z))
