"""What verify asks of the estimates of a bundle holds for every kind: else it would refuse an honest one."""

import pytest
from shidian.audit.verify.estimates import NOT_AGAINST_ZERO, contradictions

from tests.kinds.test_rooms import RUN, example


@pytest.mark.parametrize("kind", RUN)
def test_errors_statistics_p_values_and_intervals_belong_together(kind):
    found = {
        (row["column"], row["term"]): list(contradictions(row, kind not in NOT_AGAINST_ZERO))
        for row in example(kind).estimates.to_dict("records")
    }
    assert not any(found.values()), found
