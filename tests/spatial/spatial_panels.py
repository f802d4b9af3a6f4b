"""Spatial panels with known truth, for the tests of this folder."""

import numpy as np
import pandas as pd
from shidian.spatial.distance import k_nearest
from shidian.spatial.weights import Weights, from_matrix, normalise


def planar_weights(n: int, k: int = 6, seed: int = 5) -> Weights:
    """Row-normalised k nearest neighbours of random places in China's range of coordinates."""
    rng = np.random.default_rng(seed)
    codes = [f"{i:04d}" for i in range(n)]
    return normalise(k_nearest(codes, rng.uniform(100, 120, n), rng.uniform(22, 42, n), k), "row")


def hub_weights(n: int) -> Weights:
    """Row-normalised: a ring, and one hub that is everybody's neighbour, so that column sums are far from one."""
    W = np.roll(np.eye(n), 1, axis=1) + np.roll(np.eye(n), -1, axis=1)
    W[1:, 0] += 2
    W[0, 1:] = 1
    return normalise(from_matrix([f"{i:04d}" for i in range(n)], W), "row")


def draw_panel(
    weights: Weights,
    T: int,
    rng: np.random.Generator,
    rho: float = 0.0,
    lam: float = 0.0,
    beta: tuple[float, ...] = (1.0, -0.5),
    theta: tuple[float, ...] = (0.0, 0.0),
    sigma: float = 1.0,
    skewed: bool = False,
    serial: float = 0.0,
) -> pd.DataFrame:
    """A panel with unit and year effects: y = ρWy + Xβ + WXθ + μ + λ_t + u, u = λWu + ε; columns x1, x2, y.

    Errors are normal, or ``skewed``, and follow an AR(1) with ``serial``. The first regressor is a staggered
    0/1 treatment.
    """
    n = weights.n
    W = weights.matrix
    adoption = np.where(rng.random(n) < 0.4, rng.integers(T // 4, max(3 * T // 4, T // 4 + 1), n), T + 1)
    X = [(np.arange(T)[:, None] >= adoption[None, :]).astype(float)]
    X += [rng.standard_normal((T, n)) + rng.standard_normal(n) for _ in beta[1:]]
    shocks = rng.exponential(size=(T, n)) - 1 if skewed else rng.standard_normal((T, n))
    for t in range(1, T):
        shocks[t] = serial * shocks[t - 1] + np.sqrt(1 - serial**2) * shocks[t]
    u = np.linalg.solve(np.eye(n) - lam * W, sigma * shocks.T).T
    mean = sum(b * x + t * (x @ W.T) for b, t, x in zip(beta, theta, X, strict=True))
    mean = mean + rng.standard_normal(n) + np.linspace(0, 2, T)[:, None] + rng.standard_normal((T, 1))
    y = np.linalg.solve(np.eye(n) - rho * W, (mean + u).T).T
    frame = pd.DataFrame({
        "unit": np.tile(weights.codes, T), "year": np.repeat(np.arange(2000, 2000 + T), n), "y": y.ravel(),
    })  # fmt: skip
    for i, x in enumerate(X, start=1):
        frame[f"x{i}"] = x.ravel()
    return frame
