"""Exact two-way fixed-effects draws, scores summed by unit: the fast engine.

With C an orthonormal basis of everything partialled out (years and other effects net of unit effects, controls) and
A_ig the unit-demeaned 0/1 path of unit i when it adopts in year g, a draw's regressor net of everything is
``d_i = A_ig - C_i m`` with ``m = sum_i C_i'A_ig``, so (Frisch & Waugh 1933)

    b = sum_i A_ig'y_i / dd,   dd = sum_i A_ig'A_ig - m'm,
    score_i = d_i'(y_i - b d_i) = [-C_i'y_i . m - b m'(C_i'C_i)m] + [A_ig'y_i - b (A_ig'A_ig - 2 m . C_i'A_ig)].

The first bracket is a matrix product of what varies by draw with what varies by unit; the second is zero for units
not treated in the draw, and otherwise uses pieces tabulated by (unit, adoption year). All products are weighted.
CRV1: ``V(b) = factor * sum_clusters (sum_i score_i)^2 / dd^2`` (Cameron & Miller 2015).

In a balanced panel whose cohort sizes are kept, the part of m that belongs to the years is the same in every draw.
It is then taken out of the paths beforehand (``s_i = -Z_i m_Z``, and A_ig + s_i in the place of A_ig), and C is left
with the controls alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from shidian.placebo.design import Design

ABSORBED = 1e-9
"""A draw is absorbed when the treatment keeps less than this share of its sum of squares net of everything else."""

_MAX_BASIS = 60  # the score features grow with the square of the basis; beyond, sums over rows are faster
_SAME = 1e-12  # difference between units' moments, of numbers of order one, that is rounding
_FIRST = 4  # columns of the pieces before C'A


@dataclass(frozen=True)
class Pieces:
    """Everything a draw is composed from; n units, Y years, q basis columns, P features.

    Attributes:
        pieces: (n, Y, q + 4): A'y, A'A, D'D, A'A + 2A's, then C'A of each unit and adoption year.
        features: (P, n): C'y (q), C'C by pairs (q(q+1)/2) and, where paths are shifted, s'y, s's, C's (q) by unit.
        n_basis: q.
        constant: s's summed over units, what shifting takes from every draw's sum of squares.
        cluster: (n,) cluster of each unit.
        n_clusters: number of clusters.
    """

    pieces: np.ndarray
    features: np.ndarray
    n_basis: int
    constant: float
    cluster: np.ndarray
    n_clusters: int


def suits(design: Design) -> bool:
    """Say whether scores can be summed by unit: clusters made of whole units, and a basis that is not too wide."""
    if design.n_clusters is None:
        return False
    first = design.cluster[design.start[:-1]]
    whole = bool((design.cluster == first[design.unit]).all())
    return whole and design.controls.shape[1] + design.projector.factor.shape[1] <= _MAX_BASIS


def tabulate(design: Design, fixed_cohort: np.ndarray | None = None) -> Pieces:
    """Tabulate the pieces of all (unit, adoption year) and the features of all units.

    ``fixed_cohort`` (m,) are the adoption years (positions) that every draw hands out, None where they vary.
    """
    start, weight = design.start[:-1], design.weight
    effects, basis = design.projector.basis(), design.controls
    raw = (design.year[:, None] >= design.years[None, :]).astype(float)
    path = design.projector.within(raw)
    common = _common_moment(design, effects, path, fixed_cohort)
    shift = None
    if common is None:
        basis = np.hstack([effects, basis])
    else:
        shift = -(effects @ common)
    q = basis.shape[1]
    weighted = weight[:, None] * basis
    pieces = np.empty((design.n_units, len(design.years), q + _FIRST))
    for g in range(len(design.years)):
        a = weight * path[:, g]
        pieces[:, g, 0] = np.add.reduceat(a * design.y, start)
        pieces[:, g, 1] = np.add.reduceat(a * path[:, g], start)
        pieces[:, g, 2] = np.add.reduceat(weight * raw[:, g], start)
        pieces[:, g, 3] = pieces[:, g, 1]
        if shift is not None:
            pieces[:, g, 3] += 2 * np.add.reduceat(a * shift, start)
        pieces[:, g, _FIRST:] = np.add.reduceat(a[:, None] * basis, start, axis=0)
    pairs = [(a, b) for a in range(q) for b in range(a, q)]
    rows = [weighted[:, a] * design.y for a in range(q)]
    rows += [weighted[:, a] * basis[:, b] * (1.0 if a == b else 2.0) for a, b in pairs]
    if shift is not None:
        rows += [weight * shift * design.y, weight * shift**2, *(weighted[:, a] * shift for a in range(q))]
    features = np.array([np.add.reduceat(row, start) for row in rows]).reshape(len(rows), design.n_units)
    constant = 0.0 if shift is None else float(np.sum(weight * shift**2))
    return Pieces(pieces, features, q, constant, design.cluster[start], design.n_clusters or 0)


def _common_moment(
    design: Design, effects: np.ndarray, path: np.ndarray, fixed_cohort: np.ndarray | None
) -> np.ndarray | None:
    """Return m_Z when it is the same in every draw: cohort sizes kept, and Z'A the same for every unit."""
    if fixed_cohort is None:
        return None
    total = np.zeros(effects.shape[1])
    for g, size in zip(*np.unique(fixed_cohort, return_counts=True), strict=True):
        a = (design.weight * path[:, g])[:, None] * effects
        moment = np.add.reduceat(a, design.start[:-1], axis=0)
        if np.ptp(moment, axis=0).max(initial=0.0) > _SAME:
            return None
        total += size * moment.mean(axis=0)
    return total


