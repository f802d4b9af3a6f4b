"""Panel threshold regression and the U-test."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from shidian.did.twfe import regress
from shidian.threshold.candidates import ThresholdOptions
from shidian.threshold.hansen import fit_thresholds
from shidian.threshold.panel_arrays import threshold_panel
from shidian.threshold.regime_regression import regime_regression
from shidian.threshold.u_test import u_test

from tests.monte_carlo.gates import LEVEL, Estimate, Experiment, Finding, Interval, Test
from tests.monte_carlo.panels import BY_UNIT, frame, two_way

UNITS, YEARS, GAMMA, DRAWS = 60, 8, 0.3, 199
BELOW, SMALL, CLEAR = 1.0, 0.5, 1.0
OPTIONS = ThresholdOptions(trim=0.1, replications=0)
LEAST, TURN, GROWTH = -2.0, 0.5, 0.2


def draw_threshold(seed: int) -> Iterator[Finding]:
    """Yield the confidence set of a planted threshold, the slopes, and the test where there is no threshold."""
    rng = np.random.default_rng(seed)
    x, q, z, e = rng.normal(size=(4, UNITS, YEARS))
    mu = rng.normal(size=(UNITS, 1))
    linear = BELOW * x + 0.5 * z + mu + e
    jump = x * (q > GAMMA)
    data = frame(x=x, q=q, z=z, linear=linear, small=linear + SMALL * jump, clear=linear + CLEAR * jump)
    arrays = threshold_panel(data, "small", ["x"], "q", ["z"])
    step = fit_thresholds(arrays, 1, OPTIONS).steps[0]
    # the largest value tried that is not above the planted threshold splits the sample as the planted one does
    at = np.searchsorted(step.curve.candidates, GAMMA, side="right") - 1
    yield Interval("γ, confidence set", bool(step.curve.lr[at] <= step.curve.critical))
    clear = threshold_panel(data, "clear", ["x"], "q", ["z"])
    found = fit_thresholds(clear, 1, OPTIONS).steps[0].thresholds
    for vcov in ("iid", "cluster"):
        fit, _ = regime_regression(clear, found, OPTIONS, vcov)
        for j, truth in enumerate((BELOW, BELOW + CLEAR)):
            yield Estimate(f"slope in regime {j + 1}, {vcov}", truth, fit.coef[j], fit.se[j], fit.df)
    tested = fit_thresholds(
        threshold_panel(data, "linear", ["x"], "q", ["z"]), 1, ThresholdOptions(trim=0.1, replications=DRAWS), seed
    )
    assert tested.steps[0].test is not None
    yield Test("bootstrap test of one threshold", tested.steps[0].test.p < LEVEL)
    second = fit_thresholds(arrays, 2, ThresholdOptions(trim=0.1, replications=DRAWS), seed)
    assert second.steps[1].test is not None
    yield Test("bootstrap test of a second threshold", second.steps[1].test.p < LEVEL)


def draw_u_test(seed: int) -> Iterator[Finding]:
    """Yield the turning point's interval, and the test at the edge of its null: a slope of zero at the lower end."""
    rng = np.random.default_rng(seed)
    x, e = rng.uniform(LEAST, 3, size=(UNITS, YEARS)), rng.normal(size=(UNITS, YEARS))
    effects = two_way(rng, UNITS, YEARS)

    def fitted(turn: float):
        panel = frame(x=x, x2=x**2, y=GROWTH * (x - turn) ** 2 + effects + e)
        fit = regress(panel, "y", ["x", "x2"], ["unit", "year"], BY_UNIT).fit
        return u_test(fit.coef[0], fit.coef[1], fit.vcov, fit.df, LEAST, 3.0)

    low, high = fitted(TURN).fieller
    yield Interval("turning point, Fieller interval", low <= TURN <= high)
    yield Test("U-test, slope of zero at one end", bool(fitted(LEAST).p < LEVEL))


EXPERIMENTS = (
    Experiment(
        "Panel threshold (Hansen 1999)",
        f"{UNITS} units, {YEARS} years, a slope of {BELOW:g} that jumps at γ = {GAMMA}, a control, unit effects, "
        f"normal errors. The confidence set of γ is exact for jumps that shrink: here {SMALL}. The slopes' errors take "
        f"γ as known, which wants a clear jump: here {CLEAR:g} (with {SMALL} their intervals cover about 89%). Tests "
        f"with {DRAWS} bootstrap draws, the first where there is no threshold, the second where there is the small "
        "one.",
        draw_threshold,
    ),
    Experiment(
        "U-test (Lind and Mehlum 2010)",
        f"{UNITS} units, {YEARS} years, y = {GROWTH}(x - m)² with x between {LEAST:g} and 3: m = {TURN} for the "
        "interval of the turning point; m at the lower end for the test, which has its full size at that edge of its "
        "null only.",
        draw_u_test,
    ),
)
