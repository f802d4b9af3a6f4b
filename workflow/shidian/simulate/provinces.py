"""The world of the provincial yearbooks: the absolute income gap and new-quality productive forces."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from shidian.simulate.city_technology import entropy_index
from shidian.simulate.moments import Moments, draw
from shidian.simulate.structure import Draw, plant
from shidian.simulate.treat import NEVER
from shidian.simulate.truth import Truth, load_truth
from shidian.simulate.units import read_units
from shidian.simulate.variables import province_variables
from shidian.simulate.world import Panel, Size, World, grid, sample_of, shrink

YEARS = np.arange(2011, 2023)
STUDY = "productive_forces_provinces"
EPSILON = 1e-4

INDICATORS: Mapping[str, Moments] = {
    "high_tech_revenue_yi_yuan": Moments(5200, 4200, 300, 30000, "lognormal", 0.8, 0.12),
    "rd_expenditure_yi_yuan": Moments(560, 450, 30, 3200, "lognormal", 0.8, 0.12),
    "green_land_share_pct": Moments(34, 4.5, 29, 60, "lognormal", 0.8, 0.12),
    "trade_yi_usd": Moments(1300, 1100, 60, 8000, "lognormal", 0.85, 0.1),
    "rd_personnel_wan": Moments(14, 11, 0.8, 80, "lognormal", 0.8, 0.12),
    "postgraduates_wan": Moments(7.5, 6.0, 0.5, 45, "lognormal", 0.8, 0.12),
}
"""Indicators of the index, one or two a dimension; all are benefits. Our choice: the study names none."""

INDEPENDENT = ("green_land_share_pct", "trade_yi_usd")
"""Indicators in which rich provinces are not ahead."""


def simulate_provinces(
    seed: int, size: Size | None = None, *, disturbed: bool = True, truths: Mapping[str, Truth] | None = None
) -> World:
    """Simulate the provincial yearbooks' raw items, 2011 to 2022; arguments as ``simulate_cities``."""
    units = read_units("province", size.provinces if size else None)
    truth = shrink((truths or {}).get(STUDY) or load_truth(STUDY), len(units) / len(read_units("province")))
    rows, columns = sample_of(truth, units, YEARS)
    draws = Draw(seed, STUDY, grid(rows, columns), disturbed)
    strength = draws.rng("strength").standard_normal(len(units))  # rich provinces are ahead in every dimension
    values = {name: draw(draws.rng(name), name, m, draws.sample, strength) for name, m in truth.covariates.items()}
    indicators = {
        name: draw(draws.rng(name), name, m, draws.sample, None if name in INDEPENDENT else strength)
        for name, m in INDICATORS.items()
    }
    nqp = entropy_index(np.stack(list(indicators.values()), axis=-1), draws.sample, EPSILON)
    share = values["high_education_share"]
    low, high = truth.parameter("human_capital_low"), truth.parameter("human_capital_high")
    values |= {
        "nqp_low": nqp * (share <= low),
        "nqp_middle": nqp * ((share > low) & (share <= high)),
        "nqp_high": nqp * (share > high),
    }
    gap = plant(truth.equations["gap"], values, draws)
    items = _items(draws, truth, values, gap) | indicators
    variables = province_variables(items) | {"nqp": nqp, "nqp2": nqp**2}
    cut = {name: x[np.ix_(rows, columns)] for name, x in variables.items()}
    chosen = units[rows].reset_index(drop=True)
    nobody = pd.DataFrame({"code": chosen["code"], "name": chosen["name"], "first_year": NEVER, "dates": ""})
    return World("province", units, YEARS, items, {STUDY: Panel(truth, chosen, YEARS[columns], cut, nobody)})


def _items(draws: Draw, truth: Truth, values: Mapping[str, np.ndarray], gap: np.ndarray) -> dict[str, np.ndarray]:
    people = draw(
        draws.rng("population"), "population", Moments(4450, 2850, 300, 12700, between=0.998, trend=0.001), draws.sample
    )
    noise = draw(draws.rng("rural income"), "rural income", Moments(0, 0.25, between=0.9, trend=0.0), draws.sample)
    growth = np.exp(0.09 * (YEARS - YEARS.mean()))
    rural = truth.parameter("rural_income_mean_yuan") * growth * np.exp(noise)
    return {
        "population_wan": people,
        "rural_income_yuan": rural,
        "urban_income_yuan": rural + 1e4 * np.exp(gap),
        "education_expenditure_yi_yuan": 100 * values["education"],
        "patents_granted": values["patent"] * people,
        "web_pages_wan": values["digeco"] * 1e6,
        "higher_education_population_wan": values["high_education_share"] / 100 * people,
    }
