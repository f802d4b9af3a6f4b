"""The five studies over simulated worlds: exact values of two seeds; the page holds every cell and every verdict."""

import json
from pathlib import Path

import pytest
from shidian.errors import SimulationError

from tests.monte_carlo.gates import Estimate, Experiment, Interval, draw_seeds
from tests.monte_carlo.studies import EXPERIMENTS
from tests.monte_carlo.study_page import PAGE, worlds

PINNED = Path(__file__).parent / "two_study_seeds.json"
"""Level -> cell -> the findings of two seeds; a change here is a change of published numbers."""


@pytest.mark.parametrize("experiment", EXPERIMENTS, ids=lambda e: e.name)
def test_two_seeds_hold(experiment):
    expected = json.loads(PINNED.read_text(encoding="utf-8"))[experiment.name]
    found = {}
    for seed in draw_seeds(2):
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
    refused = draw_seeds(1)[0]

    def draw(seed):
        if seed == refused:
            raise SimulationError("no such world")
        yield Interval("c", True)

    found, count = worlds(Experiment("e", "", draw), 5)
    assert (len(found), count) == (5, 1)
