"""Moran's I, global and local, with analytic and permutation p-values (Moran 1950; Cliff & Ord 1981; Anselin 1995)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from shidian.errors import EstimationError
from shidian.messages import say
from shidian.period import stream_key
from shidian.spatial.weights import MOST_NAMED, Weights
from shidian.variance import roots

TIE = 1e-12
"""Statistics closer than this share of their size are the same number added up in another order."""
CLUSTERS = (say("High-High"), say("Low-Low"), say("Low-High"), say("High-Low"), say("not significant"))


@dataclass(frozen=True)
class Moran:
    """Global Moran's I.

    Attributes:
        I: the statistic; ``expected`` its mean −1/(n − 1) without spatial dependence.
        variance: under randomisation, ``variance_normal`` under normality.
        z: (I − expected) / sd under randomisation; ``p`` two-sided, from the normal.
        p_permutation: two-sided, (1 + #{|I_r − expected| ≥ |I − expected|}) / (1 + permutations).
        permutations: number of permutations, 0 for none.
    """

    I: float  # noqa: E741
    expected: float
    variance: float
    variance_normal: float
    z: float
    p: float
    p_permutation: float
    permutations: int


def moran(values: np.ndarray, weights: Weights, permutations: int = 999, seed: int = 0, stream: int = 0) -> Moran:
    """Return Moran's I = (n / S0) z'Wz / z'z of (n,) values in the order of the weights' codes.

    Args:
        values: (n,) values.
        weights: spatial weights.
        permutations: random permutations behind the permutation p-value; 0 for none.
        seed: seed of the permutations.
        stream: number of this test's own random stream (such as the year), so that tests do not share draws.

    Raises:
        EstimationError: missing values, named by unit; a variable that does not vary; fewer than four units.
    """
    z = _deviations(values, weights)
    W, n = weights.matrix, weights.n
    s0, ssq = W.sum(), float(z @ z)
    statistic = n / s0 * float(z @ W @ z) / ssq
    expected = -1 / (n - 1)
    variance, normal = _variances(z, W)
    score = (statistic - expected) / roots(variance)
    p_permutation = float("nan")
    if permutations:
        drawn = z[_permutations(n, permutations, seed, stream)]
        simulated = n / s0 * np.einsum("rn,rn->r", drawn @ W.T, drawn) / ssq
        margin = abs(statistic - expected) * (1 - TIE)
        extreme = int(np.sum(np.abs(simulated - expected) >= margin))
        p_permutation = (1 + extreme) / (1 + permutations)
    p = float(2 * stats.norm.sf(abs(score)))
    return Moran(statistic, expected, variance, normal, float(score), p, p_permutation, permutations)


def geary(values: np.ndarray, weights: Weights) -> float:
    """Return Geary's C = (n − 1) Σ w_ij (z_i − z_j)² / (2 S0 Σ z²)."""
    z = _deviations(values, weights)
    W = weights.matrix
    squares = float(np.sum(W * (z[:, None] - z[None, :]) ** 2))
    return (weights.n - 1) * squares / (2 * float(W.sum()) * float(z @ z))


def local_moran(
    values: np.ndarray, weights: Weights, permutations: int = 999, seed: int = 0, level: float = 0.05, stream: int = 0
) -> pd.DataFrame:
    """Return local Moran's I_i = (n − 1) z_i (Wz)_i / Σz² with conditional permutation p-values and cluster classes.

    For unit i the values of all others are permuted, i's own stays (Anselin 1995). The p-value is two-sided: twice
    the smaller tail, at most one. Columns: unit, value, z, lag (both standardised), local_i, p, cluster, one of
    ``CLUSTERS`` (High-Low = high value among low neighbours).

    Raises:
        EstimationError: see ``moran``; no permutation.
    """
    if permutations < 1:
        raise EstimationError(say("local Moran's I has no usable analytic p-value: give a number of permutations"))
    z = _deviations(values, weights)
    W, n = weights.matrix, weights.n
    lag = W @ z
    draws = _permutations(n - 1, permutations, seed, stream)
    largest, p = float(np.abs(z).max()), np.empty(n)
    for i in range(n):
        others, w = np.delete(z, i), np.delete(W[i], i)
        near = np.flatnonzero(w)
        simulated = others[draws[:, near]] @ w[near]
        same = TIE * float(w.sum()) * largest
        above, below = int(np.sum(simulated >= lag[i] - same)), int(np.sum(simulated <= lag[i] + same))
        p[i] = min(1.0, 2 * (1 + min(above, below)) / (1 + permutations))
    sd = z.std(ddof=1)
    classes = np.select(
        [p >= level, (z > 0) & (lag > 0), (z <= 0) & (lag <= 0), (z <= 0) & (lag > 0)],
        [CLUSTERS[4], CLUSTERS[0], CLUSTERS[1], CLUSTERS[2]], CLUSTERS[3],
    )  # fmt: skip
    return pd.DataFrame({
        "unit": list(weights.codes), "value": values, "z": z / sd, "lag": lag / sd,
        "local_i": (n - 1) * z * lag / float(z @ z), "p": p, "cluster": classes,
    })  # fmt: skip


def _deviations(values: np.ndarray, weights: Weights) -> np.ndarray:
    x = np.asarray(values, dtype=np.float64)
    if x.shape != (weights.n,):
        raise EstimationError(
            say("Moran's I: {shape} values for weights of {n} units", shape=str(x.shape), n=weights.n)
        )
    if weights.n < 4:
        raise EstimationError(say("Moran's I needs four units or more, not {n}", n=weights.n))
    lacking = [code for code, bad in zip(weights.codes, ~np.isfinite(x), strict=True) if bad]
    if lacking:
        raise EstimationError(
            say("Moran's I: {n} units have no value: {units}", n=len(lacking), units=lacking[:MOST_NAMED])
        )
    z = x - x.mean()
    if np.abs(z).max() <= 1e-12 * np.abs(x).max():
        raise EstimationError(say("Moran's I: all {n} units have the same value", n=weights.n))
    return z


def _variances(z: np.ndarray, W: np.ndarray) -> tuple[float, float]:
    """Return the variance of I under randomisation and under normality (Cliff & Ord 1981, ch. 2)."""
    n = len(z)
    s0, s1 = float(W.sum()), float(((W + W.T) ** 2).sum() / 2)
    s2 = float(((W.sum(axis=0) + W.sum(axis=1)) ** 2).sum())
    kurtosis = float(np.mean(z**4) / np.mean(z**2) ** 2)
    first = n * ((n**2 - 3 * n + 3) * s1 - n * s2 + 3 * s0**2)
    second = kurtosis * ((n**2 - n) * s1 - 2 * n * s2 + 6 * s0**2)
    squared = (first - second) / ((n - 1) * (n - 2) * (n - 3) * s0**2)
    normal = (n**2 * s1 - n * s2 + 3 * s0**2) / ((n**2 - 1) * s0**2)
    return squared - 1 / (n - 1) ** 2, normal - 1 / (n - 1) ** 2


def _permutations(n: int, draws: int, seed: int, stream: int) -> np.ndarray:
    """Return (draws, n) permutations; the first ones are the same whatever their number."""
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=stream_key(stream)))
    return np.argsort(rng.random((draws, n)), axis=1, kind="stable")
