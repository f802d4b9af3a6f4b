"""Directional distances of a panel, radial and non-radial, with undesirable outputs: the public entries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from shidian.efficiency import programs
from shidian.efficiency.engines import choose
from shidian.efficiency.frontiers import frontier_sets
from shidian.efficiency.leave_outs import name_unit_years
from shidian.efficiency.nonradial_programs import nonradial_directional
from shidian.efficiency.programs import RETURNS, Returns
from shidian.efficiency.sbm import check_option, check_size
from shidian.efficiency.solved_frontiers import Solved, Task, solve_frontiers
from shidian.efficiency.technology import Technology
from shidian.errors import EstimationError, nearest
from shidian.ledger import ledger_row_of
from shidian.messages import say

DISPOSABILITY = ("weak", "strong")


@dataclass(frozen=True)
class Distances:
    """Distances of a panel to its frontiers, and the scores made of them.

    Attributes:
        frame: one row an evaluation: frontier, unit, year, ``score``, ``distance``, ``step_<variable>`` of a
            non-radial distance, status, solver, and the reason why a score is missing.
        ledger: lines of the sample ledger.
        warnings: what a referee would object to.
        solved: the solutions behind.
    """

    frame: pd.DataFrame
    ledger: list[dict[str, Any]]
    warnings: tuple[str, ...]
    solved: Solved


def directional_distance(
    technology: Technology, *, moved: Sequence[str] | None = None, disposability: str = "weak", returns: str = "crs",
    score: str = "efficiency", frontier: str = "contemporaneous", engine: str = "auto",
    names: dict[Any, str] | None = None,
) -> Distances:  # fmt: skip
    """Return the directional distance of each unit-year (Chung, Faere & Grosskopf 1997).

    max beta s.t. X lambda <= (1 - g_x beta) x_o, Y lambda >= (1 + g_y beta) y_o, B lambda = (1 - g_b beta) b_o,
    lambda >= 0, g one for the variables ``moved`` (by default all outputs), zero for the others. Undesirable outputs
    are weakly disposable: less of them costs desirable output (Faere, Grosskopf, Lovell & Pasurka 1989); ``strong``
    puts <= in the place of the equality.

    Args:
        technology: the data; its weights are not used.
        moved: variables that the direction moves, each in proportion to the unit's own value.
        disposability: ``weak`` or ``strong``, of undesirable outputs.
        returns: returns to scale; those other than constant only with strong disposability.
        score: ``distance`` = beta; ``efficiency`` = 1 - beta, 1 / (1 + beta) where desirable outputs alone move.
        frontier: ``contemporaneous`` or ``global`` (``frontiers.frontier_sets``).
        engine: as in ``super_sbm``.
        names: unit -> its name, for the ledger.

    Raises:
        EstimationError: variables, options and frontiers that do not exist or do not go together.
    """
    counts, weak = technology.counts, _weak(technology, disposability, returns)
    check_option("score", score, ("efficiency", "distance"))
    outputs = technology.names[counts.inputs :]
    chosen = _known(technology, outputs if moved is None else moved, "moved")
    direction = np.array([float(name in chosen) for name in technology.names])
    kind: Returns = returns  # type: ignore[assignment]
    program = programs.directional(counts, kind, direction, weak)

    def written(Z: np.ndarray, z: np.ndarray) -> Any:
        from shidian.efficiency.nonradial_definitions import directional_model

        return directional_model(Z, z, counts, direction, kind, weak)

    solved = _solved(technology, frontier, Task(program, written, sign=-1.0), engine)
    beta = np.maximum(solved.value, 0.0)  # a unit belongs to its frontier's technology: below zero is rounding
    contracted = direction[counts.sign > 0].any()
    efficiency = 1.0 - beta if contracted else 1.0 / (1.0 + beta)
    frame = solved.frame(score=efficiency if score == "efficiency" else beta, distance=beta)
    return Distances(frame, solved.ledger(names), technology.warnings(), solved)


def nonradial_distance(
    technology: Technology, *, weights: Mapping[str, float] | None = None, counted: Sequence[str] | None = None,
    disposability: str = "weak", returns: str = "crs", score: str = "performance",
    frontier: str = "contemporaneous", engine: str = "auto", names: dict[Any, str] | None = None,
) -> Distances:  # fmt: skip
    """Return the non-radial directional distance of each unit-year (Zhou, Ang & Wang 2012).

    max w' beta s.t. X lambda <= (1 - beta_x) x_o, Y lambda >= (1 + beta_y) y_o, B lambda = (1 - beta_b) b_o,
    beta, lambda >= 0: each variable has a step of its own. The performance made of the steps, as they make their
    energy, carbon and energy-carbon indices, is
    (1 - mean of the steps of the ``counted`` inputs and undesirable outputs) / (1 + mean step of desirable outputs).

    Args:
        technology: the data; its weights are not used.
        weights: variable -> weight w of its step; those left out are not moved. By default each of inputs, desirable
            and undesirable outputs has the same weight in all (thirds), shared equally among its variables.
        counted: moved inputs and undesirable outputs that the performance counts; all moved ones by default.
        disposability, returns, frontier, engine, names: as in ``directional_distance``.
        score: ``performance``, or ``distance`` = w' beta. Where steps other than those found have the same distance,
            the performance is that of the steps found; the ledger counts such rows.

    Raises:
        EstimationError: variables, weights, options and frontiers that do not exist or do not go together.
    """
    counts, weak = technology.counts, _weak(technology, disposability, returns)
    check_option("score", score, ("performance", "distance"))
    w = step_weights(technology, weights)
    chosen = _counted(technology, w, counted)
    kind: Returns = returns  # type: ignore[assignment]

    def written(Z: np.ndarray, z: np.ndarray) -> Any:
        from shidian.efficiency.nonradial_definitions import nonradial_model

        return nonradial_model(Z, z, counts, w, kind, weak)

    task = Task(nonradial_directional(counts, kind, w, weak), written, sign=-1.0)
    solved = _solved(technology, frontier, task, engine, ask_unique=score == "performance")
    steps = np.column_stack([solved.column(f"beta{i}") for i in range(len(w))])
    distance = np.maximum(solved.value, 0.0)
    performance = _performance(steps, counts.sign, w, np.isin(technology.names, chosen))
    frame = solved.frame(
        score=performance if score == "performance" else distance, distance=distance,
        **{f"step_{name}": steps[:, i] for i, name in enumerate(technology.names)},
    )  # fmt: skip
    ledger = solved.ledger(names)
    open_ones = frame[~solved.unique & (distance > SOME_DISTANCE)]
    if score == "performance" and len(open_ones):
        who = name_unit_years(open_ones["unit"], open_ones["year"], names)
        text = say("other steps may have the same distance, and another performance: {who}", who=who)
        ledger.append(ledger_row_of(open_ones, say("efficiency"), say("score"), text))
    return Distances(frame, ledger, technology.warnings(), solved)


SOME_DISTANCE = 1e-9
"""A distance below this is none: all steps of positive weight are zero, and there are no others."""


def step_weights(technology: Technology, declared: Mapping[str, float] | None) -> np.ndarray:
    """Return (K,) weights of the steps: as declared, zero for variables left out, or thirds by default."""
    if declared is None:
        present = sum(count > 0 for count in technology.counts)
        return np.repeat([1.0 / (present * max(n, 1)) for n in technology.counts], technology.counts)
    _known(technology, list(declared), "weights")
    for name, value in declared.items():
        if not (np.isfinite(value) and value >= 0):
            raise EstimationError(
                say(
                    "the weight of the step of '{name}' is {value}; it must be zero or more",
                    name=name,
                    value=f"{value:g}",
                )
            )
    w = np.array([float(declared.get(name, 0.0)) for name in technology.names])
    if not w.any():
        raise EstimationError(say("no variable has a positive weight, so that the distance moves none"))
    return w


def _performance(steps: np.ndarray, sign: np.ndarray, w: np.ndarray, counted: np.ndarray) -> np.ndarray:
    """Return (E,) performances from the steps (E, K); a mean over no variable is zero."""
    reduced, raised = np.flatnonzero(counted), np.flatnonzero((sign < 0) & (w > 0))
    down = steps[:, reduced].mean(axis=1) if len(reduced) else np.zeros(len(steps))
    up = steps[:, raised].mean(axis=1) if len(raised) else np.zeros(len(steps))
    return (1.0 - down) / (1.0 + up)


def _counted(technology: Technology, w: np.ndarray, counted: Sequence[str] | None) -> list[str]:
    movable = [n for n, s, one in zip(technology.names, technology.counts.sign, w, strict=True) if s > 0 and one > 0]
    for name in counted or ():
        if name not in movable:
            raise EstimationError(
                say(
                    "'{name}' is counted in the performance, but the distance does not reduce it: it reduces {movable}",
                    name=name, movable=movable or say("none"),
                )
            )  # fmt: skip
    return movable if counted is None else list(counted)


def _weak(technology: Technology, disposability: str, returns: str) -> bool:
    """Check disposability and returns; say whether undesirable outputs are weakly disposable."""
    check_option("disposability", disposability, DISPOSABILITY)
    check_option("returns", returns, RETURNS)
    weak = disposability == "weak" and technology.counts.undesirable > 0
    if weak and returns != "crs":
        raise EstimationError(
            say(
                "weak disposability is measured under constant returns only: under {returns} each unit would need an "
                "abatement factor of its own (Kuosmanen 2005); declare returns: crs or disposability: strong",
                returns=returns,
            )
        )
    return weak


def _known(technology: Technology, given: Sequence[str], key: str) -> list[str]:
    for name in given:
        if name not in technology.names:
            near = nearest(name, technology.names)
            raise EstimationError(say("{key}: '{name}' is no input or output{near}", key=key, name=name, near=near))
    if not given:
        raise EstimationError(say("{key} names no variable, so that the distance moves none", key=key))
    return list(given)


def _solved(technology: Technology, frontier: str, task: Task, engine: str, ask_unique: bool = False) -> Solved:
    check_option("frontier", frontier, ("contemporaneous", "global"))
    sets = frontier_sets(technology.year, frontier)
    for one in sets:
        check_size(technology, one.label, len(one.reference))
    return solve_frontiers(technology, sets, lambda _: task, choose(engine), ask_unique)
