"""Bootstrap of a threshold test: whole residual histories of units, regressors fixed (Hansen 1999, section
3.2)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shidian.threshold.scan import Scan

BLOCK = 20
"""Replications handled at once. The last block is filled up and cut: a matrix product of another shape could round
differently, and a draw must not depend on how many are made."""


@dataclass(frozen=True)
class BootstrapTest:
    """Bootstrap distribution of F under the null.

    Attributes:
        p: (1 + draws at least as large as the statistic) / (1 + draws).
        critical: critical values {0.10: ., 0.05: ., 0.01: .}.
        draws: (R,) statistics.
    """

    p: float
    critical: dict[float, float]
    draws: np.ndarray


def draw_units(n: int, replications: int, seed: int) -> np.ndarray:
    """Return (R, n) units drawn with replacement; draw r uses the random stream of (seed, r), for every test.

    R is ``replications`` filled up to whole blocks.
    """
    size = -(-replications // BLOCK) * BLOCK
    streams = (np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(r,))) for r in range(size))
    return np.array([np.random.Generator(stream).integers(0, n, n) for stream in streams])


def bootstrap_test(
    scan: Scan, residuals: np.ndarray, statistic: float, scale: float, replications: int, units: np.ndarray,
    roots: np.ndarray | None = None,
) -> BootstrapTest:  # fmt: skip
    """Draw ``replications`` statistics under the null that ``scan``'s model holds.

    Drawn units keep their whole residual history; thresholds found earlier stay fixed, so all draws share the scan's
    denominators.

    Args:
        scan: the null model and the candidates of the next threshold.
        residuals: (n T',) residuals whose histories are drawn.
        statistic: F of the data.
        scale: n(T-1) or nT.
        replications: number of draws.
        units: the draws of ``draw_units``.
        roots: (n, T) roots of the weights of weighted rows: residuals are then those of the rows times these roots,
            which have one variance, and of a drawn history the unit's own weighted mean is taken out.
    """
    histories = residuals.reshape(scan.ordering.x.shape[0], -1)
    f = np.empty(len(units))
    for start in range(0, len(units), BLOCK):
        drawn = histories[units[start : start + BLOCK]]
        if roots is not None:
            drawn = drawn - roots * (np.einsum("rit,it->ri", drawn, roots) / (roots**2).sum(axis=1))[:, :, None]
        ssr, gains = scan.search(drawn.reshape(BLOCK, -1))
        gain = gains.max(axis=1)
        f[start : start + BLOCK] = gain / ((ssr - gain) / scale)
    f = f[:replications]
    ordered = np.sort(f)
    critical = {a: float(ordered[int(np.ceil((1 - a) * replications)) - 1]) for a in (0.10, 0.05, 0.01)}
    p = (1 + int((f >= statistic).sum())) / (1 + replications)
    return BootstrapTest(p, critical, f)
