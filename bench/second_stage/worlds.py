"""Worlds with a known effect, and the scores of their cities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from shidian.did.twfe import Regression, regress
from shidian.efficiency import bootstrap, build_technology
from shidian.efficiency.engines import Model
from shidian.efficiency.technology import Technology
from shidian.simulate.cities import simulate_cities
from shidian.simulate.truth import Truth

from tests.monte_carlo.panels import BY_UNIT
from tests.monte_carlo.studies import truths
from tests.monte_carlo.study_scores import BAD, GOOD, INPUTS, STUDY, scored_panel

REGRESSORS = ["did", "eco", "fin", "urban", "gov", "industry"]
STABLE, CENTRAL, RISING = DESIGNS_NAMED = (
    "One effect in all cities", "Effects in central cities above all", "Efficiency rises towards the frontier"
)  # fmt: skip
DESIGNS: Mapping[str, tuple[float, float | None]] = {STABLE: (1.0, None), CENTRAL: (15.0, None), RISING: (1.0, 0.02)}
"""Design -> effect in central cities over that in others, drift of true efficiency (None: that of the study)."""


@dataclass(frozen=True)
class Scored:
    """One world's scores, and what they are computed from; rows in the order of the panel, which is that of units.

    Attributes:
        frame: the panel with true efficiency ``gie`` and Super-SBM ``score``.
        technology: the data of the scores; model: the scores' program.
        effect: the policy's effect on true efficiency: the regression without disturbances.
        spread: the clustered error of that regression, which the spread of effects over cities alone gives.
    """

    frame: pd.DataFrame
    technology: Technology
    model: Model
    effect: float
    spread: float

    @property
    def score(self) -> np.ndarray:
        """Scores of at most one."""
        return np.minimum(self.frame["score"].to_numpy(), 1.0)

    def years(self) -> list[np.ndarray]:
        """Return the rows of each year."""
        return [np.flatnonzero(self.technology.year == y) for y in np.unique(self.technology.year)]

    def against(self, rows: np.ndarray, reference: np.ndarray) -> np.ndarray:
        """Return scores of rows against others of their year, Super-SBM scores where they lie outside."""
        values = self.technology.values
        measured = bootstrap.PseudoModel(self.technology, "crs", "none", "fast")
        return measured.scores(np.ascontiguousarray(values[reference].T), values[rows], np.zeros(len(rows), dtype=bool))

    def regressed(self, outcome: np.ndarray) -> Regression:
        """Return the study's baseline on an outcome."""
        return baseline(self.frame.assign(outcome=outcome))


def baseline(frame: pd.DataFrame) -> Regression:
    """Return the study's baseline on the column ``outcome``, errors clustered by city."""
    return regress(frame, "outcome", REGRESSORS, ["unit", "year"], BY_UNIT)


def planted(ratio: float, drift: float | None) -> Mapping[str, Truth]:
    """Return the truths of the city studies with a design in the place of the study's own."""
    own = truths("city")[STUDY]
    equation = own.equations["gie"]
    equation = equation if drift is None else replace(equation, drift=drift)
    parameters = {**own.parameters, "central_ratio": ratio}
    return {
        **truths("city"),
        STUDY: replace(own, parameters=parameters, equations={**own.equations, "gie": equation}),
    }


def scored_world(seed: int, design: str) -> Scored:
    """Return one world's scores.

    Raises:
        SimulationError: a world that cannot be.
    """
    given = planted(*DESIGNS[design])
    frame = scored_panel(simulate_cities(seed, truths=given))
    noise_free = simulate_cities(seed, disturbed=False, truths=given).panels[STUDY].frame()
    fit = baseline(noise_free.assign(outcome=noise_free["gie"])).fit
    technology = build_technology(INPUTS, GOOD, BAD, data=frame, unit="unit", year="year")
    model = Model("sbm", technology.counts, technology.weights, "crs", "none")
    return Scored(frame, technology, model, float(fit.coef[0]), float(fit.se[0]))
