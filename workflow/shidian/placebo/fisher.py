"""Randomisation p-values: where the observed estimate lies among the draws (Fisher 1935; Young 2019)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shidian.errors import EstimationError
from shidian.messages import say

_TIE = 1e-10  # relative: a draw that equals the observed estimate up to rounding counts as at least as extreme


@dataclass(frozen=True)
class FisherP:
    """p-values ``(1 + #) / (1 + draws)`` over the draws that gave a number (Phipson & Smyth 2010).

    Attributes:
        two_sided: # counts draws at least as far from zero as the observed estimate.
        left: # counts draws at most as large as the observed estimate.
        right: # counts draws at least as large as the observed estimate.
        n_draws: draws that gave a number.
    """

    two_sided: float
    left: float
    right: float
    n_draws: int

    def error(self, p: float) -> float:
        """Return the Monte-Carlo standard error of a p-value, ``sqrt(p (1 - p) / draws)``; nan for a p of one."""
        return float(np.sqrt(p * (1 - p) / self.n_draws)) if p < 1 else float("nan")


def fisher_p(draws: np.ndarray, observed: float) -> FisherP:
    """Return the randomisation p-values of ``observed`` among (B,) ``draws``; missing draws are left out.

    Give coefficients, or t statistics for the studentised test.
    Raises EstimationError when no draw gave a number, or the observed estimate is missing.
    """
    valid = draws[~np.isnan(draws)]
    if not len(valid):
        raise EstimationError(
            say("no placebo draw gave a number: in each the treatment was absorbed or the estimator failed")
        )
    if np.isnan(observed):
        raise EstimationError(say("there is no observed estimate to compare the placebo draws with"))
    slack = _TIE * abs(observed)

    def p(extreme: np.ndarray) -> float:
        return float((1 + np.count_nonzero(extreme)) / (1 + len(valid)))

    return FisherP(
        two_sided=p(np.abs(valid) >= abs(observed) - slack),
        left=p(valid <= observed + slack),
        right=p(valid >= observed - slack),
        n_draws=len(valid),
    )
