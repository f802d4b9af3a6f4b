"""Planted efficiency: the raw items give it back, to a linear program that knows nothing of the ray."""

import numpy as np
import pytest
from scipy.optimize import linprog
from shidian.errors import SimulationError
from shidian.simulate.city_efficiency import POLLUTANTS, RESOURCES, entropy_index, spatial_coefficients
from shidian.simulate.city_weights import composite_weights, great_circle
from shidian.simulate.truth import load_truth

SEED = 20240601


def sbm(X, good, bad, o):
    """Slacks-based measure with undesirable outputs (Tone 2003), constant returns, by Charnes and Cooper."""
    (m, n), s1, s2 = X.shape, len(good), len(bad)
    c = np.concatenate([[1.0], np.zeros(n), -1 / (m * X[:, o]), np.zeros(s1 + s2)])
    scale = 1 / ((s1 + s2) * np.concatenate([good[:, o], bad[:, o]]))
    rows = [np.concatenate([[1.0], np.zeros(n + m), scale])]
    for block, data, sign in ((0, X, 1), (m, good, -1), (m + s1, bad, 1)):
        for r in range(len(data)):
            slack = np.zeros(m + s1 + s2)
            slack[block + r] = sign
            rows.append(np.concatenate([[-data[r, o]], data[r], slack]))
    solution = linprog(c, A_eq=np.array(rows), b_eq=np.concatenate([[1.0], np.zeros(m + s1 + s2)]))
    return solution.fun


@pytest.fixture(scope="module")
def study(cities):
    panel = cities.panels["green_innovation_cities"]
    rows = cities.units["code"].isin(panel.units["code"]).to_numpy()
    columns = np.isin(cities.years, panel.years)
    items = {name: values[np.ix_(rows, columns)] for name, values in cities.items.items()}
    return panel, items


def test_the_planted_score_is_the_score_of_the_raw_items(study):
    panel, items = study
    everywhere = np.ones_like(items["so2_t"], dtype=bool)
    epsilon = load_truth("green_innovation_cities").parameter("epsilon")
    index = {
        names: entropy_index(np.stack([items[n] for n in names], -1), everywhere, epsilon)
        for names in (RESOURCES, POLLUTANTS)
    }
    capital = sum(items[f"{n}_expenditure_wan_yuan"] for n in ("education", "science", "environment"))
    labour = items["employed_research_persons"] + items["employed_environment_persons"]
    leader = panel.units.index[panel.units["code"] == "330100"][0]
    rng = np.random.default_rng(0)
    for t in (0, 7, 14):
        X = np.array([capital[:, t], labour[:, t], index[RESOURCES][:, t]])
        good = np.array([items[n][:, t] for n in ("pgdp_yuan", "green_area_ha", "green_patents")])
        bad = index[POLLUTANTS][None, :, t]
        X, good, bad = (x / x.mean(axis=1, keepdims=True) for x in (X, good, bad))
        for o in [leader, *rng.choice(280, size=12, replace=False)]:
            assert sbm(X, good, bad, o) == pytest.approx(panel.variables["gie"][o, t], abs=1e-6)


def test_scores_are_at_most_one_and_the_leader_is_never_treated(study):
    panel, _ = study
    gie = panel.variables["gie"]
    assert gie.max() == 1
    assert (gie == 1).all(axis=1).sum() == 1
    assert gie.min() > 0
    leader = panel.assignment.loc[panel.assignment["code"] == "330100"]
    assert leader["first_year"].item() == 9999


def test_direct_and_indirect_effects_are_those_printed(study):
    panel, _ = study
    truth = load_truth("green_innovation_cities")
    W = composite_weights(
        panel.units["longitude"].to_numpy(), panel.units["latitude"].to_numpy(), np.arange(280.0), 0.6
    )
    assert W.sum(axis=1) == pytest.approx(1)
    assert np.diag(W) == pytest.approx(0)
    b, theta, multiplier = spatial_coefficients(truth, W)
    effects = multiplier @ (b * np.eye(280) + theta * W)
    assert np.trace(effects) / 280 == pytest.approx(0.0150)
    assert (effects.sum() - np.trace(effects)) / 280 == pytest.approx(0.0219)


def test_great_circle_beijing_to_shanghai():
    distance = great_circle(np.array([116.4075, 121.4737]), np.array([39.9040, 31.2304]))
    assert distance[0, 1] == pytest.approx(1067, abs=3)


def test_equal_places_in_all_ranges_give_that_index_whatever_the_weights():
    rng = np.random.default_rng(1)
    parts = rng.lognormal(size=(30, 4, 3))
    low, high = parts.min(axis=(0, 1)), parts.max(axis=(0, 1))
    parts[0, 0] = low + 0.25 * (high - low)
    assert entropy_index(parts, np.ones((30, 4), dtype=bool), 1e-4)[0, 0] == pytest.approx(0.2501)


def test_two_units_in_one_place_are_an_error():
    with pytest.raises(SimulationError, match="units 0 and 1 are at distance 0"):
        composite_weights(np.array([1.0, 2.0, 3.0]), np.zeros(3), np.array([5.0, 5.0, 6.0]), 0.5)


def test_efficiency_rises_to_the_east_and_moran_is_positive(study):
    panel, _ = study
    east, y = panel.units["longitude"].to_numpy(), panel.variables["gie"][:, 7]
    assert np.corrcoef(east, y)[0, 1] > 0.1
    W = composite_weights(east, panel.units["latitude"].to_numpy(), np.arange(280.0), 1.0)
    z = y - y.mean()
    assert z @ W @ z / (z @ z) > 0
