"""Simultaneous confidence bands: the critical value with which all intervals of a path hold together."""

from __future__ import annotations

import numpy as np

DRAWS = 100_000
"""Draws of the plug-in critical value; its own simulation error is about .005."""
_CHUNK = 10_000


def sup_t_critical(
    vcov: np.ndarray, df: float = np.inf, level: float = 0.95, seed: int = 0, draws: int = DRAWS
) -> float:
    """Return the critical value of the sup-t band (Montiel Olea & Plagborg-Møller 2019, plug-in, algorithm 1).

    The quantile of the largest absolute value among statistics that are normal with the estimates' correlations; of
    finite ``df`` they share a chi-squared scale, so that one coefficient alone has its pointwise t critical value.

    Args:
        vcov: (k, k) covariance of the estimates, of positive variances.
        df: degrees of freedom of the pointwise intervals, inf for the normal.
        level: probability that all k intervals hold together.
        seed: of the draws.
        draws: number of draws.

    Returns:
        The critical value; nan where there is no estimate or a variance is not positive.
    """
    variances = np.diag(vcov)
    if not len(variances) or not (np.isfinite(vcov).all() and (variances > 0).all()):
        return float("nan")
    se = np.sqrt(variances)
    root = _root(vcov / np.outer(se, se))
    rng = np.random.default_rng([seed, 0x5AB])
    largest = np.concatenate([
        _largest(rng, root, df, min(_CHUNK, draws - start)) for start in range(0, draws, _CHUNK)
    ])  # fmt: skip
    return float(np.quantile(largest, level))


def _largest(rng: np.random.Generator, root: np.ndarray, df: float, draws: int) -> np.ndarray:
    """Return the largest absolute statistic of each draw."""
    found: np.ndarray = np.abs(rng.standard_normal((draws, root.shape[0])) @ root.T).max(axis=1)
    return found / np.sqrt(rng.chisquare(df, draws) / df) if np.isfinite(df) else found


def _root(correlation: np.ndarray) -> np.ndarray:
    """Return R with R R' the correlation, which may be singular (fewer clusters than estimates)."""
    values, vectors = np.linalg.eigh((correlation + correlation.T) / 2)
    root: np.ndarray = vectors * np.sqrt(np.clip(values, 0, None))
    return root
