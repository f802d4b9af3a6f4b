"""Exhibit kinds iv_table, threshold, u_test, psm_did and mediation: numbers, refusals, warnings, figure data."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from shidian.errors import StudyError
from shidian.exhibits.result import ExhibitResult, StudyInfo
from shidian.iv.estimate import estimate_iv
from shidian.report.figures.draw import draw_figure
from shidian.report.words import in_words

from tests.exhibits.exhibit_checks import check_exhibit, check_order_and_origin, run_exhibit, value
from tests.report.chinese import english_left

INFO = StudyInfo("demo", "city", "did", {"y": "Income gap", "M": "Industry", "x1": "GDP"}, seed=3)
DEFAULTS = {
    "outcome": "y",
    "controls": ["c"],
    "fixed_effects": ["unit", "year"],
    "vcov": {"kind": "cluster", "by": "unit"},
    "ssc": "reghdfe",
}
SPECS = {
    "iv_table": {
        "columns": [
            {"endogenous": ["x"], "instruments": [{"interaction": ["rugged", "trend"]}, "z"]},
            {"label": "lag", "endogenous": ["x"], "instruments": [{"lag": "x", "periods": 1}]},
        ],
    },
    "threshold": {"regressors": ["x"], "threshold_variable": "q", "replications": 19, "trim": 0.1, "max_thresholds": 2},
    "u_test": {"regressor": "q"},
    "psm_did": {"covariates": ["x1", "x2"], "columns": [{"base": "base_year", "base_year": 2010}, {"neighbours": 4}]},
    "psm_scores": {"covariates": ["x1", "x2"], "neighbours": 2},
    "mediation": {"mediators": ["M"], "replications": 50},
}


@pytest.fixture(scope="module")
def panel():
    rng = np.random.default_rng(21)
    n, years = 60, 8
    frame = pd.DataFrame({"unit": np.repeat([f"c{i:02d}" for i in range(n)], years),
                          "year": np.tile(np.arange(2010, 2010 + years), n)})  # fmt: skip
    size = len(frame)
    trait = rng.normal(size=n)
    frame["rugged"] = np.repeat(rng.normal(size=n), years)
    frame["z"], frame["c"], frame["q"] = rng.normal(size=(3, size))
    frame["x1"] = np.repeat(trait, years) + 0.3 * rng.normal(size=size)
    frame["x2"] = rng.normal(size=size)
    ever = np.repeat(trait + rng.normal(size=n) > 0.8, years)
    frame["did"] = (ever & (frame["year"] >= 2014)).astype(float)
    frame["adoption_year"] = pd.array(np.where(ever, 2014, pd.NA), dtype="Int64")
    v = rng.normal(size=size)
    frame["x"] = 0.4 * frame["rugged"] * (frame["year"] - 2010) + frame["z"] + v
    frame["M"] = 0.8 * frame["did"] + rng.normal(size=size)
    u = rng.normal(size=size)
    frame["y"] = (
        frame["did"] + 0.6 * frame["M"] + frame["x"] * (frame["q"] > 0.2) - frame["q"] + 0.8 * frame["q"] ** 2 + v + u
    )
    return frame


def run(kind, panel, info=INFO, **changes) -> ExhibitResult:
    return run_exhibit(kind, panel, {**SPECS[kind], **changes}, DEFAULTS, info)


@pytest.mark.parametrize("kind", SPECS)
def test_every_printed_number_is_its_estimate(panel, kind):
    check_exhibit(kind, run(kind, panel), INFO)


@pytest.mark.parametrize("kind", SPECS)
def test_same_bytes_again(panel, kind):
    assert run(kind, panel.copy()).to_json() == run(kind, panel).to_json()


@pytest.mark.parametrize("kind", SPECS)
def test_row_order_does_not_matter_and_simulated_data_says_so(panel, kind):
    check_order_and_origin(partial(run, kind), panel, INFO)


@pytest.mark.parametrize("kind", ["threshold", "psm_did", "psm_scores"])
def test_figures_can_be_drawn(panel, kind):
    assert draw_figure(run(kind, panel).figure) is not None


@pytest.mark.parametrize("kind", SPECS)
def test_a_missing_variable_is_na_with_a_reason(panel, kind):
    key = {"covariates": ["income_gap"]} if kind == "psm_scores" else {"outcome": "income_gap"}
    result = run(kind, panel, **key)
    assert result.estimates["reason"].str.contains("no column 'income_gap'").any()
    assert result.warnings
    assert len(result.ledger)


OWN = list(INFO.labels.values())


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        *((kind, changes) for kind in ("iv_table", "threshold", "u_test", "mediation")
          for changes in ({}, {"outcome": "income_gap"})),
        ("iv_table", {"parentheses": "t"}),
        ("iv_table", {"columns": [{"endogenous": ["x"], "instruments": ["rugged"]}]}),
        ("iv_table", {"columns": [{"endogenous": ["x"], "instruments": ["z", "rugged", {"lag": "y"}]}]}),
        ("iv_table", {"columns": [{"endogenous": ["x"], "instruments": ["z"]}], "vcov": {"kind": "iid"},
         "constant": True}),
        ("iv_table", {"columns": [{"endogenous": ["x"], "instruments": [{"lag": "x", "periods": 30}]}]}),
        ("threshold", {"thresholds": 2, "year_effects": True, "table": "regression", "replications": 0}),
        ("threshold", {"ssc": "none", "vcov": {"kind": "hetero"}, "grid": 20, "refine": False,
         "residuals": "alternative"}),
        ("threshold", {"ssc": "none", "vcov": {"kind": "iid"}, "threshold_variable": "x", "trim": 0.3}),
        ("threshold", {"threshold_variable": "did"}),
        ("threshold", {"trim": 0.49, "max_thresholds": 3, "thresholds": 3}),
        ("u_test", {"interval": [2, 1]}),
        ("u_test", {"interval": [5, 6]}),
        ("u_test", {"regressor": "x"}),
        ("mediation", {"decision": "stepwise", "replications": 0}),
        ("mediation", {"mediators": ["c"], "controls": []}),
        ("mediation", {"mediators": ["z"]}),
        ("mediation", {"sample": {"exclude_units": ["c00"], "last_year": 2016}}),
    ],
)  # fmt: skip
def test_a_chinese_report_has_no_english_sentence(panel, kind, changes):
    assert english_left(run(kind, panel, **changes), OWN) == []


def test_what_cannot_be_estimated_is_said_in_chinese(panel):
    """Exact fits, gaps, absorbed regressors."""
    exact = panel.assign(M=panel["did"] * 2 + panel.groupby("unit").ngroup(), flat=1.0)
    assert english_left(run("mediation", exact), OWN) == []
    assert english_left(run("threshold", panel.drop(index=5)), OWN) == []
    assert english_left(run("threshold", panel.drop(index=5), drop_incomplete_units=True), OWN) == []
    assert english_left(run("threshold", exact, controls=["flat"]), OWN) == []
    assert english_left(run("u_test", exact, regressor="flat"), OWN) == []


def test_iv_table(panel):
    result = run("iv_table", panel)
    wide = panel.assign(i=panel["rugged"] * (panel["year"] - 2010))
    peer = estimate_iv(wide, "y", ["x"], ["i", "z"], ["c"], ["unit", "year"], vcov=DEFAULTS["vcov"], ssc="reghdfe")
    assert value(result, "(1)", "x") == pytest.approx(peer.second.coef[0])
    assert value(result, "(1)", "kp_rk_f") == pytest.approx(peer.rank.kp_f)
    assert value(result, "(1)", "kp_rk_lm", "p") == pytest.approx(peer.rank.kp_lm.p)
    assert value(result, "(1)", "overid") == pytest.approx(peer.hansen.statistic)
    assert value(result, "(1)", "stock_yogo_10") == 19.93
    assert value(result, "(1) first stage: x", "rugged*trend") == pytest.approx(peer.first["x"].coef[0])
    assert (
        value(result, "(1)", "ar_set", "ci_low") < value(result, "(1)", "x") < value(result, "(1)", "ar_set", "ci_high")
    )
    labels = [row.label for row in result.table.rows]
    assert "rugged × trend" in labels
    assert "Kleibergen–Paap rk Wald F" in labels


IID = ["Anderson canonical correlation LM [p]", "Cragg–Donald Wald F", "Sargan [p]"]
ROBUST = ["Kleibergen–Paap rk LM [p]", "Kleibergen–Paap rk Wald F", "Hansen J [p]"]


@pytest.mark.parametrize("kind", ["iv_table", "mixed_table"])
def test_iv_tests_have_the_names_of_ivreg2(panel, kind):
    """Under iid errors Anderson, Cragg-Donald, Sargan, else Kleibergen-Paap and Hansen; side by side each its own."""
    shown = {"iid": IID, "hetero": ROBUST}
    instruments = SPECS["iv_table"]["columns"][0]["instruments"]
    columns = [
        {"label": label, "vcov": {"kind": errors}, "endogenous": ["x"], "treatment": "x", "instruments": instruments}
        for label, errors in (("a", "iid"), ("b", "hetero"))
    ]
    if kind == "iv_table":
        columns = [{k: v for k, v in c.items() if k != "treatment"} for c in columns]
    result = run_exhibit(kind, panel, {"columns": columns}, DEFAULTS, INFO)
    for row in result.table.rows:
        for column, errors in (("a", "iid"), ("b", "hetero")):
            (cell,) = [c for c in row.cells if c.ref and c.ref[0] == column] or [None]
            if row.label in IID + ROBUST and row.label != "Cragg–Donald Wald F":
                assert (cell is not None) == (row.label in shown[errors]), (row.label, column)
    labels = [row.label for row in result.table.rows]
    both = {label for label in labels if label in IID + ROBUST}
    assert both == {*IID, *ROBUST}
    wide = panel.assign(i=panel["rugged"] * (panel["year"] - 2010))
    peer = estimate_iv(wide, "y", ["x"], ["i", "z"], ["c"], ["unit", "year"], vcov="iid", ssc="reghdfe")
    assert value(result, "a", "anderson_lm") == pytest.approx(peer.rank.anderson_lm.statistic)
    assert value(result, "a", "sargan") == pytest.approx(peer.sargan.statistic)
    terms = set(result.estimates.loc[result.estimates["column"] == "a", "term"])
    assert not terms & {"kp_rk_lm", "kp_rk_f", "overid"}


def test_iv_lag_is_by_year_and_warned_of(panel):
    holes = panel[~((panel["unit"] == "c03") & (panel["year"] == 2012))]
    result = run("iv_table", holes)
    # one year lost a unit, two for the unit with a hole
    assert value(result, "lag", "x", "n_obs") == 60 * 7 - 2
    assert any("(lag 1) is a lag of the endogenous regressor" in w for w in result.warnings)
    outcome = run("iv_table", panel, columns=[{"endogenous": ["x"], "instruments": ["z", {"lag": "y"}]}])
    assert any("lag of the outcome" in w for w in outcome.warnings)


def test_a_variable_called_trend_is_not_taken_for_the_count_of_years(panel):
    result = run("iv_table", panel.assign(trend=panel["z"]))
    assert "'trend' in the instrument 'rugged*trend' is both" in value(result, "(1)", "x", "reason")
    assert np.isfinite(value(result, "lag", "x"))


def test_iv_absorbed_instrument(panel):
    refused = run("iv_table", panel, columns=[{"endogenous": ["x"], "instruments": ["rugged"]}])
    assert "the fixed effects absorb it" in value(refused, "(1)", "x", "reason")
    assert np.isnan(value(refused, "(1)", "x"))
    beside = run("iv_table", panel, columns=[{"endogenous": ["x"], "instruments": ["rugged", "z"]}])
    assert any("instrument 'rugged' dropped" in w for w in beside.warnings)
    assert beside.ledger["reason"].str.contains("instrument 'rugged' dropped").any()


@pytest.mark.parametrize("kind", ["iv_table", "u_test", "psm_did", "mediation"])
def test_a_constant_outcome_is_na_with_a_reason(panel, kind):
    result = run(kind, panel.assign(y=panel["rugged"]))
    assert result.estimates["reason"].str.contains("does not vary within").any()
    assert result.ledger["reason"].str.contains("does not vary within").any()
    assert any("does not vary within" in w for w in result.warnings)


@pytest.mark.parametrize("kind", ["iv_table", "u_test", "mediation", "psm_did", "threshold"])
def test_a_collinear_control_is_left_out_by_name(panel, kind):
    with_trait = run(kind, panel, controls=["c", "rugged"])
    assert any("rugged" in sentence and "absorb" in sentence for sentence in with_trait.notes)
    assert with_trait.ledger["reason"].str.contains("absorb").any()
    coefficient = {"iv_table": ("(1)", "x"), "u_test": ("regression", "q"), "mediation": ("M: direct", "share")}
    coefficient["threshold"] = ("threshold tests", "F 1")
    at = coefficient.get(kind, ("(1)", "did"))
    assert value(with_trait, *at) == pytest.approx(value(run(kind, panel), *at), rel=1e-9)


@pytest.mark.parametrize("kind", ["iv_table", "u_test", "mediation", "psm_did"])
def test_fewer_than_ten_clusters_are_a_warning(panel, kind):
    treated = panel.loc[panel["did"] == 1, "unit"].unique()
    others = [unit for unit in panel["unit"].unique() if unit not in treated]
    few = panel[panel["unit"].isin([*treated[:4], *others[:5]])]
    changes = {"covariates": ["x2"], "columns": [{}]} if kind == "psm_did" else {}
    warnings = run(kind, few, **changes).warnings
    assert any("cluster-robust standard errors are unreliable" in w for w in warnings)


def test_iv_table_wants_instruments_and_endogenous_regressors_before_it_runs(panel):
    whole = {"endogenous": ["x"], "instruments": ["z"]}
    for gone in whole:
        part = {key: names for key, names in whole.items() if key != gone}
        for columns in ([part], [whole, part]):
            with pytest.raises(StudyError, match=rf"at 'columns\[{len(columns)}\]': the key '{gone}' is missing"):
                run("iv_table", panel, columns=columns)
        with pytest.raises(StudyError, match=f"exhibit 'my_iv_table': the key '{gone}' is missing"):
            run_exhibit("iv_table", panel, part, DEFAULTS, INFO)
        shared = run("iv_table", panel, **{gone: whole[gone]}, columns=[part])
        assert value(shared, "(1)", "x") == value(run("iv_table", panel, columns=[whole]), "(1)", "x")


def test_controls_that_the_policy_moves_are_a_warning(panel):
    moved = panel.assign(c=panel["c"] + panel["did"] + panel["x"])
    said = "controls that move with {} (p < 0.05): c. Controlling for what"
    two = {"columns": [{"endogenous": ["x", "did"], "instruments": ["z", {"lag": "did"}]}]}
    cases = [
        ("mediation", {"mediators": ["M", "x2"]}, ["did"]),
        ("iv_table", {}, ["x"]),
        ("iv_table", two, ["x", "did"]),
        ("iv_table", {"ssc": "ivreg2"}, ["x"]),
    ]
    for kind, changes, treatments in cases:
        warnings = [w for w in run(kind, moved, **changes).warnings if "controls that move with" in w]
        assert len(warnings) == len(treatments)
        for treatment, warning in zip(treatments, warnings, strict=True):
            assert warning.startswith(said.format(treatment))
        assert not any("controls that move with" in w for w in run(kind, panel, **changes).warnings), kind


def test_controls_moved_in_one_column_are_named_with_it(panel):
    moved = panel.assign(c2=panel["x"] + panel["x2"])
    columns = [{"endogenous": ["x"], "instruments": ["z"], "controls": [c]} for c in ("c", "c2")]
    (warning,) = (w for w in run("iv_table", moved, columns=columns).warnings if "controls that move" in w)
    assert warning.startswith("controls that move with x (p < 0.05): c2 in column (2) 2SLS. Controlling")


def test_iv_weak_instrument_is_warned_of(panel):
    rng = np.random.default_rng(0)
    weak = panel.assign(noise=rng.normal(size=len(panel)))
    result = run("iv_table", weak, columns=[{"endogenous": ["x"], "instruments": ["noise"]}])
    assert any("weak instruments: the first-stage F" in w and "16.38" in w for w in result.warnings)
    assert any("Anderson–Rubin set is unbounded" in w for w in result.warnings)


def test_threshold(panel):
    result = run("threshold", panel)
    tests = "threshold tests"
    assert value(result, tests, "threshold 1") == pytest.approx(0.2, abs=0.1)
    assert value(result, tests, "F 1", "p") == 1 / 20  # no draw of 19 is as large
    assert value(result, tests, "critical value 1 5%") > 0
    regimes = result.estimates[result.estimates["column"] == "regime regression"].set_index("term")["estimate"]
    assert regimes["x|regime 2"] - regimes["x|regime 1"] == pytest.approx(1, abs=0.3)
    assert set(result.figure.data) == {"curve", "estimates"}
    assert any("19 bootstrap draws" in note and "seed 3" in note for note in result.notes)
    assert any("19 bootstrap draws are few" in w for w in result.warnings)
    declared = run("threshold", panel, thresholds=0)
    assert "x|regime 1" in set(declared.estimates["term"])
    assert "x|regime 2" not in set(declared.estimates["term"])


def test_threshold_controls_without_a_slope_print_a_dash(panel):
    """One that rounding alone makes vary within units, a trend beside year effects, a regressor named twice."""
    wide = panel.assign(area=panel["unit"].str[1:].astype(float) * 1.7, trend=panel["year"] - 2000.0)
    plain = run("threshold", panel, year_effects=True)
    result = run("threshold", wide, year_effects=True, controls=["area", "c", "trend", "x"])
    check_exhibit("threshold", result, INFO)
    why = {"area": "absorbed by the fixed effects (unit, year)", "trend": "absorbed by the fixed effects (unit, year)",
           "x": "its slope changes at the threshold"}  # fmt: skip
    for name, reason in why.items():
        assert value(result, "regime regression", name, "reason") == reason
        assert f"{name} not estimated: {reason}." in result.notes
        assert reason in set(result.ledger.loc[result.ledger["subject"].str.endswith(f": {name}"), "reason"])
    kept = result.estimates[~result.estimates["term"].isin(why)].reset_index(drop=True)
    pd.testing.assert_frame_equal(kept, plain.estimates)
    assert [row.cells[0].text for row in result.table.rows if row.label in why] == ["—"] * 3
    journal = run("threshold", wide, year_effects=True, controls=["area", "c"], table="regression")
    assert [row.cells[0].text for row in journal.table.rows if row.label == "area"] == ["—"]


def test_threshold_without_controls(panel):
    result = run("threshold", panel, controls=[])
    check_exhibit("threshold", result, INFO)
    assert value(result, "threshold tests", "threshold 1") == pytest.approx(0.2, abs=0.1)
    terms = set(result.estimates.loc[result.estimates["column"] == "regime regression", "term"])
    assert {term.partition("|")[0] for term in terms} == {"x"}


def test_panels_of_the_likelihood_ratio_are_the_rows_of_the_table(panel):
    """Named, numbered and with the interval of the row of each step; declared thresholds cut the figure alone."""
    result = run("threshold", panel)
    estimates = result.figure.data["estimates"].set_index("threshold")
    assert list(estimates.index) == ["Single threshold", "Double threshold"]
    for n, name in enumerate(estimates.index, start=1):
        term = f"threshold {n}"
        assert estimates["gamma"][name] == value(result, "threshold tests", term)
        for end in ("ci_low", "ci_high"):
            assert estimates[end][name] == value(result, "threshold tests", term, end)
        curve = result.figure.data["curve"].query("threshold == @name")
        assert curve.loc[curve["lr"].idxmin(), "gamma"] == estimates["gamma"][name]
    rows = [row.label for row in result.table.rows if row.label.endswith("threshold")]
    assert rows == list(estimates.index)
    one = run("threshold", panel, thresholds=1)
    assert list(one.figure.data["estimates"]["threshold"]) == ["Single threshold"]
    assert list(in_words(result, "zh").figure.data["estimates"]["threshold"]) == ["单一门槛", "双重门槛"]


def test_threshold_refusals(panel):
    unbalanced = run("threshold", panel.drop(index=5))
    assert "balanced panel" in unbalanced.estimates["reason"].iloc[0]
    trimmed = run("threshold", panel.assign(q=(panel["q"] > 0) * 1.0), trim=0.499)
    assert any("no candidate for threshold" in w for w in trimmed.warnings)
    binary = run("threshold", panel.assign(q=(panel["q"] > 0) * 1.0))
    assert "the threshold variable 'q' has 2 distinct values (0, 1)" in binary.estimates["reason"].iloc[0]
    assert [cell.text for row in binary.table.rows for cell in row.cells] == ["—"]
    steps = pd.qcut(panel["q"], 4, labels=False).astype(float)
    coarse = run("threshold", panel.assign(q=steps))
    assert any("has 4 distinct values: thresholds" in w for w in coarse.warnings)
    three = run("threshold", panel.assign(q=steps), max_thresholds=3, thresholds=3)
    assert "3 thresholds were asked for, 2 could be searched: threshold 3 would" in three.estimates["reason"].iloc[0]
    other = run("threshold", panel, vcov={"kind": "cluster", "by": "year"})
    assert "clusters by unit only" in other.estimates["reason"].iloc[0]
    few = run("threshold", panel[panel["unit"] < "c09"])
    assert any("only 9 clusters" in w for w in few.warnings)
    flat = run("threshold", panel.assign(y=panel["rugged"]))
    assert "constant within every unit" in flat.estimates["reason"].iloc[0]
    kink = run("threshold", panel, regressors=["q"])
    assert any("kink" in w for w in kink.warnings)


def test_u_test(panel):
    result = run("u_test", panel)
    beta, gamma = value(result, "regression", "q"), value(result, "regression", "q^2")
    assert value(result, "U-test", "turning point") == pytest.approx(-beta / (2 * gamma))
    assert value(result, "U-test", "slope at lower end") == pytest.approx(beta + 2 * gamma * panel["q"].min())
    assert value(result, "U-test", "p of U") < 0.01
    outside = run("u_test", panel, interval=[5, 6])
    assert np.isnan(value(outside, "U-test", "p of U"))
    assert "lies outside the data" in value(outside, "U-test", "p of U", "reason")


def test_psm_did(panel):
    result = run("psm_did", panel)
    for column in ("(1)", "(2)"):
        assert value(result, column, "did") == pytest.approx(1.5, abs=0.6)
        assert value(result, column, "bias before: x1") > 30
        assert abs(value(result, column, "bias after: x1")) < abs(value(result, column, "bias before: x1"))
    assert any("Column (2)" in w and "post-treatment" in w for w in result.warnings)
    assert not any("Column (1)" in w and "post-treatment" in w for w in result.warnings)
    assert (result.ledger["reason"] == "control row that no treated row chose").any()
    assert list(result.figure.data["covariates"]["covariate"]) == ["GDP", "x2"]
    balance = run("psm_did", panel, table="balance")
    assert balance.table.rows[0].label == "Propensity score: unmatched"


def test_psm_empty_match_is_na(panel):
    result = run("psm_did", panel, caliper=1e-12, caliper_scale="absolute", columns=[{}])
    assert "matched sample is empty" in value(result, "(1)", "did", "reason")
    assert any("matched sample is empty" in w for w in result.warnings)
    assert result.ledger["reason"].str.contains("matched sample is empty").any()


def test_mediation(panel):
    result = run("mediation", panel)
    direct = "M: direct"
    delta, theta = value(result, "M: mediator", "did"), value(result, direct, "M")
    assert value(result, direct, "indirect effect") == pytest.approx(delta * theta)
    total = value(result, "M: total", "did")
    assert value(result, direct, "share") == pytest.approx(delta * theta / total)
    assert value(result, direct, "bootstrap interval", "ci_low") < delta * theta
    assert any("moved by it" in w for w in result.warnings)
    assert result.table.rows[-1].cells[-1].text == "partial mediation"


def test_mediation_without_a_share_says_why(panel):
    opposite = panel.assign(y=panel["y"] - 4 * panel["did"])
    result = run("mediation", opposite)
    assert np.isnan(value(result, "M: direct", "share"))
    assert "suppression" in value(result, "M: direct", "share", "reason")
