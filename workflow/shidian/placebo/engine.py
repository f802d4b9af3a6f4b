"""Draws of the two-way fixed-effects estimators, block by block, so that memory does not grow with their number."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np

from shidian.errors import EstimationError
from shidian.estimates import Fit
from shidian.messages import say
from shidian.placebo import fast, rows
from shidian.placebo.assign import draw_assignments
from shidian.placebo.columns import NEVER
from shidian.placebo.design import Design
from shidian.placebo.event_study import NO_TREATED, fit_event_times, true_columns
from shidian.placebo.prepare import Prepared
from shidian.placebo.settings import Settings
from shidian.variance import roots


def twfe_draws(prepared: Prepared, seed: int, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
    """Return (B,) coefficients and standard errors of draws first..last, nan where the treatment is absorbed.

    The numbers of a draw do not depend on ``first`` and ``last``.
    """
    design = prepared.design
    if fast.suits(design):
        estimate_block = partial(fast.estimate_block, fast.tabulate(design, prepared.scheme.kept_cohorts))
        block = fast.BLOCK
    else:
        estimate_block, block = partial(rows.estimate_block, rows.tabulate(design)), rows.BLOCK
    coef, variance = np.empty(last - first + 1), np.empty(last - first + 1)
    for begin in range(first // block * block, last + 1, block):
        low, high = max(begin, first), min(begin + block - 1, last)
        units, cohorts = draw_assignments(prepared.scheme, seed, low, high)
        here = slice(low - first, high - first + 1)
        coef[here], variance[here] = estimate_block(units, cohorts, low - begin)
    return coef, roots(design.factor * variance)


def event_study_draws(
    prepared: Prepared, settings: Settings, first: int, last: int
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Return (B, K) coefficients and standard errors of draws first..last, and why all of a draw's are missing.

    They are nan where an event time is absorbed, or where all of them are missing; the reason is "" elsewhere.
    """
    units, cohorts = draw_assignments(prepared.scheme, settings.seed, first, last)
    asked, n_asked = prepared.event_columns, settings.n_regressors
    fits = [fit_event_times(prepared.design, u, c, asked, n_asked) for u, c in zip(units, cohorts, strict=True)]
    coef = np.array([b for b, _, _ in fits])
    return coef, roots(np.array([np.diag(v) for _, v, _ in fits])), [why for _, _, why in fits]


def fit_batched(design: Design, settings: Settings, treatment: str) -> Fit:
    """Return the estimates under the true adoption years, by the same formulas as the draws.

    Raises:
        EstimationError: no unit is treated, or fixed effects and controls absorb the true treatment.
    """
    if settings.estimator == "event_study":
        return _true_event_study(design, settings)
    units = np.flatnonzero(design.cohort != NEVER)
    if not len(units):
        raise EstimationError(NO_TREATED)
    engine = fast if fast.suits(design) else rows
    drawn = units[None].astype(np.int32), design.cohort[units][None].astype(np.int16)  # as draws: compiled once
    coef, variance = engine.estimate_block(engine.tabulate(design), *drawn, 0)
    if np.isnan(coef).any():
        raise EstimationError(
            say(
                "the fixed effects and controls absorb '{treatment}': there is no observed estimate",
                treatment=treatment,
            )
        )
    return design.fit((treatment,), coef, np.array([design.factor * variance]))


def _true_event_study(design: Design, settings: Settings) -> Fit:
    """Return the coefficients of the event times that the true adoption years identify."""
    asked = true_columns(design, settings.event_window, settings.fixed_effects)
    units, n_asked = np.flatnonzero(design.cohort != NEVER), settings.n_regressors
    coef, covariance, _ = fit_event_times(design, units, design.cohort[units], asked, n_asked)
    fit = design.fit(asked.terms, coef, covariance)
    return fit if design.n_clusters is not None else replace(fit, df=fit.df + n_asked - len(asked.times))
