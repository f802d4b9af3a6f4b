"""Individual inequality: 632 households of the Ilocos region (R package ineq 0.2-13), and properties."""

import statistics

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shidian.errors import EstimationError
from shidian.indicators.coefficient_of_variation import variation_among
from shidian.indicators.gini import gini_two_groups
from shidian.indicators.inequality import (
    coefficient_of_variation,
    gini,
    smallest_ratio,
    theil_decomposition,
    theil_l,
    theil_maximum,
    theil_t,
)
from shidian.indicators.theil import theil_urban_rural

INCOMES = st.lists(st.floats(0.01, 1e6), min_size=2, max_size=30)
QUICK = settings(max_examples=50, deadline=None, derandomize=True)


def test_ilocos_households(reference):
    frame = pd.read_csv(reference / "ineq_Ilocos.csv")
    income = frame["income"]
    assert len(income) == 632
    assert gini(income) == pytest.approx(0.42695077021, rel=1e-9)
    assert gini(income, corrected=True) == pytest.approx(0.427627395837, rel=1e-9)
    assert theil_t(income) == pytest.approx(0.319915852164, rel=1e-9)
    assert theil_l(income) == pytest.approx(0.301835006228, rel=1e-9)
    split = theil_decomposition(income, frame["province"])
    assert split.within == pytest.approx(0.3188416376345552, rel=1e-9)
    assert split.between == pytest.approx(0.00107421452914415, rel=1e-9)
    assert split.total == pytest.approx(0.319915852164, rel=1e-9)


def test_example_of_ten_incomes():
    # example vector of R's ineq and its Gini coefficient
    x = [541, 1463, 2445, 3438, 4437, 5401, 6392, 8304, 11904, 22261]
    pairs = np.abs(np.subtract.outer(x, x)).mean() / (2 * np.mean(x))
    assert gini(x) == pytest.approx(0.4620911, abs=5e-8)
    assert gini(x) == pytest.approx(pairs, rel=1e-14)
    # var.coeff of R's ineq 0.2-13: sqrt((n-1) var(x) / n) / mean(x); its entropy of order 2 is half the square
    variation = statistics.pstdev(x) / statistics.fmean(x)
    assert coefficient_of_variation(x) == pytest.approx(variation, rel=1e-14)
    entropy = np.mean((np.array(x) / np.mean(x)) ** 2 - 1) / 2
    assert coefficient_of_variation(x) ** 2 / 2 == pytest.approx(entropy, rel=1e-12)
    sample = statistics.stdev(x) / statistics.fmean(x)
    assert coefficient_of_variation(x, corrected=True) == pytest.approx(sample, rel=1e-14)


@QUICK
@given(INCOMES, st.floats(1e-3, 1e3))
def test_scale_order_and_replication_do_not_matter(x, factor):
    x = np.array(x)
    for measure in (gini, theil_t, theil_l, coefficient_of_variation):
        value = measure(x)
        assert value >= -1e-12
        assert measure(x * factor) == pytest.approx(value, rel=1e-9, abs=1e-12)
        assert measure(x[::-1]) == pytest.approx(value, rel=1e-9, abs=1e-12)
        assert measure(np.tile(x, 3)) == pytest.approx(value, rel=1e-9, abs=1e-12)
        assert measure(x, np.full(len(x), 7.0)) == pytest.approx(value, rel=1e-9, abs=1e-12)


@QUICK
@given(INCOMES, st.integers(1, 4))
def test_within_and_between_add_to_theil(x, groups):
    split = theil_decomposition(x, np.arange(len(x)) % groups)
    assert split.total == pytest.approx(theil_t(x), rel=1e-9, abs=1e-12)
    assert split.within >= -1e-12
    assert split.between >= -1e-12


@QUICK
@given(st.floats(0.1, 10), st.floats(0.1, 10), st.integers(1, 50), st.integers(1, 50))
def test_two_groups_are_the_individual_measures_without_inequality_inside(urban, rural, n_urban, n_rural):
    people = np.r_[np.full(n_urban, urban), np.full(n_rural, rural)]
    two = [pd.Series([float(v)]) for v in (urban, rural, n_urban, n_rural)]
    assert theil_urban_rural(*two).iloc[0] == pytest.approx(theil_t(people), rel=1e-9, abs=1e-12)
    assert gini_two_groups(*two).iloc[0] == pytest.approx(gini(people), rel=1e-9, abs=1e-12)


