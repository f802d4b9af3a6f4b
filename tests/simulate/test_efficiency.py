"""Planted efficiency: the score against the true technology, to a linear program that knows nothing of it."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.stats import skew
from shidian.errors import SimulationError
from shidian.simulate.cities import simulate_cities
from shidian.simulate.city_efficiency import relative_effects, spatial_coefficients
from shidian.simulate.city_technology import entropy_index
from shidian.simulate.city_weights import composite_weights, great_circle
from shidian.simulate.truth import load_truth

from tests.monte_carlo.study_scores import BAD, GOOD, INPUTS, scored_panel

SEED = 20240601
STUDY = "green_innovation_cities"


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
def scored(cities):
    """The study's panel with true efficiency ``gie`` and Super-SBM ``score``."""
    return scored_panel(cities)


@pytest.fixture(scope="module")
def study(cities):
    return cities.panels[STUDY]


def test_the_planted_efficiency_is_the_score_against_the_true_technology():
    truth = load_truth(STUDY)
    exact = replace(truth, parameters={**truth.parameters, "measurement_error": 0.0})
    frame = scored_panel(simulate_cities(SEED, truths={STUDY: exact}))
    for year in (2007, 2021):
        part = frame[frame["year"] == year]
        E, X = part["gie"].to_numpy(), part[INPUTS].to_numpy().T
        rng = np.random.default_rng(year)
        # the frontier: every city without its waste, and as many with other mixes of inputs and more or less pollution
        mix = np.exp(0.5 * rng.standard_normal((3, 280)))
        mix, dirt = mix / np.prod(mix, axis=0) ** (1 / 3), np.exp(0.5 * rng.standard_normal(280))
        inputs = np.hstack([X * E, X * E * mix * dirt**-0.25])
        good, bad = part[GOOD].to_numpy().T, part[BAD].to_numpy().T
        good, bad = np.hstack([good, good]), np.hstack([bad, bad * dirt])
        for o in rng.choice(280, size=4, replace=False):
            data = (np.column_stack([x, own[:, o]]) for x, own in ((inputs, X), (good, good), (bad, bad)))
            X_, good_, bad_ = (x / x.mean(axis=1, keepdims=True) for x in data)
            assert sbm(X_, good_, bad_, 560) == pytest.approx(E[o], abs=1e-7)


def test_the_scores_are_like_those_of_real_panels(scored):
    """242 to 287 real cities (green_efficiency_real, 2013-2019): 4-8% efficient, mean 0.35, sd 0.26, skew 2.1."""
    efficient = scored["score"] >= 1
    yearly = efficient.groupby(scored["year"]).mean()
    assert yearly.between(0.05, 0.15).all()
    assert 0.25 < scored["score"].mean() < 0.40
    assert 0.20 < scored["score"].std() < 0.30
    assert 1 < skew(scored["score"]) < 2.5
    assert scored["score"].max() < 2


def test_the_frontier_is_spanned_by_many_which_enter_and_leave(scored):
    efficient = (scored["score"] >= 1).groupby(scored["unit"]).mean()
    assert (efficient > 0).sum() >= 20
    assert ((efficient > 0) & (efficient < 1)).sum() >= 10
    assert (scored["score"] > 1.05).groupby(scored["year"]).sum().min() >= 2


def test_scores_know_the_ranks_and_are_too_high_on_average(scored):
    ranks = [part["score"].corr(part["gie"], method="spearman") for _, part in scored.groupby("year")]
    assert min(ranks) > 0.95
    assert max(ranks) < 1
    assert 0.01 < (scored["score"].clip(upper=1) - scored["gie"]).mean() < 0.06


def test_the_policy_works_in_central_cities_above_all():
    did, sample = np.zeros((4, 3)), np.ones((4, 3), dtype=bool)
    did[0, 1:] = did[1, 2:] = did[2, :] = 1
    central = np.array([True, False, False, False])
    effect = relative_effects(did, central, sample, 15.0)
    assert effect[0] / effect[1] == pytest.approx(15)
    assert (did * effect[:, None]).sum() / did.sum() == pytest.approx(1)
    assert relative_effects(did * ~central[:, None], central, sample, 15.0)[1] == pytest.approx(1)


def test_direct_and_indirect_effects_are_those_printed(study):
    panel, truth = study, load_truth(STUDY)
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
    panel = study
    east, y = panel.units["longitude"].to_numpy(), panel.variables["gie"][:, 7]
    assert np.corrcoef(east, y)[0, 1] > 0.1
    W = composite_weights(east, panel.units["latitude"].to_numpy(), np.arange(280.0), 1.0)
    z = y - y.mean()
    assert z @ W @ z / (z @ z) > 0
