"""CR2 and CR3 errors: equal to R's clubSandwich and to the jackknife, of the right size with few clusters."""

from io import StringIO

import numpy as np
import pandas as pd
import pytest
from causaldata import castle
from scipy import stats
from shidian.did.bias_reduced import Reduced, reduced_error
from shidian.did.twfe import regress
from shidian.errors import EstimationError
from shidian.exhibits.crossed import entered
from shidian.exhibits.did.did_table.estimate import run
from shidian.exhibits.result import StudyInfo

EFFECTS, TREND, CONTROLS = ["unit", "year"], "unit#c.year", ["unemployrt", "poverty"]


@pytest.fixture(scope="module")
def states() -> pd.DataFrame:
    data = castle.load_pandas().data[["sid", "year", "l_homicide", "post", *CONTROLS]]
    data = pd.read_csv(StringIO(data.to_csv(index=False)))  # what R reads: single precision as it is printed
    adopted = data["year"].where(data["post"] > 0).groupby(data["sid"]).transform("min")
    return data.assign(unit=data["sid"], adoption_year=adopted, region=data["sid"].rank(method="dense").astype(int) % 9)


def with_trends(panel: pd.DataFrame) -> pd.DataFrame:
    return entered(panel, {"fixed_effects": [TREND]})[0]


def errors(panel, regressors, effects, cluster, kind, term="post") -> Reduced:
    fitted = regress(panel, "l_homicide", regressors, effects, {"kind": "cluster", "by": cluster})
    return reduced_error(fitted, term, effects, cluster, kind)


@pytest.mark.parametrize(
    ("regressors", "effects", "cluster", "term", "se", "df"),
    [
        (["post", *CONTROLS], EFFECTS, "unit", "post", 0.0562894609069, 36.2464636),
        (["post", *CONTROLS], EFFECTS, "region", "post", 0.0606387561454, 7.783784735),
        (["post", "unemployrt"], [], "unit", "post", 0.114111339614, 24.35564854),
        (["post", "unemployrt"], [], "unit", "unemployrt", 0.0244246634229, 33.69153521),
    ],
)
def test_cr2_as_clubsandwich_has_it(states, regressors, effects, cluster, term, se, df):
    """R 4.2, clubSandwich 0.5.8: coef_test of lm with dummies, vcovCR(type = "CR2"), test = "Satterthwaite"."""
    found = errors(states, regressors, effects, cluster, "CR2", term)
    assert found.se == pytest.approx(se, rel=1e-11)
    assert found.df == pytest.approx(df, rel=1e-8)


def test_cr2_of_a_panel_with_gaps(states):
    gaps = states.drop(states.index[[2, 16, 39, 40, 99, 221, 499]])
    found = errors(gaps, ["post", "poverty"], EFFECTS, "unit", "CR2")
    assert found.se == pytest.approx(0.056943836423, rel=1e-11)
    assert found.df == pytest.approx(36.24318143, rel=1e-8)


@pytest.mark.parametrize(("term", "se"), [("post", 0.117777489805), ("unemployrt", 0.0251254701918)])
def test_cr3_as_clubsandwich_has_it_but_for_the_share_of_clusters(states, term, se):
    found = errors(states, ["post", "unemployrt"], [], "unit", "CR3", term)
    assert found.se == pytest.approx(se * np.sqrt(49 / 50), rel=1e-11)
    assert found.df == 49


def test_cr3_is_the_jackknife(states):
    def estimate(panel):
        fit = regress(panel, "l_homicide", ["post", *CONTROLS], EFFECTS, singletons="keep").fit
        return fit.coef[fit.terms.index("post")]

    without = np.array([estimate(states[states["region"] != g]) for g in range(9)])
    expected = np.sqrt(8 / 9 * np.square(without - estimate(states)).sum())
    assert errors(states, ["post", *CONTROLS], EFFECTS, "region", "CR3").se == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("kind", ["CR2", "CR3"])
def test_units_of_measure_row_order_and_labels_do_not_matter(states, kind):
    before = errors(states, ["post", *CONTROLS], EFFECTS, "unit", kind)
    other = states.sample(frac=1, random_state=1).assign(
        l_homicide=lambda d: 1e4 * d["l_homicide"] - 7, poverty=lambda d: d["poverty"] / 1e6,
        unit=lambda d: 999 - d["unit"],
    )  # fmt: skip
    after = errors(other, ["post", *CONTROLS], EFFECTS, "unit", kind)
    assert after.se == pytest.approx(1e4 * before.se, rel=1e-8)
    assert after.df == pytest.approx(before.df, rel=1e-8)


