"""Exact two-way fixed-effects draws, scores taken row by row: the general engine.

For errors that are not clustered, for clusters that cut through units, and for many levels of further fixed effects
(province x year). With A the unit-demeaned 0/1 paths of a draw, Z the unit-demeaned dummies of the other effects and
Q the orthonormal controls, the regressor net of everything is ``d = A - Z k - Q m`` with ``k = (Z'Z)^- Z'A`` and
``m = Q'A`` (Frisch & Waugh 1933); dummies are never formed, each row reads its own levels. All products are weighted.

    b = d'y / d'd,   V(b) = factor * sum_clusters (sum_r d_r (y_r - b d_r))^2 / (d'd)^2,

each row its own cluster for heteroskedastic errors (HC1).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from shidian.placebo.design import Design
from shidian.placebo.fast import ABSORBED

CANCELLED = 1e-12
"""Share of a sum of squares at which a difference of two such sums is rounding error."""

BLOCK = 128
"""Draws estimated at once."""


@dataclass(frozen=True)
class Rows:
    """What the kernels read, by row; N rows, Y years, J effects beside the swept-out one, k controls.

    Attributes:
        start: (n + 1,) first row of each unit.
        raw: (N, Y) 0/1 treatment of a row whose unit adopts in each year.
        path: (N, Y) the same, demeaned within groups.
        y: (N,) outcome net of everything.
        weight: (N,) weights.
        codes: (J, N) level of each effect.
        controls: (N, k) orthonormal controls.
        inverse: (q, q) pseudo-inverse of Z'Z.
        group: (N,) group of the swept-out effect.
        group_weight: (H,) sums of weights, empty when no effect is swept out.
        cluster: (N,) clusters.
        square: weighted sum of squares of ``y``.
        homoskedastic: True for iid errors.
    """

    start: np.ndarray
    raw: np.ndarray
    path: np.ndarray
    y: np.ndarray
    weight: np.ndarray
    codes: np.ndarray
    controls: np.ndarray
    inverse: np.ndarray
    group: np.ndarray
    group_weight: np.ndarray
    cluster: np.ndarray
    square: float
    homoskedastic: bool


def tabulate(design: Design) -> Rows:
    """Tabulate what the kernels read."""
    projector = design.projector
    raw = (design.year[:, None] >= design.years[None, :]).astype(float)
    return Rows(
        start=design.start, raw=raw, path=projector.within(raw), y=design.y, weight=design.weight,
        codes=projector.codes, controls=np.ascontiguousarray(design.controls), inverse=projector.inverse,
        group=projector.group, group_weight=projector.group_weight, cluster=design.cluster,
        square=float(np.sum(design.weight * design.y**2)), homoskedastic=design.vcov.kind == "iid",
    )  # fmt: skip


def estimate_block(table: Rows, units: np.ndarray, cohorts: np.ndarray, offset: int) -> tuple[np.ndarray, np.ndarray]:
    """Return (B,) coefficients and (B,) variances before the small-sample factor; as ``fast.estimate_block``."""
    n_draws, n_controls, n_rows = len(units), table.controls.shape[1], len(table.y)
    loads = np.zeros((BLOCK, len(table.inverse)))
    sums, on_controls = np.zeros((n_draws, 3)), np.zeros((n_draws, n_controls))
    here = slice(offset, offset + n_draws)
    _moments(
        table.start, table.raw, table.path, table.y, table.weight, table.codes, table.controls,
        units, cohorts, sums, on_controls, loads[here],
    )  # fmt: skip
    levels = loads @ table.inverse
    dd = sums[:, 1] - np.sum(loads[here] * levels[here], axis=1) - np.sum(on_controls**2, axis=1)
    dd[(dd <= ABSORBED * sums[:, 2]) | (sums[:, 2] == 0)] = np.nan
    b = sums[:, 0] / dd
    if table.homoskedastic:
        rest = table.square - b**2 * dd  # a difference: at 1e-12 of what it is taken from it is rounding error
        return b, np.where(rest > CANCELLED * table.square, rest, 0.0) / n_rows / dd
    meat = np.empty(n_draws)
    _meat(
        table.start, table.path, table.y, table.weight, table.codes, table.controls, table.group, table.group_weight,
        table.cluster, units, cohorts, b, on_controls, levels[here], meat,
    )  # fmt: skip
    return b, meat / dd**2


@njit(cache=True)
def _moments(  # type: ignore[no-untyped-def]
    start, raw, path, y, weight, codes, controls, units, cohorts, sums, on_controls, loads
):
    """Fill A'y, A'A, D'D (sums), Q'A (on_controls) and Z'A (loads) of each draw."""
    for d in range(units.shape[0]):
        for j in range(units.shape[1]):
            g = cohorts[d, j]
            for r in range(start[units[d, j]], start[units[d, j] + 1]):
                a = weight[r] * path[r, g]
                sums[d, 0] += a * y[r]
                sums[d, 1] += a * path[r, g]
                sums[d, 2] += weight[r] * raw[r, g]
                for c in range(controls.shape[1]):
                    on_controls[d, c] += a * controls[r, c]
                for e in range(codes.shape[0]):
                    loads[d, codes[e, r]] += a


@njit(cache=True)
def _meat(  # type: ignore[no-untyped-def]
    start, path, y, weight, codes, controls, group, group_weight, cluster, units, cohorts, b, on_controls, levels, meat
):
    """Fill the sum over clusters of squared scores of each draw."""
    n_rows = len(y)
    net = np.empty(n_rows)
    means = np.empty(len(group_weight))
    total = np.empty(cluster.max() + 1)
    for d in range(units.shape[0]):
        means[:] = 0.0
        for r in range(n_rows):
            fitted = 0.0
            for e in range(codes.shape[0]):
                fitted += levels[d, codes[e, r]]
            net[r] = -fitted
            if len(means):
                means[group[r]] += weight[r] * fitted
        for h in range(len(means)):
            means[h] /= group_weight[h]
        for j in range(units.shape[1]):
            for r in range(start[units[d, j]], start[units[d, j] + 1]):
                net[r] += path[r, cohorts[d, j]]
        total[:] = 0.0
        for r in range(n_rows):
            value = net[r] + means[group[r]] if len(means) else net[r]
            for c in range(controls.shape[1]):
                value -= on_controls[d, c] * controls[r, c]
            total[cluster[r]] += weight[r] * value * (y[r] - b[d] * value)
        meat[d] = np.sum(total * total)
