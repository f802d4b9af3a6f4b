"""Units of measure never matter: outcome, endogenous, controls and instruments times 1e-12 ... 1e12, the same tests."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shidian.errors import EstimationError
from shidian.iv.estimate import estimate_iv

NAMES = ["y", "x", "x2", "c", "z", "z2", "z3"]
VCOVS = ["iid", "hetero", {"kind": "cluster", "by": "unit"}]


def make(seed: int = 0) -> pd.DataFrame:
    """Forty units, eight years; two endogenous regressors, three instruments."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"unit": np.repeat(np.arange(40), 8), "year": np.tile(np.arange(8), 40)})
    for name in ("c", "z", "z2", "z3", "u"):
        frame[name] = rng.standard_normal(len(frame)) + np.repeat(rng.standard_normal(40), 8)
    frame["x"] = 0.6 * frame["z"] + 0.4 * frame["z2"] + 0.5 * frame["u"] + rng.standard_normal(len(frame))
    frame["x2"] = 0.7 * frame["z3"] + 0.3 * frame["u"] + rng.standard_normal(len(frame))
    frame["y"] = frame["x"] - 0.5 * frame["x2"] + 0.3 * frame["c"] + frame["u"] + rng.standard_normal(len(frame))
    return frame


FRAME = make()


def numbers(result) -> np.ndarray:
    """Every statistic of a 2SLS table that has no unit."""
    tests = [
        result.rank.anderson_lm, result.rank.kp_lm, result.sargan, result.hansen, result.wu_hausman, result.ar.test,
        *result.first_f.values(),
    ]  # fmt: skip
    fits = [result.second, result.reduced, *result.first.values()]
    return np.concatenate([
        [v for t in tests for v in (t.statistic, t.p)], [result.rank.cragg_donald_f, result.rank.kp_f],
        *(f.coef[: len(f.terms) - ("_cons" in f.terms)] / f.se[: len(f.terms) - ("_cons" in f.terms)] for f in fits),
        [f.r2_within for f in fits],
    ])  # fmt: skip


@pytest.mark.parametrize("vcov", VCOVS, ids=str)
@pytest.mark.parametrize("endogenous", [["x"], ["x", "x2"]], ids=len)
@given(powers=st.lists(st.integers(-12, 12), min_size=7, max_size=7))
@settings(max_examples=12, deadline=None)
def test_two_stage_least_squares(endogenous, vcov, powers):
    factors = dict(zip(NAMES, (10.0**p for p in powers), strict=True))
    scaled = FRAME.assign(**{name: FRAME[name] * f for name, f in factors.items()})
    first, second = (
        estimate_iv(f, "y", endogenous, ["z", "z2", "z3"], ["c"], ["unit", "year"], vcov=vcov, constant=True)
        for f in (FRAME, scaled)
    )
    assert numbers(second) == pytest.approx(numbers(first), rel=1e-7, abs=1e-10, nan_ok=True)
    unit = np.array([factors["y"] / factors.get(t, 1.0) for t in first.second.terms])
    assert second.second.coef / unit == pytest.approx(first.second.coef, rel=1e-7)
    assert second.second.se / unit == pytest.approx(first.second.se, rel=1e-7)
    if first.ar.intervals is not None:
        at = np.array(first.ar.intervals) * factors["y"] / factors["x"]
        assert np.array(second.ar.intervals) == pytest.approx(at, rel=1e-7)


@pytest.mark.parametrize("unit", [1.0, 1e-12, 1e12])
def test_an_exact_first_stage_is_refused_in_any_unit(unit):
    frame = FRAME.assign(x=(2 * FRAME["z"] - FRAME["z2"]) * unit)
    with pytest.raises(EstimationError, match="predict the endogenous regressor 'x' exactly"):
        estimate_iv(frame, "y", ["x"], ["z", "z2"], ["c"], ["unit"], vcov="hetero")


@pytest.mark.parametrize("unit", [1.0, 1e-12, 1e12])
def test_a_sum_that_the_instruments_predict_exactly_leaves_no_exogeneity_test(unit):
    frame = FRAME.assign(x2=(FRAME["z3"] - FRAME["x"]) * unit)
    result = estimate_iv(frame, "y", ["x", "x2"], ["z", "z2", "z3"], ["c"], ["unit"], vcov="hetero")
    assert np.isnan(result.wu_hausman.statistic)
    assert "exactly" in result.wu_hausman.reason
