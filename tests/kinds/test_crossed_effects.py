"""Products of columns in every kind: effects, clusters, trends and controls equal hand-made columns, or are refused."""

import numpy as np
import pandas as pd
import pytest
from shidian.errors import EstimationError, StudyError
from shidian.study.kinds import kinds
from shidian.study.resolve import exhibit_schema, resolve_exhibits

from tests.exhibits.exhibit_checks import run_exhibit
from tests.kinds.example_panel import INFO, example_panel
from tests.kinds.test_row_weights import LIVING, NUMBERS, example_of

PANEL = example_panel().assign(province=lambda d: d["unit"].astype(str).str[:2])
PANEL["large_year"] = PANEL["large"] + "/" + PANEL["year"].astype(str)
TREND = [f"trend_{unit}" for unit in sorted(PANEL["unit"].unique())[1:]]
PANEL = PANEL.assign(**{
    name: (PANEL["unit"] == name[6:]) * (PANEL["year"] - 2004.0) for name in TREND
}, **{f"x_{year}": PANEL["x"] * (PANEL["year"] == year) for year in range(2001, 2009)})  # fmt: skip
BY_YEAR = [f"x_{year}" for year in (2002, 2003, 2004, 2005, 2006, 2007, 2008, 2001)]
NAMES = {"panel-column": [*PANEL.columns]}


def format_of(kind, key):
    return exhibit_schema(kind)["properties"].get(key, {}).get("items", {}).get("format", "")


RUNS = [kind for kind in sorted(kinds()) if kind == "placebo" or not kinds()[kind].made_from]
EFFECTS = [kind for kind in RUNS if format_of(kind, "fixed_effects") in ("fixed-effect", "categories")]
SLOPES = [kind for kind in EFFECTS if format_of(kind, "fixed_effects") == "fixed-effect"]
CONTROLS = [kind for kind in RUNS if format_of(kind, "controls") == "control"]
PLAIN = [kind for kind in RUNS if format_of(kind, "controls") == "panel-column"]
NONE = [kind for kind in RUNS if kind not in EFFECTS and "fixed_effects" in exhibit_schema(kind)["properties"]]
OWN_ERRORS = ("iv_table", "mediation", "placebo", "conley")


def run(kind, panel=PANEL, **keys):
    example = {key: value for key, value in example_of(kind).items() if key not in keys}
    if "columns" in example:
        example["columns"] = [{key: one[key] for key in one if key not in keys} for one in example["columns"]]
    takes = exhibit_schema(kind)["properties"]
    keys = {key: value for key, value in keys.items() if key in takes}
    if kind == "epsilon_sensitivity":
        keys["epsilons"] = [0.0001]
    return run_exhibit(kind, panel, {**example, **keys}, LIVING, INFO)


