"""The programs solved by HiGHS, one DMU at a time: slower, and independent of the compiled simplex.

Rows are divided by the evaluated DMU's values and columns by their largest input: in raw units from 1e-3 to 1e8
HiGHS returns scores that are wrong in the second digit without saying so.
"""

from __future__ import annotations

import highspy
import numpy as np

from shidian.efficiency.programs import Program
from shidian.efficiency.solution import (
    INFEASIBLE,
    OPTIMAL,
    TOLERANCE,
    UNCERTIFIED,
    Solution,
    is_certified,
    structural_columns,
)


def solve_one(program: Program, Z: np.ndarray, z: np.ndarray, excluded: int) -> Solution:
    """Solve one DMU's program.

    Args:
        program: the program.
        Z: (K, n) reference data.
        z: (K,) the evaluated DMU's data.
        excluded: reference column that the DMU may not use, or -1.

    Returns:
        The solution with its certificate, checked here; ``UNCERTIFIED`` where the check fails.
    """
    columns, scale = structural_columns(program, Z, z)
    usable = program.phase1 == 0
    model = highspy.Highs()
    model.setOptionValue("output_flag", False)
    model.setOptionValue("threads", 1)
    model.setOptionValue("presolve", "off")
    for tolerance in ("primal_feasibility_tolerance", "dual_feasibility_tolerance"):
        model.setOptionValue(tolerance, 1e-10)
    upper = np.where(np.arange(columns.shape[1]) == excluded, 0.0, highspy.kHighsInf)
    upper = np.concatenate([np.where(usable, highspy.kHighsInf, 0.0), upper])
    matrix = np.hstack([program.E, columns])
    cost = np.concatenate([program.cost, np.zeros(columns.shape[1])])
    model.passModel(_model(matrix, cost, upper))
    model.run()
    state = model.getModelStatus()
    if state == highspy.HighsModelStatus.kInfeasible:
        return Solution(INFEASIBLE if _is_farkas(model, matrix[:, upper > 0]) else UNCERTIFIED)
    if state != highspy.HighsModelStatus.kOptimal:
        return Solution(UNCERTIFIED)
    found = model.getSolution()
    x, y = np.array(found.col_value), np.array(found.row_dual)
    if not is_certified(matrix, cost, upper > 0, x, y):
        return Solution(UNCERTIFIED)
    basis = np.flatnonzero(x)
    factors = np.concatenate([np.ones(len(usable)), scale])
    return Solution(OPTIMAL, float(cost @ x), basis.astype(np.int32), x[basis] / factors[basis])


def _is_farkas(model: highspy.Highs, matrix: np.ndarray) -> bool:
    """Check HiGHS's proof of infeasibility: a ray y with y b > 0 though y A <= 0."""
    _, has_ray, ray = model.getDualRay()  # type: ignore[attr-defined]
    if not has_ray or ray is None:
        return False
    return any(y[0] > 0 and (y @ matrix).max() <= TOLERANCE * y[0] for y in (np.array(ray), -np.array(ray)))


def _model(matrix: np.ndarray, cost: np.ndarray, upper: np.ndarray) -> highspy.HighsLp:
    rows, width = matrix.shape
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = width, rows
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = cost, np.zeros(width), upper
    lp.row_lower_ = lp.row_upper_ = np.eye(1, rows).ravel()
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    column, row = np.nonzero(matrix.T)
    lp.a_matrix_.start_ = np.concatenate([[0], np.cumsum(np.bincount(column, minlength=width))]).astype(np.int32)
    lp.a_matrix_.index_ = row.astype(np.int32)
    lp.a_matrix_.value_ = matrix.T[column, row]
    return lp
