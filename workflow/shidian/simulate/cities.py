"""The world of the City Yearbook: one set of raw items in which three studies' truths hold at once.

``income_gap_cities`` fixes incomes and employment, ``talent_agglomeration`` the employment in high-tech sectors,
``green_innovation_cities`` inputs, outputs and pollution; they share GDP, population and sectors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from shidian.simulate.catalogue import study_items
from shidian.simulate.city_efficiency import plant_efficiency
from shidian.simulate.city_sectors import sector_items
from shidian.simulate.invert import employed, employment_shares, income_ratio, theil
from shidian.simulate.moments import Moments, draw
from shidian.simulate.streams import stream
from shidian.simulate.structure import Bounds, Draw, plant, studied
from shidian.simulate.treat import assign, status
from shidian.simulate.truth import Truth, load_truth
from shidian.simulate.units import read_units
from shidian.simulate.variables import city_variables
from shidian.simulate.world import Panel, Size, World, grid, sample_of, shrink

YEARS = np.arange(2002, 2022)
STUDIES = ("income_gap_cities", "talent_agglomeration", "green_innovation_cities")
USD = (8.277, 8.277, 8.277, 8.194, 7.973, 7.608, 6.945, 6.831, 6.770, 6.459,
       6.313, 6.193, 6.143, 6.228, 6.642, 6.752, 6.617, 6.899, 6.898, 6.452)  # fmt: skip
"""Yuan a US dollar, yearly means 2002 to 2021, rounded."""


@dataclass(frozen=True)
class CityDraw:
    """What the steps of the city world share: seed, units, which disturbances, samples and treatments by study."""

    seed: int
    units: pd.DataFrame
    disturbed: bool
    truths: Mapping[str, Truth]
    samples: Mapping[str, np.ndarray]
    assignments: Mapping[str, pd.DataFrame]

    def study(self, name: str) -> Draw:
        """Return the draw of one study's equations."""
        return Draw(self.seed, name, self.samples[name], self.disturbed)

    def did(self, name: str) -> np.ndarray:
        """Return the (n, T) treatment of one study."""
        return status(self.assignments[name]["first_year"].to_numpy(), YEARS)


def simulate_cities(
    seed: int, size: Size | None = None, *, disturbed: bool = True, truths: Mapping[str, Truth] | None = None
) -> World:
    """Simulate the City Yearbook's raw items, 2002 to 2021.

    Args:
        seed: seed of the world.
        size: number of cities; full size when None.
        disturbed: False leaves out the disturbances of every equation.
        truths: other truths than those in config/truth, by study.

    Raises:
        SimulationError: moments that cannot be attained, a batch larger than its pool.
    """
    given = {name: (truths or {}).get(name) or load_truth(name) for name in STUDIES}
    units = read_units("city", size.cities if size else None)
    share = len(units) / len(read_units("city"))
    scaled = {name: shrink(truth, share) for name, truth in given.items()}
    samples = {name: grid(*sample_of(truth, units, YEARS)) for name, truth in scaled.items()}
    base = _base(seed, scaled["income_gap_cities"], samples["income_gap_cities"])
    assignments = _assign(seed, units, scaled, samples, base)
    draws = CityDraw(seed, units, disturbed, scaled, samples, assignments)
    items, secrets = _items(draws, base)
    listed = listed_years(units)
    variables = city_variables(items, scaled["income_gap_cities"].parameter("productivity_scale_yuan"), listed)
    panels = {name: _panel(draws, name, {**variables, **secrets}) for name in STUDIES}
    printed = {name: np.where(listed, values, np.nan) for name, values in items.items()}
    return World("city", units, YEARS, printed, panels, secrets)


def listed_years(units: pd.DataFrame) -> np.ndarray:
    """Return the (n, T) mask of the years in which the yearbook lists each city."""
    first, last = units["first_year"].to_numpy(dtype=int), units["last_year"].to_numpy(dtype=int)
    return np.asarray((first[:, None] <= YEARS) & (last[:, None] >= YEARS))


