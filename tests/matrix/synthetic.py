"""Synthetic DID written out: weights by sequential quadratic programming, the double difference by hand."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize

from tests.matrix.cells import Asked, Numbers

NAMES = {"sdid": "Synthetic DID", "did": "DID"}


def synthetic_did(asked: Asked) -> Numbers:
    """Effects of cohorts and their mean, of units observed in every year."""
    wide = asked.rows.pivot(index="unit", columns="year", values="y").dropna()
    first = asked.rows.groupby("unit")["adopted"].first().reindex(wide.index).astype(float)
    y, years, controls = wide.to_numpy(), wide.columns.to_numpy(), wide[first.isna()].to_numpy()
    expected: Numbers = {}
    for key, name in NAMES.items():
        effects, sizes = [], []
        for g in sorted(first.dropna().unique()):
            place, mine = int((years < g).sum()), y[(first == g).to_numpy()]
            effects.append(_effect(controls, mine, place, key))
            sizes.append(mine[:, place:].size)
            expected[name, f"cohort {int(g)}"] = {"estimate": effects[-1]}
        expected[name, "ATT"] = {"estimate": float(np.average(effects, weights=sizes)), "n_obs": y.size}
    return expected


def _effect(controls: np.ndarray, treated: np.ndarray, place: int, key: str) -> float:
    before, after, mean = controls[:, :place], controls[:, place:].mean(axis=1), treated.mean(axis=0)
    noise = np.diff(before, axis=1).std(ddof=1)
    omega, lam = np.full(len(controls), 1 / len(controls)), np.full(place, 1 / place)
    if key == "sdid":
        ridge = place * np.sqrt(treated[:, place:].size) * noise**2
        omega = simplex(before.T - before.mean(axis=1), mean[:place] - mean[:place].mean(), ridge)
        lam = simplex(before - before.mean(axis=0), after - after.mean(), len(controls) * (1e-4 * noise) ** 2)
    gap = mean - omega @ controls
    return float(gap[place:].mean() - lam @ gap[:place])


def simplex(A: np.ndarray, b: np.ndarray, ridge: float) -> np.ndarray:
    """Return weights of sum one, none negative, that minimise the penalised squares."""
    k = A.shape[1]
    scale = float(b @ b) + 1
    found = minimize(
        lambda x: (np.square(A @ x - b).sum() + ridge * x @ x) / scale, np.full(k, 1 / k), method="SLSQP",
        jac=lambda x: 2 * (A.T @ (A @ x - b) + ridge * x) / scale, bounds=[(0, 1)] * k,
        constraints={"type": "eq", "fun": lambda x: x.sum() - 1, "jac": np.ones_like},
        options={"ftol": 1e-18, "maxiter": 2000},
    )  # fmt: skip
    return np.asarray(found.x)
