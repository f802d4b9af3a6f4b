"""Draws of the two-way fixed-effects estimators, block by block, so that memory does not grow with their number."""

from __future__ import annotations

from functools import partial

import numpy as np

from shidian.did.event_study import term_name
from shidian.errors import EstimationError
from shidian.estimates import Fit
from shidian.placebo import fast, rows
from shidian.placebo.assign import draw_assignments
from shidian.placebo.design import NEVER, Design
from shidian.placebo.event_study import draw_dummies, fit_columns
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


def event_study_draws(prepared: Prepared, settings: Settings, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
    """Return (B, K) coefficients and standard errors of draws first..last, nan where an event time is absorbed."""
    units, cohorts = draw_assignments(prepared.scheme, settings.seed, first, last)
    fits = [_event_study(prepared.design, settings, u, c) for u, c in zip(units, cohorts, strict=True)]
    coef = np.array([b for b, _ in fits])
    return coef, roots(np.array([np.diag(v) for _, v in fits]))


def _event_study(
    design: Design, settings: Settings, units: np.ndarray, cohorts: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    return fit_columns(design, draw_dummies(design, units, cohorts, settings.event_window))


def fit_batched(design: Design, settings: Settings, treatment: str) -> Fit:
    """Return the estimates under the true adoption years, by the same formulas as the draws.

    Raises:
        EstimationError: no unit is treated, or fixed effects and controls absorb the true treatment.
    """
    units = np.flatnonzero(design.cohort != NEVER)
    if not len(units):
        raise EstimationError("no unit of the sample is treated: there is no true estimate")
    if settings.estimator == "event_study":
        terms = tuple(term_name(k) for k in settings.event_window.estimated())
        coef, covariance = _event_study(design, settings, units, design.cohort[units])
    else:
        terms = (treatment,)
        engine = fast if fast.suits(design) else rows
        coef, variance = engine.estimate_block(engine.tabulate(design), units[None], design.cohort[units][None], 0)
        covariance = np.array([design.factor * variance])
    if np.isnan(coef).any():
        absorbed = terms[int(np.isnan(coef).argmax())]
        raise EstimationError(f"the fixed effects and controls absorb '{absorbed}': there is no true estimate")
    return design.fit(terms, coef, covariance)