def _base(seed: int, truth: Truth, sample: np.ndarray) -> dict[str, np.ndarray]:
    """Draw what no policy moves: income, openness, government, internet, urbanisation, population, area, prices."""
    values = {n: draw(stream(seed, truth.study, n), n, m, sample) for n, m in truth.covariates.items()}
    everywhere = np.ones_like(sample)
    population = Moments(430, 300, 40, 3200, "lognormal", between=0.985, trend=0.01)
    area = Moments(15000, 12000, 1200, 90000, "lognormal", between=1.0, trend=0.0)
    values["population_wan"] = draw(stream(seed, "cities", "population"), "population", population, everywhere)
    values["area_km2"] = draw(stream(seed, "cities", "area"), "area", area, everywhere)
    prices = np.exp(truth.parameter("price_drift") * (YEARS - 2000))
    values["deflator"] = np.broadcast_to(np.round(100 * prices, 1) / 100, sample.shape)
    return values


def _assign(
    seed: int, units: pd.DataFrame, truths: Mapping[str, Truth], samples: Mapping[str, np.ndarray],
    base: Mapping[str, np.ndarray],
) -> dict[str, pd.DataFrame]:  # fmt: skip
    means = {name: values.mean(axis=1) for name, values in base.items()}
    result = {}
    for study in ("income_gap_cities", "green_innovation_cities"):
        rng = stream(seed, study, "treatment")
        result[study] = assign(truths[study].treatment, units, studied(samples[study]), means, rng)
    result["talent_agglomeration"] = result["income_gap_cities"]  # one policy, one list
    return result


