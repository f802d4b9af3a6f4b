"""Monte Carlo gates of the estimators (slow), and the exact values of two seeds (quick)."""

import json
from pathlib import Path

import pandas as pd
import pytest

from tests.monte_carlo.__main__ import EXPERIMENTS, PAGE, verdicts
from tests.monte_carlo.gates import Estimate, band, draw_seeds, markdown, table

PINNED = Path(__file__).parent / "two_seeds.json"
"""Experiment -> cell -> the findings of two seeds; a change here is a change of published numbers."""


@pytest.mark.slow
def test_gates():
    frames = verdicts()
    failed = pd.concat([frame[~frame["passes"].astype(bool)] for frame in frames])
    assert failed.empty, markdown(failed)


def findings(experiment):
    """Return cell -> for each of two seeds (estimate, standard error), or whether it covered or rejected."""
    found = {}
    for seed in draw_seeds(2):
        for f in experiment.draw(seed):
            found.setdefault(f.cell, []).append([f.value, f.se] if isinstance(f, Estimate) else f.hit)
    return found


@pytest.mark.parametrize("experiment", EXPERIMENTS, ids=lambda e: e.name)
def test_two_seeds_hold(experiment):
    expected = json.loads(PINNED.read_text(encoding="utf-8"))[experiment.name]
    found = findings(experiment)
    assert list(found) == list(expected)
    for cell, values in expected.items():
        for now, then in zip(found[cell], values, strict=True):
            assert now == (pytest.approx(then, rel=1e-7) if isinstance(then, list) else then), cell


def test_the_page_holds_every_cell_of_the_experiments():
    text = PAGE.read_text(encoding="utf-8")
    for name, cells in json.loads(PINNED.read_text(encoding="utf-8")).items():
        assert f"## {name}" in text
        assert all(f"\n| {cell} |" in text for cell in cells)
    assert "| NO |" not in text


def test_gates_fail_what_should_fail():
    """A biased estimate and errors half their size do not pass; an honest one does."""
    import numpy as np

    rng = np.random.default_rng(5)
    draws = rng.normal(size=500)
    found = [Estimate("honest", 0.0, x, 1.0) for x in draws]
    found += [Estimate("biased", 0.0, x + 0.4, 1.0) for x in draws]
    found += [Estimate("short errors", 0.0, x, 0.5) for x in draws]
    assert table(found, 3).set_index("cell")["passes"].to_dict() == {
        "honest": True, "biased": False, "short errors": False,
    }  # fmt: skip
    low, high = band(500, 0.95, 1)
    assert low < 0.95 < high
    assert band(500, 0.95, 60)[0] < low
