"""Files of spatial weights and base maps that exhibits name: where they lie, and what makes their jobs stale."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from shidian.checksums import content_checksum
from shidian.errors import StudyError, nearest

FOLDER = Path("resources") / "weights"
"""Where the files lie, in the folder of the configuration."""
MAPS = Path("resources") / "geo"
"""Where base maps lie."""


def with_files(root: Path, exhibit: Mapping[str, Any]) -> dict[str, Any]:
    """Return an exhibit whose weights of a file carry its path and checksum, so that an edit makes them stale."""
    found = dict(exhibit)
    if _names_file(found.get("weights")):
        found["weights"] = _placed(root, found["weights"])
    if isinstance(found.get("options"), Mapping) and _names_file(found["options"].get("weights")):
        found["options"] = {**found["options"], "weights": _placed(root, found["options"]["weights"])}
    if isinstance(found.get("map"), Mapping):
        path = root / MAPS / found["map"]["base"]
        found["map"] = {**found["map"], "path": str(path), "sha256": content_checksum(path)}
    return found


def refuse_missing(root: Path, exhibits: Mapping[str, Mapping[str, Any]]) -> None:
    """Refuse exhibits that name a file of weights which is not there; ``exhibits`` are by their place in the study.

    Raises:
        StudyError: naming the exhibit, the file and the nearest one that is there.
    """
    there, maps = (sorted(path.name for path in (root / folder).glob("*")) for folder in (FOLDER, MAPS))
    for where, exhibit in exhibits.items():
        base = exhibit["map"]["base"] if isinstance(exhibit.get("map"), Mapping) else None
        if base is not None and base not in maps:
            raise StudyError(
                f"{where}: at 'map.base': there is no {MAPS / base}{nearest(base, maps)}; put the base map, a GeoJSON "
                "file, there"
            )
        for weights in _declared(exhibit):
            if _names_file(weights) and weights["file"] not in there:
                raise StudyError(
                    f"{where}: at 'weights.file': there is no {FOLDER / weights['file']}"
                    f"{nearest(weights['file'], there)}; put the matrix, the list of links or the outlines there"
                )


def refuse_unfit(exhibit: Mapping[str, Any], unit: Mapping[str, Any] | None) -> None:
    """Refuse weights without the file that they want, with one that they would pass over, or without outlines.

    ``unit`` is what the study says of its units, None where there is no study.

    Raises:
        StudyError: naming exhibit and key.
    """
    if isinstance(exhibit.get("map"), Mapping) and isinstance(exhibit["map"].get("inset"), list):
        west, south, east, north = (*exhibit["map"]["inset"], *[0] * 4)[:4]
        if not (west < east and south < north):
            raise StudyError(
                f"exhibit '{exhibit['id']}': at 'map.inset': west, south, east, north in degrees, such as "
                "[105, 2, 123, 23.5]"
            )
    for weights in filter(lambda w: isinstance(w, Mapping), _declared(exhibit)):
        kind, where = weights.get("kind"), f"exhibit '{exhibit['id']}': at 'weights"
        if kind == "file" and "file" not in weights:
            raise StudyError(f"{where}.file': weights of kind file want the name of a file in {FOLDER}")
        if kind not in ("file", "contiguity", None) and "file" in weights:
            raise StudyError(f"{where}.file': weights of kind {kind} read no file; write 'kind: file', or leave it out")
        if kind == "contiguity" and "file" not in weights and unit is not None and unit.get("level") != "city":
            raise StudyError(
                f"{where}.kind': the borders that are known are those of China's prefectures, and those of the study "
                f"are others; give the outlines of yours, 'file: ….geojson' in {FOLDER}, or a matrix, 'kind: file'"
            )


def _declared(exhibit: Mapping[str, Any]) -> Iterator[Any]:
    yield exhibit.get("weights")
    if isinstance(exhibit.get("options"), Mapping):
        yield exhibit["options"].get("weights")


def _names_file(weights: Any) -> bool:
    return isinstance(weights, Mapping) and "file" in weights


def _placed(root: Path, weights: Mapping[str, Any]) -> dict[str, Any]:
    path = root / FOLDER / weights["file"]
    return {**weights, "path": str(path), "sha256": content_checksum(path)}
