"""Properties of directional distances and the epsilon-based measure that hold for any data; the engines are equal."""

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from shidian.efficiency import build_technology, directional_distance, epsilon_based_measure, nonradial_distance
from shidian.efficiency.distance import radial_input
from shidian.efficiency.nonradial_programs import nonradial_directional
from shidian.efficiency.solution import T_COLUMN
from shidian.efficiency.technology import DISPERSED
from shidian.errors import EstimationError

from tests.efficiency.technologies import random_technology, technologies

QUICK = settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
MANY = settings(max_examples=1500, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
RETURNS = ("crs", "vrs", "nirs", "ndrs")
DISPOSAL = st.one_of(
    st.just({"disposability": "weak", "returns": "crs"}),
    st.fixed_dictionaries({"disposability": st.just("strong"), "returns": st.sampled_from(RETURNS)}),
)


def technology_of(blocks):
    """Data of one size: what spreads over nine orders of magnitude is refused."""
    assume(all((block.max(axis=0) < DISPERSED * block.min(axis=0)).all() for block in blocks))
    return build_technology(*blocks)


def close(first, second, tol=1e-9):
    np.testing.assert_allclose(first, second, rtol=tol, atol=tol, equal_nan=True)


def distance(blocks, measure=nonradial_distance, **options):
    return measure(technology_of(blocks), score="distance", **options).frame["score"].to_numpy()


def epsilon_based(blocks, **options):
    return epsilon_based_measure(technology_of(blocks), **options).frame["score"].to_numpy()


def weights_of(blocks, seed):
    """Weights of the steps, some of them zero, the first of them one."""
    names = technology_of(blocks).names
    drawn = np.random.default_rng(seed).choice([0.0, 0.3, 1.0, 2.0], len(names))
    return dict(zip(names, [1.0, *drawn[1:]], strict=True))


def check_engines(blocks, disposal, seed, epsilon):
    """Both engines are equal to 1e-9."""
    for measure, options in ((directional_distance, {}), (nonradial_distance, {"weights": weights_of(blocks, seed)})):
        fast, slow = (distance(blocks, measure, engine=e, **disposal, **options) for e in ("fast", "highs"))
        assert not np.isnan(fast).any()
        close(fast, slow)
    fast, slow = (
        epsilon_based(blocks[:2], engine=e, epsilon=epsilon, returns=disposal["returns"]) for e in ("fast", "highs")
    )
    assert not np.isnan(fast).any()
    close(fast, slow)


def check_definitions(blocks, disposal, seed, epsilon):
    """The model as the paper writes it, solved by PuLP, gives the value of the compiled engine."""
    for measure, options in ((directional_distance, {}), (nonradial_distance, {"weights": weights_of(blocks, seed)})):
        close(distance(blocks, measure, engine="pulp", **disposal, **options),
              distance(blocks, measure, engine="fast", **disposal, **options))  # fmt: skip
    options = {"epsilon": epsilon, "returns": disposal["returns"]}
    close(epsilon_based(blocks[:2], engine="pulp", **options), epsilon_based(blocks[:2], engine="fast", **options))


def check_invariance(blocks, disposal, seed, epsilon):
    """Neither units of measure (1e-6 ... 1e8) nor the order of rows matter."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(blocks[0]))
    scaled = [block * 10.0 ** rng.uniform(-6, 8, block.shape[1]) for block in blocks]
    mixed = [block[order] for block in blocks]
    for measure, options in ((directional_distance, {}), (nonradial_distance, {"weights": weights_of(blocks, seed)})):
        base, other, shuffled = (distance(b, measure, **disposal, **options) for b in (blocks, scaled, mixed))
        close(other, base, 1e-8)
        close(shuffled, base[order])
    base, other, shuffled = (epsilon_based(b[:2], epsilon=epsilon) for b in (blocks, scaled, mixed))
    close(other, base, 1e-8)
    close(shuffled, base[order])


def check_order(blocks, disposal, seed, epsilon):
    """Distances are not negative, grow with units and with freedom, and the radial one is the smallest."""
    technology = technology_of(blocks)
    weights = weights_of(blocks, seed)
    moved = [name for name, weight in weights.items() if weight > 0]
    result = nonradial_distance(technology, weights=weights, score="distance", **disposal)
    d = result.frame["score"].to_numpy()
    assert (d >= 0).all()
    steps = result.frame[[f"step_{name}" for name in technology.names]].to_numpy()
    assert (steps >= -1e-11).all()
    close(np.maximum(steps, 0) @ np.array([weights[name] for name in technology.names]), d)
    assert (steps[:, technology.counts.sign > 0] <= 1 + 1e-9).all()
    beta = directional_distance(technology, moved=moved, score="distance", **disposal).frame["score"].to_numpy()
    total = sum(weights.values())
    assert (d >= total * beta - 1e-8 * (1 + d)).all()
    free = distance(blocks, weights=weights, disposability="strong", returns=disposal["returns"])
    assert (free >= d - 1e-8 * (1 + d)).all()
    if len(blocks[0]) > len(technology.names):
        fewer = distance([block[:-1] for block in blocks], weights=weights, **disposal)
        assert (d[:-1] >= fewer - 1e-8 * (1 + fewer)).all()
    low, high = (epsilon_based(blocks[:2], epsilon=e, returns=disposal["returns"]) for e in (epsilon / 2, epsilon))
    assert (high <= low + 1e-9).all()
    assert (low <= 1 + 1e-9).all()
    radial_technology = technology_of(blocks[:2])
    values, counts = radial_technology.values, radial_technology.counts
    close(epsilon_based(blocks[:2], epsilon=0.0, returns=disposal["returns"]),
          radial_input(values, values, counts, disposal["returns"]))  # fmt: skip


CASES = (DISPOSAL, st.integers(0, 1000), st.sampled_from([0.1, 0.5, 0.9, 1.0]))


@QUICK
@given(technologies(max_units=15, min_bad=1), *CASES)
def test_engines_agree(blocks, disposal, seed, epsilon):
    check_engines(blocks, disposal, seed, epsilon)


@settings(QUICK, max_examples=2)
@given(st.integers(0, 1000), *CASES)
def test_definitions_agree(data_seed, disposal, seed, epsilon):
    check_definitions(random_technology(8, (2, 1, 1), data_seed), disposal, seed, epsilon)


@QUICK
@given(technologies(max_units=15, min_bad=1), *CASES)
def test_units_and_row_order_do_not_matter(blocks, disposal, seed, epsilon):
    check_invariance(blocks, disposal, seed, epsilon)


@QUICK
@given(technologies(max_units=15, min_bad=1), *CASES)
def test_order_of_distances(blocks, disposal, seed, epsilon):
    check_order(blocks, disposal, seed, epsilon)


@pytest.mark.slow
@MANY
@given(technologies(max_units=25, min_bad=1), *CASES)
def test_engines_agree_on_many(blocks, disposal, seed, epsilon):
    check_engines(blocks, disposal, seed, epsilon)


@pytest.mark.slow
@settings(MANY, max_examples=200)
@given(st.integers(0, 10**6), *CASES)
def test_definitions_agree_on_many(data_seed, disposal, seed, epsilon):
    check_definitions(random_technology(12, (2, 1, 1), data_seed), disposal, seed, epsilon)


@pytest.mark.slow
@MANY
@given(technologies(max_units=30, min_bad=1), *CASES)
def test_units_and_row_order_of_many(blocks, disposal, seed, epsilon):
    check_invariance(blocks, disposal, seed, epsilon)


@pytest.mark.slow
@MANY
@given(technologies(max_units=30, min_bad=1), *CASES)
def test_order_of_distances_of_many(blocks, disposal, seed, epsilon):
    check_order(blocks, disposal, seed, epsilon)


def test_t_is_the_first_column_of_these_programs_too():
    technology = technology_of(random_technology(8, (2, 1, 1), 0))
    for weights in ([1.0, 0, 1, 0], [0.0, 0, 1, 1]):
        program = nonradial_directional(technology.counts, "crs", np.array(weights), weak=True)
        assert program.position("t") == T_COLUMN


def test_calibration_does_not_depend_on_units_of_measure():
    blocks = random_technology(30, (3, 2, 0), 5)[:2]
    for calibration in ("projected", "observed"):
        first = epsilon_based_measure(technology_of(blocks), calibration=calibration)
        scaled = [block * np.array([1e-4, 1e5, 3.0])[: block.shape[1]] for block in blocks]
        other = epsilon_based_measure(technology_of(scaled), calibration=calibration)
        close(other.frame["score"], first.frame["score"])
        close(other.weights["0"], first.weights["0"])
        assert first.frame["epsilon"].between(0, 1).all()


@pytest.mark.parametrize("measure", [directional_distance, nonradial_distance])
def test_data_of_nine_orders_of_magnitude_are_refused(measure):
    rng = np.random.default_rng(1)
    inputs, outputs = rng.uniform(1, 2, (8, 2)), rng.uniform(1, 2, (8, 1))
    inputs[0, 0] = 3e9
    technology = build_technology(inputs, outputs, rng.uniform(1, 2, (8, 1)))
    with pytest.raises(EstimationError, match=r"'\w+' goes from 1\.\d+ to 3e\+09: distances are not certified"):
        measure(technology)
