"""Distances between places that are near each other, found by a tree on the sphere: no matrix of all pairs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

import numpy as np
from scipy.sparse import csr_array

from shidian.errors import EstimationError
from shidian.messages import say
from shidian.spatial.haversine import EARTH_RADIUS_KM, haversine_km
from shidian.spatial.weights import MOST_NAMED, check_codes

SAME_PLACE_KM = 0.01
PAIRS_HELD = 2_000_000
"""Pairs of places handled at once."""
MANY = 0.2
"""Share of all pairs within the cut-off above which looking at all of them is quicker than asking the tree."""
SLACK = 1e-9
"""What a chord of the unit sphere is widened by, 6 mm on the ground: the distance itself decides who is near."""


class Near(Protocol):
    """Distances between n places that are near each other."""

    n: int

    def within(self, km: float) -> Iterable[tuple[slice, csr_array]]:
        """Return slices of the places, each with the (rows, n) distances to all places within ``km``."""


def check_places(
    codes: Sequence[str], longitude: np.ndarray, latitude: np.ndarray, kind: str, *, apart: bool = True
) -> tuple[np.ndarray, np.ndarray]:
    """Return longitudes and latitudes of named units as floats after checking them.

    Raises:
        EstimationError: a unit without coordinates, a coordinate outside the globe, two units at one place where they
            must lie ``apart``.
    """
    lon, lat = np.asarray(longitude, dtype=np.float64), np.asarray(latitude, dtype=np.float64)
    check_codes([str(c) for c in codes], kind)
    lacking = [str(c) for c, bad in zip(codes, np.isnan(lon) | np.isnan(lat), strict=True) if bad]
    if lacking:
        raise EstimationError(
            say(
                "weights ({kind}): {n} units have no coordinates: {units}; add them to the source of coordinates or "
                "leave the units out",
                kind=kind,
                n=len(lacking),
                units=lacking[:MOST_NAMED],
            )
        )
    for code, x, y in zip(codes, lon.tolist(), lat.tolist(), strict=True):
        if abs(x) > 180 or abs(y) > 90:
            raise EstimationError(
                say(
                    "weights ({kind}): unit '{unit}' has longitude {x:g} and latitude {y:g}, which is not on the "
                    "globe: are they in degrees, and not swapped?",
                    kind=kind,
                    unit=code,
                    x=x,
                    y=y,
                )
            )
    if apart and (pair := _at_one_place(lon, lat)) is not None:
        raise EstimationError(
            say(
                "weights ({kind}): units '{a}' and '{b}' lie at one place ({x:g}, {y:g}), so 1/distance has no value: "
                "correct the coordinates",
                kind=kind,
                a=codes[pair[0]],
                b=codes[pair[1]],
                x=lon[pair[0]],
                y=lat[pair[0]],
            )
        )
    return lon, lat


class NearPlaces:
    """Which of n places lie within a cut-off of each other.

    Args:
        longitude: (n,) degrees.
        latitude: (n,) degrees.
    """

    def __init__(self, longitude: np.ndarray, latitude: np.ndarray) -> None:
        self.n, self._longitude, self._latitude = len(longitude), longitude, latitude
        self._points = _on_sphere(longitude, latitude)
        self._tree = _tree(self._points)

    def within(self, km: float) -> Iterator[tuple[slice, csr_array]]:
        """Yield slices of the places with their (rows, n) distances to all places within ``km``, themselves too."""
        chord = 2 * np.sin(min(km / (2 * EARTH_RADIUS_KM), np.pi / 2)) + SLACK
        counts = self._tree.query_ball_point(self._points, chord, return_length=True)
        for rows in _blocks(counts):
            many = counts[rows].sum() > MANY * (rows.stop - rows.start) * self.n
            i, j = self._all(rows) if many else self._candidates(rows, chord)
            d = haversine_km(self._longitude[rows][i], self._latitude[rows][i], self._longitude[j], self._latitude[j])
            inside = d <= km
            edges = np.searchsorted(i[inside], np.arange(rows.stop - rows.start + 1))
            yield rows, csr_array((d[inside], j[inside], edges), shape=(rows.stop - rows.start, self.n))

    def _all(self, rows: slice) -> tuple[np.ndarray, np.ndarray]:
        i, j = np.indices((rows.stop - rows.start, self.n))
        return i.ravel(), j.ravel()

    def _candidates(self, rows: slice, chord: float) -> tuple[np.ndarray, np.ndarray]:
        """Return the pairs that the tree finds, in order: place within ``rows``, place among all."""
        found = _tree(self._points[rows]).sparse_distance_matrix(self._tree, chord, output_type="ndarray")
        i, j = np.divmod(np.sort(found["i"].astype(np.int64) * self.n + found["j"]), self.n)
        return i, j


def _blocks(counts: np.ndarray) -> Iterator[slice]:
    """Yield slices of places that have no more than ``PAIRS_HELD`` pairs together, or one place each."""
    start, held = 0, 0
    for i, count in enumerate(counts.tolist()):
        if i > start and held + count > PAIRS_HELD:
            yield slice(start, i)
            start, held = i, 0
        held += count
    if len(counts):
        yield slice(start, len(counts))


def _at_one_place(lon: np.ndarray, lat: np.ndarray) -> tuple[int, int] | None:
    """Return the first two places less than ``SAME_PLACE_KM`` apart, or None."""
    places, which, counts = np.unique(np.column_stack([lon, lat]), axis=0, return_inverse=True, return_counts=True)
    shared = counts > 1
    if len(places) > 1:
        points = _on_sphere(*places.T)
        beside = _tree(points).query(points, k=2)[1]
        apart = [haversine_km(*places.T, *places[side].T) for side in beside.T]  # the place itself may come second
        other = beside != np.arange(len(places))[:, None]
        shared = shared | (np.where(other, np.column_stack(apart), np.inf).min(axis=1) < SAME_PLACE_KM)
    close = np.flatnonzero(shared[which.ravel()])
    if not len(close):
        return None
    first = int(close[0])
    with_it = np.flatnonzero(haversine_km(lon[first], lat[first], lon, lat) < SAME_PLACE_KM)
    return first, int(with_it[with_it != first][0])


def _on_sphere(longitude: np.ndarray, latitude: np.ndarray) -> np.ndarray:
    """Return (n, 3) points of the unit sphere."""
    lon, lat = np.radians(longitude), np.radians(latitude)
    return np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])


def _tree(points: np.ndarray) -> Any:
    from scipy.spatial import cKDTree  # a tenth of a second, and most users of distances need none

    return cKDTree(points)
