"""Cluster bootstrap of an indirect effect with fixed effects, without running a regression a draw.

A draw of clusters with replacement is a set of whole-number weights. Effects nested in the clusters can be
taken out once, because a cluster's weight does not change its within transformation; the others enter as
dummies. Every draw is then a weighted sum of the clusters' cross-products, and its coefficients solve one
small system (Frisch-Waugh-Lovell).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from shidian.did.within import demean
from shidian.errors import EstimationError
from shidian.inference.effects import Effect, codes_of, slopes
from shidian.inference.small_sample import by_nesting
from shidian.messages import say

BLOCK = 64
"""Draws handled at once. The last block is filled up and cut: a matrix product of another shape could round
differently, and a draw must not depend on how many are made."""
ABSORBED = 1e-6
"""Share of its norm below which a regressor is gone in a draw: cross-products know it to 1e-8 at best."""
LARGEST = 20_000_000
"""Numbers held at once for clusters' cross-products."""
DEARER = 1_000
"""Numbers of cross-products a row beyond which demeaning each draw by itself costs less than summing them."""


@dataclass(frozen=True)
class MediationDraws:
    """Bootstrap draws of the paths.

    Attributes:
        delta: (R,) effect on the mediator.
        theta: (R,) effect of the mediator.
        phi: (R,) direct effect.
        failed: draws in which a coefficient was not identified (left out).
        seed: seed behind them.
        n_clusters: clusters drawn from.
    """

    delta: np.ndarray
    theta: np.ndarray
    phi: np.ndarray
    failed: int
    seed: int
    n_clusters: int

    def percentile(self, values: np.ndarray, level: float = 0.95) -> tuple[float, float]:
        """Return the percentile interval of ``values``, one number a draw."""
        tail = (1 - level) / 2
        low, high = np.quantile(values, [tail, 1 - tail])
        return float(low), float(high)


def bootstrap_paths(
    y: np.ndarray, treatment: np.ndarray, mediator: np.ndarray, controls: np.ndarray,
    effects: Sequence[Effect], cluster: np.ndarray, replications: int, seed: int,
    weights: np.ndarray | None = None,
) -> MediationDraws:  # fmt: skip
    """Draw clusters with replacement and estimate delta, theta and phi in each draw.

    Args:
        y: (n,) outcome.
        treatment: (n,) treatment.
        mediator: (n,) mediator.
        controls: (n, k) controls.
        effects: one (n,) array of codes a fixed effect.
        cluster: (n,) cluster codes 0..G-1.
        replications: draws; draw r uses the random stream of (seed, r).
        seed: the seed.
        weights: (n,) weights of the rows, None for none.

    Raises:
        EstimationError: fewer than two clusters, or too few draws in which the paths are identified.
    """
    n_clusters = int(cluster.max()) + 1
    if n_clusters < 2:
        raise EstimationError(say("the bootstrap draws clusters, and there is only one"))
    columns = np.column_stack([treatment, mediator, y, controls]).astype(float)
    scale = np.linalg.norm(columns - columns.mean(axis=0), axis=0)
    columns /= np.where(scale > 0, scale, 1.0)
    totals = _totals(columns, effects, cluster, n_clusters, replications, seed, weights)
    paths = [_paths(total) for total in totals]
    found = np.concatenate(paths)[:replications]
    good = found[np.isfinite(found).all(axis=1)]
    if len(good) < 0.9 * replications:
        raise EstimationError(
            say(
                "the paths are identified in only {n} of {all} bootstrap draws: too few clusters vary",
                n=len(good),
                all=replications,
            )
        )
    d, m, o = scale[:3]
    return MediationDraws(
        good[:, 0] * m / d, good[:, 1] * o / m, good[:, 2] * o / d, replications - len(good), seed, n_clusters
    )


def _weights(n_clusters: int, seed: int, replication: int) -> np.ndarray:
    stream = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(replication,))))
    return np.bincount(stream.integers(0, n_clusters, n_clusters), minlength=n_clusters).astype(float)


