"""Least squares with any number of fixed effects: the static two-way fixed-effects DID and its relatives.

``y_it = beta D_it + X_it' gamma + mu_i + lambda_t + e_it``. Engine: pyfixest's compiled demeaner for the fixed
effects, least squares on the residuals, our own covariance. ``pyfixest.feols`` is the peer in the tests, not the
engine: its clustered error may depend on PYTHONHASHSEED (it counts the fixed effects in an order that passes
through a set), and its first call compiles for seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.linalg import cho_factor, cho_solve

from shidian.did.within import far_apart, partial_out
from shidian.errors import EstimationError
from shidian.estimates import Fit
from shidian.inference.covariance import Vcov, VcovLike, few_clusters_warning, ols_covariance
from shidian.inference.sample import Sample, Singletons, estimation_sample, singletons_of
from shidian.inference.small_sample import CONVENTIONS, Convention
from shidian.inference.weights import Weighting, WeightingLike, require_robust
from shidian.messages import joined, say

CONSTANT, YEAR = "_cons", "year"
MANY = 5e8
"""Rows times squared columns beyond which a QR decomposition takes seconds."""


@dataclass(frozen=True)
class Regression:
    """A fitted model with what later steps need of it.

    Attributes:
        fit: coefficients, covariance and counts.
        sample: rows used and dropped.
        y: (n,) outcome after partialling out the fixed effects, times the root of its weight where rows have weights.
        X: (n, k) regressors after partialling out, the constant last where there is one, times the roots of weights.
        residuals: (n,) residuals, times the roots of weights.
        omitted: name of each regressor that could not be estimated -> the reason.
        warnings: what a referee would object to.
        weighting: what the rows are weighted by; their weights stand in ``sample``.
    """

    fit: Fit
    sample: Sample
    y: np.ndarray
    X: np.ndarray
    residuals: np.ndarray
    omitted: dict[str, str]
    warnings: tuple[str, ...] = ()
    weighting: Weighting | None = None

    @property
    def counts(self) -> np.ndarray | None:
        """(n,) how many equal rows each row stands for, None where each is one."""
        return self.sample.weights if self.weighting and self.weighting.counts else None

    @property
    def row_weights(self) -> np.ndarray | None:
        """(n,) weights under which the fixed effects are partialled out, None where rows are not weighted."""
        return self.sample.weights


def regress(
    panel: pd.DataFrame,
    outcome: str,
    regressors: Sequence[str],
    fixed_effects: Sequence[str],
    vcov: VcovLike = "iid",
    ssc: Convention = "reghdfe",
    unit: str = "unit",
    singletons: Singletons | None = None,
    weights: WeightingLike = None,
) -> Regression:
    """Regress ``outcome`` on ``regressors`` with the fixed effects partialled out.

    The sample is the complete cases of all columns named, singletons dropped or kept. Without fixed effects the model
    has a constant, the last term ``_cons``. t tests have G-1 degrees of freedom when errors are clustered,
    N-K otherwise. Regressors that the effects absorb or that are collinear with earlier ones are set aside
    in ``omitted`` with the reason.

    Args:
        panel: one row a unit-year, or any frame with the columns named.
        outcome: name of the outcome.
        regressors: names of the regressors; of a collinear set the earlier ones stay.
        fixed_effects: names of the fixed effects, none or more; the first is the absorbed one of ``xtreg``.
        vcov: ``"iid"``, ``"hetero"`` (HC1) or ``{"kind": "cluster", "by": name or two names}`` (CRV1).
        ssc: small-sample convention, see ``shidian.inference.small_sample``.
        unit: column that identifies units, for the count.
        singletons: whether rows that have a fixed effect to themselves are dropped or kept; None = as the software of
            ``ssc`` does.
        weights: variable that weights the rows, with its kind (``shidian.inference.weights``).

    Raises:
        EstimationError: empty sample, outcome without variation, no regressor left, too few rows or clusters.
    """
    if ssc not in CONVENTIONS:
        raise EstimationError(
            say("no small-sample convention '{ssc}': one of {conventions}", ssc=ssc, conventions=list(CONVENTIONS))
        )
    errors = Vcov.parse(vcov)
    columns = [outcome, *regressors, *errors.clusters]
    weighting = Weighting.parse(weights)
    require_robust(weighting, errors.kind)
    keep = list(dict.fromkeys([unit, *([YEAR] if weighting and YEAR in panel.columns else [])]))
    sample = estimation_sample(panel, columns, fixed_effects, keep, singletons_of(ssc, singletons), weighting)
    frame, w = sample.frame, sample.weights
    model = partial_out(frame, outcome, regressors, fixed_effects, w)
    if regressors and not model.terms:
        reasons = [say("'{name}' is {why}", name=name, why=why) for name, why in model.omitted.items()]
        raise EstimationError(say("no regressor is left: {reasons}", reasons=joined(reasons, "clauses")))
    X, y, terms = model.X, model.y, model.terms
    if not fixed_effects:
        X, terms = np.column_stack([X, np.ones(len(X))]), (*terms, CONSTANT)
    if w is not None:
        X, y = X * np.sqrt(w)[:, None], y * np.sqrt(w)
    counts = w if weighting and weighting.counts else None
    coef, residuals = least_squares(X, y)
    inference = ols_covariance(X, residuals, frame, fixed_effects, errors, ssc, counts=counts)
    raw = frame[outcome].to_numpy(dtype=np.float64)
    r2, r2_within = _r_squared(raw, y, residuals, bool(fixed_effects), w)
    fit = Fit(
        terms=terms, coef=coef, vcov=inference.vcov, df=inference.df,
        n_obs=len(frame) if counts is None else int(counts.sum()),
        n_units=int(frame[unit].nunique()), n_clusters=inference.n_clusters, n_singletons=sample.n_singletons,
        n_missing=sample.n_missing, r2=r2, r2_within=r2_within,
        vcov_kind=errors.describe(adjusted=inference.unadjusted is not None and len(terms) > 1), ssc=ssc,
        extra={"n_parameters": float(inference.n_parameters)}, n_singletons_kept=sample.n_kept,
        floor=inference.floor(raw), unadjusted=inference.unadjusted,
    )  # fmt: skip
    warning = few_clusters_warning(inference.n_clusters)
    return Regression(fit, sample, y, X, residuals, model.omitted, (warning,) if warning else (), weighting)


def least_squares(X: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Solve by QR on columns of unit norm, so that the regressors' units do not matter.

    Where that is ``MANY`` operations and no column is near the others, by refined normal equations: as exact, and in
    a fifth of the time.
    """
    norms = np.linalg.norm(X, axis=0)
    if X.shape[0] * X.shape[1] ** 2 > MANY and far_apart(X):
        return _by_normal_equations(X, y, norms)
    Q, R = np.linalg.qr(X / norms)
    coef = np.linalg.solve(R, Q.T @ y) / norms
    return coef, y - X @ coef


def _by_normal_equations(X: np.ndarray, y: np.ndarray, norms: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Solve (X'X) b = X'y, then twice for what is left of y: each step takes the error down a thousandfold or more."""
    factor = cho_factor((X.T @ X) / np.outer(norms, norms))
    coef, residuals = np.zeros(X.shape[1]), y
    for _ in range(3):
        coef = coef + cho_solve(factor, (X.T @ residuals) / norms) / norms
        residuals = y - X @ coef
    return coef, residuals


def _r_squared(
    raw: np.ndarray, within: np.ndarray, residuals: np.ndarray, absorbed: bool, weights: np.ndarray | None
) -> tuple[float, float]:
    ssr, w = residuals @ residuals, 1.0 if weights is None else weights
    r2 = 1 - ssr / np.sum(w * (raw - np.average(raw, weights=weights)) ** 2)
    return float(r2), float(1 - ssr / (within @ within)) if absorbed else float("nan")
