"""Cluster-robust errors for few clusters: bias-reduced linearisation (CR2) and the cluster jackknife (CR3).

With H the hat matrix and e the residuals, the variance of c'b is the sum over clusters g of (c'M Z_g' A_g e_g)², where
A_g = (I - H_gg)^(-1/2) is CR2 (Bell and McCaffrey 2002; Pustejovsky and Tipton 2018, with the identity as working
covariance) and A_g = (I - H_gg)^(-1), times (G-1)/G, is CR3: the sum of squares of the estimates without one cluster
each about the estimate of all (MacKinnon, Nielsen and Webb 2023, CV3). t tests of CR2 have Satterthwaite's degrees of
freedom, those of CR3 G-1.

Effects nested in the clusters may be partialled out before (Pustejovsky and Tipton 2018, theorem 2); what crosses
clusters, as years do, stays in H. No small-sample convention enters.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from shidian.did.twfe import Regression
from shidian.did.within import demean
from shidian.errors import EstimationError
from shidian.inference.effects import Effect, effects_of, plain, slopes
from shidian.inference.small_sample import by_nesting
from shidian.messages import say

Reduction = Literal["CR2", "CR3"]
REDUCTIONS: tuple[Reduction, ...] = ("CR2", "CR3")
MOST_NUMBERS = 40_000_000
"""Rows x levels of effects that cross clusters beyond which their basis is not held."""
NOTHING = 1e-9
"""Eigenvalue of I - H_gg below which a cluster alone fixes a direction, and share of a regressor that is nothing."""


@dataclass(frozen=True)
class Reduced:
    """One coefficient's bias-reduced error.

    Attributes:
        estimate: the coefficient.
        se: its standard error.
        df: degrees of freedom of the t distribution.
        n_clusters: G.
    """

    estimate: float
    se: float
    df: float
    n_clusters: int


@dataclass(frozen=True)
class _Clusters:
    """Rows of a regression by cluster, all but nested effects in an orthonormal basis.

    Attributes:
        rows: rows of each cluster.
        labels: its label.
        basis: (n, p) orthonormal basis of regressors and crossing effects, nested effects taken out.
        x: (n,) the regressor of interest with all else partialled out.
        residuals: (n,) residuals.
    """

    rows: tuple[np.ndarray, ...]
    labels: np.ndarray
    basis: np.ndarray
    x: np.ndarray
    residuals: np.ndarray


def reduced_error(
    regression: Regression, term: str, fixed_effects: Sequence[str], cluster: str, reduction: Reduction
) -> Reduced:
    """Return the bias-reduced standard error of ``term``, errors clustered one way by ``cluster``.

    Args:
        regression: of rows without weights.
        term: the coefficient.
        fixed_effects: those of the regression.
        cluster: column of its sample that tells the clusters.
        reduction: CR2 or CR3.

    Raises:
        EstimationError: the coefficient is not estimated or has no error; weighted rows; fewer than two clusters; one
            cluster alone identifies it (CR3); slopes of levels that lie in several clusters; too many of such levels.
    """
    data = _by_cluster(regression, term, fixed_effects, cluster, reduction)
    total, power = float(data.x @ data.x), -0.5 if reduction == "CR2" else -1.0
    scores, inner, crossing = [], [], []
    for label, rows in zip(data.labels, data.rows, strict=True):
        adjusted = _adjusted(data.basis[rows], data.x[rows], power, str(label), term)
        scores.append(adjusted @ data.residuals[rows] / total)
        inner.append(adjusted @ adjusted)
        crossing.append(data.basis[rows].T @ adjusted)
    G = len(data.rows)
    factor = 1.0 if reduction == "CR2" else (G - 1) / G
    df = _satterthwaite(np.array(inner), np.array(crossing)) if reduction == "CR2" else float(G - 1)
    estimate = float(regression.fit.coef[regression.fit.terms.index(term)])
    return Reduced(estimate, float(np.sqrt(factor * np.square(scores).sum())), df, G)


def _by_cluster(
    regression: Regression, term: str, fixed_effects: Sequence[str], cluster: str, reduction: Reduction
) -> _Clusters:
    _require_error(regression, term, reduction)
    frame = regression.sample.frame
    labels, codes = np.unique(frame[cluster].astype(str).to_numpy(), return_inverse=True)
    if len(labels) < 2:
        raise EstimationError(say("no {kind} error of '{term}': one cluster", kind=reduction, term=term))
    effects = effects_of(frame, fixed_effects)
    nested, crossing = by_nesting(effects, codes)
    if slopes(crossing):
        raise EstimationError(
            say(
                "no {kind} error of '{term}': levels with slopes of their own lie in several clusters; cluster by "
                "these levels or more coarsely, or leave such slopes out of 'fixed_effects'",
                kind=reduction, term=term,
            )
        )  # fmt: skip
    j = regression.fit.terms.index(term)
    X = regression.X / np.linalg.norm(regression.X, axis=0)
    others = np.linalg.qr(np.delete(X, j, axis=1))[0]
    x = regression.X[:, j] - others @ (others.T @ regression.X[:, j])
    own = _orthonormal(np.column_stack([*_dummies(plain(crossing), nested, reduction, term), others, x]))
    order = np.argsort(codes, kind="stable")
    rows = np.split(order, np.flatnonzero(np.diff(codes[order])) + 1)
    return _Clusters(tuple(rows), labels, own, x, regression.residuals)


def _require_error(regression: Regression, term: str, reduction: Reduction) -> None:
    if regression.row_weights is not None:
        raise EstimationError(
            say(
                "no {kind} error of '{term}': its regression is weighted, and {kind} here is that of unweighted rows",
                kind=reduction, term=term,
            )
        )  # fmt: skip
    if term not in regression.fit.terms:
        raise EstimationError(say("no {kind} error of '{term}': it has no estimate", kind=reduction, term=term))
    if why := regression.fit.reasons[regression.fit.terms.index(term)]:
        raise EstimationError(say("no {kind} error of '{term}': it has {why}", kind=reduction, term=term, why=why))


def _dummies(
    crossing: Sequence[np.ndarray], nested: Sequence[Effect], reduction: Reduction, term: str
) -> Iterator[np.ndarray]:
    """Yield the (n, levels) dummies of effects that cross clusters, the nested effects taken out."""
    if not crossing:
        return
    n, levels = len(crossing[0]), sum(int(e.max()) + 1 for e in crossing)
    if n * levels > MOST_NUMBERS:
        raise EstimationError(
            say(
                "no {kind} error of '{term}': {levels} levels of fixed effects lie in several clusters, too many for "
                "{n} rows: cluster more coarsely, or use wild_bootstrap",
                kind=reduction, term=term, levels=levels, n=n,
            )
        )  # fmt: skip
    for effect in crossing:
        dummies = (effect[:, None] == np.arange(int(effect.max()) + 1)).astype(np.float64)
        yield demean(dummies, nested) if nested else dummies


def _orthonormal(columns: np.ndarray) -> np.ndarray:
    """Return an orthonormal (n, r) basis of columns, of those with anything of their own."""
    sizes = np.linalg.norm(columns, axis=0)
    columns = columns[:, sizes > NOTHING * max(1.0, sizes.max())]
    U, s, _ = np.linalg.svd(columns / np.linalg.norm(columns, axis=0), full_matrices=False)
    return np.asarray(U[:, s > NOTHING * s[0]])


def _adjusted(basis: np.ndarray, x: np.ndarray, power: float, label: str, term: str) -> np.ndarray:
    """Return (I - H_gg)^power x_g; directions that the cluster alone fixes are left out of a square root."""
    U, s, _ = np.linalg.svd(basis, full_matrices=False)
    left, along = 1 - np.square(s), U.T @ x
    alone = left < NOTHING
    if power == -1.0 and np.square(along[alone]).sum() > NOTHING * (x @ x):
        raise EstimationError(
            say("no CR3 error of '{term}': without cluster {label} it cannot be estimated", term=term, label=label)
        )
    factor = np.where(alone, 0.0, np.where(alone, 1.0, left) ** power)
    return np.asarray(x + U @ ((factor - 1) * along))


def _satterthwaite(inner: np.ndarray, crossing: np.ndarray) -> float:
    """Return (tr B)² / tr(B²) of B = diag(inner) - crossing crossing', the variances of the scores under the model."""
    squares = np.square(crossing).sum(axis=1)
    trace = float((inner - squares).sum())
    return trace**2 / float((inner**2).sum() - 2 * (inner * squares).sum() + np.square(crossing.T @ crossing).sum())
