"""Great-circle distances."""

from __future__ import annotations

import numpy as np

EARTH_RADIUS_KM = 6371.0088
"""Mean radius (IUGG)."""


def haversine_km(
    longitude: np.ndarray, latitude: np.ndarray, other_longitude: np.ndarray, other_latitude: np.ndarray
) -> np.ndarray:
    """Return great-circle distances in km of points in degrees, arrays of one shape (haversine; Sinnott 1984)."""
    lon, lat = np.radians(longitude), np.radians(latitude)
    other_lon, other_lat = np.radians(other_longitude), np.radians(other_latitude)
    h = (
        np.sin((lat - other_lat) / 2) ** 2
        + np.cos(lat) * np.cos(other_lat) * np.sin((lon - other_lon) / 2) ** 2
    )  # fmt: skip
    return np.asarray(2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(h, 0, 1))))


def great_circle_km(longitude: np.ndarray, latitude: np.ndarray) -> np.ndarray:
    """Return the (n, n) great-circle distances in km of n points in degrees."""
    return haversine_km(longitude[:, None], latitude[:, None], longitude, latitude)
