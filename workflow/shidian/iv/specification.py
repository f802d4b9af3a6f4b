"""Overidentification (Sargan, Hansen J) and exogeneity (Wu-Hausman) of a 2SLS regression."""

from __future__ import annotations

import numpy as np

from shidian.did.wald import require_definite
from shidian.did.within import COLLINEAR_TOLERANCE
from shidian.iv.design import IVDesign
from shidian.iv.rank_tests import (
    Statistic,
    chi2_test,
    f_test,
    moment_covariance,
    no_test,
    partial_out,
    quadratic_form,
    tested,
)
from shidian.messages import say
from shidian.variance import NOTHING_LEFT

EXACT = say("exactly identified: nothing to test")
EXACT_FIT = say("the fit is exact: no residuals to test")


def sargan(design: IVDesign) -> Statistic:
    """Sargan's (1958) n R-squared of the 2SLS residuals on the instruments; homoskedastic errors."""
    z, x, y = _partialled(design)
    if z.shape[1] == x.shape[1]:
        return no_test(EXACT)
    q, e = _instruments_and_residuals(z, x, y)
    if _nothing_left(e, y):
        return no_test(EXACT_FIT)
    return chi2_test(design.n * float(np.sum((q.T @ e) ** 2) / (e @ e)), z.shape[1] - x.shape[1])


def hansen_j(design: IVDesign) -> Statistic:
    """Hansen's (1982) J of two-step efficient GMM, its weights from the 2SLS residuals; robust or clustered."""
    z, x, y = _partialled(design)
    df = z.shape[1] - x.shape[1]
    if df == 0:
        return no_test(EXACT)
    if reason := design.too_few_clusters(z.shape[1]):
        return no_test(reason)
    q, e = _instruments_and_residuals(z, x, y)
    if _nothing_left(e, y):
        return no_test(EXACT_FIT)
    meat = moment_covariance(q * e[:, None], design.cluster)
    zx, zy = q.T @ x, q.T @ y

    def efficient() -> Statistic:
        scale = np.sqrt(np.diag(meat))
        require_definite(meat, scale, say("{n} moments", n=z.shape[1]))
        weight = np.linalg.inv(meat / np.outer(scale, scale)) / np.outer(scale, scale)
        b = np.linalg.solve(zx.T @ weight @ zx, zx.T @ weight @ zy)
        return chi2_test(quadratic_form(zy - zx @ b, meat), df)

    return tested(efficient)


def wu_hausman(design: IVDesign) -> Statistic:
    """Wu-Hausman test of exogeneity: F of the first-stage residuals added to OLS.

    Under robust or clustered errors the F uses that covariance (Wooldridge 2010, section 6.2.1).
    """
    z, x, y = _partialled(design)
    n, k1 = x.shape
    residual = partial_out(x, z)  # of regressors of unit length
    extra = partial_out(residual, x)
    k = 2 * k1 + design.exogenous.shape[1] + design.n_absorbed
    u = partial_out(y, np.column_stack([x, residual]))
    gram, moment = extra.T @ extra, extra.T @ y
    if _nothing_left(u, y):
        return no_test(EXACT_FIT)
    if np.linalg.svd(residual, compute_uv=False)[-1] <= COLLINEAR_TOLERANCE:
        return no_test(say("the instruments predict an endogenous regressor exactly"))
    if design.kind == "iid":
        return tested(lambda: f_test(quadratic_form(moment, gram * (u @ u)) * (n - k) / k1, k1, n - k))
    if reason := design.too_few_clusters(k1):
        return no_test(reason)
    g, meat = design.n_clusters, moment_covariance(extra * u[:, None], design.cluster)
    if g is None:
        return tested(lambda: f_test(quadratic_form(moment, meat) / n * (n - k) / k1, k1, n - k))
    factor = (n - k) * (g - 1) / g / k1 / (n - 1)
    return tested(lambda: f_test(quadratic_form(moment, meat) * factor, k1, g - 1))


def _nothing_left(residuals: np.ndarray, y: np.ndarray) -> bool:
    return bool(np.linalg.norm(residuals) <= NOTHING_LEFT * np.linalg.norm(y))


def _partialled(design: IVDesign) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return instruments, endogenous regressors and outcome with the exogenous regressors projected out.

    The regressors have unit length, so that their units of measure do not matter to the tests.
    """
    base = design.exogenous
    z, x = partial_out(design.instruments, base), partial_out(design.endogenous, base)
    return z, x / np.linalg.norm(x, axis=0), partial_out(design.y[:, None], base)[:, 0]


def _instruments_and_residuals(z: np.ndarray, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the instruments made orthonormal, and the residuals of 2SLS."""
    q = np.linalg.qr(z)[0]
    return q, y - x @ np.linalg.lstsq(q @ (q.T @ x), y, rcond=None)[0]
