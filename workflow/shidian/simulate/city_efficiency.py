"""Inputs, outputs and pollution of cities whose green innovation efficiency is the planted one.

The true efficiency of a city, its score against the technology of ``city_technology``, is planted first: level, policy,
spillovers, controls. Outputs and pollution are drawn, wasteful cities polluting more; then the inputs follow from the
efficiency. About one city in ten comes near 1, with various mixes of inputs, pollution and outputs, and these span the
frontier; which do changes from year to year. What is printed of inputs and outputs has errors of measurement.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from shidian.errors import SimulationError
from shidian.simulate.city_technology import (
    POLLUTANTS,
    RESOURCES,
    activity,
    capital_and_labour,
    components,
    least_inputs,
)
from shidian.simulate.city_weights import composite_weights
from shidian.simulate.moments import Moments, draw
from shidian.simulate.structure import Draw, Equation, plant
from shidian.simulate.truth import Truth
from shidian.simulate.units import read_groups

USUAL_LABOUR_SHARE = 0.08
"""Employees in research and in environment, water and public facilities as a share of the tertiary sector's."""


def plant_efficiency(
    draws: Draw, truth: Truth, units: pd.DataFrame, did: np.ndarray, values: Mapping[str, np.ndarray]
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Return the raw items of the study, and the true efficiency under the name ``gie`` (missing outside the sample).

    Args:
        draws: seed and sample.
        truth: the study's truth.
        units: all cities.
        did: (n, T) treatment.
        values: base variables, ``gdp``, ``employed``, ``tertiary``, ``talent`` (persons), ``industry`` and ``ln_stru``.

    Raises:
        SimulationError: an efficiency that inputs cannot give.
    """
    mediators = {name: plant(truth.equations[name], {"did": did}, draws) for name in MEDIATORS}
    fin = draw(draws.rng("fin"), "fin", truth.covariates["fin"], draws.sample)
    items = _mediator_items(mediators, values)
    score = _score(draws, truth, units, did, {**values, **mediators, "fin": fin})
    produced = activity(draws, values["gdp"] / (values["population_wan"] * 1e4))
    spread, epsilon = truth.parameter("mix_spread"), truth.parameter("epsilon")
    polluting = produced.value * score ** -truth.parameter("waste_pollutes")
    pollutants, pollution = components(draws, POLLUTANTS, polluting, spread, epsilon)
    used = least_inputs(produced.value, pollution) / score
    resources, resource_index = components(draws, RESOURCES, used, spread, epsilon)
    error = truth.parameter("measurement_error")
    items |= {name: amount * _errors(draws, name, error) for name, amount in produced.items.items()}
    items |= resources | pollutants
    capital, labour = capital_and_labour(draws, used, resource_index, spread)
    items |= _labour(labour * _errors(draws, "labour", error), values, items)
    items |= _capital(draws, capital * _errors(draws, "capital", error), values)
    deposits = 0.58 * fin * values["gdp"] / 1e4
    items |= {"deposits_wan_yuan": deposits, "loans_wan_yuan": fin * values["gdp"] / 1e4 - deposits}
    in_sample = draws.studied[:, None]
    return items, {"gie": np.where(in_sample, score, np.nan)}


def _errors(draws: Draw, name: str, spread: float) -> np.ndarray:
    """Return (n, T) factors by which what is printed differs from what is true; 1 without disturbances."""
    if not draws.disturbed:
        return np.ones(draws.sample.shape)
    return np.asarray(np.exp(spread * draws.rng(name, "measurement").standard_normal(draws.sample.shape)))


MEDIATORS = ("ln_energy_intensity", "ln_innovation_index", "ln_it_share")
"""Mediators planted here; the fourth, ``ln_stru``, comes with the shares of value added."""


def _mediator_items(mediators: Mapping[str, np.ndarray], values: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    information = np.exp(mediators["ln_it_share"]) * values["talent"]
    return {
        "energy_wan_tce": np.exp(mediators["ln_energy_intensity"]) * values["gdp"] / 1e8,
        "innovation_index": np.exp(mediators["ln_innovation_index"]),
        "employed_information_persons": information,
        "employed_research_persons": values["talent"] - information,
    }


def _score(
    draws: Draw, truth: Truth, units: pd.DataFrame, did: np.ndarray, values: Mapping[str, np.ndarray]
) -> np.ndarray:
    """Plant the true efficiency: policy, spillovers and controls; the level alone outside the sample."""
    rows = np.flatnonzero(draws.studied)
    W = composite_weights(
        units["longitude"].to_numpy()[rows], units["latitude"].to_numpy()[rows],
        (values["gdp"] / values["population_wan"])[np.ix_(rows, np.flatnonzero(draws.sample.any(axis=0)))].mean(axis=1),
        truth.parameter("weight_geographic"),
    )  # fmt: skip
    own, spillover, multiplier = spatial_coefficients(truth, W)
    lagged = np.zeros_like(did)
    lagged[rows] = W @ did[rows]
    spread = np.eye(len(units))
    spread[np.ix_(rows, rows)] = multiplier
    equation = truth.equations["gie"]
    channels = sum(
        theta * truth.equations[m].terms["did"] for m, theta in equation.terms.items() if m in truth.equations
    )
    terms = {**equation.terms, "own": own, "did": -channels, "w_did": spillover}
    equation = Equation(equation.outcome, equation.moments, terms, equation.noise, equation.persistence, equation.drift)
    central = units["code"].isin(read_groups("city").query("central_city == 1")["code"]).to_numpy()
    policy = did * relative_effects(did, central, draws.sample, truth.parameter("central_ratio"))[:, None]
    known = {**values, "own": policy, "did": did, "w_did": lagged, "eco": values["gdp"] / values["area_km2"] / 1e8}
    income = values["lnagdp"].mean(axis=1)
    tilt = _standard(_standard(units["longitude"].to_numpy()) + _standard(income))
    return plant(equation, known, draws, multiplier=spread, tilt=tilt)


def _standard(x: np.ndarray) -> np.ndarray:
    return np.asarray((x - x.mean()) / x.std())


def relative_effects(did: np.ndarray, central: np.ndarray, sample: np.ndarray, ratio: float) -> np.ndarray:
    """Return (n,) effects of the policy by city over their mean in treated city-years of the sample.

    Args:
        did: (n, T) treatment.
        central: (n,) central cities.
        sample: (n, T) city-years of the study.
        ratio: effect in central cities over that in others.
    """
    treated = (did * sample).sum(axis=1)
    share = float(treated[central].sum() / max(treated.sum(), 1.0))
    return np.where(central, ratio, 1.0) / (1.0 + share * (ratio - 1.0))


def spatial_coefficients(truth: Truth, W: np.ndarray) -> tuple[float, float, np.ndarray]:
    """Return b, theta and (I - rho W)^-1 such that direct and indirect effects are the planted ones.

    The effects of ``did`` are ``(I - rho W)^-1 (b I + theta W)``: direct = mean diagonal, total = mean row sum
    (LeSage and Pace 2009).
    """
    n = len(W)
    multiplier = np.linalg.inv(np.eye(n) - truth.parameter("rho") * W)
    parts = (multiplier, multiplier @ W)
    direct = [float(np.trace(part)) / n for part in parts]
    total = [float(part.sum()) / n for part in parts]
    asked = truth.parameter("direct_effect"), truth.parameter("direct_effect") + truth.parameter("indirect_effect")
    b, theta = np.linalg.solve(np.array([direct, total]), np.array(asked))
    return float(b), float(theta), multiplier


def _labour(
    labour: np.ndarray, values: Mapping[str, np.ndarray], items: Mapping[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """Return employees whose sum in research and in environment is the labour input, given relative to the usual city.

    One factor for all cities and years: small enough for nine tenths of the cities to have a usual input, and for all
    to have the people.

    Raises:
        SimulationError: an input larger than the tertiary sector.
    """
    room = 0.95 * (values["tertiary"] - values["talent"]) / labour
    labour = labour * min(float(np.quantile(USUAL_LABOUR_SHARE * values["tertiary"] / labour, 0.1)), float(room.min()))
    research = np.minimum(items["employed_research_persons"], 0.6 * labour)
    information = values["talent"] - research
    if (labour + information >= values["tertiary"]).any():
        raise SimulationError(
            f"labour input: in {int((labour + information >= values['tertiary']).sum())} city-years the planted "
            f"efficiency needs more people than the tertiary sector employs"
        )
    return {
        "employed_research_persons": research,
        "employed_information_persons": information,
        "employed_environment_persons": labour - research,
    }


def _capital(draws: Draw, capital: np.ndarray, values: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return expenditures whose sum is the capital input, at most 0.7 of public expenditure in any city and year."""
    capital = capital * 0.7 * float((values["gov"] * values["gdp"] / 1e4 / capital).min())
    shares = draw(
        draws.rng("education share"),
        "education share",
        Moments(0.8, 0.05, 0.6, 0.92, between=0.9, trend=0),
        draws.sample,
    )
    return {
        "education_expenditure_wan_yuan": capital * shares,
        "science_expenditure_wan_yuan": capital * (1 - shares) * 0.45,
        "environment_expenditure_wan_yuan": capital * (1 - shares) * 0.55,
    }
