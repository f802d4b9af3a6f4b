"""Weights of rows in every kind: what they must leave alone, what they must change, and who must refuse them."""

import numpy as np
import pandas as pd
import pytest
import yaml
from shidian.errors import EstimationError, StudyError
from shidian.study.kinds import kinds
from shidian.study.refused_exhibits import WEIGHED, takes_weights
from shidian.study.resolve import exhibit_schema

from tests.exhibits.exhibit_checks import run_exhibit
from tests.kinds.example_panel import INFO, example_panel

PANEL = example_panel().assign(pop=lambda d: 0.2 + np.random.default_rng(1).uniform(size=len(d)))
TAKES = sorted(kind for kind in kinds() if takes_weights(exhibit_schema(kind)["properties"]))
WITHOUT = {kind: room for kind, room in kinds().items() if kind not in TAKES and not room.made_from}


def weighed(kind):
    """Say whether a kind has a key that weights would change."""
    properties = exhibit_schema(kind)["properties"]
    return any(properties[key].get("weighs") != "nothing" for key in WEIGHED if key in properties)


REFUSES = sorted(filter(weighed, WITHOUT))
LONG = ("epsilon_sensitivity", "score_intervals", "second_stage")
"""Kinds whose smallest use takes many seconds."""
ONE_ROW = ("event_study", "ddd", "honest_did", "pretrend_power", "placebo", "conley", "spillover_rings", "descriptives",
           "iv_table", "mixed_table", "staggered_did", "twfe_weights", "goodman_bacon", "threshold", "psm_did",
           *LONG)  # fmt: skip
"""Kinds that want one row a unit and year, count rows otherwise, or refuse frequencies: not told by repeated rows."""
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


def panel_of(kind):
    """Return the panel with weights as a kind takes them: the Goodman-Bacon decomposition wants those of units."""
    if kind != "goodman_bacon":
        return PANEL
    return PANEL.assign(pop=PANEL.groupby("unit")["pop"].transform("first"))


def zero_rows(kind):
    """Return the rows that are given a weight of zero: whole units where weights are those of units, or none may lack
    a year."""
    if kind in ("goodman_bacon", "threshold"):
        return PANEL["unit"].isin(PANEL["unit"].unique()[[1, 9]])
    return (PANEL.index % 17 == 3) & (PANEL["did"] == 0)


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
    assert {"staggered_did", "twfe_weights", "goodman_bacon", "trend", "correlation", "vif"} <= set(TAKES)
    assert {"second_stage", "epsilon_sensitivity", "threshold", "psm_did"} <= set(TAKES)
    assert {"psm_scores", "spatial_did", "moran"} <= set(REFUSES)


@pytest.mark.parametrize("kind", listed(TAKES))
def test_equal_weights_change_nothing(kind):
    equal(run(kind, PANEL.assign(pop=1.0), weights="pop"), run(kind, PANEL))


@pytest.mark.parametrize("kind", listed(TAKES))
def test_their_scale_does_not_matter_and_they_do(kind):
    panel = panel_of(kind)
    weighted = run(kind, panel, weights="pop")
    equal(weighted, run(kind, panel.assign(pop=panel["pop"] * 1e7), weights="pop"))
    assert not np.allclose(weighted.estimates["estimate"], run(kind, PANEL).estimates["estimate"], equal_nan=True)
    assert any("pop" in note and "analytic" in note for note in weighted.notes) or kind == "placebo"
    assert all("pop" in one.variables["weights"] for one in weighted.used.values())


@pytest.mark.parametrize("kind", listed(TAKES))
def test_a_row_of_weight_zero_is_left_out(kind):
    panel, gone = panel_of(kind), zero_rows(kind)
    zeros = run(kind, panel.assign(pop=panel["pop"].mask(gone, 0.0)), weights="pop")
    equal(zeros, run(kind, panel[~gone], weights="pop"))


@pytest.mark.parametrize("kind", listed(kind for kind in TAKES if kind not in ONE_ROW))
def test_a_frequency_is_so_many_rows(kind):
    panel = PANEL.assign(times=np.random.default_rng(2).integers(1, 4, len(PANEL)))
    repeated = panel.loc[panel.index.repeat(panel["times"])].reset_index(drop=True)
    equal(run(kind, panel, weights={"variable": "times", "kind": "frequency"}), run(kind, repeated), n=False)


@pytest.mark.parametrize("kind", listed(TAKES))
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


@pytest.mark.parametrize("kind", ["staggered_did", "twfe_weights", "goodman_bacon", "threshold"])
def test_frequencies_of_units_that_are_followed_are_refused_before_the_run(kind):
    weights = {"variable": "pop", "kind": "frequency"}
    words = rf"the kind {kind} follows one row a unit and year: declare them analytic.*or write 'unweighted: true'"
    with pytest.raises(StudyError, match=words):
        run(kind, PANEL, weights=weights)
    with pytest.raises(StudyError, match=words):
        run_exhibit(kind, PANEL, {**example_of(kind), "weights": weights}, LIVING, INFO)
    run_exhibit(kind, PANEL, {**example_of(kind), "unweighted": True}, {**LIVING, "weights": weights}, INFO)


@pytest.mark.parametrize("more", [{}, {"weights": None}, {"unweighted": True}])
def test_a_rule_for_weights_wants_weights(more):
    study = {**LIVING, "weights": "pop"} if more else LIVING
    with pytest.raises(StudyError, match="'fix_weights' says which weights count, and it has none: give 'weights'"):
        run_exhibit(
            "staggered_did", PANEL, {**example_of("staggered_did"), "fix_weights": "varying", **more}, study, INFO
        )
    drawn = {**example_of("placebo"), "estimator": "callaway_santanna", "options": {"fix_weights": "varying"}}
    with pytest.raises(StudyError, match="'fix_weights' says which weights count, and it has none: give 'weights'"):
        run_exhibit("placebo", PANEL, {**drawn, **more}, study, INFO)


def test_row_weights_are_known_by_their_mark_and_not_by_their_words():
    marked = exhibit_schema("did_table")["properties"]["weights"]
    assert takes_weights({"weights": {**marked, "description": "x", "anyOf": []}})
    assert not takes_weights({"weights": {"description": "analytic"}})
    assert not takes_weights({"weights": True})
    assert not takes_weights({})


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


@pytest.mark.parametrize("kind", listed(TAKES))
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
