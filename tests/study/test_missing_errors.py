"""Variances that give no standard error, from the study file to the printed note: two-way clusters and Conley."""

import copy

import numpy as np
import pandas as pd
import pytest
import yaml
from shidian.did.twfe import regress
from shidian.exhibits.result import ExhibitResult
from shidian.report.catalogue import in_language

from .run_study import csv_text, study_results

pytestmark = pytest.mark.usefixtures("own_raw_files")

SOURCE = {
    "source": "c01", "title": "Case data", "publisher": "made here", "citation": "made here", "licence": "none stated",
    "url": "", "accessed": "2026-01", "redistributable": False,
    "files": [{"path": "c01.csv", "what": "case data"}],
    "tables": [
        {
            "layout": "flat", "encoding": "utf-8",
            "unit": {"level": "other", "code": "unit", "code_kind": "plain"}, "year": {"header": "year"},
            "columns": {
                "y_raw": {"header": "y", "measure": "1"}, "policy": {"header": "did", "measure": "1"},
                "x_raw": {"header": "x", "measure": "1"}, "east": {"header": "longitude", "measure": "1"},
                "north": {"header": "latitude", "measure": "1"},
            },
        }
    ],
}  # fmt: skip
STUDY = {
    "study": "c01", "title": "case c01", "unit": {"label": "city"}, "years": {"first": 2001, "last": 2015},
    "sources": {"c01": {"role": "frame"}}, "treatment": {"name": "did", "label": "Pilot", "status": "c01.policy"},
    "variables": {
        "y": {"formula": "y_raw"}, "x": {"formula": "x_raw"}, "longitude": {"formula": "east"},
        "latitude": {"formula": "north"},
    },
    "outcome": "y", "controls": [], "fixed_effects": ["unit", "year"],
    "vcov": {"kind": "cluster", "by": ["unit", "year"]}, "ssc": "reghdfe",
}  # fmt: skip
MISSING = ["se", "statistic", "p", "ci_low", "ci_high"]


def noise(seed: int) -> pd.DataFrame:
    """Return 31 units x 15 years, half of them treated from 2008, an outcome of noise, places on a small map."""
    rng = np.random.default_rng(seed)
    unit, year = np.repeat(np.arange(31), 15), np.tile(np.arange(2001, 2016), 31)
    place = rng.uniform([100.0, 28.0], [112.0, 38.0], (31, 2)).round(4)
    return pd.DataFrame({
        "unit": [f"u{i:03d}" for i in unit], "year": year, "did": ((year >= 2008) & (unit < 15)).astype(int),
        "y": rng.normal(size=len(unit)).round(6), "x": rng.normal(size=len(unit)).round(6),
        "longitude": place[unit, 0], "latitude": place[unit, 1],
    })  # fmt: skip


def cancelling() -> pd.DataFrame:
    """Return the same with an outcome whose deviations sum to zero over the years of each unit and the units of each
    year, before and after, treated and not: the sums of scores by unit and by year that make variances are zero."""
    panel = noise(3)
    block = [panel["unit"] < "u015", panel["year"] < 2008]
    y = panel["y"]
    for keys in (["unit"], ["year"]):
        y = y - y.groupby([*block, *(panel[key] for key in keys)]).transform("mean")
    return panel.assign(y=(y - 0.1671 * panel["did"]).round(6))


def cells(result: ExhibitResult) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in result.table.rows]


