"""What a reader asks of spatial weights: their links, how far they reach, and where I − ρW is regular."""

from __future__ import annotations

import numpy as np

from shidian.spatial.logdet import EigenLogDeterminant, LuLogDeterminant, log_determinant
from shidian.spatial.weights import Weights

COUNTS = ("units", "links", "fewest neighbours", "most neighbours", "islands", "complex eigenvalues")
"""Terms of the summary that are whole numbers."""


def summary(weights: Weights, km: np.ndarray | None = None) -> dict[str, float]:
    """Return the numbers of a matrix by name, in the order of a table.

    Args:
        weights: W of n units.
        km: (n, n) distances in the order of its codes, for the mean distance of a link: of two, and weighted by W.

    The largest column sum tells how much weight one unit has in the lags of all others. Complex eigenvalues come in
    pairs; where W has too many units for eigenvalues they are not counted and the ends of ρ are ±1/spectral radius.
    """
    W, links = weights.matrix, weights.matrix > 0
    neighbours, rows = links.sum(axis=1), weights.matrix.sum(axis=1)
    logdet = log_determinant(weights)
    found = {
        "units": weights.n, "links": int(links.sum()), "share of links": links.sum() / (weights.n * (weights.n - 1)),
        "fewest neighbours": neighbours.min(), "mean neighbours": neighbours.mean(),
        "most neighbours": neighbours.max(), "islands": len(weights.islands),
        "smallest weight": W[links].min(), "largest weight": W.max(),
        "smallest row sum": rows.min(), "largest row sum": rows.max(), "largest column sum": W.sum(axis=0).max(),
    }  # fmt: skip
    if km is not None:
        found["mean distance of links, km"] = km[links].mean()
        found["mean distance by weight, km"] = (W * km).sum() / W.sum()
    found |= {"largest eigenvalue": 1 / logdet.upper, "lower end of ρ": logdet.lower, "upper end of ρ": logdet.upper}
    if not isinstance(logdet, LuLogDeterminant):
        found["complex eigenvalues"] = logdet.n_complex if isinstance(logdet, EigenLogDeterminant) else 0
    return {name: float(value) for name, value in found.items()}


def within_distance(weights: Weights, km: np.ndarray, limits: np.ndarray) -> np.ndarray:
    """Return the (k,) shares of all weight that lie between units no farther apart than each of (k,) distances."""
    linked = weights.matrix > 0
    order = np.argsort(km[linked], kind="stable")
    summed = np.append(0.0, np.cumsum(weights.matrix[linked][order]))
    return np.asarray(summed[np.searchsorted(km[linked][order], limits, side="right")] / summed[-1])


def blocks(matrix: np.ndarray, most: int) -> tuple[np.ndarray, int]:
    """Return the means over square blocks, as small as leave at most ``most`` of them a side, and their size."""
    size = -(-len(matrix) // most)
    starts = np.arange(0, len(matrix), size)
    counts = np.diff(np.append(starts, len(matrix)))
    sums = np.add.reduceat(np.add.reduceat(matrix, starts, axis=0), starts, axis=1)
    return sums / np.outer(counts, counts), size
