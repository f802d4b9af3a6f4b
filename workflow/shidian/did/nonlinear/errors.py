"""Covariance of estimates of nonlinear models, coefficients and what is computed from them.

An estimate is linear in the rows' scores near its value: ``t'W e`` with working weights and residuals, ``t`` (n,) in
the span of regressors and effects. Its variance is ``t'Wt`` by the model, or the sum of the squared scores of rows or
clusters.

Two conventions. ``reghdfe``, as its sister ppmlhdfe and Stata's poisson, logit and probit: N/(N-1) and G/(G-1), no
parameter counted, observed information. ``fixest``: N/(N-K) and (N-1)/(N-K) G/(G-1) with its K, expected
information. Both test by the normal distribution.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from shidian.errors import EstimationError
from shidian.inference.covariance import Vcov, cluster_codes, cluster_meat, fewest_clusters, make_positive
from shidian.inference.effects import effects_of
from shidian.inference.small_sample import Convention, cluster_factor, count_parameters, hetero_factor
from shidian.messages import say

CONVENTIONS = ("reghdfe", "fixest")


@dataclass(frozen=True)
class Errors:
    """How errors are computed: clusters of the rows and factors, the same for whatever is estimated on the sample.

    Attributes:
        kind: iid, hetero or cluster.
        clusters: codes (n,), one array a way of clustering.
        factor: by which the sum of squared scores is multiplied.
        n_parameters: K as counted.
        n_clusters: G, None where errors are not clustered.
        counts: (n,) how many equal rows each row stands for, None for one.
    """

    kind: str
    clusters: tuple[np.ndarray, ...]
    factor: float
    n_parameters: int
    n_clusters: int | None
    counts: np.ndarray | None

    def covariance(self, T: np.ndarray, weights: np.ndarray, residuals: np.ndarray) -> tuple[np.ndarray, bool]:
        """Return the (m, m) covariance of estimates whose ``t`` are the columns of ``T`` (n, m), and whether adjusted.

        Args:
            T: (n, m) the linear functions of the scores.
            weights: (n,) working weights.
            residuals: (n,) working residuals.
        """
        if self.kind == "iid":
            return self.factor * (T * weights[:, None]).T @ T, False
        influence = T * (weights * residuals)[:, None]
        if not self.clusters:
            own = influence if self.counts is None else influence / np.sqrt(self.counts)[:, None]
            return self.factor * own.T @ own, False
        matrix = self.factor * cluster_meat(influence, self.clusters)
        if len(self.clusters) == 1:
            return matrix, False
        positive = make_positive(matrix, np.sqrt(np.einsum("ij,i,ij->j", T, weights, T)))
        return positive, positive is not matrix


def require_convention(ssc: str) -> None:
    """Refuse a convention of least squares; raises EstimationError that names those of nonlinear models."""
    if ssc not in CONVENTIONS:
        raise EstimationError(
            say(
                "the convention '{ssc}' is one of least squares: a nonlinear model takes ssc reghdfe (as ppmlhdfe and "
                "Stata's poisson, logit and probit) or fixest",
                ssc=ssc,
            )
        )


def errors_of(
    frame: pd.DataFrame, fixed_effects: Sequence[str], n_slopes: int, vcov: Vcov, ssc: Convention,
    counts: np.ndarray | None = None,
) -> Errors:  # fmt: skip
    """Return how errors are computed on the n rows of a sample.

    Args:
        frame: the rows, with the columns of effects and clusters.
        fixed_effects: names of the effects.
        n_slopes: regressors, without the constant.
        vcov: kind of standard error.
        ssc: convention.
        counts: (n,) how many equal rows each row stands for.

    Raises:
        EstimationError: as many parameters as rows; one cluster alone.
    """
    n = len(frame) if counts is None else int(counts.sum())
    clusters = tuple(cluster_codes(frame[name]) for name in vcov.clusters)
    k = count_parameters(n_slopes, effects_of(frame, fixed_effects), list(clusters) or None, ssc)
    if n <= k:
        raise EstimationError(say("{n} rows cannot estimate {k} parameters", n=n, k=k))
    groups = fewest_clusters(clusters, vcov)
    counted = k if ssc == "fixest" else 1
    if groups is not None:
        factor = cluster_factor(n, counted, groups)
    else:
        factor = hetero_factor(n, counted) if vcov.kind == "hetero" else (n - 1) / (n - counted)
    return Errors(vcov.kind, clusters, factor, k, groups, counts)
