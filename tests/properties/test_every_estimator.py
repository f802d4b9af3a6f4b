"""Properties of every estimator over random panels: right or missing with a reason, never silently wrong.

Few examples a subject in the default run, 500 in the slow one.
"""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from shidian.did.staggered import ESTIMATORS
from shidian.placebo_estimators import estimators
from shidian.study.kinds import kinds

from tests.properties.checks import (
    check_errors,
    check_no_effect_dropped,
    check_same_numbers,
    check_same_statistics,
    check_truth,
    check_words,
)
from tests.properties.panels import SCALES, Shape, relabelled, rows, shapes, shifted
from tests.properties.subjects import NO_EFFECT, STAGGERED, SUBJECTS, Subject

FEW, MANY = 4, 500
QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
subject = pytest.mark.parametrize("name", list(SUBJECTS))


def drawn(check: Callable[..., None], name: str, examples: int, **more: st.SearchStrategy) -> None:
    """Run a check of one subject on random shapes of panel."""
    tried = SUBJECTS[name]

    @settings(
        max_examples=examples, derandomize=True, deadline=None, suppress_health_check=QUIET, database=None,
        phases=[Phase.generate],
    )  # fmt: skip
    @given(shape=shapes(comparable=tried.comparable), **more)
    def run(shape: Shape, **values: object) -> None:
        check(tried, shape, **values)

    run()


def right_or_missing(tried: Subject, shape: Shape) -> None:
    """Without disturbances: the planted effect or a dash with its reason, and no error where there is no noise."""
    result = tried.run(rows(shape, tried.noise), shape)
    check_truth(tried, result)
    check_no_effect_dropped(result)
    check_words(result)
    if tried.outcome == "y":
        check_errors(result)


def whatever_the_unit(tried: Subject, shape: Shape, scale: float) -> None:
    """With disturbances: no zero error; outcome and each regressor in another unit give the same statistics."""
    frame = rows(shape, 1.0)
    result = tried.run(frame, shape)
    check_errors(result)
    check_no_effect_dropped(result)
    check_words(result)
    for column in (tried.outcome, *tried.regressors):
        check_same_statistics(tried, result, tried.run(frame.assign(**{column: frame[column] * scale}), shape))


def whatever_the_names(tried: Subject, shape: Shape, to_zero: bool) -> None:
    """Order of rows, names of units and the first year do not matter, not even where a cohort adopts in year 0."""
    frame = rows(shape, 1.0)
    result = tried.run(frame, shape)
    check_same_numbers(result, tried.run(relabelled(frame), shape), tried.drawn)
    years = -min(g for g in shape.starts if g >= 2000) if to_zero else 17
    later = shifted(shape, years)
    check_same_numbers(result, tried.run(rows(later, 1.0), later))


@subject
def test_right_or_missing_with_a_reason(name):
    drawn(right_or_missing, name, FEW)


@subject
def test_units_of_measure_do_not_matter(name):
    drawn(whatever_the_unit, name, FEW, scale=st.sampled_from(SCALES))


@subject
def test_order_names_and_first_year_do_not_matter(name):
    drawn(whatever_the_names, name, FEW, to_zero=st.booleans())


@pytest.mark.slow
@subject
def test_right_or_missing_with_a_reason_often(name):
    drawn(right_or_missing, name, MANY)


@pytest.mark.slow
@subject
def test_units_of_measure_do_not_matter_often(name):
    drawn(whatever_the_unit, name, MANY, scale=st.sampled_from(SCALES))


@pytest.mark.slow
@subject
def test_order_names_and_first_year_do_not_matter_often(name):
    drawn(whatever_the_names, name, MANY, to_zero=st.booleans())


def test_no_estimator_is_left_out():
    asked = {s.kind for s in SUBJECTS.values()}
    assert asked.isdisjoint(NO_EFFECT)
    assert asked | NO_EFFECT == set(kinds())
    assert {s.estimator for s in SUBJECTS.values() if s.kind == "staggered_did"} == set(ESTIMATORS) == set(STAGGERED)
    assert {s.estimator for s in SUBJECTS.values() if s.kind == "placebo"} == set(estimators())
