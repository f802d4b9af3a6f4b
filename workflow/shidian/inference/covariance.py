"""Covariance of least-squares estimates: conventional, heteroskedastic (HC1), clustered one or two ways (CRV1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd

from shidian.errors import EstimationError
from shidian.inference.effects import effects_of
from shidian.inference.small_sample import (
    Convention,
    cluster_factor,
    count_parameters,
    degrees_of_freedom,
    hetero_factor,
)
from shidian.messages import joined, say
from shidian.variance import NOTHING_LEFT

FEW_CLUSTERS = 10
_CLUSTERS = say("clusters")
ADJUSTED = say(
    "not positive semi-definite as computed and made so by setting negative eigenvalues to zero "
    "(Cameron, Gelbach and Miller 2011)"
)
"""What is said of a covariance that was adjusted."""
SYMMETRIC = 1e-12
"""An eigenvalue above minus this share of the largest is zero but for rounding error."""

VcovLike: TypeAlias = "Vcov | str | Mapping[str, Any]"


@dataclass(frozen=True)
class Vcov:
    """Kind of standard error; ``clusters`` names the variables of a clustered one."""

    kind: Literal["iid", "hetero", "cluster"]
    clusters: tuple[str, ...] = ()

    @staticmethod
    def parse(value: VcovLike) -> Vcov:
        """Read ``"iid"``, ``"hetero"`` or what a study file holds: ``{"kind": ..., "by": name or [name, name]}``."""
        if isinstance(value, Vcov):
            return value
        declared = {"kind": value} if isinstance(value, str) else dict(value)
        kind: Any = declared.get("kind")
        by: str | Sequence[str] = declared.get("by", ())
        clusters = (by,) if isinstance(by, str) else tuple(by)
        if kind == "cluster" and 1 <= len(clusters) <= 2:
            return Vcov("cluster", clusters)
        if kind in ("iid", "hetero") and not clusters:
            return Vcov("iid" if kind == "iid" else "hetero")
        raise EstimationError(
            say(
                "no such kind of standard error: {value!r}; kind is iid, hetero or cluster, the last with one or two "
                "variables in 'by'",
                value=str(value),
            )
        )

    def describe(self, adjusted: bool = False) -> str:
        """Return the words that a note prints; ``adjusted`` for a matrix that was made positive semi-definite."""
        return joined([self._words(), ADJUSTED], "commas") if adjusted else self._words()

    def _words(self) -> str:
        if self.kind == "cluster":
            return say("clustered by {by} (CRV1)", by=joined(self.clusters, "and"))
        return say("heteroskedasticity-robust (HC1)") if self.kind == "hetero" else say("conventional (iid)")


@dataclass(frozen=True)
class Inference:
    """A covariance matrix with what it rests on.

    Attributes:
        vcov: (k, k) covariance, positive semi-definite.
        n_parameters: K, the parameters counted.
        n_clusters: G, the clusters.
        df: degrees of freedom of the t distribution.
        unit_errors: (k,) conventional standard errors that residuals of variance one would give.
        unadjusted: (k, k) covariance before it was made positive semi-definite, None where it was so.
    """

    vcov: np.ndarray
    n_parameters: int
    n_clusters: int | None
    df: float
    unit_errors: np.ndarray
    unadjusted: np.ndarray | None = None

    def floor(self, outcome: np.ndarray) -> np.ndarray:
        """Return the (k,) standard errors that mean a perfect fit of the (n,) ``outcome``."""
        return NOTHING_LEFT * float(outcome.std()) * self.unit_errors


def ols_covariance(
    X: np.ndarray,
    residuals: np.ndarray,
    frame: pd.DataFrame,
    fixed_effects: Sequence[str],
    vcov: Vcov,
    ssc: Convention,
    n_slopes: int | None = None,
    counts: np.ndarray | None = None,
) -> Inference:
    """Return the covariance of OLS on ``X`` (regressors with the fixed effects partialled out).

    Of weighted rows, ``X`` and ``residuals`` are multiplied by the roots of the weights.

    Args:
        X: (n, k) regressors after partialling out; of full column rank.
        residuals: (n,) residuals.
        frame: the n rows of the sample, with the columns of the fixed effects and clusters.
        fixed_effects: names of the effects that were partialled out.
        vcov: kind of standard error.
        ssc: small-sample convention.
        n_slopes: slopes to count in K; default: the columns of ``X``, less one when there is no fixed effect
            (that one is the constant).
        counts: (n,) how many equal rows each row stands for; None for one.

    Raises:
        EstimationError: as many parameters as rows; fewer than two clusters; a convention that has not this
            kind of standard error.
    """
    n, k = len(X) if counts is None else int(counts.sum()), X.shape[1]
    slopes = n_slopes if n_slopes is not None else k - (not fixed_effects)
    effects = effects_of(frame, fixed_effects)
    clusters = [cluster_codes(frame[name]) for name in vcov.clusters]
    n_parameters = count_parameters(slopes, effects, clusters or None, ssc)
    if n <= n_parameters:
        raise EstimationError(say("{n} rows cannot estimate {k} parameters", n=n, k=n_parameters))
    if ssc == "xtreg" and vcov.kind == "hetero" and fixed_effects:
        raise EstimationError(
            say(
                "xtreg has no unclustered robust errors (its vce(robust) clusters by unit): "
                "write vcov {{cluster: unit}}, or choose the convention 'reghdfe', 'areg' or 'fixest'"
            )
        )
    n_clusters = fewest_clusters(clusters, vcov)
    bread = inverse_cross_product(X)
    df = degrees_of_freedom(n, n_parameters, n_clusters, ssc)
    unit = np.sqrt(np.diag(bread))
    if vcov.kind == "iid":
        return Inference(bread * (residuals @ residuals) / (n - n_parameters), n_parameters, None, df, unit)
    # the rows' influence on the estimates: where a perfect fit makes it zero, its squares are zero too, which
    # bread @ meat @ bread need not be
    influence = (X @ bread) * residuals[:, None]
    if n_clusters is None:
        own = influence if counts is None else influence / np.sqrt(counts)[:, None]
        meat, factor = own.T @ own, hetero_factor(n, n_parameters)
    else:
        meat, factor = cluster_meat(influence, clusters), cluster_factor(n, n_parameters, n_clusters)
    matrix = factor * meat
    positive = make_positive(matrix, unit) if len(clusters) > 1 else matrix
    return Inference(positive, n_parameters, n_clusters, df, unit, unadjusted=None if positive is matrix else matrix)


def cluster_meat(scores: np.ndarray, clusters: Sequence[np.ndarray]) -> np.ndarray:
    """Return the (k, k) sum over clusters of outer products of summed scores.

    Two ways: the one plus the other less their intersection (Cameron, Gelbach & Miller 2011).
    """
    meat = sum(_one_way(scores, c) for c in clusters)
    if len(clusters) == 2:
        both = clusters[0].astype(np.int64) * (int(clusters[1].max()) + 1) + clusters[1]
        meat = meat - _one_way(scores, both)
    return np.asarray(meat)


def make_positive(matrix: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Return ``matrix`` itself where it is positive semi-definite, else with its negative eigenvalues set to zero.

    As reghdfe does (Cameron, Gelbach & Miller 2011, sec. 2.3), but on the matrix divided by ``scale`` (k,), so that
    the regressors' units of measure do not matter.
    """
    relative = matrix / np.outer(scale, scale)
    values, vectors = np.linalg.eigh((relative + relative.T) / 2)
    if values.min() >= -SYMMETRIC * np.abs(values).max():
        return matrix
    return (vectors * np.clip(values, 0, None)) @ vectors.T * np.outer(scale, scale)


