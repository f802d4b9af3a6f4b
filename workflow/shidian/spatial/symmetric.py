"""ln|I − ρW| of a W that is similar to a symmetric matrix, as every symmetric W is after row normalisation.

R W R⁻¹ = S = Q T Q' with T tridiagonal, at a third of the cost of eigenvectors; then ``ln|I − ρW| = Σ ln p_i`` and
``tr[W(I − ρW)⁻¹] = tr[T(I − ρT)⁻¹]`` come from the pivots p of I − ρT, in n steps for each ρ.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.linalg import eigvalsh_tridiagonal
from scipy.linalg.lapack import dpotrf, dpotri, dpttrf, dsterf, dsytrd, dsytrd_lwork
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, connected_components

from shidian.spatial.multiplier import from_inverse, multiplier

FEW = 64
"""Up to so many points the pivots are cheaper than the eigenvalues."""


class SymmetricLogDeterminant:
    """ln|I − ρW| of the W that ``symmetric`` was made from."""

    def __init__(self, W: np.ndarray, symmetric: Symmetrised) -> None:
        self.n, self.W, self._symmetric = len(W), W, symmetric
        work = int(dsytrd_lwork(self.n, lower=1)[0])
        _, self._diagonal, self._beside, _, _ = dsytrd(symmetric.matrix.T, lower=1, lwork=work)
        stochastic = np.abs(W.sum(axis=1) - 1).max() <= 1e-13
        self.lower = 1 / self._eigenvalue(0)
        self.upper = 1.0 if stochastic else 1 / self._eigenvalue(self.n - 1)  # Perron: the row sum, where all are equal
        self.note = "eigenvalues"

    @cached_property
    def omega(self) -> np.ndarray:
        """(n,) eigenvalues of W, all real."""
        return np.asarray(dsterf(self._diagonal, self._beside)[0])

    def value(self, rho: np.ndarray | float) -> np.ndarray:
        """Return ln|I − ρW|."""
        r = np.asarray(rho, dtype=np.float64)
        if r.size > FEW:
            return np.log(1 - r[..., None] * self.omega).sum(axis=-1)
        values = [np.log(self._pivots(x)[0]).sum() for x in r.ravel().tolist()]
        return np.array(values).reshape(r.shape)

    def trace(self, rho: np.ndarray | float) -> np.ndarray:
        """Return tr[W(I − ρW)⁻¹]."""
        r = np.asarray(rho, dtype=np.float64)
        if r.size > FEW:
            ratio = r[..., None] * self.omega
            np.subtract(1, ratio, out=ratio)
            return np.divide(self.omega, ratio, out=ratio).sum(axis=-1)
        return np.array([self._trace(x) for x in r.ravel().tolist()]).reshape(r.shape)

    def trace_slope(self, rho: np.ndarray | float) -> np.ndarray:
        """Return tr[(W(I − ρW)⁻¹)²]."""
        r = np.asarray(rho, dtype=np.float64)
        return ((self.omega / (1 - r[..., None] * self.omega)) ** 2).sum(axis=-1)

    def covering(self, low: float, high: float) -> SymmetricLogDeterminant:
        """Return itself: it is exact everywhere."""
        return self

    def multiplier(self, rho: float) -> np.ndarray:
        """Return G = W(I − ρW)⁻¹, the inverse by Cholesky."""
        A = -rho * self._symmetric.matrix
        A[np.diag_indices(self.n)] += 1
        factor, failed = dpotrf(A.T, lower=1, overwrite_a=1)
        if failed:  # at the very end of the interval
            return multiplier(self.W, rho)
        half, _ = dpotri(factor, lower=1, overwrite_c=1)
        inverse = half + half.T
        inverse[np.diag_indices(self.n)] /= 2
        inverse *= (1 / self._symmetric.root)[:, None]
        inverse *= self._symmetric.root
        return from_inverse(self.W, rho, inverse)

    def _eigenvalue(self, i: int) -> float:
        found = eigvalsh_tridiagonal(self._diagonal, self._beside, select="i", select_range=(i, i), check_finite=False)
        return float(found[0])

    def _pivots(self, rho: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the pivots of I − ρT from the top, its diagonal and what stands beside it."""
        diagonal, beside = 1 - rho * self._diagonal, -rho * self._beside
        pivots, _, failed = dpttrf(diagonal, beside)
        return pivots if not failed else np.full(self.n, np.nan), diagonal, beside

    def _trace(self, rho: float) -> float:
        """Return tr[T(I − ρT)⁻¹]; the inverse's diagonal is 1/(pivot from the top + from the bottom − diagonal)."""
        down, diagonal, beside = self._pivots(rho)
        up, _, _ = dpttrf(diagonal[::-1], beside[::-1])
        inverse = 1 / (down + up[::-1] - diagonal)
        next_to_it = -beside / down[:-1] * inverse[1:]
        return float(self._diagonal @ inverse + 2 * self._beside @ next_to_it)


@dataclass(frozen=True)
class Symmetrised:
    """The symmetric matrix R W R⁻¹, R = diag(root)."""

    matrix: np.ndarray
    root: np.ndarray


def symmetrised(W: np.ndarray) -> Symmetrised | None:
    """Return the symmetric matrix that W is similar to by a diagonal one, or None when there is none.

    It exists where some d > 0 has d_i W_ij = d_j W_ji for all i, j; then the eigenvalues of W are real and a symmetric
    solver finds them ten times as fast. For a row-normalised symmetric matrix d is its row sums.
    """
    links = W > 0
    if np.count_nonzero(links) == W.size - len(W) and not links.diagonal().any():  # all are neighbours
        return _symmetrised(W, np.divide(W[0], W[:, 0], out=np.ones(len(W)), where=links[0]))
    if not np.array_equal(links, links.T):
        return None
    graph = csr_array(W)
    d = np.zeros(len(W))
    _, component = connected_components(graph, directed=False)
    for start in np.unique(component, return_index=True)[1]:
        order, before = breadth_first_order(graph, start, directed=False)
        d[start] = 1.0
        for node in order[1:]:
            d[node] = d[before[node]] * W[before[node], node] / W[node, before[node]]
    return _symmetrised(W, d)


def _symmetrised(W: np.ndarray, d: np.ndarray) -> Symmetrised | None:
    """Return R W R⁻¹ with R² = diag(d) when it is symmetric, else None.

    Eigenvalues move by no more than the norm of what a symmetric solver does not read.
    """
    root = np.sqrt(d)
    S = _similar(W, root)
    size, apart = np.linalg.norm(S), np.linalg.norm(S - S.T)
    return Symmetrised(S, root) if apart <= 1e-10 * size else None  # false where d is not finite


def _similar(W: np.ndarray, root: np.ndarray) -> np.ndarray:
    """Return R W R⁻¹ with R = diag(root)."""
    S = root[:, None] * W
    S /= root
    return S
