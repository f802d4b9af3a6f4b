"""The worlds that a study's panel lies in, by the level of its units: with disturbances, or without."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from shidian.errors import SimulationError, nearest
from shidian.simulate.cities import simulate_cities
from shidian.simulate.counties import simulate_counties
from shidian.simulate.provinces import simulate_provinces
from shidian.simulate.truth import Truth, load_truth
from shidian.simulate.world import Panel, Size, World

WORLDS: Mapping[str, Callable[..., World]] = {
    "city": simulate_cities, "county": simulate_counties, "province": simulate_provinces,
}  # fmt: skip
"""Level of units -> its simulator."""


def simulate_panel(
    study: str, seed: int, size: Size | None = None, *, disturbed: bool = True, truth: Truth | None = None
) -> Panel:
    """Return one study's panel without writing workbooks; ``disturbed=False`` is the noise-free panel."""
    return simulate_world(study, seed, size, disturbed=disturbed, truth=truth).panels[study]


def simulate_world(
    study: str, seed: int, size: Size | None = None, *, disturbed: bool = True, truth: Truth | None = None
) -> World:
    """Return the world that one study's panel lies in; arguments as :func:`simulate_panel`."""
    given = truth or load_truth(study)
    if given.unit not in WORLDS:
        raise SimulationError(f"no world of '{given.unit}'{nearest(given.unit, WORLDS)}")
    truths = {study: truth} if truth else None
    return WORLDS[given.unit](seed, size, disturbed=disturbed, truths=truths)


def true_values(panel: Panel, names: Sequence[str]) -> pd.DataFrame:
    """Return unit, year and the true values of variables that data can only estimate, such as efficiency scores.

    Raises:
        SimulationError: the simulator knows no truth of that name.
    """
    unknown = [name for name in names if name not in panel.variables]
    if unknown:
        raise SimulationError(
            f"{panel.truth.study}: no true values of '{unknown[0]}' are simulated{nearest(unknown[0], panel.variables)}"
        )
    return panel.frame()[["unit", "year", *names]]
