"""Every printed number of a finished run leads to its sample, its variables and their workbook cells."""

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from shidian.errors import PanelError
from shidian.study.read import read_study
from shidian.trace.cells import encoded_cells
from shidian.trace.command import trace
from shidian.trace.estimate import trace_column
from shidian.trace.value import trace_value

from tests.e2e.chromium import CHROMIUM, Browser
from tests.e2e.number_trails import check_numbers, study_panels, study_results
from tests.e2e.report_checks import PANEL, check_page, check_report

pytestmark = pytest.mark.workflow


@pytest.fixture(scope="module")
def study(finished):
    return read_study(finished.folder, "castle_doctrine")


@pytest.fixture(scope="module")
def folder(finished):
    return finished.folder / "results" / "castle_doctrine"


@pytest.fixture(scope="module")
def panels(finished):
    return study_panels(finished.folder, "castle_doctrine")


@pytest.fixture(scope="module")
def results(folder):
    return study_results(folder)


def test_a_thousand_random_numbers_end_in_cells_or_in_another_estimate(finished):
    drawn_from = check_numbers(finished.folder, "castle_doctrine")
    assert drawn_from >= {"twfe", "event_study", "descriptives", "placebo", "published"}


def test_the_sample_of_a_regression_is_exactly_its_rows(panels, results):
    found = trace_column(panels, "twfe", "(2)", results["twfe"])
    assert len(found.sample.rows) == 550
    assert [v.name for v in found.variables][:3] == ["ln_homicide", "post", "ln_police"]
    assert found.n_cells == 550 * len(found.variables)


def test_encoded_cells_a_column_are_those_of_its_values_one_by_one(study, panels, folder):
    cells = pd.concat(pd.read_parquet(p) for p in (folder.parent / "sources").glob("*/*.cells.parquet"))
    cells = cells.set_index("cell_id")
    rows = np.random.default_rng(1).choice(len(panels.frame), 5, replace=False)
    ids = encoded_cells(panels.long)[1].dictionary.to_numpy(zero_copy_only=False)
    for name in panels.origins:
        one_by_one = {
            (cell.sheet, cell.cell)
            for row in panels.frame.iloc[rows].to_dict("records")
            for step in trace_value(study[0], panels.frame, panels.long, cells, row["unit"], row["year"], name)
            for cell in step.cells
        }
        at_once = cells.loc[ids[panels.cells.codes(name, rows)], ["sheet", "cell"]]
        assert set(at_once.itertuples(index=False, name=None)) == one_by_one


def test_the_report_carries_the_lines_of_every_column(folder, results):
    traces = json.loads((folder / "traces.json").read_text(encoding="utf-8"))
    for exhibit, result in results.items():
        assert set(traces[exhibit]) == set(result.estimates["column"]), exhibit
    lines = dict(next(iter(traces["placebo"].values())))
    assert "SeedSequence(20240601, spawn_key=(d,))" in lines["draws"]
    assert "results/castle_doctrine/placebo/placebo" in lines["draws"]


def test_the_command_prints_what_the_report_shows(finished):
    start = "import sys; from shidian.cli import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", start, "trace", "castle_doctrine", "twfe", "(2)", "post"]
    done = subprocess.run(
        command, cwd=finished.folder, env=finished.environment, capture_output=True, text=True, check=True
    )
    assert "sample: 550 of 550 rows of the panel" in done.stdout
    assert "ln_homicide: = l_homicide; reads castle_causaldata.l_homicide (550 cells)" in done.stdout
    assert "go on with: shidian trace castle_doctrine UNIT YEAR ln_homicide" in done.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["twfe"], "which column of exhibit 'twfe'? Its columns are '(1)', '(2)'"),
        (["twfe", "(3)"], "exhibit 'twfe' has no column '(3)'"),
        (["twfe", "(2)", "pots"], "has no term 'pots' (did you mean 'post'?)"),
        (["twfee", "(2)", "post"], "is neither EXHIBIT COLUMN [TERM] nor UNIT YEAR VARIABLE (did you mean 'twfe'?)"),
        (["1", "1950", "post"], "has no row of unit 1 in 1950"),
    ],
)
def test_words_that_name_nothing_are_answered_with_what_there_is(study, folder, words, message):
    with pytest.raises(PanelError) as problem:
        trace(*study, folder.parent, words)
    assert message in str(problem.value)


@pytest.mark.e2e
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine (apt-get install chromium)")
def test_a_click_in_the_report_shows_the_same(folder, tmp_path):
    browser = Browser(tmp_path)
    browser.open((folder / "report.html").as_uri())
    browser.click("#table-twfe td[data-column='(2)'][data-term=post]")
    shown = browser.run(PANEL)
    complaints = browser.complaints
    check_report(browser, folder)
    browser.open((folder.parent / "index.html").as_uri())
    check_page(browser, folder.parent)
    browser.close()
    assert shown["Sample"] == "550 of 550 rows of the panel"
    assert shown["ln homicides per 100,000"] == "= l_homicide;\nreads castle_causaldata.l_homicide (550 cells)"
    assert shown["Go on with"] == "shidian trace castle_doctrine twfe '(2)'"
    assert complaints == []
