"""Robust staggered estimators against csdid (a6), fixest (a7), didimputation (a9), diff-diff and truth."""

import numpy as np
import pandas as pd
import pytest
from shidian.did import callaway_santanna as cs
from shidian.did import group_time_averages as averages
from shidian.did.lp_did import fit_lp_did
from shidian.did.staggered import ESTIMATORS, design, estimate
from shidian.did.sun_abraham import fit_sun_abraham
from shidian.errors import EstimationError

from tests.did.simulate import exact_panel, staggered_panel


@pytest.fixture(scope="module")
def mpdta(reference):
    frame = pd.read_csv(reference / "mpdta.csv").rename(columns={"countyreal": "unit"})
    return frame.assign(adoption_year=frame["first.treat"].where(frame["first.treat"] > 0).astype("Int64"))


AGGREGATES = {"dynamic": averages.dynamic, "group": averages.group, "calendar": averages.calendar}


@pytest.mark.parametrize(
    ("key", "control", "covariates"),
    [
        ("nevertreated|lemp~1", "never_treated", []),
        ("nevertreated|lemp~lpop", "never_treated", ["lpop"]),
        ("notyettreated|lemp~1", "not_yet_treated", []),
        ("notyettreated|lemp~lpop", "not_yet_treated", ["lpop"]),
    ],
)
def test_a6_callaway_santanna(mpdta, cases, key, control, covariates):
    """Every number of csdid 0.4.3: ATT(g, t), overall effects, and those by event time, group and year."""
    expected = cases["a6_mpdta_CS"]["expected"]["peer_csdid_[att,se]"][key]
    effects = cs.group_time_effects(mpdta, "lemp", covariates, control)
    cells = effects.cells.set_index(["group", "year"])
    assert len(expected["att_gt"]) == 12
    for cell, numbers in expected["att_gt"].items():
        row = cells.loc[tuple(int(part) for part in cell.split("_"))]
        assert (row["att"], row["se"]) == pytest.approx(tuple(numbers), abs=1e-10), cell
    assert averages.simple(effects) == pytest.approx(tuple(expected["simple"]["overall"]), abs=1e-10)
    for name, aggregate in AGGREGATES.items():
        found, numbers = aggregate(effects), dict(expected[name])
        assert (found.overall, found.overall_se) == pytest.approx(tuple(numbers.pop("overall")), abs=1e-10), name
        assert numbers.keys() == {str(label) for label in found.labels}
        for label, att, se in zip(found.labels, found.att, found.se, strict=True):
            assert (att, se) == pytest.approx(tuple(numbers[str(label)]), abs=1e-10), (name, label)


def test_a6_pretest(mpdta, cases):
    """The test of parallel trends before adoption that R's did prints: p = 0.16812 on five cells."""
    test = averages.pretest(cs.group_time_effects(mpdta, "lemp"))
    assert test.p == pytest.approx(cases["a6_mpdta_CS"]["expected"]["published_did_README_4dp"]["pretest_p"], abs=5e-6)
    assert test.df == 5
    words = averages.pretest_words(cs.group_time_effects(mpdta, "lemp"))
    assert words == "all group-time effects before adoption zero: χ²(5) = 7.79, p = 0.1681"
    universal = averages.pretest(cs.group_time_effects(mpdta, "lemp", base_period="universal"))
    assert universal.statistic == pytest.approx(test.statistic, rel=1e-9)  # sums of the same differences
    short = mpdta[(mpdta["year"] > 2005) & mpdta["adoption_year"].fillna(2007).eq(2007)]
    assert averages.pretest(cs.group_time_effects(short, "lemp")) is None
    flat = cs.group_time_effects(mpdta.assign(lemp=0.0), "lemp")
    assert averages.pretest_words(flat).startswith("an effect before adoption has no sampling error")


def test_a7_sun_abraham(reference):
    data = pd.read_csv(reference / "fixest_base_stagg.csv").rename(columns={"id": "unit"})
    data = data.assign(adoption_year=data["year_treated"].where(data["year_treated"] <= 10).astype("Int64"))
    result = fit_sun_abraham(data, "y", ["x1"], ["unit", "year"], "iid", "fixest")
    assert result.att == pytest.approx(-1.133749448772, rel=1e-9)
    assert result.att_se == pytest.approx(0.194764486259, rel=1e-9)
    fit = result.regression.fit
    assert fit.coef[fit.terms.index("x1")] == pytest.approx(0.9946783108567, rel=1e-9)
    event = dict(zip(result.taus, result.effects, strict=True))
    for tau, expected in {
        -9: 0.3517656209193, -5: -0.2953092924231, -2: 0.0846616233042, 0: -5.188206850034, 1: -3.540027892212,
        2: -2.1554853191763, 3: -0.7749537226387, 8: 6.2436260544389,
    }.items():  # fmt: skip
        assert event[tau] == pytest.approx(expected, rel=1e-9)
    for cohort, expected in {2: 2.43473823876, 3: 1.376610183937, 10: -8.711575328172}.items():
        assert result.cohorts[cohort][0] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("name", "att", "se"),
    [("didimp_df_het", 2.26295171137, 0.0313968415167), ("didimp_df_hom", 2.024639395, 0.0324359574362)],
)
def test_a9_imputation_simulated_data(reference, name, att, se):
    data = pd.read_csv(reference / f"{name}.csv")
    data = data.assign(adoption_year=data["g"].where(data["g"] > 0).astype("Int64"))
    effects = estimate("imputation", design(data, "dep_var", [], (-5, 5)))
    assert effects.att == pytest.approx(att, rel=1e-6)
    assert effects.att_se == pytest.approx(se, rel=1e-5)


