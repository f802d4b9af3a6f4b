"""Wald tests that several estimates are jointly zero, judged by a covariance that must have full rank."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from shidian.errors import EstimationError
from shidian.estimates import Fit
from shidian.messages import say

RANK = 1e-10
"""An eigenvalue of the correlation below this is zero but for rounding error."""


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
        EstimationError: a coefficient without a standard error; a covariance of the coefficients that is singular (more
            of them than clusters allow) or was not positive definite before it was made so.
    """
    index = [fit.terms.index(term) for term in terms]
    what = say("{n} coefficients", n=len(index))
    require_errors(fit, index, what)
    at = np.ix_(index, index)
    if fit.unadjusted is not None:
        require_definite(fit.unadjusted[at], fit.se[index], what)
    return joint_test(fit.coef[index], fit.vcov[at], fit.se[index], fit.df, what)


def require_errors(fit: Fit, index: Sequence[int], what: str) -> None:
    """Refuse coefficients of which one has no standard error; raises EstimationError with its reason."""
    for i in index:
        if fit.reasons[i]:
            raise EstimationError(
                say(
                    "{what} cannot be tested jointly: '{term}' has {reason}",
                    what=what,
                    term=fit.terms[i],
                    reason=fit.reasons[i],
                )
            )


def require_definite(V: np.ndarray, scale: np.ndarray, what: str) -> None:
    """Refuse a (q, q) covariance that is not positive definite beside rounding error.

    ``scale`` (q,) holds the size of standard error by which that is judged, ``what`` names the estimates.

    Raises:
        EstimationError: the covariance has a negative eigenvalue, or lower rank.
    """
    reason = not_definite(V, scale)
    if reason:
        raise EstimationError(
            say("{what} cannot be tested jointly: their covariance {reason}", what=what, reason=reason)
        )


def not_definite(V: np.ndarray, scale: np.ndarray) -> str:
    """Say why a (q, q) covariance is not positive definite beside rounding error, in a predicate; empty where it is."""
    if not np.isfinite(V).all():
        return say("is not finite")
    R = V / np.outer(scale, scale) if (scale > 0).all() else np.zeros_like(V)
    least = float(np.linalg.eigvalsh((R + R.T) / 2).min())
    if least < -RANK:
        return say("is not positive definite")
    return say("has lower rank") if least < RANK else ""


def joint_test(b: np.ndarray, V: np.ndarray, scale: np.ndarray, df: float, what: str) -> WaldTest:
    """Test that the q estimates ``b`` with covariance ``V`` are zero: F(q, df), of infinite df a χ² over its q."""
    F = wald_statistic(b, V, scale, what) / len(b)
    p = stats.chi2.sf(F * len(b), len(b)) if np.isinf(df) else stats.f.sf(F, len(b), df)
    return WaldTest(F, len(b), df, float(p))


def wald_statistic(b: np.ndarray, V: np.ndarray, scale: np.ndarray, what: str) -> float:
    """Return b'V^-1 b of the q estimates ``b`` with covariance ``V``.

    ``scale`` (q,) holds the size of standard error by which the rank of V is judged, ``what`` names the estimates.

    Raises:
        EstimationError: V is singular beside rounding error (more estimates than clusters allow, or estimates that
            are the same by construction), or not positive definite.
    """
    require_definite(V, scale, what)
    z = b / scale
    return float(z @ np.linalg.solve(V / np.outer(scale, scale), z))
