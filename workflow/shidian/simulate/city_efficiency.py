"""Inputs, outputs and pollution of cities whose green innovation efficiency is the planted one.

The efficient technology of a year is one ray ``(a, b, c) k``: inputs a k, desirable outputs b k, an undesirable output
c k, on which one leader city produces. For a city with inputs x, outputs y and pollution z, the smallest k that covers
its outputs is ``k = max_r y_r / b_r``, and the score of the slacks-based measure with undesirable outputs (Tone 2003,
constant returns, m = 3 inputs, s = 4 outputs) against the ray has the closed form

``rho = mean_i(a_i k / x_i) / (1/2 + (sum_r b_r k / y_r - c k / z) / 4)``,

because the score rises with k. The planted score is reached by the two inputs that money and people make, capital and
labour, after outputs, pollution and resources are drawn. As the leader is in the data, the same score comes out when
the ray is not known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from shidian.errors import SimulationError
from shidian.simulate.city_weights import composite_weights
from shidian.simulate.moments import Moments, draw
from shidian.simulate.structure import Bounds, Draw, Equation, plant, studied
from shidian.simulate.truth import Truth

RESOURCES = ("water_supply_wan_m3", "electricity_wan_kwh", "lpg_t")
POLLUTANTS = ("so2_t", "wastewater_wan_t", "smoke_t")
SCALES = {
    "water_supply_wan_m3": 9e3, "electricity_wan_kwh": 6e5, "lpg_t": 2.5e4,
    "so2_t": 3e4, "wastewater_wan_t": 5e3, "smoke_t": 2e4,
}  # fmt: skip
"""Usual size of each item in a city of usual size."""

USUAL_LABOUR_SHARE = 0.08
"""Employees in research and in environment, water and public facilities as a share of the tertiary sector's."""


@dataclass(frozen=True)
class Ratios:
    """What the score depends on, each (n, T).

    Attributes:
        k: activity that covers the outputs, leader = 1.
        outputs: sum of b_r k / y_r, at least 3.
        pollution: c k / z, at most 1.
        resources: a_3 k / x_3, at most 1.
    """

    k: np.ndarray
    outputs: np.ndarray
    pollution: np.ndarray
    resources: np.ndarray

    def denominator(self) -> np.ndarray:
        """Return the denominator of the score."""
        return 0.5 + 0.25 * (self.outputs - self.pollution)


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
        SimulationError: no leader in the world, or an efficiency that inputs cannot give.
    """
    mediators = {name: plant(truth.equations[name], {"did": did}, draws) for name in MEDIATORS}
    fin = draw(draws.rng("fin"), "fin", truth.covariates["fin"], draws.sample)
    items = _mediator_items(mediators, values)
    outputs = _outputs(draws, values)
    codes = units["code"].tolist()
    if not truth.treatment.never or truth.treatment.never[0] not in codes:
        raise SimulationError(f"the leader city {truth.treatment.never} of {truth.study} is not in the simulated world")
    leader = codes.index(truth.treatment.never[0])
    for name in outputs:  # the leader's mix is the median mix, so that few cities are far from the ray
        if name != "pgdp_yuan":
            ratio = outputs[name] / outputs["pgdp_yuan"]
            outputs[name][leader] = np.median(ratio, axis=0) * outputs["pgdp_yuan"][leader]
    k = np.max([y / y[leader] for y in outputs.values()], axis=0)
    slack = np.sum([k * y[leader] / y for y in outputs.values()], axis=0)
    epsilon = truth.parameter("epsilon")
    resources, resource_index = _components(draws, RESOURCES, values, k, leader, epsilon)
    pollutants, pollution_index = _components(draws, POLLUTANTS, values, k, leader, epsilon)
    ratios = Ratios(
        k, slack, pollution_index[leader] * k / pollution_index, resource_index[leader] * k / resource_index
    )
    score = _score(draws, truth, units, did, {**values, **mediators, "fin": fin}, ratios, leader)
    items |= {name: y for name, y in outputs.items() if name != "pgdp_yuan"} | resources | pollutants
    items |= _inputs(draws, score, ratios, values, items, leader)
    deposits = 0.58 * fin * values["gdp"] / 1e4
    items |= {"deposits_wan_yuan": deposits, "loans_wan_yuan": fin * values["gdp"] / 1e4 - deposits}
    in_sample = draws.studied[:, None]
    return items, {"gie": np.where(in_sample, score, np.nan)}


def entropy_index(components: np.ndarray, sample: np.ndarray, epsilon: float) -> np.ndarray:
    """Return the (n, T) entropy-weighted index of (n, T, J) benefit indicators, weights and ranges of the sample."""
    pooled = components[sample]
    low, high = pooled.min(axis=0), pooled.max(axis=0)
    z = (components - low) / (high - low) + epsilon
    p = z[sample] / z[sample].sum(axis=0)
    d = 1 + (p * np.log(p)).sum(axis=0) / np.log(len(p))
    return np.asarray(z @ (d / d.sum()))


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


def _outputs(draws: Draw, values: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Draw the desirable outputs: GDP per head is given, green area and green patents follow people and income."""
    people, income = np.log(values["population_wan"] / 430), values["lnagdp"] - values["lnagdp"].mean()
    result = {"pgdp_yuan": values["gdp"] / (values["population_wan"] * 1e4)}
    for name, level, of_people, of_income, drift in (
        ("green_area_ha", 4500, 0.5, 0.6, 0.03),
        ("green_patents", 900, 0.5, 0.9, 0.08),
    ):
        noise = draw(draws.rng(name), name, Moments(0, 0.25, between=0.8, trend=0.0), draws.sample)
        years = np.arange(people.shape[1]) - people.shape[1] / 2
        result[name] = level * np.exp(of_people * people + of_income * income + drift * years + noise)
    return result