def few_clusters_warning(n_clusters: int | None, name: str = _CLUSTERS) -> str | None:
    """Return the warning of cluster-robust errors that rest on fewer than ten clusters, or None."""
    if n_clusters is None or n_clusters >= FEW_CLUSTERS:
        return None
    return say(
        "only {n} {name}: cluster-robust standard errors are unreliable below {least} clusters; "
        "report a wild cluster bootstrap p-value",
        n=n_clusters, name=name, least=FEW_CLUSTERS,
    )  # fmt: skip


def inverse_cross_product(X: np.ndarray) -> np.ndarray:
    """Return (X'X)^-1 by way of columns of unit norm, so that the regressors' units do not matter."""
    norms = np.linalg.norm(X, axis=0)
    scaled = X / norms
    return np.linalg.inv(scaled.T @ scaled) / np.outer(norms, norms)


def _one_way(scores: np.ndarray, codes: np.ndarray) -> np.ndarray:
    _, index = np.unique(codes, return_inverse=True)
    sums = np.zeros((int(index.max()) + 1, scores.shape[1]))
    np.add.at(sums, index, scores)
    return sums.T @ sums


def cluster_codes(column: pd.Series) -> np.ndarray:
    """Return the (n,) codes of a column's clusters, in the order of their values."""
    return pd.factorize(column, sort=True)[0]


def fewest_clusters(clusters: Sequence[np.ndarray], vcov: Vcov) -> int | None:
    """Return the number of clusters, the smaller one of two ways; None when errors are not clustered.

    Raises:
        EstimationError: one cluster alone.
    """
    counts = [int(c.max()) + 1 for c in clusters]
    for name, count in zip(vcov.clusters, counts, strict=True):
        if count < 2:
            raise EstimationError(
                say("errors cannot be clustered by '{name}': the sample has {n} cluster", name=name, n=count)
            )
    return min(counts, default=None)
