"""The world of the County Yearbook: incomes whose Theil index carries the planted effect of industry clusters."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from shidian.simulate.invert import income_ratio, theil
from shidian.simulate.moments import Moments, draw
from shidian.simulate.structure import Bounds, Draw, plant
from shidian.simulate.treat import assign, status
from shidian.simulate.truth import Truth, load_truth
from shidian.simulate.units import read_units
from shidian.simulate.variables import county_variables
from shidian.simulate.world import Panel, Size, World, grid, sample_of, shrink

YEARS = np.arange(2014, 2023)
STUDY = "industry_clusters_counties"


def simulate_counties(
    seed: int, size: Size | None = None, *, disturbed: bool = True, truths: Mapping[str, Truth] | None = None
) -> World:
    """Simulate the County Yearbook's raw items, 2014 to 2022; arguments as ``simulate_cities``."""
    units = read_units("county", size.counties if size else None)
    truth = shrink((truths or {}).get(STUDY) or load_truth(STUDY), len(units) / len(read_units("county")))
    rows, columns = sample_of(truth, units, YEARS)
    draws = Draw(seed, STUDY, grid(rows, columns), disturbed)
    values = {name: draw(draws.rng(name), name, m, draws.sample) for name, m in truth.covariates.items()}
    industry = values["ind"].mean(axis=1)
    values["serv"] = draw(
        draws.rng("serv"), "serv", truth.covariates["serv"], draws.sample, (industry.mean() - industry) / industry.std()
    )
    values["ruggedness"] = np.repeat(values["ruggedness"][:, :1], len(YEARS), axis=1)
    values["ind"], values["serv"] = _shares(values["ind"], values["serv"])
    poor = draws.rng("theil", "units").standard_normal(len(units))  # the drawn level of inequality, before the policy
    selection = {**{name: x.mean(axis=1) for name, x in values.items()}, "theil_level": poor}
    assignment = assign(truth.treatment, units, rows, selection, draws.rng("treatment"))
    values["did"] = status(assignment["first_year"].to_numpy(), YEARS)
    items = _items(draws, truth, values)
    variables = county_variables(items) | {"did": values["did"]}
    cut = {name: x[np.ix_(rows, columns)] for name, x in variables.items()}
    panel = Panel(
        truth, units[rows].reset_index(drop=True), YEARS[columns], cut, assignment[rows].reset_index(drop=True)
    )
    return World("county", units, YEARS, items, {STUDY: panel})


def _shares(industry: np.ndarray, services: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Leave at least 2% of value added to farming."""
    scale = np.minimum(1.0, 0.98 / (industry + services))
    return industry * scale, services * scale


def _items(draws: Draw, truth: Truth, values: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    planted = {
        name: plant(e, values, draws) for name, e in truth.equations.items() if name not in ("theil", "gi_products")
    }
    sample, urban = draws.sample, values["urban"]
    population = draw(draws.rng("population"), "population", Moments(48, 33, 3, 250, "lognormal", 0.99, 0.005), sample)
    spending = draw(draws.rng("spending"), "spending", Moments(0.25, 0.12, 0.05, 1.0, "lognormal", 0.85, 0.05), sample)
    gdp = values["pgdp"] * population * 1e4
    highest = truth.parameter("highest_income_ratio")
    top = Bounds(high=theil(np.full_like(urban, highest), urban))
    index = plant(truth.equations["theil"], values, draws, bounds=top)
    noise = draw(draws.rng("rural income"), "rural income", Moments(0, 0.2, between=0.9, trend=0.0), sample)
    rural_income = np.exp(8.6 + 0.08 * (YEARS - 2014) + noise)
    rural = population * (1 - urban)
    return {
        "population_wan": population,
        "urban_population_wan": population * urban,
        "rural_population_wan": rural,
        "gdp_wan_yuan": gdp,
        "secondary_value_added_wan_yuan": values["ind"] * gdp,
        "tertiary_value_added_wan_yuan": values["serv"] * gdp,
        "grain_t": values["pgra"] * population * 10,
        "fiscal_revenue_wan_yuan": values["fiscal"] * spending * gdp,
        "fiscal_expenditure_wan_yuan": spending * gdp,
        "secondary_students_persons": values["edu"] * population * 1e4,
        "loans_wan_yuan": values["financial"] * gdp,
        "telephone_users": values["com"] * population * 1e4,
        "machinery_power_wan_kw": planted["atl"] * rural,
        "new_auxiliary_firms": np.maximum(1, np.round(np.exp(planted["ln_aux_firms"]))),
        "new_processing_firms": np.maximum(1, np.round(np.exp(planted["ln_processing_firms"]))),
        "gi_products": _products(draws, truth, values["did"]),
        "ruggedness": values["ruggedness"],
        "rural_income_yuan": rural_income,
        "urban_income_yuan": rural_income * income_ratio(index, urban, highest),
    }


def _products(draws: Draw, truth: Truth, did: np.ndarray) -> np.ndarray:
    """Draw counts of products that never fall; the policy adds one product in a share of the counties."""
    equation = truth.equations["gi_products"]
    before = plant(equation, {"did": np.zeros_like(did)}, draws)[:, 0]
    rng = draws.rng("gi_products", "counts")
    entry = rng.integers(1, 5 * len(YEARS), size=len(did))  # most have theirs before the first year
    counts = np.round(before)[:, None] + (np.arange(len(YEARS)) >= entry[:, None])
    responds = rng.uniform(size=len(did)) < equation.terms["did"]
    return np.asarray(counts + did * responds[:, None])
