"""Which spatial model: LR and Wald tests of SDM against SAR and SEM (Elhorst 2014, section 2.6; LeSage & Pace 2009)."""

from __future__ import annotations

import numpy as np

from shidian.errors import EstimationError
from shidian.messages import say
from shidian.spatial.lm import ChiSquared, wald_chi2
from shidian.spatial.models import SpatialFit
from shidian.spatial.transformed import RHO, lag_name


def likelihood_ratio(general: SpatialFit, restricted: SpatialFit) -> ChiSquared:
    """Return 2 (ln L_general − ln L_restricted), χ² with as many degrees of freedom as restrictions.

    Raises:
        EstimationError: fits of different samples or transformations, or not nested by their number of terms.
    """
    same = (general.codes, general.years, general.options.effects, general.options.lee_yu)
    if same != (restricted.codes, restricted.years, restricted.options.effects, restricted.options.lee_yu):
        raise EstimationError(say("a likelihood ratio compares two models of one sample and one transformation"))
    df = len(general.fit.terms) - len(restricted.fit.terms)
    if df < 1:
        raise EstimationError(
            say("a likelihood ratio wants the general model first: it has no more terms than the other")
        )
    first, second = general.options.model.upper(), restricted.options.model.upper()
    name = say("LR {model} against {other}", model=first, other=second)
    statistic = 2 * (general.fit.extra["log_likelihood"] - restricted.fit.extra["log_likelihood"])
    return ChiSquared(name, statistic, df)


def wald_sar(sdm: SpatialFit) -> ChiSquared:
    """Return the Wald test of θ = 0, under which SDM is SAR."""
    places = [i for i, term in enumerate(sdm.fit.terms) if term.startswith("W*")]
    theta = sdm.fit.coef[places]
    return wald_chi2(say("Wald SDM against SAR"), theta, sdm.fit.vcov[np.ix_(places, places)])


def wald_sem(sdm: SpatialFit) -> ChiSquared:
    """Return the Wald test of the common factors θ + ρβ = 0, under which SDM is SEM."""
    terms, rho = sdm.fit.terms, sdm.value(RHO)
    names = [t for t in terms if lag_name(t) in terms]
    restriction = np.array([sdm.value(lag_name(name)) + rho * sdm.value(name) for name in names])
    R = np.zeros((len(names), len(terms)))
    for row, name in enumerate(names):
        R[row, terms.index(lag_name(name))] = 1
        R[row, terms.index(name)] = rho
        R[row, terms.index(RHO)] = sdm.value(name)
    return wald_chi2(say("Wald SDM against SEM"), restriction, R @ sdm.fit.vcov @ R.T)


def decision(
    lr_sar: ChiSquared, lr_sem: ChiSquared, lm: tuple[ChiSquared, ChiSquared, ChiSquared, ChiSquared],
    level: float = 0.05,
) -> str:  # fmt: skip
    """Return the model that the LR tests, and where these leave two the LM tests, point to, in words.

    Both LR tests rejected: SDM. One alone rejected: the model that is not rejected. Neither: the simpler models fit as
    well, and the LM tests choose between them: see ``between_sar_and_sem``.

    Args:
        lr_sar: SDM against SAR.
        lr_sem: SDM against SEM.
        lm: LM lag, LM error, robust LM lag, robust LM error.
        level: level of the tests.
    """
    to_sar, to_sem = lr_sar.p >= level, lr_sem.p >= level
    if to_sar and to_sem:
        return say("SDM can be simplified to SAR and to SEM; {choice}", choice=between_sar_and_sem(lm, level))
    if to_sar:
        return say("SDM can be simplified to SAR, not to SEM: SAR")
    return say("SDM can be simplified to SEM, not to SAR: SEM") if to_sem else say("SDM cannot be simplified: SDM")


def between_sar_and_sem(lm: tuple[ChiSquared, ChiSquared, ChiSquared, ChiSquared], level: float = 0.05) -> str:
    """Return the choice of Anselin, Bera, Florax & Yoon (1996) in words.

    The model whose LM test alone rejects; where both reject, the one whose robust test alone rejects, else the one of
    the larger robust statistic; where neither rejects, no spatial dependence is found.
    """
    lag, error, robust_lag, robust_error = lm
    if lag.p >= level and error.p >= level:
        return say("neither LM test rejects: no spatial dependence is found")
    if (lag.p < level) != (error.p < level):
        return say("only LM lag rejects: SAR") if lag.p < level else say("only LM error rejects: SEM")
    if (robust_lag.p < level) != (robust_error.p < level):
        by_lag = robust_lag.p < level
        return say("only robust LM lag rejects: SAR") if by_lag else say("only robust LM error rejects: SEM")
    larger = robust_lag.statistic >= robust_error.statistic
    return say("robust LM lag is the larger: SAR") if larger else say("robust LM error is the larger: SEM")
