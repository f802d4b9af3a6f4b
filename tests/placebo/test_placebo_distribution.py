"""What a distribution of draws says, in numbers small enough to check by hand."""

import numpy as np
import pytest
from shidian.placebo.distribution import describe, off_centre, significant_shares


def test_moments_quantiles_and_their_errors() -> None:
    """1, 2, 3, 4 and a draw without a number; the truth is 3: two draws as large, three as small."""
    lines = {line.key: line for line in describe(np.array([4.0, np.nan, 1, 3, 2]), 3.0)}
    assert lines["observed"].number == 3
    assert (lines["mean"].number, lines["min"].number, lines["max"].number) == (2.5, 1, 4)
    assert lines["sd"].number == pytest.approx(np.sqrt(5 / 3), rel=1e-14)
    assert lines["mean"].error == pytest.approx(np.sqrt(5 / 3) / 2, rel=1e-14)
    quantiles = [lines[key].number for key in ("q10", "q25", "q50", "q75", "q90")]
    assert quantiles == pytest.approx([1.3, 1.75, 2.5, 3.25, 3.7])
    printed = [line for line in lines if line.startswith("q")]
    assert printed == ["q1", "q2.5", "q5", "q10", "q25", "q50", "q75", "q90", "q95", "q97.5", "q99"]
    assert (lines["p_two_sided"].number, lines["p_left"].number, lines["p_right"].number) == (3 / 5, 4 / 5, 3 / 5)
    assert lines["p_left"].error == pytest.approx(np.sqrt(0.8 * 0.2 / 4), rel=1e-14)
    assert lines["p_two_sided"].label == "Randomisation p, two-sided"


def test_one_draw_has_no_spread() -> None:
    lines = {line.key: line for line in describe(np.array([2.0]), 1.0)}
    assert lines["mean"].number == 2
    assert np.isnan([lines["sd"].number, lines["mean"].error]).all()


def test_shares_of_significant_draws() -> None:
    """p of .005, .03, .07, .5 and exactly .05: below a level, not at it."""
    lines = significant_shares(np.array([0.005, 0.03, np.nan, 0.07, 0.5, 0.05]))
    assert [(line.key, line.number) for line in lines] == [("share_10", 0.8), ("share_5", 0.4), ("share_1", 0.2)]
    assert [line.error for line in lines] == pytest.approx([np.sqrt(s * (1 - s) / 5) for s in (0.8, 0.4, 0.2)])


def test_off_centre_is_more_than_four_errors_of_thirty_draws() -> None:
    """15 draws at c - 1 and 15 at c + 1: the standard error is sqrt(30/29) / sqrt(30) = 1 / sqrt(29)."""
    around = np.tile([-1.0, 1.0], 15)
    limit = 4 / np.sqrt(29)
    assert off_centre(around + 0.99 * limit) == ""
    assert off_centre(around + 1.01 * limit).startswith("is not centred at zero: mean 0.750")
    assert off_centre(-around - 1.01 * limit).startswith("is not centred at zero: mean -0.750")
    assert off_centre(np.append(around, np.nan) + 1.01 * limit) != ""
    assert off_centre(around[:29] + 5) == ""
