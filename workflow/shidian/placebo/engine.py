"""Draws of the two-way fixed-effects estimator, block by block, so that memory does not grow with their number."""

from __future__ import annotations

import numpy as np

from shidian.errors import EstimationError
from shidian.estimates import Fit
from shidian.placebo import fast
from shidian.placebo.assign import draw_assignments
from shidian.placebo.design import NEVER, Design
from shidian.placebo.prepare import Prepared


def twfe_draws(prepared: Prepared, seed: int, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
    """Return (B,) coefficients and standard errors of draws first..last, nan where the treatment is absorbed.

    The numbers of a draw do not depend on ``first`` and ``last``.
    """
    design = prepared.design
    table = fast.tabulate(design)
    block = fast.block_size(design.n_units)
    coef, variance = np.empty(last - first + 1), np.empty(last - first + 1)
    for begin in range(first // block * block, last + 1, block):
        low, high = max(begin, first), min(begin + block - 1, last)
        units, cohorts = draw_assignments(prepared.scheme, seed, low, high)
        here = slice(low - first, high - first + 1)
        coef[here], variance[here] = fast.estimate_block(table, units, cohorts, block, low - begin)
    return coef, np.sqrt(design.factor * variance)


def true_fit(design: Design, treatment: str) -> Fit:
    """Return the estimate under the true adoption years, by the same formula as the draws.

    Raises:
        EstimationError: no unit is treated, or fixed effects and controls absorb the true treatment.
    """
    units = np.flatnonzero(design.cohort != NEVER)
    if not len(units):
        raise EstimationError("no unit of the sample is treated: there is no true estimate")
    coef, variance = fast.estimate_block(fast.tabulate(design), units[None, :], design.cohort[units][None, :], 1, 0)
    if np.isnan(coef[0]):
        raise EstimationError(f"the fixed effects and controls absorb '{treatment}': there is no true estimate")
    return Fit(
        terms=(treatment,), coef=coef, vcov=np.array([[design.factor * variance[0]]]), df=design.df,
        n_obs=len(design.y), n_units=design.n_units, n_clusters=design.n_clusters,
        n_singletons=design.n_singletons, n_missing=design.n_missing, vcov_kind=design.vcov.text, ssc=design.ssc,
    )  # fmt: skip
