"""The technology of green innovation: what a city could do with its inputs, and the data of cities that do less.

In a year, efficient cities turn capital K, labour L and resources R into outputs of value V, at the year's prices,
with pollution Z, under constant returns:

``V = A Z^(1/5) (K L R)^(4/15)``

Pollution counts as an input (Copeland and Taylor 2003): with less of it the same output needs more of the rest. The
least inputs for an output are ``N = (V / A Z^(1/5))^(5/4) = (K L R)^(1/3)``, and a city that uses 1/E times as many has
efficiency E.

E is also the city's score by the slacks-based measure with undesirable outputs (Tone 2003; non-oriented, constant
returns, m = 3, s = 4) against this technology, as long as each output has at least a fifth of the value V. For a point
of the frontier that uses shares theta_i <= 1 of the inputs, phi_r >= 1 times the outputs and a share 1 - s <= 1 of the
pollution, mean(theta_i) >= (theta_1 theta_2 theta_3)^(1/3) = E (sum_r w_r phi_r)^(5/4) (1 - s)^(-1/4), w_r the shares
in V. With D = sum_r (phi_r - 1), the sum is at least 1 + D/5, so the numerator is at least E (1 + D/4) (1 - s)^(-1/4)
(Bernoulli), and (1 + D/4 + s/4) (1 - s)^(1/4) <= (1 + D/4 + s/4) (1 - s/4) <= 1 + D/4. The score is therefore at least
E, and theta_i = E, D = s = 0 reaches it. The effect of a policy on true efficiency and that on the population's score
are one number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from shidian.errors import SimulationError
from shidian.simulate.moments import Moments, draw
from shidian.simulate.structure import Draw

RESOURCES = ("water_supply_wan_m3", "electricity_wan_kwh", "lpg_t")
POLLUTANTS = ("so2_t", "wastewater_wan_t", "smoke_t")
SCALES = {
    "water_supply_wan_m3": 9e3, "electricity_wan_kwh": 6e5, "lpg_t": 2.5e4,
    "so2_t": 3e4, "wastewater_wan_t": 5e3, "smoke_t": 2e4,
}  # fmt: skip
"""Usual size of each item in a city of usual size."""

POLLUTION_SHARE = 0.2
"""Exponent of pollution; with less of it, cities would have slack in pollution and scores below E."""
OUTPUTS = {"green_area_ha": (4500.0, 0.03), "green_patents": (900.0, 0.08)}
"""Drawn output -> usual size, growth a year; the third, GDP per head, is given."""
MOST_APART = 0.4
"""Largest log distance of a drawn output from its usual ratio to GDP per head: keeps shares above a fifth."""

NOTHING = 0.01
"""Share of the usual amount that counts as next to nothing."""


@dataclass(frozen=True)
class Activity:
    """What the cities produce, each (n, T) in units of the usual city of the year.

    Attributes:
        value: value of the outputs, V.
        items: the drawn outputs as they are measured without error.
    """

    value: np.ndarray
    items: Mapping[str, np.ndarray]


def activity(draws: Draw, pgdp: np.ndarray) -> Activity:
    """Draw the two outputs beside GDP per head, and value all three at prices of one over the usual amount."""
    relative = pgdp / np.median(pgdp, axis=0)
    years = np.arange(pgdp.shape[1]) - pgdp.shape[1] / 2
    items, value = {}, relative / 3
    mix = Moments(0, 0.15, -MOST_APART, MOST_APART, between=0.8, trend=0.0)
    for name, (level, growth) in OUTPUTS.items():
        amount = relative * np.exp(draw(draws.rng(name), name, mix, draws.sample))
        items[name] = level * np.exp(growth * years) * amount
        value = value + amount / 3
    return Activity(value, items)


def components(
    draws: Draw, names: tuple[str, ...], usual: np.ndarray, spread: float, epsilon: float
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Draw the (n, T) parts of an entropy index around a usual amount, and return them with the index.

    Of each part one city has next to nothing, as cities without liquefied gas: otherwise the min-max step of the index
    would take the smallest city's amount off every other's, and small cities would seem to use next to nothing at all.

    Args:
        draws: seed and sample.
        names: the parts.
        usual: (n, T) amount that each part follows, 1 in a usual city.
        spread: standard deviation of the logarithm of each part around it.
        epsilon: shift of the index.
    """
    noise = Moments(0, spread, between=0.75, trend=0.0)
    parts = np.stack([SCALES[n] * usual * np.exp(draw(draws.rng(n), n, noise, draws.sample)) for n in names], axis=-1)
    without = draws.rng(*names, "nothing").choice(np.flatnonzero(draws.studied), len(names), replace=False)
    parts[without, :, np.arange(len(names))] *= NOTHING
    index = entropy_index(parts, draws.sample, epsilon)
    return {name: parts[..., j] for j, name in enumerate(names)}, index


def entropy_index(parts: np.ndarray, sample: np.ndarray, epsilon: float) -> np.ndarray:
    """Return the (n, T) entropy-weighted index of (n, T, J) benefit indicators, weights and ranges of the sample."""
    pooled = parts[sample]
    low, high = pooled.min(axis=0), pooled.max(axis=0)
    z = (parts - low) / (high - low) + epsilon
    p = z[sample] / z[sample].sum(axis=0)
    d = 1 + (p * np.log(p)).sum(axis=0) / np.log(len(p))
    return np.asarray(z @ (d / d.sum()))


def least_inputs(value: np.ndarray, pollution: np.ndarray) -> np.ndarray:
    """Return N, the geometric mean of the inputs that an efficient city needs, 1 in a usual city."""
    beside = pollution / np.median(pollution, axis=0)
    return np.asarray((value / beside**POLLUTION_SHARE) ** (1 / (1 - POLLUTION_SHARE)))


def capital_and_labour(
    draws: Draw, used: np.ndarray, resources: np.ndarray, spread: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return (n, T) capital and labour, 1 in a usual city, whose geometric mean with the resources is ``used``.

    Raises:
        SimulationError: a city without resources.
    """
    if not (resources > 0).all():
        raise SimulationError("a city uses no resources: its efficiency is not defined")
    both = used**3 / (resources / np.median(resources, axis=0))
    mix = draw(draws.rng("input mix"), "input mix", Moments(0, spread, between=0.75, trend=0.0), draws.sample)
    return np.sqrt(both) * np.exp(mix), np.sqrt(both) * np.exp(-mix)
