"""Do the effects estimated on the simulated cities' true efficiency cover those planted in green_innovation_cities?

Each replication is a world of its own: cities, controls, policy and disturbances are drawn anew from its seed. The
weights are those of the planted process, a Wg + (1 - a) We of the cities' places and mean GDP per head, with the
planted a. ``python -m tests.spatial.planted_effects`` prints the table of docs/monte_carlo_spatial.md.
"""

from __future__ import annotations

import pandas as pd
from shidian.exhibits.spatial_inputs import build_weights
from shidian.simulate.cities import simulate_cities
from shidian.simulate.truth import load_truth
from shidian.spatial.effects import effects
from shidian.spatial.models import fit_spatial

from tests.spatial.monte_carlo import coverage_band, markdown, summary

STUDY = "green_innovation_cities"
SEED = 20240601
REPLICATIONS = 100
REGRESSORS = ["did", "eco", "fin", "urban", "gov", "industry"]


def true_panel(seed: int) -> pd.DataFrame:
    """Return the study's panel with true efficiency, coordinates and GDP per head, of one simulated world."""
    world = simulate_cities(seed)
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


def one_draw(seed: int) -> dict[str, tuple[float, float]]:
    """Return direct, indirect and total effect of the policy and ρ with standard errors, in the world of ``seed``.

    The Durbin model has the lag of the treatment alone, as the planted process; errors are clustered by city.
    """
    panel = true_panel(seed)
    a = load_truth(STUDY).parameter("weight_geographic")
    W = build_weights(panel, {"kind": "composite", "income": "pgdp", "a": a})
    result = fit_spatial(
        panel, "gie", REGRESSORS, W, "sdm", lagged=["did"], vcov={"kind": "cluster", "by": "unit"}
    )  # fmt: skip
    table = effects(result, ["did"], draws=1000, seed=seed).table.set_index("effect")
    found = {kind: (float(table["estimate"][kind]), float(table["se"][kind])) for kind in table.index}
    place = result.fit.terms.index("rho")
    return {**found, "rho": (float(result.fit.coef[place]), float(result.fit.se[place]))}


def table(replications: int = REPLICATIONS) -> pd.DataFrame:
    """Return bias and coverage of each effect over worlds SEED, SEED + 1, ..., with the gates' verdict."""
    frame = pd.DataFrame(summary([one_draw(SEED + d) for d in range(replications)], planted()))
    low, high = coverage_band(replications, len(frame))
    unbiased = frame["bias"].abs() <= 0.1 * frame["mean se"] + 3.5 * frame["sd"] / replications**0.5
    return frame.assign(passes=unbiased & frame["coverage"].between(low, high))


if __name__ == "__main__":
    print(markdown(table()))
