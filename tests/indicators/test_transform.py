"""Winsorising (Canadian occupational incomes, R's psych::winsor; Stata's quantiles) and deflation."""

import numpy as np
import pandas as pd
import pytest
from shidian.errors import EstimationError
from shidian.indicators.chain_index import chain_index
from shidian.indicators.deflate import deflate
from shidian.indicators.winsorise import winsorise


@pytest.mark.parametrize(
    ("trim", "mean", "sd", "low", "high"),
    [
        (0.05, 6534.25980392, 3144.71108917, 2455.3, 14156.45),
        (0.01, 6794.27313725, 4211.01935756, 925.38, 25247.55),
    ],
)
def test_type_7_matches_psych_winsor(reference, trim, mean, sd, low, high):
    income = pd.read_csv(reference / "carData_Prestige.csv")["income"]
    found = winsorise(income, trim, 1 - trim)
    assert found.values.mean() == pytest.approx(mean, rel=1e-10)
    assert found.values.std() == pytest.approx(sd, rel=1e-10)
    assert (found.low, found.high) == pytest.approx((low, high), rel=1e-12)
    assert (found.values.min(), found.values.max()) == pytest.approx((low, high), rel=1e-12)
    assert found.n_low == (income < low).sum()
    assert found.n_high == (income > high).sum()


def test_type_2_matches_stata_quantiles(reference):
    income = pd.read_csv(reference / "carData_Prestige.csv")["income"]
    outer, inner = winsorise(income, 0.01, 0.99, "type2"), winsorise(income, 0.05, 0.95, "type2")
    assert [outer.low, inner.low, inner.high, outer.high] == [918, 2448, 14163, 25308]


def test_winsorising_keeps_missing_values_order_and_everything_inside():
    x = pd.Series([5.0, np.nan, 1, 2, 3, 4, 100], index=list("abcdefg"), name="x")
    found = winsorise(x, 0.2, 0.8)
    assert found.values.isna().tolist() == x.isna().tolist()
    assert found.values.name == "x"
    assert found.values["g"] == 5.0 == found.high
    assert found.values["d"] == 2.0
    assert (found.n_low, found.n_high) == (1, 1)
    again = winsorise(x * 1000, 0.2, 0.8)
    np.testing.assert_allclose(again.values, found.values * 1000)
    assert x["g"] == 100


def test_bad_limits_are_refused():
    with pytest.raises(EstimationError, match="0 <= lower < upper <= 1"):
        winsorise([1.0, 2.0], 0.9, 0.1)
    with pytest.raises(EstimationError, match=r"'typ7' is not one of type7, type2 \(did you mean 'type7'"):
        winsorise([1.0, 2.0], quantiles="typ7")
    with pytest.raises(EstimationError, match="has no value"):
        winsorise([np.nan])


def test_chain_index_and_deflation_by_hand():
    frame = pd.DataFrame({
        "unit": ["a"] * 3 + ["b"] * 3, "year": [2009, 2010, 2011] * 2, "cpi": [np.nan, 110.0, 105, 101, 100, 98],
    })  # fmt: skip
    index = chain_index(frame["cpi"], frame["unit"], frame["year"], base_year=2010)
    assert index.tolist() == pytest.approx([1 / 1.1, 1, 1.05, 1, 1, 0.98])
    shuffled = frame.sample(frac=1, random_state=0)
    again = chain_index(shuffled["cpi"], shuffled["unit"], shuffled["year"], base_year=2010)
    assert again.sort_index().tolist() == index.tolist()
    assert deflate(pd.Series([110.0] * 6), index).tolist() == pytest.approx(
        [121, 110, 110 / 1.05, 110, 110, 110 / 0.98]
    )


def test_bad_indices_are_named():
    year = [2009, 2010, 2011]
    with pytest.raises(EstimationError, match="unit a has no row for the base year 2000"):
        chain_index([100.0] * 3, ["a"] * 3, year, 2000)
    with pytest.raises(EstimationError, match="unit a have a gap or repeat after 2009"):
        chain_index([100.0] * 2, ["a"] * 2, [2009, 2011], 2009)
    with pytest.raises(EstimationError, match="unit a, year 2010: the index is missing"):
        chain_index([100.0, np.nan, 100.0], ["a"] * 3, year, 2009)
    with pytest.raises(EstimationError, match="row 1: index = 0"):
        chain_index([100.0, 0.0, 100.0], ["a"] * 3, year, 2009)
    with pytest.raises(EstimationError, match="divide it by 100"):
        deflate([1.0, 1.0], [100.0, 102.0])