def block_size(n_units: int) -> int:
    """Return the number of draws whose scores are held at once: a power of two, 16 MB or so."""
    return int(2 ** np.clip(np.floor(np.log2(2e6 / n_units)), 3, 8))


def estimate_block(
    table: Pieces, units: np.ndarray, cohorts: np.ndarray, block: int, offset: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return (B,) coefficients and (B,) meat / dd^2 of some draws of a block, nan where the treatment is absorbed.

    The matrix product always has ``block`` rows and each draw its own row in it, because a BLAS may round a row
    differently at another place: so a draw is the same to the last bit however draws are cut into chunks.

    Args:
        table: the tabulated pieces.
        units: (B, m) units treated in each draw.
        cohorts: (B, m) their adoption years as positions.
        block: draws in a whole block.
        offset: place of the first of these draws in the block.
    """
    n_draws = len(units)
    sums = np.zeros((n_draws, table.pieces.shape[2]))
    loads = np.zeros((block, len(table.features)))
    b, dd = np.empty(n_draws), np.empty(n_draws)
    _coefficients(table.pieces, table.constant, units, cohorts, sums, loads[offset:], b, dd)
    scores = (loads @ table.features)[offset : offset + n_draws]
    meat = np.empty(n_draws)
    _meat(table.pieces, units, cohorts, sums, b, scores, table.cluster, table.n_clusters, meat)
    return b, meat / dd**2


@njit(cache=True)
def _coefficients(pieces, constant, units, cohorts, sums, loads, b, dd):  # type: ignore[no-untyped-def]
    """Sum the pieces of each draw; fill b, dd and the loads of the score features."""
    q = pieces.shape[2] - _FIRST
    shifted = loads.shape[1] > q + q * (q + 1) // 2
    for d in range(units.shape[0]):
        for j in range(units.shape[1]):
            piece = pieces[units[d, j], cohorts[d, j]]
            for c in range(len(piece)):
                sums[d, c] += piece[c]
        m = sums[d, _FIRST:]
        dd[d] = sums[d, 1] - constant - np.sum(m * m)
        if dd[d] <= ABSORBED * sums[d, 2]:
            dd[d] = np.nan
        b[d] = sums[d, 0] / dd[d]
        at = q
        for x in range(q):
            loads[d, x] = -m[x]
            for z in range(x, q):
                loads[d, at] = -b[d] * m[x] * m[z]
                at += 1
        if shifted:
            loads[d, at] = 1.0
            loads[d, at + 1] = -b[d]
            loads[d, at + 2 :] = 2.0 * b[d] * m


@njit(cache=True)
def _meat(pieces, units, cohorts, sums, b, scores, cluster, n_clusters, meat):  # type: ignore[no-untyped-def]
    """Add what treated units have beyond the features to their scores; sum squares over clusters."""
    q = pieces.shape[2] - _FIRST
    total = np.empty(n_clusters)
    for d in range(units.shape[0]):
        score = scores[d]
        for j in range(units.shape[1]):
            piece = pieces[units[d, j], cohorts[d, j]]
            cross = 0.0
            for c in range(_FIRST, q + _FIRST):
                cross += sums[d, c] * piece[c]
            score[units[d, j]] += piece[0] - b[d] * (piece[3] - 2.0 * cross)
        total[:] = 0.0
        for i in range(score.shape[0]):
            total[cluster[i]] += score[i]
        square = 0.0
        for c in range(n_clusters):
            square += total[c] * total[c]
        meat[d] = square
