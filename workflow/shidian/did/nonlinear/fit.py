"""Regression of a mean that is not linear in the index: Poisson (PPML), logit, probit, fixed effects partialled out.

Engine: iterated least squares on pyfixest's compiled demeaner, our own covariance, as for linear models.
``pyfixest.fepois`` and ``feglm`` are peers in the tests: the second takes no weights, and neither knows slopes of
levels or the conventions of Stata.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from shidian.did.nonlinear.errors import Errors, errors_of, require_convention
from shidian.did.nonlinear.families import FAMILIES, Family
from shidian.did.nonlinear.iterate import Solution, maximise
from shidian.did.nonlinear.margins import margins
from shidian.did.nonlinear.outcomes import require_outcome
from shidian.did.nonlinear.separation import in_separated_levels, near_bound, separated
from shidian.did.twfe import CONSTANT, YEAR, Regression
from shidian.did.within import Partialled, numbers, partial_out
from shidian.errors import EstimationError
from shidian.estimates import Fit
from shidian.inference.covariance import Vcov, VcovLike, few_clusters_warning, inverse_cross_product
from shidian.inference.effects import effects_of
from shidian.inference.sample import Sample, Singletons, estimation_sample, singletons_of, without_separated
from shidian.inference.small_sample import Convention
from shidian.inference.weights import Weighting, WeightingLike, require_robust
from shidian.messages import joined, say


@dataclass(frozen=True)
class MeanRegression(Regression):
    """A fitted nonlinear model; ``y``, ``X`` and ``residuals`` are those of its last least squares.

    Attributes:
        model: poisson, logit or probit.
        margins: average marginal effects, of a Poisson model semi-elasticities too, with their covariance.
        pseudo_r2: McFadden's, one less the ratio of log likelihoods with the model and with a constant alone.
        working: (n,) working weights.
    """

    model: str = ""
    margins: Fit | None = None
    pseudo_r2: float = float("nan")
    working: np.ndarray | None = None

    @property
    def row_weights(self) -> np.ndarray | None:
        """(n,) weights under which its fixed effects are partialled out."""
        return self.working


@dataclass(frozen=True)
class _Identified:
    """A sample without separated rows, the regressors that it identifies, and the model fitted to it."""

    sample: Sample
    model: Partialled
    solution: Solution


def regress_mean(
    panel: pd.DataFrame, outcome: str, regressors: Sequence[str], fixed_effects: Sequence[str], model: str,
    vcov: VcovLike = "iid", ssc: Convention = "reghdfe", unit: str = "unit", singletons: Singletons | None = None,
    weights: WeightingLike = None, plain: Sequence[str] | None = None,
) -> MeanRegression:  # fmt: skip
    """Fit ``outcome`` by ``regressors`` and fixed effects; arguments as of ``shidian.did.twfe.regress``.

    Separated rows are left out and counted in the sample. Tests are those of the normal distribution.

    Args:
        model: poisson, logit or probit.
        plain: regressors whose marginal effects are given, none for all; a product's is no partial effect.

    Raises:
        EstimationError: an outcome that the model does not allow, no regressor left, a convention of least squares,
            analytic weights beside conventional errors, no convergence; what ``regress`` raises.
    """
    family, errors, weighting = FAMILIES[model], Vcov.parse(vcov), Weighting.parse(weights)
    require_convention(ssc)
    require_robust(weighting, errors.kind)
    _require_known_variance(weighting, errors)
    keep = list(dict.fromkeys([unit, *([YEAR] if YEAR in panel.columns else [])]))
    columns = [outcome, *regressors, *errors.clusters]
    kept = singletons_of(ssc, singletons)
    sample = estimation_sample(panel, columns, fixed_effects, keep, kept, weighting)
    require_outcome(sample.frame, outcome, model)
    found = _identified(sample, outcome, regressors, fixed_effects, family, kept, weighting, ssc != "fixest")
    return _fitted(found, outcome, fixed_effects, family, errors, ssc, unit, weighting, plain)


def _require_known_variance(weighting: Weighting | None, errors: Vcov) -> None:
    """Refuse conventional errors of analytic weights: these are relative, and the model's variance is not."""
    if weighting and weighting.kind == "analytic" and errors.kind == "iid":
        raise EstimationError(
            say(
                "analytic weights of a nonlinear model want robust or clustered errors: vcov hetero or cluster, not iid"
            )
        )