def test_a9_imputation_mpdta(mpdta):
    asked = design(mpdta, "lemp", [], (-3, 3))
    effects = estimate("imputation", asked)
    assert effects.att == pytest.approx(-0.0477099151095, rel=1e-6)
    assert effects.att_se == pytest.approx(0.01322248865, rel=1e-5)
    event = effects.event.set_index("tau")
    horizons = {
        0: (-0.0310669239518, 0.0135772497465), 1: (-0.0522348535894, 0.0188124268223),
        2: (-0.1360781135249, 0.0353419721334), 3: (-0.10470746681, 0.0337658533568),
    }  # fmt: skip
    for tau, (att, se) in horizons.items():
        assert event.loc[tau, "estimate"] == pytest.approx(att, rel=1e-6)
        assert event.loc[tau, "se"] == pytest.approx(se, rel=1e-5)
    two_stage = estimate("two_stage", asked)
    assert two_stage.att == pytest.approx(effects.att, abs=1e-12)  # the same point estimate by construction


def test_lp_did_horizons_are_those_of_diff_diff(castle):
    from diff_diff import LPDiD

    ours = fit_lp_did(castle, "l_homicide", [], -4, 3)
    theirs = LPDiD(pre_window=4, post_window=3).fit(castle, "l_homicide", "sid", "year", "castle").event_study
    theirs = theirs.set_index("horizon").loc[list(ours.taus)]
    assert ours.effects == pytest.approx(theirs["coefficient"].to_numpy(), abs=1e-10)
    # one small-sample factor for all horizons here, one a horizon there
    assert np.sqrt(np.diag(ours.vcov)) == pytest.approx(theirs["se"].to_numpy(), rel=0.03)


def test_lp_did_has_one_slope_of_a_control_a_horizon():
    """The outcome grows by 0.7 of the control a year, and those treated have more of it: effects are exact still."""
    panel = exact_panel([2004] * 3 + [2006] * 3 + [None] * 4, range(2000, 2009), lambda tau: 1.0 + tau)
    size = panel["unit"].map({f"u{i:02d}": x for i, x in enumerate([3, 5, 2, 4, 6, 1, 2, 1, 4, 1])}).astype(float)
    panel = panel.assign(x=size, y=panel["y"] + 0.7 * size * panel["year"] + 0.01 * np.sin(np.arange(len(panel))))
    ours = fit_lp_did(panel, "y", ["x"], -3, 2)
    assert ours.taus == (-3, -2, 0, 1, 2)
    assert ours.effects == pytest.approx([0, 0, 1, 2, 3], abs=0.03)
    assert ours.bases == {2004: 2003, 2006: 2005}


def test_a_unit_seen_once_in_its_stack_has_no_part_in_the_effects(castle):
    """Units are absorbed, so a unit of one year tells of its own level alone."""
    whole = estimate("stacked", design(castle, "l_homicide", [], (-4, 3))).event
    never = castle[castle["sid"] == castle.loc[castle["adoption_year"].isna(), "sid"].min()]
    once = never[never["year"].isin([2000, 2006])].assign(unit="once", sid=999, l_homicide=[1.0, 99.0])
    panel = pd.concat([castle, once], ignore_index=True)
    event = estimate("stacked", design(panel, "l_homicide", [], (-4, 3))).event
    assert event["estimate"].to_numpy() == pytest.approx(whole["estimate"].to_numpy(), abs=1e-9)


@pytest.mark.parametrize("name", list(ESTIMATORS))
def test_without_noise_every_estimator_finds_a_constant_effect(name):
    panel = staggered_panel(seed=4, effect=lambda tau: 1.5 + 0 * tau, noise=0.0)
    effects = estimate(name, design(panel, "y", [], (-3, 2), control_group="not_yet_treated"))
    assert effects.att == pytest.approx(1.5, abs=1e-6)
    event = effects.event.set_index("tau")["estimate"]
    assert event[event.index >= 0].to_numpy() == pytest.approx(1.5, abs=1e-6)
    assert event[event.index < 0].to_numpy() == pytest.approx(0, abs=1e-6)


def test_growing_effects_mislead_twfe_alone():
    panel = staggered_panel(seed=4, effect=lambda tau: 1.0 + tau, noise=0.0)
    asked = design(panel, "y", [], (-3, 2))
    adopted = panel["adoption_year"].astype("float64")
    truth = (panel["year"] - adopted + 1)[panel["year"] >= adopted].mean()
    for name in ("callaway_santanna", "sun_abraham", "imputation", "two_stage"):
        assert estimate(name, asked).att == pytest.approx(truth, abs=1e-6), name
    assert abs(estimate("twfe", asked).att - truth) > 0.3


