"""Hausman test of fixed against random effects: plm's printed values, linearmodels, refusals, the table's rows."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shidian.did import random_effects
from shidian.did.hausman import hausman, mundlak
from shidian.did.random_effects import least_squares, quasi_demean
from shidian.did.twfe import regress
from shidian.errors import EstimationError
from shidian.exhibits.result import StudyInfo
from shidian.report.words import in_words

from tests.exhibits.exhibit_checks import check_exhibit, run_exhibit, value

CLUSTER = {"kind": "cluster", "by": "unit"}


@pytest.fixture(scope="module")
def grunfeld():
    """Ten firms, 1935-1954, as in R's plm (statsmodels' copy has an eleventh)."""
    from statsmodels.datasets import grunfeld as data

    frame = data.load_pandas().data
    return frame[frame["firm"] != "American Steel"].assign(unit=lambda f: f["firm"].astype(str))


@pytest.fixture(scope="module")
def produc(reference):
    """48 states, 1970-1986 (Munnell), logged as in plm's documentation."""
    frame = pd.read_csv(reference / "plm_Produc.csv")
    logs = {f"l{name}": np.log(frame[name]) for name in ("gsp", "pcap", "pc", "emp")}
    return frame.assign(**logs, unit=frame["state"])


PRODUC = ["lpcap", "lpc", "lemp", "unemp"]


@pytest.mark.parametrize(
    ("effects", "statistic", "p"), [(["unit"], 2.3304, 0.3119), (["unit", "year"], 6.5733, 0.03738)]
)
def test_grunfeld_as_printed_by_plm(grunfeld, effects, statistic, p):
    """phtest(within, random), inv ~ value + capital, N = 200; with factor(year) in both models in the second."""
    test = hausman(grunfeld, "invest", ["value", "capital"], effects)
    assert (test.df, test.n_obs, test.n_units) == (2, 200, 10)
    assert test.statistic == pytest.approx(statistic, abs=5e-5)
    assert test.p == pytest.approx(p, abs=5e-5)


def test_variance_components_of_grunfeld(grunfeld):
    """plm's summary: idiosyncratic 52.77, individual 84.20, theta 0.8612."""
    data = quasi_demean(grunfeld, "invest", ["value", "capital"], [])
    assert (data.sigma_e, data.sigma_u) == pytest.approx((52.77, 84.20), abs=5e-3)
    assert data.theta == pytest.approx(0.8612, abs=5e-5)


def test_produc_has_a_difference_that_is_not_positive_definite(produc):
    """N = 816, df = 4. Software that does not look prints 9.5254; one error variance for both gives 9.6501."""
    from linearmodels import PanelOLS, RandomEffects

    test = hausman(produc, "lgsp", PRODUC, ["unit"])
    assert np.isnan([test.statistic, test.p]).all()
    assert (test.df, test.n_obs, test.n_units) == (4, 816, 48)
    assert "not positive definite, so that d'(V_F − V_R)⁻¹d = 9.5254 is no χ²" in test.reason
    peer = produc.set_index(["state", "year"]).assign(const=1.0)
    random = RandomEffects(peer["lgsp"], peer[["const", *PRODUC]]).fit()
    fixed = PanelOLS(peer["lgsp"], peer[PRODUC], entity_effects=True).fit()
    d, V = fixed.params - random.params[PRODUC], fixed.cov - random.cov.loc[PRODUC, PRODUC]
    assert d @ np.linalg.solve(V, d) == pytest.approx(9.5254, abs=5e-5)
    assert np.linalg.eigvalsh(V).min() < 0
    assert quasi_demean(produc, "lgsp", PRODUC, []).theta == pytest.approx(random.theta.iloc[0].item(), rel=1e-10)
    more = hausman(produc, "lgsp", PRODUC, ["unit"], "sigmamore")
    W = fixed.cov / fixed.s2 * random.s2 - random.cov.loc[PRODUC, PRODUC]
    assert more.statistic == pytest.approx(d @ np.linalg.solve(W, d), rel=1e-8)
    assert more.statistic == pytest.approx(9.6501, abs=5e-5)


