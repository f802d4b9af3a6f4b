"""Anderson-Rubin (1949) test and confidence set: valid however weak the instruments are."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy import linalg, stats

from shidian.errors import EstimationError
from shidian.iv.design import IVDesign
from shidian.iv.rank_tests import (
    Statistic,
    denominator_df,
    f_test,
    moment_covariance,
    no_test,
    partial_out,
    quadratic_form,
    tested,
    wald_to_f,
)
from shidian.messages import say


@dataclass(frozen=True)
class AndersonRubin:
    """The test that all endogenous coefficients are zero, and the confidence set of a single one.

    Attributes:
        test: F test of the instruments in the reduced form.
        intervals: the confidence set as disjoint intervals (ends may be infinite; empty tuple = empty set),
            or None.
        level: level of the set.
        reason: why there is no set, empty when there is one.
    """

    test: Statistic
    intervals: tuple[tuple[float, float], ...] | None
    level: float
    reason: str = ""


def anderson_rubin(design: IVDesign, level: float = 0.95) -> AndersonRubin:
    """Return the AR test of beta = 0 and, for one endogenous regressor, the set of values it does not reject.

    AR(b) is the Wald statistic of the instruments in a regression of y - b x on them, with the design's
    covariance, scaled to F as ivreg2 does. Its boundary AR(b) = c solves a quadratic eigenvalue problem, so
    the set is exact: an interval, two rays, the whole line, or nothing (which rejects the overidentifying
    restrictions).
    """
    z = partial_out(design.instruments, design.exogenous)
    l1 = z.shape[1]
    if reason := design.too_few_clusters(l1):
        return AndersonRubin(no_test(reason), None, level, reason)
    q = np.linalg.qr(z)[0]
    y = partial_out(design.y[:, None], design.exogenous)[:, 0]
    x = partial_out(design.endogenous, design.exogenous)
    y_error, x_error = partial_out(y[:, None], z)[:, 0], partial_out(x, z)
    df2 = denominator_df(design)
    meat = _cross(design, q, y_error, y_error)
    test = tested(lambda: f_test(wald_to_f(quadratic_form(q.T @ y, meat), design, l1), l1, df2))
    if x.shape[1] != 1:
        return AndersonRubin(test, None, level, say("the set is given for a single endogenous regressor"))
    critical = float(stats.f.ppf(level, l1, df2)) / wald_to_f(1.0, design, l1)
    # measure the coefficient in units of |y| / |x|, so that the eigenvalues are of order one
    scale = float(np.linalg.norm(y) / np.linalg.norm(x))
    if scale == 0:
        return AndersonRubin(test, None, level, say("the outcome does not vary"))
    ys, xs = y / np.linalg.norm(y), x[:, 0] / np.linalg.norm(x)
    eys, exs = y_error / np.linalg.norm(y), x_error[:, 0] / np.linalg.norm(x)
    problem = _Problem(
        q.T @ ys, q.T @ xs, _cross(design, q, eys, eys),
        _cross(design, q, eys, exs) + _cross(design, q, exs, eys), _cross(design, q, exs, exs), critical,
    )  # fmt: skip
    try:
        intervals = tuple((lo * scale, hi * scale) for lo, hi in problem.intervals())
    except (np.linalg.LinAlgError, EstimationError):
        reason = say(
            "the covariance of the moments is singular at some value of the coefficient: the fit is exact there"
        )
        return AndersonRubin(test, None, level, reason)
    return AndersonRubin(test, intervals, level)


@dataclass(frozen=True)
class _Problem:
    """g(b)' V(b)^(-1) g(b) <= c with g(b) = gy - b gx and V(b) = V0 - b V1 + b^2 V2."""

    gy: np.ndarray
    gx: np.ndarray
    v0: np.ndarray
    v1: np.ndarray
    v2: np.ndarray
    critical: float

    def accepts(self, b: float) -> bool:
        g = self.gy - b * self.gx
        return quadratic_form(g, self.v0 - b * self.v1 + b * b * self.v2) <= self.critical

    def accepts_far(self) -> bool:
        """Say whether b is accepted as it goes to infinity, where AR tends to the Wald test of the first stage."""
        return quadratic_form(self.gx, self.v2) <= self.critical

    def boundaries(self) -> list[float]:
        """Solve det [[V(b), g(b)], [g(b)', c]] = 0, whose real roots are the points with AR(b) = c."""
        size = len(self.gy) + 1
        m = np.zeros((3, size, size))
        m[0][:-1, :-1], m[1][:-1, :-1], m[2][:-1, :-1] = self.v0, -self.v1, self.v2
        m[0][:-1, -1] = m[0][-1, :-1] = self.gy
        m[1][:-1, -1] = m[1][-1, :-1] = -self.gx
        m[0][-1, -1] = self.critical
        zero, eye = np.zeros((size, size)), np.eye(size)
        roots = linalg.eigvals(np.block([[zero, eye], [-m[0], -m[1]]]), np.block([[eye, zero], [zero, m[2]]]))
        roots = roots[np.isfinite(roots)]
        real = roots[(np.abs(roots.imag) < 1e-7 * (1 + np.abs(roots.real))) & (np.abs(roots) < 1e9)].real
        return sorted(float(r) for r in real)

    def intervals(self) -> list[tuple[float, float]]:
        edges = [-np.inf, *self.boundaries(), np.inf]
        found: list[tuple[float, float]] = []
        for low, high in pairwise(edges):
            outside = np.isinf(low) or np.isinf(high)
            accepted = self.accepts_far() if outside else self.accepts((low + high) / 2)
            if not accepted or low == high:
                continue
            if found and found[-1][1] == low:
                found[-1] = (found[-1][0], high)
            else:
                found.append((low, high))
        return found


def _cross(design: IVDesign, q: np.ndarray, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Return the covariance of q'u and q'v under the design's kind of errors."""
    if design.kind == "iid":
        return np.eye(q.shape[1]) * float(u @ v) / design.n
    both = moment_covariance(np.column_stack([q * u[:, None], q * v[:, None]]), design.cluster)
    return both[: q.shape[1], q.shape[1] :]
