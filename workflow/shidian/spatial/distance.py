"""Weights made from coordinates, from mean incomes and from borders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.spatial import cKDTree

from shidian.errors import EstimationError
from shidian.spatial.weights import Weights, check_codes, from_matrix

EARTH_RADIUS_KM = 6371.0088
"""Mean radius (IUGG)."""
SAME_PLACE_KM = 0.01


def great_circle_km(longitude: np.ndarray, latitude: np.ndarray) -> np.ndarray:
    """Return the (n, n) great-circle distances in km of points in degrees (haversine; Sinnott 1984)."""
    lon, lat = np.radians(longitude)[:, None], np.radians(latitude)[:, None]
    h = np.sin((lat - lat.T) / 2) ** 2 + np.cos(lat) * np.cos(lat.T) * np.sin((lon - lon.T) / 2) ** 2
    return np.asarray(2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(h, 0, 1))))


def distances(codes: Sequence[str], longitude: np.ndarray, latitude: np.ndarray, kind: str = "distance") -> np.ndarray:
    """Return the (n, n) distances in km of named units after checking their coordinates.

    Raises:
        EstimationError: a unit without coordinates, a coordinate outside the globe, two units at one place.
    """
    lon, lat = np.asarray(longitude, dtype=np.float64), np.asarray(latitude, dtype=np.float64)
    check_codes([str(c) for c in codes], kind)
    lacking = [str(c) for c, bad in zip(codes, np.isnan(lon) | np.isnan(lat), strict=True) if bad]
    if lacking:
        raise EstimationError(
            f"weights ({kind}): {len(lacking)} units have no coordinates: {', '.join(lacking[:10])}; add them to the "
            "source of coordinates or leave the units out"
        )
    for code, x, y in zip(codes, lon.tolist(), lat.tolist(), strict=True):
        if abs(x) > 180 or abs(y) > 90:
            raise EstimationError(
                f"weights ({kind}): unit '{code}' has longitude {x:g} and latitude {y:g}, which is not on the globe: "
                "are they in degrees, and not swapped?"
            )
    d = great_circle_km(lon, lat)
    i, j = np.nonzero(np.triu(d < SAME_PLACE_KM, 1))
    if len(i):
        raise EstimationError(
            f"weights ({kind}): units '{codes[i[0]]}' and '{codes[j[0]]}' lie at one place ({lon[i[0]]:g}, "
            f"{lat[i[0]]:g}), so 1/distance has no value: correct the coordinates"
        )
    return d


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
        raise EstimationError("inverse-distance weights want a positive power and a positive cut-off")
    kind = "inverse great-circle distance" if power == 1 else f"inverse great-circle distance to the power {power:g}"
    kind += f" within {cutoff_km:g} km" if cutoff_km is not None else ""
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
    kind = f"{k} nearest neighbours"
    if not 1 <= k < len(codes):
        raise EstimationError(f"weights ({kind}): k must be between 1 and {len(codes) - 1}")
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
    kind = "inverse economic distance"
    y = np.asarray(mean_income, dtype=np.float64)
    check_codes([str(c) for c in codes], kind)
    lacking = [str(c) for c, value in zip(codes, y, strict=True) if not np.isfinite(value)]
    if lacking:
        raise EstimationError(f"weights ({kind}): no mean per-capita GDP for {', '.join(lacking[:10])}")
    gap = np.abs(y[:, None] - y[None, :])
    i, j = np.nonzero(np.triu(gap <= 1e-12 * np.abs(y).max(), 1))
    if len(i):
        raise EstimationError(
            f"weights ({kind}): units '{codes[i[0]]}' and '{codes[j[0]]}' have the same mean per-capita GDP "
            f"({y[i[0]]:g}), so 1/|difference| has no value"
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
    kind = f"({geographic.kind}) × relative per-capita GDP"
    y = np.asarray(mean_income, dtype=np.float64)
    for code, value in zip(geographic.codes, y.tolist(), strict=True):
        if not value > 0:
            raise EstimationError(f"weights ({kind}): the mean per-capita GDP of unit '{code}' is {value:g}")
    return from_matrix(geographic.codes, geographic.matrix * (y / y.mean())[None, :], kind)


def contiguity(
    codes: Sequence[str], polygons: Mapping[str, Sequence[np.ndarray]], tolerance_km: float = 1.0
) -> Weights:
    """Return ones for units whose borders touch (queen contiguity), that is, come within the tolerance.

    Simplified polygons of neighbours share few vertices exactly, so borders are filled with points at most half the
    tolerance apart and compared by distance.

    Args:
        codes: the units.
        polygons: code -> rings, each (m, 2) of longitude and latitude in degrees.
        tolerance_km: largest gap between borders that touch.

    Raises:
        EstimationError: units without a polygon, by code.
    """
    kind = "contiguity"
    lacking = [str(c) for c in codes if str(c) not in polygons]
    if lacking:
        raise EstimationError(f"weights ({kind}): {len(lacking)} units have no polygon: {', '.join(lacking[:10])}")
    borders = [_border_points(polygons[str(code)], tolerance_km / 2) for code in codes]
    owner = np.repeat(np.arange(len(borders)), [len(b) for b in borders])
    tree = cKDTree(np.concatenate(borders))
    chord = 2 * np.sin(tolerance_km / EARTH_RADIUS_KM / 2)
    W = np.zeros((len(codes), len(codes)))
    for pair in np.array_split(tree.query_pairs(chord, output_type="ndarray"), 20):
        W[owner[pair[:, 0]], owner[pair[:, 1]]] = 1.0
    W = np.maximum(W, W.T)
    np.fill_diagonal(W, 0.0)
    return from_matrix(codes, W, kind)


def _border_points(rings: Sequence[np.ndarray], step_km: float) -> np.ndarray:
    """Return (m, 3) points on the unit sphere along the rings, at most ``step_km`` apart."""
    parts = []
    for ring in rings:
        points = np.asarray(ring, dtype=np.float64)
        start, end = points, np.roll(points, -1, axis=0)
        east = (end[:, 0] - start[:, 0]) * np.cos(np.radians(start[:, 1]))
        length = np.hypot(east, end[:, 1] - start[:, 1]) * np.pi / 180 * EARTH_RADIUS_KM
        pieces = np.maximum(np.ceil(length / step_km).astype(int), 1)
        which = np.repeat(np.arange(len(points)), pieces)
        first = np.concatenate([[0], np.cumsum(pieces)[:-1]])
        share = ((np.arange(len(which)) - first[which]) / pieces[which])[:, None]
        parts.append(start[which] * (1 - share) + end[which] * share)
    degrees = np.radians(np.concatenate(parts))
    lon, lat = degrees[:, 0], degrees[:, 1]
    return np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
