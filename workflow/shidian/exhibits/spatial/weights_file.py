"""Spatial weights of a user's file: a square matrix or a list of links named by unit, or outlines of the units."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from shidian.errors import EstimationError, SourceError, nearest
from shidian.messages import say
from shidian.spatial import distance
from shidian.spatial.weights import MOST_NAMED, Weights, from_matrix
from shidian.yearbook.numbers import cell_text, clean
from shidian.yearbook.text_form import TextForm
from shidian.yearbook.workbook import Workbook

LINKS = (2, 3)
"""Columns of a list of links: unit, neighbour, and the weight where it is not one."""
POLYGONS = ("Polygon", "MultiPolygon")

Names = Mapping[str, str]
"""Code or name of a unit, as a file may print it -> code."""


def unit_names(panel: pd.DataFrame) -> dict[str, str]:
    """Return code -> code of a panel's units, and name -> code where the name is one unit's alone."""
    codes = panel["unit"].astype(str)
    names = {code: code for code in codes.unique()}
    if "unit_name" in panel.columns:
        pairs = pd.DataFrame({"code": codes, "name": panel["unit_name"].astype(str)}).drop_duplicates()
        own = pairs[~pairs["name"].duplicated(keep=False)]
        names = dict(zip(own["name"], own["code"], strict=True)) | names
    return names


def weights_of_file(panel: pd.DataFrame, declared: Mapping[str, Any]) -> Weights:
    """Return the weights between a panel's units that a file holds; its other units are left out.

    A square matrix has the units' codes or names in its first row and column; a list of links has a unit, a neighbour
    and their weight (1 without a third column) in each row; ``.gal`` files list each unit's neighbours.

    Raises:
        EstimationError: units of the panel that the file does not name, or a file that is none of these.
    """
    path, names = Path(declared["path"]), unit_names(panel)
    kind = say("file {name}", name=declared["file"])
    try:
        links, known = _gal(path, names) if path.suffix.lower() == ".gal" else _table(path, declared, names)
    except (SourceError, UnicodeDecodeError, ValueError) as error:
        raise EstimationError(say("weights ({kind}): {error}", kind=kind, error=str(error))) from None
    codes = sorted(panel["unit"].astype(str).unique())
    lacking = [code for code in codes if code not in known]
    if lacking:
        raise EstimationError(
            say(
                "weights ({kind}): {n} of {all} units are not in the file, by code or exact name: {units}; leave them "
                "out of the sample or add them",
                kind=kind, n=len(lacking), all=len(codes), units=lacking[:MOST_NAMED],
            )
        )  # fmt: skip
    place = {code: i for i, code in enumerate(codes)}
    W = np.zeros((len(codes), len(codes)))
    for one, other, weight in links:
        if one in place and other in place:
            W[place[one], place[other]] = weight
    return from_matrix(codes, W, kind)


def contiguity_of_file(panel: pd.DataFrame, declared: Mapping[str, Any]) -> Weights:
    """Return ones for units whose outlines in a GeoJSON file touch; ``id`` names the property with code or name.

    Raises:
        EstimationError: no GeoJSON of polygons, no such property, units without outline, no two that touch.
    """
    names, kind = unit_names(panel), say("file {name}", name=declared["file"])
    try:
        features = json.loads(Path(declared["path"]).read_text(encoding="utf-8"))["features"]
        found = [(f.get("properties") or {}, f["geometry"]) for f in features if f.get("geometry")]
        found = [(properties, geometry) for properties, geometry in found if geometry["type"] in POLYGONS]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        problem = say("no GeoJSON file of polygons ({error})", error=str(error))
        raise EstimationError(say("weights ({kind}): {error}", kind=kind, error=problem)) from None
    key = declared.get("id", "code")
    if not any(key in properties for properties, _ in found):
        there = sorted({str(name) for properties, _ in found for name in properties})
        raise EstimationError(
            say(
                "weights ({kind}): no outline has the property '{key}'{nearest}; its properties are {names}",
                kind=kind, key=key, nearest=nearest(key, there), names=there,
            )
        )  # fmt: skip
    outlines: dict[str, list[np.ndarray]] = {}
    for properties, geometry in found:
        code = names.get(clean(cell_text(properties.get(key, ""))))
        if code is not None:
            outlines.setdefault(code, []).extend(_rings(geometry))
    return distance.contiguity(sorted(panel["unit"].astype(str).unique()), outlines)


def _rings(geometry: Mapping[str, Any]) -> list[np.ndarray]:
    parts = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    return [np.asarray(ring, dtype=np.float64)[:, :2] for polygon in parts for ring in polygon]


def _table(path: Path, declared: Mapping[str, Any], names: Names) -> tuple[Iterable[tuple[str, str, float]], set[str]]:
    """Return links and the units named of a matrix or a list of links in a workbook, .csv or .dta file."""
    book = Workbook(path, TextForm(declared.get("encoding")))
    sheet = declared.get("sheet") or (book.sheet_names[0] if book.sheet_names else None)
    grid = book.grid(sheet)
    if uneven := grid.uneven_row(0, np.arange(len(grid.rows))):
        raise SourceError(f"{path}: {uneven}")
    rows = [[clean(cell_text(cell)) for cell in row] for row in grid.rows]
    width = max(len(row) for row in rows)
    if width == len(rows) and len(rows) > max(LINKS):
        return _matrix(rows, names)
    if width in LINKS:
        return _links(rows, names)
    raise ValueError(
        say(
            "{rows} rows of {columns} columns are neither a square matrix with the units in its first row and column "
            "nor a list of links (unit, neighbour, weight)",
            rows=len(rows), columns=width,
        )
    )  # fmt: skip


def _matrix(rows: Sequence[Sequence[str]], names: Names) -> tuple[list[tuple[str, str, float]], set[str]]:
    across, down = rows[0][1:], [row[0] for row in rows[1:]]
    if sorted(across) != sorted(down):
        odd = sorted(set(across) ^ set(down))[:MOST_NAMED]
        raise ValueError(say("first row and first column name different units: {units}", units=odd))
    codes = [names.get(name) for name in across]
    links = []
    for name, row in zip(down, rows[1:], strict=True):
        one = names.get(name)
        for other, text in zip(codes, row[1:], strict=True):
            if one is not None and other is not None and one != other:
                links.append((one, other, _weight(text, name)))
            elif one is not None and one == other and _weight(text, name):
                raise ValueError(say("unit '{unit}' is its own neighbour; the diagonal must be 0", unit=name))
    return links, {code for code in codes if code is not None}


def _links(rows: Sequence[Sequence[str]], names: Names) -> tuple[list[tuple[str, str, float]], set[str]]:
    header = rows[0][0] not in names and rows[0][1] not in names
    links, known, seen = [], set[str](), set[tuple[str, str]]()
    for row in rows[header:]:
        one, other = names.get(row[0]), names.get(row[1])
        known |= {code for code in (one, other) if code is not None}
        if one is None or other is None:
            continue
        if (one, other) in seen:
            raise ValueError(say("the link from '{one}' to '{other}' stands twice", one=row[0], other=row[1]))
        seen.add((one, other))
        links.append((one, other, _weight(row[2], row[0]) if len(row) > 2 else 1.0))
    return links, known


def _weight(text: str, unit: str) -> float:
    try:
        return float(text) if text else 0.0
    except ValueError:
        raise ValueError(say("'{text}' in the row of '{unit}' is no number", text=text, unit=unit)) from None


def _gal(path: Path, names: Names) -> tuple[list[tuple[str, str, float]], set[str]]:
    """Read the lists of neighbours of GeoDa: a first line with the number of units, then two lines a unit."""
    first, *lines = [line.split() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    units = int(first[0] if len(first) == 1 else first[1])
    links, known, at = [], set[str](), 0
    for _ in range(units):
        name, count = lines[at][0], int(lines[at][1])
        neighbours = lines[at + 1][:count] if count else []
        if len(neighbours) != count:
            raise ValueError(say("unit '{unit}' has {n} neighbours, {found} are listed",
                                 unit=name, n=count, found=len(neighbours)))  # fmt: skip
        at += 2 if count else 1
        one = names.get(name)
        if one is not None:
            known.add(one)
            links += [(one, names[other], 1.0) for other in neighbours if other in names]
    return links, known
