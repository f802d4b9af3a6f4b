"""Read one study together with the sources that it names."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from shidian.errors import Faults, StudyError, nearest
from shidian.schema import read_yaml
from shidian.study.declared_units import units_of
from shidian.study.load import resolve_study
from shidian.study.model import Study
from shidian.study.renamed import Renamed, notice, with_new_names
from shidian.study.simulated import real_sources, with_real_sources
from shidian.study.variables import Catalogue, SeriesInfo
from shidian.yearbook.source import Source, load_source


def read_study(root: Path, name: str) -> tuple[Study, dict[str, Source]]:
    """Read one study and its sources; real sources stand for simulated ones where the configuration says so.

    Raises:
        StudyError, SourceError: what is wrong in the study file or in a source file.
    """
    path = root / "config" / "studies" / f"{name}.yaml"
    there = [p.stem for p in path.parent.glob("*.yaml")]
    if name not in there:
        raise StudyError(
            f"config/config.yaml: at 'studies': there is no config/studies/{name}.yaml{nearest(name, there)}"
        )
    content, needed = _with_new_names(path)
    content = with_real_sources(content, real_sources(root))
    declared = content.get("sources") if isinstance(content, dict) else None
    folder = root / "config" / "sources"
    sources, there, faults = {}, [p.stem for p in folder.glob("*.yaml")], Faults()
    for source in declared if isinstance(declared, dict) else {}:
        with faults.kept():
            if source not in there:
                raise StudyError(
                    f"{path}: at 'sources': there is no config/sources/{source}.yaml{nearest(str(source), there)}"
                )
            sources[source] = load_source(folder / f"{source}.yaml")
    faults.raise_all()
    catalogue = Catalogue({s: series_of(source) for s, source in sources.items()})
    catalogue.periods = {s: periods_of(source) for s, source in sources.items()}
    catalogue.units = {s: units_of(source) for s, source in sources.items()}
    study = resolve_study(content, path, catalogue)
    return replace(study, notice=notice(str(path), needed)), sources


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
        )
        for table in source.tables
        for column in table.columns
    }


def periods_of(source: Source) -> tuple[str, ...]:
    """Return the kinds of period that the tables of a source are by, each once; none where no table has years."""
    return tuple(dict.fromkeys(table.year.text.kind or "year" for table in source.tables if table.year))
