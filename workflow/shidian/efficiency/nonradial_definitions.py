"""Directional distances and the epsilon-based measure as they stand in the papers, for PuLP: definition and oracle."""

from __future__ import annotations

import numpy as np
import pulp

from shidian.efficiency.definition import add_returns
from shidian.efficiency.programs import Counts, Returns


def directional_model(
    Z: np.ndarray, z: np.ndarray, counts: Counts, direction: np.ndarray, returns: Returns, weak: bool
) -> pulp.LpProblem:
    """Return the directional distance (Chung, Faere & Grosskopf 1997) of the DMU z (K,) from the data Z (K, n).

    max beta s.t. X lambda <= (1 - g_x beta) x_o, Y lambda >= (1 + g_y beta) y_o, B lambda = (1 - g_b beta) b_o
    (<= where undesirable outputs are strongly disposable), beta free.
    """
    model = pulp.LpProblem("directional", pulp.LpMaximize)
    beta = model.add_variable("beta")
    model += beta
    _add_technology(model, Z, z, counts, [g * beta for g in direction], returns, weak)
    return model


def nonradial_model(
    Z: np.ndarray, z: np.ndarray, counts: Counts, weights: np.ndarray, returns: Returns, weak: bool
) -> pulp.LpProblem:
    """Return the non-radial directional distance (Zhou, Ang & Wang 2012): as above, with a step of each variable.

    max sum_i w_i beta_i, beta >= 0; a variable of weight zero is not moved.
    """
    model = pulp.LpProblem("nonradial", pulp.LpMaximize)
    beta = [model.add_variable(f"beta_{i}", lowBound=0, upBound=None if w > 0 else 0) for i, w in enumerate(weights)]
    model += pulp.lpSum(float(w) * b for w, b in zip(weights, beta, strict=True))
    _add_technology(model, Z, z, counts, beta, returns, weak)
    return model


def epsilon_based_model(
    Z: np.ndarray, z: np.ndarray, counts: Counts, weights: np.ndarray, epsilon: float, returns: Returns
) -> pulp.LpProblem:
    """Return the input-oriented epsilon-based measure (Tone & Tsutsui 2010, equations 6 to 8).

    min theta - epsilon sum_i w_i s_i/x_io s.t. theta x_o = X lambda + s, Y lambda >= y_o, lambda, s >= 0, theta free.
    """
    model = pulp.LpProblem("epsilon_based", pulp.LpMinimize)
    theta = model.add_variable("theta")
    lam = [model.add_variable(f"lambda_{j}", lowBound=0) for j in range(Z.shape[1])]
    s = [model.add_variable(f"s_{i}", lowBound=0) for i in range(counts.inputs)]
    model += theta - epsilon * pulp.lpSum(float(w) * one for w, one in zip(weights, s, strict=True))
    for i in range(len(z)):
        total = _total(Z, z, i, lam)
        model += total + s[i] == theta if i < counts.inputs else total >= 1
    add_returns(model, lam, 1, returns)
    return model


def _add_technology(
    model: pulp.LpProblem, Z: np.ndarray, z: np.ndarray, counts: Counts, steps: list[object], returns: Returns,
    weak: bool,
) -> None:  # fmt: skip
    """Add the rows of the technology for the DMU moved by ``steps``, in shares of its own values."""
    lam = [model.add_variable(f"lambda_{j}", lowBound=0) for j in range(Z.shape[1])]
    for i, sign in enumerate(counts.sign):
        total, moved = _total(Z, z, i, lam), 1 - float(sign) * steps[i]  # type: ignore[operator]
        if weak and i >= counts.inputs + counts.desirable:
            model += total == moved
        else:
            model += total <= moved if sign > 0 else total >= moved
    add_returns(model, lam, 1, returns)


def _total(Z: np.ndarray, z: np.ndarray, i: int, lam: list[pulp.LpVariable]) -> pulp.LpAffineExpression:
    return pulp.lpSum(float(Z[i, j] / z[i]) * lam[j] for j in range(len(lam)))
