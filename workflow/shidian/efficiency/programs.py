"""The linear programs of frontier analysis in the one standard form that all engines share.

Written for an evaluated DMU o, every row divided by its own value z_io (so that units cannot matter) and, for the
ratio models, after the transformation of Charnes & Cooper (1962), Lambda = t lambda, S = t s:

    min  cost' v
    s.t. row 0       norm' v                                       = 1
         rows 1..K   sum_j (z_ij / z_io) Lambda_j + (columns of v) = 0
         last row    sum_j Lambda_j + h - t                        = 0     (unless returns to scale are constant)
         Lambda, v >= 0

The columns v: ``t`` scales the DMU itself, ``q<i>`` is the slack of variable i inside the technology, ``S<i>`` the
slack by which a super-efficient DMU leaves it, ``h`` the slack of non-increasing or non-decreasing returns,
``self`` a column equal to the DMU's own data, ``artificial<i>`` starts phase 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np

Returns = Literal["crs", "vrs", "nirs", "ndrs"]
Orientation = Literal["none", "input", "output"]
RETURNS: tuple[Returns, ...] = ("crs", "vrs", "nirs", "ndrs")
ORIENTATIONS: tuple[Orientation, ...] = ("none", "input", "output")
PENALTY = 10.0
"""Cost of the own column of a DMU that is no member of its reference set, in units of the score."""


class Counts(NamedTuple):
    """How many inputs, desirable and undesirable outputs a technology has; variables come in this order."""

    inputs: int
    desirable: int
    undesirable: int

    @property
    def sign(self) -> np.ndarray:
        """(K,) +1 for variables to be reduced (inputs, undesirable outputs), -1 for desirable outputs."""
        return np.array([1.0] * self.inputs + [-1.0] * self.desirable + [1.0] * self.undesirable)


@dataclass(frozen=True)
class Program:
    """A program without its reference set; equal for all DMUs because rows are normalised.

    Attributes:
        names: (P,) names of the columns v.
        E: (M, P) their coefficients.
        cost: (P,) their costs; phase1: (P,) 1 for artificial columns, else 0.
        start: (M,) a feasible basis, of phase 1 if it holds a positive artificial.
        n_inputs: leading data rows that are inputs.
        has_returns_row: whether the last row restricts the sum of intensities.
        bounded: whether it bounds that sum from above.
    """

    names: tuple[str, ...]
    E: np.ndarray
    cost: np.ndarray
    phase1: np.ndarray
    start: np.ndarray
    n_inputs: int
    has_returns_row: bool
    bounded: bool

    @cached_property
    def start_inverse(self) -> np.ndarray:
        """(M, M) inverse of the starting basis."""
        return np.ascontiguousarray(np.linalg.inv(self.E[:, self.start]))

    def position(self, name: str) -> int:
        """Return the number of a column."""
        return self.names.index(name)


def sbm(
    counts: Counts, weights: np.ndarray, returns: Returns, orientation: Orientation, self_cost: float = 0.0
) -> Program:
    """Return the slacks-based measure with undesirable outputs (Tone 2001, 2003).

    min [1 - sum_i w_i s_i/x_io] / [1 + sum_r w_r s_r/y_ro + sum_k w_k s_k/y_ko]; the orientation ``input`` leaves
    out the denominator, ``output`` the numerator. ``weights`` (K,) add to one over inputs and over outputs.
    ``self_cost`` is 0 for a DMU in its reference set; otherwise it makes the own column too dear to be used
    wherever the DMU lies inside the technology.
    """
    builder = Builder(counts, returns)
    builder.add("t", norm=1.0, rows=-1.0, returns_row=-1.0, cost=1.0)
    for i, sign in enumerate(counts.sign):
        is_input = i < counts.inputs
        cost = -weights[i] if is_input and orientation != "output" else 0.0
        norm = weights[i] if not is_input and orientation != "input" else 0.0
        builder.add(f"q{i}", norm=norm, row=i, value=sign, cost=cost)
    builder.add_returns_slack()
    builder.add("self", rows=1.0, returns_row=1.0, cost=self_cost)
    first = 1 if returns == "crs" else 0
    return builder.build(["t", "self", *(f"q{i}" for i in range(first, builder.K))])


def super_sbm(counts: Counts, weights: np.ndarray, returns: Returns, orientation: Orientation) -> Program:
    """Return Super-SBM with undesirable outputs (Tone 2002), to be solved without the DMU itself.

    min [1 + sum_i w_i s_i/x_io] / [1 - sum_r w_r s_r/y_ro - sum_k w_k s_k/y_ko]. The denominator falls in the
    undesirable slack too: leaving the technology towards more pollution is no merit. An orientation leaves the
    DMU's other side as it is.
    """
    builder = Builder(counts, returns)
    builder.add("t", norm=1.0, rows=-1.0, returns_row=-1.0, cost=1.0)
    start = ["artificial0"]
    for i, sign in enumerate(counts.sign):
        builder.add(f"q{i}", row=i, value=sign)
        is_input = i < counts.inputs
        movable = orientation != ("output" if is_input else "input")
        if movable:
            cost, norm = (weights[i], 0.0) if is_input else (0.0, -weights[i])
            builder.add(f"S{i}", norm=norm, row=i, value=-sign, cost=cost)
        start.append(f"S{i}" if sign < 0 and movable else f"q{i}")
    builder.add_returns_slack()
    builder.add("artificial0", norm=1.0, phase1=1.0)
    if returns != "crs":
        builder.add("artificial1", returns_row=1.0, phase1=1.0)
        start.append("artificial1")
    return builder.build(start)


def radial_input(counts: Counts, returns: Returns) -> Program:
    """Return the radial input measure of Charnes, Cooper & Rhodes (1978): min theta, X lambda <= theta x_o."""
    builder = Builder(counts, returns)
    outputs = range(counts.inputs, sum(counts))
    builder.add("t", norm=1.0, rows=-1.0, only=outputs, returns_row=-1.0)
    builder.add("theta", rows=-1.0, only=range(counts.inputs), cost=1.0)
    builder.add_slacks(counts.sign)
    builder.add_returns_slack()
    start = ["t", *(f"q{i}" for i in range(counts.inputs))]
    for i in outputs:
        sign = counts.sign[i]
        if sign < 0:
            builder.add(f"artificial{i}", row=i, value=1.0, phase1=1.0)
        start.append(f"artificial{i}" if sign < 0 else f"q{i}")
    return builder.build(builder.finish_start(start))


def directional(counts: Counts, returns: Returns, direction: np.ndarray, weak: bool) -> Program:
    """Return a directional distance (Chambers, Chung & Faere 1996), direction in units of the DMU's own values.

    max beta s.t. X lambda <= (1 - g_x beta) x_o, Y lambda >= (1 + g_y beta) y_o, B lambda <= (1 - g_b beta) b_o,
    the last with equality where undesirable outputs are weakly disposable (Chung, Faere & Grosskopf 1997).
    ``direction`` (K,) holds the g. The optimum of this program is -beta, negative for a point inside.
    """
    builder = Builder(counts, returns)
    bad = range(counts.inputs + counts.desirable, builder.K)
    builder.add("t", norm=1.0, rows=-1.0, returns_row=-1.0)
    builder.add("beta", rows=counts.sign * direction, cost=-1.0)
    builder.add("minus_beta", rows=-counts.sign * direction, cost=1.0)
    builder.add_slacks(counts.sign, but=bad if weak else range(0))
    builder.add_returns_slack()
    start = ["t", *(f"q{i}" for i in range(counts.inputs))]
    for i in range(counts.inputs, builder.K):
        if counts.sign[i] > 0 and not weak:
            start.append(f"q{i}")
        else:
            builder.add(f"artificial{i}", row=i, value=1.0, phase1=1.0)
            start.append(f"artificial{i}")
    return builder.build(builder.finish_start(start))


class Builder:
    """Collects the columns of a program, each with its entries in the three kinds of rows."""

    def __init__(self, counts: Counts, returns: Returns) -> None:
        self.counts, self.returns, self.K = counts, returns, sum(counts)
        self.columns: dict[str, tuple[np.ndarray, float, float]] = {}

    def add(
        self, name: str, *, norm: float = 0.0, rows: float | np.ndarray = 0.0, only: range | None = None,
        row: int | None = None, value: float = 0.0, returns_row: float = 0.0, cost: float = 0.0, phase1: float = 0.0,
    ) -> None:  # fmt: skip
        """Add a column: its entry in the norm, in all data rows (``only`` some), in one of them, in the returns row."""
        column = np.zeros(self.K + 2)
        column[0], column[-1] = norm, returns_row
        column[1:-1] = rows
        if only is not None:
            column[[1 + i for i in range(self.K) if i not in only]] = 0.0
        if row is not None:
            column[1 + row] = value
        self.columns[name] = (column if self.returns != "crs" else column[:-1], cost, phase1)

    def add_slacks(self, sign: np.ndarray, but: range = range(0)) -> None:
        """Add a slack ``q<i>`` to each data row, but those of ``but``."""
        for i in range(self.K):
            if i not in but:
                self.add(f"q{i}", row=i, value=sign[i])

    def add_returns_slack(self) -> None:
        """Add ``h``, where the sum of intensities is bounded on one side."""
        if self.returns in ("nirs", "ndrs"):
            self.add("h", returns_row=1.0 if self.returns == "nirs" else -1.0)

    def finish_start(self, start: list[str]) -> list[str]:
        """Return the starting basis with what the returns row needs."""
        """Complete a starting basis by an artificial column for the row of returns to scale."""
        if self.returns == "crs":
            return start
        self.add("artificial_returns", returns_row=1.0, phase1=1.0)
        return [*start, "artificial_returns"]

    def build(self, start: list[str]) -> Program:
        """Return the program that starts from the columns named."""
        names = tuple(self.columns)
        columns, costs, phase1 = zip(*self.columns.values(), strict=True)
        return Program(
            names=names,
            E=np.ascontiguousarray(np.column_stack(columns)),
            cost=np.array(costs),
            phase1=np.array(phase1),
            start=np.array([names.index(name) for name in start], dtype=np.int32),
            n_inputs=self.counts.inputs,
            has_returns_row=self.returns != "crs",
            bounded=self.returns in ("vrs", "nirs"),
        )
