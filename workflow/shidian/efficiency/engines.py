"""One door to the engines: the compiled simplex, HiGHS behind it, exact arithmetic behind both, and PuLP."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from typing import Literal

import numpy as np

from shidian.efficiency import programs
from shidian.efficiency.blocks import Blocks, blocks_of
from shidian.efficiency.programs import Counts, Orientation, Program, Returns
from shidian.efficiency.solution import INFEASIBLE, OPTIMAL, UNCERTIFIED, Solution
from shidian.errors import EstimationError, nearest
from shidian.messages import say

Engine = Literal["auto", "fast", "highs", "pulp"]
ENGINES: tuple[Engine, ...] = ("auto", "fast", "highs", "pulp")
SOLVERS = ("fast", "highs", "exact", "pulp")
"""Who solved a program in the end; ``Solutions.solver`` holds the position in this tuple."""
MAX_PIVOTS = 2000
CONFIRMED = 1e-7
"""Largest difference between a score by PuLP, which has no certificate, and the certified one; relative above one."""


@dataclass(frozen=True)
class Model:
    """A ratio model before it meets data: which stage, and its declared options."""

    stage: Literal["sbm", "super"]
    counts: Counts
    weights: np.ndarray
    returns: Returns
    orientation: Orientation

    @cached_property
    def program(self) -> Program:
        """The model's program in standard form."""
        build = programs.sbm if self.stage == "sbm" else programs.super_sbm
        return build(self.counts, self.weights, self.returns, self.orientation)


