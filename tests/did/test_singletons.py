"""Singletons: dropped or kept by declaration, by default as the software does that the convention is named after."""

import numpy as np
import pandas as pd
import pyfixest as pf
import pytest
import statsmodels.formula.api as smf
from shidian.did.twfe import regress
from shidian.exhibits.placebo.placebo import estimate as placebo
from shidian.exhibits.result import StudyInfo
from shidian.inference.sample import estimation_sample, singletons_of

from tests.exhibits.exhibit_checks import run_exhibit, value

INFO = StudyInfo("demo", "firm", "did")
BY_UNIT = {"kind": "cluster", "by": "unit"}
STUDY = {"outcome": "y", "controls": ["x"], "fixed_effects": ["unit", "year"], "ssc": "areg", "vcov": BY_UNIT}


@pytest.fixture(scope="module")
def firms():
    """Forty firms of which twelve are seen once, and two of them alone in the last year."""
    rng = np.random.default_rng(5)
    rows = [(f"f{i:02d}", year) for i in range(28) for year in range(2001, 2009) if rng.uniform() < 0.8 or year < 2003]
    rows += [(f"s{i:02d}", 2001 + i % 7) for i in range(10)] + [("s10", 2009), ("f00", 2010)]
    frame = pd.DataFrame(rows, columns=["unit", "year"])
    number = frame["unit"].str[1:].astype(int) + 50 * frame["unit"].str.startswith("s")
    frame["adoption_year"] = pd.array(np.where(number % 3 == 0, 2003 + number % 4, np.nan), dtype="Float64").astype(
        "Int64"
    )
    frame["did"] = (frame["year"] >= frame["adoption_year"]).fillna(False).astype(float)
    frame["x"], frame["m"] = rng.normal(size=(2, len(frame)))
    frame["z"] = frame["x"] + rng.normal(size=len(frame))
    frame["y"] = 0.4 * frame["did"] + 0.2 * frame["x"] + rng.normal(size=len(frame)) + number % 5
    frame["half"] = (number % 2).astype(float)
    frame[["k", "g", "water", "power"]] = rng.lognormal(sigma=0.3, size=(len(frame), 4))
    frame["r"] = 1.0
    frame["longitude"], frame["latitude"] = 100 + number / 10, 30 + number / 20
    return frame.assign(unit_name=frame["unit"])


@pytest.mark.parametrize(
    ("ssc", "kept"),
    [
        ("reghdfe", "drop"),
        ("ivreghdfe", "drop"),
        ("areg", "keep"),
        ("xtreg", "keep"),
        ("fixest", "keep"),
        ("ivreg2", "keep"),
    ],
)
def test_by_default_singletons_go_the_way_of_the_software_named(ssc, kept):
    assert singletons_of(ssc) == kept
    assert singletons_of(ssc, "drop") == "drop"
    assert singletons_of(ssc, "keep") == "keep"


def test_the_sample_counts_what_it_dropped_or_kept(firms):
    dropped = estimation_sample(firms, ["y", "x"], ["unit", "year"])
    assert (dropped.n_singletons, dropped.n_kept) == (12, 0)  # f00's row in 2010 and s10's in 2009 too
    assert set(dropped.dropped["reason"]) == {"singleton"}
    kept = estimation_sample(firms, ["y", "x"], ["unit", "year"], singletons="keep")
    assert (kept.n_singletons, kept.n_kept, len(kept.frame)) == (0, 12, len(firms))
    pd.testing.assert_frame_equal(kept.frame.drop(columns=[]), firms[["y", "x", "unit", "year"]])


