"""Last resort: the simplex method in rational arithmetic, for the few programs that floating point cannot certify.

Every float is a fraction, so that the optimum found here is that of the data as given, without rounding. Bland's
(1977) rule ends cycling. Slow (up to seconds a program), and rarely needed: only widely dispersed data come here.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from shidian.efficiency.programs import Program
from shidian.efficiency.solution import INFEASIBLE, OPTIMAL, UNCERTIFIED, Solution

MAX_PIVOTS = 400
Vector = list[Fraction]


def solve_one(program: Program, Z: np.ndarray, z: np.ndarray, excluded: int) -> Solution:
    """Solve one DMU's program exactly; the arguments are those of ``highs.solve_one``."""
    P = program.E.shape[1]
    extra = [[Fraction(v) for v in column] for column in program.E.T.tolist()]
    known: dict[int, Vector] = dict(enumerate(extra))
    reference = _reference_columns(program, Z, z)
    start = program.start.tolist()
    inverse = [[Fraction(v) for v in row] for row in _exact_inverse([extra[j] for j in start])]
    state = _State(start, inverse, [row[0] for row in inverse])
    banned = {j for j in range(P) if program.phase1[j] > 0}
    phases = [program.cost] if not any(state.x[i] > 0 for i, j in enumerate(start) if j in banned) else None
    for cost in phases or [program.phase1, program.cost]:
        costs = {j: Fraction(float(c)) for j, c in enumerate(cost) if c != 0}
        if not _optimise(state, known, reference, costs, banned, P + excluded if excluded >= 0 else -1, P):
            return Solution(UNCERTIFIED)
        level = sum((costs.get(j, Fraction(0)) * v for j, v in zip(state.basis, state.x, strict=True)), Fraction(0))
        if cost is program.phase1 and level > 0:
            return Solution(INFEASIBLE)
    values = np.array([float(v) for v in state.x])
    return Solution(OPTIMAL, float(level), np.array(state.basis, dtype=np.int32), values)


class _State:
    """A basis with its exact inverse and values."""

    def __init__(self, basis: list[int], inverse: list[Vector], x: Vector) -> None:
        self.basis, self.inverse, self.x, self.pivots = basis, inverse, x, 0


def _optimise(
    state: _State, known: dict[int, Vector], reference: list[Vector], costs: dict[int, Fraction],
    banned: set[int], excluded: int, P: int,
) -> bool:  # fmt: skip
    """Pivot to the optimum: Bland's rule over the known columns, then one reference column at a time."""
    zero = Fraction(0)
    while state.pivots < MAX_PIVOTS:
        c = [costs.get(j, zero) for j in state.basis]
        y = [sum((ci * row[k] for ci, row in zip(c, state.inverse, strict=True) if ci), zero) for k in range(len(c))]
        entering = next(
            (j for j in sorted(known) if j not in banned and j not in state.basis and j != excluded
             and costs.get(j, zero) < _dot(y, known[j])), None)  # fmt: skip
        if entering is None:
            prices = [(-_dot(y, column), j) for j, column in enumerate(reference) if P + j != excluded]
            price, j = min(prices)
            if price >= 0:
                return True
            entering = P + j
            known[entering] = reference[j]
        if not _pivot(state, entering, known[entering], banned):
            return False
    return False


def _pivot(state: _State, entering: int, column: Vector, banned: set[int]) -> bool:
    alpha = [_dot(row, column) for row in state.inverse]
    ratios = [
        (state.x[i] / abs(a), state.basis[i], i) for i, a in enumerate(alpha)
        if a > 0 or (a < 0 and state.x[i] == 0 and state.basis[i] in banned)
    ]  # fmt: skip
    if not ratios:
        return False
    _, _, leaving = min(ratios)
    pivot_row = [v / alpha[leaving] for v in state.inverse[leaving]]
    step = state.x[leaving] / alpha[leaving]
    for i, a in enumerate(alpha):
        if i != leaving and a != 0:
            state.inverse[i] = [v - a * p for v, p in zip(state.inverse[i], pivot_row, strict=True)]
            state.x[i] -= a * step
    state.inverse[leaving], state.x[leaving], state.basis[leaving] = pivot_row, step, entering
    state.pivots += 1
    return True


def _reference_columns(program: Program, Z: np.ndarray, z: np.ndarray) -> list[Vector]:
    own = [Fraction(v) for v in z.tolist()]
    tail = [Fraction(1)] if program.has_returns_row else []
    return [
        [Fraction(0), *(Fraction(v) / o for v, o in zip(column, own, strict=True)), *tail] for column in Z.T.tolist()
    ]


def _exact_inverse(columns: list[Vector]) -> list[Vector]:
    """Invert the matrix with the given columns by Gauss-Jordan elimination."""
    size = len(columns)
    work = [[columns[j][i] for j in range(size)] + [Fraction(int(i == j)) for j in range(size)] for i in range(size)]
    for k in range(size):
        row = next(i for i in range(k, size) if work[i][k] != 0)
        work[k], work[row] = work[row], work[k]
        work[k] = [v / work[k][k] for v in work[k]]
        for i in range(size):
            if i != k and work[i][k] != 0:
                factor = work[i][k]
                work[i] = [v - factor * p for v, p in zip(work[i], work[k], strict=True)]
    return [row[size:] for row in work]


def _dot(first: Vector, second: Vector) -> Fraction:
    return sum((a * b for a, b in zip(first, second, strict=True) if a and b), Fraction(0))
