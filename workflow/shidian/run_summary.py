"""What a run changed: new, gone and moved numbers of each study against the last run, and its warnings."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shidian.whole_files import whole

KINDS_OF_RESULT = ("estimates", "placebo", "comparisons", "checks")
"""Folders below ``results/<study>`` that hold result files."""

SEEN = Path(".snakemake/shidian/numbers.json")
"""What the last run left, below the folder of the run."""

Numbers = dict[str, list[Any]]
"""``exhibit, column, term`` as one text -> estimate and standard error, None where missing."""


@dataclass(frozen=True)
class Seen:
    """A result file as it was at the end of a run: when and how large, its numbers, how many warnings it has."""

    stamp: list[int]
    numbers: Numbers
    warnings: int


def read_seen(path: Path) -> dict[str, Seen]:
    """Return what the last run left, nothing where there was none or its file cannot be read."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return {name: Seen(*facts) for name, facts in content.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def write_seen(path: Path, seen: Mapping[str, Seen]) -> None:
    """Keep what this run left, whole or not at all."""
    content = {name: [one.stamp, one.numbers, one.warnings] for name, one in sorted(seen.items())}
    with whole(path) as part:
        part.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def look(results: Path, studies: Iterable[str], before: Mapping[str, Seen]) -> dict[str, Seen]:
    """Return the result files of studies as they are; one that is as it was before is not read again."""
    found = {}
    for study in studies:
        for folder in KINDS_OF_RESULT:
            for path in sorted((results / study / folder).glob("*.json")):
                name, status = path.relative_to(results).as_posix(), path.stat()
                stamp = [status.st_mtime_ns, status.st_size]
                known = before.get(name)
                found[name] = known if known is not None and known.stamp == stamp else _read(path, stamp)
    return found


def _read(path: Path, stamp: list[int]) -> Seen:
    content = json.loads(path.read_text(encoding="utf-8"))
    values = content["estimates"]["values"]
    numbers: Numbers = {}
    for column, term, estimate, se in zip(*(values[n] for n in ("column", "term", "estimate", "se")), strict=True):
        numbers[f"{path.stem}, {column}, {term}"] = [estimate, se]
    return Seen(stamp, numbers, len(content["warnings"]))


@dataclass(frozen=True)
class Changes:
    """What of a study's numbers is not as it was.

    Attributes:
        count: numbers that there are now.
        first: there were none before.
        moved: name -> by how many of its old standard errors, infinite where it had none.
        new, gone: how many.
        warnings: how many warnings the results hold.
    """

    count: int
    first: bool
    moved: Mapping[str, float]
    new: int
    gone: int
    warnings: int


def changes(study: str, before: Mapping[str, Seen], now: Mapping[str, Seen]) -> Changes:
    """Return what of a study's numbers changed since the last run."""
    old, new = _of(study, before), _of(study, now)
    moved = {name: how for name in sorted(old.keys() & new.keys()) if (how := distance(old[name], new[name])) > 0}
    warnings = sum(one.warnings for name, one in now.items() if name.startswith(f"{study}/"))
    return Changes(len(new), not old, moved, len(new.keys() - old.keys()), len(old.keys() - new.keys()), warnings)


def summary(study: str, before: Mapping[str, Seen], now: Mapping[str, Seen]) -> str:
    """Return a line on a study: numbers new, gone and moved since the last run, warnings."""
    found = changes(study, before, now)
    parts = [f"{found.warnings} {'warning' if found.warnings == 1 else 'warnings'}"]
    if found.first:
        return f"{study}: {found.count} numbers, {', '.join(parts)}"
    parts.insert(0, f"{len(found.moved)} numbers moved" if found.moved else "no number moved")
    if found.moved:
        old, new = _of(study, before), _of(study, now)
        most = max(found.moved, key=lambda name: found.moved[name])
        far = f" ({found.moved[most]:.2g} standard errors)" if found.moved[most] < float("inf") else ""
        parts.insert(1, f"most {most}: {_shown(old[most][0])} to {_shown(new[most][0])}{far}")
    for word, n in (("new", found.new), ("gone", found.gone)):
        parts += [f"{n} {word}"] if n else []
    return f"{study}: {', '.join(parts)}"


def distance(old: list[Any], new: list[Any]) -> float:
    """Return by how many of its old standard errors an estimate moved; infinite without one, zero where it stayed."""
    if old == new:
        return 0.0
    first, second, se = old[0], new[0], old[1]
    if not isinstance(first, float | int) or not isinstance(second, float | int) or not se or isinstance(se, str):
        return float("inf")
    return abs(second - first) / se or abs((new[1] or 0) - se) / se


def _of(study: str, seen: Mapping[str, Seen]) -> Numbers:
    files = (one.numbers for name, one in seen.items() if name.startswith(f"{study}/"))
    return {name: number for numbers in files for name, number in numbers.items()}


def _shown(number: Any) -> str:
    return "none" if number is None else f"{number:.6g}" if isinstance(number, float | int) else str(number)
