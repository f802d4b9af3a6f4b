"""What solving one program returns, and the certificate that every accepted score carries."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from shidian.efficiency.programs import Program

OPTIMAL, INFEASIBLE, UNCERTIFIED = 0, 1, 2
STATUS = ("optimal", "infeasible", "uncertified")
TOLERANCE = 1e-11
"""Largest violation in a certificate: of a primal row or sign, of a dual row, of the duality gap, of a Farkas ray.

A program whose solutions all hold an entry above 1 / ``TOLERANCE`` may therefore count as infeasible: no
super-efficiency of such a size has a meaning.
"""
T_COLUMN = 0
"""Column of Charnes & Cooper's t in every program (``shidian.efficiency.programs``)."""


@dataclass(frozen=True)
class Solution:
    """One program's outcome: its status, and at an optimum the objective and the basic columns with their values.

    Columns are numbered as in the program (0..P-1), then P + j for column j of the reference set.
    """

    status: int
    objective: float = float("nan")
    basis: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int32))
    values: np.ndarray = field(default_factory=lambda: np.zeros(0))


def structural_columns(program: Program, Z: np.ndarray, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the (M, n) reference columns, normalised for the DMU with data z, and their (n,) scale.

    A column is divided by its largest input (or by one, if larger and the intensities add to at most t): in these
    units an intensity cannot exceed t, so that a reduced cost bounds what the column could still improve.
    """
    ratios = Z / z[:, None]
    scale = np.maximum(ratios[: program.n_inputs].max(axis=0), float(program.bounded))
    parts = [np.zeros((1, Z.shape[1])), ratios / scale]
    if program.has_returns_row:
        parts.append(1.0 / scale[None, :])
    return np.vstack(parts), scale


def is_certified(matrix: np.ndarray, cost: np.ndarray, usable: np.ndarray, x: np.ndarray, y: np.ndarray) -> bool:
    """Say whether x solves min cost' x, matrix x = (1, 0, ..., 0), x >= 0, by the dual solution y.

    The certificate: rows met once negative values are set to zero, also when weighted by their dual prices (a
    tiny violation of a dear row is worth much); no usable column with a negative reduced cost, rounding allowed
    for; equal primal and dual objectives. Each within ``TOLERANCE``, relative to objectives above one. Rows of data
    are multiplied by t: a violation is measured in shares of it, for as t falls to zero any row is nearly met, and
    the score belongs to no point of the technology.
    """
    b = np.eye(1, len(matrix)).ravel()
    level = float(cost @ x)
    size = max(1.0, abs(level))
    missed = np.abs(matrix @ np.maximum(x, 0.0) - b)
    t = min(1.0, x[T_COLUMN])
    met = t > 0 and missed[0] <= TOLERANCE and missed[1:].max() <= TOLERANCE * t
    rounding = 4 * np.finfo(float).eps * (np.abs(y) @ np.abs(matrix))
    reduced = (cost - y @ matrix - rounding)[usable]
    violations = (missed @ np.abs(y) / size, -reduced.min() / size, abs(level - y[0]) / size)
    return bool(met and max(violations) <= TOLERANCE)
