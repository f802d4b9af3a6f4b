"""Slips planted into smooth series are found, at their cell; series that only look odd have none."""

import numpy as np
import pytest
from shidian.misprints.digits import swapped
from shidian.misprints.find import find_slips
from shidian.misprints.table import Table, decimals, is_rounded

UNITS, YEARS = 30, 12


def smooth(seed: int, units: int = UNITS, years: int = YEARS, noise: float = 0.03) -> np.ndarray:
    """Values of units of very different sizes that grow together, a little apart from each other."""
    rng = np.random.default_rng(seed)
    size = rng.lognormal(7, 1.2, (units, 1))
    growth = 0.08 + 0.02 * rng.standard_normal((units, 1)) + 0.05 * rng.standard_normal((1, years)).cumsum(axis=1) / 5
    return np.round(size * np.exp(growth * np.arange(years) + noise * rng.standard_normal((units, years))), 2) + 5


def table(values: np.ndarray, series: str = "gdp", measure: str = "亿元") -> Table:
    names = tuple(f"unit {i}" for i in range(len(values)))
    return Table(series, measure, names, tuple(map(str, range(2004, 2004 + values.shape[1]))), values)


def found(values: np.ndarray, **words: str) -> set[tuple[str, tuple[tuple[int, int], ...]]]:
    return {(slip.kind, slip.cells) for slip in find_slips([table(values, **words)])}


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("shape", [(30, 12), (300, 20), (31, 3), (31, 2), (4, 12), (1, 12)])
def test_series_without_slips_have_none(seed, shape):
    assert found(smooth(seed, *shape)) == set()


@pytest.mark.parametrize("power", [-4, -3, -2, -1, 1, 2, 3, 4])
@pytest.mark.parametrize("year", [0, 1, 6, 10, 11])
@pytest.mark.parametrize("shape", [(30, 12), (4, 12)])
def test_a_power_of_ten_is_found_at_its_cell(power, year, shape):
    values = smooth(3, *shape)
    values[2, year] *= 10.0**power
    assert found(values) == {("factor", ((2, year),))}


def test_it_does_not_matter_in_what_order_and_unit_the_values_stand():
    values = smooth(4)
    values[7, 5] *= 100
    values[9, 2] = 0
    order = np.random.default_rng(0).permutation(UNITS)
    again = {(kind, tuple((int(order[i]), t) for i, t in cells)) for kind, cells in found(values[order] * 1024)}
    assert again == found(values) == {("factor", ((7, 5),)), ("zero", ((9, 2),))}


def test_values_before_and_after_gaps_are_compared():
    values = smooth(5)
    values[3, [4, 6]] = np.nan
    values[3, 5] *= 10
    assert found(values) == {("factor", ((3, 5),))}


def test_two_years_have_one_finding_that_names_both():
    values = smooth(6, 31, 2)
    values[10, 1] *= 10
    slips = find_slips([table(values)])
    assert [(slip.kind, {i for i, _ in slip.cells}) for slip in slips] == [("factor", {10})]
    assert "one of the two is wrong" in slips[0].why


def test_a_whole_period_and_a_lasting_change_are_one_finding():
    values = smooth(7)
    values[:, 4] *= 10_000
    ((kind, cells),) = found(values)
    assert kind == "shift"
    assert cells == tuple((i, 4) for i in range(UNITS))
    later = smooth(7)
    later[:, 9:] /= 10_000
    ((kind, cells),) = found(later)
    assert kind == "shift"
    assert {t for _, t in cells} == {9, 10, 11}
    one = smooth(7)
    one[5, 8:] *= 10
    assert found(one) == {("shift", tuple((5, t) for t in range(8, 12)))}


def test_a_factor_is_seen_beside_that_of_the_whole_period():
    values = smooth(8)
    values[:, 4] *= 10
    values[2, 7] *= 1000
    assert ("factor", ((2, 7),)) in found(values)


