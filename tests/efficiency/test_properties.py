"""Properties of SBM and Super-SBM that hold for any data (dispersed, degenerate and duplicated units too)."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shidian.efficiency import exact, programs, super_sbm

from tests.efficiency.technologies import random_technology, technologies

QUICK = settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
MANY = settings(max_examples=1500, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
MODELS = st.tuples(st.sampled_from(["crs", "vrs", "nirs", "ndrs"]), st.sampled_from(["none", "input", "output"]))


def score(blocks, engine="fast", **options):
    return super_sbm(*blocks, engine=engine, **options)


def close(first, second, tol=1e-9):
    """Equal to tol, relative above one; missing in the same places."""
    np.testing.assert_allclose(first, second, rtol=tol, atol=tol, equal_nan=True)


def check_bounds_and_peers(blocks, model):
    returns, orientation = model
    result = score(blocks, returns=returns, orientation=orientation)
    scores = result.scores()
    assert (scores["status_sbm"] == "optimal").all()
    assert (scores["sbm"] <= 1 + 1e-9).all()
    assert (scores["sbm"] >= -1e-12).all()
    efficient = scores["efficient"].to_numpy(bool)
    assert efficient.any() or orientation != "none"
    above = scores.loc[efficient & (scores["status_super"] == "optimal"), "score"]
    assert (above >= 1 - 1e-9).all()
    slack = result.sbm.slack
    if orientation == "none":  # rho = 1 if and only if there is no slack
        np.testing.assert_array_equal(efficient, slack.max(axis=1) * min(result.technology.weights) < 2e-9)
        peers = result.sbm.peers[1]
        assert efficient[peers].all()
    check_projection(result)


def check_projection(result):
    """Slacks, intensities and the score of the SBM stage satisfy the model's definition."""
    technology = result.technology
    values, sign = technology.values, technology.counts.sign
    point = np.zeros_like(values)
    evaluation, peer, intensity = result.sbm.peers
    np.add.at(point, evaluation, intensity[:, None] * values[peer])
    np.testing.assert_allclose(
        (values - sign * result.sbm.slack * values) / values, point / values, atol=1e-7, rtol=1e-7
    )
    m = technology.counts.inputs
    down = 1 - result.sbm.slack[:, :m] @ technology.weights[:m]
    up = 1 + result.sbm.slack[:, m:] @ technology.weights[m:]
    if result.options["orientation"] == "input":
        up = 1.0
    if result.options["orientation"] == "output":
        down = 1.0
    close(result.sbm.objective, down / up, 1e-8)


def check_invariance(blocks, model, seed):
    """Scores do not change with units of measure (1e-6 ... 1e8), nor with the order of rows."""
    returns, orientation = model
    rng = np.random.default_rng(seed)
    n = len(blocks[0])
    order = rng.permutation(n)
    base = score(blocks, returns=returns, orientation=orientation)
    scaled = [block * 10.0 ** rng.uniform(-6, 8, block.shape[1]) for block in blocks]
    other = score(scaled, returns=returns, orientation=orientation)
    mixed = score([block[order] for block in blocks], returns=returns, orientation=orientation)
    close(other.score, base.score, 1e-8)
    close(other.sbm.objective, base.sbm.objective)
    close(mixed.score, base.score[order])


def check_engines(blocks, model):
    returns, orientation = model
    fast = score(blocks, returns=returns, orientation=orientation)
    slow = score(blocks, "highs", returns=returns, orientation=orientation)
    close(fast.sbm.objective, slow.sbm.objective)
    close(fast.score, slow.score)
    np.testing.assert_array_equal(fast.superstage.status, slow.superstage.status)


def check_order_of_scores(blocks):
    """VRS scores are at least CRS scores; NIRS and NDRS lie between; another unit never raises a score."""
    by = {returns: score(blocks, returns=returns).sbm.objective for returns in ("crs", "vrs", "nirs", "ndrs")}
    for returns in ("nirs", "ndrs"):
        assert (by[returns] >= by["crs"] - 1e-9).all()
        assert (by["vrs"] >= by[returns] - 1e-9).all()
    fewer = score([block[:-1] for block in blocks], returns="vrs")
    more = score(blocks, returns="vrs")
    assert (more.sbm.objective[:-1] <= fewer.sbm.objective + 1e-9).all()
    both = np.isfinite(more.score[:-1]) & np.isfinite(fewer.score)
    assert (more.score[:-1] <= fewer.score * (1 + 1e-9) + 1e-9)[both].all()


@QUICK
@given(technologies(), MODELS)
def test_bounds_slacks_and_peers(blocks, model):
    check_bounds_and_peers(blocks, model)


@QUICK
@given(technologies(), MODELS, st.integers(0, 1000))
def test_units_and_row_order_do_not_matter(blocks, model, seed):
    check_invariance(blocks, model, seed)