def make(seed=0, correlated=0.0, n=60, years=6):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"unit": np.repeat([f"u{i:03d}" for i in range(n)], years),
                          "year": np.tile(np.arange(2000, 2000 + years), n)})  # fmt: skip
    effect = np.repeat(rng.normal(size=n), years)
    frame["x"] = rng.normal(size=n * years) + correlated * effect
    frame["w"], frame["area"] = rng.normal(size=n * years), np.repeat(rng.normal(size=n), years)
    frame["y"] = frame["x"] + 0.5 * frame["w"] + frame["area"] + effect + rng.normal(size=n * years)
    return frame


def test_unbalanced_panels_and_regressors_without_variation_within_units_as_linearmodels():
    """The area stands in the random-effects model alone; 300 of 360 rows."""
    from linearmodels import RandomEffects

    frame = make().sample(300, random_state=1).reset_index(drop=True)
    data = quasi_demean(frame, "y", ["x", "w", "area"], [])
    coef, _, _ = least_squares(data.columns, data.y)
    indexed = frame.assign(const=1.0).set_index(["unit", "year"])
    peer = RandomEffects(indexed["y"], indexed[["const", "x", "w", "area"]]).fit()
    assert coef == pytest.approx(peer.params.to_numpy(), rel=1e-8)
    test = hausman(frame, "y", ["x", "w", "area"], ["unit"])
    assert (test.df, test.n_obs) == (2, 300)


def test_regression_form_is_that_of_explicit_quasi_demeaning():
    """Balanced panel: the means' coefficients are between less within, and F is Wald over its df."""
    frame = make(3, correlated=0.8)
    test = mundlak(frame, "y", ["x", "w"], ["unit"], CLUSTER, "reghdfe")
    theta = quasi_demean(frame, "y", ["x", "w"], []).theta[0]
    means = frame.groupby("unit")[["y", "x", "w"]].transform("mean")
    star = frame[["y", "x", "w"]] - theta * means
    part = frame.assign(**star, mx=means["x"], mw=means["w"])
    fit = regress(part, "y", ["x", "w", "mx", "mw"], [], CLUSTER, "reghdfe").fit
    at = [fit.terms.index(name) for name in ("mx", "mw")]
    b, V = fit.coef[at], fit.vcov[np.ix_(at, at)]
    assert test.statistic == pytest.approx(b @ np.linalg.solve(V, b) / 2, rel=1e-8)
    assert (test.df, test.df2, test.n_obs) == (2, 59, 360)
    assert test.p < 1e-4
    assert hausman(frame, "y", ["x", "w"], ["unit"], "sigmamore").p < 1e-4


@pytest.mark.parametrize("correlated", [0.0, 0.8])
def test_size_and_power(correlated):
    """Rejects in 5% of panels whose effects are independent of x, in nearly all where they are not."""
    both = [(t.p, m.p) for seed in range(40) for t, m in [(
        hausman(make(seed, correlated), "y", ["x", "w"], ["unit", "year"], "sigmamore"),
        mundlak(make(seed, correlated), "y", ["x", "w"], ["unit", "year"], CLUSTER),
    )]]  # fmt: skip
    share = (np.array(both) < 0.05).mean(axis=0)
    assert (share > 0.9).all() if correlated else (share <= 7 / 40).all()


@given(powers=st.lists(st.integers(-12, 12), min_size=3, max_size=3))
@settings(max_examples=6, deadline=None)
def test_units_of_measure_never_matter(powers):
    frame, (y, x, w) = make(5, correlated=0.4), (10.0**p for p in powers)
    scaled = frame.assign(y=frame["y"] * y, x=frame["x"] * x, w=frame["w"] * w)
    for effects in (["unit"], ["unit", "year"]):
        for test, more in ((hausman, ["own"]), (hausman, ["sigmamore"]), (mundlak, [CLUSTER])):
            a, b = (test(f, "y", ["x", "w"], effects, *more) for f in (frame, scaled))
            assert b.statistic == pytest.approx(a.statistic, rel=1e-7, nan_ok=True)
            assert (b.df, bool(b.reason)) == (a.df, bool(a.reason))


