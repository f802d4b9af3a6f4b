"""ln|I − ρW| and the traces that likelihood and effects need, as functions of ρ.

Up to a few thousand units by the eigenvalues of W (Ord 1975); beyond, by LU decompositions at Chebyshev nodes and
interpolation between them (in the spirit of Pace & LeSage 2004, but with exact node values and a second, narrow pass
around the estimate, after which the interpolation error is below 1e-10).
"""

from __future__ import annotations

from functools import cached_property
from typing import Literal, Protocol

import numpy as np
from numpy.polynomial import Chebyshev
from scipy.linalg import lu_factor
from scipy.sparse import csc_array, eye_array
from scipy.sparse.linalg import splu

from shidian.errors import EstimationError
from shidian.messages import say
from shidian.spatial.multiplier import multiplier
from shidian.spatial.symmetric import SymmetricLogDeterminant, symmetrised
from shidian.spatial.weights import Weights

Method = Literal["auto", "eigen", "lu"]
EIGEN_GENERAL, EIGEN_SYMMETRIC = 1000, 5000
"""Largest n for which eigenvalues are found: of a general W, and of one similar to a symmetric matrix."""
FEW = 64
"""Up to so many points complex arithmetic costs nothing."""
SPARSE = 0.1
"""Share of links below which the LU decomposition is a sparse one."""


class LogDeterminant(Protocol):
    """ln|I − ρW| on the open interval (lower, upper) around 0 where I − ρW is regular."""

    n: int
    W: np.ndarray
    lower: float
    upper: float
    note: str

    def value(self, rho: np.ndarray | float) -> np.ndarray:
        """Return ln|I − ρW|."""

    def trace(self, rho: np.ndarray | float) -> np.ndarray:
        """Return tr[W(I − ρW)⁻¹], minus the first derivative of ``value``."""

    def trace_slope(self, rho: np.ndarray | float) -> np.ndarray:
        """Return tr[W(I − ρW)⁻¹W(I − ρW)⁻¹], the derivative of ``trace``."""

    def covering(self, low: float, high: float) -> LogDeterminant:
        """Return the same function, exact between ``low`` and ``high``."""

    def multiplier(self, rho: float) -> np.ndarray:
        """Return the (n, n) matrix G = W(I − ρW)⁻¹ at a ρ of the interval."""


def log_determinant(weights: Weights, method: Method = "auto") -> LogDeterminant:
    """Return ln|I − ρW|, by the method that suits the size of W unless one is named."""
    symmetric = symmetrised(weights.matrix)
    if method == "auto":
        method = "eigen" if weights.n <= (EIGEN_GENERAL if symmetric is None else EIGEN_SYMMETRIC) else "lu"
    if method == "eigen":
        return (
            EigenLogDeterminant(weights.matrix)
            if symmetric is None
            else SymmetricLogDeterminant(weights.matrix, symmetric)
        )
    return LuLogDeterminant(weights.matrix, *_safe_interval(weights.matrix))


class EigenLogDeterminant:
    """Σ ln|1 − ρω_i| over the eigenvalues ω of any W, which are real or come in conjugate pairs."""

    def __init__(self, W: np.ndarray) -> None:
        self.n, self.W = len(W), W
        omega = np.linalg.eigvals(W)
        real = np.abs(np.imag(omega)) <= 1e-10 * np.abs(omega).max()
        self.n_complex = int((~real).sum())
        self.omega = np.real(omega) if real.all() else omega
        on_line = np.real(omega)[real]
        radius = float(np.abs(omega).max())
        self.lower = 1 / float(on_line.min()) if len(on_line) and on_line.min() < -1e-8 * radius else -1 / radius
        self.upper = 1 / float(on_line.max()) if len(on_line) and on_line.max() > 1e-8 * radius else 1 / radius
        self.note = f"eigenvalues ({self.n_complex} complex)" if self.n_complex else "eigenvalues"

    def value(self, rho: np.ndarray | float) -> np.ndarray:
        """Return ln|I − ρW|."""
        return np.log(np.abs(1 - self._times(rho))).sum(axis=-1)

    def trace(self, rho: np.ndarray | float) -> np.ndarray:
        """Return tr[W(I − ρW)⁻¹]; at many ρ in real numbers, one of each conjugate pair for both."""
        r = np.asarray(rho, dtype=np.float64)
        if r.size <= FEW or not self.n_complex:
            return np.real(self.omega / (1 - self._times(rho))).sum(axis=-1)
        a, b, at = np.real(self.omega), np.imag(self.omega), r[..., None]
        line, above = a[b == 0], b > 0
        return (line / (1 - at * line)).sum(axis=-1) + 2 * _real_parts(a[above], b[above], at).sum(axis=-1)

    def trace_slope(self, rho: np.ndarray | float) -> np.ndarray:
        """Return tr[(W(I − ρW)⁻¹)²]."""
        return np.real((self.omega / (1 - self._times(rho))) ** 2).sum(axis=-1)

    def covering(self, low: float, high: float) -> EigenLogDeterminant:
        """Return itself: eigenvalues are exact everywhere."""
        return self

    def multiplier(self, rho: float) -> np.ndarray:
        """Return G = W(I − ρW)⁻¹."""
        return multiplier(self.W, rho)

    def _times(self, rho: np.ndarray | float) -> np.ndarray:
        return np.asarray(np.asarray(rho, dtype=np.float64)[..., None] * self.omega)