def test_a_two_way_clustered_variance_below_zero_is_a_dash(tmp_path):
    panel = cancelling()
    own = regress(panel, "y", ["did"], ["unit", "year"], STUDY["vcov"]).fit.unadjusted
    exhibits = [
        {"id": "baseline", "kind": "did_table",
         "columns": [{"controls": []}, {"vcov": {"kind": "hetero"}}]},
        {"id": "t_values", "kind": "did_table", "columns": [{"controls": []}], "parentheses": "t"},
    ]  # fmt: skip
    found = study_results(tmp_path, STUDY | {"exhibits": exhibits}, SOURCE, csv_text(panel))
    rows = found["baseline"].estimates
    assert rows.loc[0, MISSING].isna().all()
    assert rows.loc[1, MISSING].notna().all()
    assert rows.loc[0, "estimate"] == rows.loc[1, "estimate"]
    why = f"its variance is negative ({own[0, 0]:.3g})"
    assert rows.loc[0, "reason"] == f"no standard error: {why}"
    top, bottom = cells(found["baseline"])[:2]
    assert top[0] == f"{rows.loc[0, 'estimate']:.4f}"
    assert (bottom[0], bottom[1]) == ("—", f"({rows.loc[1, 'se']:.4f})")
    assert cells(found["t_values"])[1] == ["—"]
    (said,) = [note for note in found["baseline"].notes if note.startswith("No standard error")]
    assert said == f"No standard error of Pilot (column (1)): {why}."
    assert in_language(said, "zh", found["baseline"].messages).startswith("Pilot无标准误（第 (1) 列）：方差为负")
    assert f"no standard error: {why}" in set(found["baseline"].ledger["reason"])


def test_an_adjusted_covariance_of_several_regressors_says_so(tmp_path):
    for seed in range(300):
        panel = noise(seed)
        fit = regress(panel, "y", ["did", "x"], ["unit", "year"], STUDY["vcov"]).fit
        if fit.unadjusted is not None and not any(fit.reasons):
            break
    study = STUDY | {"exhibits": [{"id": "baseline", "kind": "did_table", "columns": [{"controls": ["x"]}]}]}
    result = study_results(tmp_path, study, SOURCE, csv_text(panel))["baseline"]
    assert result.estimates["se"].to_numpy() == pytest.approx(fit.se)
    (said,) = [note for note in result.notes if note.startswith("Standard errors")]
    assert "not positive semi-definite as computed and made so" in said
    assert "负特征根置零" in in_language(said, "zh", result.messages)


@pytest.mark.parametrize("x_too", [False, True])
def test_a_negative_conley_variance_is_a_dash(tmp_path, x_too):
    exhibit = {
        "id": "conley", "kind": "conley", "cutoffs_km": [1e-3, 5000], "lags": 9, "kernel": "uniform",
        "vcov": {"kind": "cluster", "by": "unit"}, "controls": ["x"] * x_too,
    }  # fmt: skip
    result = study_results(tmp_path, STUDY | {"exhibits": [exhibit]}, SOURCE, csv_text(cancelling()))["conley"]
    rows = result.estimates[result.estimates["term"] == "did"].set_index("column")
    assert rows.loc["(3)", "reason"].startswith("no standard error: its variance is negative (-")
    assert rows.loc["(3)", MISSING].isna().all()
    top, bottom = cells(result)[:2]
    assert (top[2], bottom[2]) == (f"{rows.loc['(3)', 'estimate']:.4f}", "—")
    assert any(note.startswith("No standard error of Pilot (column") for note in result.notes)
    adjusted = [note for note in result.notes if "the covariance is not positive semi-definite" in note]
    assert bool(adjusted) == x_too
    assert all("—" in cell or "Conley" not in cell or cell.endswith("km") for line in cells(result) for cell in line)


def test_case_01(shared, tmp_path):
    case = shared / "cases" / "estimators" / "01_twoway_cluster_zero_se"
    study, source = (
        yaml.safe_load((case / f"{name}.yaml").read_text(encoding="utf-8")) for name in ("study", "source")
    )
    (file,) = source["files"]
    source = copy.deepcopy(source) | {"files": [{**file, "path": "c01.csv"}]}
    result = study_results(tmp_path, study, source, (case / "data.csv").read_text(encoding="utf-8"))["baseline"]
    row = result.estimates.iloc[0]
    assert row["estimate"] == pytest.approx(-0.1671, abs=5e-5)
    assert row[MISSING].isna().all()
    variance = -9.971e-3 * 15 / 14 * 464 / 463  # of the case's page, times the factor of reghdfe's convention
    assert row["reason"] == f"no standard error: its variance is negative ({variance:.3g})"
    assert [line[0] for line in cells(result)[:2]] == ["-0.1671", "—"]
