"""Spatial weights among the simulated cities, as the study of green innovation defines them."""

from __future__ import annotations

import numpy as np

from shidian.errors import SimulationError

EARTH_KM = 6371.0


def great_circle(longitude: np.ndarray, latitude: np.ndarray) -> np.ndarray:
    """Return (n, n) distances in km (haversine)."""
    lon, lat = np.radians(longitude), np.radians(latitude)
    half = np.sin((lat[:, None] - lat) / 2) ** 2
    half = half + np.cos(lat[:, None]) * np.cos(lat) * np.sin((lon[:, None] - lon) / 2) ** 2
    return np.asarray(2 * EARTH_KM * np.arcsin(np.sqrt(half)))


def composite_weights(longitude: np.ndarray, latitude: np.ndarray, income: np.ndarray, geographic: float) -> np.ndarray:
    """Return ``a W_g + (1 - a) W_e``, both row-standardised: 1/distance and 1/|difference of mean income|.

    Raises:
        SimulationError: two units at distance 0.
    """
    return geographic * _inverse(great_circle(longitude, latitude)) + (1 - geographic) * _inverse(
        np.abs(income[:, None] - income)
    )


def _inverse(distance: np.ndarray) -> np.ndarray:
    off = ~np.eye(len(distance), dtype=bool)
    if (distance[off] == 0).any():
        i, j = np.argwhere((distance == 0) & off)[0]
        raise SimulationError(
            f"units {i} and {j} are at distance 0 (same place, or same mean income): no weight between them"
        )
    weights = np.zeros_like(distance)
    weights[off] = 1 / distance[off]
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))
