"""The second program: data, do-files and R scripts of every kind of regression table; R finds the same numbers."""

import shutil
from importlib import import_module

import numpy as np
import pandas as pd
import pytest
from shidian.audit.replication.compare import ReplicationError, compare, run_r, summary
from shidian.audit.replication.inputs import Exhibit, Finished
from shidian.audit.replication.model import plain_names
from shidian.audit.replication.package import write_package
from shidian.audit.replication.tables import has_models
from shidian.exhibits.result import StudyInfo
from shidian.study.kinds import kinds

INFO = StudyInfo("made", "city", "did", {"did": "Policy", "y": "Outcome", "区位": "区位"}, seed=3)
COMMON = {"outcome": "y", "controls": ["x1", "x2"], "fixed_effects": ["unit", "year"]}
CLUSTER = {"vcov": {"kind": "cluster", "by": "unit"}, "ssc": "reghdfe"}
MATCHING = {"base": "base_year", "base_year": 2003, "neighbours": 2, "replacement": True}


def columns_of_every_convention() -> list[dict]:
    """Conventions by errors by effects, those included that drop singletons, controls and whole columns."""
    errors = {
        "iid": "iid", "hetero": "hetero", "unit": {"kind": "cluster", "by": "unit"},
        "province": {"kind": "cluster", "by": "province"}, "two ways": {"kind": "cluster", "by": ["unit", "year"]},
    }  # fmt: skip
    effects = {"two": ["unit", "year"], "more": ["unit", "province_year"], "none": []}
    return [
        {"label": f"{ssc} {error} {effect}", "ssc": ssc, "vcov": errors[error], "fixed_effects": effects[effect]}
        for ssc in ("fixest", "reghdfe", "xtreg", "areg") for error in errors for effect in effects
        if not (ssc == "xtreg" and error in ("hetero", "two ways"))
    ]  # fmt: skip


SPECS = [
    {"id": "conventions", "kind": "did_table", "columns": columns_of_every_convention()},
    {"id": "controls", "kind": "did_table", "columns": [
        {"label": '(1) "plain"', "controls": []},
        {"label": "constant control", "controls": ["x1", "fixed", "区位"]},
        {"label": "three effects", "fixed_effects": ["unit", "year", "kind"]},
        {"label": "other sample", "sample": {"exclude_years": [2004], "exclude_units": ["c03"]}}]},
    {"id": "robust", "kind": "variations", "variations": [
        {"label": "winsorised", "winsorise": {"variables": ["y", "x1"], "lower": 0.05, "upper": 0.95}},
        {"label": "other policy", "add": ["other"]}]},
    {"id": "events", "kind": "event_study", "window": [-3, 2], "ends": "bin"},
    {"id": "dropped_ends", "kind": "event_study", "window": [-2, 1], "ends": "drop", "controls": []},
    {"id": "splits", "kind": "heterogeneity", "splits": [
        {"variable": "x1", "split": "median", "label": "Size"},
        {"variable": "kind", "form": "interaction", "label": "Kind"}]},
    {"id": "matched", "kind": "psm_did", "columns": [
        {"label": keep, "keep": keep} for keep in ("matched", "frequency", "analytic", "support")], **MATCHING},
    {"id": "iv", "kind": "iv_table", "endogenous": ["w"], "instruments": ["z1", {"lag": "z2", "periods": 1}],
     "controls": ["x1"], "columns": [
        {"label": f"{ssc} {name}", "ssc": ssc, "vcov": vcov, "fixed_effects": effects}
        for ssc in ("ivreghdfe", "ivreg2", "reghdfe")
        for name, vcov, effects in (("c", {"kind": "cluster", "by": "unit"}, ["unit", "year"]), ("h", "hetero", []),
                                    ("i", "iid", ["unit", "year"]))]},
    {"id": "paths", "kind": "mediation", "mediators": ["w"], "replications": 0},
    {"id": "mixed", "kind": "mixed_table", "columns": [
        {"label": "moderated", "interactions": ["x1"]},
        {"label": "pairs", "matching": {**MATCHING, "keep": "analytic"}},
        {"label": "2SLS", "treatment": "w", "instruments": ["z1"], "ssc": "ivreghdfe"}]},
    {"id": "counts", "kind": "did_table", "columns": [
        {"label": f"{model} {ssc} {name}", "model": model, "outcome": outcome, "ssc": ssc, "vcov": vcov, **more}
        for model, outcome in (("poisson", "count"), ("logit", "binary"), ("probit", "binary"))
        for ssc in ("reghdfe", "fixest")
        for name, vcov, more in (
            ("c", {"kind": "cluster", "by": "unit"}, {}), ("h", "hetero", {"weights": "z_weight"}),
            ("i", "iid", {"fixed_effects": [], "controls": ["x1", "fixed"]}),
            ("2", {"kind": "cluster", "by": ["unit", "year"]}, {"fixed_effects": ["province", "year"]}))]},
    {"id": "count_events", "kind": "event_study", "window": [-3, 2], "model": "poisson", "outcome": "count"},
    {"id": "triple", "kind": "ddd", "eligible": "odd", "group": "block", "window": [-2, 2],
     "columns": [{"label": "plain"}, {"label": "counts", "model": "poisson", "outcome": "count"}]},
    {"id": "curve", "kind": "u_test", "regressor": "x1", "controls": ["x2"]},
    {"id": "rings", "kind": "spillover_rings", "edges_km": [0, 120, 300]},
    {"id": "space", "kind": "conley", "cutoffs_km": [150, 400.5], "lags": 2, "controls": ["x1"]},
    {"id": "space_bartlett", "kind": "conley", "cutoffs_km": [300], "kernel": "bartlett", "controls": []},
]  # fmt: skip


