"""Medicaid expansion and county mortality (Baker et al., JEL): weighted 2x2s and group-time effects from the raw files.

Weights are the population aged 20-64 of 2013, fixed; errors are clustered by county.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from shidian.did.bacon import decompose
from shidian.did.callaway_santanna import group_time_effects
from shidian.did.staggered import design, estimate
from shidian.did.twfe import regress

BY_UNIT = {"kind": "cluster", "by": "unit"}
EARLIER = ("DC", "DE", "MA", "NY", "VT")
"""States that expanded before, left out."""


@pytest.fixture(scope="module")
def folder(shared) -> Path:
    return shared / "reference" / "jel_did"


@pytest.fixture(scope="module")
def printed(folder) -> dict:
    return yaml.safe_load((folder / "printed.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def counties(folder) -> pd.DataFrame:
    """Return county-years 2009-2019 with a mortality rate in every year: unit, year, adoption_year, rate, weight."""
    raw = pd.read_csv(folder / "cdc" / "mortality.csv", dtype=str)
    raw = raw[raw["County Code"].notna() & raw["Year"].notna()]
    numbers = {name: pd.to_numeric(raw[name], errors="coerce") for name in ("Deaths", "Population", "Year")}
    frame = raw.assign(**numbers).astype({"Year": "int64"})
    frame = pd.DataFrame({
        "unit": frame["County Code"], "year": frame["Year"], "state": frame["County"].str[-2:], "name": frame["State"],
        "rate": frame["Deaths"] / frame["Population"] * 1e5, "pop": frame["Population"],
    })  # fmt: skip
    status = pd.read_csv(folder / "kff" / "expansion_status.csv")
    adopted = status.assign(State=status["State"].str.strip()).set_index("State")["yaca"]
    frame["adoption_year"] = frame["name"].str.strip().map(adopted).astype("Int64")
    frame = frame[~frame["state"].isin(EARLIER)]
    whole = frame.groupby("unit")["rate"].transform("count") == 11
    frame = frame[whole & frame["year"].between(2009, 2019) & frame["unit"].isin(_with_unemployment(folder))]
    weight = frame[frame["year"] == 2013].set_index("unit")["pop"]
    frame["adoption_year"] = frame["adoption_year"].mask(frame["adoption_year"] > 2019)
    return frame.assign(weight=frame["unit"].map(weight)).reset_index(drop=True)


def _with_unemployment(folder: Path) -> set[str]:
    """Return the counties of the labour force files of 2013 and 2014: one was renamed between the sources."""
    found = []
    for year in (13, 14):
        raw = pd.read_excel(folder / "bls" / f"laucnty{year}.xlsx", header=None, dtype=str, engine="openpyxl")
        found.append(set((raw[1] + raw[2]).dropna().str.lstrip("0")))
    return found[0] & found[1]


@pytest.fixture(scope="module")
def two(counties) -> pd.DataFrame:
    """Return 2013 and 2014 of the states that expanded in 2014 or not by 2019."""
    kept = counties["adoption_year"].isna() | counties["adoption_year"].eq(2014).fillna(False)
    part = counties[kept & counties["year"].isin([2013, 2014])]
    treat = part["adoption_year"].notna().astype(float)
    post = (part["year"] == 2014).astype(float)
    return part.assign(treat=treat, post=post, treat_post=treat * post).reset_index(drop=True)


def test_the_sample_is_that_of_the_paper(two):
    units = two.drop_duplicates("unit")
    assert (len(units), int(units["treat"].sum())) == (2200, 978)


@pytest.mark.parametrize(("key", "weights"), [("unweighted", None), ("weighted", "weight")])
def test_table_2_means_and_trends(two, printed, key, weights):
    w = np.ones(len(two)) if weights is None else two[weights].to_numpy()
    mean = {
        (post, treat): np.average(two["rate"][rows], weights=w[rows])
        for post in (0, 1)
        for treat in (1, 0)
        if (rows := ((two["post"] == post) & (two["treat"] == treat)).to_numpy()).any()
    }
    expected = printed["table2_two_by_two"][key]
    for post, year in ((0, "2013"), (1, "2014")):
        own = [mean[post, 1], mean[post, 0], mean[post, 1] - mean[post, 0]]
        assert own == pytest.approx(expected[year], abs=0.051)


def test_table_3_weighted_regressions(two, printed):
    expected = printed["table3_regressions"]
    levels = regress(two, "rate", ["treat", "post", "treat_post"], [], BY_UNIT, weights="weight").fit
    for name, numbers in expected["c4_weighted_levels"].items():
        i = levels.terms.index("_cons" if name == "constant" else name)
        assert (levels.coef[i], levels.se[i]) == pytest.approx(numbers, abs=0.051), name
    within = regress(two, "rate", ["treat_post"], ["unit", "year"], BY_UNIT, weights="weight").fit
    assert (within.coef[0], within.se[0]) == pytest.approx(expected["c5_weighted_fe"]["treat_post"], abs=0.051)


@pytest.mark.parametrize(("key", "weights"), [("c1", None), ("c4", "weight")])
@pytest.mark.parametrize("name", ["twfe", "callaway_santanna", "sun_abraham", "imputation", "lp_did", "stacked"])
def test_table_5_without_covariates_by_every_estimator(two, printed, key, weights, name):
    """With two years and one cohort all are the weighted two-by-two: -2.56, its error 1.49."""
    found = estimate(name, design(two, "rate", [], (-1, 0), weights=weights))
    att, se = printed["table5_with_covariates"][key]
    assert found.att == pytest.approx(att, abs=0.0051)
    if name != "imputation":  # whose error is about means weighted by squares
        assert found.att_se == pytest.approx(se, abs=0.0051)


def test_group_time_effects_are_weighted_means_of_changes(counties):
    found = group_time_effects(counties, "rate", [], "not_yet_treated", "universal", weights="weight")
    wide = counties.pivot(index="unit", columns="year", values="rate")
    first = counties.groupby("unit")[["adoption_year", "weight"]].first()
    g, w = first["adoption_year"].astype("float").fillna(9999), first["weight"]
    cells = found.cells[~found.cells["is_base"]]
    assert set(cells["group"]) == {2014, 2015, 2016, 2019}
    for row in cells.itertuples():
        base = row.group - 1
        change = wide[row.year] - wide[base]
        treated, controls = g == row.group, (g > max(row.year, base)) & (g != row.group)
        own = np.average(change[treated], weights=w[treated]) - np.average(change[controls], weights=w[controls])
        assert row.att == pytest.approx(own, abs=1e-9)


def test_weighted_two_by_twos_add_up(counties):
    treated = counties.assign(did=(counties["year"] >= counties["adoption_year"].astype("float").fillna(9999)) * 1.0)
    found = decompose(treated, "rate", weights="weight")
    fit = regress(treated, "rate", ["did"], ["unit", "year"], BY_UNIT, weights="weight").fit
    assert float(found.summary["weight"] @ found.summary["estimate"]) == pytest.approx(fit.coef[0], abs=1e-9)
