"""Residuals, scores and bias correction of a spatial model at its estimates (see ``information`` and ``models``)."""

from __future__ import annotations

import numpy as np

from shidian.inference.scaled import solve
from shidian.spatial.information import Quadratic, Scores, information
from shidian.spatial.logdet import LogDeterminant
from shidian.spatial.transformed import LAMBDA, RHO, Options, Sample


def residuals_of(sample: Sample, theta: np.ndarray, spatial: tuple[str, ...]) -> np.ndarray:
    """Return the (N,) transformed ε at the coefficients ``theta`` (those of the terms, then the spatial ones)."""
    k = len(sample.terms)
    rho, lam = (theta[k + spatial.index(name)] if name in spatial else 0.0 for name in (RHO, LAMBDA))
    y, X = sample.filtered(rho, lam)
    return np.asarray(y - X @ theta[:k])


def scores_of(
    sample: Sample,
    logdet: LogDeterminant,
    theta: np.ndarray,
    sigma2: float,
    spatial: tuple[str, ...],
    shape: tuple[float, float, bool],
) -> Scores:
    """Return the parts of the scores of (β, θ, ρ, λ, σ²); see ``information``."""
    periods, n_eff, transformed = shape
    k = len(sample.terms)
    columns, found = [], list[Quadratic]([None] * k)
    lam = theta[k + spatial.index(LAMBDA)] if LAMBDA in spatial else 0.0
    X = sample.X if sample.WX is None else sample.X - lam * sample.WX
    for name in spatial:
        G = logdet.multiplier(float(theta[k + spatial.index(name)]))
        mean = (X @ theta[:k]).reshape(sample.T, sample.n)
        pulled = mean @ G.T if name == RHO else np.zeros_like(mean)
        if transformed:
            pulled = pulled - pulled.mean(axis=1, keepdims=True)
            G = G - G.mean(axis=0)
            G = G - G.mean(axis=1, keepdims=True)
        columns.append(pulled.ravel())
        found.append(G)
    found.append(1 / (2 * sigma2))
    linear = np.column_stack([X, *columns, np.zeros(len(X))])
    return Scores(linear, found, sigma2, sample.n, periods, n_eff)


def corrected(
    theta: np.ndarray, sigma2: float, scores: Scores, sample: Sample, options: Options
) -> tuple[np.ndarray, float]:
    """Return the estimates of the direct approach less their bias (Lee & Yu 2010; Elhorst 2014, eq. 3.13).

    Year effects bias by the inverse information times a, with a_p = T · 1'M_p 1/n; unit effects make σ² too small
    by (T − 1)/T.
    """
    both = np.append(theta, sigma2)
    if options.effects in ("time", "twoway"):
        a = np.zeros(len(both))
        for p, M in enumerate(scores.quadratic):
            if M is not None:
                a[p] = sample.T * (M if isinstance(M, float) else M.sum() / sample.n)
        both = both + solve(information(scores), a)
    if options.effects in ("unit", "twoway"):
        both[-1] *= sample.T / (sample.T - 1)
    return both[:-1], float(both[-1])
