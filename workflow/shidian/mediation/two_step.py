"""The two-step mediation model on one common sample: three regressions, Sobel's test and the bootstrap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from shidian.did.twfe import regress
from shidian.errors import EstimationError
from shidian.estimates import Fit
from shidian.inference.covariance import Vcov, VcovLike
from shidian.inference.effects import effects_of
from shidian.inference.sample import Sample, Singletons, estimation_sample, singletons_of
from shidian.inference.small_sample import Convention
from shidian.inference.weights import Weighting, WeightingLike
from shidian.mediation.bootstrap import MediationDraws, bootstrap_paths
from shidian.mediation.effects import Decision, Evidence, Rule, Sobel, contribution_share, decide, sobel_test
from shidian.messages import say


class DirectNotIdentifiedError(EstimationError):
    """The direct regression cannot be estimated, those before it can.

    Attributes:
        total: y on D.
        mediator_fit: M on D.
        sample: the common sample.
    """

    def __init__(self, message: str, total: Fit, mediator_fit: Fit, sample: Sample) -> None:
        super().__init__(message)
        self.total, self.mediator_fit, self.sample = total, mediator_fit, sample


@dataclass(frozen=True)
class Mediation:
    """One mediator.

    Attributes:
        total: y on D.
        mediator_fit: M on D.
        direct: y on D and M.
        delta: effect of D on M.
        theta: effect of M on y given D.
        phi: effect of D on y given M.
        sobel: test of the indirect effect.
        share: contribution share, nan with ``decision`` suppression or none.
        decision: outcome of the stepwise procedure.
        reasoning: how it was reached.
        draws: bootstrap, or None.
        interval: percentile interval of delta theta, or None.
        share_interval: percentile interval of the share, or None.
        sample: the common sample.
        omitted: controls that could not be estimated in the direct regression -> the reason.
        warnings: what a referee would object to.
    """

    total: Fit
    mediator_fit: Fit
    direct: Fit
    delta: float
    theta: float
    phi: float
    sobel: Sobel
    share: float
    decision: Decision
    reasoning: str
    draws: MediationDraws | None
    interval: tuple[float, float] | None
    share_interval: tuple[float, float] | None
    sample: Sample
    omitted: dict[str, str]
    warnings: tuple[str, ...]


def mediate(
    panel: pd.DataFrame,
    outcome: str,
    treatment: str,
    mediator: str,
    controls: Sequence[str] = (),
    fixed_effects: Sequence[str] = (),
    *,
    vcov: VcovLike = "iid",
    ssc: Convention = "reghdfe",
    level: float = 0.1,
    rule: Rule = "supported",
    replications: int = 0,
    seed: int = 0,
    cluster: str = "unit",
    unit: str = "unit",
    singletons: Singletons | None = None,
    weights: WeightingLike = None,
) -> Mediation:
    """Estimate the three regressions on the rows that are complete in all variables.

    Args:
        panel: unit-years.
        outcome: y.
        treatment: D.
        mediator: M.
        controls: X, in all three regressions.
        fixed_effects: effects of all three.
        vcov: kind of standard error.
        ssc: small-sample convention.
        level: level at which a coefficient counts as significant.
        rule: how mediation is decided, see ``effects.decide``.
        replications: bootstrap draws of clusters; 0 = none.
        seed: seed of the bootstrap.
        cluster: variable whose values are drawn; the clusters of the standard errors where those are
            clustered one way.
        unit: name of the unit column.
        singletons: dropped or kept; None = as the software of ``ssc`` does.
        weights: variable that weights the rows of all three, and of every draw, with its kind.

    Raises:
        DirectNotIdentifiedError: D and M are collinear given controls and effects: M without disturbances.
        EstimationError: a regressor is not identified, mediator and outcome are the same variable, empty
            sample.
    """
    if mediator in (outcome, treatment, *controls):
        raise EstimationError(
            say("the mediator '{name}' is also the outcome, the treatment or a control", name=mediator)
        )
    errors = Vcov.parse(vcov)
    drawn = errors.clusters[0] if len(errors.clusters) == 1 else cluster
    kept = singletons_of(ssc, singletons)
    weighting = Weighting.parse(weights)
    carried = [unit, drawn, *(["year"] if weighting and "year" in panel.columns else [])]
    sample = estimation_sample(
        panel, [outcome, treatment, mediator, *controls, *errors.clusters], fixed_effects, carried, kept, weighting
    )
    frame = sample.frame
    fits: list[Fit] = []
    warnings: list[str] = []
    for y, regressors in ((outcome, [treatment]), (mediator, [treatment]), (outcome, [treatment, mediator])):
        result = regress(frame, y, [*regressors, *controls], fixed_effects, errors, ssc, unit, kept, weighting)
        for name in regressors:
            if name in result.omitted:
                why = say("'{name}' cannot be estimated: {why}", name=name, why=result.omitted[name])
                raise (
                    DirectNotIdentifiedError(why, fits[0], fits[1], sample) if len(fits) == 2 else EstimationError(why)
                )
        # the sample was already complete: what it lost is counted once, here
        fits.append(replace(result.fit, n_missing=sample.n_missing, n_singletons=sample.n_singletons))
        warnings += [w for w in result.warnings if w not in warnings]
    total, first, direct = fits
    (delta, se_delta, p_delta), (phi, _, p_phi) = (
        _coefficient(first, treatment),
        _coefficient(direct, treatment),
    )
    theta, se_theta, p_theta = _coefficient(direct, mediator)
    sobel = sobel_test(delta, se_delta, theta, se_theta)
    draws = interval = share_interval = None
    if replications:
        draws = bootstrap_paths(
            frame[outcome].to_numpy(dtype=float), frame[treatment].to_numpy(dtype=float),
            frame[mediator].to_numpy(dtype=float),
            frame[[name for name in controls if name not in result.omitted]].to_numpy(dtype=float),
            effects_of(frame, fixed_effects),
            pd.factorize(frame[drawn], sort=True)[0], replications, seed, sample.weights,
        )  # fmt: skip
        indirect = draws.delta * draws.theta
        interval = draws.percentile(indirect)
        share_interval = draws.percentile(indirect / (indirect + draws.phi))
    evidence = Evidence(sobel.p, interval, level)
    decision, reasoning = decide(delta, p_delta, theta, p_theta, phi, p_phi, evidence, rule)
    same_sign = np.sign(phi) == np.sign(delta * theta)
    share = contribution_share(delta, theta, phi) if decision != "none" and same_sign else float("nan")
    return Mediation(
        total=total, mediator_fit=first, direct=direct, delta=delta, theta=theta, phi=phi, sobel=sobel,
        share=share,
        decision=decision, reasoning=reasoning, draws=draws, interval=interval, share_interval=share_interval,
        sample=sample, omitted=result.omitted, warnings=tuple(warnings),
    )  # fmt: skip


def _coefficient(fit: Fit, term: str) -> tuple[float, float, float]:
    """Return estimate, standard error and two-sided p of a term."""
    rows = fit.long("", "", "")
    return tuple(rows.loc[rows["term"] == term, ["estimate", "se", "p"]].to_numpy(dtype=float)[0])