def _totals(
    columns: np.ndarray, effects: Sequence[Effect], cluster: np.ndarray, n_clusters: int, replications: int,
    seed: int, weights: np.ndarray | None,
) -> Iterator[np.ndarray]:  # fmt: skip
    """Yield the (BLOCK, k, k) weighted cross-products of ``columns``, effects taken out, of one block of draws each."""
    nested, crossed = _split_effects(effects, cluster)
    levels = sum(int(c.max()) + 1 for c in crossed)
    size = levels + columns.shape[1]
    if size**2 * n_clusters > DEARER * len(columns) and size**2 * n_clusters > LARGEST:
        own = 1.0 if weights is None else weights
        for drawn in _blocks(n_clusters, replications, seed):
            yield np.stack([_weighted_gram(columns, effects, w[cluster] * own) for w in drawn])
        return
    x = np.column_stack([*(np.eye(int(c.max()) + 1)[c] for c in crossed), columns])
    x = demean(x, nested, weights) if nested else x
    x = x if weights is None else x * np.sqrt(weights)[:, None]
    some = max(1, LARGEST // size**2)
    if n_clusters <= some:
        grams = _cluster_cross_products(x, cluster, 0, n_clusters)
        totals = [drawn @ grams for drawn in _blocks(n_clusters, replications, seed)]
    else:
        totals = [np.zeros((BLOCK, size**2)) for _ in range(0, replications, BLOCK)]
        for first in range(0, n_clusters, some):
            grams = _cluster_cross_products(x, cluster, first, min(first + some, n_clusters))
            for total, drawn in zip(totals, _blocks(n_clusters, replications, seed), strict=True):
                total += drawn[:, first : first + some] @ grams
    for total in totals:
        yield _sweep_dummies(total.reshape(BLOCK, size, size), levels)


def _blocks(n_clusters: int, replications: int, seed: int) -> Iterator[np.ndarray]:
    """Yield the (BLOCK, G) weights of all draws."""
    for start in range(0, replications, BLOCK):
        yield np.stack([_weights(n_clusters, seed, r) for r in range(start, start + BLOCK)])


def _split_effects(effects: Sequence[Effect], cluster: np.ndarray) -> tuple[list[Effect], list[np.ndarray]]:
    """Return the effects nested in clusters, and codes of those that cross them (a constant where there is none).

    Raises:
        EstimationError: slopes of levels that cross clusters.
    """
    nested, crossing = by_nesting(effects, cluster)
    if slopes(crossing):
        raise EstimationError(
            say(
                "the bootstrap draws clusters, and levels with slopes of their own lie in several: cluster by these "
                "levels or more coarsely, or leave such slopes out of 'fixed_effects'"
            )
        )
    crossed = [np.unique(codes_of(e), return_inverse=True)[1] for e in crossing]
    return nested, crossed if effects else [np.zeros(len(cluster), dtype=np.int64)]


def _cluster_cross_products(x: np.ndarray, cluster: np.ndarray, first: int, end: int) -> np.ndarray:
    """Return the (clusters, p p) cross-products of the rows of each cluster from ``first`` to before ``end``."""
    order = np.argsort(cluster, kind="stable")
    edges = np.searchsorted(cluster[order], np.arange(first, end + 1))
    parts = (x[order[a:b]] for a, b in pairwise(edges))
    return np.stack([(part.T @ part).ravel() for part in parts])


def _sweep_dummies(gram: np.ndarray, n_dummies: int) -> np.ndarray:
    """Project the dummies out of (R, p, p) cross-products; levels that a draw misses drop out with them."""
    if n_dummies == 0:
        return gram
    a, b = gram[:, :n_dummies, :n_dummies], gram[:, :n_dummies, n_dummies:]
    inverse = np.linalg.pinv(a, rcond=1e-10, hermitian=True)
    return gram[:, n_dummies:, n_dummies:] - b.swapaxes(1, 2) @ inverse @ b


def _weighted_gram(columns: np.ndarray, effects: Sequence[Effect], weights: np.ndarray) -> np.ndarray:
    """Return the cross-products of one draw by weighted demeaning: for effects with very many levels."""
    kept = weights > 0
    x, w = columns[kept], weights[kept]
    inside = demean(x, [e[kept] for e in effects], w) if effects else x - np.average(x, axis=0, weights=w)
    return (inside * w[:, None]).T @ inside


def _paths(s: np.ndarray) -> np.ndarray:
    """Return (R, 3): delta, theta, phi from cross-products of [D, M, y, controls]; nan where not identified."""
    d, m, y = 0, 1, 2
    controls = list(range(3, s.shape[1]))
    found = np.full((len(s), 3), np.nan)
    diagonal = np.sqrt(np.maximum(np.einsum("rkk->rk", s), 1e-300))
    correlation = s / (diagonal[:, :, None] * diagonal[:, None, :])
    regressors = [d, m, *controls]
    smallest = np.linalg.eigvalsh(correlation[:, regressors][:, :, regressors])[:, 0]
    good = (smallest > 1e-10) & (diagonal[:, regressors] > ABSORBED).all(axis=1)
    if good.any():
        first, s = [d, *controls], s[good]
        delta = np.linalg.solve(s[:, first][:, :, first], s[:, first][:, :, [m]])[:, 0, 0]
        both = np.linalg.solve(s[:, regressors][:, :, regressors], s[:, regressors][:, :, [y]])[:, :2, 0]
        found[good] = np.column_stack([delta, both[:, 1], both[:, 0]])
    return found