@pytest.mark.parametrize("value", [0.0, -1.0])
def test_zero_and_minus_in_a_positive_series(value):
    values = smooth(9)
    values[2, 6] = value * values[2, 6]
    kind = "zero" if value == 0 else "negative"
    assert found(values) == {(kind, ((2, 6),))}


def test_zeroes_of_a_whole_period_are_one_finding():
    values = smooth(10)
    values[:, 3] = 0
    assert found(values) == {("zero", tuple((i, 3) for i in range(UNITS)))}


def test_small_counts_reach_zero_by_themselves():
    counts = np.random.default_rng(0).poisson(6, (40, 15)).astype(float)
    assert found(counts, measure="件") == set()


@pytest.mark.parametrize("seed", range(6))
def test_swapped_digits(seed):
    values = np.round(smooth(seed, noise=0.005) * 10)
    planted = set()
    for unit in range(0, UNITS, 5):
        text = f"{values[unit, 5]:.0f}"
        if text[1] == "0" or abs(np.log10(int(text[1]) / int(text[0]))) < 0.1:
            continue
        values[unit, 5] = float(text[1] + text[0] + text[2:])
        planted.add(("digits", ((unit, 5),)))
    told = found(values)
    assert told <= planted
    assert 2 * len(told) >= len(planted) > 1


def test_the_numbers_that_two_swapped_digits_give():
    assert list(swapped(1.5)) == [5.1]
    assert list(swapped(0.12345678912)) == []


def test_a_repeated_column_is_found_once():
    values = smooth(12)
    values[:, 7] = values[:, 6]
    ((kind, cells),) = found(values)
    assert kind == "repeated"
    assert cells == tuple((i, 7) for i in range(UNITS))


def test_a_repeated_block_of_rows():
    values = smooth(13)
    values[10:18, 3] = values[10:18, 8]
    assert found(values) == {("repeated", tuple((i, 8) for i in range(10, 18)))}


def test_numbers_of_the_column_beside():
    one, other = smooth(14), smooth(15)
    other[:, 5] = one[:, 5]
    slips = find_slips([table(one, "revenue"), table(other, "expenditure")])
    assert [slip.series for slip in slips if slip.kind == "repeated"] == ["expenditure"]
    assert "revenue" in slips[0].why or "revenue" in slips[-1].why


def test_a_row_with_the_numbers_of_another_unit():
    tables = [smooth(seed) for seed in range(20, 25)]
    for values in tables:
        values[21, 4] = values[20, 4]
    kinds = {(slip.kind, slip.cells[0]) for slip in find_slips([table(v, f"s{i}") for i, v in enumerate(tables)])}
    assert ("repeated", (21, 4)) in kinds
    path = smooth(26)
    path[9] = path[2]
    assert ("repeated", ((9, 0),)) in found(path)


def test_what_is_equal_as_a_rule_is_no_slip():
    area = np.repeat(smooth(16)[:, :1], YEARS, axis=1)
    assert found(area, measure="平方公里") == set()
    assert found(area, measure="个") == set()
    cpi = np.repeat(100 + np.round(np.random.default_rng(1).normal(2, 1, (3, YEARS)), 1), 10, axis=0)
    assert found(cpi, measure="%") == set()


def test_wild_series_have_no_slips():
    rng = np.random.default_rng(2)
    assert found(np.round(rng.lognormal(5, 1.5, (200, 12)), 1)) == set()
    assert found(np.round(rng.lognormal(5, 0.8, (200, 12)).cumprod(axis=1) ** 0.3, 1)) == set()


def test_nothing_to_compare():
    assert find_slips([]) == []
    assert found(np.full((3, 4), np.nan)) == set()
    assert found(smooth(17, 300, 1)) == set()


def test_rounded_and_decimals():
    assert is_rounded(np.array([0, 7, 120, 0.35, np.nan, 121, 3.01])).tolist() == [True] * 5 + [False] * 2
    assert decimals(np.array([1.5, 2.25, np.nan])) == 2
    assert decimals(np.array([np.float32(9.26), np.float32(15.81)], dtype=float)) == 2
