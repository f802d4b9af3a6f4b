"""Location quotient and industrial structure, on numbers worked out by hand, and properties."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shidian.errors import EstimationError
from shidian.indicators.location_quotient import location_quotient
from shidian.indicators.productivity_upgrading import upgrading_by_productivity
from shidian.indicators.rationalisation import rationalisation
from shidian.indicators.upgrading import upgrading_by_share

INDEX = pd.MultiIndex.from_product([["a", "b"], [2010, 2011]], names=["unit", "year"])
QUICK = settings(max_examples=50, deadline=None, derandomize=True)


def column(*values):
    return pd.Series(values, index=INDEX[: len(values)], dtype=float)


def test_location_quotient_by_hand_and_its_weighted_mean_is_one():
    sector, total = column(10, 5, 30, 5), column(100, 50, 100, 150)
    year = INDEX.get_level_values("year")
    lq = location_quotient(sector, total, year)
    assert lq.tolist() == pytest.approx([0.1 / 0.2, 0.1 / 0.05, 0.3 / 0.2, (5 / 150) / 0.05])
    for y in (2010, 2011):
        at = year == y
        assert np.average(lq[at], weights=total[at]) == pytest.approx(1.0, rel=1e-14)


def test_location_quotient_leaves_out_rows_without_both_numbers_and_names_bad_ones():
    year = INDEX.get_level_values("year")
    lq = location_quotient(column(10, 5, np.nan, 5), column(100, 50, 100, 150), year)
    assert lq.iloc[0] == 1.0  # alone in its year
    assert np.isnan(lq.iloc[2])
    with pytest.raises(EstimationError, match="unit a, year 2010: the sector has more employees"):
        location_quotient(column(101, 5, 30, 5), column(100, 50, 100, 150), year)
    with pytest.raises(EstimationError, match="no unit has any employee of the sector in 2011"):
        location_quotient(column(1, 0, 1, 0), column(100, 50, 100, 150), year)
    with pytest.raises(EstimationError, match="unit b, year 2010: total = 0"):
        location_quotient(column(1, 0, 0, 1), column(100, 50, 0, 150), year)


def test_upgrading_by_share_runs_from_one_to_three():
    shares = [column(1, 0, 0, 0.2), column(0, 1, 0, 0.3), column(0, 0, 1, 0.5)]
    assert upgrading_by_share(shares).tolist() == pytest.approx([1, 2, 3, 0.2 + 0.6 + 1.5])
    with pytest.raises(EstimationError, match=r"unit a, year 2010: the shares add to 100, .*divide percentages"):
        upgrading_by_share([s * 100 for s in shares])
    with pytest.raises(EstimationError, match=r"the shares add to 0\.9, not to 1"):
        upgrading_by_share([column(0.1), column(0.3), column(0.5)])
    with pytest.raises(EstimationError, match="three sectors"):
        upgrading_by_share(shares[:2])


def test_upgrading_by_productivity_by_hand():
    output, labour = [column(10), column(40), column(50)], [column(10), column(20), column(10)]
    expected = 0.1 * 1 + 0.4 * 2 + 0.5 * 5
    assert upgrading_by_productivity(output, labour, scale=1.0).iloc[0] == pytest.approx(expected)
    assert upgrading_by_productivity(output, labour, scale=10.0).iloc[0] == pytest.approx(expected / 10)
    deflated = upgrading_by_productivity(output, labour, scale=1.0, deflator=column(1.25))
    assert deflated.iloc[0] == pytest.approx(expected / 1.25)
    by_sector = upgrading_by_productivity(output, labour, scale=[1, 2, 5]).iloc[0]
    assert by_sector == pytest.approx(1.0)
    with pytest.raises(EstimationError, match="secondary labour = 0"):
        upgrading_by_productivity(output, [column(10), column(0), column(10)], scale=1.0)
    with pytest.raises(EstimationError, match="scale must be positive"):
        upgrading_by_productivity(output, labour, scale=0.0)


def test_rationalisation_by_hand():
    value = rationalisation([column(20), column(30), column(50)], [column(50), column(30), column(20)])
    assert value.iloc[0] == pytest.approx(0.2 * np.log(0.4) + 0.5 * np.log(2.5), rel=1e-14)
    nothing = rationalisation([column(0), column(50), column(50)], [column(20), column(40), column(40)])
    assert nothing.iloc[0] == pytest.approx(np.log(0.5 / 0.4), rel=1e-14)
    with pytest.raises(EstimationError, match="unit a, year 2010: the primary sector has output but no employees"):
        rationalisation([column(20), column(30), column(50)], [column(0), column(30), column(20)])
    assert rationalisation([column(np.nan), column(1), column(1)], [column(1), column(1), column(1)]).isna().all()


@QUICK
@given(
    st.lists(st.floats(0.1, 100), min_size=3, max_size=3),
    st.lists(st.floats(0.1, 100), min_size=3, max_size=3),
)
def test_rationalisation_is_not_negative_and_zero_only_at_equal_shares(output, labour):
    value = rationalisation([column(v) for v in output], [column(v) for v in labour]).iloc[0]
    assert value >= 0.0
    assert rationalisation([column(v) for v in output], [column(3 * v) for v in output]).iloc[0] < 1e-15
    scaled = rationalisation([column(7 * v) for v in output], [column(v) for v in labour]).iloc[0]
    assert scaled == pytest.approx(value, abs=1e-13)
