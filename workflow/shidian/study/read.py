"""Read one study together with the sources that it names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from shidian.errors import Faults, StudyError, nearest
from shidian.schema import read_yaml
from shidian.study.declared_units import units_of
from shidian.study.going_real import as_declared, on_real
from shidian.study.load import resolve_study
from shidian.study.model import Study
from shidian.study.real_sources import CONFIG, KEY, RealSource, real_sources
from shidian.study.renamed import Renamed, notice, with_new_names
from shidian.study.styles import with_styles
from shidian.study.variables import Catalogue, SeriesInfo
from shidian.yearbook.source import Source, load_source


def read_study(root: Path, name: str) -> tuple[Study, dict[str, Source]]:
    """Read one study and its sources; real sources stand for simulated ones where the configuration says so.

    Raises:
        StudyError, SourceError: what is wrong in the study file or in a source file.
    """
    path, content, needed, sources = _file_of(root, name)
    chosen = real_sources(root)
    if not any(source in chosen for source in sources):
        study = with_styles(root, resolve_study(content, path, catalogue_of(sources)), content, _config(root))
        return replace(study, notice=notice(str(path), needed)), sources
    study, sources = _on_real(root, path, content, sources, chosen)
    return replace(study, notice="\n".join(filter(None, [notice(str(path), needed), study.notice]))), sources


def read_written(root: Path, name: str) -> tuple[Study, dict[str, Source], Catalogue]:
    """Read one study on the sources that its file names, whatever real ones stand for them, and what they declare.

    Raises:
        StudyError, SourceError: what is wrong in the study file or in a source file.
    """
    path, content, _, sources = _file_of(root, name)
    catalogue = catalogue_of(sources)
    return resolve_study(content, path, catalogue), sources, catalogue


def _file_of(root: Path, name: str) -> tuple[Path, Any, tuple[Renamed, ...], dict[str, Source]]:
    """Return the path of a study file, its content under today's names, the old names, the sources that it names."""
    path = root / "config" / "studies" / f"{name}.yaml"
    there = [p.stem for p in path.parent.glob("*.yaml")]
    if name not in there:
        raise StudyError(
            f"config/config.yaml: at 'studies': there is no config/studies/{name}.yaml{nearest(name, there)}"
        )
    content, needed = _with_new_names(path)
    declared = content.get("sources") if isinstance(content, dict) else None
    names = [str(source) for source in declared] if isinstance(declared, dict) else []
    return path, content, needed, _loaded(root, names, f"{path}: at 'sources'")


def _on_real(
    root: Path, path: Path, content: Any, simulated: Mapping[str, Source], chosen: Mapping[str, RealSource]
) -> tuple[Study, dict[str, Source]]:
    """Read a study on the real sources that stand for its simulated ones."""
    catalogue = catalogue_of(simulated)
    written = resolve_study(content, path, catalogue)
    wanted = dict.fromkeys(real for name in simulated if name in chosen for real in chosen[name].sources)
    real = _loaded(root, list(wanted), f"{CONFIG}: at '{KEY}'")
    try:
        on = on_real(content, written, chosen, catalogue, {name: series_of(source) for name, source in real.items()})
    except StudyError as problem:
        raise StudyError(f"{path}: {problem}") from None
    known = {**simulated, **real}
    sources = {name: known[name] for name in on.content["sources"]}
    named = catalogue_of(sources)
    named |= on.names
    named.real = dict(on.standing.real)
    study = with_styles(root, as_declared(resolve_study(on.content, path, named), on), on.content, _config(root))
    said = [f"study '{study.study}': {line}" for line in on.absent.notices]
    return replace(study, notice="\n".join(said)), sources


def _config(root: Path) -> Mapping[str, Any]:
    """Return the configuration, {} where there is none; what is wrong in it is said where it is checked."""
    content = read_yaml(root / CONFIG) if (root / CONFIG).exists() else {}
    return content if isinstance(content, dict) else {}


def _loaded(root: Path, names: Sequence[str], where: str) -> dict[str, Source]:
    folder = root / "config" / "sources"
    there, sources, faults = [p.stem for p in folder.glob("*.yaml")], {}, Faults()
    for name in names:
        with faults.kept():
            if name not in there:
                raise StudyError(f"{where}: there is no config/sources/{name}.yaml{nearest(str(name), there)}")
            sources[name] = load_source(folder / f"{name}.yaml")
    faults.raise_all()
    return sources


def catalogue_of(sources: Mapping[str, Source]) -> Catalogue:
    """Return what sources declare: their series, their periods, their units."""
    catalogue = Catalogue({s: series_of(source) for s, source in sources.items()})
    catalogue.periods = {s: periods_of(source) for s, source in sources.items()}
    catalogue.units = {s: units_of(source) for s, source in sources.items()}
    return catalogue


def _with_new_names(path: Path) -> tuple[Any, tuple[Renamed, ...]]:
    """Read a study file, old names of its keys replaced by those of today."""
    try:
        return with_new_names(read_yaml(path))
    except StudyError as problem:
        text = str(problem)
        raise StudyError(text if text.startswith(str(path)) else f"{path}: {text}") from None


def series_of(source: Source) -> dict[str, SeriesInfo]:
    """Return what a source declares of its series."""
    return {
        column.series: SeriesInfo(
            column.measure,
            table.year is not None,
            column.is_text,
            column.is_category,
            (column.period.kind or "year") if column.period else "",
            " / ".join(map(str, column.header)),
        )
        for table in source.tables
        for column in table.columns
    }


def periods_of(source: Source) -> tuple[str, ...]:
    """Return the kinds of period that the tables of a source are by, each once; none where no table has years."""
    return tuple(dict.fromkeys(table.year.text.kind or "year" for table in source.tables if table.year))
