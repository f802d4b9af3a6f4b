"""Winsorising (Canadian occupational incomes, R's psych::winsor; Stata's quantiles) and deflation."""

import numpy as np
import pandas as pd
import pytest
from shidian.errors import EstimationError
from shidian.exhibits.winsorise import winsorised
from shidian.indicators.chain_index import chain_index
from shidian.indicators.deflate import deflate
from shidian.indicators.inputs import Inputs
from shidian.indicators.winsorise import compute, winsorise


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


def yearly():
    """Eleven units in two years: 0 to 10, and a hundred times as much; a third year has no value."""
    index = pd.MultiIndex.from_product([[f"u{i:02d}" for i in range(11)], [2001, 2002, 2003]], names=["unit", "year"])
    unit, year = index.codes
    return pd.Series(np.where(year == 2, np.nan, unit * np.where(year == 1, 100.0, 1.0)), index=index, name="x")


def test_winsorising_by_year_sets_to_the_quantiles_of_the_year():
    """The tenths of 0 to 10 are 1 and 9: two values a year are set; pooled it would be all of the second year."""
    x = yearly()
    options = {"lower": 0.1, "upper": 0.9, "by": "year"}
    found = compute(Inputs("tamed", {"values": x}, options, x.to_frame()))
    expected = x.unstack().clip(pd.Series({2001: 1.0, 2002: 100.0, 2003: np.nan}),
                                pd.Series({2001: 9.0, 2002: 900.0, 2003: np.nan}), axis=1)  # fmt: skip
    pd.testing.assert_frame_equal(found.values.unstack(), expected)
    assert [(line["rows"], line["reason"]) for line in found.ledger] == [
        (4, "set to the quantiles 0.1 and 0.9 of their year")
    ]
    with pytest.raises(EstimationError, match="has no value"):
        compute(Inputs("tamed", {"values": x * np.nan}, options, x.to_frame()))


def test_a_column_winsorised_by_year_says_so():
    panel = yearly().reset_index().sample(frac=1, random_state=1).set_index(np.zeros(33, dtype=int))
    declared = {"variables": ["x"], "lower": 0.1, "upper": 0.9, "by": "year"}
    found, sentence = winsorised(panel, declared)
    kept = found.set_index(["unit", "year"])["x"].unstack()
    assert kept.min().tolist()[:2] == [1.0, 100.0]
    assert kept.max().tolist()[:2] == [9.0, 900.0]
    assert kept[2003].isna().all()
    assert sentence == "Winsorised at the 0.1 and 0.9 quantiles of each year (type 7): x (4 values)."
    pooled, sentence = winsorised(panel, {key: declared[key] for key in ("variables", "lower", "upper")})
    assert pooled["x"].max() == np.nanquantile(panel["x"], 0.9)
    assert "pooled sample" in sentence


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
