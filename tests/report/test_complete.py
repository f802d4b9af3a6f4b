"""A report that lacks what its paper prints, or holds an empty exhibit, is refused by name."""

from dataclasses import replace

import pytest
from shidian.errors import ReportError
from shidian.exhibits.result import Cell, ExhibitResult, Figure, Row, Table, no_estimates
from shidian.report.complete import printed_numbers, require_complete

from . import report_samples as samples

PAPER = {"descriptives": {}, "tables": {"figure1_event_study": {}, "figure2_placebo": {}, "placebo": {}}}


@pytest.fixture
def report():
    return samples.study_report("en")  # tables 1 to 3, figures 1 and 2


def with_result(report, place, result):
    exhibits = list(report.exhibits)
    exhibits[place] = replace(exhibits[place], result=result)
    return replace(report, exhibits=tuple(exhibits))


def test_numbers_are_read_from_the_keys():
    assert printed_numbers(PAPER) == ("Table 1", "Figure 1", "Figure 2")
    assert printed_numbers({"tables": {"table10_sdid": {}}}, "zh") == ("表10",)


def test_a_whole_report_passes(report):
    require_complete(report, [PAPER])


def test_a_missing_table_is_named(report):
    with pytest.raises(ReportError, match="study 'demo': the paper prints Table 4, and no exhibit has that number"):
        require_complete(report, [{"tables": {"table4_robustness": {}}}])
    require_complete(replace(report, simulated=False), [{"tables": {"table4_robustness": {}}}])


def test_an_empty_exhibit_is_named_simulated_or_not(report):
    blank = Table(((("", 1), ("(1)", 1)),), (Row("did", (Cell(""),)),))
    for empty in (ExhibitResult(no_estimates(), blank), ExhibitResult(no_estimates())):
        for simulated in (True, False):
            hollow = replace(with_result(report, 0, empty), simulated=simulated)
            with pytest.raises(ReportError, match=r"exhibit 'baseline' \(Table 1\) is empty"):
                require_complete(hollow)
    figure = report.exhibits[3].result.figure
    no_points = Figure(figure.kind, {name: frame.iloc[:0] for name, frame in figure.data.items()}, figure.options)
    with pytest.raises(ReportError, match=r"exhibit 'event_study' \(Figure 1\) is empty"):
        require_complete(with_result(report, 3, ExhibitResult(no_estimates(), figure=no_points)))


def test_a_refused_estimate_excuses_real_data_only(report):
    refusal = Table(((("", 1), ("(1)", 1)),), (Row("did", (Cell("—", ("c1", "did", "reason")),)),))
    estimates = report.exhibits[0].result.estimates.head(1).assign(estimate=float("nan"), reason="collinear with eco")
    refused = with_result(report, 0, ExhibitResult(estimates, refusal))
    with pytest.raises(ReportError, match=r"\(Table 1\) holds no number, and the paper prints it: collinear with eco"):
        require_complete(refused, [PAPER])
    require_complete(replace(refused, simulated=False), [PAPER])
    require_complete(refused)
