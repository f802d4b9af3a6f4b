"""Weights of rows in every kind: what they must leave alone, what they must change, and who must refuse them."""

import numpy as np
import pandas as pd
import pytest
import yaml
from shidian.errors import EstimationError, StudyError
from shidian.study.kinds import kinds
from shidian.study.resolve import exhibit_schema, takes_weights

from tests.exhibits.exhibit_checks import run_exhibit
from tests.kinds.example_panel import INFO, example_panel

PANEL = example_panel().assign(pop=lambda d: 0.2 + np.random.default_rng(1).uniform(size=len(d)))
TAKES = sorted(kind for kind in kinds() if takes_weights(exhibit_schema(kind)["properties"]))
ESTIMATES = ("outcome", "vcov", "fixed_effects", "model")
WITHOUT = {kind: room for kind, room in kinds().items() if kind not in TAKES and not room.made_from}
REFUSES = sorted(kind for kind in WITHOUT if set(ESTIMATES) & set(exhibit_schema(kind)["properties"]))
ONE_ROW = ("event_study", "ddd", "honest_did", "placebo", "conley", "spillover_rings", "descriptives", "iv_table",
           "mixed_table")  # fmt: skip
"""Kinds that want one row a unit and year, count rows otherwise, or refuse frequencies: not told by repeated rows."""
LONG = ("epsilon_sensitivity", "score_intervals", "second_stage")
"""Kinds whose smallest use takes many seconds."""
NUMBERS = ["estimate", "se", "p", "ci_low", "ci_high", "df", "r2", "r2_within"]


LIVING = {"indicators": {"living": {"method": "entropy_index", "inputs": ["water", "power"]}}}


def listed(names):
    """Return kinds as parameters of a test, the long ones among the slow."""
    return [pytest.param(kind, marks=pytest.mark.slow) if kind in LONG else kind for kind in names]


def example_of(kind):
    """Return the smallest use of a kind; the placebo's stands in no room, since its estimators have theirs."""
    path = kinds()[kind].folder / "example.yaml"
    if kind == "placebo":
        shared = {"outcome": "y", "controls": ["x"], "fixed_effects": ["unit", "year"], "ssc": "reghdfe"}
        return {**shared, "vcov": {"kind": "cluster", "by": "unit"}, "draws": 20, "chunk": 20}
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def run(kind, panel, **study):
    return run_exhibit(kind, panel, example_of(kind), {**LIVING, **study}, INFO)


def equal(first, second, n=True):
    a, b = first.estimates, second.estimates
    assert a[["column", "term"]].equals(b[["column", "term"]])
    assert (a["reason"] == b["reason"]).all()
    np.testing.assert_allclose(a[NUMBERS], b[NUMBERS], rtol=1e-7, atol=1e-9)
    assert not n or a["n_obs"].equals(b["n_obs"])
    assert a["estimate"].notna().any()


def test_the_kinds_that_regress_by_least_squares_take_weights():
    assert {"did_table", "event_study", "honest_did", "variations", "mixed_table", "heterogeneity"} <= set(TAKES)
    assert {"iv_table", "mediation", "placebo", "descriptives", "u_test", "conley", "spillover_rings"} <= set(TAKES)


@pytest.mark.parametrize("kind", TAKES)
def test_equal_weights_change_nothing(kind):
    equal(run(kind, PANEL.assign(pop=1.0), weights="pop"), run(kind, PANEL))


@pytest.mark.parametrize("kind", TAKES)
def test_their_scale_does_not_matter_and_they_do(kind):
    weighted = run(kind, PANEL, weights="pop")
    equal(weighted, run(kind, PANEL.assign(pop=PANEL["pop"] * 1e7), weights="pop"))
    assert not np.allclose(weighted.estimates["estimate"], run(kind, PANEL).estimates["estimate"], equal_nan=True)
    assert any("pop" in note and "analytic" in note for note in weighted.notes) or kind == "placebo"
    assert all("pop" in one.variables["weights"] for one in weighted.used.values())


@pytest.mark.parametrize("kind", TAKES)
def test_a_row_of_weight_zero_is_left_out(kind):
    gone = (PANEL.index % 17 == 3) & (PANEL["did"] == 0)
    zeros = run(kind, PANEL.assign(pop=PANEL["pop"].mask(gone, 0.0)), weights="pop")
    equal(zeros, run(kind, PANEL[~gone], weights="pop"))


@pytest.mark.parametrize("kind", [kind for kind in TAKES if kind not in ONE_ROW])
def test_a_frequency_is_so_many_rows(kind):
    panel = PANEL.assign(times=np.random.default_rng(2).integers(1, 4, len(PANEL)))
    repeated = panel.loc[panel.index.repeat(panel["times"])].reset_index(drop=True)
    equal(run(kind, panel, weights={"variable": "times", "kind": "frequency"}), run(kind, repeated), n=False)


@pytest.mark.parametrize("kind", TAKES)
@pytest.mark.parametrize(("value", "word"), [(np.nan, "missing"), (-1.0, "negative"), (np.inf, "infinite")])
def test_a_weight_that_is_none_is_refused_with_its_place(kind, value, word):
    panel = PANEL.assign(pop=PANEL["pop"].mask(PANEL.index == 5, value))
    try:
        said = " ".join([*run(kind, panel, weights="pop").estimates["reason"]])
    except EstimationError as error:
        said = str(error)
    row = panel.loc[5]
    assert word in said
    assert f"unit {row['unit']} in {row['year']}" in said


@pytest.mark.parametrize("kind", listed(REFUSES))
def test_a_kind_that_takes_none_says_so_and_can_be_told_to_do_without(kind):
    with pytest.raises(StudyError, match=rf"the kind {kind} takes no weights.*unweighted: true"):
        run(kind, PANEL, weights="pop")
    example = {**example_of(kind), "unweighted": True}
    try:
        found = run_exhibit(kind, PANEL, example, {**LIVING, "weights": "pop"}, INFO)
    except EstimationError:
        return
    pd.testing.assert_frame_equal(found.estimates, run(kind, PANEL).estimates)


@pytest.mark.parametrize("kind", TAKES)
def test_an_exhibit_of_a_weighted_study_may_do_without(kind):
    plain = run(kind, PANEL)
    for key in ({"unweighted": True}, {"weights": None}):
        equal(run_exhibit(kind, PANEL, {**example_of(kind), **key}, {**LIVING, "weights": "pop"}, INFO), plain)


def test_conventional_errors_of_probability_weights_are_refused():
    weights = {"variable": "pop", "kind": "probability"}
    for kind in ("did_table", "iv_table", "mediation", "u_test"):
        example = {**example_of(kind), "vcov": {"kind": "iid"}, "weights": weights}
        reasons = run_exhibit(kind, PANEL, example, {}, INFO).estimates["reason"]
        assert reasons.str.contains("probability weights want errors").any(), kind
