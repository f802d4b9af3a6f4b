"""Do the effects estimated on the simulated cities' true efficiency cover those planted in green_innovation_cities?

Each replication is a world of its own: cities, controls, policy and disturbances are drawn anew from its seed; a seed
whose world the simulator refuses gives way to the next. The weights are those of the planted process, a Wg + (1 - a) We
of the cities' places and mean GDP per head, with the planted a. Two cells: true efficiency, as the simulator plants it
within its bounds, with one effect in all cities; and, with the same cities, weights and policy, an outcome
drawn from the linear Durbin model itself, which tells what the bounds do to the estimates.
``python -m tests.spatial.planted_effects`` prints the tables of docs/monte_carlo_spatial.md.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from shidian.errors import SimulationError
from shidian.exhibits.spatial.spatial_inputs import build_weights
from shidian.simulate.cities import simulate_cities
from shidian.simulate.city_efficiency import spatial_coefficients
from shidian.simulate.moments import disturbance
from shidian.simulate.truth import load_truth
from shidian.spatial.effects import effects
from shidian.spatial.models import fit_spatial
from shidian.spatial.weights import Weights

from tests.monte_carlo.studies import with_equal_effects
from tests.spatial.monte_carlo import coverage_band, markdown, summary

STUDY = "green_innovation_cities"
SEED = 20251126
REPLICATIONS = 1000
REGRESSORS = ["did", "eco", "fin", "urban", "gov", "industry"]
CELLS = {"true efficiency": "gie", "linear Durbin process": "linear"}
"""What is estimated -> its column."""
BURN_IN = 5


def true_panel(seed: int) -> pd.DataFrame:
    """Return the study's panel with true efficiency, coordinates and GDP per head, of one simulated world."""
    world = simulate_cities(seed, truths={STUDY: with_equal_effects(load_truth(STUDY))})
    panel = world.panels[STUDY]
    income = pd.DataFrame(world.item("gdp_wan_yuan") / world.item("resident_population_wan"), world.units["code"])
    income = income.set_axis(world.years, axis=1).stack().rename("pgdp")
    frame = panel.frame().merge(income, left_on=["unit", "year"], right_index=True, validate="one_to_one")
    places = panel.units.set_index("code")[["longitude", "latitude"]]
    return frame.merge(places, left_on="unit", right_index=True, validate="many_to_one")


def planted() -> dict[str, float]:
    """Return the planted effects of the policy and the planted dependence."""
    value = {name: load_truth(STUDY).parameter(name) for name in ("direct_effect", "indirect_effect", "rho")}
    direct, indirect = value["direct_effect"], value["indirect_effect"]
    return {"direct": direct, "indirect": indirect, "total": direct + indirect, "rho": value["rho"]}


def with_linear_process(panel: pd.DataFrame, weights: Weights, seed: int) -> pd.DataFrame:
    """Return the panel, sorted by year and unit, with an outcome ``linear`` of the planted coefficients of ``did``.

    Its disturbances are those of the planted equation: the same spread, autocorrelation and cut.
    """
    truth = load_truth(STUDY)
    equation = truth.equations["gie"]
    own, spillover, multiplier = spatial_coefficients(truth, weights.matrix)
    rows = panel.sort_values(["year", "unit"]).reset_index(drop=True)
    did = rows["did"].to_numpy(dtype=np.float64).reshape(-1, weights.n)
    rng = np.random.default_rng(np.random.SeedSequence(SEED, spawn_key=(seed,)))
    noise = disturbance(rng, (weights.n, len(did) + BURN_IN), equation.noise, equation.persistence)[:, BURN_IN:]
    outcome = (own * did + spillover * weights.lag(did) + noise.T) @ multiplier.T
    return rows.assign(linear=outcome.ravel())


def one_draw(seed: int, cell: str = "true efficiency") -> dict[str, tuple[float, float]]:
    """Return direct, indirect and total effect of the policy and ρ with standard errors, in the world of ``seed``.

    The Durbin model has the lag of the treatment alone, as the planted process; errors are clustered by city.
    """
    panel = true_panel(seed)
    a = load_truth(STUDY).parameter("weight_geographic")
    W = build_weights(panel, {"kind": "composite", "income": "pgdp", "a": a})
    if CELLS[cell] not in panel.columns:
        panel = with_linear_process(panel, W, seed)
    result = fit_spatial(
        panel, CELLS[cell], REGRESSORS, W, "sdm", lagged=["did"], vcov={"kind": "cluster", "by": "unit"}
    )  # fmt: skip
    table = effects(result, ["did"], draws=1000, seed=seed).table.set_index("effect")
    found = {kind: (float(table["estimate"][kind]), float(table["se"][kind])) for kind in table.index}
    place = result.fit.terms.index("rho")
    return {**found, "rho": (float(result.fit.coef[place]), float(result.fit.se[place]))}


def worlds(cell: str, replications: int = REPLICATIONS) -> Iterator[dict[str, tuple[float, float]]]:
    """Yield the estimates of that many worlds, seeds SEED, SEED + 1, ... less those that the simulator refuses."""
    seed, found = SEED, 0
    while found < replications:
        try:
            yield one_draw(seed, cell)
            found += 1
        except SimulationError:
            if seed - SEED >= 2 * replications:
                raise
        seed += 1


def table(replications: int = REPLICATIONS) -> pd.DataFrame:
    """Return bias and coverage of each cell and effect, with the gates' verdict."""
    rows = [
        {"cell": cell, **row} for cell in CELLS for row in summary(list(worlds(cell, replications)), planted())
    ]  # fmt: skip
    frame = pd.DataFrame(rows)
    low, high = coverage_band(replications, len(frame))
    unbiased = frame["bias"].abs() <= 0.1 * frame["mean se"] + 3.5 * frame["sd"] / replications**0.5
    return frame.assign(passes=unbiased & frame["coverage"].between(low, high))


if __name__ == "__main__":
    print(markdown(table()))
