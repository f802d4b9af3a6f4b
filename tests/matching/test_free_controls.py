"""Matching without replacement, against looking at every free control for each treated row."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shidian.matching import free_controls, neighbours
from shidian.matching.neighbours import MatchRule, match_neighbours


def pairs_by_looking_at_all(measure, treated, key, k, limit):
    """Return the pairs of greedy matching, highest score first, of controls equally near the first by key."""
    queue = np.flatnonzero(treated)
    queue = queue[np.lexsort((key[queue], -measure[queue]))]
    free, pairs = set(np.flatnonzero(~treated).tolist()), []
    for _ in range(k):
        for t in queue.tolist():
            if free:
                apart, _, j = min((np.abs(measure[c] - measure[t]).round(12), key[c], c) for c in free)
                if apart <= limit:
                    free.remove(j)
                    pairs.append((t, j))
    return pairs


@given(st.integers(0, 10**6), st.sampled_from([2, 10, 10**6]), st.sampled_from([None, 0.0, 0.1]), st.integers(1, 3))
@settings(max_examples=150, deadline=None)
def test_pairs_are_those_of_looking_at_all(seed, levels, caliper, k):
    """Few levels make many ties; some scores differ by less than the digits that count, some lie on their edge."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 60))
    measure = rng.integers(0, levels, n) / levels + rng.choice([0, 1e-16, 3e-13, 1e-12, 5e-13], n)
    treated = rng.random(n) < rng.choice([0.1, 0.5, 0.8])
    key = rng.permutation(n)
    rule = MatchRule(k, replacement=False, caliper=caliper, caliper_scale="absolute", support="none")
    found = match_neighbours(measure, treated, key, rule)
    limit = np.inf if caliper is None else caliper
    expected = pairs_by_looking_at_all(measure, treated, key, k, limit)
    assert list(zip(found.treated.tolist(), found.control.tolist(), strict=True)) == expected


@pytest.mark.parametrize("levels", [5, 10**9])
def test_looks_at_few_controls_however_many_there_are(levels, monkeypatch):
    """Distances taken for each treated row: no more with all scores different than with 4,000 controls on five."""
    looked = []
    rounded = free_controls._rounded
    monkeypatch.setattr(free_controls, "_rounded", lambda *pair: looked.append(1) or rounded(*pair))
    rng = np.random.default_rng(1)
    measure = rng.integers(0, levels, 8000) / levels
    match_neighbours(measure, np.arange(8000) < 4000, rng.permutation(8000), MatchRule(replacement=False))
    assert 2 * 3900 <= len(looked) <= 6 * 4000


def test_scores_that_repeat_are_looked_up_once(monkeypatch):
    """Two thousand treated rows with five scores between them, with replacement."""
    looked = []
    window = neighbours._window
    monkeypatch.setattr(neighbours, "_window", lambda *given: looked.append(1) or window(*given))
    rng = np.random.default_rng(1)
    measure, key = rng.integers(0, 5, 4000) / 5, rng.permutation(4000)
    found = match_neighbours(measure, np.arange(4000) < 2000, key, MatchRule(neighbours=2, support="none"))
    assert len(looked) == 5
    for t, c in zip(found.treated[::97], found.control[::97], strict=True):
        same = np.flatnonzero((measure == measure[t]) & (np.arange(4000) >= 2000))
        assert c in same[np.argsort(key[same])][:2]