@pytest.fixture(scope="module")
def panel() -> pd.DataFrame:
    """A panel with gaps, missing values, singletons, texts with leading zeros and a name in Chinese."""
    rng = np.random.default_rng(5)
    n, years = 40, 8
    unit, year = np.repeat(np.arange(n), years), np.tile(np.arange(2001, 2001 + years), n)
    adoption = np.full(n, np.nan)
    adoption[rng.permutation(n)[:16]] = rng.choice([2004, 2005, 2006], 16)
    frame = pd.DataFrame({"unit": [f"{u:02d}" if u % 2 else f"c{u:02d}" for u in unit], "year": year})
    frame["unit"] = frame["unit"].where(frame["unit"] != "03", "c03")
    frame["unit_name"] = "city " + frame["unit"]
    frame["adoption_year"] = pd.array(adoption[unit], dtype="Float64").astype("Int64")
    frame["did"] = (year >= np.nan_to_num(adoption[unit], nan=9999)).astype("int64")
    frame["other"] = ((unit % 5 == 0) & (year >= 2005)).astype("int64")
    frame["province"] = [f"0{u % 6}" for u in unit]
    frame["province_year"] = frame["province"] + "_" + frame["year"].astype(str)
    frame["kind"] = np.where((unit + year) % 3 == 0, "a", "b")
    frame["fixed"] = (unit**2).astype(float)
    frame["区位"] = rng.normal(size=n * years)
    for name in ("x1", "x2", "z1", "z2"):
        frame[name] = rng.normal(size=n)[unit] + rng.normal(size=n * years)
    frame["longitude"], frame["latitude"] = (100 + 8 * rng.random(n))[unit], (25 + 6 * rng.random(n))[unit]
    common = rng.normal(size=n * years)
    frame["w"] = 0.8 * frame["z1"] + 0.5 * frame["z2"] + common + rng.normal(size=n * years)
    frame["y"] = 1e3 * (rng.normal(size=n)[unit] + 0.2 * frame["did"] + 0.4 * frame["w"] + common + frame["x1"])
    index = 0.4 * frame["did"] + 0.3 * frame["x1"] + 0.3 * rng.normal(size=n)[unit]
    frame["count"] = rng.poisson(np.exp(np.where(unit == 7, -99, index))).astype(float)
    frame["binary"] = (index + rng.logistic(size=len(frame)) > 0).astype(float)
    frame["z_weight"] = 1.0 + unit % 4
    frame["odd"], frame["block"] = (unit % 2).astype(float), np.where(np.isnan(adoption), "never", adoption)[unit]
    frame.loc[rng.random(len(frame)) < 0.04, "x2"] = np.nan
    frame = frame[rng.random(len(frame)) > 0.05]
    lone = (frame["unit"] == "c08") & (frame["year"] > frame.loc[frame["unit"] == "c08", "year"].min())
    return frame[~lone].reset_index(drop=True)


@pytest.fixture(scope="module")
def finished(panel) -> Finished:
    exhibits = []
    for declared in SPECS:
        defaults = {} if declared["kind"] == "iv_table" else CLUSTER
        spec = {**COMMON, **defaults, "statistics": ["n_obs"], **declared}
        result = import_module(kinds()[spec["kind"]].module).run(panel, spec, INFO)
        exhibits.append(Exhibit(spec, INFO, result.estimates, result.used))
    labels = {"did": "Policy", "y": "Outcome, 万元", "x1": "x" * 100}
    return Finished("made", "A made study", True, "did", labels, panel, tuple(exhibits))


