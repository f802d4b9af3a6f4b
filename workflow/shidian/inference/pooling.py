"""Pooling one regression over plausible values of its outcome: Rubin's rules."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shidian.errors import EstimationError
from shidian.messages import say


@dataclass(frozen=True)
class Pooled:
    """A regression pooled over B sets of plausible values.

    Attributes:
        coef: (k,) means of the estimates.
        vcov: (k, k) total covariance: mean covariance within a set, plus that between sets times 1 + 1/B.
        share: (k,) share of each variance that comes from the outcome's uncertainty, between sets; nan of no variance.
        df: degrees of freedom of t tests, those of the term with the largest share.
    """

    coef: np.ndarray
    vcov: np.ndarray
    share: np.ndarray
    df: float


def pool(coefs: np.ndarray, vcovs: np.ndarray, df: float) -> Pooled:
    """Pool estimates (Rubin 1987, ch. 3), with the degrees of freedom of Barnard & Rubin (1999).

    T = W + (1 + 1/B) V with W the mean of the covariances and V the covariance of the estimates over sets. The share is
    lambda = (1 + 1/B) V / T; nu_old = (B - 1) / lambda^2, nu_obs = (df + 1) / (df + 3) df (1 - lambda), and nu =
    1 / (1 / nu_old + 1 / nu_obs).

    Args:
        coefs: (B, k) estimates.
        vcovs: (B, k, k) their covariances.
        df: degrees of freedom of one regression; inf for the normal.

    Raises:
        EstimationError: fewer than two sets.
    """
    B = len(coefs)
    if B < 2:
        raise EstimationError(say("pooling needs at least 2 sets of plausible values, not {n}", n=B))
    between = (1 + 1 / B) * np.cov(coefs, rowvar=False, ddof=1).reshape(vcovs.shape[1:])
    total = vcovs.mean(axis=0) + between
    own = np.diag(total)
    share = np.divide(np.diag(between), own, out=np.full(len(own), np.nan), where=own > 0)
    known = share[np.isfinite(share)]
    freedom = _degrees_of_freedom(float(known.max()), B, df) if len(known) else df
    return Pooled(coefs.mean(axis=0), total, share, freedom)


def _degrees_of_freedom(share: float, B: int, df: float) -> float:
    observed = df if np.isinf(df) else (df + 1) / (df + 3) * df * (1 - share)
    old = (B - 1) / share**2 if share > 0 else np.inf
    return float(1 / (1 / old + 1 / observed)) if np.isfinite(min(old, observed)) else np.inf
