"""Spatial weights: a matrix that carries the codes of its units, so that it is aligned by code, never by position."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd

from shidian.errors import EstimationError
from shidian.messages import say

Normalisation = Literal["none", "row", "spectral"]
NORMALISATIONS: tuple[Normalisation, ...] = ("none", "row", "spectral")
GIVEN = say("given matrix")
MOST_NAMED = 10
"""Most units that an error names."""


@dataclass(frozen=True, eq=False)
class Weights:
    """Spatial weights of n units.

    Attributes:
        codes: (n,) unit codes, in the order of the matrix's rows and columns.
        matrix: (n, n) weights, non-negative, zero diagonal; row i holds the neighbours of unit i.
        kind: how they were made, in words for a note.
        normalisation: ``row`` = each row sums to one (islands to zero); ``spectral`` = largest eigenvalue one.
    """

    codes: tuple[str, ...]
    matrix: np.ndarray
    kind: str
    normalisation: Normalisation = "none"

    @property
    def n(self) -> int:
        """Number of units."""
        return len(self.codes)

    @property
    def islands(self) -> tuple[str, ...]:
        """Codes of the units without a neighbour."""
        return tuple(self.codes[i] for i in np.flatnonzero(self.matrix.sum(axis=1) == 0))

    @cached_property
    def row_stochastic(self) -> bool:
        """Whether every row sums to one, so that W 1 = 1 (false when there is an island)."""
        return bool(np.allclose(self.matrix.sum(axis=1), 1, rtol=0, atol=1e-10))

    def lag(self, values: np.ndarray) -> np.ndarray:
        """Return the spatial lag of (..., n) values, year by year."""
        flat = values.reshape(-1, self.n)  # one product instead of one a year
        return np.asarray(flat @ self.matrix.T).reshape(values.shape)


def from_matrix(codes: Sequence[str], matrix: np.ndarray, kind: str = GIVEN) -> Weights:
    """Check a matrix and attach the codes of its units.

    Raises:
        EstimationError: wrong shape, a code given twice, weights that are missing, infinite or negative, a
            diagonal that is not zero, no link at all.
    """
    names, W = tuple(str(code) for code in codes), np.asarray(matrix, dtype=np.float64)
    if W.shape != (len(names), len(names)):
        raise EstimationError(
            say(
                "weights ({kind}): a matrix of shape {shape} cannot belong to {n} units",
                kind=kind,
                shape=str(W.shape),
                n=len(names),
            )
        )
    check_codes(names, kind)
    bad = ~np.isfinite(W) | (W < 0)
    if bad.any():
        i, j = np.argwhere(bad)[0]
        raise EstimationError(
            say(
                "weights ({kind}): the weight of '{a}' for '{b}' is {weight:g}; weights are finite and not negative",
                kind=kind,
                a=names[j],
                b=names[i],
                weight=W[i, j],
            )
        )
    own = np.flatnonzero(np.diag(W))
    if len(own):
        raise EstimationError(
            say(
                "weights ({kind}): unit '{unit}' is its own neighbour; the diagonal must be 0",
                kind=kind,
                unit=names[own[0]],
            )
        )
    if not W.any():
        raise EstimationError(
            say("weights ({kind}): no unit has a neighbour: widen the cut-off or choose another kind", kind=kind)
        )
    return Weights(names, W, kind)


def from_frame(frame: pd.DataFrame, kind: str = GIVEN) -> Weights:
    """Read a square frame whose index and columns hold the unit codes, in any order.

    Raises:
        EstimationError: index and columns name different units, or see ``from_matrix``.
    """
    rows, columns = [str(c) for c in frame.index], [str(c) for c in frame.columns]
    check_codes(rows, kind)
    if set(rows) != set(columns):
        odd = sorted(set(rows) ^ set(columns))
        raise EstimationError(
            say("weights ({kind}): rows and columns name different units: {units}", kind=kind, units=odd[:5])
        )
    ordered = frame.set_axis(rows, axis=0).set_axis(columns, axis=1).loc[rows, rows]
    return from_matrix(rows, ordered.to_numpy(dtype=np.float64), kind)


def align(weights: Weights, codes: Sequence[str]) -> Weights:
    """Return the weights of exactly these units, in this order, normalised again over them.

    Raises:
        EstimationError: a unit that the weights do not have; fewer than two units; no link left.
    """
    names = tuple(str(code) for code in codes)
    if names == weights.codes:
        return weights
    check_codes(names, weights.kind)
    place = {code: i for i, code in enumerate(weights.codes)}
    lacking = [code for code in names if code not in place]
    if lacking:
        raise EstimationError(
            say(
                "weights ({kind}): {n} units of the panel have no weights: {units}",
                kind=weights.kind,
                n=len(lacking),
                units=lacking[:MOST_NAMED],
            )
        )
    order = np.array([place[code] for code in names])
    part = from_matrix(names, weights.matrix[np.ix_(order, order)], weights.kind)
    # a permutation keeps the normalisation; a subset has lost neighbours and must be normalised afresh
    whole = len(names) == weights.n
    return replace(part, normalisation=weights.normalisation) if whole else normalise(part, weights.normalisation)


def normalise(weights: Weights, how: Normalisation) -> Weights:
    """Divide by row sums (``row``), by the spectral radius (``spectral``), or leave as is (``none``).

    Row normalisation makes Wy an average of neighbours; spectral normalisation keeps relative distances across
    rows (Kelejian & Prucha 2010). Islands keep a row of zeros.

    Raises:
        EstimationError: no such normalisation; a spectral radius of zero.
    """
    if how not in NORMALISATIONS:
        raise EstimationError(say("no normalisation '{how}' of weights: one of {valid}", how=how, valid=NORMALISATIONS))
    W = weights.matrix
    if how == "row":
        sums = W.sum(axis=1, keepdims=True)
        W = np.divide(W, sums, out=np.zeros_like(W), where=sums > 0)
    elif how == "spectral":
        radius = spectral_radius(W)
        if radius == 0:
            raise EstimationError(
                say("weights ({kind}): all eigenvalues are zero; they cannot be normalised", kind=weights.kind)
            )
        W = W / radius
    return replace(weights, matrix=W, normalisation=how)


def spectral_radius(W: np.ndarray) -> float:
    """Return the largest modulus of the eigenvalues of a non-negative matrix."""
    values = np.linalg.eigvalsh(W) if np.array_equal(W, W.T) else np.linalg.eigvals(W)
    return float(np.abs(values).max())


def composite(geographic: Weights, economic: Weights, a: float) -> Weights:
    """Return a Wg + (1 - a) We of the two row-standardised matrices, row-standardised itself.

    Raises:
        EstimationError: a outside 0 to 1, or matrices of different units.
    """
    if not 0 <= a <= 1:
        raise EstimationError(say("the composite weights a Wg + (1 - a) We want a between 0 and 1, not {a:g}", a=a))
    first, second = normalise(geographic, "row"), normalise(align(economic, geographic.codes), "row")
    kind = say("{a:g} × ({first}) + {b:g} × ({second})", a=a, first=geographic.kind, b=1 - a, second=economic.kind)
    return normalise(from_matrix(first.codes, a * first.matrix + (1 - a) * second.matrix, kind), "row")


def product(geographic: Weights, economic: Weights) -> Weights:
    """Return the nested matrix whose weights are the products of geographic and economic ones."""
    second = align(economic, geographic.codes)
    kind = say("({first}) × ({second})", first=geographic.kind, second=economic.kind)
    return from_matrix(geographic.codes, geographic.matrix * second.matrix, kind)


def check_codes(codes: Sequence[str], kind: str) -> None:
    """Raise EstimationError when a code is given twice or fewer than two units are left."""
    seen: set[str] = set()
    for code in codes:
        if code in seen:
            raise EstimationError(say("weights ({kind}): unit '{unit}' is given twice", kind=kind, unit=code))
        seen.add(code)
    if len(codes) < 2:
        raise EstimationError(
            say("weights ({kind}): {n} unit has no neighbours; at least two are needed", kind=kind, n=len(codes))
        )