def _real_parts(a: np.ndarray, b: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Return the real parts of ω/(1 − ρω), ω = a + bi: (a − ρ|ω|²)/((1 − ρa)² + (ρb)²), in two arrays and no more."""
    below, other = 1 - at * a, at * b
    below *= below
    other *= other
    below += other
    np.multiply(at, a**2 + b**2, out=other)
    np.subtract(a, other, out=other)
    other /= below
    return other


class LuLogDeterminant:
    """ln|I − ρW| by LU at Chebyshev nodes of [low, high]; the pole of a largest eigenvalue 1/upper is split off.

    ln(1 − ρ/upper) carries the singularity at the end of the interval, so that the rest is smooth.
    """

    def __init__(
        self, W: np.ndarray, lower: float, upper: float, low: float | None = None, high: float | None = None
    ) -> None:
        self.n, self.W, self.lower, self.upper = len(W), W, lower, upper
        margin = 0.01
        self.low = lower * (1 - margin) if low is None else low
        self.high = upper * (1 - margin) if high is None else high
        self.fine = low is not None
        self.nodes = 24 if not self.fine else 16 if self.high - self.low < 0.25 * upper else 48
        self.note = "LU decomposition at Chebyshev nodes"

    @cached_property
    def _smooth(self) -> Chebyshev:
        angle = (np.arange(self.nodes) + 0.5) * np.pi / self.nodes
        rho = (self.low + self.high) / 2 + (self.high - self.low) / 2 * np.cos(angle)
        values = np.array([self._exact(r) for r in rho]) - np.log(1 - rho / self.upper)
        return Chebyshev.fit(rho, values, self.nodes - 1, domain=[self.low, self.high])

    def _exact(self, rho: float) -> float:
        if np.count_nonzero(self.W) < SPARSE * self.n**2:
            A = eye_array(self.n, format="csc") - rho * csc_array(self.W)
            return float(np.log(np.abs(splu(A).U.diagonal())).sum())
        factor, _ = lu_factor(np.eye(self.n) - rho * self.W, overwrite_a=True, check_finite=False)
        return float(np.log(np.abs(np.diag(factor))).sum())

    def value(self, rho: np.ndarray | float) -> np.ndarray:
        """Return ln|I − ρW|."""
        r = np.asarray(rho, dtype=np.float64)
        return np.asarray(self._smooth(r) + np.log(1 - r / self.upper))

    def trace(self, rho: np.ndarray | float) -> np.ndarray:
        """Return tr[W(I − ρW)⁻¹]."""
        r = np.asarray(rho, dtype=np.float64)
        return np.asarray(-self._smooth.deriv(1)(r) + 1 / (self.upper - r))

    def trace_slope(self, rho: np.ndarray | float) -> np.ndarray:
        """Return tr[(W(I − ρW)⁻¹)²]."""
        r = np.asarray(rho, dtype=np.float64)
        return np.asarray(-self._smooth.deriv(2)(r) + 1 / (self.upper - r) ** 2)

    def covering(self, low: float, high: float) -> LuLogDeterminant:
        """Return the function with its nodes between ``low`` and ``high``; itself where its own are close enough."""
        low, high = max(low, self.lower * 0.999), min(high, self.upper * 0.999)
        if self.fine and self.low <= low and high <= self.high:
            return self
        return LuLogDeterminant(self.W, self.lower, self.upper, low, high)

    def multiplier(self, rho: float) -> np.ndarray:
        """Return G = W(I − ρW)⁻¹."""
        return multiplier(self.W, rho)


def _safe_interval(W: np.ndarray) -> tuple[float, float]:
    """Return ±1/r with r the spectral radius, inside which I − ρW is regular; by power iteration on s + W.

    The shift s, the largest row sum, keeps the iteration from going round between groups of units; W in any unit gives
    the same r in that unit.
    """
    x = np.ones(len(W)) / np.sqrt(len(W))
    shift, radius = float(W.sum(axis=1).max()), 0.0
    for _ in range(5000):
        z = shift * x + W @ x
        norm = float(np.linalg.norm(z))
        x = z / norm
        if abs(norm - shift - radius) < 1e-13 * norm:
            break
        radius = norm - shift
    if radius <= 0:
        raise EstimationError(say("the weights have spectral radius zero: no unit has a neighbour that has neighbours"))
    return -1 / radius, 1 / radius
