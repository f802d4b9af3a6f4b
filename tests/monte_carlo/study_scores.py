"""Estimated efficiency in simulated worlds: what Super-SBM scores look like, how far they lie from the true ones, and
what that does.

Reported, not gated: scores carry the sampling error of the frontier. Inputs are computed as in the study file, from the
world's raw items: no workbook. Moments stand beside those of the scores of real cities.
"""

from __future__ import annotations

import contextlib

import numpy as np
import pandas as pd
from scipy.stats import skew
from shidian.did.twfe import regress
from shidian.efficiency import super_sbm
from shidian.errors import SimulationError
from shidian.simulate.cities import simulate_cities
from shidian.simulate.city_technology import POLLUTANTS, RESOURCES, entropy_index
from shidian.simulate.pseudo_true import baseline_estimator
from shidian.simulate.truth import Truth
from shidian.simulate.world import World

from tests.monte_carlo.gates import draw_seeds
from tests.monte_carlo.panels import BY_UNIT
from tests.monte_carlo.studies import SEED, truths

STUDY = "green_innovation_cities"
HIGHEST_BREAK = 0.1495
"""Of the paper's maps (resources/published/green_innovation_cities.yaml)."""
REAL = {
    "mean": 0.3500, "standard deviation": 0.2579, "skew": 2.0531, "median": 0.2802, "largest": 1.9927,
    "share efficient": 0.0668, "share efficient, lowest year": 0.0387, "share efficient, highest year": 0.1030,
    "share of units efficient in some year": 0.1463, "of these, in some year not": 0.7907,
    "units above 1.05 a year": 10.2857, "share above the paper's highest break": 0.8431,
}  # fmt: skip
"""Moments of the scores of green_efficiency_real: 233 to 287 cities a year, 2013 to 2019, a frontier a year."""
INPUTS, GOOD, BAD = ["capital", "labour", "resources"], ["pgdp_yuan", "green_area_ha", "green_patents"], ["pollution"]


def scored_panel(world: World) -> pd.DataFrame:
    """Return the study's panel with true efficiency ``gie`` and Super-SBM scores ``score``, a frontier a year."""
    panel = world.panels[STUDY]
    cells = np.ix_(world.units["code"].isin(panel.units["code"]), np.isin(world.years, panel.years))
    items = {name: values[cells] for name, values in world.items.items()}
    everywhere = np.ones_like(items["so2_t"], dtype=bool)
    epsilon = panel.truth.parameter("epsilon")

    def index(names: tuple[str, ...]) -> np.ndarray:
        return entropy_index(np.stack([items[n] for n in names], -1), everywhere, epsilon)

    columns = {name: items[name] for name in GOOD} | {"resources": index(RESOURCES), "pollution": index(POLLUTANTS)}
    columns["capital"] = sum(items[f"{n}_expenditure_wan_yuan"] for n in ("education", "science", "environment"))
    columns["labour"] = items["employed_research_persons"] + items["employed_environment_persons"]
    frame = panel.frame().assign(**{name: values.ravel() for name, values in columns.items()})
    scores = super_sbm(INPUTS, GOOD, BAD, data=frame, unit="unit", year="year").scores()
    return frame.merge(scores[["unit", "year", "score"]], on=["unit", "year"], validate="1:1")


def moments(frame: pd.DataFrame) -> dict[str, float]:
    """Return what a panel of scores ``score`` of unit-years looks like."""
    score, efficient = frame["score"], frame["score"] >= 1
    yearly, ever = efficient.groupby(frame["year"]).mean(), efficient.groupby(frame["unit"]).mean()
    return {
        "mean": float(score.mean()), "standard deviation": float(score.std()), "skew": float(skew(score)),
        "median": float(score.median()), "largest": float(score.max()), "share efficient": float(efficient.mean()),
        "share efficient, lowest year": float(yearly.min()), "share efficient, highest year": float(yearly.max()),
        "share of units efficient in some year": float((ever > 0).mean()),
        "of these, in some year not": float((ever[ever > 0] < 1).mean()),
        "units above 1.05 a year": float((score > 1.05).groupby(frame["year"]).sum().mean()),
        "share above the paper's highest break": float((score > HIGHEST_BREAK).mean()),
    }  # fmt: skip


def score_row(seed: int) -> dict[str, float]:
    """Return moments, bias, rank correlation, and the effect on scores and on true efficiency in one world."""
    given = truths("city")
    frame = scored_panel(simulate_cities(seed, truths=given))
    noise_free = simulate_cities(seed, disturbed=False, truths=given).panels[STUDY].frame()
    error = frame["score"] - frame["gie"]
    capped = frame["score"].clip(upper=1) - frame["gie"]
    effects = {name: _effect(frame.assign(gie=frame[name]), given[STUDY]) for name in ("gie", "score")}
    return moments(frame) | {
        "bias, all scores": float(error.mean()),
        "bias, scores cut at 1": float(capped.mean()),
        "root mean square error, scores cut at 1": float((capped**2).mean() ** 0.5),
        "rank correlation": float(frame["score"].corr(frame["gie"], method="spearman")),
        "pseudo-true effect": baseline_estimator(given[STUDY].baseline)(noise_free),
        "effect on true efficiency": effects["gie"],
        "effect on scores": effects["score"],
    }


def score_table(count: int) -> pd.DataFrame:
    """Return mean, smallest and largest value over the first worlds that exist, one row a quantity."""
    rows: list[dict[str, float]] = []
    for seed in draw_seeds(2 * count, SEED):
        with contextlib.suppress(SimulationError):
            rows.append(score_row(seed))
        if len(rows) == count:
            return pd.DataFrame(rows).agg(["mean", "min", "max"]).T
    raise SimulationError(f"{2 * count - len(rows)} of {2 * count} seeds are refused")


def _effect(frame: pd.DataFrame, truth: Truth) -> float:
    b = truth.baseline
    fit = regress(frame, b.outcome, [b.regressor, *b.controls], b.fixed_effects, BY_UNIT).fit
    return float(fit.coef[fit.terms.index(b.regressor)])
