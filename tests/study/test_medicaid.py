"""The study of Medicaid expansion from its raw files: every number that its paper prints and whose data are there."""

import json
from importlib import import_module

import pandas as pd
import pytest
from shidian.code_digests import ROOT
from shidian.exhibits.referee import estimate_exhibit
from shidian.exhibits.result import ExhibitResult, StudyInfo
from shidian.exhibits.truth.comparison import estimate as comparison
from shidian.exhibits.truth.printed import read_published
from shidian.panel.build import build_panel
from shidian.panel.leave_out import leave_out
from shidian.study.plan import Plan, load_plan
from shidian.yearbook.extract import extract_files

from tests.needs.test_needs import project

STUDY = "medicaid_expansion"
PRINTED = ("means", "weighted_means", "regressions", "balance_2013", "balance_2013_weighted", "balance_change",
           "balance_change_weighted")  # fmt: skip


@pytest.fixture(scope="module")
def plan(shared, tmp_path_factory) -> Plan:
    raw = shared / "reference"
    if not (raw / "jel_did").exists():
        pytest.skip(f"no raw files of the study: {raw / 'jel_did'} is not there")
    return load_plan(project(tmp_path_factory.mktemp("medicaid"), STUDY, {}), str(raw))


@pytest.fixture(scope="module")
def panel(plan) -> pd.DataFrame:
    spec = plan.studies[STUDY].panel
    found = {
        use.source: extract_files(source, range(1, len(source.files) + 1), plan.raw_root)
        for use in spec.sources
        if (source := plan.sources[use.source])
    }
    states = found["cdc_wonder_mortality"].cells
    texts = dict(zip(states["cell_id"], states["raw_text"], strict=True))
    return leave_out(build_panel(spec, {name: one.records for name, one in found.items()}, {}, texts).frame)


def estimated(plan: Plan, panel: pd.DataFrame, exhibit: str) -> ExhibitResult:
    info = StudyInfo(**json.loads(plan.info(STUDY, exhibit)))
    kind = import_module(plan.kind(STUDY, exhibit).module)
    return estimate_exhibit(kind, panel, json.loads(plan.spec(STUDY, exhibit)), info)


def test_tables_2_to_5_come_out_to_the_printed_digits(plan, panel):
    """97 of 98 numbers; the weighted normalised difference of the change of the Hispanic share is 0.2955, not 0.29."""
    results = {exhibit: estimated(plan, panel, exhibit) for exhibit in PRINTED}
    published = read_published(str(ROOT / "resources" / "published" / f"{STUDY}.yaml"))
    spec, info = json.loads(plan.spec(STUDY, "published")), StudyInfo(**json.loads(plan.info(STUDY, "published")))
    table = comparison.run(results, published, spec, info).table
    verdicts = {row.label: row.cells[-1].text for row in table.rows if row.cells[-1].text}
    assert len(verdicts) == 98
    assert [what for what, agrees in verdicts.items() if agrees != "yes"] == [
        "Change to 2014, hispanic, weighted, normalised difference"
    ]


def test_counties_are_those_of_the_paper(plan, panel):
    in_two_by_two = panel[(panel["in_2014_or_never"] == 1) & (panel["year"] == 2014)]
    assert (len(in_two_by_two), int(in_two_by_two["treat"].sum())) == (2200, 978)
    assert panel["unit"].nunique() == 2604
