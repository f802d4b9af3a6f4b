"""A trace shows the rows and variables that an estimate says it used, and says where it used none."""

import pandas as pd
import pytest
from shidian.code_digests import ROOT
from shidian.errors import PanelError
from shidian.exhibits.result import ExhibitResult, no_estimates
from shidian.study.read import read_study
from shidian.trace.estimate import Panels, trace_column
from shidian.trace.lines import report_lines
from shidian.used import WHOLE_PANEL, Rows, Used

NAMES = {"outcome": ("ln_homicide",), "treatment": ("post",), "fixed_effects": ("unit", "year")}
PANEL = Rows.of(range(6))


@pytest.fixture(scope="module")
def panels():
    study, _ = read_study(ROOT, "castle_doctrine")
    frame = pd.DataFrame({"unit": ["a"] * 3 + ["b"] * 3, "year": [2001, 2002, 2003] * 2})
    long = frame.assign(
        source_id="castle_causaldata", indicator="l_homicide", cell_id=lambda f: "castle_causaldata/1/!A"
    )
    long["cell_id"] += long.index.astype(str)
    return Panels(study, frame, long, {"castle_causaldata": ("castle.csv",)})


def traced(panels, used):
    return trace_column(panels, "twfe", "(1)", ExhibitResult(no_estimates(), used={"(1)": used}))


def test_the_rows_are_those_that_the_estimate_used(panels):
    used = Used(Rows.of([0, 2]), PANEL, NAMES, 2, 1, "years 2001–2003", "changes between years", seed=7, draws=99)
    found = traced(panels, used)
    assert [v.name for v in found.variables] == ["ln_homicide", "post"]
    assert found.variables[0].n_cells == found.n_cells == 2
    assert found.files == ("castle.csv",)
    lines = dict(report_lines(found, "castle_doctrine"))
    gone = "restricted to years 2001–2003, 2 without a value, 1 singletons, 1 that the method leaves out"
    assert lines["sample"] == f"2 of 6 rows of the panel ({gone}); N counts changes between years"
    assert lines["draws"] == "seed 7; 99 draws"


def test_a_refused_estimate_leads_to_the_rows_that_it_was_asked_of(panels):
    found = traced(panels, Used(Rows(), PANEL, NAMES))
    assert found.n_cells == 6
    assert dict(report_lines(found, "s"))["sample"].startswith("6 of 6 rows of the panel; nothing was estimated")


def test_what_is_about_the_panel_as_a_whole_leads_to_all_of_it(panels):
    found = traced(panels, WHOLE_PANEL)
    assert found.sample is None
    assert {v.name for v in found.variables} == set(panels.origins)
    assert found.n_cells == 6


def test_rows_of_the_panel_without_disturbances_have_no_cells(panels):
    found = traced(panels, Used(PANEL, PANEL, NAMES, noise_free=True))
    assert found.n_cells == 0
    assert found.ends_somewhere
    assert "castle_doctrine/noise_free_panel.parquet" in dict(report_lines(found, "s"))["sample"]


def test_a_column_that_is_not_there_is_named(panels):
    with pytest.raises(PanelError, match=r"exhibit 'twfe' has no column '\(1\)'"):
        trace_column(panels, "twfe", "(1)", ExhibitResult(no_estimates()))
