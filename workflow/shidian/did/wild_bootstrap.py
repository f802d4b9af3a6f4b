"""Wild cluster bootstrap of one coefficient, the null imposed (WCR), and Romano-Wolf adjustment across columns.

Cameron, Gelbach & Miller (2008); the algebra of Roodman, MacKinnon, Nielsen & Webb (2019): after the other regressors
and the fixed effects are partialled out, a draw needs only sums by cluster. Own code because wildboottest compiles for
seconds in every process; it is the peer in the tests. Romano & Wolf (2005), step-down, after Clarke, Romano & Wolf
(2020). Draw d of a seed is the same whatever the number of draws.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from shidian.did.twfe import Regression
from shidian.did.within import demean
from shidian.errors import EstimationError
from shidian.messages import say

TIE = 1e-10
"""Relative distance below which a bootstrap t counts as equal to the sample's, not larger."""


@dataclass(frozen=True)
class ClusterSums:
    """What the bootstrap of one coefficient needs: G clusters, weights w_g = +-1.

    Attributes:
        labels: (G,) cluster labels.
        numerator_y: (G,) x_g'y_g, x and y after partialling out all else.
        numerator_x: (G,) x_g'x_g.
        score_y: (G, G) sums over cluster h of (M x 1_g) y, M = annihilator of the other regressors and effects.
        score_x: (G, G) the same with x in the place of y.
    """

    labels: np.ndarray
    numerator_y: np.ndarray
    numerator_x: np.ndarray
    score_y: np.ndarray
    score_x: np.ndarray

    def t_statistics(self, weights: np.ndarray, null: float = 0.0) -> np.ndarray:
        """Return the (B,) bootstrap t statistics of ``weights`` (B, G) under beta = ``null``, factor left out."""
        total = self.numerator_x.sum()
        beta = weights @ (self.numerator_y - null * self.numerator_x) / total
        scores = weights @ (self.score_y - null * self.score_x).T - beta[:, None] * self.numerator_x
        return np.asarray(beta * total / np.sqrt((scores**2).sum(axis=1)))

    def t_sample(self, null: float = 0.0) -> float:
        """Return the sample's t statistic of beta = ``null``, factor left out."""
        total = self.numerator_x.sum()
        beta = self.numerator_y.sum() / total
        scores = self.numerator_y - beta * self.numerator_x
        return float((beta - null) * total / np.sqrt(scores @ scores))


def cluster_sums(regression: Regression, term: str, fixed_effects: Sequence[str], cluster: str) -> ClusterSums:
    """Prepare the bootstrap of ``term`` in a regression clustered one way by ``cluster``.

    Raises:
        EstimationError: the regression has no such estimate, or none with a standard error.
    """
    if term not in regression.fit.terms:
        raise EstimationError(say("no wild bootstrap of '{term}': it has no estimate", term=term))
    lacking = regression.fit.reasons[regression.fit.terms.index(term)]
    if lacking:
        raise EstimationError(say("no wild bootstrap of '{term}': it has {why}", term=term, why=lacking))
    frame = regression.sample.frame
    labels, codes = np.unique(frame[cluster].astype(str).to_numpy(), return_inverse=True)
    j = regression.fit.terms.index(term)
    others = np.delete(regression.X, j, axis=1)
    Q = np.linalg.qr(others / np.linalg.norm(others, axis=0))[0] if others.shape[1] else others
    effects = [pd.factorize(frame[name], sort=True)[0] for name in fixed_effects]

    def annihilate(columns: np.ndarray, absorb: bool) -> np.ndarray:
        columns = demean(columns, effects) if absorb else columns
        return columns - Q @ (Q.T @ columns)

    x, y = annihilate(regression.X[:, [j]], False)[:, 0], annihilate(regression.y[:, None], False)[:, 0]
    masked = np.zeros((len(x), len(labels)))
    masked[np.arange(len(x)), codes] = x
    masked = annihilate(masked, True)

    def by_cluster(values: np.ndarray) -> np.ndarray:
        sums = np.zeros((len(labels), *values.shape[1:]))
        np.add.at(sums, codes, values)
        return sums

    return ClusterSums(
        labels, by_cluster(x * y), by_cluster(x * x), by_cluster(masked * y[:, None]).T,
        by_cluster(masked * x[:, None]).T,
    )  # fmt: skip


