"""The doubly robust 2x2 DID of Sant'Anna & Zhao (2020): from a panel of two periods, and from repeated cross sections.

Traditional (logit, least squares), as R's ``did`` uses it: ``drdid_panel`` and the locally efficient ``drdid_rc``.
Rows may have weights, which enter the logit, the regressions and every mean.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from shidian.errors import EstimationError
from shidian.inference import scaled
from shidian.messages import say

PSCORE_CAP = 1 - 1e-6
COLLINEAR_TOLERANCE = 1e-13
"""Smallest eigenvalue of the cross product of covariates of unit norm: below it, rounding is left of a column."""


def panel_effect(
    dy: np.ndarray, D: np.ndarray, X: np.ndarray, weights: np.ndarray | None = None
) -> tuple[float, np.ndarray]:
    """Return the ATT and its influence function from changes (eq. 2.6 and the remarks after 3.1).

    Args:
        dy: (n,) changes of the outcome.
        D: (n,) 1 where treated.
        X: (n, k) covariates, the constant first.
        weights: (n,) weights above zero, of any scale; None = each row counts as one.

    Raises:
        EstimationError: the covariates are collinear among the controls.
        LinAlgError: the covariates separate the groups.
    """
    return compare(D, X, weights).effect(dy)


@dataclass(frozen=True)
class Compared:
    """Treated and control units of a comparison: all that the estimator needs of them beside their outcomes.

    Attributes:
        X: (n, k) covariates, the constant first.
        outside: (n,) weights of the controls, zero elsewhere.
        gram: (k, k) cross product of the controls' covariates.
        inverse: (k, k) inverse of ``gram`` / n.
        w1: (n,) weights of the treated, zero elsewhere.
        w0: (n,) weights of the controls by the odds of treatment, zero elsewhere.
        score: (n, k) scores of the logit by its inverse Hessian.
        m1: (k,) sums of the treated's covariates / n.
        m0: (k,) sums of the controls' covariates by ``w0`` / n.
    """

    X: np.ndarray
    outside: np.ndarray
    gram: np.ndarray
    inverse: np.ndarray
    w1: np.ndarray
    w0: np.ndarray
    score: np.ndarray
    m1: np.ndarray
    m0: np.ndarray

    def effect(self, dy: np.ndarray) -> tuple[float, np.ndarray]:
        """Return what :func:`panel_effect` does for (n,) changes of an outcome."""
        X, outside, w1, w0 = self.X, self.outside, self.w1, self.w0
        e = dy - X @ scaled.solve(self.gram, X.T @ (outside * dy))
        eta1, eta0 = (w1 @ e) / w1.sum(), (w0 @ e) / w0.sum()
        ols = (outside * e)[:, None] * X @ self.inverse
        treated = (w1 * (e - eta1) - ols @ self.m1) / w1.mean()
        slope = (w0 * (e - eta0)) @ X / len(dy)
        controls = (w0 * (e - eta0) + self.score @ slope - ols @ self.m0) / w0.mean()
        return float(eta1 - eta0), treated - controls


def compare(D: np.ndarray, X: np.ndarray, weights: np.ndarray | None = None) -> Compared:
    """Return who is compared with whom; arguments and errors as of :func:`panel_effect`."""
    n, w = len(D), _of_mean_one(weights, len(D))
    _require_rank(X, D == 0, say("the controls"))
    p, hessian_inverse = _logit(D, X, w)
    outside = w * (1 - D)
    gram = (X * outside[:, None]).T @ X
    w1, w0 = w * D, p * outside / (1 - p)
    score = ((w * (D - p))[:, None] * X) @ (hessian_inverse * n)
    return Compared(X, outside, gram, scaled.inverse(gram / n), w1, w0, score, w1 @ X / n, w0 @ X / n)


def cross_section_effect(
    y: np.ndarray, post: np.ndarray, D: np.ndarray, X: np.ndarray, weights: np.ndarray | None = None
) -> tuple[float, np.ndarray]:
    """Return the ATT and its influence function from rows of two periods that need not be the same units.

    Args:
        y: (n,) outcomes.
        post: (n,) 1 in the later of the two periods compared, the one whose effect is asked for.
        D: (n,) 1 where treated.
        X: (n, k) covariates, the constant first.
        weights: (n,) weights above zero, of any scale; None = each row counts as one.

    Raises:
        EstimationError: the covariates are collinear within a group and period.
        LinAlgError: the covariates separate the groups.
    """
    for group, who in (
        (0, say("the controls of one of the two years")),
        (1, say("the treated of one of the two years")),
    ):
        for period in (0, 1):
            _require_rank(X, (group == D) & (post == period), who)
    w = _of_mean_one(weights, len(y))
    p, hessian_inverse = _logit(D, X, w)
    score = ((w * (D - p))[:, None] * X) @ (hessian_inverse * len(y))
    after = _level(y, post, (w * D, w * (1 - D)), X, p, score)
    before = _level(y, 1 - post, (w * D, w * (1 - D)), X, p, score)
    return after[0] - before[0], after[1] - before[1]


def _level(
    y: np.ndarray, here: np.ndarray, groups: tuple[np.ndarray, np.ndarray], X: np.ndarray, p: np.ndarray,
    score: np.ndarray,
) -> tuple[float, np.ndarray]:  # fmt: skip
    """Return one period's difference between the groups, and its influence function; ``here`` marks its rows.

    ``groups`` are the (n,) weights of treated and of control rows, zero elsewhere.
    """
    D, outside = groups
    beta0, ols0 = _least_squares(y, outside * here, X)
    beta1, ols1 = _least_squares(y, D * here, X)
    e, gap = y - X @ beta0, X @ (beta1 - beta0)
    w1, w0 = D * here, p * outside * here / (1 - p)
    treated, controls = (w1 @ e) / w1.sum(), (w0 @ e) / w0.sum()
    all_gap, own_gap = (D @ gap) / D.sum(), (w1 @ gap) / w1.sum()
    slope = (w0 * (e - controls)) @ X / w0.sum()
    influence = w1 * (e - treated) / w1.mean() - ols0 @ (w1 @ X / w1.sum())
    influence -= w0 * (e - controls) / w0.mean() + score @ slope - ols0 @ (w0 @ X / w0.sum())
    influence += D * (gap - all_gap) / D.mean() - w1 * (gap - own_gap) / w1.mean()
    influence += (ols1 - ols0) @ (D @ X / D.sum() - w1 @ X / w1.sum())
    return float(treated - controls + all_gap - own_gap), influence


def _require_rank(X: np.ndarray, rows: np.ndarray, who: str) -> None:
    if X.shape[1] == 1:
        return
    norms = np.linalg.norm(X[rows], axis=0)
    Z = X[rows] / np.where(norms > 0, norms, 1.0)
    if rows.sum() < X.shape[1] or np.linalg.eigvalsh(Z.T @ Z)[0] < COLLINEAR_TOLERANCE:
        raise EstimationError(say("the covariates are constant or collinear among {who}, or more than these", who=who))


def _least_squares(y: np.ndarray, w: np.ndarray, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the slopes on rows weighted by w, and the (n, k) influence functions of the slopes."""
    gram = (X * w[:, None]).T @ X
    beta = scaled.solve(gram, X.T @ (w * y))
    return beta, (w * (y - X @ beta))[:, None] * X @ scaled.inverse(gram / len(y))


def _of_mean_one(weights: np.ndarray | None, n: int) -> np.ndarray:
    return np.ones(n) if weights is None else np.asarray(weights / weights.mean())


def _logit(D: np.ndarray, X: np.ndarray, w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return fitted probabilities and the inverse Hessian of a weighted logit, by Newton's method to 1e-12."""
    scale = np.abs(X).max(axis=0)
    Z, b, share = X / scale, np.zeros(X.shape[1]), (w * D).mean()
    b[0] = np.log(share / (1 - share))
    for _ in range(100):
        p = expit(Z @ b)
        hessian = (Z * (w * (p * (1 - p)))[:, None]).T @ Z
        step = np.linalg.solve(hessian, Z.T @ (w * (D - p)))
        b = b + step
        if np.abs(step).max() < 1e-12 * max(1.0, np.abs(b).max()):
            p = expit(Z @ b)
            hessian = (Z * (w * (p * (1 - p)))[:, None]).T @ Z
            return np.minimum(p, PSCORE_CAP), np.linalg.inv(hessian) / np.outer(scale, scale)
    raise np.linalg.LinAlgError("the logit does not converge")