@settings(QUICK, max_examples=15)
@given(technologies(max_units=15), MODELS)
def test_engines_agree(blocks, model):
    check_engines(blocks, model)


@QUICK
@given(technologies(max_units=20))
def test_order_of_scores(blocks):
    if len(blocks[0]) > sum(block.shape[1] for block in blocks):
        check_order_of_scores(blocks)


@pytest.mark.slow
@MANY
@given(technologies(max_units=40), MODELS)
def test_bounds_slacks_and_peers_of_many(blocks, model):
    check_bounds_and_peers(blocks, model)


@pytest.mark.slow
@MANY
@given(technologies(max_units=40), MODELS, st.integers(0, 1000))
def test_units_and_row_order_of_many(blocks, model, seed):
    check_invariance(blocks, model, seed)


@pytest.mark.slow
@MANY
@given(technologies(max_units=25), MODELS)
def test_engines_agree_on_many(blocks, model):
    check_engines(blocks, model)


@pytest.mark.slow
@MANY
@given(technologies(max_units=30))
def test_order_of_scores_of_many(blocks):
    if len(blocks[0]) > sum(block.shape[1] for block in blocks):
        check_order_of_scores(blocks)


def test_a_dominated_unit_may_be_a_peer_in_the_super_stage():
    # dropping inefficient units from the super stage would change these scores
    blocks = random_technology(60, (2, 2, 1), seed=3)
    result = score(blocks)
    efficient = result.scores()["efficient"].to_numpy(bool)
    assert not efficient[result.superstage.peers[1]].all()
    kept = [block[efficient] for block in blocks]
    assert np.abs(score(kept).score - result.score[efficient]).max() > 1e-3


def test_super_scores_under_crs_are_capped():
    # with undesirable outputs among s1 + s2 outputs, rho* <= (s1 + s2) / s2
    blocks = random_technology(30, (2, 1, 1), seed=5, dispersion=3.0)
    assert score(blocks).score.max() <= 2 + 1e-12


def test_equal_weights_are_the_default_and_weights_only_matter_relatively():
    blocks = random_technology(30, (2, 2, 1), seed=8)
    base = score(blocks)
    same = score(blocks, weights={"input1": 3.0, "input2": 3.0})
    close(same.score, base.score, 1e-13)
    tilted = score(blocks, weights={"input1": 3.0})
    assert np.abs(tilted.score - base.score).max() > 1e-3
    pulp = score(blocks, "pulp", weights={"input1": 3.0})
    close(tilted.score, pulp.score)


def test_without_undesirable_outputs_a_bad_output_is_an_input_in_disguise():
    # contraction of inputs alone: moving b to the inputs with the same weights keeps the efficient set
    x, y, b = random_technology(40, (2, 1, 1), seed=11)
    as_output = score([x, y, b]).scores()["efficient"]
    as_input = score([np.hstack([x, b]), y]).scores()["efficient"]
    assert as_output.tolist() == as_input.tolist()


def test_values_apart_by_twelve_orders_of_magnitude_are_exact_or_flagged():
    x, y, b = random_technology(30, (2, 2, 1), seed=1)
    for factor in (1e12, 1e-12):
        x[3] *= factor
        fast = score([x, y, b], returns="vrs")
        slow = score([x, y, b], "highs", returns="vrs")
        assert (fast.scores()["status_sbm"] == "optimal").all()
        close(fast.score, slow.score)
        written = score([x, y, b], "pulp", returns="vrs")
        known = np.isfinite(written.score)
        assert known.any()
        close(written.score[known], fast.score[known], 1e-7)
        assert (written.scores().loc[~known, "reason"] == "no engine could certify an optimum").all()
        assert written.counts()["uncertified"] == (~known).sum()
        assert "same unit of measure" in fast.warnings[0]
        x[3] /= factor


@pytest.mark.parametrize(("seed", "dispersion"), [(327, 8.0), (117, 12.0)])
def test_no_score_comes_from_a_point_that_vanishes(seed, dispersion):
    # as Charnes & Cooper's t falls to zero every row is nearly met: these had scores of about -1e-18, and are >= 1
    blocks = random_technology(14, (2, 1, 1), seed=seed, dispersion=dispersion)
    for returns in ("crs", "vrs"):
        fast = score(blocks, returns=returns)
        close(fast.sbm.objective, score(blocks, "highs", returns=returns).sbm.objective)
        technology = fast.technology
        Z = np.ascontiguousarray(technology.values.T)
        program = programs.sbm(technology.counts, technology.weights, returns, "none")
        truth = [exact.solve_one(program, Z, z, -1).objective for z in technology.values]
        close(fast.sbm.objective, truth)
