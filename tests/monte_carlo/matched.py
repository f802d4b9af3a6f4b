"""PSM-DID where trends differ by a trait that also decides who is treated."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from shidian.matching.neighbours import MatchRule
from shidian.matching.psm import Keep, match_panel, matched_weights
from shidian.matching.weighted_did import regress_matched

from tests.monte_carlo.gates import Estimate, Experiment, Finding
from tests.monte_carlo.panels import BY_UNIT, ar1, frame, two_way

UNITS, YEARS, START, RHO, EFFECT, DRIFT = 240, 6, 3, 0.3, 1.0, 0.15
RULES = {
    "trait of three values, all ties": (True, MatchRule(1, ties="all"), "analytic"),
    "continuous trait, 1:4": (False, MatchRule(4), "analytic"),
    "continuous trait, 1:1, repeated rows": (False, MatchRule(1), "frequency"),
}


def panel(seed: int, discrete: bool) -> tuple[pd.DataFrame, pd.Series]:
    """Return a panel and who is ever treated; the trait raises the chance of treatment and the later trend."""
    rng = np.random.default_rng(seed)
    trait = rng.integers(-1, 2, (UNITS, 1)).astype(float) if discrete else rng.normal(size=(UNITS, 1))
    ever = rng.random((UNITS, 1)) < 1 / (1 + np.exp(1.2 - 0.8 * trait))
    after = (np.arange(YEARS) >= START).astype(float)[None, :]
    d = ever * after
    y = EFFECT * d + DRIFT * trait * after + two_way(rng, UNITS, YEARS) + ar1(rng, UNITS, YEARS, RHO)
    data = frame(y=y, d=d, trait=trait)
    return data, data.groupby("unit")["d"].transform("max") > 0


def draw(seed: int) -> Iterator[Finding]:
    """Yield the DID on the matched units under each rule, matched in the last year before the policy."""
    for name, (discrete, rule, keep) in RULES.items():
        data, ever = panel(seed, discrete)
        match = match_panel(data, ever, ["trait"], rule, "base_year", START - 1)
        kept: Keep = keep
        weights = matched_weights(data, match, "base_year", kept)
        fit = regress_matched(data, weights, kept, "y", ["d"], ["unit", "year"], BY_UNIT, "reghdfe").fit
        yield Estimate(f"PSM-DID, {name}", EFFECT, fit.coef[0], fit.se[0], fit.df)


EXPERIMENTS = (
    Experiment(
        "PSM-DID",
        f"{UNITS} units, {YEARS} years, AR(1) errors with coefficient {RHO}; a trait raises the log odds of treatment "
        f"by 0.8 and the trend after the policy by {DRIFT}, so that the DID without matching is biased; matched on the "
        "score in the last year before the policy, with replacement; errors clustered by unit, which take the "
        "matching as given.",
        draw,
    ),
)
