"""Smoothed bootstrap of the scores: reproducible whatever the chunking, inside the estimated technology."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shidian.efficiency import bootstrap_scores, build_technology, super_sbm
from shidian.efficiency.distance import proportional
from shidian.efficiency.pseudo_samples import shares, silverman
from shidian.errors import EstimationError

from tests.efficiency.technologies import random_technology


def panel(n=25, years=2, counts=(2, 1, 1)):
    blocks = [np.hstack(random_technology(n, counts, seed)) for seed in range(years)]
    frame = pd.DataFrame(np.vstack(blocks), columns=["x1", "x2", "y", "b"])
    return frame.assign(unit=np.tile(np.arange(n), years), year=np.repeat(2010 + np.arange(years), n))


def technology(frame):
    return build_technology(["x1", "x2"], ["y"], ["b"], data=frame, unit="unit", year="year")


@pytest.mark.parametrize("returns", ["crs", "vrs"])
@pytest.mark.parametrize("direction", [[-1, -1, 1, -1], [-1, -1, 0, 0], [0, 0, 1, -1]])
def test_a_pseudo_unit_is_as_far_from_the_frontier_as_drawn(returns, direction):
    data = technology(panel(years=1))
    direction = np.array(direction, dtype=float)
    beta = proportional(data.values, data.counts, returns, np.abs(direction))
    points = data.values * shares(-np.log1p(-beta), direction)
    np.testing.assert_allclose(proportional(points, data.counts, returns, np.abs(direction)), 0.0, atol=1e-9)
    u = np.linspace(0.05, 1, len(points))
    moved = points / shares(u, direction)
    both = np.vstack([points, moved])
    again = proportional(both, data.counts, returns, np.abs(direction))[len(points) :]
    np.testing.assert_allclose(again, 1 - np.exp(-u), rtol=1e-9)


def test_chunks_years_and_row_order_do_not_matter():
    frame = panel()
    whole = bootstrap_scores(technology(frame), seed=3, replications=6)
    parts = [bootstrap_scores(technology(frame), seed=3, replications=3, first=f) for f in (0, 3)]
    np.testing.assert_array_equal(np.vstack([part.draws for part in parts]), whole.draws)
    mixed = bootstrap_scores(technology(frame.sample(frac=1, random_state=1)), seed=3, replications=6)
    np.testing.assert_array_equal(mixed.draws, whole.draws)
    pd.testing.assert_frame_equal(mixed.summary, whole.summary)
    alone = bootstrap_scores(technology(frame[frame["year"] == 2011]), seed=3, replications=6)
    np.testing.assert_array_equal(alone.draws, whole.draws[:, (whole.summary["year"] == 2011).to_numpy()])
    other = bootstrap_scores(technology(frame), seed=4, replications=6)
    assert np.abs(other.draws - whole.draws).max() > 1e-3


@pytest.mark.parametrize("returns", ["crs", "vrs"])
@pytest.mark.parametrize("frontier", ["contemporaneous", "global"])
def test_pseudo_technologies_lie_inside_so_that_no_score_falls(returns, frontier):
    data = technology(panel())
    found = bootstrap_scores(data, seed=1, replications=10, returns=returns, frontier=frontier)
    summary = found.summary
    assert (found.draws >= summary["score"].to_numpy() - 1e-9).all()
    assert (found.draws > 1).any()
    assert (summary["corrected"] <= summary["score"] + 1e-12).all()
    assert (summary["low"] <= summary["high"]).all()
    assert (summary["corrected"] > 0).all()
    assert (summary["draws"] == 10).all()
    sbm = super_sbm(
        ["x1", "x2"], ["y"], ["b"], data=panel(), unit="unit", year="year", returns=returns, frontier=frontier
    )
    np.testing.assert_allclose(np.minimum(sbm.sbm.objective, 1), summary["score"])
    np.testing.assert_allclose(np.exp(np.log(found.plausible()).mean(axis=0)), summary["corrected"], rtol=1e-12)


@pytest.mark.parametrize("orientation", ["none", "input", "output"])
def test_engines_agree_on_every_draw(orientation):
    data = technology(panel(n=15, years=1))
    fast, slow = (
        bootstrap_scores(data, seed=2, replications=3, orientation=orientation, returns="vrs", engine=engine)
        for engine in ("fast", "highs")
    )
    np.testing.assert_allclose(fast.draws, slow.draws, rtol=1e-9, atol=1e-9, equal_nan=True)
    missing = np.isnan(fast.draws)
    assert bool(fast.ledger) == bool(missing.any())


def test_without_smoothing_efficiencies_are_those_of_the_sample():
    # bandwidth 0 redraws observed efficiencies: with all units efficient, pseudo-units are the units themselves
    y = np.array([1.0, 2.0, 3.0, 4.0])
    x = y**1.5
    found = bootstrap_scores(build_technology(x, y), seed=0, replications=2, returns="vrs", bandwidth=0.0)
    np.testing.assert_allclose(found.draws, 1.0, atol=1e-9)


def test_silverman_of_a_reflected_normal_sample():
    u = np.abs(np.random.default_rng(0).normal(size=4000)) * 0.3
    assert silverman(u) == pytest.approx(0.9 * 0.3 * 8000**-0.2, rel=0.03)


def test_bad_options_are_refused():
    data = technology(panel())
    for options, message in (
        ({"replications": 1}, "at least 2 replications"),
        ({"first": -1}, "counts from 0"),
        ({"level": 1.0}, "between 0 and 1"),
        ({"bandwidth": -1.0}, "must not be negative"),
        ({"frontier": "window"}, "contemporaneous and global"),
        ({"returns": "irs"}, "returns 'irs' is not one of"),
    ):
        with pytest.raises(EstimationError, match=message):
            bootstrap_scores(data, seed=0, **options)


@given(powers=st.lists(st.integers(-12, 12), min_size=4, max_size=4))
@settings(max_examples=4, deadline=None)
@pytest.mark.parametrize("returns", ["crs", "vrs"])
def test_units_of_measure_never_matter(returns, powers):
    """Inputs and outputs times 1e-12 ... 1e12: the same scores, draws and intervals."""
    frame = panel(years=1)
    scaled = frame.assign(**{n: frame[n] * 10.0**p for n, p in zip(["x1", "x2", "y", "b"], powers, strict=True)})
    a, b = (bootstrap_scores(technology(f), seed=3, replications=6, returns=returns) for f in (frame, scaled))
    np.testing.assert_allclose(b.draws, a.draws, rtol=1e-7)
    numeric = a.summary.select_dtypes("number").columns
    np.testing.assert_allclose(b.summary[numeric].to_numpy(float), a.summary[numeric].to_numpy(float), rtol=1e-7)
