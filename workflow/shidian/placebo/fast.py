"""Exact two-way fixed-effects draws, scores summed by unit: the fast engine.

With C an orthonormal basis of everything partialled out (years and other effects net of unit effects, controls) and
A_ig the unit-demeaned 0/1 path of unit i when it adopts in year g, a draw's regressor net of everything is
``d_i = A_ig - C_i m`` with ``m = sum_i C_i'A_ig``, so (Frisch & Waugh 1933)

    b = sum_i A_ig'y_i / dd,   dd = sum_i A_ig'A_ig - m'm,
    score_i = d_i'(y_i - b d_i) = [-C_i'y_i . m - b m'(C_i'C_i)m] + [A_ig'y_i - b (A_ig'A_ig - 2 m . C_i'A_ig)].

The first bracket is a matrix product of what varies by draw with what varies by unit; the second is zero for units
not treated in the draw, and otherwise uses pieces tabulated by (unit, adoption year). All products are weighted.
CRV1: ``V(b) = factor * sum_clusters (sum_i score_i)^2 / dd^2`` (Cameron & Miller 2015).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from shidian.placebo.design import Design

ABSORBED = 1e-9
"""A draw is absorbed when the treatment keeps less than this share of its sum of squares net of everything else."""

_MAX_BASIS = 60  # the score features grow with the square of the basis; beyond, sums over rows are faster


@dataclass(frozen=True)
class Pieces:
    """Everything a draw is composed from; n units, Y years, q basis columns, P = q + q(q+1)/2 features.

    Attributes:
        pieces: (n, Y, q + 3): A'y, A'A, D'D, then C'A of each unit and adoption year.
        features: (P, n): C'y, then C'C by pairs, of each unit.
        cluster: (n,) cluster of each unit.
        n_clusters: number of clusters.
    """

    pieces: np.ndarray
    features: np.ndarray
    cluster: np.ndarray
    n_clusters: int


def suits(design: Design) -> bool:
    """Say whether scores can be summed by unit: clusters made of whole units, and a basis that is not too wide."""
    if design.n_clusters is None:
        return False
    first = design.cluster[design.start[:-1]]
    whole = bool((design.cluster == first[design.unit]).all())
    return whole and design.controls.shape[1] + design.projector.factor.shape[1] <= _MAX_BASIS


def tabulate(design: Design) -> Pieces:
    """Tabulate the pieces of all (unit, adoption year) and the features of all units."""
    basis = np.hstack([design.projector.basis(), design.controls])
    n, q, start = design.n_units, basis.shape[1], design.start[:-1]
    weighted = design.weight[:, None] * basis
    pieces = np.zeros((n, len(design.years), q + 3))
    for g, year in enumerate(design.years):
        treated = (design.year >= year).astype(float)[:, None]
        path = design.projector.within(treated)
        pieces[:, g, 0] = np.add.reduceat(design.weight * path[:, 0] * design.y, start)
        pieces[:, g, 1] = np.add.reduceat(design.weight * path[:, 0] ** 2, start)
        pieces[:, g, 2] = np.add.reduceat(design.weight * treated[:, 0], start)
        pieces[:, g, 3:] = np.add.reduceat(weighted * path, start, axis=0)
    features = np.empty((q + q * (q + 1) // 2, n))
    features[:q] = np.add.reduceat(weighted * design.y[:, None], start, axis=0).T
    at = q
    for a in range(q):
        for b in range(a, q):
            features[at] = np.add.reduceat(weighted[:, a] * basis[:, b], start) * (1.0 if a == b else 2.0)
            at += 1
    return Pieces(pieces, features, design.cluster[start], design.n_clusters or 0)


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
    _coefficients(table.pieces, units, cohorts, sums, loads[offset:], b, dd)
    scores = (loads @ table.features)[offset : offset + n_draws]
    meat = np.empty(n_draws)
    _meat(table.pieces, units, cohorts, sums, b, scores, table.cluster, table.n_clusters, meat)
    return b, meat / dd**2


@njit(cache=True)
def _coefficients(pieces, units, cohorts, sums, loads, b, dd):  # type: ignore[no-untyped-def]
    """Sum the pieces of each draw; fill b, dd and the loads of the score features."""
    q = pieces.shape[2] - 3
    for d in range(units.shape[0]):
        for j in range(units.shape[1]):
            piece = pieces[units[d, j], cohorts[d, j]]
            for c in range(q + 3):
                sums[d, c] += piece[c]
        m = sums[d, 3:]
        dd[d] = sums[d, 1] - np.sum(m * m)
        if dd[d] <= ABSORBED * sums[d, 2] or sums[d, 2] == 0.0:
            dd[d] = np.nan
        b[d] = sums[d, 0] / dd[d]
        at = q
        for x in range(q):
            loads[d, x] = -m[x]
            for z in range(x, q):
                loads[d, at] = -b[d] * m[x] * m[z]
                at += 1


@njit(cache=True)
def _meat(pieces, units, cohorts, sums, b, scores, cluster, n_clusters, meat):  # type: ignore[no-untyped-def]
    """Add what treated units have beyond the features to their scores; sum squares over clusters."""
    q = pieces.shape[2] - 3
    total = np.empty(n_clusters)
    for d in range(units.shape[0]):
        score = scores[d]
        for j in range(units.shape[1]):
            piece = pieces[units[d, j], cohorts[d, j]]
            cross = 0.0
            for c in range(q):
                cross += sums[d, c + 3] * piece[c + 3]
            score[units[d, j]] += piece[0] - b[d] * (piece[1] - 2.0 * cross)
        total[:] = 0.0
        for i in range(score.shape[0]):
            total[cluster[i]] += score[i]
        square = 0.0
        for c in range(n_clusters):
            square += total[c] * total[c]
        meat[d] = square
