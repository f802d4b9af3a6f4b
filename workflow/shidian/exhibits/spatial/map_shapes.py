"""What a map draws, projected: outlines of units, other land, boundary lines; its extent, inset and scale."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from shidian.exhibits.spatial.base_map import LAND, LINE, SEA, UNIT
from shidian.regions.polygons import prefecture_outlines
from shidian.regions.simple_lines import simplified

EARTH_KM = 6371.0
CHINA = (70.0, 138.0)
"""Longitudes between which a map is drawn in the projection of maps of China."""


@dataclass(frozen=True)
class Projection:
    """Albers' equal-area conic projection (Snyder 1987, eqs. 14-1 to 14-6); by default that of maps of China.

    Attributes:
        meridian: central meridian in degrees.
        parallels: standard parallels in degrees.
    """

    meridian: float = 105.0
    parallels: tuple[float, float] = (25.0, 47.0)

    @classmethod
    def of(cls, degrees: np.ndarray) -> Projection:
        """Return the projection for (n, 2) points: China's, or one about the middle of elsewhere."""
        (west, south), (east, north) = degrees.min(axis=0), degrees.max(axis=0)
        if CHINA[0] <= west and east <= CHINA[1]:
            return cls()
        sixth = (north - south) / 6
        return cls((west + east) / 2, (south + sixth, north - sixth))

    def __call__(self, ring: np.ndarray) -> np.ndarray:
        """Return longitude and latitude in degrees as coordinates in radii of the earth."""
        first, second = np.radians(self.parallels)
        n = (np.sin(first) + np.sin(second)) / 2
        c = np.cos(first) ** 2 + 2 * n * np.sin(first)
        rho = np.sqrt(c - 2 * n * np.sin(np.radians(ring[:, 1]))) / n
        rho_0 = np.sqrt(c - 2 * n * np.sin(np.radians(36.0))) / n
        theta = n * np.radians(ring[:, 0] - self.meridian)
        return np.column_stack([rho * np.sin(theta), rho_0 - rho * np.cos(theta)])


@dataclass(frozen=True)
class Shapes:
    """The projected shapes of a map.

    Attributes:
        units: code -> rings.
        land: rings that are no unit's.
        lines: boundary lines.
        box: west, south, east, north of the map itself, projected.
        inset: the same of the inset, None for none.
    """

    units: Mapping[str, list[np.ndarray]]
    land: Sequence[np.ndarray]
    lines: Sequence[np.ndarray]
    box: tuple[float, float, float, float]
    inset: tuple[float, float, float, float] | None

    @property
    def scale_km(self) -> int:
        """Length of the scale bar: the longest of 1, 2, 5 times a power of ten below a quarter of the map's width."""
        widest = (self.box[2] - self.box[0]) * EARTH_KM / 4
        power = 10 ** np.floor(np.log10(widest))
        return int(max(k * power for k in (1, 2, 5) if k * power <= widest))


def shapes_of(layers: pd.DataFrame | None, inset: Sequence[float] | None, tolerance: float) -> Shapes:
    """Return the shapes of a base map's layers, or of the shipped outlines, simplified by degrees of tolerance."""
    parts = _shipped() if layers is None else _layers(layers)
    degrees = {name: [(code, simplified(ring, tolerance)) for code, ring in rings] for name, rings in parts.items()}
    kept = {name: [(code, ring) for code, ring in rings if len(ring) > (1 if name == LINE else 3)]
            for name, rings in degrees.items()}  # fmt: skip
    project = Projection.of(np.concatenate([ring for _, ring in parts[UNIT]]))
    units: dict[str, list[np.ndarray]] = {}
    for code, ring in kept[UNIT]:
        units.setdefault(code, []).append(project(ring))
    shown = [ring for name in (UNIT, LAND) for _, ring in parts[name]]
    shown += [] if inset is not None else [line for _, line in parts[LINE]]
    above = SEA[1] if inset is None else inset[1] + 0.75 * (inset[3] - inset[1])
    return Shapes(
        units, [project(ring) for _, ring in kept[LAND]], [project(line) for _, line in kept[LINE]],
        _box(project(ring) for ring in shown if inset is None or ring[:, 1].max() > above),
        None if inset is None else _box([project(_frame(inset))]),
    )  # fmt: skip


def _box(rings: Iterable[np.ndarray]) -> tuple[float, float, float, float]:
    points = np.concatenate(list(rings))
    (west, south), (east, north) = points.min(axis=0) - 0.01, points.max(axis=0) + 0.01
    return float(west), float(south), float(east), float(north)


def _frame(inset: Sequence[float]) -> np.ndarray:
    """Return the corners and edges of a box in degrees, which a projection bends."""
    west, south, east, north = inset
    across = np.linspace(west, east, 9)
    return np.vstack([np.column_stack([across, np.full(9, edge)]) for edge in (south, north)])


def _shipped() -> dict[str, list[tuple[str, np.ndarray]]]:
    units = [(code, ring) for code, outline in prefecture_outlines().items() for ring in outline.rings]
    return {UNIT: [(code, np.vstack([ring, ring[:1]])) for code, ring in units], LAND: [], LINE: []}


def _layers(layers: pd.DataFrame) -> dict[str, list[tuple[str, np.ndarray]]]:
    found: dict[str, list[tuple[str, np.ndarray]]] = {UNIT: [], LAND: [], LINE: []}
    for (layer, unit, _), points in layers.groupby(["layer", "unit", "part"], sort=False):
        found[str(layer)].append((str(unit), points[["longitude", "latitude"]].to_numpy(dtype=np.float64)))
    return found
