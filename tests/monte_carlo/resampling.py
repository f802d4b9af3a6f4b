"""Few clusters and many outcomes: the wild cluster bootstrap and Romano-Wolf."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from shidian.did.cluster_sums import ClusterSums, cluster_sums
from shidian.did.twfe import regress
from shidian.did.wild_bootstrap import Signs, interval, p_value, romano_wolf, wild_draws

from tests.did.simulate import staggered_panel
from tests.monte_carlo.gates import LEVEL, Experiment, Finding, Interval, Test
from tests.monte_carlo.panels import BY_UNIT, ar1

FEW, YEARS, RHO, DRAWS = 12, 10, 0.5, 399
MANY, OUTCOMES = 40, 4
EFFECTS = ["unit", "year"]


def draw_wild(seed: int) -> Iterator[Finding]:
    """Yield the bootstrap test of a true null with twelve clusters, and the interval around an effect of one."""
    for effect in (0.0, 1.0):
        panel = staggered_panel(seed, lambda tau, b=effect: b + 0 * tau, 1.0, FEW, YEARS, RHO)
        sums = cluster_sums(regress(panel, "y", ["d"], EFFECTS, BY_UNIT), "d", EFFECTS, "unit")
        drawn = wild_draws(sums, Signs(len(sums.labels), DRAWS, seed))
        if effect == 0.0:
            yield Test(f"wild cluster bootstrap, {FEW} clusters", p_value(drawn) <= LEVEL)
        else:
            low, high = interval(drawn)
            yield Interval(f"wild cluster bootstrap interval, {FEW} clusters", low <= 1 <= high)


def draw_romano_wolf(seed: int) -> Iterator[Finding]:
    """Yield whether any true null is rejected: all nulls true, then with one outcome that the policy does move."""
    rng = np.random.default_rng(seed)
    panel = staggered_panel(seed, lambda tau: 0 * tau, 0.0, MANY, YEARS)
    common = ar1(rng, MANY, YEARS, RHO)
    sums: list[ClusterSums] = []
    for j in range(OUTCOMES):
        panel[f"y{j}"] = panel["y"] + (0.7 * common + 0.7 * ar1(rng, MANY, YEARS, RHO)).ravel()
        sums.append(cluster_sums(regress(panel, f"y{j}", ["d"], EFFECTS, BY_UNIT), "d", EFFECTS, "unit"))
    yield Test("Romano–Wolf, any rejection", bool((romano_wolf(sums, DRAWS, seed) <= LEVEL).any()))
    moved = regress(panel.assign(y0=panel["y0"] + 2 * panel["d"]), "y0", ["d"], EFFECTS, BY_UNIT)
    sums[0] = cluster_sums(moved, "d", EFFECTS, "unit")
    adjusted = romano_wolf(sums, DRAWS, seed)
    yield Test("Romano–Wolf beside a true effect, any false rejection", bool((adjusted[1:] <= LEVEL).any()))


EXPERIMENTS = (
    Experiment(
        "Wild cluster bootstrap",
        f"{FEW} units in four cohorts, {YEARS} years, AR(1) errors with coefficient {RHO}; {DRAWS} draws, the null "
        "imposed; an effect of 0 for the test and of 1 for the interval.",
        draw_wild,
    ),
    Experiment(
        "Romano–Wolf",
        f"{OUTCOMES} outcomes with correlated errors on {MANY} units, {DRAWS} draws; the rate is that of rejecting any "
        "true null (familywise error).",
        draw_romano_wolf,
    ),
)