def takes_every_pattern(n_clusters: int, draws: int) -> bool:
    """Say whether ``rademacher`` takes every sign pattern of so many clusters instead of drawing some."""
    return n_clusters < 60 and draws >= 2**n_clusters


def rademacher(labels: Sequence[str], draws: int, seed: int) -> tuple[np.ndarray, bool]:
    """Return (B, G) weights +-1; all 2^G of them, with True, when that is no more than ``draws``."""
    G = len(labels)
    if takes_every_pattern(G, draws):
        bits = (np.arange(2**G)[:, None] >> np.arange(G)) & 1
        return 1.0 - 2.0 * bits, True
    weights = np.empty((draws, G))
    for d in range(draws):
        stream = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(d,))))
        weights[d] = 1 - 2 * stream.integers(0, 2, G)
    return weights, False


def p_value(sums: ClusterSums, weights: np.ndarray, null: float = 0.0, *, every: bool = False) -> float:
    """Return the two-sided p: of the draws whose |t| is at least the sample's, (1 + #) / (1 + draws).

    Where the weights are ``every`` sign pattern there is, the sample's own is among them, and p is the share # / 2^G.
    """
    t = abs(sums.t_sample(null))
    return _share(int((np.abs(sums.t_statistics(weights, null)) >= t * (1 - TIE)).sum()), len(weights), every)


def _share(count: int, draws: int, every: bool) -> float:
    """Return (1 + count) / (1 + draws) of random draws (Phipson & Smyth 2010), count / draws of all there are."""
    return count / draws if every else (1 + count) / (1 + draws)


def interval(
    sums: ClusterSums, weights: np.ndarray, level: float = 0.95, *, every: bool = False
) -> tuple[float, float]:
    """Return the interval of all values that the bootstrap does not reject, by bisection; an open end is infinite."""
    total = sums.numerator_x.sum()
    beta = float(sums.numerator_y.sum() / total)
    scores = sums.numerator_y - beta * sums.numerator_x
    se = float(np.sqrt(scores @ scores) / total)

    def rejected(value: float) -> bool:
        return p_value(sums, weights, value, every=every) <= 1 - level

    ends = []
    for side in (-1.0, 1.0):
        inside, outside = 0.0, 2.0
        while not rejected(beta + side * outside * se):
            inside, outside = outside, 2 * outside
            if outside > 1e4:
                break
        if outside > 1e4:
            ends.append(side * np.inf)
            continue
        for _ in range(20):
            middle = (inside + outside) / 2
            inside, outside = (inside, middle) if rejected(beta + side * middle * se) else (middle, outside)
        ends.append(beta + side * (inside + outside) / 2 * se)
    return float(ends[0]), float(ends[1])


def romano_wolf(columns: Sequence[ClusterSums], draws: int, seed: int) -> np.ndarray:
    """Return the adjusted p of each column's coefficient, all bootstrapped with one weight a cluster and draw.

    ``p = (1 + #{max |t*| over the hypotheses not yet rejected >= |t|}) / (1 + B)``, made monotone down the steps; the
    share of all sign patterns where these are no more than ``draws``.
    """
    union = sorted({str(label) for sums in columns for label in sums.labels})
    weights, every = rademacher(union, draws, seed)
    position = {label: i for i, label in enumerate(union)}
    t = np.array([abs(sums.t_sample()) for sums in columns])
    boot = np.column_stack([
        np.abs(sums.t_statistics(weights[:, [position[str(label)] for label in sums.labels]])) for sums in columns
    ])  # fmt: skip
    order = np.argsort(-t, kind="stable")
    adjusted = np.empty(len(t))
    floor = 0.0
    for step, j in enumerate(order):
        largest = boot[:, order[step:]].max(axis=1)
        floor = max(floor, _share(int((largest >= t[j] * (1 - TIE)).sum()), len(weights), every))
        adjusted[j] = floor
    return adjusted
