"""The epsilon-based measure of a panel (Tone & Tsutsui 2010), with epsilon and weights from the affinity of inputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from shidian.efficiency.engines import Engine, choose, solve_program
from shidian.efficiency.frontiers import FrontierSet, frontier_sets
from shidian.efficiency.leave_outs import name_unit_years
from shidian.efficiency.nonradial_programs import epsilon_based as epsilon_based_program
from shidian.efficiency.nonradial_programs import nonradial_directional
from shidian.efficiency.programs import RETURNS, Counts, Returns
from shidian.efficiency.sbm import check_option, check_size
from shidian.efficiency.solution import OPTIMAL
from shidian.efficiency.solved_frontiers import Solved, Task, is_unique, solve_frontiers
from shidian.efficiency.technology import Technology
from shidian.errors import EstimationError, nearest
from shidian.ledger import ledger_row_of
from shidian.messages import say

CALIBRATIONS = ("projected", "observed")
APART = 1e-9
"""Two leading eigenvalues nearer than this are one: the weights that belong to it are not determined."""


@dataclass(frozen=True)
class EpsilonBased:
    """Epsilon-based scores of a panel.

    Attributes:
        frame: one row an evaluation: frontier, unit, year, ``score``, ``theta``, ``epsilon`` of its frontier, status,
            solver, and the reason why a score is missing.
        weights: frontier -> (m,) weights of the inputs.
        ledger: lines of the sample ledger.
        warnings: what a referee would object to.
    """

    frame: pd.DataFrame
    weights: dict[str, np.ndarray]
    ledger: list[dict[str, Any]]
    warnings: tuple[str, ...]


def epsilon_based_measure(
    technology: Technology, *, returns: str = "crs", epsilon: float | None = None,
    weights: Mapping[str, float] | None = None, calibration: str = "projected", frontier: str = "contemporaneous",
    engine: str = "auto", names: dict[Any, str] | None = None,
) -> EpsilonBased:  # fmt: skip
    """Return the input-oriented epsilon-based measure of each unit-year (Tone & Tsutsui 2010, equations 6 to 8).

    gamma = min theta - epsilon sum_i w_i s_i / x_io s.t. theta x_o = X lambda + s, Y lambda >= y_o, lambda, s >= 0:
    between the radial measure (epsilon 0) and a slacks-based one (epsilon 1). Epsilon and the weights w follow,
    frontier by frontier, from how far inputs are used in fixed proportions (``affinity``, equations 15 to 26), unless
    declared.

    Args:
        technology: the data, without undesirable outputs; its weights are not used.
        returns: returns to scale; the published values are those of constant ones.
        epsilon: a number from 0 to 1 in the place of the calibrated one.
        weights: input -> weight, beside a declared epsilon; equal where not declared.
        calibration: ``projected`` = inputs projected on the frontier by the additive model (equation 19), as in the
            paper's examples; ``observed`` = inputs as they are, which the paper allows.
        frontier, engine, names: as in ``directional_distance``.

    Raises:
        EstimationError: undesirable outputs, which the published measure has not; inputs whose affinity leaves the
            weights open; options that do not exist or do not go together.
    """
    check_option("returns", returns, RETURNS)
    check_option("calibration", calibration, CALIBRATIONS)
    check_option("frontier", frontier, ("contemporaneous", "global"))
    if technology.counts.undesirable:
        raise EstimationError(
            say(
                "the epsilon-based measure has no undesirable outputs in its published form; name them among the "
                "inputs, or use super_sbm or nonradial_distance"
            )
        )
    kind: Returns = returns  # type: ignore[assignment]
    chosen = choose(engine)
    sets = frontier_sets(technology.year, frontier)
    declared = _declared(technology, epsilon, weights)
    parameters, open_ones = {}, []
    for one in sets:
        check_size(technology, one.label, len(one.reference))
        parameters[one.label], rows = (
            (declared, one.reference[:0]) if declared else _calibrated(technology, one, calibration, chosen)
        )
        open_ones.append(rows)
    solved = _solve(technology, sets, parameters, kind, chosen)
    level = np.array([parameters[label][0] for label in solved.frontier])
    frame = solved.frame(score=solved.value, theta=solved.column("theta"), epsilon=level)
    ledger = [*solved.ledger(names), *_open_projections(technology, np.concatenate(open_ones), names)]
    return EpsilonBased(frame, {label: w for label, (_, w) in parameters.items()}, ledger, technology.warnings())


def affinity(inputs: np.ndarray) -> np.ndarray:
    """Return (m, m) affinities of the columns of ``inputs`` (n, m), 1 for proportional ones, 0 at least (eq. 15-18).

    1 - 2 D with D = mean_j |c_j - mean c| / (max c - min c), c_j = ln(b_j / a_j), and D = 0 where all c are equal.
    """
    logs = np.log(inputs)
    c = logs[:, None, :] - logs[:, :, None]
    spread = c.max(axis=0) - c.min(axis=0)
    distance = np.abs(c - c.mean(axis=0)).mean(axis=0)
    proportional = spread <= PROPORTIONAL
    return 1.0 - 2.0 * np.where(proportional, 0.0, distance / np.where(proportional, 1.0, spread))


PROPORTIONAL = 1e-12
"""Logarithms of ratios that differ by no more than this are equal up to rounding: inputs in one proportion."""


def calibrate(inputs: np.ndarray) -> tuple[float, np.ndarray]:
    """Return epsilon and the (m,) weights that the affinity of ``inputs`` (n, m) gives (equations 23 to 26).

    epsilon = (m - rho) / (m - 1) with rho the largest eigenvalue of the affinities, w its eigenvector, adding to one.

    Raises:
        EstimationError: where a second eigenvalue equals the largest, the paper does not determine the weights.
    """
    m = inputs.shape[1]
    if m == 1:
        return 0.0, np.ones(1)
    values, vectors = np.linalg.eigh(affinity(inputs))
    if values[-1] - values[-2] < APART:
        raise EstimationError(
            say(
                "the inputs are used in such different proportions that their affinity does not determine their "
                "weights; declare epsilon (and weights)"
            )
        )
    leading = np.abs(vectors[:, -1])
    return float(np.clip((m - values[-1]) / (m - 1), 0.0, 1.0)), leading / leading.sum()


def projected_inputs(reference: np.ndarray, counts: Counts, engine: Engine) -> tuple[np.ndarray, np.ndarray]:
    """Return (n, m) inputs of the reference units, projected by the additive model under variable returns (eq. 19-21).

    nan where no engine certified a projection. The second value (n,) says whose projection may not be the only one.
    """
    program = nonradial_directional(counts, "vrs", np.ones(sum(counts)), weak=False)
    Z = np.ascontiguousarray(reference.T)
    solver: Engine = "highs" if engine == "pulp" else engine
    found = solve_program(program, Z, reference, np.full(len(reference), -1), solver)
    steps = np.column_stack([found.column(f"beta{i}") for i in range(counts.inputs)])
    steps[found.status != OPTIMAL] = np.nan
    several = [
        found.objective[k] < -SOME_SLACK and not is_unique(program, Z, reference[k], found, k)
        for k in range(len(steps))
    ]
    return reference[:, : counts.inputs] * (1.0 - steps), np.array(several, bool)


SOME_SLACK = 1e-9
"""A sum of slacks below this is none: the unit is its own projection, and the only one."""


def _calibrated(
    technology: Technology, one: FrontierSet, calibration: str, engine: Engine
) -> tuple[tuple[float, np.ndarray], np.ndarray]:
    """Return epsilon and weights of a frontier, and the rows whose projection may not be the only one."""
    reference = technology.values[one.reference]
    if calibration == "observed":
        return calibrate(reference[:, : technology.counts.inputs]), one.reference[:0]
    inputs, several = projected_inputs(reference, technology.counts, engine)
    if np.isnan(inputs).any():
        raise EstimationError(
            say(
                "no engine could project every unit of {frontier} on the frontier; declare calibration: observed, or "
                "epsilon",
                frontier=one.label,
            )
        )
    return calibrate(inputs), one.reference[several]


def _open_projections(technology: Technology, rows: np.ndarray, names: dict[Any, str] | None) -> list[dict[str, Any]]:
    """Return the line of the ledger on units whose projection, and so epsilon, may hang on the engine."""
    if not len(rows):
        return []
    touched = pd.DataFrame({"unit": technology.unit[rows], "year": technology.year[rows]})
    who = name_unit_years(touched["unit"], touched["year"], names)
    text = say("other projections may be as far, and give another epsilon: {who}", who=who)
    return [ledger_row_of(touched, say("efficiency"), say("score"), text)]


def _declared(
    technology: Technology, epsilon: float | None, weights: Mapping[str, float] | None
) -> tuple[float, np.ndarray] | None:
    """Return the declared epsilon and weights, None where they are to be calibrated."""
    m = technology.counts.inputs
    inputs = technology.names[:m]
    if epsilon is None:
        if weights:
            raise EstimationError(say("weights of the inputs stand beside a declared epsilon; declare both or neither"))
        return None
    if not (np.isfinite(epsilon) and 0.0 <= epsilon <= 1.0):
        raise EstimationError(say("epsilon is {value:g}; it lies between 0 and 1", value=epsilon))
    for name, value in (weights or {}).items():
        if name not in inputs:
            near = nearest(name, inputs)
            raise EstimationError(say("a weight is declared for '{name}', no input{near}", name=name, near=near))
        if not (np.isfinite(value) and value > 0):
            raise EstimationError(
                say(
                    "the weight of '{name}' is {value}; it must be positive (or leave the variable out)",
                    name=name, value=str(value),
                )
            )  # fmt: skip
    raw = np.array([float((weights or {}).get(name, 1.0)) for name in inputs])
    return float(epsilon), raw / raw.sum()


def _solve(
    technology: Technology, sets: list[FrontierSet], parameters: dict[str, tuple[float, np.ndarray]], returns: Returns,
    engine: Engine,
) -> Solved:  # fmt: skip
    def task(one: FrontierSet) -> Task:
        epsilon, w = parameters[one.label]

        def written(Z: np.ndarray, z: np.ndarray) -> Any:
            from shidian.efficiency.nonradial_definitions import epsilon_based_model

            return epsilon_based_model(Z, z, technology.counts, w, epsilon, returns)

        return Task(epsilon_based_program(technology.counts, returns, w, epsilon), written)

    return solve_frontiers(technology, sets, task, engine)
