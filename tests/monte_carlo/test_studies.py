"""The five studies over simulated worlds: exact values of two seeds; the page holds every cell and every verdict."""

import json
from pathlib import Path

import pytest
from shidian.errors import SimulationError

from tests.monte_carlo.gates import Estimate, Experiment, Interval, Inverted, draw_seeds
from tests.monte_carlo.studies import EXPERIMENTS, SEED
from tests.monte_carlo.study_page import MISSPECIFIED, PAGE, at_the_population, worlds

PINNED = Path(__file__).parent / "two_study_seeds.json"
"""Level -> cell -> the findings of two seeds; a change here is a change of published numbers."""


@pytest.mark.parametrize("experiment", EXPERIMENTS, ids=lambda e: e.name)
def test_two_seeds_hold(experiment):
    expected = json.loads(PINNED.read_text(encoding="utf-8"))[experiment.name]
    found = {}
    for seed in draw_seeds(2, SEED):
        for f in experiment.draw(seed):
            value = [f.truth, f.value, f.se] if isinstance(f, Estimate) else f.hit
            found.setdefault(f.cell, []).append(value)
    assert list(found) == list(expected)
    for cell, values in expected.items():
        for now, then in zip(found[cell], values, strict=True):
            assert now == (pytest.approx(then, rel=1e-7) if isinstance(then, list) else then), cell


def test_the_page_holds_every_cell():
    text = PAGE.read_text(encoding="utf-8")
    for cells in json.loads(PINNED.read_text(encoding="utf-8")).values():
        for cell in cells:
            study, name = cell.split(": ", 1)
            assert f"\n| {name} |" in text.split(f"## {study}\n")[1].split("\n## ")[0]


def test_a_refused_world_is_replaced_and_counted():
    refused = draw_seeds(1, SEED)[0]

    def draw(seed):
        if seed == refused:
            raise SimulationError("no such world")
        yield Interval("c", True)

    found, count = worlds(Experiment("e", "", draw), 5)
    assert (len(found), count) == (5, 1)


def test_a_misspecified_cell_is_graded_against_the_mean_of_its_pseudo_true_values():
    line, wild = f"{MISSPECIFIED}clustered by unit", f"{MISSPECIFIED}wild cluster bootstrap"
    found = [Estimate(line, 1.0, 1.0, 0.1), Estimate(line, 2.0, 1.6, 0.1), Inverted(wild, 1.0, lambda b: float(b > 1))]
    other = Estimate("another study: did, clustered by unit", 5.0, 5.0, 0.1)
    graded = at_the_population([*found, other])
    assert [f.truth for f in graded] == [1.5, 1.5, 1.5, 5.0]
    assert [f.hit for f in [*found, other]] == [True, False, False, True]
    assert [f.hit for f in graded] == [False, True, True, True]
