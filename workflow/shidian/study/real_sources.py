"""What ``real_sources`` of ``config/config.yaml`` says: which real sources stand for a simulated one, and how."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shidian.errors import StudyError, nearest
from shidian.schema import check, read_schema, read_yaml

CONFIG = "config/config.yaml"
KEY = "real_sources"


@dataclass(frozen=True)
class RealSource:
    """The real sources that stand for one simulated source; none where it is left out.

    Attributes:
        sources: ids of the real sources.
        provides: series of the simulated source -> real series, in order of precedence; none where it is left out.
        prefer: real sources in the order in which a series is taken where several give it.
        accept: kinds of uncertain units let pass, beside those that the study accepts.
        undated: what becomes of units listed as treated without a year, "" for what the study says.
        exclude: further entries of ``sample.exclude``.
    """

    sources: tuple[str, ...]
    provides: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    prefer: tuple[str, ...] = ()
    accept: tuple[str, ...] = ()
    undated: str = ""
    exclude: tuple[Mapping[str, Any], ...] = ()


def real_sources(root: Path) -> dict[str, RealSource]:
    """Return simulated source -> what stands for it, as ``config/config.yaml`` says.

    Raises:
        StudyError: every name that is no source, and what of the section cannot be read.
    """
    path = root / CONFIG
    content = read_yaml(path) if path.exists() else {}
    declared = content.get(KEY) if isinstance(content, dict) else None
    if not isinstance(declared, dict) or not declared:
        return {}
    schema = read_schema("config")
    check({KEY: declared}, {**schema, "required": []}, CONFIG)
    chosen = {str(name): _real_source(entry) for name, entry in declared.items()}
    there = [p.stem for p in (root / "config" / "sources").glob("*.yaml")]
    named = [*chosen, *(source for entry in chosen.values() for source in entry.sources)]
    problems = [
        f"{CONFIG}: at '{KEY}': there is no config/sources/{name}.yaml{nearest(name, there)}"
        for name in dict.fromkeys(named)
        if name not in there
    ]
    problems += [line for name, entry in chosen.items() for line in _strangers(name, entry)]
    if problems:
        raise StudyError("\n".join(problems))
    return chosen


def _real_source(entry: Any) -> RealSource:
    if not isinstance(entry, Mapping):
        return RealSource(_names(entry))
    provides = {str(series): _names(given) for series, given in entry.get("provides", {}).items()}
    return RealSource(
        _names(entry["sources"]), provides, _names(entry.get("prefer")), _names(entry.get("accept")),
        str(entry.get("undated", "")), tuple(entry.get("exclude", ())),
    )  # fmt: skip


def _names(given: Any) -> tuple[str, ...]:
    if given is None:
        return ()
    return tuple(map(str, given)) if isinstance(given, list) else (str(given),)


def _strangers(name: str, entry: RealSource) -> Iterable[str]:
    """Give a line for each source that an entry prefers or takes a series from without naming it as one of its own."""
    given = [(f"provides.{series}", real.partition(".")[0]) for series, reals in entry.provides.items()
             for real in reals if "." in real]  # fmt: skip
    for key, source in [*(("prefer", source) for source in entry.prefer), *given]:
        if source not in entry.sources:
            yield (
                f"{CONFIG}: at '{KEY}.{name}.{key}': '{source}' is none of its 'sources' "
                f"({', '.join(entry.sources) or 'none'}){nearest(source, entry.sources)}"
            )
