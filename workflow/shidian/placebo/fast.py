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

BLOCK, TILE = 128, 1024
"""Draws and units whose scores are held at once."""

_MAX_BASIS = 60  # the score features grow with the square of the basis; beyond, sums over rows are faster
_SAME = 1e-12  # difference between units' moments, of numbers of order one, that is rounding
_FIRST = 4  # columns of the pieces before C'A


@dataclass(frozen=True)
class Pieces:
    """Everything a draw is composed from; n units, Y years, q basis columns, P features.

    Attributes:
        pieces: (n, Y, q + 4): A'y, A'A, D'D, A'A + 2A's, then C'A of each unit and adoption year.
        features: (P, TILE) arrays, the last one narrower: C'y (q), C'C by pairs (q(q+1)/2) and, where paths are
            shifted, s'y, s's, C's (q) by unit.
        constant: s's summed over units, what shifting takes from every draw's sum of squares.
        cluster: (n,) cluster of each unit.
        n_clusters: number of clusters.
    """

    pieces: np.ndarray
    features: tuple[np.ndarray, ...]
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
    by_unit = np.array([np.add.reduceat(row, start) for row in rows]).reshape(len(rows), design.n_units)
    features = tuple(by_unit[:, at : at + TILE].copy() for at in range(0, design.n_units, TILE))
    constant = 0.0 if shift is None else float(np.sum(weight * shift**2))
    return Pieces(pieces, features, constant, design.cluster[start], design.n_clusters or 0)


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


def estimate_block(table: Pieces, units: np.ndarray, cohorts: np.ndarray, offset: int) -> tuple[np.ndarray, np.ndarray]:
    """Return (B,) coefficients and (B,) meat / dd^2 of some draws of a block, nan where the treatment is absorbed.

    The matrix products always have ``BLOCK`` rows and each draw its own row in them, because a BLAS may round a row
    differently at another place: so a draw is the same to the last bit however draws are cut into chunks. Units are
    taken in tiles that fit the processor's cache, so that a draw costs the same a unit in large panels.

    Args:
        table: the tabulated pieces.
        units: (B, m) units treated in each draw.
        cohorts: (B, m) their adoption years as positions.
        offset: place of the first of these draws in its block.
    """
    n_draws, n_tiles = len(units), len(table.features)
    here = slice(offset, offset + n_draws)
    units, cohorts, bounds = (_by_tile if n_tiles > 1 else _one_tile)(units, cohorts, n_tiles)
    sums = np.zeros((n_draws, table.pieces.shape[2]))
    for t in range(n_tiles):
        _add_pieces(table.pieces, units, cohorts, bounds, t, sums)
    loads = np.zeros((BLOCK, len(table.features[0])))
    b, dd = np.empty(n_draws), np.empty(n_draws)
    _coefficients(sums, table.constant, loads[here], b, dd)
    own = table.n_clusters == len(table.cluster)  # every unit its own cluster: no totals to keep
    totals = np.zeros((n_draws, 0 if own else table.n_clusters))
    meat = np.zeros(n_draws)
    for t, features in enumerate(table.features):
        scores = (loads @ features)[here]
        _add_treated(table.pieces, units, cohorts, bounds, t, sums, b, scores)
        if own:
            meat += np.einsum("ij,ij->i", scores, scores)
        else:
            _add_to_clusters(scores, table.cluster[t * TILE :], totals)
    return b, (meat + np.einsum("ij,ij->i", totals, totals)) / dd**2


def _one_tile(units: np.ndarray, cohorts: np.ndarray, _: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return what ``_by_tile`` does where all units lie in one tile, without having it compiled."""
    return units, cohorts, np.tile(np.array([0, units.shape[1]]), (len(units), 1))


@njit(cache=True)
def _by_tile(units, cohorts, n_tiles):  # type: ignore[no-untyped-def]
    """Order each draw's units by tile (counting sort); bounds (B, n_tiles + 1) say where each tile begins."""
    bounds = np.zeros((units.shape[0], n_tiles + 1), dtype=np.int64)
    bounds[:, n_tiles] = units.shape[1]
    sorted_units, sorted_cohorts = np.empty_like(units), np.empty_like(cohorts)
    place = np.empty(n_tiles, dtype=np.int64)
    for d in range(units.shape[0]):
        place[:] = 0
        for j in range(units.shape[1]):
            place[units[d, j] // TILE] += 1
        total = 0
        for t in range(n_tiles):
            bounds[d, t] = total
            total += place[t]
            place[t] = bounds[d, t]
        for j in range(units.shape[1]):
            t = units[d, j] // TILE
            sorted_units[d, place[t]] = units[d, j]
            sorted_cohorts[d, place[t]] = cohorts[d, j]
            place[t] += 1
    return sorted_units, sorted_cohorts, bounds


@njit(cache=True)
def _add_pieces(pieces, units, cohorts, bounds, tile, sums):  # type: ignore[no-untyped-def]
    """Add the pieces of each draw's treated units of one tile."""
    for d in range(units.shape[0]):
        for j in range(bounds[d, tile], bounds[d, tile + 1]):
            piece = pieces[units[d, j], cohorts[d, j]]
            for c in range(len(piece)):
                sums[d, c] += piece[c]


@njit(cache=True)
def _coefficients(sums, constant, loads, b, dd):  # type: ignore[no-untyped-def]
    """Fill b, dd and the loads of the score features of each draw.

    Loops throughout: assigning to a slice takes Numba longer to compile than the rest of this file.
    """
    q = sums.shape[1] - _FIRST
    shifted = loads.shape[1] > q + q * (q + 1) // 2
    for d in range(len(b)):
        m = sums[d, _FIRST:]
        square = 0.0
        for c in range(q):
            square += m[c] * m[c]
        dd[d] = sums[d, 1] - constant - square
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
            for c in range(q):
                loads[d, at + 2 + c] = 2.0 * b[d] * m[c]


@njit(cache=True)
def _add_treated(pieces, units, cohorts, bounds, tile, sums, b, scores):  # type: ignore[no-untyped-def]
    """Add to the scores of one tile what treated units have beyond the features."""
    for d in range(units.shape[0]):
        for j in range(bounds[d, tile], bounds[d, tile + 1]):
            piece = pieces[units[d, j], cohorts[d, j]]
            cross = 0.0
            for c in range(_FIRST, len(piece)):
                cross += sums[d, c] * piece[c]
            scores[d, units[d, j] - tile * TILE] += piece[0] - b[d] * (piece[3] - 2.0 * cross)


@njit(cache=True)
def _add_to_clusters(scores, cluster, totals):  # type: ignore[no-untyped-def]
    """Add the scores of one tile's units to their clusters' totals."""
    for d in range(scores.shape[0]):
        for i in range(scores.shape[1]):
            totals[d, cluster[i]] += scores[d, i]
