"""One program solved for all units of every frontier of a panel, by the engines that SBM has, with certificates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from shidian.efficiency.engines import CONFIRMED, SOLVERS, Engine, Pool, Solutions, solve_program
from shidian.efficiency.frontiers import FrontierSet
from shidian.efficiency.leave_outs import name_unit_years
from shidian.efficiency.programs import Program
from shidian.efficiency.result import UNCERTIFIED_WORDS
from shidian.efficiency.solution import OPTIMAL, STATUS, UNCERTIFIED, structural_columns
from shidian.efficiency.technology import DISPERSED, Technology
from shidian.errors import EstimationError
from shidian.ledger import ledger_row, ledger_row_of
from shidian.messages import say

if TYPE_CHECKING:
    import pulp

DISTINCT = 1e-9
"""A column outside the basis whose reduced cost is below this may enter without loss: the solution is not unique."""


@dataclass(frozen=True)
class Task:
    """What the units of one frontier are asked: a minimum, and the same as it stands in the paper.

    Attributes:
        program: the program of the engines; it must be feasible for a unit of its own reference set.
        written: the model of PuLP for reference data (K, n) and a unit's data (K,).
        sign: what the program's optimum is multiplied by to be that of the paper.
    """

    program: Program
    written: Callable[[np.ndarray, np.ndarray], pulp.LpProblem]
    sign: float = 1.0


@dataclass(frozen=True)
class Solved:
    """The solutions of E evaluations, one a unit-year and frontier.

    Attributes:
        technology: the data.
        engine: the engine asked for.
        frontier: (E,) label of the frontier; row: (E,) row of the technology evaluated.
        status, solver: (E,) see ``shidian.efficiency.solution`` and ``engines``.
        value: (E,) optimum as the paper states it, nan where there is none.
        columns: (E, P) values of the program's own columns; names: (P,) their names.
        unique: (E,) whether no other solution has the same optimum; False where that is not shown, or not asked.
    """

    technology: Technology
    engine: Engine
    frontier: np.ndarray
    row: np.ndarray
    status: np.ndarray
    solver: np.ndarray
    value: np.ndarray
    columns: np.ndarray
    names: tuple[str, ...]
    unique: np.ndarray

    def column(self, name: str) -> np.ndarray:
        """Return (E,) values of a column, zero where the program has none of that name, nan without an optimum."""
        if name in self.names:
            return np.where(self.status == OPTIMAL, self.columns[:, self.names.index(name)], np.nan)
        return np.where(self.status == OPTIMAL, 0.0, np.nan)

    def frame(self, **columns: np.ndarray) -> pd.DataFrame:
        """Return one row an evaluation: labels, the columns, status, solver, and why a value is missing."""
        return pd.DataFrame({
            "frontier": self.frontier, "unit": self.technology.unit[self.row], "year": self.technology.year[self.row],
            **columns, "status": np.array(STATUS)[self.status], "solver": np.array(SOLVERS)[self.solver],
            "reason": np.where(self.status == OPTIMAL, "", UNCERTIFIED_WORDS),
        })  # fmt: skip

    def ledger(self, names: dict[Any, str] | None = None) -> list[dict[str, Any]]:
        """Return the lines of the sample ledger: programs solved a second time, scores that are missing."""
        step, subject = say("efficiency"), say("score")
        wanted = ("highs", "exact") if self.engine == "fast" else ("exact",)
        back = int(np.isin(np.array(SOLVERS)[self.solver], wanted).sum())
        again = say("programs solved by HiGHS or exactly, the engine did not certify them")
        lines = [ledger_row(step, subject, again, rows=back)] if back else []
        gone = self.frame()[self.status != OPTIMAL]
        if len(gone):
            who = name_unit_years(gone["unit"], gone["year"], names)
            text = say("scores missing, {why}: {who}", why=UNCERTIFIED_WORDS, who=who)
            lines.append(ledger_row_of(gone, step, subject, text))
        return lines


def solve_frontiers(
    technology: Technology, sets: list[FrontierSet], task: Callable[[FrontierSet], Task], engine: Engine,
    ask_unique: bool = False,
) -> Solved:  # fmt: skip
    """Solve a task for the units measured against each frontier.

    Args:
        technology: the data.
        sets: the frontiers.
        task: the task of a frontier.
        engine: ``fast``, ``highs`` or ``pulp``. The last solves the written model, and leaves a value out that no
            certified solution by HiGHS confirms; what the value is made of is HiGHS's.
        ask_unique: whether to look for other solutions with the same optimum.

    Raises:
        EstimationError: a variable spreads over ``DISPERSED`` or more: a step in it may be so many times its unit that
            a certificate says little of it.
    """
    _require_one_size(technology)
    parts, unique = [], []
    for one in sets:
        reference = technology.values[one.reference]
        asked = task(one)
        Z, z = np.ascontiguousarray(reference.T), technology.values[one.evaluated]
        nobody = np.full(len(z), -1)
        solver: Engine = "highs" if engine == "pulp" else engine
        solutions = solve_program(asked.program, Z, z, nobody, solver, Pool(Z.shape[1]))
        value = asked.sign * solutions.objective
        if engine == "pulp":
            _replace_by_written(solutions, value, asked, Z, z)
        parts.append((solutions, value))
        unique.append([ask_unique and is_unique(asked.program, Z, z[k], solutions, k) for k in range(len(z))])
    first = [solutions for solutions, _ in parts]
    return Solved(
        technology, engine,
        frontier=np.repeat([one.label for one in sets], [len(one.evaluated) for one in sets]),
        row=np.concatenate([one.evaluated for one in sets]),
        status=np.concatenate([s.status for s in first]), solver=np.concatenate([s.solver for s in first]),
        value=np.concatenate([value for _, value in parts]),
        columns=np.vstack([s.own_columns() for s in first]), names=first[0].names,
        unique=np.concatenate(unique).astype(bool),
    )  # fmt: skip


def _require_one_size(technology: Technology) -> None:
    low, high = technology.values.min(axis=0), technology.values.max(axis=0)
    for name, least, most in zip(technology.names, low, high, strict=True):
        if most >= DISPERSED * least:
            raise EstimationError(
                say(
                    "'{name}' goes from {least:.3g} to {most:.3g}: distances are not certified over nine orders of "
                    "magnitude; are two units of measure in it?",
                    name=name, least=float(least), most=float(most),
                )
            )  # fmt: skip


def _replace_by_written(solutions: Solutions, value: np.ndarray, task: Task, Z: np.ndarray, z: np.ndarray) -> None:
    """Put PuLP's optimum in the place of HiGHS's, or nothing where the two differ."""
    from shidian.efficiency import definition

    for k in range(len(z)):
        state, found = definition.solve(task.written(Z, z[k]))
        apart = abs(found - value[k]) > CONFIRMED * max(1.0, abs(value[k]))
        if state != "Optimal" or apart or np.isnan(value[k]):
            solutions.status[k], value[k] = UNCERTIFIED, np.nan
        else:
            value[k] = found
        solutions.solver[k] = SOLVERS.index("pulp")


def is_unique(program: Program, Z: np.ndarray, z: np.ndarray, solutions: Solutions, k: int) -> bool:
    """Say whether every column outside the basis would cost something, so that the solution is the only one.

    A sufficient condition: equal columns (duplicated units) and degenerate optima fail it though they may be unique.
    """
    if solutions.status[k] != OPTIMAL:
        return False
    basis = solutions.basis[k][solutions.basis[k] >= 0]
    if len(basis) < program.E.shape[0]:
        return False
    columns, _ = structural_columns(program, Z, z)
    matrix = np.hstack([program.E, columns])
    cost = np.concatenate([program.cost, np.zeros(columns.shape[1])])
    try:
        prices = np.linalg.solve(matrix[:, basis].T, cost[basis])
    except np.linalg.LinAlgError:
        return False
    reduced = cost - prices @ matrix
    reduced[basis] = np.inf
    reduced[: len(program.phase1)][program.phase1 > 0] = np.inf
    return bool(reduced.min() > DISTINCT)