def test_refusals(monkeypatch):
    frame = make()
    with pytest.raises(EstimationError, match="the model has no unit effect"):
        hausman(frame, "y", ["x"], ["year"])
    with pytest.raises(EstimationError, match="the model has no unit effect"):
        mundlak(frame, "y", ["x"], [])
    with pytest.raises(EstimationError, match="no regressor is left"):
        hausman(frame, "y", ["area"], ["unit"])
    monkeypatch.setattr(random_effects, "MOST_DUMMIES", 4)
    with pytest.raises(EstimationError, match="more than 4 levels: too many dummies"):
        hausman(frame, "y", ["x"], ["unit", "year"])
    few = frame[frame["unit"] < "u003"]
    with pytest.raises(EstimationError, match="3 units cannot tell 3 coefficients of their means apart"):
        hausman(few, "y", ["x", "w"], ["unit"])


INFO = StudyInfo("demo", "city", "did", {"y": "Gap"}, seed=3)
SPEC = {"outcome": "y", "controls": ["w"], "vcov": CLUSTER, "ssc": "reghdfe", "hausman": True,
        "columns": [{"label": "(1)", "treatment": "x", "fixed_effects": ["unit", "year"]},
                    {"label": "(2)", "treatment": "x", "fixed_effects": ["year"]},
                    {"label": "(3)", "treatment": "x", "fixed_effects": ["unit"],
                     "controls": ["w", "area"]}]}  # fmt: skip


def test_rows_of_the_table():
    frame = make(7, correlated=0.8)
    result = run_exhibit("did_table", frame, {**SPEC, "hausman": "sigmamore"}, {}, INFO)
    check_exhibit("did_table", result, INFO)
    peer = hausman(frame, "y", ["x", "w"], ["unit", "year"], "sigmamore")
    assert value(result, "(1)", "hausman") == pytest.approx(peer.statistic)
    assert value(result, "(1)", "hausman", "p") == pytest.approx(peer.p)
    assert value(result, "(1)", "hausman", "df") == 2
    form = mundlak(frame, "y", ["x", "w"], ["unit", "year"], CLUSTER)
    assert value(result, "(1)", "hausman, regression form") == pytest.approx(form.statistic)
    assert "no unit effect" in value(result, "(2)", "hausman", "reason")
    rows = {row.label: [c.text for c in row.cells] for row in result.table.rows}
    assert rows["Hausman χ² [p]"][1] == "—"
    assert rows["Hausman, regression form, F [p]"][1] == "—"
    assert any(n.startswith("Column (2): Hausman χ² not given: the Hausman test compares") for n in result.notes)
    assert "hausman" in " ".join(result.ledger["subject"])
    chinese = in_words(result, "zh")
    assert not any("Hausman: fixed" in n or "Regression form" in n or "not given" in n for n in chinese.notes)
    assert "Hausman 检验（回归形式），F [p]" in [row.label for row in chinese.table.rows]
    plain = run_exhibit("did_table", frame, {**SPEC, "hausman": False}, {}, INFO)
    assert not any("Hausman" in row.label for row in plain.table.rows)


def test_a_table_says_where_the_difference_is_not_positive_definite():
    for seed in range(300):
        frame = make(seed, correlated=0.05)
        if hausman(frame, "y", ["x", "w"], ["unit"]).reason:
            break
    spec = {**SPEC, "columns": [{"label": "(1)", "treatment": "x", "fixed_effects": ["unit"]}]}
    result = run_exhibit("did_table", frame, spec, {}, INFO)
    assert "is not positive definite" in value(result, "(1)", "hausman", "reason")
    assert any("not given: V(fixed) − V(random) is not positive definite" in n for n in result.notes)
    assert any("不是正定的" in n for n in in_words(result, "zh").notes)
    again = run_exhibit("did_table", frame, {**spec, "hausman": "sigmamore"}, {}, INFO)
    assert value(again, "(1)", "hausman") > 0
    assert any("sigmamore" in n for n in again.notes)
