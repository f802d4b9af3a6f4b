"""Synthetic difference-in-differences of several cohorts, beside synthetic control and difference-in-differences.

Of a cohort with N1 units and T1 periods from adoption on, unit weights ω make the never-treated units follow its mean
before adoption, with an intercept and the ridge ζ² = (N1 T1)^(1/2) σ², σ the standard deviation of the controls'
changes before adoption; period weights λ make earlier periods of the controls like their mean after it. The effect is
the double difference with these weights (Arkhangelsky, Athey, Hirshberg, Imbens and Wager 2021, eqs. 1-7, algorithm 1).
Synthetic control has no intercept, next to no ridge and no λ; difference-in-differences equal weights. Effects of
cohorts are averaged by their treated unit-periods (their appendix A; Clarke, Pailañir, Athey and Imbens 2023).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from shidian.did.synthetic.frank_wolfe import frank_wolfe
from shidian.did.synthetic.panel import Block
from shidian.did.synthetic.simplex import simplex_least_squares

Estimator = Literal["sdid", "sc", "did"]
ESTIMATORS: tuple[Estimator, ...] = ("sdid", "sc", "did")
TINY, TINY_EXACT = 1e-6, 1e-4
"""Share of the noise level in the ridge that makes weights unique: the authors', and the least for exact solutions."""
MATCHED = 1e-4
"""Distance from the treated path, as a share of the noise level, below which synthetic control matches it exactly."""
LEAST_GAIN = 1e-5
"""Share of the noise level whose square is the least gain of a step."""
Solver = Callable[[np.ndarray, np.ndarray, float, float], np.ndarray]
"""(candidates, target, ridge, least gain) -> weights."""


def exact(A: np.ndarray, b: np.ndarray, ridge: float, least_gain: float) -> np.ndarray:
    """Return the weights that solve the minimisation; ``least_gain`` is of no account."""
    return simplex_least_squares(A, b, ridge)


@dataclass(frozen=True)
class Weights:
    """Weights of one cohort: ``units`` (N0,) of the never-treated, ``periods`` (T0,) of those before adoption."""

    units: np.ndarray
    periods: np.ndarray


@dataclass(frozen=True)
class CohortEffect:
    """What one cohort gives.

    Attributes:
        place: place of its period of adoption.
        n_treated: its units.
        effect: mean effect from adoption on.
        path: (T,) gap to the synthetic unit by period, less its weighted mean before adoption.
        weights: of units and periods.
        matched: whether synthetic control matches the path before adoption exactly, so that other weights do, too.
    """

    place: int
    n_treated: int
    effect: float
    path: np.ndarray
    weights: Weights
    matched: bool = False


@dataclass(frozen=True)
class Synthetic:
    """Effects of all cohorts.

    Attributes:
        effect: their mean by treated unit-periods.
        cohorts: each of them.
    """

    effect: float
    cohorts: tuple[CohortEffect, ...]

    def event_times(self) -> dict[int, float]:
        """Return periods since adoption -> mean of the cohorts' gaps by their treated units."""
        sums: dict[int, list[tuple[float, int]]] = {}
        for one in self.cohorts:
            for t, gap in enumerate(one.path):
                sums.setdefault(t - one.place, []).append((float(gap), one.n_treated))
        return {
            tau: sum(g * n for g, n in found) / sum(n for _, n in found) for tau, found in sorted(sums.items())
        }  # fmt: skip


def estimate(
    block: Block, estimator: Estimator, solver: Solver = frank_wolfe, fixed: Sequence[Weights] | None = None
) -> Synthetic:
    """Estimate the effects of all cohorts.

    Args:
        block: the panel.
        estimator: which comparison.
        solver: how weights are found: as the authors' program does, or exactly (``exact``).
        fixed: weights of each cohort, where they are not to be found.
    """
    controls = block.y[block.never]
    found = []
    for n, place in enumerate(block.cohorts):
        mine = block.y[block.adopted == place]
        weights = fixed[n] if fixed else find_weights(controls, mine, place, estimator, solver)
        gap = mine.mean(axis=0) - weights.units @ controls
        path = gap - float(weights.periods @ gap[:place])
        away = np.sqrt(np.mean(np.square(gap[:place])))
        matched = estimator == "sc" and bool(away <= MATCHED * noise_level(controls, place))
        found.append(CohortEffect(place, len(mine), float(path[place:].mean()), path, weights, matched))
    sizes = [one.n_treated * (len(block.periods) - one.place) for one in found]
    return Synthetic(float(np.average([one.effect for one in found], weights=sizes)), tuple(found))


def find_weights(
    controls: np.ndarray, treated: np.ndarray, place: int, estimator: Estimator, solver: Solver
) -> Weights:
    """Return the weights of a cohort that adopts at ``place``, from (N0, T) controls and (N1, T) treated."""
    n0, before = len(controls), controls[:, :place]
    if estimator == "did":
        return Weights(np.full(n0, 1 / n0), np.full(place, 1 / place))
    noise = noise_level(controls, place)
    least, tiny = LEAST_GAIN * noise, ((TINY_EXACT if solver is exact else TINY) * noise) ** 2
    target = treated[:, :place].mean(axis=0)
    if estimator == "sc":
        return Weights(solver(before.T, target, place * tiny, least), np.zeros(place))
    ridge = np.sqrt(treated[:, place:].size) * noise**2
    after = controls[:, place:].mean(axis=1)
    return Weights(
        solver(_centred(before.T), target - target.mean(), place * ridge, least),
        solver(_centred(before), after - after.mean(), n0 * tiny, least),
    )


def noise_level(controls: np.ndarray, place: int) -> float:
    """Return the standard deviation of the controls' changes before adoption, never zero where they vary."""
    changes = np.diff(controls[:, :place], axis=1)
    noise = float(changes.std(ddof=1)) if changes.size > 1 else 0.0
    return noise or float(np.abs(controls).max()) * np.finfo(float).eps or np.finfo(float).tiny


def _centred(columns: np.ndarray) -> np.ndarray:
    return np.asarray(columns - columns.mean(axis=0))