def _identified(
    sample: Sample, outcome: str, regressors: Sequence[str], fixed_effects: Sequence[str], family: Family,
    singletons: Singletons, weighting: Weighting | None, observed: bool,
) -> _Identified:  # fmt: skip
    """Leave separated rows out until none is left, and fit."""
    while True:
        y, effects = numbers(sample.frame, outcome), effects_of(sample.frame, fixed_effects)
        gone = in_separated_levels(y, effects, family)
        if not gone.any():
            model = _partialled(sample, outcome, regressors, fixed_effects)
            X = _design(sample, model, fixed_effects)
            prior = np.ones(len(y)) if sample.weights is None else sample.weights
            solution = maximise(y, X, effects, family, prior, observed)
            if near_bound(y, solution.index, family):
                gone = separated(y, X, effects, family)
            if not gone.any():
                return _Identified(sample, model, solution)
        sample = without_separated(sample, gone, fixed_effects, singletons, weighting)


def _partialled(sample: Sample, outcome: str, regressors: Sequence[str], fixed_effects: Sequence[str]) -> Partialled:
    """Return which regressors are estimable; raises EstimationError where none is, or nothing is to explain."""
    try:
        model = partial_out(sample.frame, outcome, regressors, fixed_effects, sample.weights)
        if regressors and not model.terms:
            reasons = [say("'{name}' is {why}", name=name, why=why) for name, why in model.omitted.items()]
            raise EstimationError(say("no regressor is left: {reasons}", reasons=joined(reasons, "clauses")))
    except EstimationError as error:
        if not sample.n_separated:
            raise
        raise EstimationError(
            say("{error}, once {n} separated rows are left out", error=error, n=sample.n_separated)
        ) from None
    return model


def _design(sample: Sample, model: Partialled, fixed_effects: Sequence[str]) -> np.ndarray:
    """Return the (n, k) regressors as they are, the constant last where no effect holds it."""
    columns = [numbers(sample.frame, name) for name in model.terms]
    return np.column_stack([*columns, *([] if fixed_effects else [np.ones(len(sample.frame))])])


def _fitted(
    found: _Identified, outcome: str, fixed_effects: Sequence[str], family: Family, vcov: Vcov, ssc: Convention,
    unit: str, weighting: Weighting | None, plain: Sequence[str] | None,
) -> MeanRegression:  # fmt: skip
    sample, solution, frame = found.sample, found.solution, found.sample.frame
    prior = np.ones(len(frame)) if sample.weights is None else sample.weights
    counts = sample.weights if weighting and weighting.counts else None
    errors = errors_of(frame, fixed_effects, len(found.model.terms), vcov, ssc, counts)
    root = np.sqrt(solution.weights)
    functions = solution.X @ inverse_cross_product(solution.X * root[:, None])
    terms = (*found.model.terms, *([] if fixed_effects else [CONSTANT]))
    n_obs = len(frame) if counts is None else int(counts.sum())
    fit = _fit(terms, solution.coef, functions, solution, errors, sample, vcov, ssc, n_obs, int(frame[unit].nunique()))
    named = [name for name in found.model.terms if plain is None or name in plain]
    places = [found.model.terms.index(name) for name in named]
    raw = np.column_stack([numbers(frame, name) for name in named]) if named else np.empty((len(frame), 0))
    at = replace(solution, coef=solution.coef[places])
    effects = effects_of(frame, fixed_effects)
    m = margins(raw, named, at, functions[:, places], effects, family, prior)
    more = None
    if m.terms:
        matrix, adjusted = errors.covariance(m.T, solution.weights, solution.residuals)
        more = replace(fit, terms=m.terms, coef=m.values, vcov=matrix, vcov_kind=vcov.describe(adjusted=adjusted))
    y = numbers(frame, outcome)
    pseudo_r2 = 1 - solution.log_likelihood / family.null_log_likelihood(y, prior)
    warning = few_clusters_warning(errors.n_clusters)
    working = solution.X @ solution.coef + solution.residuals
    return MeanRegression(
        fit, sample, working * root, solution.X * root[:, None], solution.residuals * root, found.model.omitted,
        (warning,) if warning else (), weighting, model=family.name, margins=more, pseudo_r2=pseudo_r2,
        working=solution.weights,
    )  # fmt: skip


def _fit(
    terms: Sequence[str], coef: np.ndarray, functions: np.ndarray, solution: Solution, errors: Errors, sample: Sample,
    vcov: Vcov, ssc: Convention, n_obs: int, n_units: int,
) -> Fit:  # fmt: skip
    matrix, adjusted = errors.covariance(functions, solution.weights, solution.residuals)
    return Fit(
        terms=tuple(terms), coef=coef, vcov=matrix, df=float("inf"), n_obs=n_obs, n_units=n_units,
        n_clusters=errors.n_clusters, n_singletons=sample.n_singletons, n_missing=sample.n_missing,
        vcov_kind=vcov.describe(adjusted=adjusted and len(terms) > 1), ssc=ssc,
        extra={"n_parameters": float(errors.n_parameters)}, n_singletons_kept=sample.n_kept,
    )  # fmt: skip
