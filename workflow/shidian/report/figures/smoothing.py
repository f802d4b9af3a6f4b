"""Kernel densities for display."""

from __future__ import annotations

import numpy as np


def kernel_density(
    values: np.ndarray, points: int = 256, bounds: tuple[float, float] = (-np.inf, np.inf)
) -> tuple[np.ndarray, np.ndarray] | None:
    """Return grid and Gaussian kernel density (Scott's bandwidth) of the values; None when they do not vary.

    Args:
        values: (n,) finite numbers.
        points: number of grid points, from three bandwidths below the smallest value to three above the
            largest, but not beyond the bounds.
        bounds: smallest and largest value that there can be. What the kernels would put beyond a bound is reflected at
            it (Schuster 1985), so that the density integrates to one within them.
    """
    from scipy.stats import gaussian_kde  # half a second to import, which other figures save

    if len(values) < 2 or np.ptp(values) == 0:
        return None
    kernel = gaussian_kde(values)
    margin = 3 * float(np.sqrt(kernel.covariance[0, 0]))
    low, high = bounds
    grid = np.linspace(max(values.min() - margin, low), min(values.max() + margin, high), points)
    mirrored = [2 * bound - grid for bound in bounds if np.isfinite(bound)]
    return grid, kernel(grid) + sum((kernel(points) for points in mirrored), np.zeros_like(grid))
