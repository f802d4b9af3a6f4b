"""Panels that two-way regressions are bent by, from the study file to the printed table."""

import copy
import json
from importlib import import_module

import numpy as np
import pytest
from shidian.exhibits.referee import estimate_exhibit
from shidian.exhibits.result import StudyInfo
from shidian.panel.build import build_panel
from shidian.study.plan import load_plan
from shidian.yearbook.extract import extract_file

from .own_data import STUDY, write_project

pytestmark = pytest.mark.usefixtures("own_raw_files")


def rows(starts, years, effect=0.2, noise=1e-3):
    """Return town, town_name, year, wage, people, policy: ln wage moves by ``effect`` from a town's start on."""
    rng = np.random.default_rng(5)
    return [
        [100 + town, f"Town {town}", year,
         float(np.exp(8 + 0.1 * town + 0.05 * (year - 2001) + effect * (year >= start) + noise * rng.normal())),
         round(10 + town + 0.1 * (year - 2001), 4), int(year >= start)]
        for town, start in enumerate(starts, start=1) for year in years
    ]  # fmt: skip


def estimated(tmp_path, table, *exhibits):
    """Run a project's exhibits from its files, as the jobs of a run do."""
    study = copy.deepcopy(STUDY) | {"exhibits": list(exhibits)}
    plan = load_plan(write_project(tmp_path, study, table=table))
    spec = plan.studies["my_study"].panel
    records = {u.source: extract_file(plan.sources[u.source], 1, plan.raw_root).records for u in spec.sources}
    panel = build_panel(spec, records, {}).frame
    found = []
    for exhibit in exhibits:
        kind = import_module(plan.kind("my_study", exhibit["id"]).module)
        info = StudyInfo(**json.loads(plan.info("my_study", exhibit["id"])))
        found.append(estimate_exhibit(kind, panel, json.loads(plan.spec("my_study", exhibit["id"])), info))
    return found


def effects(result):
    points = result.figure.data["points"]
    return dict(zip(points["tau"], points["estimate"], strict=True))


def test_two_yearly_rounds(tmp_path):
    table = rows([2003] * 3 + [2005] * 3 + [9999] * 6, range(2001, 2009, 2))
    dynamics = {"id": "dynamics", "kind": "event_study", "window": [-4, 4], "controls": []}
    (result,) = estimated(tmp_path, table, dynamics)
    found = effects(result)
    assert [found[tau] for tau in (-4, -2, 0, 2, 4)] == pytest.approx([0, 0, 0.2, 0.2, 0.2], abs=0.01)
    assert any("the base is τ = -2." in note for note in result.notes)


def test_everybody_treated_sooner_or_later_and_anticipation(tmp_path):
    table = rows([2004] * 4 + [2006] * 4 + [2008] * 4, range(2001, 2009))
    dynamics = {"id": "dynamics", "kind": "event_study", "window": [-7, 4], "controls": []}
    declared = {**dynamics, "id": "declared", "reference": [-1, -6, -7]}
    early = {**dynamics, "id": "early", "anticipation": 1}
    honest = {"id": "honest", "kind": "honest_did", "window": [-4, 2], "controls": [], "anticipation": 1}
    free, asked, moved, robust = estimated(tmp_path, table, dynamics, declared, early, honest)
    for result in (free, asked):
        found = effects(result)
        assert [found[tau] for tau in range(5)] == pytest.approx([0.2] * 5, abs=0.01)
    assert any("second normalisation" in note for note in free.notes)
    assert not any("second normalisation" in note for note in asked.notes)
    found = effects(moved)
    assert found[-2] == 0
    assert [found[tau] for tau in (-1, 0, 1)] == pytest.approx([0, 0.2, 0.2], abs=0.01)
    assert robust.estimates["estimate"].iloc[0] == pytest.approx(0.2, abs=0.01)


def test_towns_treated_before_the_first_year(tmp_path):
    table = rows([2001] * 2 + [2004] * 4 + [9999] * 6, range(2001, 2009))
    kept = {"id": "kept", "kind": "did_table", "columns": [{"controls": []}]}
    without = {"id": "without", "kind": "did_table", "columns": [{"controls": []}], "always_treated": "leave_out"}
    first, second = estimated(tmp_path, table, kept, without)
    assert any(w.startswith("2 towns are treated in every year observed") for w in first.warnings)
    assert second.estimates["n_units"].tolist() == [10]
    assert "Treated in every year observed and left out: 2 units (Town 1, Town 2)." in second.notes
