"""Linear algebra on symmetric matrices whose rows carry units of measure: each is brought to unit diagonal first.

A covariance or cross-product holds squares of units of measure on its diagonal. Solved or decomposed as it stands, a
variable in yuan drowns one in trillions of yuan; on the scale of correlations the result is the same whatever the
units (van der Sluis 1969).
"""

from __future__ import annotations

import numpy as np

RANK_TOLERANCE = 1e-10
"""A variance left of a unit variance, given the others, that counts as zero."""


def inverse(matrix: np.ndarray) -> np.ndarray:
    """Return the inverse of a (k, k) symmetric positive definite matrix.

    Raises:
        numpy.linalg.LinAlgError: the matrix is singular.
    """
    scale = scales(matrix)
    return np.asarray(np.linalg.inv(matrix / np.outer(scale, scale)) / np.outer(scale, scale))


def solve(matrix: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return the (k,) or (k, m) solution of ``matrix @ x = right`` with a symmetric positive definite matrix.

    Raises:
        numpy.linalg.LinAlgError: the matrix is singular.
    """
    scale = scales(matrix)
    by_row = scale if right.ndim == 1 else scale[:, None]
    return np.asarray(np.linalg.solve(matrix / np.outer(scale, scale), right / by_row) / by_row)


def quadratic_form(vector: np.ndarray, matrix: np.ndarray) -> float:
    """Return v' M⁻¹ v with a symmetric positive definite M, such as a Wald statistic.

    Raises:
        numpy.linalg.LinAlgError: the matrix is singular.
    """
    return float(vector @ solve(matrix, vector))


def root(covariance: np.ndarray) -> np.ndarray:
    """Return a lower triangular R with R R' = covariance, which need not have full rank.

    It is the Cholesky factor of the correlation, so that draws R z of the same z are the same numbers in any unit of
    measure. What earlier variables explain to within rounding error gets a column of zeros.
    """
    scale = scales(covariance)
    rest = covariance / np.outer(scale, scale)
    factor = np.zeros_like(rest)
    for j in range(len(rest)):
        if rest[j, j] > RANK_TOLERANCE:
            factor[j:, j] = rest[j:, j] / np.sqrt(rest[j, j])
            rest = rest - np.outer(factor[:, j], factor[:, j])
    return factor * scale[:, None]


def scales(matrix: np.ndarray) -> np.ndarray:
    """Return the (k,) square roots of the diagonal, 1 where it is not positive."""
    diagonal = np.diag(matrix)
    return np.sqrt(np.where(diagonal > 0, diagonal, 1.0))
