"""Underidentification and weak identification: Anderson, Cragg-Donald and Kleibergen-Paap rank tests.

Conventions are those of ivreg2, ivreghdfe and ranktest (Baum, Schaffer & Stillman 2007; Kleibergen & Schaffer
2015): LM statistics have no small-sample factor, F statistics count the absorbed effects.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import stats

from shidian.did.wald import wald_statistic
from shidian.errors import EstimationError
from shidian.iv.design import IVDesign
from shidian.messages import say
from shidian.variance import ROUNDING


@dataclass(frozen=True)
class Statistic:
    """A test: its statistic, degrees of freedom (``df2`` nan for chi-squared), p-value, or why there is none."""

    statistic: float
    df: float
    df2: float
    p: float
    reason: str = ""


def chi2_test(statistic: float, df: int) -> Statistic:
    """Return a chi-squared test."""
    return Statistic(statistic, df, float("nan"), float(stats.chi2.sf(statistic, df)))


def f_test(statistic: float, df: int, df2: float) -> Statistic:
    """Return an F test."""
    return Statistic(statistic, df, df2, float(stats.f.sf(statistic, df, df2)))


def no_test(reason: str) -> Statistic:
    """Return the statistic of a test that cannot be computed, with the reason."""
    nan = float("nan")
    return Statistic(nan, nan, nan, nan, reason)


def moment_covariance(scores: np.ndarray, cluster: np.ndarray | None) -> np.ndarray:
    """Return the sum over rows, or over clusters of summed rows, of s s': the (p, p) meat without any factor."""
    if cluster is not None:
        sums = np.zeros((int(cluster.max()) + 1, scores.shape[1]))
        np.add.at(sums, cluster, scores)
        scores = sums
    return scores.T @ scores


def quadratic_form(moment: np.ndarray, covariance: np.ndarray) -> float:
    """Return m' V^-1 m, the Wald statistic of moments m with covariance V.

    Raises:
        EstimationError: V is zero beside rounding error (an exact fit), or of lower rank (more moments than clusters
            allow).
    """
    scale = np.sqrt(np.clip(np.diag(covariance), 0, None))
    if not (scale > ROUNDING * np.abs(moment)).all():
        raise EstimationError(say("the moments have no sampling error: the fit is exact"))
    return wald_statistic(moment, covariance, scale, say("{n} moments", n=len(moment)))


def tested(test: Callable[[], Statistic]) -> Statistic:
    """Return what ``test`` finds, or the statistic that says why it cannot be computed."""
    try:
        return test()
    except EstimationError as error:
        return no_test(str(error))


def wald_to_f(chi2: float, design: IVDesign, df: int) -> float:
    """Scale a Wald statistic of a first-stage or reduced-form regression to the F of ivreg2.

    ``chi2 / N * (N - K) / df`` and, clustered, ``chi2 / (N - 1) * (N - K) * (G - 1) / G / df`` with K =
    instruments, included and excluded, and the absorbed parameters.
    """
    n, g = design.n, design.n_clusters
    rest = residual_df(design)
    if g is None:
        return chi2 / n * rest / df
    return chi2 / (n - 1) * rest * (g - 1) / g / df


def residual_df(design: IVDesign) -> int:
    """Return N - L1 - K2 - absorbed, the residual degrees of freedom of the first stage."""
    return design.n - design.instruments.shape[1] - design.exogenous.shape[1] - design.n_absorbed


def denominator_df(design: IVDesign) -> float:
    """Return the second degrees of freedom of first-stage and Anderson-Rubin F: N - K, or clusters less one."""
    return residual_df(design) if design.n_clusters is None else design.n_clusters - 1


def partial_out(x: np.ndarray, base: np.ndarray) -> np.ndarray:
    """Return x with the columns of ``base`` projected out."""
    if base.shape[1] == 0:
        return x
    q = np.linalg.qr(base)[0]
    rest = x - q @ (q.T @ x)
    return rest - q @ (q.T @ rest)


@dataclass(frozen=True)
class RankTests:
    """Rank tests of the first stage.

    Attributes:
        anderson_lm: Anderson (1951) canonical correlations LM test, homoskedastic errors.
        cragg_donald_f: Cragg & Donald (1993) Wald F, homoskedastic errors.
        kp_lm: Kleibergen & Paap (2006) rk LM test under the design's covariance.
        kp_f: Kleibergen & Paap (2006) rk Wald F under the design's covariance, nan with ``kp_f_reason``.
        kp_f_reason: why there is no ``kp_f``, empty where there is one.
    """

    anderson_lm: Statistic
    cragg_donald_f: float
    kp_lm: Statistic
    kp_f: float
    kp_f_reason: str = ""


def rank_tests(design: IVDesign) -> RankTests:
    """Test that the (L1, K1) matrix of first-stage coefficients has rank K1 - 1.

    With Z and X the instruments and endogenous regressors after everything exogenous is partialled out, the
    smallest singular value s of Theta = (Z'Z)^(-1/2)' Z'X (X'X)^(-1/2) is the smallest canonical correlation.
    Its right singular vector v makes one regressor x* = X (X'X/n)^(-1/2) v, the last L1 - K1 + 1 left vectors
    U2 make the instruments z* = Z (Z'Z/n)^(-1/2) U2, and the rk statistic is the test that x* and z* are
    uncorrelated: with x* itself in the scores for LM, with the first-stage residual for Wald. (Kleibergen &
    Paap's A-perp and B-perp are rotations of U2 and v, to which the statistic is invariant.)
    """
    z = partial_out(design.instruments, design.exogenous)
    x = partial_out(design.endogenous, design.exogenous)
    n, l1, k1 = design.n, z.shape[1], x.shape[1]
    df = l1 - k1 + 1
    z_white = np.linalg.qr(z)[0] * np.sqrt(n)
    x_white = np.linalg.qr(x)[0] * np.sqrt(n)
    u, s, vt = np.linalg.svd(z_white.T @ x_white / n)
    smallest = float(s[-1])
    x_star = x_white @ vt[-1]
    z_star = z_white @ u[:, k1 - 1 :]
    error = x_star - z_white @ (z_white.T @ x_star) / n
    anderson = chi2_test(n * smallest**2, df)
    cd_f = smallest**2 / (1 - smallest**2) * residual_df(design) / l1
    if design.kind == "iid":
        return RankTests(anderson, cd_f, anderson, cd_f)
    if reason := design.too_few_clusters(df):
        return RankTests(anderson, cd_f, no_test(reason), float("nan"), reason)
    moment = z_star.T @ x_star
    meat = moment_covariance(z_star * x_star[:, None], design.cluster)
    lm = tested(lambda: chi2_test(quadratic_form(moment, meat), df))
    try:
        wald = quadratic_form(moment, moment_covariance(z_star * error[:, None], design.cluster))
    except EstimationError as error:
        return RankTests(anderson, cd_f, lm, float("nan"), str(error))
    return RankTests(anderson, cd_f, lm, wald_to_f(wald, design, l1))
