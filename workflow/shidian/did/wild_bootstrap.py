"""Wild cluster bootstrap of one coefficient, the null imposed (WCR), and Romano-Wolf adjustment across columns.

Cameron, Gelbach & Miller (2008); the algebra of Roodman, MacKinnon, Nielsen & Webb (2019): a draw needs only sums by
cluster (``shidian.did.cluster_sums``), and of each draw five numbers give its t under any null. Own code because
wildboottest compiles for seconds in every process; it is the peer in the tests. Romano & Wolf (2005), step-down, after
Clarke, Romano & Wolf (2020). Draw d of a seed is the same whatever the number of draws.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from shidian.did.cluster_sums import ClusterSums

TIE = 1e-10
"""Relative distance below which a bootstrap t counts as equal to the sample's, not larger."""
SIGNS_HELD = 2_000_000
"""Signs of draws x clusters held at once."""


@dataclass(frozen=True)
class Signs:
    """One sign +-1 a cluster and draw: ``draws`` random ones, or every pattern where these are no more.

    Attributes:
        clusters: G, the number of clusters.
        draws: draws asked for.
        seed: their seed.
    """

    clusters: int
    draws: int
    seed: int

    @property
    def every(self) -> bool:
        """Whether these are all 2^G patterns."""
        return takes_every_pattern(self.clusters, self.draws)

    def __len__(self) -> int:
        return 2**self.clusters if self.every else self.draws

    def blocks(self) -> Iterator[np.ndarray]:
        """Yield the (b, G) signs, a few draws at a time: all of them need not fit into memory."""
        size = max(1, SIGNS_HELD // self.clusters)
        for start in range(0, len(self), size):
            rows = range(start, min(start + size, len(self)))
            if self.every:
                yield 1.0 - 2.0 * ((np.array(rows)[:, None] >> np.arange(self.clusters)) & 1)
            else:
                yield np.stack([self._draw(d) for d in rows]).astype(np.float64)

    def _draw(self, d: int) -> np.ndarray:
        stream = np.random.Generator(np.random.PCG64(np.random.SeedSequence(self.seed, spawn_key=(d,))))
        return np.asarray(1 - 2 * stream.integers(0, 2, self.clusters), dtype=np.int8)


def takes_every_pattern(n_clusters: int, draws: int) -> bool:
    """Say whether ``Signs`` takes every sign pattern of so many clusters instead of drawing some."""
    return n_clusters < 60 and draws >= 2**n_clusters


@dataclass(frozen=True)
class WildDraws:
    """The draws of one coefficient, whatever the null: t is that of beta_e - d beta_x with d = null - estimate.

    Attributes:
        sums: what was drawn from.
        beta_e: (B,) coefficients of the sign-flipped residuals of the unrestricted model.
        beta_x: (B,) coefficients of the sign-flipped regressor.
        squares: (3, B) sums over clusters of squared scores of e, of products of e's and x's, of squared scores of x.
        every: whether the draws are all patterns there are.
    """

    sums: ClusterSums
    beta_e: np.ndarray
    beta_x: np.ndarray
    squares: np.ndarray
    every: bool

    def t_statistics(self, null: float = 0.0) -> np.ndarray:
        """Return the (B,) bootstrap t statistics under beta = ``null``, small-sample factor left out."""
        d = null - self.sums.beta
        variance = self.squares[0] - 2 * d * self.squares[1] + d**2 * self.squares[2]
        return np.asarray((self.beta_e - d * self.beta_x) * self.sums.total / np.sqrt(np.maximum(variance, 0.0)))


def wild_draws(sums: ClusterSums, signs: Signs) -> WildDraws:
    """Return what each draw of ``signs`` gives, in O(G r) a draw."""
    return WildDraws(sums, *_moments(sums, signs.blocks()), signs.every)


def _moments(sums: ClusterSums, blocks: Iterator[np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    x, span = sums.numerator_x, sums.span
    e, span_e = sums.numerator_y - sums.beta * x, sums.span_y - sums.beta * sums.span_x
    beta_e, beta_x, squares = [], [], []
    for w in blocks:
        beta_e.append(w @ e / sums.total)
        beta_x.append(w @ x / sums.total)
        of_e = w * e - (w @ span_e) @ span.T - beta_e[-1][:, None] * x
        of_x = w * x - (w @ sums.span_x) @ span.T - beta_x[-1][:, None] * x
        pairs = ((of_e, of_e), (of_e, of_x), (of_x, of_x))
        squares.append(np.stack([np.einsum("bg,bg->b", *pair) for pair in pairs]))
    return np.concatenate(beta_e), np.concatenate(beta_x), np.concatenate(squares, axis=1)


def p_value(draws: WildDraws, null: float = 0.0) -> float:
    """Return the two-sided p: of the draws whose |t| is at least the sample's, (1 + #) / (1 + draws).

    Where the draws are every sign pattern there is, the sample's own is among them, and p is the share # / 2^G.
    """
    t = np.abs(draws.t_statistics(null))
    return _share(int((t >= abs(draws.sums.t_sample(null)) * (1 - TIE)).sum()), len(t), draws.every)


def _share(count: int, draws: int, every: bool) -> float:
    """Return (1 + count) / (1 + draws) of random draws (Phipson & Smyth 2010), count / draws of all there are."""
    return count / draws if every else (1 + count) / (1 + draws)


def interval(draws: WildDraws, level: float = 0.95) -> tuple[float, float]:
    """Return the interval of all values that the bootstrap does not reject, by bisection; an open end is infinite."""
    beta, se = draws.sums.beta, draws.sums.se

    def rejected(value: float) -> bool:
        return p_value(draws, value) <= 1 - level

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
    signs = Signs(len(union), draws, seed)
    position = {label: i for i, label in enumerate(union)}
    places = [np.array([position[str(label)] for label in sums.labels]) for sums in columns]
    t = np.array([abs(sums.t_sample()) for sums in columns])
    boot = np.vstack([
        np.column_stack([
            np.abs(WildDraws(sums, *_moments(sums, iter([w[:, place]])), signs.every).t_statistics())
            for sums, place in zip(columns, places, strict=True)
        ])
        for w in signs.blocks()
    ])  # fmt: skip
    order = np.argsort(-t, kind="stable")
    adjusted = np.empty(len(t))
    floor = 0.0
    for step, j in enumerate(order):
        largest = boot[:, order[step:]].max(axis=1)
        floor = max(floor, _share(int((largest >= t[j] * (1 - TIE)).sum()), len(signs), signs.every))
        adjusted[j] = floor
    return adjusted
