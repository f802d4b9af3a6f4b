"""Make ``resources/geo/prefectures.json`` and ``prefecture_seats.csv`` from the map of the npm package echarts 4.9.0.

Run ``python -m shidian.regions.decode_polygons china-cities.json resources/geo/prefectures.json
workflow/shidian/regions/prefecture_seats.csv``; the input is ``map/json/china-cities.json`` of the package. It prints
the digests to set in ``shidian.regions.polygons`` and in ``config/sources/prefecture_seats.yaml``.

Borders are simplified arc by arc (Douglas & Peucker 1973), an arc being the stretch of border between two points
where three units, or two units and the outside, meet. Both neighbours get the same simplified arc, so that borders
stay shared and units that touch still touch.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from shidian.errors import SourceError
from shidian.messages import say
from shidian.regions.simple_lines import simplified

Point = tuple[int, int]
SCALE = 1024
"""The package's coordinates are whole 1/1024 of a degree."""
TOLERANCE = 0.02
"""Degrees by which a simplified border may differ: two kilometres, less than a printed dot on a map of a page."""
RECODED = {
    "652100": "650400", "652200": "650500", "542200": "540500", "542400": "540600", "542600": "540400",
    "469003": "460400",
}  # fmt: skip
"""Code in the package -> later code of the same unit (Turpan, Hami, Shannan, Nagqu, Nyingchi, Danzhou)."""


def decode_ring(text: str, offset: tuple[int, int]) -> list[Point]:
    """Decode one ring: pairs of zig-zag encoded differences, each a character shifted by 64 (echarts' UTF8Encoding)."""
    x, y = offset
    points = []
    for first, second in zip(text[::2], text[1::2], strict=True):
        x += _zigzag(ord(first) - 64)
        y += _zigzag(ord(second) - 64)
        points.append((x, y))
    return points[:-1] if len(points) > 1 and points[0] == points[-1] else points


def _zigzag(value: int) -> int:
    return (value >> 1) ^ -(value & 1)


def decode(content: Mapping[str, Any]) -> dict[str, list[list[Point]]]:
    """Return code -> rings in whole 1/1024 degrees."""
    if not content.get("UTF8Encoding"):
        raise SourceError(say("the polygons are not in echarts' encoding (UTF8Encoding)"))
    units = {}
    for feature in content["features"]:
        geometry = feature["geometry"]
        texts, offsets = geometry["coordinates"], geometry["encodeOffsets"]
        if geometry["type"] == "MultiPolygon":
            texts, offsets = [t for part in texts for t in part], [o for part in offsets for o in part]
        units[feature["id"]] = [decode_ring(t, tuple(o)) for t, o in zip(texts, offsets, strict=True)]
    return units


def simplify(units: Mapping[str, list[list[Point]]], tolerance: float = TOLERANCE) -> dict[str, list[list[Point]]]:
    """Simplify all borders, shared ones alike; islets that vanish are dropped, but never a unit's largest ring."""
    owners: dict[Point, frozenset[str]] = {}
    for code, rings in units.items():
        for ring in rings:
            for point in ring:
                owners[point] = owners.get(point, frozenset()) | {code}
    limit = tolerance * SCALE
    simple = {}
    for code, rings in units.items():
        kept = [(_simplify_ring(ring, owners, limit), ring) for ring in rings]
        largest = max(rings, key=_area)
        simple[code] = [new if len(new) > 2 else old for new, old in kept if len(new) > 2 or old is largest]
    return simple


def _simplify_ring(ring: list[Point], owners: Mapping[Point, frozenset[str]], limit: float) -> list[Point]:
    """Split a ring where its set of owners changes and simplify each arc in a direction that both owners share."""
    n = len(ring)
    corners = [
        i for i in range(n) if owners[ring[i]] != owners[ring[i - 1]] or owners[ring[i]] != owners[ring[(i + 1) % n]]
    ]
    if len(corners) < 2:  # an island or an enclave: cut at its first point and the one farthest from it
        first = min(range(n), key=lambda i: ring[i])
        far = max(
            range(n), key=lambda i: ((ring[i][0] - ring[first][0]) ** 2 + (ring[i][1] - ring[first][1]) ** 2, ring[i])
        )
        corners = sorted({first, far})
    if len(corners) < 2:
        return ring
    out: list[Point] = []
    for a, b in zip(corners, [*corners[1:], corners[0] + n], strict=True):
        arc = [ring[i % n] for i in range(a, b + 1)]
        backwards = arc[0] > arc[-1]
        reduced = simplified(np.array(arc[::-1] if backwards else arc), limit)
        points: list[Point] = [(int(x), int(y)) for x, y in reduced]
        out += (points[::-1] if backwards else points)[:-1]
    return out


def _area(ring: list[Point]) -> float:
    x, y = np.array(ring).T
    return abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1))) / 2


def seats(content: Mapping[str, Any]) -> str:
    """Return the table of the units' seats (code, name, longitude and latitude in degrees) as CSV text.

    The package gives one point a unit (``cp``), where the name is printed: the seat of its government. A unit that was
    recoded stands under its later code.
    """
    lines = ["code,name,longitude,latitude"]
    for feature in sorted(content["features"], key=lambda f: RECODED.get(f["id"], f["id"])):
        longitude, latitude = feature["properties"]["cp"]
        code, name = RECODED.get(feature["id"], feature["id"]), feature["properties"]["name"]
        lines.append(f"{code},{name},{longitude:.6f},{latitude:.6f}")
    return "\n".join(lines) + "\n"


def main(source: Path, target: Path, seats_target: Path) -> None:
    """Decode, simplify and write the outlines and the seats; print the digests of the files."""
    content = json.loads(source.read_text(encoding="utf-8"))
    names = {feature["id"]: feature["properties"]["name"] for feature in content["features"]}
    rings = simplify(decode(content))
    lines = [
        json.dumps(
            {
                "codes": [code, *([RECODED[code]] if code in RECODED else [])],
                "name": names[code],
                "rings": [[[round(x / SCALE, 3), round(y / SCALE, 3)] for x, y in ring] for ring in rings[code]],
            },
            ensure_ascii=False, separators=(",", ":"),
        )
        for code in sorted(rings)
    ]  # fmt: skip
    head = '{"source":"npm echarts 4.9.0, map/json/china-cities.json","licence":"Apache-2.0","units":[\n'
    text = head + ",\n".join(lines) + "\n]}\n"
    for path, written in ((target, text), (seats_target, seats(content))):
        path.write_text(written, encoding="utf-8")
        print(hashlib.sha256(written.encode()).hexdigest(), path)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
