"""Sensitivity of an event study to violations of parallel trends (Rambachan & Roth 2023).

delta = the difference in trends that would remain without the policy, zero in the reference period (the last one
before adoption and its anticipation).

* Smoothness, Delta^SD(M): its slope changes by at most M a period. Fixed-length confidence interval of section 4.1,
  the affine estimator found by convex optimisation.
* Relative magnitudes, Delta^RM(Mbar): its change a period after adoption is at most Mbar times the largest change
  before. Conditional least-favourable hybrid test (C-LF) of sections 3.2.1-3.2.2 (Andrews, Roth & Pakes 2023),
  inverted.

Own code: diff-diff 3.13 gives no hybrid test for relative magnitudes (its interval adds a normal quantile to the
estimated bounds), and the package ``honestdid`` wants torch. diff-diff's smoothness interval is the peer in the tests.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import optimize, stats

from shidian.did.event_coefficients import EventCoefficients

HYBRID_SHARE = 0.1
"""Share of the level spent on the least-favourable first stage, as in the paper."""
LF_DRAWS = 100_000
GRID = 1000
GRID_HALF = 20.0
"""Reach of the grid beyond the estimated bounds, in standard errors."""


def original_interval(event: EventCoefficients, weights: np.ndarray, level: float = 0.95) -> tuple[float, float]:
    """Return the interval of ``weights @ post`` under exact parallel trends, by the normal."""
    theta, se = _target(event, weights)
    half = stats.norm.ppf(0.5 + level / 2) * se
    return theta - half, theta + half


def smoothness_interval(
    event: EventCoefficients, weights: np.ndarray, M: float, level: float = 0.95
) -> tuple[float, float]:
    """Return the fixed-length interval of ``weights @ post`` under Delta^SD(M).

    The estimator is ``weights @ post + v @ pre`` with v such that linear trends drop out. Its worst bias is
    ``M (sum_k |sum_{t>k} l_t (t-k)| + sum_j |q_j|)`` with ``q_j = sum_{m>j} v_{-m} (m-j)``, j = 1 ... P-1.
    """
    P, Q = len(event.pre), len(event.post)
    times = np.arange(1, Q + 1)
    fixed = sum(abs(float(weights @ np.clip(times - k, 0, None))) for k in range(Q))
    slope = float(weights @ times)
    V = _from_kinks(P)
    start = np.zeros(2 * (P - 1))

    def pieces(x: np.ndarray) -> tuple[np.ndarray, float, float]:
        q = np.r_[slope, x[: P - 1] - x[P - 1 :]]
        full = np.r_[V @ q, weights]
        return full, M * (fixed + x.sum()), float(np.sqrt(full @ event.vcov @ full))

    def half_length(x: np.ndarray) -> tuple[float, np.ndarray]:
        full, bias, sd = pieces(x)
        c, slope_c = _folded_quantile(bias / sd, level)
        d_sd = V[:, 1:].T @ (event.vcov @ full)[:P] / sd
        gradient = slope_c * M + (c - slope_c * bias / sd) * np.r_[d_sd, -d_sd]
        unit = float(np.sqrt(weights @ event.vcov[P:, P:] @ weights))
        return c * sd / unit, gradient / unit

    found = optimize.minimize(
        half_length, start, jac=True, method="L-BFGS-B", bounds=[(0, None)] * len(start),
        options={"maxiter": 10_000, "maxfun": 100_000, "ftol": 1e-14, "gtol": 1e-10},
    )  # fmt: skip
    full, bias, sd = pieces(found.x)
    centre, half = float(full @ event.beta), _folded_quantile(bias / sd, level)[0] * sd
    return centre - half, centre + half


def relative_magnitudes_interval(
    event: EventCoefficients, weights: np.ndarray, Mbar: float, level: float = 0.95, seed: int = 0
) -> tuple[float, float]:
    """Return the C-LF interval of ``weights @ post`` under Delta^RM(Mbar).

    Delta^RM is the union over the pre-period with the largest change, and its sign; so is the interval.
    The grid is centred at the estimate and reaches 20 standard errors beyond the estimated bounds; an end at
    its edge is infinite.
    """
    theta, se = _target(event, weights)
    largest = float(np.abs(np.diff(np.r_[event.pre, 0.0])).max())
    reach = Mbar * largest * float(np.abs(weights) @ np.arange(1, len(weights) + 1)) + GRID_HALF * se
    grid = np.linspace(theta - reach, theta + reach, GRID)
    parts = [
        _Polyhedron.of(event, weights, Mbar, s, sign, 1 - level, seed)
        for s in range(len(event.pre)) for sign in (1.0, -1.0)
    ]  # fmt: skip

    def accepted(theta: np.ndarray) -> np.ndarray:
        return np.any([part.accepts(theta) for part in parts], axis=0)

    inside = np.flatnonzero(accepted(grid))
    if not len(inside):
        return float("nan"), float("nan")
    low, high = int(inside[0]), int(inside[-1])
    lower = -np.inf if low == 0 else _boundary(accepted, grid[low - 1], grid[low])
    upper = np.inf if high == GRID - 1 else _boundary(accepted, grid[high + 1], grid[high])
    return float(lower), float(upper)


@dataclass(frozen=True)
class _Polyhedron:
    """One piece of Delta^RM as moment inequalities E[y - a theta - X nuisance] <= 0, through the dual's vertices.

    Attributes:
        level0: (v,) vertices times A beta.
        slope: (v,) vertices times the moments' derivative in theta.
        cov: (v, v) covariance of the vertices' statistics.
        critical: least-favourable critical value of the first stage.
        size: level of the conditional second stage.
    """

    level0: np.ndarray
    slope: np.ndarray
    cov: np.ndarray
    critical: float
    size: float

    @staticmethod
    def of(
        event: EventCoefficients, weights: np.ndarray, Mbar: float, s: int, sign: float, alpha: float, seed: int
    ) -> _Polyhedron:
        P, Q = len(event.pre), len(event.post)
        A = _constraints(P, Q, Mbar, s, sign)
        if Q > 1:
            A = A[(A[:, P:] != 0).any(axis=1)]
        basis = _complete(weights)
        moments = A[:, P:] @ np.linalg.inv(basis)
        sigma = A @ event.vcov @ A.T
        vertices = _dual_vertices(moments[:, 1:], np.sqrt(np.diag(sigma)), Q)
        cov = vertices @ sigma @ vertices.T
        kappa = alpha * HYBRID_SHARE
        values, vectors = np.linalg.eigh((cov + cov.T) / 2)
        root = vectors * np.sqrt(np.clip(values, 0, None))
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(s, int(sign > 0))))
        draws = (rng.standard_normal((LF_DRAWS, len(cov))) @ root.T).max(axis=1)
        critical = float(np.quantile(draws, 1 - kappa))
        size = (alpha - kappa) / (1 - kappa)
        return _Polyhedron(vertices @ A @ event.beta, vertices @ moments[:, 0], cov, critical, size)

    def accepts(self, theta: np.ndarray) -> np.ndarray:
        """Say for each value of theta whether the hybrid test accepts it."""
        statistics = self.level0[:, None] - self.slope[:, None] * theta[None, :]
        best = statistics.argmax(axis=0)
        eta = statistics.max(axis=0)
        own = np.diag(self.cov)[best]
        ratio = self.cov[:, best] / np.where(own > 0, own, 1.0)
        rest = statistics - ratio * eta
        with np.errstate(divide="ignore", invalid="ignore"):
            bound = rest / (1 - ratio)
        low = np.where(ratio < 1 - 1e-12, bound, -np.inf).max(axis=0)
        high = np.minimum(np.where(ratio > 1 + 1e-12, bound, np.inf).min(axis=0), self.critical)
        sd = np.sqrt(np.where(own > 0, own, 1.0))
        cut = np.maximum(0, _truncated_quantile(1 - self.size, low / sd, high / sd))
        reject = np.where(own > 1e-20, (eta / sd > cut) & (eta <= high) & (eta >= low), eta > 0)
        return np.asarray(~(reject | (eta > self.critical)))


def _constraints(P: int, Q: int, Mbar: float, s: int, sign: float) -> np.ndarray:
    """Return A with A delta <= 0: every change is bounded by the signed change after the s-th pre-period."""
    changes = np.diff(np.eye(P + Q + 1), axis=0)
    largest = sign * changes[s]
    bounds = np.outer(np.r_[np.ones(P), np.full(Q, Mbar)], largest)
    A = np.vstack([changes - bounds, -changes - bounds])
    A = A[np.abs(A).max(axis=1) > 1e-10]
    return np.delete(A, P, axis=1)


def _dual_vertices(X: np.ndarray, sd: np.ndarray, Q: int) -> np.ndarray:
    """Return the vertices of {g >= 0: g'X = 0, g'sd = 1}.

    With one post-period there is no nuisance parameter and each moment is a vertex. Otherwise the moments come
    in pairs (the change in period t, and minus it) whose rows of X are opposite, and X has Q - 1 columns: a
    vertex is a pair with equal weights, or the one null vector of X with its signs, either way round.
    """
    n = len(sd)
    if X.shape[1] == 0:
        return np.diag(1 / sd)
    half = n // 2
    null = np.linalg.svd(X[:half].T)[2][-1]
    vertices = [np.eye(n)[t] + np.eye(n)[half + t] for t in range(half)]
    vertices += [np.r_[np.clip(c * null, 0, None), np.clip(-c * null, 0, None)] for c in (1.0, -1.0)]
    V = np.array(vertices)
    V[np.abs(V) < 1e-12] = 0
    return V / (V @ sd)[:, None]


def _complete(weights: np.ndarray) -> np.ndarray:
    """Return an invertible matrix with ``weights`` as first row."""
    Q = len(weights)
    pivot = int(np.abs(weights).argmax())
    return np.vstack([weights, np.delete(np.eye(Q), pivot, axis=0)])


def _from_kinks(P: int) -> np.ndarray:
    """Return the (P, P) map from q_0 ... q_{P-1} to v_{-P} ... v_{-1}, q_j = sum_{m>j} v_{-m} (m-j)."""
    j, m = np.arange(P)[:, None], np.arange(P, 0, -1)[None, :]
    return np.linalg.inv(np.clip(m - j, 0, None).astype(float))


def _folded_quantile(t: float, level: float) -> tuple[float, float]:
    """Return the quantile c of |N(t, 1)| and its derivative in t."""
    if t > 30:
        return t + float(stats.norm.ppf(level)), 1.0
    top = t + float(stats.norm.ppf(0.5 + level / 2)) + 1
    c = float(optimize.brentq(lambda x: stats.norm.cdf(x - t) - stats.norm.cdf(-x - t) - level, 0, top, xtol=1e-14))
    near, far = stats.norm.pdf(c - t), stats.norm.pdf(c + t)
    return c, float((near - far) / (near + far))


def _truncated_quantile(p: float, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Return the p-quantile of N(0, 1) truncated to [low, high], in the tail where it is exact."""
    right = low > 0
    a, b = np.where(right, -high, low), np.where(right, -low, high)
    share = np.where(right, 1 - p, p)
    lower, upper = stats.norm.cdf(a), stats.norm.cdf(b)
    quantile = stats.norm.ppf(lower + share * (upper - lower))
    return np.clip(np.where(right, -quantile, quantile), low, high)


def _boundary(accepted: Callable[[np.ndarray], np.ndarray], outside: float, inside: float) -> float:
    for _ in range(30):
        middle = (outside + inside) / 2
        if accepted(np.array([middle]))[0]:
            inside = middle
        else:
            outside = middle
    return inside


def _target(event: EventCoefficients, weights: np.ndarray) -> tuple[float, float]:
    P = len(event.pre)
    return float(weights @ event.post), float(np.sqrt(weights @ event.vcov[P:, P:] @ weights))