def _components(
    draws: Draw, names: tuple[str, ...], values: Mapping[str, np.ndarray], k: np.ndarray, leader: int, epsilon: float
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Draw the parts of an entropy index; the leader's are set so that its index is the lowest for its activity.

    With all parts of the leader at the same place of their ranges, its index is that place whatever the weights.
    """
    people, income = np.log(values["population_wan"] / 430), values["lnagdp"] - values["lnagdp"].mean()
    parts = np.empty((*k.shape, len(names)))
    for j, name in enumerate(names):
        noise = draw(draws.rng(name), name, Moments(0, 0.4, between=0.8, trend=0.0), draws.sample)
        parts[..., j] = SCALES[name] * np.exp(0.8 * people + 0.4 * income + noise)
    others = draws.sample.copy()
    others[leader] = False
    preliminary = entropy_index(parts, others, epsilon)
    lowest = np.where(studied(others)[:, None], preliminary / k, np.inf).min(axis=0)
    place = 0.5 * lowest - epsilon
    low, high = parts[others].min(axis=0), parts[others].max(axis=0)
    parts[leader] = low + place[:, None] * (high - low)
    return {name: parts[..., j] for j, name in enumerate(names)}, entropy_index(parts, draws.sample, epsilon)


def _score(
    draws: Draw, truth: Truth, units: pd.DataFrame, did: np.ndarray, values: Mapping[str, np.ndarray],
    ratios: Ratios, leader: int,
) -> np.ndarray:  # fmt: skip
    """Plant the scores: policy, spillovers and controls; 1 for the leader; the level alone outside the sample."""
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
    terms = {**equation.terms, "did": own - channels, "w_did": spillover}
    equation = Equation(equation.outcome, equation.moments, terms, equation.noise, equation.persistence, equation.drift)
    known = {**values, "did": did, "w_did": lagged, "eco": values["gdp"] / values["area_km2"] / 1e8}
    low = (0.10 + ratios.resources) / 3 / ratios.denominator()
    high = (1.0 + ratios.resources) / 3 / ratios.denominator()
    low[leader], high[leader] = -np.inf, np.inf
    sample = draws.sample.copy()
    sample[leader] = False
    inner = Draw(draws.seed, draws.study, sample, draws.disturbed)
    east = units["longitude"].to_numpy()
    tilt = (east - east.mean()) / east.std()  # higher in the east, so that Moran's I is positive
    score = plant(equation, known, inner, multiplier=spread, bounds=Bounds(low, high), tilt=tilt)
    score[leader] = 1.0
    return score


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


def _inputs(
    draws: Draw, score: np.ndarray, ratios: Ratios, values: Mapping[str, np.ndarray], items: Mapping[str, np.ndarray],
    leader: int,
) -> dict[str, np.ndarray]:  # fmt: skip
    """Return expenditures and employees whose distance to the ray gives the planted score.

    The distance is split so that the labour input is a usual share of employment where it can be.
    """
    left = 3 * score * ratios.denominator() - ratios.resources  # a_1 k / x_1 + a_2 k / x_2
    left[leader] = 2.0
    usual = USUAL_LABOUR_SHARE * values["tertiary"] / ratios.k
    most = np.minimum(0.9 * left, 0.98)
    room = 0.95 * (values["tertiary"] - values["talent"]) / ratios.k
    # small enough for nine tenths of the cities to have a usual input, and for all to have the people
    a_labour = np.minimum(np.quantile(most * usual, 0.1, axis=0), (most * room).min(axis=0))
    by_labour = np.clip(a_labour / usual, np.maximum(left - 0.98, 0.02 * left), most)
    by_labour[leader] = 1.0
    labour = a_labour * ratios.k / by_labour
    research = np.minimum(items["employed_research_persons"], 0.6 * labour)
    information = values["talent"] - research
    if (labour + information >= values["tertiary"]).any():
        raise SimulationError(
            f"labour input: in {int((labour + information >= values['tertiary']).sum())} city-years the planted "
            f"efficiency needs more people than the tertiary sector employs"
        )
    by_capital = left - by_labour
    fiscal = values["gov"] * values["gdp"] / 1e4
    capital = 0.7 * (fiscal * by_capital / ratios.k).min(axis=0) * ratios.k / by_capital
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
        "employed_research_persons": research,
        "employed_information_persons": information,
        "employed_environment_persons": labour - research,
    }
