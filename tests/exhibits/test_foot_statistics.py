"""Mean of the outcome, adjusted R² and F at the foot of a table, beside statsmodels' numbers."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from shidian.exhibits.did.did_table.estimate import run
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
