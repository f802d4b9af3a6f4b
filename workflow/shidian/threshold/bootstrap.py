"""Bootstrap of a threshold test: whole residual histories of units, regressors fixed (Hansen 1999, section
3.2)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shidian.threshold.scan import Scan

BLOCK = 32
"""Replications handled at once; it bounds memory and does not touch the numbers drawn."""


@dataclass(frozen=True)
class BootstrapTest:
    """Bootstrap distribution of F under the null.

    Attributes:
        p: share of draws that exceed the statistic.
        critical: critical values {0.10: ., 0.05: ., 0.01: .}.
        draws: (R,) statistics.
        seed: seed behind them.
    """

    p: float
    critical: dict[float, float]
    draws: np.ndarray
    seed: int


def bootstrap_test(
    scan: Scan,
    residuals: np.ndarray,
    statistic: float,
    scale: float,
    replications: int,
    seed: int,
    stage: int,
) -> BootstrapTest:
    """Draw ``replications`` statistics under the null that ``scan``'s model holds.

    Units are drawn with replacement and keep their whole residual history; thresholds found earlier stay
    fixed, so all draws share the scan's denominators. Draw r of stage s uses the stream of ``(seed, s, r)``.

    Args:
        scan: the null model and the candidates of the next threshold.
        residuals: (n T',) residuals whose histories are drawn.
        statistic: F of the data.
        scale: n(T-1) or nT.
        replications: number of draws.
        seed: seed of the exhibit.
        stage: number of the threshold tested.
    """
    n = scan.ordering.x.shape[0]
    histories = residuals.reshape(n, -1)
    f = np.empty(replications)
    for start in range(0, replications, BLOCK):
        block = range(start, min(start + BLOCK, replications))
        units = np.stack([_draw(n, seed, stage, r) for r in block])
        outcome = histories[units].reshape(len(block), -1)
        errors = scan.residuals(outcome)
        ssr_null = np.einsum("ri,ri->r", errors, errors)
        gain = scan.gains(errors).max(axis=1)
        f[start : start + len(block)] = gain / ((ssr_null - gain) / scale)
    ordered = np.sort(f)
    critical = {a: float(ordered[int(np.ceil((1 - a) * replications)) - 1]) for a in (0.10, 0.05, 0.01)}
    return BootstrapTest(float(np.mean(f > statistic)), critical, f, seed)


def _draw(n: int, seed: int, stage: int, replication: int) -> np.ndarray:
    stream = np.random.SeedSequence(seed, spawn_key=(stage, replication))
    return np.random.Generator(np.random.PCG64(stream)).integers(0, n, n)