def _items(draws: CityDraw, base: Mapping[str, np.ndarray]) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Compute every raw item, study by study."""
    real_gdp = np.exp(base["lnagdp"]) * base["population_wan"] * 1e4
    gdp = real_gdp * base["deflator"]
    sectors = _value_added_shares(draws)
    labour, total, mediators = _employment(draws, sectors, real_gdp, base["lnagdp"])
    talent = _talent_share(draws, total, np.minimum(base["talents"], 0.4 * labour[..., 2]))
    items = {
        "resident_population_wan": base["population_wan"],
        "urban_population_wan": base["population_wan"] * base["urban"],
        "area_km2": base["area_km2"],
        "gdp_wan_yuan": gdp / 1e4,
        "pgdp_yuan": gdp / (base["population_wan"] * 1e4),
        "gdp_deflator": 100 * base["deflator"],
        "usd_exchange_rate": np.broadcast_to(np.array(USD), gdp.shape),
        "fdi_wan_usd": base["open"] * gdp / 1e4 / np.array(USD),
        "fiscal_expenditure_wan_yuan": base["gov"] * gdp / 1e4,
        "broadband_users_wan": base["ainternet"] * base["population_wan"],
        "employed_wan": total / 1e4,
    }
    for m, name in enumerate(("primary", "secondary", "tertiary")):
        items[f"{name}_value_added_wan_yuan"] = sectors[..., m] * gdp / 1e4
        items[f"employed_{name}_wan"] = labour[..., m] * total / 1e4
    items |= _incomes(draws, base, mediators, talent)
    values = {**base, "gdp": gdp, "talent": talent * total, "employed": total, "tertiary": labour[..., 2] * total}
    values["industry"] = 1 - sectors[..., 0]
    values["ln_stru"] = np.log(sectors @ np.array([1.0, 2.0, 3.0]))
    green = "green_innovation_cities"
    efficiency, secrets = plant_efficiency(
        draws.study(green), draws.truths[green], draws.units, draws.did(green), values
    )
    items |= efficiency
    items |= sector_items(stream(draws.seed, "cities", "sectors"), labour * total[..., None], items)
    return items, secrets


def _value_added_shares(draws: CityDraw) -> np.ndarray:
    """Return (n, T, 3) shares of value added whose upgrading index ``y1 + 2 y2 + 3 y3`` is the planted one."""
    study = "green_innovation_cities"
    equation = draws.truths[study].equations["ln_stru"]
    upgrading = np.exp(plant(equation, {"did": draws.did(study)}, draws.study(study)))
    lead = upgrading - 2  # y3 - y1
    farming = Moments(0.13, 0.07, 0.02, 0.4, "lognormal", between=0.8, trend=0.1)
    drawn = draw(stream(draws.seed, "cities", "farming"), "farming", farming, draws.samples[study])
    primary = np.clip(drawn, np.maximum(0.02, 0.1 - lead), (0.9 - lead) / 2)
    return np.stack([primary, 1 - lead - 2 * primary, primary + lead], axis=-1)


def _employment(
    draws: CityDraw, sectors: np.ndarray, real_gdp: np.ndarray, lnagdp: np.ndarray
) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    """Return (n, T, 3) shares of employment, (n, T) persons employed, and the two indices of industrial structure."""
    study = "income_gap_cities"
    truth, draw_, did = draws.truths[study], draws.study(study), draws.did(study)
    ais = plant(truth.equations["ais"], {"did": did}, draw_)
    income = lnagdp.mean(axis=1)
    poverty = (income.mean() - income) / income.std()  # in poor cities more people farm than farming's share of output
    ris = plant(truth.equations["ris"], {"did": did}, draw_, tilt=poverty)
    labour = employment_shares(ris, sectors)
    total = employed(ais, real_gdp, sectors, labour, truth.parameter("productivity_scale_yuan"))
    return labour, total, {"ais": ais, "ris": ris}


def _talent_share(draws: CityDraw, total: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """Return (n, T) shares of high-tech talent: location quotients planted in the major cities, the rest scaled.

    The national share is fixed, so ``LQ = share / national share`` holds exactly for the cities of the study.
    """
    study = "talent_agglomeration"
    truth, did = draws.truths[study], draws.did(study)
    region = draws.units["region"].to_numpy()[:, None]
    values = {"did": did, "did_west": did * (region == "west"), "did_central": did * (region == "central")}
    major = studied(draws.samples[study])
    if not major.any():
        return drawn
    quotient = plant(truth.equations["lq"], values, draws.study(study))
    national = np.linspace(truth.parameter("national_share_first"), truth.parameter("national_share_last"), len(YEARS))
    weight = total * listed_years(draws.units)
    rest = weight * ~major[:, None]
    missing = national * weight.sum(axis=0) - (quotient * national * weight * major[:, None]).sum(axis=0)
    scale = missing / (drawn * rest).sum(axis=0)
    return np.asarray(np.where(major[:, None], quotient * national, drawn * scale))


def _incomes(
    draws: CityDraw, base: Mapping[str, np.ndarray], mediators: Mapping[str, np.ndarray], talent: np.ndarray
) -> dict[str, np.ndarray]:
    """Return urban and rural incomes whose Theil index is the planted one."""
    study = "income_gap_cities"
    truth = draws.truths[study]
    values = {**base, **mediators, "talents": talent, "lnagdp2": base["lnagdp"] ** 2, "did": draws.did(study)}
    highest = truth.parameter("highest_income_ratio")
    top = theil(np.full_like(talent, highest), base["urban"])
    index = plant(truth.equations["theil"], values, draws.study(study), bounds=Bounds(high=top))
    wealth = 0.5 * (base["lnagdp"] - base["lnagdp"].mean())
    rng = stream(draws.seed, study, "rural income")
    noise = draw(rng, "rural income", Moments(0, 0.1, between=0.8, trend=0.0), draws.samples[study])
    rural = np.exp(8.0 + 0.095 * (YEARS - 2002) + wealth * 0.6 + noise)
    return {"rural_income_yuan": rural, "urban_income_yuan": rural * income_ratio(index, base["urban"], highest)}


def _panel(draws: CityDraw, study: str, variables: Mapping[str, np.ndarray]) -> Panel:
    truth = draws.truths[study]
    rows, columns = sample_of(truth, draws.units, YEARS)
    listed = [name for name in study_items()[study] if name in variables]
    chosen = {name: variables[name] for name in listed} | {"did": draws.did(study)}
    cut = {name: values[np.ix_(rows, columns)] for name, values in chosen.items()}
    units, assigned = draws.units[rows].reset_index(drop=True), draws.assignments[study][rows].reset_index(drop=True)
    return Panel(truth, units, YEARS[columns], cut, assigned)
