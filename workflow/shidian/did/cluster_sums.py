"""What the wild cluster bootstrap needs of a regression: sums by cluster, kept in factors.

A draw flips the residuals of clusters, so it needs for each pair of clusters (g, h) the sum over h of (M 1_g x) y, with
M the annihilator of the other regressors and the fixed effects (Roodman, MacKinnon, Nielsen & Webb 2019). Effects
nested in the clusters change nothing between clusters; what the other effects and regressors span has a basis Z of few
columns, and the matrix is ``diag(x_g'y_g) - (Z_g'x_g)(Z_h'y_h)'``: G (k + T) numbers instead of G².
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array, hstack

from shidian.did.twfe import Regression
from shidian.did.within import demean
from shidian.errors import EstimationError
from shidian.inference.effects import Effect, effects_of, plain, slopes
from shidian.inference.small_sample import by_nesting
from shidian.messages import say

COLUMNS_HELD = 8_000_000
"""Numbers of rows x columns that are demeaned at once."""
LARGEST = 10_000
"""Clusters, and levels of the effects that cross them, beyond which their matrix is neither held nor decomposed."""
SPANNED = 1e-10
"""Share of its own below which nothing is left of a level beside the other levels."""


@dataclass(frozen=True)
class ClusterSums:
    """Sums over the rows of each of G clusters, x and y after partialling out all else.

    Attributes:
        labels: (G,) cluster labels.
        numerator_y: (G,) x_g'y_g.
        numerator_x: (G,) x_g'x_g.
        span: (G, r) Z_g'x_g, Z an orthonormal basis of what crosses clusters.
        span_y: (G, r) Z_h'y_h.
        span_x: (G, r) Z_h'x_h.
    """

    labels: np.ndarray
    numerator_y: np.ndarray
    numerator_x: np.ndarray
    span: np.ndarray
    span_y: np.ndarray
    span_x: np.ndarray

    @property
    def total(self) -> float:
        """x'x over all clusters."""
        return float(self.numerator_x.sum())

    @property
    def beta(self) -> float:
        """The sample's coefficient."""
        return float(self.numerator_y.sum() / self.numerator_x.sum())

    @property
    def se(self) -> float:
        """The sample's clustered standard error, small-sample factor left out."""
        scores = self.numerator_y - self.beta * self.numerator_x
        return float(np.sqrt(scores @ scores) / self.numerator_x.sum())

    def t_sample(self, null: float = 0.0) -> float:
        """Return the sample's t statistic of beta = ``null``, factor left out."""
        scores = self.numerator_y - self.beta * self.numerator_x
        return float((self.beta - null) * self.numerator_x.sum() / np.sqrt(scores @ scores))


def cluster_sums(regression: Regression, term: str, fixed_effects: Sequence[str], cluster: str) -> ClusterSums:
    """Prepare the bootstrap of ``term`` in a regression clustered one way by ``cluster``.

    Raises:
        EstimationError: the regression has no such estimate, or none with a standard error; more than ``LARGEST``
            clusters crossed by as many levels of fixed effects.
    """
    if term not in regression.fit.terms:
        raise EstimationError(say("no wild bootstrap of '{term}': it has no estimate", term=term))
    j = regression.fit.terms.index(term)
    if lacking := regression.fit.reasons[j]:
        raise EstimationError(say("no wild bootstrap of '{term}': it has {why}", term=term, why=lacking))
    frame = regression.sample.frame
    labels, codes = np.unique(frame[cluster].astype(str).to_numpy(), return_inverse=True)
    others = np.delete(regression.X, j, axis=1)
    Q = np.linalg.qr(others / np.linalg.norm(others, axis=0))[0] if others.shape[1] else others
    x, y = _without(Q, regression.X[:, j]), _without(Q, regression.y)
    within = _Within(regression.sample.weights)
    effects = effects_of(frame, fixed_effects)
    nested, crossing = by_nesting(effects, codes)
    if slopes(crossing):
        raise EstimationError(
            say(
                "no wild bootstrap of '{term}': levels with slopes of their own lie in several clusters; cluster by "
                "these levels or more coarsely, or leave such slopes out of 'fixed_effects'",
                term=term,
            )
        )
    crossed = plain(crossing)
    members = _indicator(codes)
    levels = sum(int(e.max()) + 1 for e in crossed)
    if min(len(labels), levels) > LARGEST:
        raise EstimationError(
            say(
                "no wild bootstrap of '{term}': {clusters} clusters are crossed by {levels} levels of fixed effects, "
                "and their matrix is too large beyond {most}: cluster more coarsely, or leave the bootstrap out",
                term=term, clusters=len(labels), levels=levels, most=LARGEST,
            )
        )  # fmt: skip
    if len(labels) <= levels:
        spans = _by_pairs(x, y, Q, effects, members, within)
    else:
        spans = _by_basis(x, y, Q, nested, crossed, members, within)
    return ClusterSums(labels, np.bincount(codes, x * y), np.bincount(codes, x * x), *spans)


