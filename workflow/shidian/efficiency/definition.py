"""SBM and Super-SBM as they stand in the papers, written for PuLP: the definition, and an oracle for the engines.

One model a DMU: read it beside Tone (2001, 2002, 2003). About five thousand times slower than the compiled engine.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pulp

from shidian.efficiency.programs import Counts, Orientation, Returns


def sbm_model(
    Z: np.ndarray,
    z: np.ndarray,
    counts: Counts,
    weights: np.ndarray,
    returns: Returns,
    orientation: Orientation,
) -> pulp.LpProblem:
    """Return the SBM model (Tone 2001, 2003) of the DMU with data z (K,) against reference data Z (K, n).

    rho = min [1 - sum_i w_i s_i/x_io] / [1 + sum_r w_r s_r/y_ro + sum_k w_k s_k/y_ko]
    s.t. x_o = X lambda + s,  y_o = Y lambda - s,  b_o = B lambda + s,  lambda, s >= 0,
    made linear by t = 1 / denominator (Charnes & Cooper 1962). A slack is measured in units of the DMU's own value.
    """
    K, n = Z.shape
    inputs, outputs = _counted(counts, orientation)
    model = pulp.LpProblem("sbm", pulp.LpMinimize)
    t = model.add_variable("t", lowBound=0)
    lam = [model.add_variable(f"lambda_{j}", lowBound=0) for j in range(n)]
    s = [model.add_variable(f"s_{i}", lowBound=0) for i in range(K)]
    model += t - pulp.lpSum(weights[i] * s[i] for i in inputs)
    model += t + pulp.lpSum(weights[i] * s[i] for i in outputs) == 1
    for i, sign in enumerate(counts.sign):
        model += pulp.lpSum(float(Z[i, j] / z[i]) * lam[j] for j in range(n)) + sign * s[i] == t
    add_returns(model, lam, t, returns)
    return model


def super_sbm_model(
    Z: np.ndarray,
    z: np.ndarray,
    counts: Counts,
    weights: np.ndarray,
    returns: Returns,
    orientation: Orientation,
) -> pulp.LpProblem:
    """Return the Super-SBM model (Tone 2002, with undesirable outputs); Z must not hold the evaluated DMU.

    rho* = min [1 + sum_i w_i s_i/x_io] / [1 - sum_r w_r s_r/y_ro - sum_k w_k s_k/y_ko]
    s.t. X lambda - s <= x_o,  Y lambda + s >= y_o,  B lambda - s <= b_o,  lambda, s >= 0, denominator > 0.
    """
    n = Z.shape[1]
    inputs, outputs = _counted(counts, orientation)
    model = pulp.LpProblem("super_sbm", pulp.LpMinimize)
    t = model.add_variable("t", lowBound=0)
    lam = [model.add_variable(f"lambda_{j}", lowBound=0) for j in range(n)]
    s: dict[int, Any] = {i: model.add_variable(f"s_{i}", lowBound=0) for i in (*inputs, *outputs)}
    model += t + pulp.lpSum(weights[i] * s[i] for i in inputs)
    model += t - pulp.lpSum(weights[i] * s[i] for i in outputs) == 1
    for i, sign in enumerate(counts.sign):
        total = pulp.lpSum(float(Z[i, j] / z[i]) * lam[j] for j in range(n))
        if sign > 0:
            model += total - s.get(i, 0) <= t
        else:
            model += total + s.get(i, 0) >= t
    add_returns(model, lam, t, returns)
    return model


def solve(model: pulp.LpProblem, solver: pulp.LpSolver | None = None) -> tuple[str, float]:
    """Solve a model; return its status ("Optimal", "Infeasible", ...) and objective (nan unless optimal).

    The default solver is HiGHS at tolerances of 1e-10; CBC's scores are good to about 4e-8 only.
    """
    tight = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}
    try:
        status = pulp.LpStatus[model.solve(solver or pulp.HiGHS(msg=False, threads=1, **tight))]
    except IndexError:  # PuLP reads values that HiGHS, when it fails, does not give
        status = pulp.LpStatus[pulp.LpStatusNotSolved]
    return status, float(pulp.value(model.objective)) if status == "Optimal" else float("nan")


def _counted(counts: Counts, orientation: Orientation) -> tuple[range, range]:
    """Return the variables whose slacks the score counts: inputs, and outputs of both kinds."""
    inputs = range(counts.inputs) if orientation != "output" else range(0)
    outputs = range(counts.inputs, sum(counts)) if orientation != "input" else range(0)
    return inputs, outputs


def add_returns(model: pulp.LpProblem, lam: list[pulp.LpVariable], t: pulp.LpVariable | int, returns: Returns) -> None:
    """Add the row that restricts the sum of intensities, of which ``t`` is the one of the DMU itself."""
    total = pulp.lpSum(lam)
    if returns == "vrs":
        model += total == t
    elif returns == "nirs":
        model += total <= t
    elif returns == "ndrs":
        model += total >= t