def test_kept_singletons_count_in_n_clusters_and_parameters(firms):
    """OLS with every dummy written out, by statsmodels: N, clusters and areg's error."""
    firms = firms[firms["unit"] != "s10"]  # alone in its unit and in its year: a set of its own, of one dummy less
    fit = regress(firms, "y", ["did", "x"], ["unit", "year"], BY_UNIT, "areg").fit
    dummies = smf.ols("y ~ did + x + C(unit) + C(year)", firms).fit(
        cov_type="cluster", cov_kwds={"groups": pd.factorize(firms["unit"])[0]}, use_t=True
    )
    assert (fit.n_obs, fit.n_clusters, fit.n_singletons_kept, fit.n_singletons) == (len(firms), 38, 11, 0)
    assert fit.coef == pytest.approx(dummies.params[["did", "x"]].to_numpy(), rel=1e-9)
    assert fit.se == pytest.approx(dummies.bse[["did", "x"]].to_numpy(), rel=1e-9)
    iid = regress(firms, "y", ["did", "x"], ["unit", "year"], "iid", "areg").fit
    plain = smf.ols("y ~ did + x + C(unit) + C(year)", firms).fit()
    assert iid.se == pytest.approx(plain.bse[["did", "x"]].to_numpy(), rel=1e-9)


def test_fixest_keeps_as_pyfixest_does_when_told(firms):
    ours = regress(firms, "y", ["did", "x"], ["unit", "year"], BY_UNIT, "fixest")
    theirs = pf.feols("y ~ did + x | unit + year", firms, vcov={"CRV1": "unit"}, fixef_rm="none")
    assert ours.fit.n_obs == theirs._N == len(firms)
    assert ours.fit.coef == pytest.approx(theirs.coef().to_numpy(), rel=1e-8)
    assert ours.fit.se == pytest.approx(theirs.se().to_numpy(), rel=1e-8)


def test_dropping_by_declaration_is_reghdfes_sample_under_any_convention(firms):
    rest = firms[~firms.index.isin(estimation_sample(firms, ["y", "x"], ["unit", "year"]).dropped["row"])]
    dropped = regress(firms, "y", ["did", "x"], ["unit", "year"], BY_UNIT, "areg", singletons="drop").fit
    alone = regress(rest, "y", ["did", "x"], ["unit", "year"], BY_UNIT, "areg").fit
    assert dropped.se.tolist() == alone.se.tolist()
    assert (dropped.n_singletons, dropped.n_singletons_kept, alone.n_singletons_kept) == (12, 0, 0)
    kept = regress(firms, "y", ["did", "x"], ["unit", "year"], BY_UNIT, "reghdfe", singletons="keep").fit
    assert kept.n_obs == len(firms)


def run(kind, panel, study=STUDY, **declared):
    return run_exhibit(kind, panel, declared, study, INFO)


def test_study_exhibit_and_column_declare_it_in_that_order(firms):
    columns = [{}, {"ssc": "reghdfe"}, {"singletons": "drop"}, {"ssc": "reghdfe", "singletons": "keep"}]
    result = run("did_table", firms, columns=columns)
    counts = [value(result, f"({i})", "did", "n_obs") for i in (1, 2, 3, 4)]
    assert counts == [len(firms), len(firms) - 12, len(firms) - 12, len(firms)]
    notes = "\n".join(result.notes)
    assert f"Columns (1), (4): Sample: {len(firms)} rows of 39 firms; 12 singleton rows kept; no rows" in notes
    assert f"Columns (2), (3): Sample: {len(firms) - 12} rows of 28 firms; 12 singleton rows dropped; no rows" in notes
    assert result.ledger.query("reason == 'singleton'")["rows"].tolist() == [12, 12]
    everywhere = run("did_table", firms, {**STUDY, "singletons": "drop"}, columns=[{}, {"singletons": "keep"}])
    assert [value(everywhere, f"({i})", "did", "n_obs") for i in (1, 2)] == [len(firms) - 12, len(firms)]
    assert value(run("did_table", firms, singletons="drop", columns=[{}]), "(1)", "did", "n_obs") == len(firms) - 12


