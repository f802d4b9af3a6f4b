"""Statistics at the foot of a table that are rows of their own, beside statsmodels' numbers."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from shidian.exhibits.did.did_table.estimate import run
from shidian.exhibits.did.heterogeneity.estimate import run as heterogeneity
from shidian.exhibits.iv.iv_table.estimate import run as iv_table
from shidian.exhibits.mediation.mediation.estimate import run as mediation
from shidian.exhibits.result import StudyInfo

ASKED = ["outcome_mean", "n_obs", "r2_adjusted", "f"]


@pytest.fixture(scope="module")
def panel():
    rng = np.random.default_rng(3)
    frame = pd.DataFrame([(f"u{i:02d}", t) for i in range(20) for t in range(2000, 2008)], columns=["unit", "year"])
    frame["x"] = rng.normal(size=len(frame))
    frame["w"] = rng.uniform(1, 3, size=len(frame))
    frame["did"] = ((frame["unit"] < "u10") & (frame["year"] >= 2004)).astype(float)
    frame["adoption_year"] = pd.Series(np.where(frame["unit"] < "u10", 2004, pd.NA), dtype="Int64")
    frame["y"] = 2 + 0.3 * frame["did"] + 0.5 * frame["x"] + rng.normal(size=len(frame))
    return frame


def table(panel, column, statistics=ASKED):
    spec = {"id": "t", "kind": "did_table", "outcome": "y", "controls": ["x"], "statistics": statistics,
            "columns": [column], "digits": 4}  # fmt: skip
    result = run(panel, spec, StudyInfo("s", "unit", "did"))
    return result, result.estimates.set_index("term")


def test_they_are_those_of_statsmodels_without_and_with_effects(panel):
    result, found = table(panel, {"fixed_effects": [], "vcov": "iid"})
    peer = smf.ols("y ~ did + x", panel).fit()
    assert found.loc["f", "estimate"] == pytest.approx(peer.fvalue, rel=1e-10)
    assert found.loc["f", "p"] == pytest.approx(peer.f_pvalue, rel=1e-8)
    assert found.loc["r2_adjusted", "estimate"] == pytest.approx(peer.rsquared_adj, rel=1e-10)
    labels = [row.label for row in result.table.rows[-4:]]
    assert labels == ["Mean of the outcome", "Observations", "Adjusted R²", "F"]
    assert result.table.rows[-4].cells[0].text == f"{panel['y'].mean():.4f}"
    _, found = table(panel, {"fixed_effects": ["unit", "year"], "vcov": {"kind": "cluster", "by": "unit"}})
    dummies = smf.ols("y ~ did + x + C(unit) + C(year)", panel).fit()
    assert found.loc["r2_adjusted", "estimate"] == pytest.approx(dummies.rsquared_adj, rel=1e-10)


def test_f_of_one_regressor_is_the_square_of_its_t_and_weights_count_in_the_mean(panel):
    column = {"fixed_effects": ["unit", "year"], "vcov": {"kind": "cluster", "by": "unit"}, "controls": []}
    _, found = table(panel, {**column, "weights": "w"})
    assert found.loc["f", "estimate"] == pytest.approx(found.loc["did", "statistic"] ** 2, rel=1e-10)
    assert found.loc["f", "p"] == pytest.approx(found.loc["did", "p"], rel=1e-8)
    assert found.loc["outcome_mean", "estimate"] == pytest.approx(np.average(panel["y"], weights=panel["w"]), rel=1e-12)


def test_where_there_is_none_a_dash_leads_to_the_reason(panel):
    few = panel[panel["unit"].isin(["u00", "u15"])]
    result, found = table(few, {"fixed_effects": [], "vcov": {"kind": "cluster", "by": "unit"}}, ["f"])
    assert "is singular" in found.loc["f", "reason"]
    assert result.table.rows[-1].cells[0].text == "—"
    assert result.table.rows[-1].cells[0].ref == ("(1)", "f", "reason")


def test_what_is_not_asked_for_is_not_estimated(panel):
    _, found = table(panel, {"fixed_effects": ["unit"], "vcov": "iid"}, ["n_obs", "r2"])
    assert list(found.index) == ["did", "x"]


CRITERIA = ["rmse", "log_likelihood", "aic", "bic", "outcome_sd", "control_mean"]


def test_criteria_and_moments_are_those_of_statsmodels(panel):
    result, found = table(panel, {"fixed_effects": ["unit", "year"], "vcov": "iid"}, CRITERIA)
    peer = smf.ols("y ~ did + x + C(unit) + C(year)", panel).fit()
    assert found.loc["rmse", "estimate"] == pytest.approx(np.sqrt(peer.mse_resid), rel=1e-9)
    assert found.loc["log_likelihood", "estimate"] == pytest.approx(peer.llf, rel=1e-9)
    assert found.loc["aic", "estimate"] == pytest.approx(peer.aic, rel=1e-9)
    assert found.loc["bic", "estimate"] == pytest.approx(peer.bic, rel=1e-9)
    assert found.loc["outcome_sd", "estimate"] == pytest.approx(panel["y"].std(), rel=1e-12)
    assert found.loc["control_mean", "estimate"] == pytest.approx(panel.loc[panel["did"] == 0, "y"].mean(), rel=1e-12)
    printed = {row.label: row.cells[0].text for row in result.table.rows}
    assert printed["AIC"] == f"{peer.aic:,.2f}"  # a number of known size, whatever the digits
    assert printed["Mean of the outcome, untreated"] == f"{panel.loc[panel['did'] == 0, 'y'].mean():.4f}"


def test_frequencies_are_rows_and_other_weights_have_no_likelihood(panel):
    often = panel.assign(n=np.arange(len(panel)) % 3 + 1)
    rows = often.loc[often.index.repeat(often["n"])].reset_index(drop=True)
    column = {"fixed_effects": ["unit"], "vcov": "iid"}
    _, found = table(often, {**column, "weights": {"variable": "n", "kind": "frequency"}}, CRITERIA)
    _, whole = table(rows, column, CRITERIA)
    for name in CRITERIA:
        assert found.loc[name, "estimate"] == pytest.approx(whole.loc[name, "estimate"], rel=1e-9), name
    _, found = table(often, {**column, "weights": "w"}, CRITERIA)
    assert found.loc["aic", "reason"] == "not defined with weights that are no frequencies"
    assert np.isfinite(found.loc["rmse", "estimate"])


def test_splits_mediation_and_instruments_have_them_too(panel):
    shared = {"id": "t", "kind": "t", "outcome": "y", "controls": ["x"], "fixed_effects": ["unit", "year"], "digits": 4,
              "vcov": {"kind": "cluster", "by": "unit"}, "statistics": [*ASKED, "rmse"]}  # fmt: skip
    info = StudyInfo("s", "unit", "did")
    frame = panel.assign(
        large=np.where(panel["unit"].str[-1].isin(list("02468")), "large", "small"), m=panel["y"] * 0.3 + panel["w"],
        z=panel["did"] * 0.4 + panel["w"],
    )  # fmt: skip
    split = heterogeneity(frame, {**shared, "splits": [{"variable": "large", "label": "Size"}]}, info)
    _, apart = table(frame[frame["large"] == "large"], {k: shared[k] for k in ("fixed_effects", "vcov")})
    found = split.estimates.set_index(["column", "term"])["estimate"]
    for name in ("outcome_mean", "r2_adjusted", "f"):
        assert found["Size: large", name] == pytest.approx(apart.loc[name, "estimate"], rel=1e-10)
    by_mediator = mediation(frame, {**shared, "mediators": ["m"], "replications": 0, "steps": ["mediator"]}, info)
    assert [row.label for row in by_mediator.table.rows if row.cells[0].text == f"{frame['m'].mean():.4f}"] == [
        "Mean of the outcome"
    ]
    stages = iv_table(frame, {**shared, "endogenous": ["did"], "instruments": ["z"], "ssc": "ivreghdfe"}, info)
    rows = stages.estimates.set_index(["column", "term"])
    first = "(1) first stage: did"
    assert rows.loc[(first, "f"), "estimate"] == pytest.approx(rows.loc[(first, "z"), "statistic"] ** 2, rel=1e-8)
    assert rows.loc[(first, "outcome_mean"), "estimate"] == pytest.approx(frame["did"].mean(), rel=1e-12)
    assert rows.loc[("(1)", "outcome_mean"), "estimate"] == pytest.approx(frame["y"].mean(), rel=1e-12)
    for result in (split, by_mediator, stages):
        assert {"Mean of the outcome", "Adjusted R²", "F"} <= {row.label for row in result.table.rows}


def test_labels_of_rows_of_tests_can_be_told_or_left_out(panel):
    spec = {"id": "t", "kind": "t", "outcome": "y", "fixed_effects": ["unit"], "vcov": "iid", "endogenous": ["did"],
            "instruments": ["w"], "statistics": ["n_obs"], "row_labels": {"cd_f": "F first", "ar_set": ""}}  # fmt: skip
    labels = [row.label for row in iv_table(panel, spec, StudyInfo("s", "unit", "did")).table.rows]
    assert "F first" in labels
    assert not [label for label in labels if "set" in label or label == "Cragg–Donald Wald F"]
