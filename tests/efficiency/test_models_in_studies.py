"""A study declares a model of efficiency by its method: keys, defaults, refusals, scores as the printed ones."""

import numpy as np
import pytest
from shidian.errors import StudyError
from shidian.panel.scores import add_scores, solve_part
from shidian.study.efficiency import resolve_efficiency
from shidian.study.efficiency_models import score_models
from shidian.trace.lineage import _score

from tests.efficiency.published import PRINTED, VARIABLES, provinces

YEARS = {"first": 2013, "last": 2015}
BOTH = {"inputs": ["capital", "labour"], "desirable": ["gdp"], "undesirable": ["co2"]}
DECLARED = {
    "ddf": {"method": "directional_distance", **BOTH, "score": "distance"},
    "nddf": {"method": "nonradial_distance", **BOTH, "weights": dict.fromkeys(VARIABLES, 1), "score": "distance"},
    "ebm": {"method": "epsilon_based", "inputs": ["capital", "labour", "co2"], "desirable": ["gdp"]},
}


@pytest.fixture
def panel():
    return provinces()[["province", "year", *VARIABLES]].rename(columns={"province": "unit"})


def resolved(declared):
    return {m.name: m for m in resolve_efficiency(declared, VARIABLES, YEARS)}


def test_scores_of_each_year_are_variables_of_the_panel(panel):
    models = resolved(DECLARED)
    scores = {}
    for name, model in models.items():
        assert not model.pools_years
        assert not model.may_lack_the_best
        assert model.method in _score(model).formula
        module = score_models()[model.method].module
        scores[name] = [solve_part(panel, name, model.model, str(year), module)[0] for year in range(2013, 2016)]
    full = add_scores(panel, scores)
    np.testing.assert_allclose(full["ddf"], provinces()["outputs_moved"], atol=PRINTED)
    np.testing.assert_allclose(full["nddf"], provinces()["equal"], atol=PRINTED)
    assert full["ebm"].between(0.05, 1 + 1e-12).all()
    assert full.groupby("year")["ebm"].max().tolist() == pytest.approx([1.0] * 3)


def test_a_frontier_of_all_years_is_one_job(panel):
    (model,) = resolved({"ddf": {**DECLARED["ddf"], "frontier": "global"}}).values()
    assert model.pools_years
    whole, _ = solve_part(panel, "ddf", model.model, "all", score_models()[model.method].module)
    assert len(whole) == 90


@pytest.mark.parametrize(
    ("name", "changes", "message"),
    [
        ("ddf", {"frontier": "window"}, r"'window' is not one of contemporaneous, global"),
        ("ddf", {"orientation": "input"}, "unknown key 'orientation'"),
        ("ddf", {"moved": ["so2"]}, "'so2'"),
        ("ddf", {"disposability": "week"}, r"'week' is not one of weak, strong"),
        ("nddf", {"weights": {"gdp": -1}}, "-1"),
        ("ebm", {"epsilon": 2}, "2"),
        ("ebm", {"method": "epsilon"}, r"'epsilon' is not one of .*epsilon_based"),
    ],
)
def test_what_a_study_cannot_say(name, changes, message):
    with pytest.raises(StudyError, match=rf"at 'efficiency\.{name}.*{message}"):
        resolved({name: {**DECLARED[name], **changes}})
