"""Urban-rural income gap, on numbers worked out by hand."""

import numpy as np
import pandas as pd
import pytest
from shidian.errors import EstimationError
from shidian.indicators.gini import gini_two_groups
from shidian.indicators.income_ratio import income_ratio
from shidian.indicators.log_income_gap import log_income_gap
from shidian.indicators.theil import theil_urban_rural

INDEX = pd.MultiIndex.from_tuples([("110000", 2010), ("110000", 2011), ("120000", 2010)], names=["unit", "year"])


def column(*values):
    return pd.Series(values, index=INDEX, dtype=float)


def test_values_by_hand():
    # half the people in town with three times the income: shares 3/4 and 1/4 of income
    urban, rural, town, country = column(3, 2, 1), column(1, 1, 1), column(5, 1, 2), column(5, 1, 2)
    theil = theil_urban_rural(urban, rural, town, country)
    assert theil.iloc[0] == pytest.approx(0.75 * np.log(1.5) + 0.25 * np.log(0.5), rel=1e-14)
    assert theil.iloc[2] == 0.0
    gini = gini_two_groups(urban, rural, town, country)
    assert gini.tolist() == pytest.approx([0.25 * 2 / 2, 0.25 * 1 / 1.5, 0.0], rel=1e-14)
    assert income_ratio(urban, rural).tolist() == [3.0, 2.0, 1.0]
    assert log_income_gap(column(3, 2, 5), rural).tolist() == pytest.approx([np.log(2), 0.0, np.log(4)])
    assert theil.index.equals(INDEX)


def test_a_missing_input_makes_a_missing_result_and_inputs_are_not_changed():
    urban, rural = column(3, np.nan, 1), column(1, 1, 1)
    theil = theil_urban_rural(urban, rural, rural, rural)
    assert theil.isna().tolist() == [False, True, False]
    assert urban.isna().tolist() == [False, True, False]


@pytest.mark.parametrize("bad", [0.0, -1.0, np.inf])
def test_zero_negative_and_infinite_are_named_by_unit_and_year(bad):
    good = column(1, 1, 1)
    with pytest.raises(EstimationError, match=r"theil_urban_rural: .*unit 110000, year 2011: rural_population = "):
        theil_urban_rural(good, good, good, column(1, bad, 1))
    with pytest.raises(EstimationError, match=r"gini_two_groups: .*unit 110000, year 2011: urban_income = "):
        gini_two_groups(column(1, bad, 1), good, good, good)
    with pytest.raises(EstimationError, match=r"income_ratio: .*unit 110000, year 2011"):
        income_ratio(good, column(1, bad, 1))


def test_a_gap_that_is_not_positive_has_no_logarithm():
    with pytest.raises(EstimationError, match=r"unit 120000, year 2010: urban minus rural income = 0"):
        log_income_gap(column(3, 2, 1), column(1, 1, 1))


def test_inputs_on_other_rows_are_refused():
    with pytest.raises(EstimationError, match="has other rows"):
        income_ratio(column(1, 1, 1), column(1, 1, 1).iloc[::-1])
    with pytest.raises(EstimationError, match="something else than numbers"):
        income_ratio(column(1, 1, 1), pd.Series(["a", "b", "c"], index=INDEX))