@pytest.fixture(scope="module")
def package(finished, tmp_path_factory):
    folder = tmp_path_factory.mktemp("package") / "replication"
    write_package(finished, folder)
    return folder


@pytest.fixture(scope="module")
def compared(r_with_packages, package) -> pd.DataFrame:
    run_r(package)
    return compare(package)


@pytest.mark.parametrize("exhibit", [spec["id"] for spec in SPECS])
def test_r_finds_the_same_numbers(exhibit, compared):
    rows = compared[compared["exhibit"] == exhibit]
    assert rows["estimate"].notna().any()
    assert rows["agrees"].all(), rows.loc[~rows["agrees"]].to_string()


def test_what_cannot_be_estimated_has_no_number_in_r_either(compared):
    gone = compared[(compared["column"] == "constant control") & (compared["term"] == "fixed")]
    assert gone[["estimate", "estimate_r"]].isna().all(axis=None)
    assert len(gone) == 1


def test_a_number_that_differs_is_found(compared, package, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(package, copy)
    want = pd.read_csv(copy / "expected.csv", dtype={"column": str, "term": str})
    at = want.index[(want["exhibit"] == "events") & (want["term"] == "tau+1")][0]
    want.loc[at, "estimate"] *= 1 + 1e-6
    want.loc[at + 1, "se"] *= 1 + 1e-5
    want.to_csv(copy / "expected.csv", index=False)
    found = compare(copy)
    assert set(found.loc[~found["agrees"], "term"]) == set(want.loc[[at, at + 1], "term"])
    assert "DIFFERS: " in summary("made", found)
    (copy / "r" / "results" / "events.csv").unlink()
    with pytest.raises(ReplicationError, match=r"events\.csv is not there"):
        compare(copy)


def test_a_script_that_stops_is_named(r_with_packages, package, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(package, copy)
    (copy / "data" / "events_1.csv").unlink()
    with pytest.raises(ReplicationError, match=r"(?s)events\.R: R stopped: .*events_1"):
        run_r(copy)


def test_no_r_is_said(package, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(ReplicationError, match="no Rscript on this machine; on Debian: apt-get install"):
        run_r(package)


def test_the_package_is_whole(package, finished):
    files = {path.relative_to(package).as_posix() for path in package.rglob("*") if path.is_file()}
    for spec in SPECS:
        assert {f"r/{spec['id']}.R", f"stata/{spec['id']}.do", f"data/{spec['id']}_1.csv"} <= files
    master = (package / "stata" / "master.do").read_text(encoding="utf-8")
    for script in [path for path in files if path.startswith("stata/") and path != "stata/master.do"]:
        assert f'do "{script}"\n' in master
        assert "datafmt" not in (package / script).read_text(encoding="utf-8")  # which would cut digits
    assert "merge 1:1 exhibit column term using `expected'" in master
    assert master.count("ssc install") == 1  # one package a call
    assert master.count("{") == master.count("}")
    data = {name for name in files if name.startswith("data/")}
    assert {name.removesuffix(".csv") for name in data if name.endswith(".csv")} == {
        name.removesuffix(".dta") for name in data if name.endswith(".dta")
    }
    readme = (package / "README.md").read_text(encoding="utf-8")
    assert "SIMULATED" in readme
    assert all(f"`{spec['id']}`" in readme for spec in SPECS)


def test_data_labels_and_codebook_agree(package, panel):
    codebook = pd.read_csv(package / "codebook.csv", dtype={"min": float})
    for file in ("panel", "controls_2", "matched_3"):
        lines = codebook[codebook["file"] == file].set_index("variable")
        csv = pd.read_csv(package / "data" / f"{file}.csv", dtype={"unit": str, "province": str})
        with pd.io.stata.StataReader(package / "data" / f"{file}.dta", convert_categoricals=False) as reader:
            dta, labels, values = reader.read(), reader.variable_labels(), reader.value_labels()
        assert list(csv) == list(dta) == list(lines.index)
        assert values["did"] == {0: "not treated", 1: "treated"}
        for name, line in lines.iterrows():
            assert labels[name] == line["label"][:80]
            assert line["n"] + line["missing"] == len(csv)
            if line["type"] == "number":
                np.testing.assert_array_equal(csv[name].to_numpy(float), dta[name].to_numpy(float))
                assert line["mean"] == pytest.approx(csv[name].mean())
            else:
                assert (csv[name].fillna("") == dta[name]).all()
    whole = pd.read_csv(package / "data" / "panel.csv", dtype={"unit": str})
    assert whole["unit"].tolist() == panel["unit"].tolist()  # leading zeros
    np.testing.assert_array_equal(whole["y"], panel["y"])  # to the last bit
    assert "Outcome, 万元" in codebook["label"].tolist()


def test_the_same_study_is_the_same_bytes(package, finished, tmp_path):
    again = {p.relative_to(tmp_path / "again"): p.read_bytes() for p in write_package(finished, tmp_path / "again")}
    first = {p.relative_to(package): p.read_bytes() for p in package.rglob("*") if p.is_file()}
    assert {name: again[name] for name in again} == {name: first[name] for name in again}


COMMANDS = {
    ("conventions", "reghdfe unit two"): "reghdfe y did x1 x2, absorb(unit_id year) vce(cluster unit_id)",
    ("conventions", "xtreg iid two"): "xtreg y did x1 x2 i.year, fe vce(conventional)",
    ("conventions", "areg hetero more"): "areg y did x1 x2 i.province_year_id, absorb(unit_id) vce(robust)",
    ("conventions", "areg province none"): "regress y did x1 x2, vce(cluster province_id)",
    ("conventions", "reghdfe two ways two"): "reghdfe y did x1 x2, absorb(unit_id year) vce(cluster unit_id year)",
    ("matched", "analytic"): "reghdfe y did x1 x2 [aweight=matching_weight], absorb(unit_id year) vce(cluster unit_id)",
    ("counts", "poisson reghdfe c"): (
        "ppmlhdfe count did x1 x2, absorb(unit_id year_id) separation(none) vce(cluster unit_id)"),
    ("counts", "logit reghdfe i"): "logit binary did x1 fixed, vce(oim)",
    ("iv", "ivreghdfe c"): "ivreghdfe y x1 (w = z1 L1_z2), absorb(unit_id year) cluster(unit_id)",
    ("iv", "ivreg2 h"): "ivreg2 y x1 (w = z1 L1_z2), robust",
}  # fmt: skip


@pytest.mark.parametrize(("exhibit", "column"), COMMANDS)
def test_stata_commands(exhibit, column, package):
    text = (package / "stata" / f"{exhibit}.do").read_text(encoding="utf-8")
    block = text.split(f"\n* {column}: ")[1].split("\n\n")[0]
    lines = block.split("\n")
    assert COMMANDS[exhibit, column] in lines
    assert lines[1].startswith('use "data/')
    assert (package / lines[1].split('"')[1]).exists()
    with pd.io.stata.StataReader(package / lines[1].split('"')[1]) as reader:
        variables = set(reader.variable_labels())
    made = {line.split()[2] for line in lines if line.startswith("egen long")}
    words = COMMANDS[exhibit, column].split(",")[0].replace("(", " ").replace(")", " ").replace("=", " ").split()[1:]
    known = {w.removeprefix("i.") for w in words if not w.startswith("[")} - {"matching_weight]"}
    assert known <= variables | made
    posted = [line for line in lines if line.startswith("post ")]
    assert posted
    assert all(line.endswith("(e(N))") for line in posted)


def test_fixest_counts_are_scaled_in_stata(package):
    text = (package / "stata" / "conventions.do").read_text(encoding="utf-8")
    assert "scalar scale = sqrt((e(N) - " in text.split("\n* fixest unit two: ")[1].split("\n\n")[0]
    assert "scale" not in text.split("\n* reghdfe unit two: ")[1].split("\n\n")[0]


def test_names_that_all_programs_take():
    names = ["did", "tau-2", "tau+0", "did | High", "did | high", "区位", "L1.z", "x" * 40, "x" * 41, "if", "2nd"]
    plain = plain_names(names)
    assert list(plain.values())[:4] == ["did", "tau_m2", "tau_p0", "did_High"]
    assert len({name.lower() for name in plain.values()}) == len(names)
    assert all(name.isascii() and name.isidentifier() and len(name) <= 32 for name in plain.values())
    assert plain["if"] != "if"


def test_every_kind_with_estimates_is_re_estimated_or_says_why():
    no_estimates = {
        "descriptives", "correlation", "data_checks", "efficiency_scores", "trend", "score_density",
        "treatment_timing", "psm_scores", "map", "comparison", "index_weights", "productivity_change",
        "extraction_grade", "efficiency_recovery", "efficiency_variables", "weights_summary",
    }  # fmt: skip
    made = {kind for kind in kinds() if has_models(kind)}
    left_out = {name for name, kind in kinds().items() if kind.no_replication}
    assert not made & left_out
    assert set(kinds()) - no_estimates == made | left_out
