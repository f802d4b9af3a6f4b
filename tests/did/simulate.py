"""Simulated staggered panels with a planted effect."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from tests.monte_carlo.panels import ar1


def staggered_panel(
    seed: int,
    effect: Callable[[np.ndarray], np.ndarray],
    noise: float = 1.0,
    n: int = 60,
    T: int = 10,
    rho: float = 0.0,
) -> pd.DataFrame:
    """Return units in four groups (adoption at 4, 6, 7, never) with unit and year effects and AR(1) noise.

    ``effect`` maps time since adoption to the effect; parallel trends hold.
    """
    rng = np.random.default_rng(seed)
    starts = np.array([4.0, 6.0, 7.0, np.inf])[np.arange(n) % 4]
    years = np.arange(T)
    tau = years[None, :] - starts[:, None]
    errors = ar1(rng, n, T, rho)
    treated = tau >= 0
    gain = np.where(treated, effect(np.where(treated, tau, 0.0)), 0.0)
    y = rng.normal(size=(n, 1)) + rng.normal(size=(1, T)) + gain + noise * errors
    adoption = pd.array([pd.NA if np.isinf(s) else int(s) for s in starts for _ in years], dtype="Int64")
    return pd.DataFrame({
        "unit": np.repeat([f"u{i:03d}" for i in range(n)], T), "year": np.tile(years, n), "adoption_year": adoption,
        "d": treated.astype(float).ravel(), "y": y.ravel(),
    })  # fmt: skip


def exact_panel(
    starts: Sequence[int | None],
    years: Sequence[int],
    effect: Callable[[int], float] = lambda tau: 1.0,
    missing: Sequence[tuple[int, int]] = (),
    anticipation: int = 0,
) -> pd.DataFrame:
    """Return a panel without noise: unit i adopts in ``starts[i]`` (None: never), its effect is ``effect(tau)``.

    Args:
        starts: adoption year of each unit.
        years: years observed; two-yearly ones, or without a lost one.
        effect: effect by time since adoption, from ``-anticipation`` on; nothing before.
        missing: (unit, year) whose outcome is missing.
        anticipation: years before adoption in which there is an effect already.
    """
    rng = np.random.default_rng(len(starts) + len(years))
    level, trend = rng.normal(size=len(starts)), dict(zip(years, rng.normal(size=len(years)), strict=True))
    lost, rows = set(missing), []
    for unit, start in enumerate(starts):
        for year in years:
            gain = 0.0 if start is None or year < start - anticipation else effect(year - start)
            y = np.nan if (unit, year) in lost else level[unit] + trend[year] + gain
            rows.append((f"u{unit:02d}", year, start, float(start is not None and year >= start), y))
    frame = pd.DataFrame(rows, columns=["unit", "year", "adoption_year", "d", "y"])
    return frame.assign(adoption_year=frame["adoption_year"].astype("Int64"))
