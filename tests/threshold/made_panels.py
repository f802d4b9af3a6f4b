"""Panels with planted thresholds, and the sum of squares that one regression gives."""

import numpy as np
import pandas as pd
from shidian.threshold.candidates import ThresholdOptions
from shidian.threshold.panel_arrays import threshold_panel

QUIET = ThresholdOptions(replications=0)


def make_panel(seed=0, n=40, years=8, k=1, thresholds=(0.3,), jump=1.5, noise=0.5, extra=True):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"unit": np.repeat([f"u{i:03d}" for i in range(n)], years),
                          "year": np.tile(np.arange(2000, 2000 + years), n)})  # fmt: skip
    q = rng.normal(size=n * years).round(2)
    x = rng.normal(size=(n * years, k)) + np.repeat(rng.normal(size=n), years)[:, None]
    regime = np.searchsorted(np.asarray(thresholds), q, side="left")
    y = np.repeat(rng.normal(size=n), years) + (x * (0.5 + jump * regime)[:, None]).sum(axis=1)
    frame["q"], frame["w"] = q, rng.normal(size=n * years)
    frame["y"] = y + 0.3 * frame["w"] + noise * rng.normal(size=n * years)
    return frame.assign(**{f"x{j}": x[:, j] for j in range(k)})


def arrays(frame, k=1, **options):
    return threshold_panel(frame, "y", [f"x{j}" for j in range(k)], "q", ["w"], **options)


def brute_force(frame, k, gammas, strict=False, controls=("w",)):
    """Sum of squares by least squares on explicit unit dummies: one regression, no shortcut."""
    x, q = frame[[f"x{j}" for j in range(k)]].to_numpy(), frame["q"].to_numpy()
    below = [(q < g) if strict else (q <= g) for g in gammas]
    dummies = pd.get_dummies(frame["unit"], dtype=float)
    controls = frame[list(controls)]
    design = np.column_stack([x, *(x * b[:, None] for b in below), controls, dummies])
    y = frame["y"].to_numpy()
    return float(np.sum((y - design @ np.linalg.lstsq(design, y, rcond=None)[0]) ** 2))
