"""How p-values, signs and statistics are printed, and how resampled p-values are counted."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shidian.did.cluster_sums import cluster_sums
from shidian.did.twfe import regress
from shidian.did.wild_bootstrap import Signs, p_value, romano_wolf, wild_draws
from shidian.estimates import Fit
from shidian.exhibits.bootstrap_rows import bootstrap_estimates
from shidian.exhibits.notes import errors_sentence
from shidian.exhibits.regression_table import Style
from shidian.exhibits.result import StudyInfo
from shidian.placebo.assign import distinct_assignments, draw_assignments, permutation, random_years
from shidian.printed import fixed, p_text, p_words

BY_UNIT = {"kind": "cluster", "by": "unit"}


@pytest.mark.parametrize(
    ("p", "digits", "text"),
    [
        (0.0312, 4, "0.0312"), (0.00005001, 4, "0.0001"), (0.00004999, 4, "< 0.0001"), (0.0, 4, "< 0.0001"),
        (0.0004, 3, "< 0.001"), (0.0006, 3, "0.001"), (1.0, 4, "1.0000"),
    ],
)  # fmt: skip
def test_a_small_p_is_never_printed_as_zero(p, digits, text):
    assert p_text(p, digits) == text
    assert Style(digits).p(p) == text
    assert p_words(p, digits) == (f"p {text}" if "<" in text else f"p = {text}")


@given(st.floats(0, 1), st.integers(1, 6))
def test_no_p_reads_as_zero(p, digits):
    text = p_text(p, digits)
    assert float(text.removeprefix("< ")) > 0
    assert not text.startswith("<") or p < float(text[2:])


@pytest.mark.parametrize(("value", "text"), [(-0.0004, "-0.000"), (0.0004, "0.000"), (0.0, "0.000"), (-0.0, "0.000")])
def test_a_negative_number_keeps_its_sign_where_it_rounds_to_zero(value, text):
    assert fixed(value, 3) == text
    assert Style.of({"digits": 3, "tiny": "zero"}).number(value) == text


def test_a_normal_test_is_a_z_statistic():
    style, info = Style(parentheses="t"), StudyInfo("s", "city", "did")
    for df, name in ((np.inf, "z"), (30.0, "t")):
        fit = Fit(("did",), np.ones(1), np.ones((1, 1)), df, 100, 10, vcov_kind="clustered by unit (CRV1)")
        assert errors_sentence(fit, info, style.errors_words(fit.df)).startswith(f"{name} statistics in parentheses; ")


def regression(units, seed=3):
    rng = np.random.default_rng(seed)
    unit, year = np.repeat(np.arange(units), 6), np.tile(np.arange(6), units)
    frame = pd.DataFrame({"unit": [f"u{i:02d}" for i in unit], "year": 2001 + year})
    frame["did"] = ((unit % 2 == 0) & (year >= 2 + unit % 3)).astype(float)
    frame["y"] = frame["did"] + rng.normal(size=len(frame))
    return regress(frame, "y", ["did"], ["unit", "year"], BY_UNIT)


def test_every_sign_pattern_gives_a_fraction_in_which_the_samples_own_counts():
    fitted = regression(5)
    sums = cluster_sums(fitted, "did", ["unit", "year"], "unit")
    signs = Signs(len(sums.labels), 99, seed=1)
    assert signs.every
    assert len(signs) == 32
    drawn = wild_draws(sums, signs)
    t = np.abs(drawn.t_statistics())
    count = int((t >= abs(sums.t_sample()) * (1 - 1e-10)).sum())
    assert count >= 2, "the sample's own pattern and its mirror image"
    assert p_value(drawn) == count / 32
    assert romano_wolf([sums], 99, seed=1)[0] == count / 32


def test_random_draws_give_one_plus_the_count_over_one_plus_the_draws():
    sums = cluster_sums(regression(12), "did", ["unit", "year"], "unit")
    signs = Signs(len(sums.labels), 199, seed=1)
    assert not signs.every
    drawn = wild_draws(sums, signs)
    t = np.abs(drawn.t_statistics())
    count = int((t >= abs(sums.t_sample()) * (1 - 1e-10)).sum())
    assert p_value(drawn) == (1 + count) / 200
    assert romano_wolf([sums], 199, seed=1)[0] == (1 + count) / 200


@pytest.mark.parametrize(
    ("units", "said"),
    [
        (5, "Wild cluster bootstrap p: the share at least as extreme of all sign patterns (32 of 5 clusters)."),
        (12, "Wild cluster bootstrap p: (1 + number at least as extreme) / (1 + draws)."),
    ],
)
def test_the_note_says_how_p_is_counted(units, said):
    settings = {"label": "(1)", "treatment": "did", "fixed_effects": ["unit", "year"], "vcov": BY_UNIT}
    info = StudyInfo("s", "city", "did", seed=1)
    found = bootstrap_estimates([(settings, regression(units))], {"wild_bootstrap": {"draws": 199}}, info, "e")
    assert said in found.sentences
    assert (found.estimates["p"] > 0).all()


def test_distinct_assignments_are_those_that_can_be_drawn():
    schemes = [
        permutation(np.array([1, 1, 2]), np.zeros(3, int), np.zeros(5, int)),
        permutation(np.array([1, 2]), np.array([0, 1]), np.array([0, 0, 0, 1, 1]), ["a", "b"]),
        random_years(np.zeros(2, int), np.zeros(4, int), np.array([1, 2, 3])),
    ]
    for scheme in schemes:
        units, cohorts = draw_assignments(scheme, 7, 0, 3999)
        drawn = {tuple(sorted(zip(u, c, strict=True))) for u, c in zip(units.tolist(), cohorts.tolist(), strict=True)}
        assert len(drawn) == distinct_assignments(scheme)