@dataclass(frozen=True)
class _Within:
    """Columns less fixed effects, the columns and dummies of weighted rows multiplied by the roots of the weights."""

    weights: np.ndarray | None

    def scaled(self, rows: csr_array) -> csr_array:
        """Return (levels, n) dummies times the roots of the weights."""
        return rows if self.weights is None else csr_array(rows.multiply(np.sqrt(self.weights)[None, :]))

    def demean(self, columns: np.ndarray, effects: Sequence[Effect]) -> np.ndarray:
        """Return (n, k) columns less the effects."""
        if self.weights is None:
            return demean(columns, effects)
        root = np.sqrt(self.weights)[:, None]
        return root * demean(columns / root, effects, self.weights)


def _without(Q: np.ndarray, column: np.ndarray) -> np.ndarray:
    return np.asarray(column - Q @ (Q.T @ column))


def _indicator(codes: np.ndarray) -> csr_array:
    """Return (levels, n) ones where a row of the sample has the level."""
    order = np.argsort(codes, kind="stable")
    edges = np.concatenate([[0], np.cumsum(np.bincount(codes))])
    return csr_array((np.ones(len(codes)), order, edges), shape=(len(edges) - 1, len(codes)))


def _by_basis(
    x: np.ndarray, y: np.ndarray, Q: np.ndarray, nested: Sequence[Effect], crossed: list[np.ndarray],
    members: csr_array, within: _Within,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    """Return the spans by a basis of the crossed effects, nested ones taken out, and of the other regressors Q."""
    levels = within.scaled(_stacked(crossed, len(x)))
    root = _orthonormal(levels, nested, within)

    def span(values: np.ndarray) -> np.ndarray:
        by_level = (members * values) @ levels.T if levels.shape[0] else np.empty((members.shape[0], 0))
        return np.hstack([by_level @ root, members @ (Q * values[:, None])])

    of_x = span(x)
    return of_x, span(y), of_x


def _by_pairs(
    x: np.ndarray, y: np.ndarray, Q: np.ndarray, effects: Sequence[Effect], members: csr_array, within: _Within
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the spans by the pairs of clusters themselves, where these are fewer than the levels that cross them."""
    G = members.shape[0]
    lost_y, lost_x = np.empty((G, G)), np.empty((G, G))
    for block in _blocks(G, len(x)):
        masked = members[block].T.toarray() * x[:, None]
        inside = within.demean(masked, effects)
        gone = masked - inside + Q @ (Q.T @ inside)
        lost_y[:, block], lost_x[:, block] = members @ (gone * y[:, None]), members @ (gone * x[:, None])
    return np.eye(G), lost_y, lost_x


def _stacked(effects: list[np.ndarray], n: int) -> csr_array:
    """Return the (levels, n) dummies of all ``effects``."""
    if not effects:
        return csr_array((0, n))
    return csr_array(hstack([_indicator(e).T for e in effects]).T)


def _orthonormal(levels: csr_array, nested: Sequence[Effect], within: _Within) -> np.ndarray:
    """Return the (levels, r) combinations of dummies that are orthonormal once the nested effects are taken out."""
    L, n = levels.shape
    gram = np.empty((L, L))
    for block in _blocks(L, n):
        gram[:, block] = levels @ within.demean(levels[block].T.toarray(), nested)
    sizes, left = np.asarray(levels.multiply(levels).sum(axis=1)).ravel(), gram.diagonal()
    scale = np.sqrt(np.where(left > SPANNED * sizes, left, sizes))
    values, vectors = np.linalg.eigh((gram + gram.T) / 2 / np.outer(scale, scale))
    kept = values > SPANNED
    return np.asarray(vectors[:, kept] / np.sqrt(values[kept]) / scale[:, None])


def _blocks(columns: int, rows: int) -> Iterator[slice]:
    """Yield slices of so many columns as may be demeaned at once."""
    width = max(1, COLUMNS_HELD // rows)
    return (slice(start, min(start + width, columns)) for start in range(0, columns, width))
