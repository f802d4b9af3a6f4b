"""Random streams of periods: those of years stay, and years before zero have one."""

import numpy as np
from shidian.period import stream_key
from shidian.spatial.moran import moran

from tests.spatial.spatial_panels import planar_weights


def test_each_period_has_a_stream_of_its_own():
    years = range(-600, 2100)
    states = {tuple(np.random.SeedSequence(1, spawn_key=stream_key(year)).generate_state(2)) for year in years}
    assert len(states) == len(years)
    assert stream_key(2010) == (2010,)


def test_permutations_of_a_year_before_zero():
    values = np.random.default_rng(2).normal(size=12)
    found = moran(values, planar_weights(12, 3), permutations=99, seed=1, stream=-500)
    assert 0 < found.p_permutation <= 1
