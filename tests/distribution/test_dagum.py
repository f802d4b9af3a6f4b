"""Dagum's decomposition: double sums in R, the Gini coefficient of all rows, properties, refusals."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shidian.distribution.dagum import dagum
from shidian.errors import EstimationError
from shidian.exhibits.distribution.dagum_gini.estimate import PARTS
from shidian.exhibits.result import StudyInfo
from shidian.indicators.inequality import gini

from tests.exhibits.exhibit_checks import run_exhibit
from tests.kinds.example_panel import INFO, example_panel

VALUES = {"A": [12.5, 3.1, 7.7, 20.4, 5.0], "B": [9.9, 1.2, 15.3], "C": [30.2, 11.1, 18.8, 25.5]}
Y = [value for values in VALUES.values() for value in values]
G = [name for name, values in VALUES.items() for _ in values]


def test_the_literal_double_sums_of_the_paper_in_r():
    """Numbers of R 4: outer() differences, d and p as means of positive and negative ones, D = (d - p) / (d + p)."""
    found = dagum(Y, G)
    parts = [found.gini, found.within, found.between, found.transvariation]
    expected = [0.3637730761252852, 0.0914747977598009, 0.2066479983405932, 0.0656502800248911]
    np.testing.assert_allclose(parts, expected, rtol=1e-12)
    np.testing.assert_allclose(
        found.groups["gini"], [0.345790554414784, 0.356060606060606, 0.186915887850467], rtol=1e-12
    )
    np.testing.assert_allclose(
        found.pairs["gini"], [0.387270765911543, 0.413937058445729, 0.440397350993378], rtol=1e-12
    )
    np.testing.assert_allclose(
        found.pairs["affluence"], [0.13091922005571, 0.904577191621412, 0.947368421052632], rtol=1e-12
    )


@settings(max_examples=12, deadline=None, derandomize=True)
@given(st.integers(0, 10**6), st.floats(1e-6, 1e6), st.integers(2, 5))
def test_parts_sum_to_the_gini_whatever_units_order_and_names(seed, factor, k):
    rng = np.random.default_rng(seed)
    y, g = rng.lognormal(size=40).round(2), np.r_[np.arange(k), rng.integers(0, k, 40 - k)]
    base = dagum(y, g)
    assert base.gini == pytest.approx(gini(y), rel=1e-12)
    assert min(base.within, base.between, base.transvariation) >= 0
    assert base.pairs["affluence"].between(0, 1).all()
    order = rng.permutation(40)
    for other in (dagum(y * factor, g), dagum(y[order], g[order]), dagum(y, k - g), dagum(np.r_[y, y], np.r_[g, g])):
        for part in ("gini", "within", "between", "transvariation"):
            assert getattr(other, part) == pytest.approx(getattr(base, part), rel=1e-9, abs=1e-12)


def test_a_weight_is_so_many_rows():
    times = np.array([1, 3, 2, 1, 4, 2, 2, 1, 5, 1, 1, 3])
    repeated = dagum(np.repeat(Y, times), np.repeat(G, times))
    assert dagum(Y, G, times * 0.1).between == pytest.approx(repeated.between, rel=1e-12)
    assert dagum(Y, G, times).transvariation == pytest.approx(repeated.transvariation, rel=1e-12)


def test_groups_apart_have_no_transvariation_and_equal_means_nothing_between():
    apart = dagum([1.0, 2, 3, 10, 11], ["a", "a", "a", "b", "b"])
    assert apart.transvariation == 0
    assert apart.pairs["affluence"].tolist() == [1.0]
    assert dagum([1.0, 3, 2, 2], ["a", "a", "b", "b"]).between == 0


def test_a_group_of_zeros_and_one_value_throughout():
    zeros = dagum([0.0, 0, 1, 3], ["a", "a", "b", "b"])
    assert np.isnan(zeros.groups["gini"][0])
    assert zeros.gini == pytest.approx(gini([0.0, 0, 1, 3]))
    same = dagum([2.0, 2, 2], ["a", "a", "b"])
    assert (same.gini, np.isnan(same.pairs["affluence"][0])) == (0.0, True)


@pytest.mark.parametrize(
    ("values", "groups", "words"),
    [
        ([1.0, -2, 3], ["a", "a", "b"], "zero or greater; found row 1: value = -2"),
        ([1.0, 2, 3], ["a", "a", "a"], r"two groups or more, here are 1 \(a\); leave the year out"),
        ([0.0, 0, 0], ["a", "a", "b"], "no value above zero"),
        ([1.0, 2, 3], ["a", None, "b"], "a value has no group"),
    ],
)
def test_refusals(values, groups, words):
    with pytest.raises(EstimationError, match=words):
        dagum(values, groups)


def test_a_missing_value_is_left_out():
    assert dagum([*Y, np.nan], [*G, "A"]).gini == dagum(Y, G).gini


def exhibit(panel: pd.DataFrame, info: StudyInfo = INFO, **more):
    return run_exhibit("dagum_gini", panel, {"variable": "gie", "groups": {"variable": "large"}, **more}, {}, info)


def test_shares_sum_to_a_hundred_and_blocks_are_printed_as_declared():
    found = exhibit(example_panel(), show=["contributions"])
    wide = found.estimates.pivot(index="term", columns="column", values="estimate")
    shares = wide[["Inside groups, %", "Net between groups, %", "Transvariation, %"]].sum(axis=1)
    np.testing.assert_allclose(shares, 100)
    np.testing.assert_allclose(wide.loc["Mean", "Gini"], wide.drop("Mean")["Gini"].mean())
    assert [text for text, _ in found.table.header[0]] == ["Year", "Gini", *(f"{part}, %" for part in PARTS.values())]


def test_what_the_exhibit_refuses_names_unit_and_year_or_the_key():
    panel = example_panel()
    unit = panel.loc[5, "unit"]
    with pytest.raises(EstimationError, match=rf"zero or greater; found unit {unit}, year 2006: value = -1"):
        exhibit(panel.assign(gie=panel["gie"].mask(panel.index == 5, -1.0)))
    with pytest.raises(EstimationError, match="of 2003: a decomposition needs values in two groups"):
        exhibit(panel[(panel["year"] != 2003) | (panel["large"] == "small")])
    with pytest.raises(EstimationError, match="'years' names 1999, and the sample's years are 2001 to 2008"):
        exhibit(panel, years=[1999])


def test_rows_without_a_group_are_left_out_and_counted():
    panel = example_panel()
    gone = panel["unit"] == panel.loc[0, "unit"]
    found = exhibit(panel.assign(large=panel["large"].mask(gone)))
    assert found.ledger["rows"].tolist() == [8]
    assert {used.n_missing for used in found.used.values()} == {8}
    np.testing.assert_allclose(found.estimates["estimate"], exhibit(panel[~gone]).estimates["estimate"], rtol=1e-12)
