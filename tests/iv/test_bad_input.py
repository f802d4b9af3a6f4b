"""What cannot be estimated is said, not estimated."""

import numpy as np
import pandas as pd
import pytest
from shidian.errors import EstimationError
from shidian.iv.estimate import estimate_iv


@pytest.fixture
def panel():
    rng = np.random.default_rng(7)
    frame = pd.DataFrame(
        {"unit": np.repeat([f"c{i:02d}" for i in range(30)], 8), "year": np.tile(range(2010, 2018), 30)}
    )
    n = len(frame)
    frame["rugged"] = np.repeat(rng.normal(size=30), 8)
    frame["trend"] = frame["year"] - 2010
    frame["z"] = frame["rugged"] * frame["trend"] + rng.normal(size=n)
    v = rng.normal(size=n)
    frame["x"] = 0.5 * frame["z"] + v
    frame["y"] = frame["x"] + v + rng.normal(size=n)
    return frame


def estimate(panel, instruments, endogenous=("x",), controls=(), **options):
    return estimate_iv(panel, "y", list(endogenous), instruments, list(controls), ["unit", "year"], **options)


def test_an_absorbed_instrument_is_refused(panel):
    with pytest.raises(EstimationError, match="instrument 'rugged' dropped: the fixed effects absorb it"):
        estimate(panel, ["rugged"])


def test_an_absorbed_instrument_beside_a_good_one_is_dropped_and_named(panel):
    result = estimate(panel, ["rugged", "z"])
    assert result.design.names[2] == ("z",)
    assert result.dropped == ("instrument 'rugged' dropped: the fixed effects absorb it",)
    assert result.dropped[0] in result.warnings
    assert result.second.coef == pytest.approx(estimate(panel, ["z"]).second.coef)


def test_a_collinear_control_is_dropped_and_named(panel):
    twice = panel.assign(w=np.sin(np.arange(len(panel)))).assign(w2=lambda f: 3 * f["w"] + f["trend"])
    result = estimate(twice, ["z"], controls=["w", "w2"])
    assert result.design.names[1] == ("w",)
    assert "control 'w2' dropped: collinear" in result.dropped[0]


def test_an_instrument_spanned_by_the_controls_does_not_count(panel):
    with pytest.raises(EstimationError, match="0 usable instruments for 1 endogenous"):
        estimate(panel.assign(w=2 * panel["z"]), ["z"], controls=["w"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"endogenous": ("rugged",)}, "endogenous regressor 'rugged' does not vary within the fixed effects"),
        ({"endogenous": ("x", "x2"), "instruments": ["z", "trend2"]}, "'x2' is collinear"),
        ({"instruments": ["x"]}, "'x' is named twice"),
        ({"instruments": ["nothing"]}, "no column 'nothing'"),
        ({"endogenous": ("x", "e2")}, "1 usable instruments for 2 endogenous"),
        ({"change": {"y": lambda f: f["rugged"]}}, "outcome 'y' does not vary within"),
        ({"change": {"x": lambda f: f["x"].where(f.index > 3, np.inf)}}, "'x' holds infinite values"),
        ({"vcov": {"kind": "cluster", "by": ["unit", "year"]}}, "one way only"),
    ],
)
def test_refusals(panel, change, message):
    change = dict(change)
    rng = np.random.default_rng(1)
    panel = panel.assign(x2=2 * panel["x"], trend2=rng.normal(size=len(panel)), e2=rng.normal(size=len(panel)))
    panel = panel.assign(**change.pop("change", {}))
    instruments = change.pop("instruments", ["z"])
    with pytest.raises(EstimationError, match=message):
        estimate(panel, instruments, **change)


def test_few_clusters_give_na_with_a_reason(panel):
    """Three instruments and two clusters: no covariance of the moments, so no robust statistic."""
    rng = np.random.default_rng(2)
    panel = panel.assign(z2=rng.normal(size=len(panel)), z3=rng.normal(size=len(panel)), half=panel["unit"] > "c14")
    result = estimate(panel, ["z", "z2", "z3"], vcov={"kind": "cluster", "by": "half"})
    for test in (result.rank.kp_lm, result.hansen, result.ar.test, result.first_f["x"]):
        assert np.isnan(test.statistic)
        assert "2 clusters" in test.reason
    assert np.isnan(result.rank.kp_f)
    assert result.ar.intervals is None
    assert "only 2 clusters" in result.warnings[0]
