"""Outlines of China's prefecture-level units, for maps and contiguity (``resources/geo/README.md``)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from shidian.errors import SourceError
from shidian.messages import say

PREFECTURES = Path(__file__).resolve().parents[3] / "resources" / "geo" / "prefectures.json"
SHA256 = "fae9f5bc0398d497b97c35159aaac9bc3a08cb67dd1b0e2cefe95659e7294727"
"""Digest of the file that this version of the code reads: a changed file changes the code, and with it what reruns."""


@dataclass(frozen=True, eq=False)
class Outline:
    """One unit's outline: name in Chinese, rings of (m, 2) longitude and latitude in degrees (no holes)."""

    name: str
    rings: tuple[np.ndarray, ...]


@cache
def prefecture_outlines() -> Mapping[str, Outline]:
    """Return GB/T 2260 code -> outline; a unit that was recoded stands under its old and its new code.

    Raises:
        SourceError: the file is missing or is not the one that the code knows.
    """
    return read_outlines(PREFECTURES, SHA256)


def read_outlines(path: Path, sha256: str | None = None) -> dict[str, Outline]:
    """Read a file of outlines; see ``prefecture_outlines``."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise SourceError(
            say("{path}: there is no such file; it is part of the repository, restore it from there", path=str(path))
        ) from None
    found = hashlib.sha256(content).hexdigest()
    if sha256 is not None and found != sha256:
        raise SourceError(
            say(
                "{path}: the outlines are not those of this version (sha256 {found}…, expected {known}…): restore the "
                "file, or decode it again and set SHA256 in shidian/regions/polygons.py",
                path=str(path),
                found=found[:12],
                known=sha256[:12],
            )
        )
    outlines: dict[str, Outline] = {}
    for unit in json.loads(content)["units"]:
        rings = tuple(np.array(ring, dtype=np.float64) for ring in unit["rings"])
        for code in unit["codes"]:
            outlines[code] = Outline(unit["name"], rings)
    return outlines
