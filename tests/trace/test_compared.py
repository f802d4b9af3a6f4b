"""Compared numbers lead to the estimate they are taken from, pseudo-true ones to its twin without disturbances."""

import pandas as pd
from shidian.code_digests import ROOT
from shidian.exhibits.result import ExhibitResult, no_estimates
from shidian.exhibits.truth.printed import taken_from
from shidian.study.read import read_study
from shidian.trace.estimate import Panels, trace_column
from shidian.trace.lines import report_lines

COLUMNS = ("baseline: (4)", "baseline: (4) (pseudo-true)")


def test_a_pseudo_true_value_leads_to_the_same_exhibit_without_disturbances():
    study, _ = read_study(ROOT, "income_gap_cities")
    comparison = next(e["id"] for e in study.exhibits if e["kind"] == "comparison")
    number = {"exhibit": "baseline", "column": "(4)"}
    used = taken_from([number]) | taken_from([number], noise_free=True)
    result = ExhibitResult(no_estimates(), used=used)
    panels = Panels(study, pd.DataFrame(), pd.DataFrame(), {})
    own, twin = (trace_column(panels, comparison, column, result) for column in COLUMNS)
    assert own.estimates == twin.estimates == (("baseline", "(4)"),)
    assert own.noise_free == ""
    assert twin.noise_free == "results/income_gap_cities/pseudo_true/baseline.json"
    assert dict(report_lines(own, "income_gap_cities"))["estimate"] == "baseline (4)"
    assert dict(report_lines(twin, "income_gap_cities"))["estimate"].endswith(twin.noise_free)
