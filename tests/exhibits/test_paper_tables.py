"""Tables in the form in which papers print them: several estimators side by side, groups, constants, two steps."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from shidian.did.cluster_sums import cluster_sums
from shidian.did.constant import fit_with_constant
from shidian.did.twfe import CONSTANT, regress
from shidian.did.wild_bootstrap import Signs, interval, p_value, romano_wolf, wild_draws
from shidian.errors import EstimationError, StudyError
from shidian.exhibits.result import StudyInfo
from shidian.exhibits.subsample import subsample
from shidian.indicators.entropy_index import entropy_index
from shidian.matching.neighbours import MatchRule
from shidian.matching.psm import match_panel, matched_weights

from tests.exhibits.exhibit_checks import check_exhibit, check_order_and_origin, run_exhibit, value

INFO = StudyInfo("demo", "city", "did", {"y": "Income gap", "M": "Industry"}, seed=3)
CLUSTER = {"kind": "cluster", "by": "unit"}
DEFAULTS = {"outcome": "y", "controls": ["c"], "fixed_effects": ["unit", "year"], "vcov": CLUSTER, "ssc": "reghdfe"}
LAG = {"treatment": "x", "ssc": "ivreghdfe", "instruments": [{"lag": "x"}]}
OWN = ("Observed values",)
"""What the table calls its rows by its own words."""
SPECS = {
    "mixed_table": {
        "columns": [
            {"label": "M5", "heading": "PSM-DID", "matching": {"covariates": ["w"], "neighbours": 2}},
            {"label": "M6", "interactions": ["rank"]},
            {"label": "IV", **LAG},
        ],
        "constant": True,
        "row_labels": {"n_obs": "Observed values", "Controls": ""},
    },
    "mediation": {"mediators": ["M"], "steps": ["mediator", "direct"], "headings": {"M": "M10"}, "replications": 50},
    "index_weights": {
        "entropy_index": {"name": "score", "inputs": ["a", "b"], "cost": ["b"]}, "groups": {"a": "A", "b": "B"},
    },
    "trend": {"variable": "y", "groups": {"variable": "rank", "names": {"0": "Low", "1": "High"}}},
    "threshold": {
        "regressors": ["x"], "threshold_variable": "w", "replications": 19, "trim": 0.1, "max_thresholds": 1,
        "thresholds": 1, "table": "regression",
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def panel() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    n, years = 40, 8
    size = n * years
    frame = pd.DataFrame({"unit": np.repeat([f"c{i:02d}" for i in range(n)], years), "year": np.tile(range(8), n)})
    frame["year"] += 2010
    ever = np.repeat(np.arange(n) % 3 == 0, years)
    frame["adoption_year"] = pd.array(np.where(ever, 2014, pd.NA), dtype="Int64")
    frame["did"] = (ever & (frame["year"] >= 2014)).astype(float)
    frame["rank"] = np.repeat(np.arange(n) % 2, years)
    frame["c"], frame["w"], frame["a"], frame["b"] = rng.normal(size=(4, size))
    frame["x"] = rng.normal(size=size).cumsum()
    frame["M"] = frame["did"] + rng.normal(size=size)
    frame["y"] = 3 + frame["did"] * (1 + frame["rank"]) + 0.5 * frame["M"] + 0.2 * frame["x"] + rng.normal(size=size)
    frame["score"] = entropy_index(frame[["a", "b"]], {"a": "benefit", "b": "cost"}).score
    return frame


def run(kind, panel, info=INFO, **changes):
    return run_exhibit(kind, panel, {**SPECS[kind], **changes}, DEFAULTS, info)


@pytest.mark.parametrize("kind", SPECS)
def test_every_printed_number_is_its_estimate(panel, kind):
    check_exhibit(kind, run(kind, panel), INFO, OWN)


@pytest.mark.parametrize("kind", SPECS)
def test_row_order_does_not_matter_and_simulated_data_says_so(panel, kind):
    check_order_and_origin(partial(run, kind), panel, INFO)


def test_each_column_of_a_mixed_table_is_that_of_its_own_kind(panel):
    result = run("mixed_table", panel)
    matched = run_exhibit("psm_did", panel, {"columns": [{"label": "M5", "covariates": ["w"], "neighbours": 2}]},
                          DEFAULTS, INFO)  # fmt: skip
    iv = run_exhibit("iv_table", panel, {"columns": [{"label": "IV", "endogenous": ["x"], "instruments": [{"lag": "x"}],
                                                      "ssc": "ivreghdfe"}]}, DEFAULTS, INFO)  # fmt: skip
    product = panel["did"] * panel["rank"]
    did = regress(panel.assign(p=product), "y", ["did", "p", "c"], ["unit", "year"], CLUSTER, "reghdfe").fit
    assert value(result, "M5", "did") == value(matched, "M5", "did")
    assert value(result, "M5", "bias after: w") == value(matched, "M5", "bias after: w")
    assert value(result, "M6", "rank × did") == pytest.approx(did.coef[1], rel=1e-12)
    assert value(result, "M6", "rank × did", "se") == pytest.approx(did.se[1], rel=1e-12)
    for term in ("x", "kp_rk_f"):
        assert value(result, "IV", term) == value(iv, "IV", term)
    assert value(result, "IV first stage: x", "L1.x") == value(iv, "IV first stage: x", "L1.x")
    assert result.table.header[0] == (("", 1), ("M5", 1), ("M6", 1), ("IV", 2))
    stages = (("First stage: x", 1), ("Second stage: Income gap", 1))
    assert result.table.header[1] == (("", 1), ("PSM-DID", 1), ("Income gap", 1), *stages)
    labels = [row.label for row in result.table.rows]
    assert "Observed values" in labels
    assert "Controls" not in labels
    assert labels[-1].startswith("Anderson–Rubin")
    with pytest.raises(EstimationError, match="one estimator a column"):
        run("mixed_table", panel, columns=[{"matching": {}, "interactions": ["rank"]}])


def test_endogenous_regressors_without_instruments_are_no_least_squares(panel):
    with pytest.raises(StudyError, match=r"at 'columns\[2\]': 'endogenous' wants 'instruments' beside it"):
        run("mixed_table", panel, columns=[{}, {"endogenous": ["x"]}])


def test_a_control_that_moves_with_the_instrumented_treatment_is_a_warning(panel):
    moved = panel.assign(c=panel["c"] + panel["x"])
    warnings = run("mixed_table", moved).warnings
    assert any(w.startswith("controls that move with x (p < 0.05): c in column IV. Controlling") for w in warnings)
    assert not any("controls that move" in w for w in run("mixed_table", panel).warnings)


def test_columns_that_cannot_be_bootstrapped_say_why(panel):
    draws = {"wild_bootstrap": {"draws": 199}, "romano_wolf": {"draws": 199}}
    weighted = {"label": "M7", "matching": {"covariates": ["w"], "neighbours": 2, "keep": "analytic"}}
    result = run("mixed_table", panel, columns=[*SPECS["mixed_table"]["columns"], weighted], **draws)
    check_exhibit("mixed_table", result, INFO, OWN)
    reasons = {
        "IV": "not available in a 2SLS column: this bootstrap is that of least squares",
        "M7": "not available where matching weights enter the regression: this bootstrap is that of unweighted rows",
    }
    for column, reason in reasons.items():
        assert not pd.isna(value(result, column, "x" if column == "IV" else "did"))
        for term in ("wild cluster bootstrap p", "Romano-Wolf p"):
            assert value(result, column, term, "reason") == reason
            assert reason in set(
                result.ledger.loc[result.ledger["subject"] == f"my_mixed_table {column}: {term}", "reason"]
            )
        assert f"Column {column}: Wild cluster bootstrap p and Romano–Wolf p not given: {reason}." in result.notes
    assert any("step-down p over 2 columns" in note for note in result.notes)
    refused = run("mixed_table", panel.assign(flat=1.0), columns=[{"label": "IV", **LAG, "outcome": "flat"}], **draws)
    assert value(refused, "IV", "Romano-Wolf p", "reason") == "the column was not estimated"


@pytest.mark.parametrize("keep", ["matched", "support", "frequency"])
def test_a_matched_column_is_bootstrapped_on_the_rows_of_its_regression(panel, keep):
    matching = {"covariates": ["w"], "neighbours": 2, "keep": keep}
    draws = {"wild_bootstrap": {"draws": 199, "interval": True}, "romano_wolf": {"draws": 199}}
    result = run_exhibit("psm_did", panel, {**matching, **draws}, DEFAULTS, INFO)
    check_exhibit("psm_did", result, INFO)
    mixed = run("mixed_table", panel, columns=[{"label": "(1)", "matching": matching}], **draws)
    ever = panel.groupby("unit")["did"].transform("max") > 0
    match = match_panel(panel, ever, ("w",), MatchRule(neighbours=2, seed=3), "pooled", None)
    weights = matched_weights(panel, match, "pooled", keep).to_numpy().astype(int)
    rows = panel.loc[np.repeat(np.arange(len(panel)), weights if keep == "frequency" else (weights > 0) * 1)]
    peer = regress(rows.reset_index(drop=True), "y", ["did", "c"], ["unit", "year"], CLUSTER, "reghdfe")
    sums = cluster_sums(peer, "did", ["unit", "year"], "unit")
    drawn = wild_draws(sums, Signs(len(sums.labels), 199, seed=3))
    for found in (result, mixed):
        assert value(found, "(1)", "did") == pytest.approx(peer.fit.coef[0], rel=1e-10)
        assert value(found, "(1)", "wild cluster bootstrap p") == p_value(drawn)
        ends = [value(found, "(1)", "wild cluster bootstrap p", end) for end in ("ci_low", "ci_high")]
        assert ends == pytest.approx(interval(drawn), rel=1e-9)
        assert value(found, "(1)", "Romano-Wolf p") == romano_wolf([sums], 199, seed=3)[0]


def test_the_constant_of_absorbed_effects_equals_that_of_linearmodels(panel):
    from linearmodels.panel import PanelOLS

    ours = regress(panel, "y", ["did", "c"], ["unit"], "iid", "areg")
    fit = fit_with_constant(ours, "y", ["unit"], "iid", "areg")
    data = panel.set_index(["unit", "year"])
    peer = PanelOLS.from_formula("y ~ 1 + did + c + EntityEffects", data).fit(cov_type="unadjusted")
    assert fit.terms[-1] == CONSTANT
    assert fit.coef[-1] == pytest.approx(peer.params["Intercept"], rel=1e-12)
    assert fit.se[-1] == pytest.approx(peer.std_errors["Intercept"], rel=1e-10)
    np.testing.assert_allclose(fit.se[:-1], ours.fit.se, rtol=1e-12)
    mean = panel["y"].mean() - panel["did"].mean() * fit.coef[0] - panel["c"].mean() * fit.coef[1]
    assert fit.coef[-1] == pytest.approx(mean, rel=1e-12)


def test_effects_of_columns_are_tested_to_be_equal(panel):
    columns = [{"label": "low", "sample": {"keep": {"rank": 0}}}, {"label": "high", "sample": {"keep": {"rank": 1}}}]
    apart = run_exhibit("did_table", panel, {"columns": columns, "equal": [["low", "high"]]}, DEFAULTS, INFO)
    split = run_exhibit("heterogeneity", panel, {"splits": [{"variable": "rank", "label": "R"}]}, DEFAULTS, INFO)
    assert value(apart, "low", "equal effects", "p") == pytest.approx(value(split, "R: 0", "equal effects", "p"))
    assert "p of equal effects" in [row.label for row in apart.table.rows]
    shared = panel.assign(kind=np.where(panel["adoption_year"].isna(), 0, 1 + panel["rank"]))
    both = [{"label": f"g{k}", "sample": {"keep": {"kind": [0, k]}}} for k in (1, 2)]
    overlap = run_exhibit("did_table", shared, {"columns": both, "equal": [["g1", "g2"]]}, DEFAULTS, INFO)
    assert 0 < value(overlap, "g1", "equal effects", "p") < 1
    robust = {"columns": both, "equal": [["g1", "g2"]], "vcov": {"kind": "hetero"}}
    refused = run_exhibit("did_table", shared, robust, DEFAULTS, INFO)
    assert "share rows" in value(refused, "g1", "equal effects", "reason")


def test_rows_on_one_side_of_a_median(panel):
    high, words = subsample(panel, {"median": {"variable": "w", "side": "high"}})
    low, _ = subsample(panel, {"median": {"variable": "w", "side": "low"}})
    assert len(high) == len(low) == len(panel) // 2
    assert high["w"].min() > low["w"].max()
    assert words.startswith("w above its median over rows")
    units, _ = subsample(panel, {"median": {"variable": "w", "side": "high", "of": "units"}})
    assert (units.groupby("unit").size() == 8).all()
    assert units["unit"].nunique() == 20


def test_two_steps_of_a_mediation(panel):
    short, full = run("mediation", panel), run("mediation", panel, steps=["total", "mediator", "direct"])
    assert short.table.header[0] == (("", 1), ("M10", 2))
    assert short.table.header[1] == (("", 1), ("Industry", 1), ("Income gap", 1))
    for term in ("share", "sobel z"):
        assert value(short, "M: direct", term) == value(full, "M: direct", term)


def test_panels_of_mediators_stand_one_under_the_other(panel):
    two = {"mediators": ["M", "w"], "steps": ["mediator", "direct"], "replications": 0}
    wide = run("mediation", panel, headings={}, **two)
    stacked = run("mediation", panel, headings={}, **two, panels={"Panel A": ["M"], "Panel B": ["w"]})
    pd.testing.assert_frame_equal(wide.estimates, stacked.estimates)
    assert stacked.table.header == ((("", 1), ("(1)", 1), ("(2)", 1)),)
    labels = [row.label for row in stacked.table.rows]
    assert labels[:5] == ["Panel A", "", "did", "", "Industry"]
    assert [c.text for c in stacked.table.rows[1].cells] == ["Industry", "Income gap"]
    assert {c.ref for row in wide.table.rows for c in row.cells} == {
        c.ref for row in stacked.table.rows for c in row.cells
    }
    with pytest.raises(EstimationError, match="each mediator must stand in one panel"):
        run("mediation", panel, headings={}, **two, panels={"Panel A": ["M"]})


def test_earlier_times_may_be_the_reference(panel):
    early = {"window": [-2, 2], "reference": [], "ends": "omit_before"}
    result = run_exhibit("event_study", panel, early, DEFAULTS, INFO)
    tau = (panel["year"] - panel["adoption_year"]).astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    dummies = {f"d{k}": (np.minimum(tau, 2) == k).astype(float) for k in range(-2, 3)}
    peer = regress(panel.assign(**dummies), "y", [*dummies, "c"], ["unit", "year"], CLUSTER, "reghdfe").fit
    ours = [value(result, "event study", f"tau{k:+d}") for k in range(-2, 3)]
    np.testing.assert_allclose(ours, peer.coef[:5], rtol=1e-12)
    assert "reference τ < -2" in result.notes[0]


def test_weights_of_an_index_that_saw_other_rows_are_refused(panel):
    weights = run("index_weights", panel)
    total = value(weights, "Weight", "a") + value(weights, "Weight", "b")
    assert total == pytest.approx(1)
    with pytest.raises(EstimationError, match="other rows than the exhibits see"):
        run("index_weights", panel.iloc[20:])
