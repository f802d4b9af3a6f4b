"""The truth tables over many workbooks: what holds passes, and a planted fault is named."""

import copy

import numpy as np
import pandas as pd
import pytest
from shidian.efficiency import super_sbm
from shidian.exhibits.result import Cell, ExhibitResult, Row, StudyInfo, Table
from shidian.exhibits.truth.efficiency_recovery.estimate import EFFICIENT, LOWEST
from shidian.exhibits.truth.efficiency_recovery.estimate import run as recover
from shidian.simulate.cities import simulate_cities

from tests.monte_carlo import truth_tables
from tests.monte_carlo.study_scores import BAD, GOOD, INPUTS, STUDY, scored_panel
from tests.monte_carlo.study_scores import truths as truths_of


def world(held=True, **changed):
    numbers = {"Table 3: (6), did": [0.015, 0.016, held], "Truth 1: did, scores": [0.015, 0.014, True]}
    warnings = {name: [] for name in truth_tables.FILES}
    return {"numbers": numbers, "lowest rank": 0.99, "efficient": 20.0, "wrong": 0.0, "warnings": warnings, **changed}


def test_intervals_that_hold_nearly_always_pass():
    worlds = [world()] * 19 + [world(held=False)]
    assert truth_tables.failures(worlds) == []
    assert "| Table 3: (6), did | 0.01500 | 0.01600 | 0.95 | 0.70 | yes |" in truth_tables.section(worlds)
    assert "All hold." in truth_tables.section(worlds)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"held": False}, "Table 3: (6), did: held in 0.50 of the seeds"),
        ({"lowest rank": 0.8}, "rank correlation of scores within a year: 0.8 in one of 10 seeds"),
        ({"efficient": 1.0}, "efficient cities a year: 1 in one of 10 seeds"),
        ({"wrong": 3.0}, "items of the extraction that are wrong: 3 in one of 10 seeds"),
    ],
)
def test_a_fault_is_named(fault, said):
    worlds = [world()] * 10 + [world(**fault)] * 10
    assert truth_tables.failures(worlds) == [said]
    assert f"Does NOT hold: {said}." in truth_tables.section(worlds)


def result(estimates, rows=(), warnings=()):
    frame = pd.DataFrame(estimates).assign(study="s", exhibit="e")
    return ExhibitResult(frame, Table(((("", 7),),), tuple(rows)), notes=(), warnings=tuple(warnings))


def test_numbers_are_read_from_the_tables_with_their_group():
    ref = [("a: (1)", "did", "estimate"), ("a: (1), pseudo", "did", "estimate")]
    cells = [Cell("x", ref[1]), Cell("y", ref[0]), Cell("z"), Cell("w")]
    rows = [
        Row("Table 3", (Cell(""),) * 6),
        Row("(1), did", (Cell(""), *cells, Cell("no"))),
        Row("(2), did", (Cell(""), *cells, Cell("—"))),
    ]
    estimates = [{"column": column, "term": "did", "estimate": e} for (column, *_), e in zip(ref, (2, 1), strict=True)]
    assert dict(truth_tables._recovered(result(estimates, rows))) == {"Table 3: (1), did": [1.0, 2.0, False]}


@pytest.fixture(scope="module")
def study():
    """One world of the simulator: its scored panel, the truth and the panel without disturbances."""
    given = truths_of("city")
    noise_free = simulate_cities(20240601, disturbed=False, truths=given).panels[STUDY].frame()
    frame = scored_panel(simulate_cities(20240601, truths=given))
    return frame.drop(columns="gie"), frame[["unit", "year", "gie"]], noise_free


def recovered(panel, study):
    spec = {"id": "r", "kind": "efficiency_recovery", "score": "gie", "fixed_effects": ["unit", "year"],
            "controls": ["eco", "fin", "urban", "gov", "industry"], "vcov": {"kind": "cluster", "by": "unit"},
            "ssc": "reghdfe"}  # fmt: skip
    return recover(panel, study[1], study[2], spec, StudyInfo("s", "city", "did", {}, simulated=True))


def test_honest_scores_of_a_simulated_world_have_no_warning(study):
    panel = study[0].rename(columns={"score": "gie"})
    assert recovered(panel, study).warnings == ()


def test_scores_of_a_faulty_model_are_warned_of(study):
    """Planted: patents are an input, green area is pollution; and the scores of treated cities are a year late."""
    panel = copy.copy(study[0])
    wrong = super_sbm([*INPUTS, GOOD[2]], GOOD[:1], [*BAD, GOOD[1]], data=panel, unit="unit", year="year").scores()
    faulty = panel.merge(wrong[["unit", "year", "score"]].rename(columns={"score": "gie"}), on=["unit", "year"])
    said = recovered(faulty, study)
    assert any("do not order units as true efficiency does" in warning for warning in said.warnings)
    few = panel.assign(gie=np.minimum(panel["score"], 0.999)).assign(
        gie=lambda d: d["gie"].where(d["unit"] != d["unit"].iloc[0], 1.0)
    )
    assert any("a frontier has" in warning for warning in recovered(few, study).warnings)
    halved = panel.assign(gie=panel["score"] - 0.03 * panel["did"])
    assert any("interval of did: scores does not hold" in warning for warning in recovered(halved, study).warnings)
    assert {LOWEST, EFFICIENT} <= set(said.estimates["term"])
