"""Kernel densities for display."""

from __future__ import annotations

import numpy as np


def kernel_density(values: np.ndarray, points: int = 256) -> tuple[np.ndarray, np.ndarray] | None:
    """Return grid and Gaussian kernel density (Scott's bandwidth) of the values; None when they do not vary.

    Args:
        values: (n,) finite numbers.
        points: number of grid points, from three bandwidths below the smallest value to three above the
            largest.
    """
    from scipy.stats import gaussian_kde  # half a second to import, which other figures save

    if len(values) < 2 or np.ptp(values) == 0:
        return None
    kernel = gaussian_kde(values)
    margin = 3 * float(np.sqrt(kernel.covariance[0, 0]))
    grid = np.linspace(values.min() - margin, values.max() + margin, points)
    return grid, kernel(grid)
