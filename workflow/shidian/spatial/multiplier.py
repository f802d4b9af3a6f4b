"""The spatial multiplier G = W(I − ρW)⁻¹, the derivative of −ln|I − ρW| before the trace is taken."""

from __future__ import annotations

import numpy as np
from scipy.linalg import inv


def multiplier(W: np.ndarray, rho: float) -> np.ndarray:
    """Return G = W(I − ρW)⁻¹ of any W."""
    A = -rho * W
    A[np.diag_indices(len(W))] += 1
    return from_inverse(W, rho, inv(A, overwrite_a=True, check_finite=False))


def from_inverse(W: np.ndarray, rho: float, inverse: np.ndarray) -> np.ndarray:
    """Return W A⁻¹, which is (A⁻¹ − I)/ρ where ρW is not near zero; overwrites A⁻¹."""
    if abs(rho) * W.sum(axis=1).max() < 0.05:
        return np.asarray(W @ inverse)
    inverse[np.diag_indices(len(W))] -= 1
    inverse /= rho
    return inverse