@dataclass(frozen=True)
class Solutions:
    """The solved programs of q DMUs.

    Attributes:
        status: (q,) see ``shidian.efficiency.solution``.
        objective: (q,) optimum, nan where there is none.
        basis: (q, M) basic columns: 0..P-1 of the program, P + j of the reference set, -1 for none.
        values: (q, M) their values.
        solver: (q,) who solved it, see ``SOLVERS``.
        names: (P,) the program's columns.
    """

    status: np.ndarray
    objective: np.ndarray
    basis: np.ndarray
    values: np.ndarray
    solver: np.ndarray
    names: tuple[str, ...]

    def own_columns(self) -> np.ndarray:
        """Return (q, P) values of the program's columns, zero where they are not basic."""
        values = np.zeros((len(self.status), len(self.names)))
        row, slot = np.nonzero((self.basis >= 0) & (self.basis < len(self.names)))
        values[row, self.basis[row, slot]] = self.values[row, slot]
        return values

    def column(self, name: str) -> np.ndarray:
        """Return (q,) values of one of the program's columns."""
        return np.where(self.basis == self.names.index(name), self.values, 0.0).sum(axis=1)

    def intensities(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return (row, reference column, Lambda) of every positive intensity of the reference set."""
        row, slot = np.nonzero((self.basis >= len(self.names)) & (self.values > 0))
        return row, self.basis[row, slot] - len(self.names), self.values[row, slot]


def joined_solutions(parts: list[Solutions]) -> Solutions:
    """Put solutions of the same program over several reference sets one below the other."""
    width = max(part.basis.shape[1] for part in parts)

    def padded(matrix: np.ndarray, filler: float) -> np.ndarray:
        missing = width - matrix.shape[1]
        return np.pad(matrix, ((0, 0), (0, missing)), constant_values=filler) if missing else matrix

    return Solutions(
        np.concatenate([part.status for part in parts]),
        np.concatenate([part.objective for part in parts]),
        np.concatenate([padded(part.basis, -1) for part in parts]),
        np.concatenate([padded(part.values, 0.0) for part in parts]),
        np.concatenate([part.solver for part in parts]),
        parts[0].names,
    )


class Pool:
    """What is known of one reference set, handed from stage to stage: columns that were useful, and its blocks."""

    def __init__(self, size: int) -> None:
        self.members = np.zeros(size, np.int64)
        self.count = np.zeros(1, np.int64)
        self._blocks: dict[bool, Blocks] = {}

    def blocks(self, Z: np.ndarray, rays: bool) -> Blocks:
        """Return the reference set in blocks, sorted once."""
        if rays not in self._blocks:
            self._blocks[rays] = blocks_of(Z, rays)
        return self._blocks[rays]


def choose(engine: str) -> Engine:
    """Return the engine to use: ``auto`` is the compiled one wherever numba is installed."""
    if engine not in ENGINES:
        raise EstimationError(
            say(
                "engine '{engine}' is not one of {known}{near}",
                engine=engine,
                known=list(ENGINES),
                near=nearest(engine, ENGINES),
            )
        )
    compiled = find_spec("numba") is not None
    if engine == "fast" and not compiled:
        raise EstimationError(
            say("engine 'fast' needs the package numba, which is not installed; use 'auto' or 'highs'")
        )
    return ("fast" if compiled else "highs") if engine == "auto" else engine


def solve_model(
    model: Model, Z: np.ndarray, z: np.ndarray, excluded: np.ndarray, engine: Engine, pool: Pool | None = None
) -> Solutions:
    """Solve a ratio model for q DMUs.

    Args:
        model: the model.
        Z: (K, n) reference data, one row a variable.
        z: (q, K) data of the evaluated DMUs.
        excluded: (q,) reference column that each DMU may not use, or -1.
        engine: ``fast``, ``highs`` or ``pulp``.
        pool: columns useful before, for the compiled engine.
    """
    if engine == "pulp":
        return _solve_pulp(model, Z, z, excluded)
    return solve_program(model.program, Z, z, excluded, engine, pool)


def solve_program(
    program: Program,
    Z: np.ndarray,
    z: np.ndarray,
    excluded: np.ndarray,
    engine: Engine,
    pool: Pool | None = None,
) -> Solutions:
    """Solve a program for q DMUs; what the engine cannot certify goes to HiGHS, then to exact arithmetic."""
    q, rows = len(z), program.E.shape[0]
    found = Solutions(
        np.full(q, UNCERTIFIED, np.int8), np.full(q, np.nan), np.full((q, rows), -1, np.int32), np.zeros((q, rows)),
        np.zeros(q, np.int8), program.names,
    )  # fmt: skip
    if engine == "fast" and q:
        found = _solve_fast(program, Z, z, excluded, pool or Pool(Z.shape[1]))
    for k in np.flatnonzero(found.status == UNCERTIFIED):
        _store(found, int(k), *_solve_slowly(program, Z, z[k], int(excluded[k])))
    return found


def _solve_fast(program: Program, Z: np.ndarray, z: np.ndarray, excluded: np.ndarray, pool: Pool) -> Solutions:
    from shidian.efficiency.simplex import solve_batch  # compiled code: loaded only where it is used

    status, objective, basis, values = solve_batch(
        np.ascontiguousarray(Z), pool.blocks(Z, not program.has_returns_row), program.n_inputs,
        float(program.bounded), program.has_returns_row,
        np.ascontiguousarray(1.0 / z), excluded.astype(np.int64), program.E, program.cost, program.phase1,
        program.start, program.start_inverse, MAX_PIVOTS, pool.members, pool.count,
    )  # fmt: skip
    return Solutions(status, objective, basis, values, np.zeros(len(z), np.int8), program.names)


def _solve_slowly(program: Program, Z: np.ndarray, z: np.ndarray, excluded: int) -> tuple[Solution, str]:
    from shidian.efficiency import exact, highs

    solution = highs.solve_one(program, Z, z, excluded)
    if solution.status != UNCERTIFIED:
        return solution, "highs"
    return exact.solve_one(program, Z, z, excluded), "exact"


def _solve_pulp(model: Model, Z: np.ndarray, z: np.ndarray, excluded: np.ndarray) -> Solutions:
    """Solve the written definition by PuLP; what a certified solution does not confirm is left uncertified."""
    from shidian.efficiency import definition

    build = definition.sbm_model if model.stage == "sbm" else definition.super_sbm_model
    program = model.program
    slack = "q" if model.stage == "sbm" else "S"
    q, K = z.shape
    width = 1 + K + Z.shape[1]
    found = Solutions(
        np.full(q, UNCERTIFIED, np.int8), np.full(q, np.nan), np.full((q, width), -1, np.int32),
        np.zeros((q, width)), np.full(q, SOLVERS.index("pulp"), np.int8), program.names,
    )  # fmt: skip
    for k in range(q):
        kept = np.flatnonzero(np.arange(Z.shape[1]) != excluded[k])
        problem = build(Z[:, kept], z[k], model.counts, model.weights, model.returns, model.orientation)
        state, objective = definition.solve(problem)
        found.status[k] = {"Optimal": OPTIMAL, "Infeasible": INFEASIBLE}.get(state, UNCERTIFIED)
        found.objective[k] = objective
        if state != "Optimal":
            continue
        values = {v.name: v.value() for v in problem.variables()}
        named = [("t", program.names.index("t"))]
        named += [(f"s_{i}", program.names.index(f"{slack}{i}")) for i in range(K) if f"{slack}{i}" in program.names]
        named += [(f"lambda_{j}", len(program.names) + int(c)) for j, c in enumerate(kept)]
        found.basis[k, : len(named)] = [number for _, number in named]
        found.values[k, : len(named)] = [values.get(name) or 0.0 for name, _ in named]
    _withdraw_unconfirmed(found, solve_program(program, Z, z, excluded, "highs"))
    return found


def _withdraw_unconfirmed(found: Solutions, certified: Solutions) -> None:
    """Leave uncertified, without a score, what differs in status or by more than ``CONFIRMED`` from the certified.

    On widely dispersed data the solver behind PuLP reports optima that are none.
    """
    apart = np.abs(found.objective - certified.objective)
    confirmed = (found.status == certified.status) & ~(apart > CONFIRMED * np.maximum(1.0, np.abs(found.objective)))
    found.status[~confirmed] = UNCERTIFIED
    found.objective[~confirmed] = np.nan
    found.basis[~confirmed] = -1
    found.values[~confirmed] = 0.0


def _store(found: Solutions, k: int, solution: Solution, solver: str) -> None:
    found.status[k], found.objective[k] = solution.status, solution.objective
    found.solver[k] = SOLVERS.index(solver)
    found.basis[k] = -1
    found.values[k] = 0.0
    found.basis[k, : len(solution.basis)] = solution.basis
    found.values[k, : len(solution.values)] = solution.values
