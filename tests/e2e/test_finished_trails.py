"""A thousand random numbers of every finished study lead to cells, to a named draw or to another estimate."""

import pytest

from tests.e2e.number_trails import check_numbers
from tests.e2e.test_finished_reports import RESULTS, each_report


@each_report
def test_a_thousand_random_numbers_end_somewhere(study):
    if not (RESULTS / study / "panel_long.parquet").is_file():
        pytest.skip("no panel beside the report")
    assert check_numbers(RESULTS.parent, study)