def test_designs_that_cannot_be_estimated(castle):
    with pytest.raises(EstimationError, match="both before and after"):
        design(castle[castle["adoption_year"].isna()], "l_homicide", [], (-4, 3))
    treated = castle[castle["adoption_year"].notna()]
    asked = design(treated, "l_homicide", [], (-4, 3))
    for name in ("callaway_santanna", "sun_abraham"):
        with pytest.raises(EstimationError, match=r"no never-treated units|needs never-treated"):
            estimate(name, asked)
    other = design(treated, "l_homicide", [], (-4, 3), control_group="not_yet_treated")
    assert np.isfinite(estimate("callaway_santanna", other).att)
    with pytest.raises(EstimationError, match="takes no controls"):
        estimate("stacked", design(castle, "l_homicide", ["l_police"], (-4, 3)))
    with pytest.raises(EstimationError, match="cluster one way"):
        design(castle, "l_homicide", [], (-4, 3), {"kind": "cluster", "by": ["unit", "year"]})
    early = castle.assign(adoption_year=castle["adoption_year"].where(castle["sid"] != 10, 1999))
    assert design(early, "l_homicide", [], (-4, 3)).always_treated == ("10",)


def test_a_unit_that_adopts_in_its_first_year_has_no_year_before():
    panel = exact_panel([2000, 2001, 2003, None], range(2000, 2005))
    assert design(panel, "y", [], (-2, 2)).always_treated == ("u00",)
    assert design(panel, "y", [], (-2, 2), anticipation=1).always_treated == ("u00", "u01")


def test_a_row_that_is_alone_in_its_year_without_the_always_treated_goes_too():
    """In 2005 one unit that is treated throughout and one never treated are left: without the first it is alone."""
    panel = exact_panel([2000, 2003, None, None], range(2000, 2006))
    panel = panel[(panel["year"] < 2005) | panel["unit"].isin(["u00", "u03"])]
    asked = design(panel, "y", [], (-2, 2))
    assert asked.always_treated == ("u00",)
    assert (asked.panel["year"].max(), len(asked.panel)) == (2004, 15)


def test_callaway_santanna_balances_and_says_so(castle):
    effects = estimate("callaway_santanna", design(castle.iloc[1:], "l_homicide", [], (-4, 3)))
    assert effects.n_units == 49
    assert "Left out, not observed in every year: 1 unit (no row in 2000)." in effects.sentences
    (left,) = effects.left_out
    assert (left.units, left.rows) == (1, 10)


@pytest.mark.parametrize("cluster", ["unit", "block"])
def test_stacked_is_that_of_diff_diff_without_gaps(castle, cluster):
    """Estimates and errors to the last digits; clusters above the unit move the errors alone."""
    from diff_diff import StackedDiD

    panel = castle.assign(block=castle["sid"] % 12)
    asked = design(panel, "l_homicide", [], (-4, 3), {"kind": "cluster", "by": cluster}, stack_effects="pooled")
    ours = estimate("stacked", asked)
    data = panel.assign(first=panel["adoption_year"].fillna(0).astype("int64"))
    fit = StackedDiD(kappa_pre=4, kappa_post=3, control_group="not_yet_treated").fit(
        data, outcome="l_homicide", unit="sid", time="year", first_treat="first"
    )
    peer = fit.aggregate("event_study").to_dataframe().set_index("event_time")
    event = ours.event.set_index("tau")
    assert ours.att == pytest.approx(fit.overall_att, abs=1e-12)
    assert event["estimate"].to_numpy() == pytest.approx(peer.loc[event.index, "att"].to_numpy(), abs=1e-12)
    assert ours.n_obs == fit.n_stacked_obs
    if cluster == "unit":
        assert (ours.att, ours.att_se) == pytest.approx((0.019709, 0.038802), abs=1e-6)
        assert ours.att_se == pytest.approx(fit.overall_se, abs=1e-12)
        assert event["se"].to_numpy() == pytest.approx(peer.loc[event.index, "se"].to_numpy(), abs=1e-12)
        assert ours.n_clusters == fit.n_clusters
    else:
        assert ours.n_clusters == 12
        assert ours.att_se != pytest.approx(fit.overall_se, rel=0.01)


@pytest.mark.parametrize("name", ["callaway_santanna", "sun_abraham", "stacked"])
def test_the_treated_units_behind_a_time_are_those_of_all_its_cohorts(name):
    """Cohorts of 3 and 2 units, seen for 2 and 4 years after adoption."""
    panel = exact_panel([2005] * 3 + [2003] * 2 + [None] * 4, range(1999, 2008))
    event = estimate(name, design(panel, "y", [], (-3, 2))).event.set_index("tau")
    assert event.loc[[-2, 0, 1, 2], "n_treated"].tolist() == [5, 5, 5, 5]
    late = estimate(name, design(panel[panel["year"] <= 2006], "y", [], (-3, 3))).event.set_index("tau")
    assert late.loc[[0, 1, 3], "n_treated"].tolist() == ([2, 2, 2] if name == "stacked" else [5, 5, 2])
