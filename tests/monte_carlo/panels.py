"""Small balanced panels for the Monte Carlo checks."""

from __future__ import annotations

import numpy as np
import pandas as pd

BY_UNIT = {"kind": "cluster", "by": "unit"}


def ar1(rng: np.random.Generator, n: int, T: int, rho: float) -> np.ndarray:
    """Return (n, T) stationary AR(1) errors with innovations of variance one."""
    shocks = rng.normal(size=(n, T))
    errors = np.empty((n, T))
    errors[:, 0] = shocks[:, 0] / np.sqrt(1 - rho**2)
    for t in range(1, T):
        errors[:, t] = rho * errors[:, t - 1] + shocks[:, t]
    return errors


def two_way(rng: np.random.Generator, n: int, T: int) -> np.ndarray:
    """Return (n, T) sums of a unit and a year effect."""
    return rng.normal(size=(n, 1)) + rng.normal(size=(1, T))


def frame(**columns: np.ndarray) -> pd.DataFrame:
    """Return a long panel of (n, T) arrays; (n, 1) and (1, T) arrays are repeated."""
    n, T = np.broadcast_shapes(*(c.shape for c in columns.values()))
    return pd.DataFrame({
        "unit": np.repeat([f"u{i:03d}" for i in range(n)], T), "year": np.tile(np.arange(T), n),
        **{name: np.broadcast_to(column, (n, T)).ravel().astype(float) for name, column in columns.items()},
    })  # fmt: skip
