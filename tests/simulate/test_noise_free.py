"""A study's own formulas on the noise-free world give the noise-free panel that the simulator computes by itself."""

from pathlib import Path

import numpy as np
import pytest
from shidian.errors import SimulationError
from shidian.panel.build import build_panel
from shidian.panel.indicators import add_indicators
from shidian.simulate.records import world_records
from shidian.simulate.worlds import simulate_panel, simulate_world, true_values
from shidian.study.read import read_study

from .conftest import SEED

ROOT = Path(__file__).resolve().parents[2]
OUTCOMES = {
    "income_gap_cities": ["theil", "ais", "ris", "lnagdp", "gov", "open"],
    "industry_clusters_counties": ["theil", "pgdp", "atl", "ln_aux_firms"],
    "productive_forces_provinces": ["gap", "nqp", "education", "patent", "digeco"],
}


@pytest.mark.parametrize("name", OUTCOMES)
def test_the_study_and_the_simulator_agree_without_disturbances(name):
    study, sources = read_study(ROOT, name)
    known = world_records(simulate_world(name, SEED, disturbed=False), SEED)
    if set(sources) - set(known):
        pytest.skip(f"{name} reads sources beside the yearbooks: {', '.join(set(sources) - set(known))}")
    panel = add_indicators(build_panel(study.panel, known, {}).frame, study.indicators, None).panel
    own = simulate_panel(name, SEED, disturbed=False).frame()
    both = panel.merge(own, on=["unit", "year"], suffixes=("", "_own"), validate="1:1")
    assert len(both) == len(panel) == len(own)
    for variable in OUTCOMES[name]:
        there = both[variable].notna()
        assert there.mean() > 0.98
        np.testing.assert_allclose(both.loc[there, variable], both.loc[there, f"{variable}_own"], rtol=1e-9, atol=1e-12)
    if name == "income_gap_cities":
        assert both["theil"].isna().sum() == 28, "the planted gaps are gaps here too"


def test_what_has_no_planted_truth_is_named():
    panel = simulate_panel("productive_forces_provinces", SEED)
    with pytest.raises(SimulationError, match=r"no true values of 'gie' are simulated"):
        true_values(panel, ["gie"])