def equal(first, second, names=NUMBERS):
    a, b = (one.estimates[~one.estimates["term"].str.contains("trend_|x_|x#")] for one in (first, second))
    if "se" not in names:
        a, b = a[a["se"].notna()], b[b["se"].notna()]
    assert a["estimate"].notna().any()
    assert a["term"].tolist() == b["term"].tolist()
    np.testing.assert_allclose(a[list(names)], b[list(names)], rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("kind", EFFECTS)
def test_crossed_effects_are_those_of_a_column_made_by_hand(kind):
    others = ["unit", "year"] if kind == "conley" else ["unit"]  # which wants the years by their name
    crossed = run(kind, fixed_effects=[*others, "large#year"])
    equal(crossed, run(kind, fixed_effects=[*others, "large_year"]))
    said = " ".join([*crossed.notes, *(one.words for one in crossed.used.values())])
    assert "large × year" in said
    assert all({"large", "year"} <= set(one.names) for one in crossed.used.values() if "fixed_effects" in one.variables)


@pytest.mark.parametrize("kind", EFFECTS)
def test_clusters_may_be_crossed(kind):
    vcov = {"kind": "cluster", "by": "large#year"}
    try:
        found = run(kind, vcov=vcov)
    except EstimationError:
        with pytest.raises(EstimationError):
            run(kind, vcov={"kind": "cluster", "by": "large_year"})
        return
    equal(found, run(kind, vcov={"kind": "cluster", "by": "large_year"}))


@pytest.mark.parametrize("kind", [kind for kind in SLOPES if kind != "mediation"])
def test_trends_of_units_are_dummies_times_years(kind):
    if "controls" not in exhibit_schema(kind)["properties"]:
        pytest.skip("no key for the dummies' products")
    errors = {} if kind in OWN_ERRORS else {"vcov": {"kind": "iid"}, "ssc": "areg"}
    trends = run(kind, fixed_effects=["unit", "year", "unit#c.year"], controls=[], **errors)
    by_hand = run(kind, fixed_effects=["unit", "year"], controls=TREND, **errors)
    equal(trends, by_hand, ("estimate",) if kind in OWN_ERRORS else ("estimate", "se"))
    assert "trend of each city" in " ".join(trends.notes)


@pytest.mark.parametrize("kind", CONTROLS)
def test_a_control_crossed_with_years_has_a_coefficient_a_year(kind):
    crossed = run(kind, controls=["x#year"])
    equal(crossed, run(kind, controls=BY_YEAR), ("estimate", "se"))


@pytest.mark.parametrize("kind", PLAIN)
def test_a_kind_that_takes_plain_controls_says_so(kind):
    exhibit = {**example_of(kind), "id": "a", "kind": kind, "controls": ["x#year"]}
    with pytest.raises(StudyError, match=r"controls.*'x#year' is a product of columns, and this takes plain ones"):
        resolve_exhibits({"treatment": {"name": "did"}, **LIVING, "outcome": "y", "exhibits": [exhibit]}, NAMES)


@pytest.mark.parametrize("kind", [*NONE, "placebo"])
def test_a_kind_that_takes_no_slopes_says_so(kind):
    exhibit = {**example_of(kind), "id": "a", "kind": kind, "fixed_effects": ["unit", "year", "unit#c.year"]}
    with pytest.raises(StudyError, match=r"fixed_effects.*unit#c.year"):
        resolve_exhibits({"treatment": {"name": "did"}, **LIVING, "outcome": "y", "exhibits": [exhibit]}, NAMES)


def test_no_kind_is_forgotten():
    assert {"did_table", "event_study", "honest_did", "variations", "mixed_table", "heterogeneity"} <= set(SLOPES)
    assert {"iv_table", "mediation", "psm_did", "u_test", "conley", "spillover_rings"} <= set(SLOPES)
    assert "placebo" in EFFECTS
    assert {"spatial_did", "spatial_selection", "weights_choice"} <= set(NONE)
    assert {"staggered_did", "goodman_bacon", "twfe_weights", "threshold"} <= set(PLAIN)


def test_codes_and_rows_in_any_order_give_the_same():
    keys = {"fixed_effects": ["unit", "large#year", "province#c.year"], "controls": ["base(z, 2001)#c.year"]}
    first = run("did_table", **keys)
    mixed = PANEL.sample(frac=1, random_state=3).assign(large=lambda d: d["large"].map({"large": "b", "small": "a"}))
    second = run("did_table", mixed.reset_index(drop=True), **keys)
    np.testing.assert_allclose(first.estimates[NUMBERS], second.estimates[NUMBERS], rtol=1e-8)


def test_a_missing_part_leaves_the_row_out():
    gaps = PANEL.assign(large=PANEL["large"].mask(PANEL.index % 9 == 4))
    spec = {**example_of("did_table"), "fixed_effects": ["unit", "large#year"]}
    found = run_exhibit("did_table", gaps, spec, LIVING, INFO)
    rest = run_exhibit("did_table", PANEL[PANEL.index % 9 != 4], spec, LIVING, INFO)
    np.testing.assert_allclose(found.estimates[NUMBERS], rest.estimates[NUMBERS], rtol=1e-9)
    pd.testing.assert_series_equal(found.estimates["n_obs"], rest.estimates["n_obs"])