EXHIBITS = {
    "did_table": {"columns": [{}]},
    "variations": {"variations": [{"label": "Without 2001", "sample": {"exclude_years": [2001]}}]},
    "event_study": {"window": [-2, 2]},
    "honest_did": {"window": [-3, 2], "relative_magnitudes": [0.5], "smoothness": []},
    "heterogeneity": {"splits": [{"variable": "half"}]},
    "staggered_did": {"window": [-2, 2], "estimators": ["twfe", "sun_abraham", "imputation", "two_stage"]},
    "iv_table": {"endogenous": ["did"], "instruments": ["z"], "vcov": BY_UNIT},
    "mediation": {"mediators": ["m"], "replications": 20},
    "u_test": {"regressor": "x", "controls": []},
    "conley": {"cutoffs_km": [500]},
    "spillover_rings": {"edges_km": [0, 50, 100]},
    "placebo": {"draws": 20},
    "psm_did": {"covariates": ["x"], "replacement": True, "controls": []},
    "mixed_table": {"columns": [
        {}, {"matching": {"covariates": ["x"], "keep": "support"}},
        {"endogenous": ["did"], "instruments": ["z"], "controls": [], "ssc": "areg"},
    ]},
    "second_stage": {
        "model": {"inputs": ["k"], "desirable": ["g"], "frontier": "global"}, "replications": 20, "controls": [],
    },
    "epsilon_sensitivity": {
        "model": {"inputs": ["k", "r"], "desirable": ["g"], "frontier": "global"}, "epsilons": [0.01], "controls": [],
        "indices": {"r": {"water": "benefit", "power": "benefit"}},
    },
}  # fmt: skip
"""Kinds whose regressions have fixed effects."""


@pytest.mark.parametrize("kind", list(EXHIBITS))
def test_every_exhibit_with_fixed_effects_drops_and_keeps(firms, kind):
    largest = {}
    for choice in ("drop", "keep"):
        result = run(kind, firms, {**STUDY, "singletons": choice}, **EXHIBITS[kind])
        assert result.estimates["estimate"].notna().any(), result.notes
        assert not any("not estimated" in note.lower() for note in result.notes), result.notes
        largest[choice] = result.estimates["n_obs"].max()
        said = "singleton rows kept" if choice == "keep" else "singleton rows dropped"
        assert kind == "placebo" or any(said in note for note in result.notes)
    assert (
        5 <= largest["keep"] - largest["drop"] <= 12
    )  # of one group, and without units treated from the first year on


@pytest.mark.parametrize("choice", ["drop", "keep"])
@pytest.mark.parametrize("ssc", ["areg", "fixest", "reghdfe"])
def test_placebo_estimates_what_its_table_prints(firms, choice, ssc):
    study = {**STUDY, "singletons": choice, "ssc": ssc}
    table = run("did_table", firms, study, columns=[{}])
    (true,) = placebo.fit_observed(firms, study, INFO).long("", "", "").to_dict("records")
    for field in ("estimate", "se", "n_obs", "n_clusters", "n_singletons"):
        assert true[field] == pytest.approx(value(table, "(1)", "did", field), rel=1e-9), field


def test_firms_and_their_authors_error(shared):
    """Published with areg's count on all rows: N 4,033, 1,666 clusters, error 0.0458 (0.0422 without singletons)."""
    file = shared / "cases" / "papers" / "firm" / "firm.csv"
    if not file.exists():
        pytest.skip(f"{file} is not there")
    raw = pd.read_csv(file).rename(columns={"stock_code": "unit", "manufacturing_post2021": "did"})
    frame = raw.assign(
        adoption_year=pd.array(np.where(raw["manufacturing"] == 1, 2021, np.nan), dtype="Float64").astype("Int64"),
        unit_name=raw["firm_name"],
    )
    controls = ["rd_intensity_w", "ln_assets_w", "roa_w", "lev_w", "firm_age_w", "dual_position"]
    study = {**STUDY, "outcome": "ln_patent_stock_w", "controls": controls}
    columns = [{}, {"singletons": "drop"}, {"ssc": "reghdfe"}]
    result = run("did_table", frame, study, columns=columns)
    printed = [[value(result, f"({i})", "did", field) for field in ("n_obs", "n_clusters", "se")] for i in (1, 2, 3)]
    assert [row[:2] for row in printed] == [[4033, 1666], [3417, 1050], [3417, 1050]]
    assert [round(row[2], 4) for row in printed[:2]] == [0.0458, 0.0422]
    assert value(result, "(1)", "did") == pytest.approx(-0.0732338, abs=5e-8)
    assert any("616 singleton rows kept" in note for note in result.notes)
