"""Raw items made from an index give the index back."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shidian.errors import SimulationError
from shidian.simulate.invert import employed, employment_shares, income_ratio, theil


def test_theil_by_hand():
    # urban 60% of the people with income 3, rural 40% with income 1: shares of income 1.8/2.2 and 0.4/2.2
    expected = 1.8 / 2.2 * np.log(1.8 / 2.2 / 0.6) + 0.4 / 2.2 * np.log(0.4 / 2.2 / 0.4)
    assert theil(np.array(3.0), np.array(0.6)) == pytest.approx(expected)
    assert theil(np.array(1.0), np.array(0.6)) == pytest.approx(0)


@settings(max_examples=100, deadline=None)
@given(ratio=st.floats(1.001, 19), share=st.floats(0.05, 0.95))
def test_income_ratio_inverts_theil(ratio, share):
    index = theil(np.array([ratio]), np.array([share]))
    assert theil(income_ratio(index, np.array([share]), 20.0), np.array([share])) == pytest.approx(index, abs=1e-12)


def test_an_unattainable_theil_index_is_an_error():
    with pytest.raises(
        SimulationError, match="1 values of the Theil index cannot be attained with income ratios from 1 to 8"
    ):
        income_ratio(np.array([0.05, 0.3]), np.array([0.5, 0.9]), 8.0)
    with pytest.raises(SimulationError, match="cannot be attained"):
        income_ratio(np.array([-0.01]), np.array([0.5]), 8.0)


@settings(max_examples=60, deadline=None)
@given(index=st.floats(0, 1.5), primary=st.floats(0.02, 0.4), tertiary=st.floats(0.15, 0.5))
def test_employment_shares_give_the_rationalisation_index(index, primary, tertiary):
    y = np.array([[primary, 1 - primary - tertiary, tertiary]])
    labour = employment_shares(np.array([index]), y)
    assert labour.sum() == pytest.approx(1)
    assert (labour > 0).all()
    assert (y * np.log(y / labour)).sum() == pytest.approx(index, abs=1e-10)


def test_a_negative_rationalisation_index_is_an_error():
    with pytest.raises(SimulationError, match="cannot be negative"):
        employment_shares(np.array([-0.03]), np.array([[0.1, 0.5, 0.4]]))


def test_employment_gives_the_upgrading_index():
    y, labour, gdp = np.array([[0.1, 0.5, 0.4]]), np.array([[0.4, 0.3, 0.3]]), np.array([5e9])
    total = employed(np.array([0.8]), gdp, y, labour, 300000.0)
    productivity = y * gdp[:, None] / (labour * total[:, None]) / 300000.0
    assert (y * productivity).sum() == pytest.approx(0.8)