@QUICK
@given(INCOMES, st.data())
def test_weights_count_like_repeated_values(x, data):
    times = np.array(data.draw(st.lists(st.integers(1, 4), min_size=len(x), max_size=len(x))))
    repeated = coefficient_of_variation(np.repeat(x, times))
    assert coefficient_of_variation(x, times) == pytest.approx(repeated, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("factor", [1e-12, 1e12])
def test_variation_does_not_depend_on_the_unit_of_measure(factor):
    x = np.array([541.0, 1463.0, 0.0, 22261.0])
    value = coefficient_of_variation(x, [1, 2, 3, 4])
    assert coefficient_of_variation(x * factor, np.array([1, 2, 3, 4]) * factor) == pytest.approx(value, rel=1e-12)


def among():
    """Return five units in two years with a group and a weight; one value is missing."""
    index = pd.MultiIndex.from_product([[2001, 2002], list("abcde")], names=["year", "unit"])
    values = [1.0, 2.0, 4.0, 5.0, np.nan, 3.0, 3.0, 3.0, 1.0, 9.0]
    frame = pd.DataFrame({"x": values, "w": [1.0, 3.0, 1.0, 1.0, 1.0] * 2, "g": [1, 1, 2, 2, 2] * 2}, index=index)
    return frame, np.repeat([2001, 2002], 5)


def test_variation_among_the_units_of_a_year_and_of_a_year_and_group():
    frame, year = among()
    by_year = variation_among(frame["x"], year)
    assert np.isnan(by_year.iloc[4])
    np.testing.assert_allclose(by_year[2001].dropna(), coefficient_of_variation([1, 2, 4, 5]))
    np.testing.assert_allclose(by_year[2002], coefficient_of_variation([3, 3, 3, 1, 9]))
    both = variation_among(frame["x"], year, frame["w"], frame["g"])
    assert both[2001, "a"] == both[2001, "b"] == pytest.approx(coefficient_of_variation([1, 2], [1, 3]))
    assert both[2002, "e"] == pytest.approx(coefficient_of_variation([3, 1, 9]))
    assert both[2002, "a"] == 0.0
    shuffled = np.random.default_rng(0).permutation(len(frame))
    mixed = variation_among(*(column.iloc[shuffled] for column in (frame["x"], pd.Series(year))), corrected=True)
    np.testing.assert_allclose(mixed, variation_among(frame["x"], year, corrected=True).iloc[shuffled])


def test_what_has_no_variation_is_refused_by_year_and_group():
    frame, year = among()
    refusals = [
        (frame["x"].where(frame["x"] != 4), r"year 2001, group 2 has one unit with a value"),
        (frame["x"].where(frame["g"] == 2, 0.0), r"year 2001, group 1: all values are zero"),
        (frame["x"] - 2, r"zero or greater; found year 2001, unit a: values = -1"),
    ]
    for values, message in refusals:
        with pytest.raises(EstimationError, match=message):
            variation_among(values, year, group=frame["g"])
    with pytest.raises(EstimationError, match=r"weight = 0"):
        variation_among(frame["x"], year, frame["w"] - 1)
    with pytest.raises(EstimationError, match="at least two values"):
        coefficient_of_variation([1.0], corrected=True)
    with pytest.raises(EstimationError, match="no positive income"):
        coefficient_of_variation([0.0, 0.0])


def test_missing_incomes_are_left_out_and_bad_ones_named():
    assert gini([1.0, 3.0, np.nan]) == gini([1.0, 3.0])
    with pytest.raises(EstimationError, match=r"theil_t: .*greater than zero; found row 1: income = 0"):
        theil_t([1.0, 0.0])
    with pytest.raises(EstimationError, match="no positive income"):
        gini([0.0, 0.0])
    with pytest.raises(EstimationError, match="has no group"):
        theil_decomposition([1.0, 2.0], ["a", None])
    with pytest.raises(EstimationError, match="2 group labels for 3 incomes"):
        theil_decomposition([1.0, 2.0, 3.0], ["a", "b"])
    with pytest.raises(EstimationError, match="at least two incomes"):
        gini([1.0], corrected=True)


@pytest.mark.parametrize("ratio", [1.2, 2.0, 2.5, 4.0, 7.9, 8.1, 50.0])
def test_smallest_ratio_undoes_the_largest_theil(ratio):
    """m = r ln r / (r - 1), T = m - 1 - ln m, solved back for r; below, above and at each doubling of the search."""
    m = ratio * np.log(ratio) / (ratio - 1)
    assert smallest_ratio(m - 1 - np.log(m)) == pytest.approx(ratio, rel=1e-9)


def test_no_inequality_needs_no_ratio():
    assert smallest_ratio(0.0) == 1.0
    assert theil_maximum(1.0) == 0.0
    assert theil_maximum(0.5) == pytest.approx(theil_maximum(2.0), rel=1e-15)
    with pytest.raises(EstimationError, match="not negative"):
        smallest_ratio(-1e-9)
