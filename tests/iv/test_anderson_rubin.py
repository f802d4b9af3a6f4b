"""The Anderson-Rubin set: its ends are where the test turns, and it covers the truth with weak instruments."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from shidian.iv.anderson_rubin import anderson_rubin
from shidian.iv.design import build_design
from shidian.iv.estimate import estimate_iv


def simulate(seed, n=200, strength=1.0, n_instruments=2, beta=0.5, clusters=40, endogeneity=0.8):
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(n, n_instruments))
    v = rng.normal(size=n)
    group = np.arange(n) % clusters
    x = strength * z.sum(axis=1) / n_instruments + v
    y = beta * x + endogeneity * v + rng.normal(size=n) + rng.normal(size=clusters)[group] * 0.5
    data = {"unit": group.astype(str), "y": y, "x": x, "w": rng.normal(size=n)}
    return pd.DataFrame(data | {f"z{j}": z[:, j] for j in range(n_instruments)})


def names(frame):
    return [c for c in frame.columns if c.startswith("z")]


@pytest.mark.parametrize("vcov", ["iid", "hetero", {"kind": "cluster", "by": "unit"}])
@pytest.mark.parametrize("n_instruments", [1, 2, 4])
def test_ends_are_where_the_test_turns(vcov, n_instruments):
    """AR(b) of y - b x, from an independent run of the reduced form, equals the critical value at each end."""
    frame = simulate(3, n_instruments=n_instruments)
    design = build_design(frame, "y", ["x"], names(frame), ["w"], vcov=vcov)
    result = anderson_rubin(design)
    ((low, high),) = result.intervals
    estimate = estimate_iv(frame, "y", ["x"], names(frame), ["w"], vcov=vcov).second.coef[0]
    assert low < estimate < high
    for b in (low, high):
        moved = frame.assign(y=frame["y"] - b * frame["x"])
        test = anderson_rubin(build_design(moved, "y", ["x"], names(frame), ["w"], vcov=vcov)).test
        assert test.p == pytest.approx(0.05, abs=1e-8)
        assert test.statistic == pytest.approx(stats.f.ppf(0.95, test.df, test.df2), rel=1e-8)


def test_reduced_form_test_equals_regression_f():
    """With iid errors the AR test of zero is the F of the instruments in the reduced form."""
    frame = simulate(5, n_instruments=3)
    result = estimate_iv(frame, "y", ["x"], names(frame), ["w"], vcov="iid", ssc="fixest")
    full = np.column_stack([np.ones(len(frame)), frame[["w", *names(frame)]]])
    small, y = full[:, :2], frame["y"].to_numpy()
    rss = [float(np.sum((y - m @ np.linalg.lstsq(m, y, rcond=None)[0]) ** 2)) for m in (full, small)]
    f = (rss[1] - rss[0]) / 3 / (rss[0] / (len(y) - 5))
    assert result.ar.test.statistic == pytest.approx(f, rel=1e-10)


def test_irrelevant_instrument_leaves_the_set_unbounded():
    """Strength zero: the set is the line or two rays, never a short interval."""
    unbounded = 0
    for seed in range(40):
        frame = simulate(seed, strength=0.0, n_instruments=1)
        intervals = anderson_rubin(build_design(frame, "y", ["x"], ["z0"], vcov="hetero")).intervals
        unbounded += any(np.isinf(end) for interval in intervals for end in interval)
    assert unbounded >= 34  # 95% expected


def test_two_rays():
    frames = (simulate(seed, strength=0.05, n_instruments=1, n=120) for seed in range(200))
    sets = [anderson_rubin(build_design(f, "y", ["x"], ["z0"], vcov="iid")).intervals for f in frames]
    rays = [s for s in sets if len(s) == 2]
    assert rays
    assert all(s[0][0] == -np.inf and s[1][1] == np.inf and s[0][1] < s[1][0] for s in rays)


def test_violated_exclusion_can_empty_the_set():
    rng = np.random.default_rng(0)
    frame = simulate(1, n=2000, n_instruments=2)
    frame["y"] += 3 * frame["z0"] - 3 * frame["z1"] + 0 * rng.normal(size=2000)
    assert anderson_rubin(build_design(frame, "y", ["x"], ["z0", "z1"], vcov="iid")).intervals == ()


@pytest.mark.slow
def test_coverage_with_weak_instruments():
    """Monte Carlo: the AR set keeps its level where the Wald interval does not (corr of the errors 0.96)."""
    inside = wald = 0
    draws = 1000
    for seed in range(draws):
        frame = simulate(seed, n=100, strength=0.1, n_instruments=1, clusters=100, endogeneity=4.0)
        result = estimate_iv(frame, "y", ["x"], ["z0"], vcov="hetero")
        inside += any(low <= 0.5 <= high for low, high in result.ar.intervals)
        row = result.second.long("", "", "").iloc[0]
        wald += row["ci_low"] <= 0.5 <= row["ci_high"]
    low, high = stats.binom.ppf([0.0005, 0.9995], draws, 0.95) / draws
    assert low <= inside / draws <= high
    assert wald / draws < low
