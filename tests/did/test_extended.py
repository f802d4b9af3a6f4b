"""Extended TWFE (Wooldridge 2021): R's etwfe on mpdta as its vignette prints it, imputation, dummies, diff-diff."""

import numpy as np
import pandas as pd
import pytest
from pyfixest import feols
from shidian.did.staggered import design, estimate
from shidian.errors import EstimationError

from tests.did.simulate import exact_panel, staggered_panel


def extended(panel, controls=(), **more):
    more = {"outcome": "y", "window": (-3, 3), "ssc": "fixest", **more}
    return estimate("etwfe", design(panel, more.pop("outcome"), list(controls), more.pop("window"), **more))


def test_mpdta_with_population_as_r_prints_it(reference):
    """R's model has effects of cohorts, their slopes and lpop, which count; ours has units', which clusters nest."""
    frame = pd.read_csv(reference / "mpdta.csv").rename(columns={"countyreal": "unit"})
    frame["adoption_year"] = frame["first.treat"].where(frame["first.treat"] > 0).astype("Int64")
    found = extended(frame, ["lpop"], outcome="lemp")
    event = found.event[found.event["tau"] >= 0]
    counted = np.sqrt((2500 - 23) / (2500 - 30))
    assert round(found.att, 4) == -0.0506
    assert round(found.att_se * counted, 4) == 0.0125
    assert event["estimate"].round(4).tolist() == [-0.0332, -0.0573, -0.1379, -0.1095]
    assert (event["se"] * counted).round(4).tolist() == [0.0134, 0.0171, 0.0308, 0.0323]
    assert (found.n_obs, found.n_units, found.n_clusters, found.df) == (2500, 500, 500, 499)
    from diff_diff import WooldridgeDiD

    with pytest.warns(UserWarning, match="collinear"):
        other = WooldridgeDiD().fit(
            frame.assign(first=frame["first.treat"].astype(int)), "lemp", "unit", "year", "first", xtvar=["lpop"]
        )
    assert (found.att, found.att_se) == pytest.approx((other.overall_att, other.overall_se), rel=1e-9)


@pytest.mark.parametrize("weights", [None, "w"])
def test_without_controls_effects_are_those_of_imputation_and_errors_those_of_a_regression(weights):
    panel = staggered_panel(3, lambda tau: 1 + 0.2 * tau)
    panel["w"] = panel["unit"].str[1:].astype(int) % 5 + 0.5
    found = extended(panel, weights=weights)
    other = estimate("imputation", design(panel, "y", [], (-3, 3), ssc="fixest", weights=weights))
    assert found.att == pytest.approx(other.att, rel=1e-9)
    np.testing.assert_allclose(found.event["estimate"], other.event["estimate"], rtol=1e-8)
    used = panel.merge(found.unit_years, on=["unit", "year"])
    g = used["adoption_year"].astype("Float64").fillna(np.inf).to_numpy(dtype=float)
    used["cell"] = np.where(used["year"] >= g, [f"c{a:.0f}x{t}" for a, t in zip(g, used["year"], strict=True)], "c0")
    fit = feols("y ~ i(cell, ref='c0') | unit + year", used, vcov={"CRV1": "unit"}, weights=weights)
    names = [name.split("::")[-1].rstrip("]").removeprefix("T.") for name in fit._coefnames]
    size = used.assign(w=1.0 if weights is None else used["w"]).groupby("cell")["w"].sum().drop("c0")
    share = (size / size.sum()).reindex(names).to_numpy()
    assert found.att == pytest.approx(share @ fit._beta_hat, rel=1e-7)
    assert found.att_se == pytest.approx(np.sqrt(share @ fit._vcov @ share), rel=1e-6)


@pytest.mark.parametrize("moves", [0.0, 1.0])
def test_a_control_with_a_path_of_its_own_in_each_cohort_is_taken_out(moves):
    """The effect grows with x, untreated outcomes have slopes on x by year and by cohort: the mean effect is exact."""
    panel = exact_panel([2003, 2003, 2003, 2005, 2005, 2005, None, None, None, None], range(2000, 2008))
    rng = np.random.default_rng(2)
    x = panel["unit"].map(dict(zip(panel["unit"].unique(), rng.normal(size=panel["unit"].nunique()), strict=True)))
    x = x + moves * rng.normal(size=len(panel))
    g = panel["adoption_year"].astype("Float64").fillna(0).to_numpy(dtype=float)
    treated = (g > 0) & (panel["year"] >= g)
    effect = np.where(treated, 1.0 + 0.5 * (x - x.groupby(g).transform("mean")), 0.0)
    panel = panel.assign(x=x, y=0.3 * x * (panel["year"] - 2000) + 0.1 * panel["year"] + x + effect)
    found = extended(panel, ["x"])
    assert found.att == pytest.approx(effect[treated].mean(), abs=1e-9)
    assert extended(panel).att != pytest.approx(effect[treated].mean(), abs=1e-3)


def test_rows_that_nothing_untreated_reaches_are_left_out_and_named():
    panel = staggered_panel(4, lambda tau: 1 + 0.2 * tau)
    last = int(panel["adoption_year"].max())
    found = extended(panel[panel["adoption_year"].notna()])
    assert found.left_out
    assert found.unit_years["year"].max() < last
    assert any("rows used" in words for words in found.remarks)
    with pytest.raises(EstimationError):
        extended(panel[panel["adoption_year"] == last])
