"""Weights made from coordinates, from mean incomes and from borders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.sparse import csr_array

from shidian.errors import EstimationError
from shidian.messages import say
from shidian.spatial.haversine import great_circle_km
from shidian.spatial.near import check_places
from shidian.spatial.weights import MOST_NAMED, Weights, check_codes, from_matrix

DISTANCE = say("distance")


def distances(codes: Sequence[str], longitude: np.ndarray, latitude: np.ndarray, kind: str = DISTANCE) -> np.ndarray:
    """Return the (n, n) distances in km of named units after checking their coordinates.

    Raises:
        EstimationError: a unit without coordinates, a coordinate outside the globe, two units at one place.
    """
    return great_circle_km(*check_places(codes, longitude, latitude, kind))


def inverse_distance(
    codes: Sequence[str],
    longitude: np.ndarray,
    latitude: np.ndarray,
    power: float = 1.0,
    cutoff_km: float | None = None,
) -> Weights:
    """Return 1/d_ij^power of great-circle distances in km, zero beyond the cut-off where there is one.

    Raises:
        EstimationError: see ``distances``; a power or cut-off that is not positive.
    """
    if power <= 0 or (cutoff_km is not None and cutoff_km <= 0):
        raise EstimationError(say("inverse-distance weights want a positive power and a positive cut-off"))
    kind = say("inverse great-circle distance")
    if power != 1:
        kind = say("inverse great-circle distance to the power {power:g}", power=power)
    if cutoff_km is not None:
        kind = say("{kind} within {km:g} km", kind=kind, km=cutoff_km)
    d = distances(codes, longitude, latitude, kind)
    np.fill_diagonal(d, np.inf)
    W = d**-power
    if cutoff_km is not None:
        W[d > cutoff_km] = 0.0
    return from_matrix(codes, W, kind)


def k_nearest(codes: Sequence[str], longitude: np.ndarray, latitude: np.ndarray, k: int) -> Weights:
    """Return ones for the k nearest units; of units equally far the one with the smaller code counts.

    Raises:
        EstimationError: see ``distances``; k below 1 or not below the number of units.
    """
    kind = say("{k} nearest neighbours", k=k)
    if not 1 <= k < len(codes):
        raise EstimationError(say("weights ({kind}): k must be between 1 and {most}", kind=kind, most=len(codes) - 1))
    d = distances(codes, longitude, latitude, kind)
    np.fill_diagonal(d, np.inf)
    rank = np.argsort(np.argsort(np.array([str(c) for c in codes]), kind="stable"), kind="stable")
    # a metre decides nothing: distances are rounded so that the tie-breaker, not rounding error, orders equals
    nearest = np.stack([np.lexsort((rank, np.round(row, 3)))[:k] for row in d])
    W = np.zeros_like(d)
    np.put_along_axis(W, nearest, 1.0, axis=1)
    return from_matrix(codes, W, kind)


def economic_distance(codes: Sequence[str], mean_income: np.ndarray) -> Weights:
    """Return 1/|ȳ_i − ȳ_j| of units' mean per-capita GDP.

    Raises:
        EstimationError: a unit without a value, or two units with equal means, both named.
    """
    kind = say("inverse economic distance")
    y = np.asarray(mean_income, dtype=np.float64)
    check_codes([str(c) for c in codes], kind)
    lacking = [str(c) for c, value in zip(codes, y, strict=True) if not np.isfinite(value)]
    if lacking:
        raise EstimationError(
            say("weights ({kind}): no mean per-capita GDP for {units}", kind=kind, units=lacking[:MOST_NAMED])
        )
    gap = np.abs(y[:, None] - y[None, :])
    i, j = np.nonzero(np.triu(gap <= 1e-12 * np.abs(y).max(), 1))
    if len(i):
        raise EstimationError(
            say(
                "weights ({kind}): units '{a}' and '{b}' have the same mean per-capita GDP ({y:g}), so 1/|difference| "
                "has no value",
                kind=kind,
                a=codes[i[0]],
                b=codes[j[0]],
                y=y[i[0]],
            )
        )
    np.fill_diagonal(gap, np.inf)
    return from_matrix(codes, 1 / gap, kind)


def income_nested(geographic: Weights, mean_income: np.ndarray) -> Weights:
    """Return the nested economic-geographic matrix Wg · diag(ȳ_j / ȳ): a neighbour counts by its income.

    Args:
        geographic: geographic weights.
        mean_income: (n,) mean per-capita GDP, in the order of the weights' codes.

    Raises:
        EstimationError: a mean that is missing or not positive.
    """
    kind = say("({kind}) × relative per-capita GDP", kind=geographic.kind)
    y = np.asarray(mean_income, dtype=np.float64)
    for code, value in zip(geographic.codes, y.tolist(), strict=True):
        if not value > 0:
            raise EstimationError(
                say(
                    "weights ({kind}): the mean per-capita GDP of unit '{unit}' is {value:g}",
                    kind=kind,
                    unit=code,
                    value=value,
                )
            )
    return from_matrix(geographic.codes, geographic.matrix * (y / y.mean())[None, :], kind)


def contiguity(codes: Sequence[str], polygons: Mapping[str, Sequence[np.ndarray]]) -> Weights:
    """Return ones for units whose borders share a point (queen contiguity).

    Args:
        codes: the units.
        polygons: code -> rings, each (m, 2) of longitude and latitude in degrees; neighbours share border points, to
            a millionth of a degree.

    Raises:
        EstimationError: units without a polygon, by code; no two units that touch.
    """
    kind = say("contiguity")
    lacking = [str(c) for c in codes if str(c) not in polygons]
    if lacking:
        raise EstimationError(
            say(
                "weights ({kind}): {n} units have no polygon: {units}",
                kind=kind,
                n=len(lacking),
                units=lacking[:MOST_NAMED],
            )
        )
    points = [np.round(np.concatenate(polygons[str(code)]), 6) for code in codes]
    owner = np.repeat(np.arange(len(points)), [len(p) for p in points])
    _, place = np.unique(np.concatenate(points), axis=0, return_inverse=True)
    incidence = csr_array((np.ones(len(owner)), (owner, place.ravel())), shape=(len(points), int(place.max()) + 1))
    W = ((incidence @ incidence.T).toarray() > 0).astype(np.float64)
    np.fill_diagonal(W, 0.0)
    return from_matrix(codes, W, kind)
