"""Assignments: what each mode keeps and what it draws, and that draw d is itself whatever the chunk."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from placebo_panels import BASE, make_panel
from shidian.errors import EstimationError
from shidian.placebo import fast
from shidian.placebo.assign import draw_assignments, earlier_years, permutation, random_years
from shidian.placebo.columns import NEVER
from shidian.placebo.prepare import prepare
from shidian.placebo.settings import read_settings

COHORTS = np.array([1, 1, 2, 4, 4, 4])
ONE = np.zeros(20, dtype=np.int64)


@given(seed=st.integers(0, 2**64), first=st.integers(0, 2**31), size=st.integers(1, 40), cut=st.integers(0, 39))
@settings(max_examples=40, deadline=None)
def test_a_draw_does_not_depend_on_the_chunk(seed: int, first: int, size: int, cut: int) -> None:
    scheme = random_years(np.zeros(6, dtype=np.int64), ONE, np.arange(1, 8))
    units, cohorts = draw_assignments(scheme, seed, first, first + size - 1)
    j = min(cut, size - 1)
    alone_units, alone_cohorts = draw_assignments(scheme, seed, first + j, first + j)
    assert (units[j] == alone_units[0]).all()
    assert (cohorts[j] == alone_cohorts[0]).all()


def test_permutation_keeps_cohort_sizes_and_reaches_every_unit() -> None:
    units, cohorts = draw_assignments(permutation(COHORTS, np.zeros(6, dtype=np.int64), ONE), 1, 0, 1999)
    assert (np.sort(cohorts, axis=1) == COHORTS).all()
    assert all(len(set(row)) == 6 for row in units.tolist())
    counts = np.bincount(units.ravel(), minlength=20)  # 2000 x 6 / 20 = 600 each; sd about 20
    assert (np.abs(counts - 600) < 100).all()
    first_place = np.bincount(units[:, 0], minlength=20)
    assert (np.abs(first_place - 100) < 45).all()


def test_a_permutation_of_all_units_has_every_order() -> None:
    """Three units, three cohorts: six orders, each a sixth of the draws."""
    scheme = permutation(np.array([1, 2, 3]), np.zeros(3, dtype=np.int64), np.zeros(3, dtype=np.int64))
    units, _ = draw_assignments(scheme, 3, 0, 5999)
    orders, counts = np.unique(units, axis=0, return_counts=True)
    assert len(orders) == 6
    assert ((counts - 1000) ** 2 / 1000).sum() < 20.5  # 99.9% point of chi-square(5)


def test_strata_keep_their_own_cohorts() -> None:
    stratum = np.arange(20) % 4
    where = np.array([0, 0, 1, 1, 3, 3])
    units, cohorts = draw_assignments(permutation(COHORTS, where, stratum), 1, 0, 499)
    assert (stratum[units] == where).all()
    assert (cohorts == COHORTS).all()
    assert set(units.ravel().tolist()) == set(np.flatnonzero(stratum != 2).tolist())


def test_random_years_are_uniform_over_the_years_given() -> None:
    scheme = random_years(np.zeros(6, dtype=np.int64), ONE, np.array([2, 3, 7]))
    _, cohorts = draw_assignments(scheme, 1, 0, 999)
    values, counts = np.unique(cohorts, return_counts=True)
    assert values.tolist() == [2, 3, 7]
    assert (np.abs(counts - 2000) < 150).all()


def test_earlier_years_come_from_the_units_own() -> None:
    units, cohorts = draw_assignments(earlier_years(np.array([4, 9]), [np.array([1]), np.array([2, 5])]), 1, 0, 99)
    assert (units == [4, 9]).all()
    assert set(map(tuple, cohorts.tolist())) == {(1, 2), (1, 5)}


@pytest.mark.parametrize("mode", ["permute", "random", "in_time"])
def test_modes_on_a_panel(mode: str) -> None:
    panel = make_panel(balanced=False)
    prepared = prepare(panel, read_settings({**BASE, "mode": mode}, 7), "policy")
    design = prepared.design
    units, cohorts = draw_assignments(prepared.scheme, 7, 0, 199)
    adoption = panel.groupby("unit")["adoption_year"].first()
    treated = adoption.dropna()
    assert units.shape[1] == len(treated)
    years = design.years[cohorts]
    if mode == "permute":
        assert (np.sort(years, axis=1) == np.sort(treated.to_numpy(int))).all()
        assert (design.cohort != NEVER).sum() == len(treated)
    elif mode == "random":
        assert set(years.ravel().tolist()) == set(range(2002, 2009))
    else:
        assert (design.unit_names[units] == treated.index.to_numpy()).all()
        assert (years < treated.to_numpy(int)).all()
        assert (design.frame["year"] < design.frame["true_adoption_year"].fillna(9999)).all()


def test_more_treated_than_units() -> None:
    with pytest.raises(EstimationError, match="each draw treats 6 units, but only 4 can be drawn"):
        permutation(COHORTS, np.zeros(6, dtype=np.int64), np.zeros(4, dtype=np.int64))


def test_a_stratum_smaller_than_its_treated_count() -> None:
    stratum = np.array([0, 0, 0, 0, 0, 1])
    with pytest.raises(EstimationError, match="2 units in stratum 'west', but only 1 can be drawn"):
        permutation(np.array([1, 1, 1]), np.array([0, 1, 1]), stratum, ["east", "west"])


def test_units_of_one_tile_stay_as_they_were_drawn():
    """What is not compiled for them is what the sorting into tiles gives."""
    units, cohorts = draw_assignments(permutation(COHORTS, np.zeros(6, dtype=np.int64), ONE), 1, 0, 9)
    for ours, sorted_ in zip(fast._one_tile(units, cohorts, 1), fast._by_tile.py_func(units, cohorts, 1), strict=True):
        assert ours.dtype == sorted_.dtype
        assert (ours == sorted_).all()
