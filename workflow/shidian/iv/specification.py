"""Overidentification (Sargan, Hansen J) and exogeneity (Wu-Hausman) of a 2SLS regression."""

from __future__ import annotations

import numpy as np

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
)

EXACT = "exactly identified: nothing to test"


def sargan(design: IVDesign) -> Statistic:
    """Sargan's (1958) n R-squared of the 2SLS residuals on the instruments; homoskedastic errors."""
    z, x, y = _partialled(design)
    if z.shape[1] == x.shape[1]:
        return no_test(EXACT)
    q, e = _instruments_and_residuals(z, x, y)
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
    weight = np.linalg.inv(moment_covariance(q * e[:, None], design.cluster))
    zx, zy = q.T @ x, q.T @ y
    b = np.linalg.solve(zx.T @ weight @ zx, zx.T @ weight @ zy)
    g = zy - zx @ b
    return chi2_test(float(g @ weight @ g), df)


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
    if np.linalg.svd(residual, compute_uv=False)[-1] <= COLLINEAR_TOLERANCE:
        return no_test("the instruments predict an endogenous regressor exactly")
    if design.kind == "iid":
        return f_test(quadratic_form(moment, gram * (u @ u)) * (n - k) / k1, k1, n - k)
    if reason := design.too_few_clusters(k1):
        return no_test(reason)
    chi2 = quadratic_form(moment, moment_covariance(extra * u[:, None], design.cluster))
    if design.n_clusters is None:
        return f_test(chi2 / n * (n - k) / k1, k1, n - k)
    g = design.n_clusters
    return f_test(chi2 / (n - 1) * (n - k) * (g - 1) / g / k1, k1, g - 1)


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
