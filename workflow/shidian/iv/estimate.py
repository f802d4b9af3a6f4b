"""Two-stage least squares with absorbed fixed effects: second stage, first stages, and all their diagnostics.

Engine: this module. linearmodels 7.1 gives the same second stage and rank tests without absorbed effects (a
test compares them) but does not count absorbed effects, has no Hansen J for 2SLS and no Anderson-Rubin set.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from shidian.did.twfe import CONSTANT
from shidian.estimates import Fit
from shidian.inference.covariance import VcovLike, few_clusters_warning
from shidian.inference.sample import Singletons
from shidian.inference.scaled import inverse
from shidian.inference.small_sample import cluster_factor, hetero_factor
from shidian.inference.weights import WeightingLike
from shidian.iv.anderson_rubin import AndersonRubin, anderson_rubin
from shidian.iv.design import IVDesign, SmallSample, build_design
from shidian.iv.rank_tests import (
    RankTests,
    Statistic,
    denominator_df,
    f_test,
    moment_covariance,
    no_test,
    partial_out,
    quadratic_form,
    rank_tests,
    tested,
    wald_to_f,
)
from shidian.iv.specification import hansen_j, sargan, wu_hausman
from shidian.iv.stock_yogo import stock_yogo
from shidian.messages import say
from shidian.variance import NOTHING_LEFT


@dataclass(frozen=True)
class IVResult:
    """Everything that a 2SLS table prints.

    Attributes:
        second: the second stage; endogenous regressors first.
        first: one first stage an endogenous regressor, excluded instruments first.
        first_f: F test of the excluded instruments in each first stage, under the design's covariance.
        reduced: the reduced form: outcome on instruments and exogenous regressors.
        rank: under- and weak identification.
        sargan: overidentification under homoskedastic errors.
        hansen: overidentification under the design's covariance.
        wu_hausman: exogeneity of the endogenous regressors.
        ar: Anderson-Rubin test and confidence set.
        critical: Stock-Yogo values (``stock_yogo``).
        dropped: sentences on columns that were dropped.
        design: the data behind it.
        warnings: few clusters and dropped columns.
    """

    second: Fit
    first: dict[str, Fit]
    first_f: dict[str, Statistic]
    reduced: Fit
    rank: RankTests
    sargan: Statistic
    hansen: Statistic
    wu_hausman: Statistic
    ar: AndersonRubin
    critical: dict[str, dict[float, float]]
    dropped: tuple[str, ...]
    design: IVDesign
    warnings: tuple[str, ...]


def estimate_iv(
    panel: pd.DataFrame,
    outcome: str,
    endogenous: Sequence[str],
    instruments: Sequence[str],
    controls: Sequence[str] = (),
    fixed_effects: Sequence[str] = (),
    *,
    vcov: VcovLike = "hetero",
    ssc: SmallSample = "ivreghdfe",
    unit: str = "unit",
    level: float = 0.95,
    constant: bool = False,
    singletons: Singletons | None = None,
    weights: WeightingLike = None,
) -> IVResult:
    """Estimate ``outcome = beta endogenous + gamma controls + effects`` by 2SLS.

    Args:
        panel: rows of unit-years.
        outcome: name of the outcome.
        endogenous: K1 endogenous regressors.
        instruments: L1 >= K1 excluded instruments.
        controls: included exogenous regressors.
        fixed_effects: absorbed effects; with none a constant is partialled out.
        vcov: ``"iid"``, ``"hetero"`` or ``{"kind": "cluster", "by": name}``.
        ssc: convention of the standard errors: ``ivreg2`` (no small-sample factor, normal distribution),
            ``ivreghdfe`` (its default: factor (N-1)/(N-K) G/(G-1) or N/(N-K), effects nested in the cluster
            free), or the count of ``reghdfe``, ``xtreg``, ``areg``, ``fixest``. Diagnostics always count as
            ivreghdfe does.
        unit: name of the unit column.
        level: level of the Anderson-Rubin set.
        constant: whether each regression ends with the constant of Stata's ``xtivreg, fe``: the means are added back
            to the columns that were partialled out, and ``a = ybar - xbar'b`` ([XT] xtivreg, Methods and formulas).
        singletons: dropped or kept; None = as the software of ``ssc`` does.
        weights: variable that weights the rows, with its kind: analytic or probability.

    Raises:
        EstimationError: unknown column, empty sample, absorbed regressor, too few usable instruments.
    """
    design = build_design(
        panel, outcome, endogenous, instruments, controls, fixed_effects, vcov=vcov, ssc=ssc, unit=unit,
        singletons=singletons, weights=weights,
    )  # fmt: skip
    z = np.column_stack([design.instruments, design.exogenous])
    x = np.column_stack([design.endogenous, design.exogenous])
    names_x, names_z = design.names[0] + design.names[1], design.names[2] + design.names[1]
    first = {
        name: _least_squares(design, names_z, z, z, column, name, constant=constant)
        for name, column in zip(design.names[0], design.endogenous.T, strict=True)
    }
    second = _least_squares(
        design, names_x, x, _project(x, z), design.y, design.outcome, design.total_ss, constant=constant
    )
    fits = say("the second stage fits exactly: its residuals are rounding error")
    exact = no_test(fits) if all(second.reasons) else None
    return IVResult(
        second=second,
        first=first,
        first_f={name: _excluded_f(design, column) for name, column in zip(first, design.endogenous.T, strict=True)},
        reduced=_least_squares(design, names_z, z, z, design.y, design.outcome, design.total_ss, constant=constant),
        rank=rank_tests(design),
        sargan=exact or sargan(design),
        hansen=exact or (sargan(design) if design.kind == "iid" else hansen_j(design)),
        wu_hausman=exact or wu_hausman(design),
        ar=anderson_rubin(design, level),
        critical=stock_yogo(len(endogenous), design.instruments.shape[1]),
        dropped=design.dropped,
        design=design,
        warnings=_warnings(design),
    )


def _warnings(design: IVDesign) -> tuple[str, ...]:
    few = few_clusters_warning(design.n_clusters)
    return (*((few,) if few else ()), *design.dropped)


def _project(x: np.ndarray, z: np.ndarray) -> np.ndarray:
    q = np.linalg.qr(z)[0]
    return q @ (q.T @ x)


def _least_squares(
    design: IVDesign, names: tuple[str, ...], x: np.ndarray, fitted: np.ndarray, y: np.ndarray, outcome: str,
    total_ss: float = float("nan"), *, constant: bool = False,
) -> Fit:  # fmt: skip
    """Regress y, named ``outcome``, on x with ``fitted`` (x projected on the instruments; x itself for OLS)."""
    df = design.df(x.shape[1])
    n, k, g = design.n, x.shape[1] + design.n_counted, design.n_clusters
    bread = inverse(fitted.T @ fitted)
    coef = bread @ (fitted.T @ y)
    e = y - x @ coef
    rss = float(e @ e)
    if constant:
        means = np.array([design.means[name] for name in names])
        names, coef = (*names, CONSTANT), np.append(coef, design.means[outcome] - means @ coef)
        root = np.ones(n) if design.sample.weights is None else np.sqrt(design.sample.weights)
        fitted = np.column_stack([fitted + root[:, None] * means, root])
        bread = inverse(fitted.T @ fitted)
    influence = (fitted @ bread) * e[:, None]
    vcov = bread * rss / n if design.kind == "iid" else moment_covariance(influence, design.cluster)
    if design.ssc != "ivreg2":
        vcov = vcov * (hetero_factor(n, k) if g is None else cluster_factor(n, k, g))
    return Fit(
        terms=names, coef=coef, vcov=vcov, df=df, n_obs=n, n_units=design.n_units,
        n_clusters=g,
        n_singletons=design.sample.n_singletons, n_missing=design.sample.n_missing,
        r2=1 - rss / total_ss, r2_within=1 - rss / float(y @ y), vcov_kind=design.errors.describe(),
        ssc=design.ssc, n_singletons_kept=design.sample.n_kept,
        extra={"n_parameters": float(k)},
        floor=NOTHING_LEFT * design.spreads[outcome] * np.sqrt(np.diag(bread)),
    )  # fmt: skip


def _excluded_f(design: IVDesign, x: np.ndarray) -> Statistic:
    """F test of the excluded instruments in the first stage of x."""
    z = partial_out(design.instruments, design.exogenous)
    x = partial_out(x[:, None], design.exogenous)[:, 0]
    l1 = z.shape[1]
    if reason := design.too_few_clusters(l1):
        return no_test(reason)
    q = np.linalg.qr(z)[0]
    moment = q.T @ x
    error = x - q @ moment
    if design.kind == "iid":
        meat = np.eye(l1) * float(error @ error) / design.n
    else:
        meat = moment_covariance(q * error[:, None], design.cluster)
    return tested(lambda: f_test(wald_to_f(quadratic_form(moment, meat), design, l1), l1, denominator_df(design)))
