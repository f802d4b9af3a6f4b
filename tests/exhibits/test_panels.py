"""Tables of several exhibits as the panels of one."""

from dataclasses import replace

import pytest
from shidian.errors import EstimationError
from shidian.exhibits.result import StudyInfo
from shidian.exhibits.stacked.panels.estimate import run
from shidian.report.styled.apply import styled
from shidian.report.tables.structure import require_estimates

from tests.report.test_styles import made, printing

SPEC = {"id": "both", "kind": "panels", "panels": [{"exhibit": "a", "title": "Panel A. All"}, {"exhibit": "b"}]}
INFO = StudyInfo("s", "city", "did")


@pytest.fixture(scope="module")
def results():
    a = made((0.01234, -0.5, 2.0, 0.1), (0.005, 0.3, 5.0, 0.2), ("Only here.", "SIMULATED: made."))
    return {"a": a, "b": made((1.0, 0.5, 0.25, 0.125), (0.5, 0.5, 0.5, 0.5), ("SIMULATED: made.",))}


def test_each_panel_stands_under_its_title_and_each_cell_leads_to_its_estimate(results):
    found = run(results, SPEC, INFO)
    assert found.table.header == results["a"].table.header
    assert [row.label for row in found.table.rows if not any(c.text for c in row.cells)] == ["Panel A. All", "Panel B"]
    led = [cell for row in found.table.rows for cell in row.cells if cell.ref]
    assert {cell.ref[0] for cell in led} == {"a: (1)", "a: (2)", "b: (1)", "b: (2)"} == set(found.used)
    require_estimates(found, led, "both")
    assert found.used["b: (2)"].taken[0].exhibit == "b"
    assert found.notes[0] == results["a"].notes[0]
    assert found.notes[2:] == ("Panel A. All: Only here.", "SIMULATED: made.")


def test_a_style_prints_both_panels(results):
    own = printing("qje")
    table = styled(run(results, SPEC, INFO), own, "both").table
    assert [row.label for row in table.rows].count("Controls") == 2
    assert table.rows[1].cells[0].text == "0.012*"
    assert table.rows[2].cells[0].text == "[0.005]"


def test_headings_that_differ_stand_in_their_panels(results):
    b = results["b"]
    other = replace(b.table, header=(b.table.header[0], (("", 1), ("GDP", 2))))
    found = run({"a": results["a"], "b": replace(b, table=other)}, SPEC, INFO).table
    assert found.header == (b.table.header[0],)
    assert [cell.text for cell in found.rows[1].cells] == ["Theil", "Theil"]


def test_an_exhibit_without_a_table_is_no_panel(results):
    with pytest.raises(EstimationError, match="exhibit 'b' prints no table that could be a panel"):
        run({"a": results["a"], "b": replace(results["b"], table=None)}, SPEC, INFO)
