"""SAR, SEM, SDM and SAC panel models with fixed effects, by maximum likelihood.

**Which transformation is the default, and why.** With year effects the model is
``Qy = ρ Q(Wy) + QXβ + Qε``, Q = two-way demeaning: W acts on the outcome, then everything is demeaned. Some software
demeans first and lags the demeaned outcome, ``W(Qy)``. The two agree for unit effects, which touch only the years.
With year effects they do not: ``W(Qy) = Q(Wy) + 1·(1'WQ_n y_t)/n`` for a row-normalised W, an extra year effect that
the second form leaves in the equation and takes for dependence. Only ``Q(Wy)`` is the model, so ``lag_first`` is the
default; ``demean_first`` is there to reproduce such software.

Demeaning also takes away degrees of freedom that ln|I − ρW| must not count. With ε ~ (0, σ²I), the score of ρ at the
truth has expectation ``(T − 1)[tr G − 1/(1 − ρ)] − T tr G·(T − 1)/T`` after σ² is profiled out: not zero with year
effects, of order 1/n against the parameter, and σ² is short by (T − 1)/T with unit effects (Lee & Yu 2010). Their
transformation keeps the (n − 1)(T − 1) independent combinations, with determinant ``|I − ρW| / (1 − ρ)`` each period,
and is consistent for every parameter whether n or T grows; it is the default. ``correction`` subtracts the estimated
bias instead (their direct approach, any W), ``none`` is the uncorrected direct approach that most software prints.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from shidian.errors import EstimationError, nearest
from shidian.estimates import LIKELIHOOD, Fit
from shidian.inference.covariance import few_clusters_warning
from shidian.inference.scaled import inverse
from shidian.messages import say
from shidian.spatial.arrays import Effects, balanced
from shidian.spatial.information import information, sandwich
from shidian.spatial.likelihood import Concentrated, maximise, polish
from shidian.spatial.logdet import LogDeterminant, LuLogDeterminant, log_determinant
from shidian.spatial.observed import xsmle_covariance
from shidian.spatial.scores import corrected, residuals_of, scores_of
from shidian.spatial.transformed import (
    LAMBDA,
    LEE_YU,
    MODELS,
    RHO,
    Demeaning,
    LeeYu,
    Model,
    Options,
    Sample,
    check_weights,
    size,
    transform,
)
from shidian.spatial.vcov import SpatialVcov, SpatialVcovLike
from shidian.spatial.weights import MOST_NAMED, Weights, align
from shidian.variance import NOTHING_LEFT


@dataclass(frozen=True)
class SpatialFit:
    """A fitted spatial panel model.

    Attributes:
        fit: coefficients (regressors, their lags ``W*name``, ``rho``, ``lambda``), covariance, counts;
            ``fit.extra`` has sigma2, log_likelihood, aic, bic, n_parameters.
        options: model, fixed effects, transformation.
        weights: W, aligned to the sample.
        logdet: ln|I − ρW|, for effects.
        codes: units, sorted; ``years`` sorted.
        residuals: (T, n) within-transformed ε.
        warnings: what a referee would object to.
    """

    fit: Fit
    options: Options
    weights: Weights
    logdet: LogDeterminant
    codes: tuple[str, ...]
    years: tuple[int, ...]
    residuals: np.ndarray
    warnings: tuple[str, ...] = field(default=())

    def value(self, term: str) -> float:
        """Return one coefficient, 0 for a term that the model has not."""
        return float(self.fit.coef[self.fit.terms.index(term)]) if term in self.fit.terms else 0.0


def fit_spatial(
    panel: pd.DataFrame,
    outcome: str,
    regressors: Sequence[str],
    weights: Weights,
    model: Model = "sdm",
    lagged: Sequence[str] | None = None,
    effects: Effects = "twoway",
    vcov: SpatialVcovLike = "iid",
    lee_yu: LeeYu = "transformation",
    demeaning: Demeaning = "lag_first",
    logdet: LogDeterminant | None = None,
) -> SpatialFit:
    """Fit one spatial panel model by maximum likelihood.

    Args:
        panel: one row a unit-year, balanced.
        outcome: name of the outcome.
        regressors: names of the regressors.
        weights: spatial weights, aligned here by unit code.
        model: ``sar``, ``sem``, ``sdm`` (SAR with WX), ``sac`` (SAR with SEM errors) or ``ols``.
        lagged: regressors whose lag WX enters; all in ``sdm`` and none in the others by default.
        effects: ``none`` (a constant), ``unit``, ``time`` or ``twoway``.
        vcov: ``iid`` (expected information), ``hetero``, clustered by unit or by a variable that does not vary
            within units, or ``xsmle_robust``; see ``vcov.SpatialVcov``.
        lee_yu: ``transformation``, ``correction`` (of the direct approach's bias) or ``none``.
        demeaning: ``lag_first`` for Q(Wy), ``demean_first`` for W(Qy).
        logdet: that of the aligned weights, when several models share it; made afresh where it is another's, or
            exact only around another model's estimate.

    Raises:
        EstimationError: unbalanced panel, a unit without weights, a regressor that cannot be estimated, weights that
            the transformation cannot use, a parameter on its boundary, too few observations.
    """
    options = _checked(Options(model, effects, lee_yu, demeaning), regressors, lagged)
    errors = SpatialVcov.parse(vcov)
    if errors.kind == "xsmle_robust" and lee_yu == "correction":
        raise EstimationError(
            say(
                "vcov 'xsmle_robust' takes the Hessian at the maximum of the likelihood, which the bias correction "
                "leaves: write lee_yu: none (as xsmle does) or transformation"
            )
        )
    lags = tuple(regressors) if lagged is None and model == "sdm" else tuple(lagged or ())
    data = balanced(panel, [outcome, *regressors])
    W = align(weights, data.codes)
    check_weights(W, options)
    sample = transform(data, W, outcome, regressors, lags, options)
    if model == "ols":
        logdet = LuLogDeterminant(W.matrix, -1.0, 1.0)  # never evaluated
    elif logdet is None or not np.array_equal(logdet.W, W.matrix) or _narrow(logdet):
        logdet = log_determinant(W)
    likelihood, rho, lam = _estimate(sample, logdet, options)
    clusters = errors.clusters(panel, data.codes)
    fit, residuals = _collect(sample, likelihood, rho, lam, options, errors, clusters)
    few = few_clusters_warning(fit.n_clusters)
    return SpatialFit(
        fit, options, W, likelihood.logdet, data.codes, data.years, residuals,
        tuple(w for w in (few, _island_warning(W)) if w),
    )  # fmt: skip


def _checked(options: Options, regressors: Sequence[str], lagged: Sequence[str] | None) -> Options:
    for value, valid, what in (
        (options.model, MODELS, say("spatial model")), (options.lee_yu, LEE_YU, say("Lee-Yu option")),
        (options.demeaning, ("lag_first", "demean_first"), say("order of lag and demeaning")),
    ):  # fmt: skip
        if value not in valid:
            near = nearest(value, valid)
            raise EstimationError(
                say("no {what} '{value}'{nearest}: one of {valid}", what=what, value=value, nearest=near, valid=valid)
            )
    for name in lagged or ():
        if name not in regressors:
            near = nearest(name, regressors)
            raise EstimationError(
                say("'{name}' is to be lagged in space but is no regressor{nearest}", name=name, nearest=near)
            )
    return options


def _narrow(logdet: LogDeterminant) -> bool:
    """Return whether it is that of a fit, whose nodes lie around its own estimate: elsewhere it is not even near."""
    return isinstance(logdet, LuLogDeterminant) and logdet.fine


def _island_warning(weights: Weights) -> str:
    islands = weights.islands
    if not islands:
        return ""
    return say("{n} units have no neighbour (islands): {units}", n=len(islands), units=islands[:MOST_NAMED])


def _estimate(sample: Sample, logdet: LogDeterminant, options: Options) -> tuple[Concentrated, float, float]:
    periods, n_eff, less = size(sample, options)
    if n_eff <= sample.X.shape[1] + 2:
        raise EstimationError(
            say(
                "{units} units and {years} years leave {n} observations for {k} coefficients",
                units=sample.n,
                years=sample.T,
                n=n_eff,
                k=sample.X.shape[1],
            )
        )

    def likelihood(ld: LogDeterminant) -> Concentrated:
        return Concentrated(sample, ld, (periods, n_eff, less), options.has_rho, options.has_lam)

    first = likelihood(logdet)
    rho, lam = maximise(first)
    found = [value for value, has in ((rho, options.has_rho), (lam, options.has_lam)) if has]
    if not found:
        return first, rho, lam
    half = min(0.1, (1 - max(map(abs, found)) / logdet.upper) / 2) * logdet.upper
    exact = logdet.covering(min(found) - half, max(found) + half)
    if exact is logdet:
        return first, rho, lam
    second = likelihood(exact)
    return second, *polish(second, rho, lam, half)


def _collect(
    sample: Sample,
    likelihood: Concentrated,
    rho: float,
    lam: float,
    options: Options,
    errors: SpatialVcov,
    clusters: np.ndarray | None,
) -> tuple[Fit, np.ndarray]:
    """Return the fit and the (T, n) residuals at the maximum, corrected for bias where asked for."""
    periods, n_eff, less = size(sample, options)
    spatial = tuple(n for n, has in ((RHO, likelihood.has_rho), (LAMBDA, likelihood.has_lam)) if has)
    point = likelihood.at(rho, lam)
    log_likelihood, sigma2 = likelihood.value(rho, lam, point), point.ssr / n_eff
    theta = np.array([*point.coef, *(v for v, has in ((rho, likelihood.has_rho), (lam, likelihood.has_lam)) if has)])
    shape = (periods, n_eff, bool(less))
    scores = scores_of(sample, likelihood.logdet, theta, sigma2, spatial, shape)
    if options.lee_yu == "correction":
        theta, sigma2 = corrected(theta, sigma2, scores, sample, options)
        n_eff = n_eff - sample.n * (options.effects in ("unit", "twoway"))
        periods = periods - (options.effects in ("unit", "twoway"))
        scores = scores_of(sample, likelihood.logdet, theta, sigma2, spatial, (periods, n_eff, False))
    residuals = residuals_of(sample, theta, spatial).reshape(sample.T, sample.n)
    if errors.kind == "xsmle_robust" and clusters is not None:
        matrix = xsmle_covariance(sample, likelihood.logdet, theta, sigma2, spatial, shape, clusters)
    else:
        matrix = inverse(information(scores)) if errors.kind == "iid" else sandwich(scores, residuals, clusters)
    p = len(theta) + 1
    extra = {
        "sigma2": sigma2, "log_likelihood": log_likelihood, "n_parameters": float(p),
        "aic": 2 * p - 2 * log_likelihood, "bic": p * float(np.log(sample.T * sample.n)) - 2 * log_likelihood,
    }  # fmt: skip
    y = sample.y[0]
    fit = Fit(
        terms=(*sample.terms, *spatial), coef=theta, vcov=matrix[:-1, :-1], df=float("inf"),
        n_obs=sample.T * sample.n, n_units=sample.n,
        n_clusters=None if clusters is None else int(clusters.max()) + 1,
        r2_within=float(1 - residuals.ravel() @ residuals.ravel() / (y @ y)), vcov_kind=errors.describe(),
        ssc=LIKELIHOOD, extra=extra, floor=_floor(sample, len(spatial)),
    )  # fmt: skip
    return fit, residuals


def _floor(sample: Sample, n_spatial: int) -> np.ndarray:
    """Return the standard errors of a perfect fit; of ρ and λ, which have no unit of measure, none is set apart."""
    own = NOTHING_LEFT * float(sample.y[0].std()) * np.sqrt(np.diag(inverse(sample.X.T @ sample.X)))
    return np.append(own, np.zeros(n_spatial))
