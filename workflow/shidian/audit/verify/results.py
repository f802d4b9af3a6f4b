"""Results of a study, from a bundle or from a folder, and what differs between two of them."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

import pandas as pd

from shidian.audit.bundle.archive import read_member
from shidian.audit.verify.bundle import Bundle
from shidian.study.table_formats import FIGURE_ENDINGS, table_formats


class Results(Protocol):
    """Result files by their path below the project, ``results/...``."""

    def digests(self) -> dict[str, str]:
        """Return path -> SHA-256; of files that are left out of a bundle as well."""

    def read(self, name: str) -> bytes | None:
        """Return a file, or None where only its digest is known."""


@dataclass(frozen=True)
class BundleResults:
    """The results in a bundle."""

    bundle: Bundle

    def digests(self) -> dict[str, str]:
        """Return path -> SHA-256."""
        both = {**self.bundle.manifest["files"], **self.bundle.manifest["left_out"]}
        return {name: facts["sha256"] for name, facts in both.items() if name.startswith("results/")}

    def read(self, name: str) -> bytes | None:
        """Return a file, or None where it was left out."""
        return read_member(self.bundle.archive, name) if name in self.bundle.names else None


@dataclass(frozen=True)
class FolderResults:
    """The results of a study in a project's ``results`` folder."""

    root: Path
    study: str
    sources: tuple[str, ...]

    def digests(self) -> dict[str, str]:
        """Return path -> SHA-256."""
        folders = [self.root / "results" / self.study, *(self.root / "results" / "sources" / s for s in self.sources)]
        files = [p for folder in folders for p in sorted(folder.rglob("*")) if p.is_file()]
        shown = [p for p in files if not any(part.startswith(".") for part in p.relative_to(self.root).parts)]
        return {p.relative_to(self.root).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in shown}

    def read(self, name: str) -> bytes | None:
        """Return a file."""
        return (self.root / name).read_bytes()


@dataclass(frozen=True)
class Difference:
    """One difference between two results: a file, and inside it a number where the file has numbers."""

    file: str
    place: str
    first: str
    second: str
    size: float = math.nan

    @property
    def is_number(self) -> bool:
        """Whether both sides are numbers, so that a tolerance can be asked for."""
        return not math.isnan(self.size)

    @property
    def distance(self) -> float:
        """The difference of two numbers."""
        return abs(float(self.first) - float(self.second))


REPORTS = (".html", ".pdf", ".docx")
"""Endings of the reports."""


def derived() -> tuple[str, ...]:
    """Return the endings of files printed from result files.

    Where a tolerance is asked for, what they were printed from is compared instead.
    """
    endings = {*REPORTS, *FIGURE_ENDINGS, *(one.ending for one in table_formats().values())}
    return tuple(ending for ending in endings if not ending.endswith(".csv"))


def _is_derived(name: str) -> bool:
    return name.endswith(derived()) or ("/exhibits/" in name and name.endswith(".csv"))


@dataclass(frozen=True)
class Compared:
    """What a comparison found: what differs, and the numbers that differ by no more than was allowed."""

    differences: list[Difference]
    allowed: list[Difference]

    @property
    def largest(self) -> float:
        """The largest relative difference among the numbers that were allowed to differ."""
        return max((d.size for d in self.allowed), default=0.0)


def compare_results(first: Results, second: Results, tolerance: float = 0.0, floor: float = 0.0) -> Compared:
    """Compare two results file by file, number by number.

    With a tolerance, files that are printed from numbers (``derived``) are not compared; the numbers behind them are.

    Args:
        first: results.
        second: results.
        tolerance: relative difference of numbers that is allowed; with none, every byte counts.
        floor: absolute difference that is allowed beside it: numbers that are zero but for rounding have no digits.
    """
    a, b = first.digests(), second.digests()
    allowed: list[Difference] = []
    found = [Difference(name, "", "there", "missing") for name in sorted(set(a) - set(b))]
    found += [Difference(name, "", "missing", "there") for name in sorted(set(b) - set(a))]
    for name in sorted(set(a) & set(b)):
        if a[name] != b[name] and not (tolerance > 0 and _is_derived(name)):
            inside = [] if _is_derived(name) else list(_inside(name, first.read(name), second.read(name)))
            whole = Difference(name, "", f"sha256 {a[name][:16]}", f"sha256 {b[name][:16]}")
            small = [d.is_number and (d.size <= tolerance or d.distance <= floor) for d in inside]
            kept = [d for d, is_small in zip(inside, small, strict=True) if not is_small]
            allowed += [d for d, is_small in zip(inside, small, strict=True) if is_small]
            explained = tolerance > 0 and bool(inside)
            found += kept or ([] if explained else [whole])
    return Compared(found, allowed)


def _inside(name: str, first: bytes | None, second: bytes | None) -> Iterator[Difference]:
    """Yield the differences inside a pair of files whose content is known to be structured."""
    if first is None or second is None:
        return
    if name.endswith(".json"):
        yield from _compare(name, "", json.loads(first), json.loads(second))
    elif reader := FRAMES.get(PurePosixPath(name).suffix):
        frames = [reader(io.BytesIO(content)) for content in (first, second)]
        if list(frames[0].columns) != list(frames[1].columns) or len(frames[0]) != len(frames[1]):
            shapes = [f"{len(f)} rows of {', '.join(map(str, f.columns))}" for f in frames]
            yield Difference(name, "", shapes[0], shapes[1])
            return
        for column in frames[0].columns:
            values = [frame[column].tolist() for frame in frames]
            for row, (x, y) in enumerate(zip(*values, strict=True)):
                yield from _compare(name, f"{column}[{row}]", x, y)


def _read_csv(file: io.BytesIO) -> pd.DataFrame:
    rows = list(csv.reader(io.StringIO(file.read().decode("utf-8-sig"))))
    return pd.DataFrame([[_as_number(text) for text in row] for row in rows], dtype=object)


def _as_number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _read_stata(file: io.BytesIO) -> pd.DataFrame:
    frame: pd.DataFrame = pd.read_stata(file, convert_categoricals=False)
    return frame


FRAMES: Mapping[str, Callable[[io.BytesIO], pd.DataFrame]] = {
    ".parquet": pd.read_parquet,
    ".csv": _read_csv,
    ".dta": _read_stata,
}
"""Ending -> reader of files whose numbers are compared one by one."""


def _compare(file: str, place: str, a: Any, b: Any) -> Iterator[Difference]:
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        for key in [*a, *(k for k in b if k not in a)]:
            yield from _compare(file, f"{place}.{key}".lstrip("."), a.get(key), b.get(key))
    elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        for n, (x, y) in enumerate(zip(a, b, strict=True)):
            yield from _compare(file, f"{place}[{n}]", x, y)
    elif _is_number(a) and _is_number(b):
        if a != b and not (math.isnan(a) and math.isnan(b)):
            yield Difference(file, place, repr(a), repr(b), relative(float(a), float(b)))
    elif a is not b and str(a) != str(b):
        yield Difference(file, place, str(a), str(b))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def relative(a: float, b: float) -> float:
    """Return the difference relative to the larger of the two; infinite where one side is missing or infinite."""
    if math.isnan(a) or math.isnan(b) or math.isinf(a) or math.isinf(b):
        return math.inf
    return abs(a - b) / max(abs(a), abs(b)) if a != b else 0.0


def differences_frame(found: list[Difference]) -> pd.DataFrame:
    """Return the differences as a table."""
    rows = [(d.file, d.place, d.first, d.second, d.size) for d in found]
    return pd.DataFrame(rows, columns=["file", "place", "bundle", "rerun", "relative_difference"])
