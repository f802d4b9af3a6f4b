"""Blocks of a large reference set: a bound below every column in them, and scores that stay the same bytes."""

import numpy as np
import pytest
from shidian.efficiency import blocks, build_technology, measure

from tests.efficiency.technologies import random_technology


@pytest.mark.parametrize("rays", [False, True])
def test_a_box_bounds_every_column_in_it(rays):
    rng = np.random.default_rng(0)
    Z = np.exp(rng.normal(size=(5, 1500))) * 10.0 ** np.arange(-4, 6, 2)[:, None]
    found = blocks.blocks_of(Z, rays)
    np.testing.assert_array_equal(np.sort(found.order), np.arange(1500))
    np.testing.assert_array_equal(found.columns, Z[:, found.order])
    assert np.diff(found.first).max() <= blocks.BLOCK
    own = np.repeat(np.arange(len(found.first) - 1), np.diff(found.first))
    size = np.exp(np.log(found.columns).mean(axis=0)) if rays else 1.0
    for _ in range(20):
        u = rng.normal(size=5) / 10.0 ** np.arange(-4, 6, 2)
        least = -(u[:, None] * np.where(u[:, None] > 0, found.high, found.low)).sum(axis=0)
        reduced = -(u @ found.columns) / size
        assert (least[own] <= reduced + 1e-12 * np.abs(u @ np.abs(found.columns / size)).max()).all()


@pytest.mark.parametrize("returns", ["crs", "vrs", "nirs", "ndrs"])
def test_scores_are_the_same_bytes_with_and_without_blocks(monkeypatch, returns):
    """Duplicates, which tie in every price, and scales over eight orders included."""
    x, y, b = random_technology(300, (2, 1, 1), 3)
    values = [np.vstack([part, part[:40]]) for part in (x * 1e-4, y * 1e4, b)]
    data = build_technology(*values)
    plain = measure(data, returns=returns, engine="fast")
    monkeypatch.setattr(blocks, "WORTH", 1)
    sorted_ = measure(data, returns=returns, engine="fast")
    assert sorted_.score.tobytes() == plain.score.tobytes()
    assert sorted_.sbm.solutions.values.tobytes() == plain.sbm.solutions.values.tobytes()
