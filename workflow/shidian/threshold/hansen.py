"""Hansen's (1999) panel threshold model: up to three thresholds found and tested one after the other.

Hansen, B. E. (1999), "Threshold effects in non-dynamic panels", Journal of Econometrics 93, 345-368.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shidian.errors import EstimationError
from shidian.messages import say
from shidian.threshold.bootstrap import BootstrapTest, bootstrap_test, draw_units
from shidian.threshold.candidates import ThresholdOptions, candidate_grid, no_choice
from shidian.threshold.panel_arrays import ThresholdPanel
from shidian.threshold.scan import (
    Ordering,
    Scan,
    regime_columns,
    scan_candidates,
    sort_by_threshold,
    transformed,
)

TIE = 1e-12
"""Sums of squares closer than this share are one number rounded otherwise; of such candidates the lowest counts."""


@dataclass(frozen=True)
class LRCurve:
    """The likelihood ratio of one threshold given the others.

    Attributes:
        gamma: estimate.
        candidates: (C,) values tried.
        lr: (C,) likelihood ratio LR(g) = (S(g) - S(gamma)) / sigma^2.
        critical: -2 ln(1 - sqrt(level)).
        low: smallest value in the confidence set {g: LR(g) <= critical}.
        high: largest value in it.
    """

    gamma: float
    candidates: np.ndarray
    lr: np.ndarray
    critical: float
    low: float
    high: float


@dataclass(frozen=True)
class ThresholdStep:
    """One more threshold: its estimate, its test, and the model that holds it.

    Attributes:
        number: 1, 2 or 3 thresholds in the model.
        gamma: the threshold found at this step, before refinement.
        curve: its likelihood-ratio curve and confidence set.
        ssr_null: sum of squares with one threshold less.
        ssr: sum of squares with this threshold.
        f: the F statistic of the test of one threshold less.
        test: bootstrap p-value and critical values, or None.
        thresholds: all thresholds after refinement, ascending.
        curves: likelihood-ratio curve of each, in the same order.
        ssr_refined: sum of squares after refinement.
    """

    number: int
    gamma: float
    curve: LRCurve
    ssr_null: float
    ssr: float
    f: float
    test: BootstrapTest | None
    thresholds: tuple[float, ...]
    curves: tuple[LRCurve, ...]
    ssr_refined: float


@dataclass(frozen=True)
class ThresholdModel:
    """The sequence of steps, and why it stopped early if it did.

    Attributes:
        steps: one an added threshold.
        stopped: reason why fewer thresholds than asked for were searched, empty otherwise.
        ssr_linear: sum of squares without threshold.
        options: the conventions used.
    """

    steps: tuple[ThresholdStep, ...]
    stopped: str
    ssr_linear: float
    options: ThresholdOptions


@dataclass(frozen=True)
class _Data:
    """Transformed arrays and the sorted observations."""

    y: np.ndarray
    linear: np.ndarray
    ordering: Ordering
    minimum: int
    scale: float
    units: np.ndarray
    options: ThresholdOptions
    roots: np.ndarray | None = None

    def scan(self, fixed: list[int]) -> Scan:
        columns = [self.linear, *(regime_columns(self.ordering, c) for c in fixed)]
        return scan_candidates(self.ordering, np.column_stack(columns), fixed, self.minimum)


def fit_thresholds(
    panel: ThresholdPanel, max_thresholds: int = 3, options: ThresholdOptions | None = None, seed: int = 0
) -> ThresholdModel:
    """Find up to ``max_thresholds`` thresholds one after the other and test each against one less.

    A threshold is estimated where there is a choice: with one candidate left, the threshold variable itself says where
    the regimes divide.

    Raises EstimationError when the trim leaves fewer than two candidates even for the first threshold.
    """
    options = options or ThresholdOptions()
    data = _prepare(panel, options, seed)
    ssr = float(np.sum(data.scan([]).residuals(data.y) ** 2))
    linear, steps, stopped = ssr, [], ""
    counts: list[int] = []
    for number in range(1, max_thresholds + 1):
        scan = data.scan(sorted(counts))
        if len(scan.candidates) < 2:
            stopped = no_choice(panel, data.minimum, options, number, len(scan.candidates))
            if number == 1:
                raise EstimationError(stopped)
            break
        step, counts, ssr = _add_threshold(data, scan, counts, ssr, number)
        steps.append(step)
    return ThresholdModel(tuple(steps), stopped, linear, options)


def _prepare(panel: ThresholdPanel, options: ThresholdOptions, seed: int) -> _Data:
    if not 0 <= options.trim < 0.5:
        raise EstimationError(say("trim must lie in [0, 0.5), not {trim:g}", trim=options.trim))
    n, periods = panel.y.shape
    transform = panel.within(options.drop_last)
    ordering = sort_by_threshold(panel.q, panel.x, transform, candidate_grid(panel.q, options), options.strict)
    linear = np.column_stack([transformed(panel.x, transform), transformed(panel.z, transform)])
    y = transformed(panel.y[..., None], transform)[:, 0]
    if not np.any(np.abs(y) > 1e-14 * np.abs(panel.y).max()):
        raise EstimationError(say("the outcome is constant within every unit"))
    scale = n * (periods - 1) if options.f_scale == "n(T-1)" else n * periods
    minimum = max(int(np.ceil(options.trim * panel.q.size - 1e-9)), 1)
    units = draw_units(n, options.replications, seed)
    roots = None if panel.w is None else np.sqrt(panel.w)
    return _Data(y, linear, ordering, minimum, float(scale), units, options, roots)


def _add_threshold(
    data: _Data, scan: Scan, counts: list[int], ssr_null: float, number: int
) -> tuple[ThresholdStep, list[int], float]:
    options = data.options
    curve, count, ssr = _best(data, scan)
    f = (ssr_null - ssr) / (ssr / data.scale)
    test = None
    if options.replications:
        model = scan if options.residuals == "null" else data.scan(sorted([*counts, count]))
        residuals = model.residuals(data.y)
        test = bootstrap_test(scan, residuals, f, data.scale, options.replications, data.units, data.roots)
    found = [*counts, count]
    curves = {count: curve}
    refined = ssr
    if options.refine or number == 1:
        found, curves, refined = _refine(data, found, curves, ssr)
    else:
        for c in counts:
            curves[c] = _best(data, data.scan(sorted(o for o in found if o != c)), kept=c)[0]
    by_gamma = sorted(found)
    thresholds = tuple(curves[c].gamma for c in by_gamma)
    step = ThresholdStep(number, curve.gamma, curve, ssr_null, ssr, f, test, thresholds,
                         tuple(curves[c] for c in by_gamma), refined)  # fmt: skip
    return step, found, refined


def _refine(
    data: _Data, found: list[int], curves: dict[int, LRCurve], ssr: float
) -> tuple[list[int], dict[int, LRCurve], float]:
    """Search each earlier threshold again, given the others, the newest last found kept."""
    for position in range(len(found) - 1):
        others = [c for j, c in enumerate(found) if j != position]
        curve, count, ssr = _best(data, data.scan(sorted(others)))
        curves = {c: v for c, v in curves.items() if c in others} | {count: curve}
        found = [*found[:position], count, *found[position + 1 :]]
    return found, curves, ssr


def _best(data: _Data, scan: Scan, kept: int | None = None) -> tuple[LRCurve, int, float]:
    """Return the LR curve of the least-squares threshold, the observations below it, and its sum of squares.

    ``kept`` observations lie below a threshold that stays where an earlier step found it: LR is then measured from
    there, and is negative where the threshold would now fit better.
    """
    ssr, gains = scan.search(scan.residuals(data.y)[None, :])
    s = ssr[0] - gains[0]
    if kept is None:
        best = int(np.flatnonzero(s <= s.min() + TIE * ssr[0])[0])
    else:
        best = int(np.flatnonzero(scan.counts == kept)[0])
    lr = (s - s[best]) / (s[best] / data.scale)
    critical = -2 * np.log(1 - np.sqrt(data.options.level))
    inside = scan.candidates[lr <= critical]
    curve = LRCurve(float(scan.candidates[best]), scan.candidates, lr, float(critical),
                    float(inside[0]), float(inside[-1]))  # fmt: skip
    return curve, int(scan.counts[best]), float(s[best])
