"""What an estimator gives on the same design without disturbances: the value that its estimate is graded against."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from shidian.did.twfe import regress
from shidian.errors import SimulationError, nearest
from shidian.simulate.cities import simulate_cities
from shidian.simulate.counties import simulate_counties
from shidian.simulate.provinces import simulate_provinces
from shidian.simulate.truth import Baseline, Truth, load_truth
from shidian.simulate.world import Panel, Size, World

Estimator = Callable[[pd.DataFrame], float]
WORLDS: Mapping[str, Callable[..., World]] = {
    "city": simulate_cities, "county": simulate_counties, "province": simulate_provinces,
}  # fmt: skip


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


def simulate_panel(
    study: str, seed: int, size: Size | None = None, *, disturbed: bool = True, truth: Truth | None = None
) -> Panel:
    """Return one study's panel without writing workbooks; ``disturbed=False`` is the noise-free panel."""
    return simulate_world(study, seed, size, disturbed=disturbed, truth=truth).panels[study]


def simulate_world(
    study: str, seed: int, size: Size | None = None, *, disturbed: bool = True, truth: Truth | None = None
) -> World:
    """Return the world that one study's panel lies in; arguments as :func:`simulate_panel`."""
    given = truth or load_truth(study)
    if given.unit not in WORLDS:
        raise SimulationError(f"no world of '{given.unit}'{nearest(given.unit, WORLDS)}")
    truths = {study: truth} if truth else None
    return WORLDS[given.unit](seed, size, disturbed=disturbed, truths=truths)


def true_values(panel: Panel, names: Sequence[str]) -> pd.DataFrame:
    """Return unit, year and the true values of variables that data can only estimate, such as efficiency scores.

    Raises:
        SimulationError: the simulator knows no truth of that name.
    """
    unknown = [name for name in names if name not in panel.variables]
    if unknown:
        raise SimulationError(
            f"{panel.truth.study}: no true values of '{unknown[0]}' are simulated{nearest(unknown[0], panel.variables)}"
        )
    return panel.frame()[["unit", "year", *names]]


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
