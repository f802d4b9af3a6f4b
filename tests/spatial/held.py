"""Distances held as a matrix, where a test wants other ones than those of places on the globe."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array


class Held:
    """``shidian.spatial.near.Near`` of an (n, n) matrix."""

    def __init__(self, km: np.ndarray) -> None:
        self.n, self.km = len(km), km

    def within(self, km: float):
        """Return all places at once."""
        i, j = np.nonzero(self.km <= km)
        edges = np.searchsorted(i, np.arange(self.n + 1))
        return [(slice(0, self.n), csr_array((self.km[i, j], j, edges), shape=self.km.shape))]
