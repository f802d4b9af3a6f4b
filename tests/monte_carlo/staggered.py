"""Staggered adoption: the DID estimators, the event study and its pre-trend test, effects by group."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

import numpy as np
import pandas as pd
from shidian.did.event_study import Window, fit_event_study
from shidian.did.heterogeneity import by_group, equality_test, interaction
from shidian.did.staggered import ESTIMATORS, design, estimate
from shidian.did.twfe import regress

from tests.did.simulate import staggered_panel
from tests.monte_carlo.gates import LEVEL, Estimate, Experiment, Finding, Test
from tests.monte_carlo.panels import BY_UNIT

UNITS, YEARS, RHO = 120, 10, 0.5
WINDOW = (-3, 2)
EFFECTS = ["unit", "year"]


def growing(tau: np.ndarray) -> np.ndarray:
    """Return the planted effect: 1 on adoption, 0.25 more each year."""
    return 1 + 0.25 * tau


def constant(tau: np.ndarray) -> np.ndarray:
    """Return the planted effect of the design that TWFE is made for."""
    return np.ones_like(tau)


def settling(tau: np.ndarray) -> np.ndarray:
    """Return the planted effect of the event study: it grows for two years, so that later ones may be binned."""
    return 1 + 0.25 * np.minimum(tau, 2)


def panel(seed: int, effect: Callable[[np.ndarray], np.ndarray], noise: float = 1.0) -> pd.DataFrame:
    """Return one draw of the design."""
    return staggered_panel(seed, effect, noise, UNITS, YEARS, RHO)


def estimates(seed: int, noise: float = 1.0) -> Iterator[tuple[str, float, float, float]]:
    """Yield (cell, estimate, standard error, df) of every estimator on one draw."""
    panels = {effect: panel(seed, effect, noise) for effect in (growing, constant)}
    for name in ESTIMATORS:
        effects = estimate(name, design(panels[constant if name == "twfe" else growing], "y", [], WINDOW))
        yield f"{name}: overall", effects.att, effects.att_se, effects.df
        one = effects.event.set_index("tau").loc[1]
        yield f"{name}: τ = 1", float(one["estimate"]), float(one["se"]), effects.df
    later = design(panels[growing], "y", [], WINDOW, control_group="not_yet_treated")
    effects = estimate("callaway_santanna", later)
    yield "callaway_santanna, not yet treated: overall", effects.att, effects.att_se, effects.df


@cache
def pseudo_true() -> dict[str, float]:
    """Return each estimator's value on the same design without noise."""
    return {cell: value for cell, value, _, _ in estimates(0, noise=0.0)}


def draw_estimators(seed: int) -> Iterator[Finding]:
    """Yield the estimators' findings."""
    for cell, value, se, df in estimates(seed):
        yield Estimate(cell, pseudo_true()[cell], value, se, df)


def draw_event_study(seed: int) -> Iterator[Finding]:
    """Yield the event study's coefficients and the joint test of the years before adoption."""
    study = fit_event_study(panel(seed, settling), "y", [], EFFECTS, Window(-3, 2), BY_UNIT)
    for row in study.effects[~study.effects["is_reference"]].to_dict("records"):
        truth = float(settling(np.array(row["tau"]))) if row["tau"] >= 0 else 0.0
        label = {-3: "≤ -3", 2: "≥ 2"}.get(row["tau"], f"= {row['tau']}")
        yield Estimate(f"event study: τ {label}", truth, row["estimate"], row["se"], study.regression.fit.df)
    assert study.pretrend is not None
    yield Test("joint pre-trend test", study.pretrend.p < LEVEL)


def draw_groups(seed: int) -> Iterator[Finding]:
    """Yield effects by group and the test that they are equal, which they are."""
    data = panel(seed, constant)
    # units are dealt to the cohorts in turn: the half below the middle holds all cohorts
    groups = pd.Series(np.where(data["unit"] < f"u{UNITS // 2:03d}", "first half", "second half"), index=data.index)
    apart = by_group(data, groups, "y", "d", [], EFFECTS, BY_UNIT, "reghdfe")
    fit = apart.regression.fit
    for name in ("first half", "second half"):
        j = fit.terms.index(interaction("d", name))
        yield Estimate(f"effect by group: {name}", 1.0, fit.coef[j], fit.se[j], fit.df)
    yield Test("equal effects, groups apart", apart.equality().p < LEVEL)
    terms = {interaction("d", g): data["d"] * (groups == g) for g in ("first half", "second half")}
    together = regress(data.assign(**terms), "y", list(terms), EFFECTS, BY_UNIT).fit
    yield Test("equal effects, interaction", equality_test(together, list(terms)).p < LEVEL)


EXPERIMENTS = (
    Experiment(
        "Difference-in-differences estimators",
        f"{UNITS} units, {YEARS} years, adoption in three years, a quarter never treated, AR(1) errors with "
        f"coefficient {RHO}; the effect grows by 0.25 a year from 1 (constant for TWFE, which is made for that). "
        "Graded against the pseudo-true value: the same estimator on the same design without noise.",
        draw_estimators,
    ),
    Experiment(
        "Event study",
        "The same panels; the effect grows from 1 by 0.25 a year and settles after two, so that the end of the window "
        "may be binned.",
        draw_event_study,
    ),
    Experiment(
        "Effects by group", "The same panels with an effect of 1 everywhere; two halves of the units.", draw_groups
    ),
)
