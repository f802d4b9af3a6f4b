"""green_efficiency_real on the real city panel: scores through the workflow equal HiGHS, program by program."""

import numpy as np
import pandas as pd
import pytest
from shidian.efficiency import super_sbm

from tests.monte_carlo.study_scores import REAL, moments
from tests.workflow.project import Project

pytestmark = [pytest.mark.workflow, pytest.mark.slow]


@pytest.fixture(scope="module")
def run(shared, tmp_path_factory):
    project = Project(tmp_path_factory.mktemp("green") / "project", ("green_efficiency_real",), shared / "china")
    project.snakemake()
    return project.folder / "results" / "green_efficiency_real"


def test_scores_of_a_year_equal_highs(run):
    panel = pd.read_parquet(run / "panel.parquet")
    year = panel[(panel["year"] == 2017) & panel["gie_electricity"].notna()]
    assert len(year) > 200
    names = (["capital", "labour", "electricity"], ["gdp_per_capita", "revenue"], ["so2", "smoke"])
    scores = super_sbm(*names, data=year, unit="unit", year="year", engine="highs").scores()
    both = year.merge(scores, on=["unit", "year"])
    np.testing.assert_allclose(both["gie_electricity"], both["score"], atol=1e-9)


def test_the_moments_of_scores_are_those_that_simulated_worlds_are_compared_with(run):
    panel = pd.read_parquet(run / "panel.parquet")
    found = moments(panel[panel["gie"].notna()].assign(score=lambda d: d["gie"]))
    assert found == pytest.approx(REAL, abs=5e-5)


def test_the_inputs_are_those_of_the_file_and_the_losses_are_counted(run, shared):
    raw = pd.read_csv(shared / "china" / "city_panels" / "Wan_stage5_3372x199.csv")
    raw = raw[raw["year"] == 2015].set_index("Cityid")
    panel = pd.read_parquet(run / "panel.parquet")
    mine = panel[panel["year"] == 2015].set_index(panel.loc[panel["year"] == 2015, "unit"].astype(int))
    shared_units = mine.index.intersection(raw.index)
    assert len(shared_units) > 280
    capital = raw.loc[shared_units, "科学支出万元"] + raw.loc[shared_units, "教育支出万元"]
    np.testing.assert_allclose(mine.loc[shared_units, "capital"], capital, rtol=1e-14)
    ledger = pd.read_csv(run / "ledger.csv", keep_default_na=False)
    dropped = ledger[ledger["step"].str.startswith("efficiency gie 2015")]
    assert (dropped["reason"].str.contains("dropped")).all()
    assert panel.loc[panel["year"] == 2015, "gie"].isna().sum() >= dropped["rows"].max()


def test_productivity_is_the_ratio_of_global_scores_and_infeasible_pairs_are_in_the_ledger(run):
    panel = pd.read_parquet(run / "panel.parquet")
    kept = panel[panel["gie"].notna()]
    names = (["capital", "labour"], ["gdp_per_capita", "revenue"], ["so2", "smoke"])
    found = super_sbm(*names, data=kept, unit="unit", year="year", frontier="global", super_efficiency=False)
    both = kept.merge(found.scores(), on=["unit", "year"]).sort_values(["unit", "year"])
    whole = both.groupby("unit").filter(lambda part: len(part) == 7)
    assert whole["unit"].nunique() > 150
    first = whole.groupby("unit")["sbm"].transform("first")
    np.testing.assert_allclose(whole["gtfp"], whole["sbm"] / first, rtol=1e-8)
    ledger = pd.read_csv(run / "ledger.csv", keep_default_na=False)
    lines = ledger[ledger["step"] == "productivity gtfp"]["reason"]
    assert lines.str.contains("pairs of consecutive years compared").any()
    yearly = ledger[ledger["step"].str.startswith("growth_yearly")]
    assert yearly["reason"].str.contains("a directional distance is infeasible").any()
