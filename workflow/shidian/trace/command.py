"""What ``shidian trace`` does with its words: follow a printed number, or a value of the panel."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from shidian.errors import PanelError, nearest
from shidian.exhibits.result import read_result
from shidian.panel.records import read_long
from shidian.period import Period, read_period
from shidian.study.model import Study
from shidian.study.paths import extracted_of, result_folder
from shidian.trace.cells import cells_of
from shidian.trace.estimate import trace_column
from shidian.trace.lines import describe_estimate
from shidian.trace.study import panels_of
from shidian.trace.value import describe, trace_value
from shidian.written import changed_below, refuse
from shidian.yearbook.corrections import Correction, Declared
from shidian.yearbook.source import Source
from shidian.yearbook.volume_repairs import Repair


def trace(
    study: Study,
    sources: Mapping[str, Source],
    results: Path,
    words: Sequence[str],
    corrections: Sequence[Declared] = (),
) -> str:
    """Follow a number back and return what to print.

    Args:
        study: the study.
        sources: the sources it reads.
        results: folder of the results.
        words: EXHIBIT COLUMN [TERM], or UNIT YEAR VARIABLE.
        corrections: of raw cells; why one was made stands beside its cell.

    Raises:
        PanelError: results that are not there yet, words that name nothing.
        WrittenError: a result of the study, or of a source that it reads, is not what its job wrote.
    """
    refuse(changed_below(results / study.study, *(results / "sources" / name for name in sorted(sources))))
    _refuse_other_sources(study, sources, results)
    exhibits = [e["id"] for e in study.exhibits]
    if words[0] in exhibits and len(words) <= 3:
        return _trace_estimate(study, sources, results, words)
    if len(words) == 3 and (year := _period(study.panel.period, words[1])) is not None:
        return _trace_value(study, sources, results, words[0], year, words[2], _notes(sources, corrections))
    raise PanelError(
        f"'{' '.join(words)}' is neither EXHIBIT COLUMN [TERM] nor UNIT YEAR VARIABLE{nearest(words[0], exhibits)}; "
        f"the study's exhibits are {', '.join(exhibits)}"
    )


def _refuse_other_sources(study: Study, sources: Mapping[str, Source], results: Path) -> None:
    """Refuse results that were made from other sources than the study reads now."""
    path = results / study.study / "panel_long.parquet"
    if not path.exists():
        return
    made_from = set(pd.read_parquet(path, columns=["source_id"])["source_id"].astype(str))
    others = sorted(made_from - set(sources))
    if others:
        raise PanelError(
            f"the results of '{study.study}' were made from {', '.join(others)}, and the study now reads "
            f"{', '.join(sorted(sources))}: 'real_sources' in config/config.yaml or the study's 'sources' changed "
            "since; run the study again (make run), or put the entry back"
        )


def _trace_estimate(study: Study, sources: Mapping[str, Source], results: Path, words: Sequence[str]) -> str:
    exhibit, column = words[0], words[1] if len(words) > 1 else ""
    folder = results / study.study
    kind = str(study.exhibit(exhibit)["kind"])
    frame = pd.read_parquet(_there(folder / "panel.parquet"))
    panels = panels_of(study, sources, frame, read_long(folder / "panel_long.parquet"))
    result = read_result(str(_there(folder / result_folder(kind) / f"{exhibit}.json")))
    estimates = result.estimates
    if not column:
        columns = ", ".join(f"'{c}'" for c in estimates["column"].unique())
        raise PanelError(f"which column of exhibit '{exhibit}'? Its columns are {columns}")
    found = trace_column(panels, exhibit, column, result)
    term = words[2] if len(words) == 3 else None
    known = [str(t) for t in estimates.loc[estimates["column"] == column, "term"]]
    if term is not None and term not in known:
        raise PanelError(f"column '{column}' of exhibit '{exhibit}' has no term '{term}'{nearest(term, known)}")
    return describe_estimate(found, study.study, estimates, term)


def _trace_value(
    study: Study,
    sources: Mapping[str, Source],
    results: Path,
    unit: str,
    year: int,
    variable: str,
    notes: Mapping[str, str],
) -> str:
    panel = _there(results / study.study / "panel.parquet")
    files = [
        _there(Path(path)) for source in sources.values() for path in extracted_of(source, "cells.parquet", results)
    ]
    frame = pd.read_parquet(panel)
    named = frame.loc[(frame["unit"] == unit) | (frame["unit_name"] == unit), "unit"].unique()
    raw = panel.with_name("panel_long.parquet")
    long = _rows_with(raw, "unit", named)
    behind = {cell for text, flag in zip(long["cell_id"], long["flag"], strict=True) for cell in cells_of(text, flag)}
    cells = [_rows_with(path, "cell_id", behind) for path in files]
    others = _rows_with(raw, "cell_id", behind)  # of units whose values a filled one is the mean of
    long = pd.concat([long, others[~others["unit"].isin(named)]], ignore_index=True)
    found = trace_value(study, frame, long, pd.concat(cells).set_index("cell_id"), unit, year, variable, notes)
    return describe(found, study.panel.period.label)


def _notes(sources: Mapping[str, Source], corrections: Sequence[Declared]) -> dict[str, str]:
    """Return what source files say of their series, by qualified name, and why cells were corrected, by cell id."""
    found: dict[str, list[str]] = {}
    for name, source in sources.items():
        for column in (column for table in source.tables for column in table.columns if column.note):
            found.setdefault(f"{name}.{column.series}", []).append(column.note)
    notes = {series: " ".join(dict.fromkeys(texts)) for series, texts in found.items()}
    cells = (one for one in corrections if isinstance(one, Correction))
    return (
        notes | {one.cell_id: f"corrected to '{one.corrected}': {one.reason}" for one in cells} | _repairs(corrections)
    )


def _repairs(corrections: Sequence[Declared]) -> dict[str, str]:
    """Return how volumes were repaired, and why, by qualified name and file."""
    found: dict[str, list[str]] = {}
    for one in (one for one in corrections if isinstance(one, Repair)):
        for series in one.series:
            found.setdefault(f"{one.source}.{series} {one.file}", []).append(f"volume {one.said}: {one.reason}")
    return {key: "; ".join(texts) for key, texts in found.items()}


def _period(period: Period, text: str) -> int | None:
    """Return the panel's number of a period as it is written; None where the text is none."""
    number = read_period(period.kind, text)
    return None if number is None else period.number(number)


def _rows_with(path: Path, column: str, texts: Iterable[str]) -> pd.DataFrame:
    """Read the rows of a file that hold one of some texts in a column."""
    return pd.read_parquet(path, filters=[(column, "in", [*texts, ""])])  # Arrow knows no type of an empty list


def _there(path: Path) -> Path:
    if not path.exists():
        raise PanelError(f"{path} is not there yet: run the study first (make run)")
    return path
