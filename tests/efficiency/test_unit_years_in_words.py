"""Unit-years as a note names them: each unit once, years as spans, the first eight units and how many more."""

import pytest
from shidian.efficiency.leave_outs import name_unit_years


def test_years_are_spans_and_units_have_their_names():
    assert name_unit_years("aabac", [2001, 2005, 2002, 2002, 0], {"b": "Beta"}) == "a (2001–2002, 2005), Beta (2002), c"


@pytest.mark.parametrize(
    ("units", "ending"),
    [("abcdefgh", "g (2001), h (2001)"), ("abcdefghi", " and 1 more unit"), ("abcdefghij", " and 2 more units")],
)
def test_of_more_than_eight_units_the_others_are_counted(units, ending):
    words = name_unit_years(units, [2001] * len(units))
    assert words.startswith("a (2001), b (2001), ")
    assert words.endswith(ending)
