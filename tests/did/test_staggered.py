"""Robust staggered estimators against csdid (a6), fixest (a7), didimputation (a9), diff-diff, pyfixest and truth."""

import numpy as np
import pandas as pd
import pytest
from shidian.did import callaway_santanna as cs
from shidian.did.lp_did import fit_lp_did
from shidian.did.second_engine import PEERS, overall
from shidian.did.staggered import ESTIMATORS, design, estimate
from shidian.did.sun_abraham import fit_sun_abraham
from shidian.errors import EstimationError

from tests.did.simulate import staggered_panel


@pytest.fixture(scope="module")
def mpdta(reference):
    frame = pd.read_csv(reference / "mpdta.csv").rename(columns={"countyreal": "unit"})
    return frame.assign(adoption_year=frame["first.treat"].where(frame["first.treat"] > 0).astype("Int64"))


# (control group, covariates) -> [att, se] of csdid 0.4.3
CSDID_CELLS = {
    ("never_treated", ()): {
        (2004, 2004): (-0.010503246220962383, 0.023251036368166333),
        (2004, 2007): (-0.10081136308540413, 0.03435922583467324),
        (2006, 2004): (0.006520112424233007, 0.023326805141804702),
        (2006, 2006): (-0.004594606952863034, 0.017755196659276287),
        (2007, 2004): (0.030506655583292807, 0.015033560280130044),
        (2007, 2007): (-0.026054410719196626, 0.016655435349252175),
    },
    ("never_treated", ("lpop",)): {
        (2004, 2004): (-0.014529668304898716, 0.022129157238335542),
        (2004, 2006): (-0.14044833681012228, 0.035378154710096414),
        (2006, 2004): (-0.00047214608848536953, 0.022223437036658328),
        (2006, 2006): (0.0009605737466980679, 0.01940019546202302),
        (2007, 2006): (-0.02844748719756091, 0.018180881152697802),
    },
    ("not_yet_treated", ()): {
        (2004, 2004): (-0.019372363675922127, 0.022310112883680573),
        (2006, 2004): (-0.0025625509426109826, 0.022530235145338813),
        (2007, 2005): (-0.0024106128000969127, 0.016031296375517853),
    },
    ("not_yet_treated", ("lpop",)): {
        (2004, 2005): (-0.08160318585567874, 0.02834154108578291),
        (2006, 2006): (0.00866069986771328, 0.016839060956375326),
        (2007, 2007): (-0.028781361039486576, 0.016238952966184977),
    },
}
CSDID_OVERALL = {
    ("never_treated", ()): {
        "simple": (-0.03995127515517632, 0.01203401277018542),
        "group": (-0.03101828222874843, 0.012446059320997904),
        "dynamic": (-0.07723982145731513, 0.019964989061849386),
        "calendar": (-0.04170043213128222, 0.01597185188455996),
    },
    ("never_treated", ("lpop",)): {
        "simple": (-0.04175177205861638, 0.01150283815154508),
        "group": (-0.03281959716130221, 0.01189817872763082),
        "dynamic": (-0.08035394974402435, 0.018957557244824917),
        "calendar": (-0.04417735775655391, 0.015038175096397186),
    },
    ("not_yet_treated", ()): {
        "simple": (-0.03976362562304367, 0.012052424787341894),
        "group": (-0.030462228112564965, 0.01257512013168179),
        "dynamic": (-0.07739931397058471, 0.019560176946394357),
        "calendar": (-0.044267083475883665, 0.015570904421144881),
    },
    ("not_yet_treated", ("lpop",)): {
        "simple": (-0.04135162929923674, 0.011427839082186102),
        "group": (-0.032264038800281156, 0.01198341261432645),
        "dynamic": (-0.0799926209593074, 0.018494002078741554),
        "calendar": (-0.04566463287659808, 0.014698256756514852),
    },
}
# never treated, no covariates: event times and groups
CSDID_DYNAMIC = {
    -3: (0.030506655583292807, 0.015033560280130042), -2: (-0.0005630846263854376, 0.013291644736549993),
    -1: (-0.024458744971169562, 0.01423640221051932), 0: (-0.019931816789259302, 0.011826364058058179),
    1: (-0.05095736706519391, 0.016893476268678), 2: (-0.1372587388894032, 0.0364356642876865),
    3: (-0.10081136308540413, 0.034359225834673233),
}  # fmt: skip
CSDID_GROUP = {
    2004: (-0.07974912657472912, 0.02636779943502727), 2006: (-0.022909539249540253, 0.016703330255161918),
    2007: (-0.026054410719196626, 0.016655435349252175),
}  # fmt: skip


@pytest.mark.parametrize("case", list(CSDID_CELLS))
def test_a6_callaway_santanna(mpdta, case):
    effects = cs.group_time_effects(mpdta, "lemp", case[1], case[0])
    cells = effects.cells.set_index(["group", "year"])
    for cell, (att, se) in CSDID_CELLS[case].items():
        assert cells.loc[cell, "att"] == pytest.approx(att, abs=1e-10)
        assert cells.loc[cell, "se"] == pytest.approx(se, abs=1e-10)
    found = {"simple": cs.simple(effects)}
    for name, aggregate in (("dynamic", cs.dynamic), ("group", cs.group), ("calendar", cs.calendar)):
        result = aggregate(effects)
        found[name] = (result.overall, result.overall_se)
    for name, numbers in CSDID_OVERALL[case].items():
        assert found[name] == pytest.approx(numbers, abs=1e-10), name


def test_a6_event_times_and_groups(mpdta):
    effects = cs.group_time_effects(mpdta, "lemp")
    for aggregate, expected in ((cs.dynamic(effects), CSDID_DYNAMIC), (cs.group(effects), CSDID_GROUP)):
        assert aggregate.labels == tuple(expected)
        assert aggregate.att == pytest.approx([v[0] for v in expected.values()], abs=1e-10)
        assert aggregate.se == pytest.approx([v[1] for v in expected.values()], abs=1e-10)


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


@pytest.mark.parametrize("name", list(PEERS))
def test_second_engines_agree(castle, name):
    asked = design(castle, "l_homicide", [], (-4, 3))
    assert overall(name, asked) == pytest.approx(estimate(name, asked).att, abs=1e-6 if name == "two_stage" else 1e-10)


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


def test_callaway_santanna_balances_and_says_so(castle):
    effects = estimate("callaway_santanna", design(castle.iloc[1:], "l_homicide", [], (-4, 3)))
    assert effects.n_units == 49
    assert any("1 units with gaps left out" in remark for remark in effects.remarks)
