"""Panels on which a threshold regression stops, and says why."""

import numpy as np
import pandas as pd
import pytest
from shidian.errors import EstimationError
from shidian.threshold.candidates import ThresholdOptions
from shidian.threshold.hansen import fit_thresholds
from shidian.threshold.regime_regression import regime_regression

from .made_panels import QUIET, arrays, make_panel


def test_a_slope_that_one_regime_does_not_hold_is_named():
    frame = make_panel(11).assign(x0=lambda f: f["x0"] * (f["q"] <= 0.3))
    with pytest.raises(EstimationError, match=r"'x0\|regime 2' is constant in the sample \(always 0\)"):
        regime_regression(arrays(frame), (0.3,), QUIET)
    # of the units above the threshold, each of which stays there, none ever changes x0: rounding is not a slope
    fixed = make_panel(11).assign(q=lambda f: f["unit"].str[1:].astype(float))
    fixed["x0"] = np.where(fixed["q"] > 20, fixed["q"] * 1.7, fixed["x0"])
    with pytest.raises(EstimationError, match=r"'x0\|regime 2' is absorbed by the fixed effects \(unit\)"):
        regime_regression(arrays(fixed), (20,), QUIET)


def test_infeasible_trim_is_an_error():
    frame = make_panel(0)
    with pytest.raises(EstimationError, match="no candidate for threshold 1: every regime must keep 160 of 320"):
        fit_thresholds(arrays(frame.assign(q=(frame["year"] > 2002).astype(float))), 1, ThresholdOptions(trim=0.499))


@pytest.mark.parametrize("values", [(0.0, 1.0), (3.0, 7.5), (-1.0, 0.0)])
def test_a_threshold_variable_of_two_values_is_refused(values):
    """It gives the threshold, nothing estimates it: 0.0000 [0, 0] was printed."""
    frame = make_panel(0)
    frame = frame.assign(q=np.where(frame["year"] > 2002, values[1], values[0]))
    with pytest.raises(EstimationError, match=r"not be estimated but given: the threshold variable 'q' has 2 distinct"):
        fit_thresholds(arrays(frame), 3, QUIET)
    strict = ThresholdOptions(replications=0, strict=True)
    with pytest.raises(EstimationError, match="which leave one candidate"):
        fit_thresholds(arrays(frame), 3, strict)


@pytest.mark.parametrize("values", [3, 4, 5])
def test_few_values_stop_where_there_is_no_choice_left(values):
    """m values leave m - 1 places; the threshold that would take the last one of them is not estimated."""
    frame = make_panel(0)
    frame = frame.assign(q=pd.qcut(frame["q"], values, labels=False).astype(float))
    model = fit_thresholds(arrays(frame), 3, QUIET)
    assert len(model.steps) == min(values - 2, 3)
    if values < 5:
        assert f"threshold {values - 1} would not be estimated but given" in model.stopped
        assert f"{values} distinct values (0, 1, 2" in model.stopped


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: f.drop(index=[3, 50]), "2 of 40 units lack a year"),
        (lambda f: pd.concat([f, f.iloc[[0]]]), "2 rows in 2000: a threshold regression wants"),
        (lambda f: f.assign(x0=f["unit"].str[1:].astype(float)), "'x0' cannot be estimated: absorbed by the fixed"),
        (lambda f: f.assign(x0=0.1), r"'x0' cannot be estimated: constant in the sample \(always 0.1\)"),
        (lambda f: f.drop(columns="q"), "no column 'q'"),
        (lambda f: f.assign(w=np.inf), "'w' holds infinite values"),
        (lambda f: f[f["year"] == 2000], "two years"),
    ],
)
def test_bad_panels(change, message):
    with pytest.raises(EstimationError, match=message):
        arrays(change(make_panel(0)))


def test_constant_outcome_is_refused():
    frame = make_panel(0).assign(y=lambda f: f["unit"].str[1:].astype(float))
    with pytest.raises(EstimationError, match="outcome is constant within every unit"):
        fit_thresholds(arrays(frame), 1, QUIET)


def test_incomplete_units_can_be_dropped_and_are_counted():
    panel = arrays(make_panel(0).drop(index=[3, 50]), drop_incomplete_units=True)
    assert (panel.y.shape, panel.n_dropped_units) == ((38, 8), 2)