def test_a_trend_of_each_unit_is_nested(states):
    """Equal to dummies and slopes of units written out, which nothing partials out."""
    few = with_trends(states[states["unit"] <= 12])
    out = pd.get_dummies(few["unit"], prefix="u", dtype=float, drop_first=True)
    slopes = out.mul(few["year"] - 2005, axis=0).add_suffix("_t").assign(trend=few["year"] - 2005.0)
    wide = pd.concat([few, out, slopes], axis=1)
    names = [*out.columns, *slopes.columns]
    short = errors(few, ["post", "poverty"], ["unit", TREND], "unit", "CR2")
    long = errors(wide, ["post", "poverty", *names], [], "unit", "CR2")
    assert (short.se, short.df) == (pytest.approx(long.se, rel=1e-8), pytest.approx(long.df, rel=1e-6))


def test_what_cannot_be_is_refused_in_a_line(states):
    one_treated = states[(states["unit"] == 10) | (states.groupby("unit")["post"].transform("max") == 0)]
    assert one_treated["post"].sum() > 0
    with pytest.raises(EstimationError, match="no CR3 error of 'post': without cluster 10 it cannot be estimated"):
        errors(one_treated, ["post"], EFFECTS, "unit", "CR3")
    weighted = regress(states, "l_homicide", ["post"], EFFECTS, {"kind": "cluster", "by": "unit"}, weights="poverty")
    with pytest.raises(EstimationError, match="weighted"):
        reduced_error(weighted, "post", EFFECTS, "unit", "CR2")
    with pytest.raises(EstimationError, match="lie in several clusters"):
        errors(with_trends(states), ["post"], [*EFFECTS, TREND], "year", "CR2")
    with pytest.raises(EstimationError, match="'nothing': it has no estimate"):
        errors(states, ["post"], EFFECTS, "unit", "CR2", term="nothing")


def test_size_with_few_clusters():
    """Nine clusters, two of them treated: clustered errors reject far too often, CR2 and CR3 do not."""
    rng, cells, times, draws = np.random.default_rng(5), np.repeat(np.arange(9), 8), np.tile(np.arange(8), 9), 300
    panel = pd.DataFrame({"unit": cells, "year": times, "d": ((cells < 2) & (times >= 4)).astype(float)})
    p = {"CRV1": [], "CR2": [], "CR3": []}
    for _ in range(draws):
        shocks = np.cumsum(rng.normal(size=(9, 8)), axis=1).ravel()
        fitted = regress(panel.assign(y=shocks), "y", ["d"], EFFECTS, {"kind": "cluster", "by": "unit"})
        p["CRV1"].append(2 * stats.t.sf(abs(fitted.fit.coef[0] / fitted.fit.se[0]), 8))
        for kind in ("CR2", "CR3"):
            one = reduced_error(fitted, "d", EFFECTS, "unit", kind)
            p[kind].append(2 * stats.t.sf(abs(one.estimate / one.se), one.df))
    _, high = stats.binom.ppf([0.0005, 0.9995], draws, 0.05)
    rejected = {kind: sum(value < 0.05 for value in values) for kind, values in p.items()}
    assert rejected["CRV1"] > high
    assert rejected["CR2"] <= high, rejected
    assert rejected["CR3"] <= 2 * high, rejected


def test_rows_of_a_table(states):
    spec = {
        "id": "t", "kind": "did_table", "outcome": "l_homicide", "controls": CONTROLS, "fixed_effects": EFFECTS,
        "ssc": "reghdfe",        "vcov": {"kind": "cluster", "by": "unit"}, "few_clusters": ["CR3", "CR2"],
        "columns": [{}, {"controls": ["poverty"], "vcov": {"kind": "hetero"}}],
    }  # fmt: skip
    info = StudyInfo("castle", "state", "post", seed=1)
    result = run(states, spec, info)
    printed = {row.label: [cell.text for cell in row.cells] for row in result.table.rows}
    assert printed["CR2 standard error"] == ["0.0563", "—"]
    assert printed["CR2 p"] == ["0.1923", "—"]
    assert printed["CR3 standard error"][0] == "0.0575"
    kept = result.estimates.set_index(["column", "term"]).loc[("(1)", "CR2")]
    assert kept["df"] == pytest.approx(36.2464636)
    assert kept["ci_low"] < 0 < kept["ci_high"]
    said = " ".join(result.notes)
    assert "Satterthwaite's degrees of freedom, 36.2" in said
    assert "CR2 not given: it wants errors clustered one way" in said
