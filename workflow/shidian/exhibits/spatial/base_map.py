"""A base map of the user's own: outlines of the units, other land, boundary lines, in a GeoJSON file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from shidian.errors import EstimationError, nearest
from shidian.messages import say
from shidian.regions.simple_lines import simplified
from shidian.yearbook.numbers import cell_text, clean

UNIT, LAND, LINE = "unit", "land", "line"
COLUMNS = ("layer", "unit", "part", "longitude", "latitude")
TOLERANCE = 0.01
"""Degrees by which a kept outline may differ from the file's: less than the width of a line in print."""
SEA = (105.0, 2.0, 123.0, 23.5)
"""West, south, east and north of the inset of the South China Sea."""
_POLYGONS, _LINES = ("Polygon", "MultiPolygon"), ("LineString", "MultiLineString")
_BOUNDARY = re.compile(r"段线|断续线|国界|境界|[_\s]JD$|^JD$|nine.?dash|dash(ed)? line|boundary", re.I)
"""What the attributes of boundary lines say in the files that offices and sellers give out."""

Properties = Mapping[str, Any]


def base_map(declared: Mapping[str, Any], names: Mapping[str, str]) -> pd.DataFrame:
    """Return the layers of a base map as the figure keeps them, so that it is drawn without the file.

    Args:
        declared: ``base`` (name), ``path``, and where given ``id`` (property with a unit's code or name) and
            ``boundary`` (property -> value of its boundary lines, or "none").
        names: code or name of a unit -> code.

    Returns:
        One row a point: layer (unit, land, line), unit (code; "" of other layers), part (number of the ring or line),
        longitude, latitude in degrees.

    Raises:
        EstimationError: no GeoJSON, no unit in it, no boundary line, coordinates that are no degrees.
    """
    key, file = declared.get("id", "code"), str(declared["base"])
    features = list(_features(declared))
    known = [names.get(clean(cell_text(properties.get(key, "")))) for properties, _ in features]
    if not any(known):
        there = sorted({str(name) for properties, _ in features for name in properties})
        raise _wrong(
            file,
            say(
                "no outline's property '{key}' is code or name of a unit of the study{nearest}; its properties are "
                "{names}: say which one is by 'id'",
                key=key, nearest=nearest(key, there), names=there,
            ),
        )  # fmt: skip
    boundary = declared.get("boundary", {})
    layers = [
        (_layer(properties, geometry, code, boundary), code or "", geometry)
        for (properties, geometry), code in zip(features, known, strict=True)
    ]
    if boundary != "none" and not any(layer == LINE for layer, _, _ in layers):
        raise _wrong(
            file,
            say(
                "it has no boundary lines (the nine-dash line among them): name them by a property, 'boundary: "
                "{{property: value}}', or write 'boundary: none' for a map of another country"
            ),
        )
    return _points((layer, code, geometry) for layer, code, geometry in layers if layer)


def reaches_the_sea(layers: pd.DataFrame) -> bool:
    """Say whether a base map has lines in the South China Sea, so that an inset shows them."""
    lines = layers[layers["layer"] == LINE]
    west, south, east, north = SEA
    inside = lines["longitude"].between(west, east) & lines["latitude"].between(south, north - 5)
    return bool(inside.any())


def _features(declared: Mapping[str, Any]) -> Iterator[tuple[Properties, Mapping[str, Any]]]:
    file = str(declared["base"])
    try:
        features = json.loads(Path(declared["path"]).read_text(encoding="utf-8"))["features"]
        found = [(f.get("properties") or {}, f["geometry"]) for f in features if f.get("geometry")]
        drawn = [(p, g) for p, g in found if g["type"] in (*_POLYGONS, *_LINES) and g["coordinates"]]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _wrong(file, say("no GeoJSON file of outlines and lines ({error})", error=str(error))) from None
    if not drawn:
        raise _wrong(file, say("it has no outlines"))
    yield from drawn


def _layer(properties: Properties, geometry: Mapping[str, Any], code: str | None, boundary: Any) -> str:
    """Return the layer of a feature, "" for a line that is not drawn."""
    if isinstance(boundary, Mapping) and boundary:
        if any(str(properties.get(name)) in _texts(value) for name, value in boundary.items()):
            return LINE
    elif boundary != "none" and code is None:
        texts = [str(value) for value in properties.values() if isinstance(value, str)]
        if geometry["type"] in _LINES or any(_BOUNDARY.search(text) for text in texts):
            return LINE
    if geometry["type"] in _LINES:
        return ""
    return LAND if code is None else UNIT


def _texts(value: Any) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]


def _points(layers: Iterable[tuple[str, str, Mapping[str, Any]]]) -> pd.DataFrame:
    frames, part = [], 0
    for layer, code, geometry in layers:
        for line in _parts(geometry):
            points = simplified(np.asarray(line, dtype=np.float64)[:, :2], TOLERANCE).round(3)
            if np.abs(points).max() > 180:
                raise EstimationError(say("map: the base map's coordinates are no degrees of longitude and latitude"))
            frames.append(pd.DataFrame({
                "layer": layer, "unit": code, "part": part, "longitude": points[:, 0], "latitude": points[:, 1],
            }))  # fmt: skip
            part += 1
    return pd.concat(frames, ignore_index=True)


def _parts(geometry: Mapping[str, Any]) -> list[Any]:
    """Return the rings of an area, or the lines of a line."""
    nested = {"LineString": 0, "MultiLineString": 1, "Polygon": 1, "MultiPolygon": 2}[geometry["type"]]
    parts = [geometry["coordinates"]]
    for _ in range(nested):
        parts = [piece for part in parts for piece in part]
    return parts


def _wrong(file: str, problem: str) -> EstimationError:
    return EstimationError(say("map: base map {file}: {problem}", file=file, problem=problem))
