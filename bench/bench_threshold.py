"""Speed of the panel threshold regression against a loop of least squares at every candidate.

Single, double and triple thresholds with 3 x 300 bootstrap replications on 280 units and 13 years. The loop is timed
on a subset of candidates and scaled to all that the same job would run: every candidate of every search, refinements
and bootstrap replications included. CPU time, one thread, medians of five paired runs.

The goal of 20,000 was set when the loop took 0.66 ms a fit (29 minutes); it takes 0.20 to 0.24 ms on a quiet machine
now, and ours 0.05 s where the prototype took 0.067. What is left of 2.6 million fits in 50 ms: bootstrap replications
57 % (running sums 13, gathering drawn histories and sorted rows 16, gains 28), their random streams, one a replication
so that a draw does not depend on their number, 20 %, the searches' shared factors 13 %, all else 10 %: no part whose
end would double the speed. Copies without numpy's check of places gave 2 to 5 %, the same bytes. A compiled loop would
run several replications abreast, but a job that starts cold pays 0.35 s for importing numba to save half of 0.05 s.

Run as ``python -m bench.bench_threshold``.
"""

from __future__ import annotations

from statistics import median
from time import process_time

import numpy as np
import pandas as pd
from shidian.threshold.hansen import ThresholdOptions, fit_thresholds
from shidian.threshold.panel_arrays import ThresholdPanel, threshold_panel

from bench.goals import ratio, verdict

UNITS, YEARS, REPLICATIONS, RUNS, SUBSET = 280, 13, 300, 5, 40
GOAL = 20_000


def simulated_panel() -> pd.DataFrame:
    """Return a panel with one threshold and three controls."""
    rng = np.random.default_rng(1)
    n = UNITS * YEARS
    frame = pd.DataFrame({"unit": np.repeat(np.arange(UNITS), YEARS).astype(str), "year": np.tile(range(YEARS), UNITS)})
    frame["q"], frame["x"], frame["a"], frame["b"], frame["c"] = rng.normal(size=(5, n))
    frame["y"] = frame["x"] * (0.5 + (frame["q"] > 0.3)) + frame["a"] + rng.normal(size=n)
    return frame


def fast(panel: ThresholdPanel) -> tuple[float, int]:
    """Return CPU seconds of the whole job and the candidates that a loop would have to fit."""
    options = ThresholdOptions(trim=0.05, replications=REPLICATIONS)
    start = process_time()
    model = fit_thresholds(panel, 3, options, seed=1)
    seconds = process_time() - start
    fits = sum((1 + REPLICATIONS) * len(s.curve.candidates) + sum(len(c.candidates) for c in s.curves[:-1])
               for s in model.steps)  # fmt: skip
    return seconds, fits


def loop(panel: ThresholdPanel) -> float:
    """Return CPU seconds of one least-squares fit at one candidate, the mean over a subset."""
    n, periods = panel.y.shape
    candidates = np.quantile(panel.q, np.linspace(0.05, 0.95, SUBSET))
    y = (panel.y - panel.y.mean(axis=1, keepdims=True)).ravel()
    start = process_time()
    for gamma in candidates:
        below = panel.x * (panel.q <= gamma)[..., None]
        design = np.concatenate([below, panel.x - below, panel.z], axis=2)
        design = (design - design.mean(axis=1, keepdims=True)).reshape(n * periods, -1)
        np.linalg.lstsq(design, y, rcond=None)
    return (process_time() - start) / SUBSET


def main() -> None:
    """Print the seconds of both and their ratio."""
    panel = threshold_panel(simulated_panel(), "y", ["x"], "q", ["a", "b", "c"])
    fast(panel)  # first call pays for imports
    ours, peer = [], []
    for _ in range(RUNS):
        seconds, fits = fast(panel)
        naive = loop(panel) * fits
        ours.append(seconds)
        peer.append(naive)
    print(f"threshold, {UNITS} x {YEARS}, 3 x {REPLICATIONS} replications, one thread, median of {RUNS}")
    print(
        f"  ours {median(ours):.3f} s   loop of least squares {median(peer):.0f} s (scaled)   "
        f"{verdict(ratio(peer, ours), GOAL)}"
    )


if __name__ == "__main__":
    main()
