"""Instrumental variables with fixed effects: 2SLS, the Anderson-Rubin set, and the tests that stand beside them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from shidian.iv.estimate import IVResult, estimate_iv

from tests.monte_carlo.gates import LEVEL, Estimate, Experiment, Finding, Interval, Test
from tests.monte_carlo.panels import BY_UNIT, ar1, frame, two_way

UNITS, YEARS, RHO, BETA, GAMMA = 100, 6, 0.5, 1.0, 0.5
STRONG, WEAK = 0.5, 0.05


def panel(seed: int, strength: float, endogeneity: float = 0.8) -> pd.DataFrame:
    """Return a panel in which x and y share an error, and z1 and z2 move x alone."""
    rng = np.random.default_rng(seed)
    shape = (UNITS, YEARS)
    z1, z2, c = (ar1(rng, *shape, RHO) for _ in range(3))
    v = ar1(rng, *shape, RHO)
    u = endogeneity * v + 0.6 * ar1(rng, *shape, RHO)
    x = strength * (z1 + z2) + 0.3 * c + v + two_way(rng, *shape)
    return frame(y=BETA * x + GAMMA * c + u + two_way(rng, *shape), x=x, c=c, z1=z1, z2=z2)


def fit(data: pd.DataFrame, instruments: list[str]) -> IVResult:
    """Estimate with two-way effects and errors clustered by unit."""
    return estimate_iv(data, "y", ["x"], instruments, ["c"], ["unit", "year"], vcov=BY_UNIT)


def covers(result: IVResult) -> bool:
    """Say whether the Anderson-Rubin set holds the planted coefficient."""
    assert result.ar.intervals is not None
    return any(low <= BETA <= high for low, high in result.ar.intervals)


def draw(seed: int) -> Iterator[Finding]:
    """Yield strong, weak and absent instruments, and regressors that are exogenous after all."""
    strong = fit(panel(seed, STRONG), ["z1", "z2"])
    second = strong.second
    for j, (name, truth) in enumerate((("x", BETA), ("c", GAMMA))):
        yield Estimate(f"2SLS: {name}", truth, second.coef[j], second.se[j], second.df)
    first = strong.first["x"]
    yield Estimate("first stage: z1", STRONG, first.coef[0], first.se[0], first.df)
    yield Interval("Anderson–Rubin set, two instruments", covers(strong))
    yield Test("Hansen J", strong.hansen.p < LEVEL)
    yield Interval("Anderson–Rubin set, one instrument", covers(fit(panel(seed, STRONG), ["z1"])))
    yield Interval("Anderson–Rubin set, weak instruments", covers(fit(panel(seed, WEAK), ["z1", "z2"])))
    yield Test("Kleibergen–Paap rk LM, no first stage", fit(panel(seed, 0.0), ["z1", "z2"]).rank.kp_lm.p < LEVEL)
    exogenous = fit(panel(seed, STRONG, endogeneity=0.0), ["z1", "z2"])
    yield Test("Wu–Hausman, exogenous regressor", exogenous.wu_hausman.p < LEVEL)


EXPERIMENTS = (
    Experiment(
        "Instrumental variables",
        f"{UNITS} units, {YEARS} years, two-way effects, a control, AR(1) errors with coefficient {RHO} that the "
        f"regressor shares; two instruments with first-stage coefficients of {STRONG} (weak: {WEAK}, where 2SLS "
        "itself is not gated); errors clustered by unit.",
        draw,
    ),
)
