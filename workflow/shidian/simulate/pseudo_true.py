"""What an estimator gives on the same design without disturbances: the value that its estimate is graded against."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from shidian.did.twfe import regress
from shidian.errors import SimulationError
from shidian.simulate.truth import Baseline, Truth
from shidian.simulate.world import Size
from shidian.simulate.worlds import simulate_panel

Estimator = Callable[[pd.DataFrame], float]


@dataclass(frozen=True)
class PseudoTrue:
    """A pseudo-true value beside what was planted and printed.

    Attributes:
        study: id of the study.
        value: the estimator on the noise-free panel.
        planted: total effect planted in the baseline.
        printed: coefficient that the study prints, None where it prints none.
    """

    study: str
    value: float
    planted: float
    printed: float | None


def pseudo_true(
    study: str, seed: int, size: Size | None = None, *, estimator: Estimator | None = None, truth: Truth | None = None
) -> PseudoTrue:
    """Compute an estimator's pseudo-true value: same units, treatment and covariates, no disturbances.

    Args:
        study: id of the study.
        seed: seed of the world.
        size: size of the world.
        estimator: panel -> number; the study's baseline regression when None.
        truth: another truth than that in config/truth.
    """
    panel = simulate_panel(study, seed, size, disturbed=False, truth=truth)
    baseline = panel.truth.baseline
    value = (estimator or baseline_estimator(baseline))(panel.frame())
    return PseudoTrue(study, value, baseline.planted, baseline.printed)


def baseline_estimator(baseline: Baseline) -> Estimator:
    """Return the baseline regression as an estimator: the coefficient of interest."""

    def estimate(panel: pd.DataFrame) -> float:
        regressors = [baseline.regressor, *baseline.controls]
        result = regress(panel, baseline.outcome, regressors, baseline.fixed_effects)
        for name, reason in result.omitted.items():
            raise SimulationError(f"'{name}' of the baseline regression cannot be estimated: {reason}")
        return float(result.fit.coef[result.fit.terms.index(baseline.regressor)])

    return estimate
