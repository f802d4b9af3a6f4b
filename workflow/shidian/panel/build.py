"""Build a study's panel: join the sources, leave out what is declared, compute the variables, date the treatment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from shidian.errors import PanelError
from shidian.ledger import ledger_frame, ledger_row_of
from shidian.messages import say
from shidian.messages.periods import Dated
from shidian.panel.checks import check_values
from shidian.panel.coded import Places, of_series, sorted_rows, stacked
from shidian.panel.compute import Scope, compute_variable
from shidian.panel.convert import convert_measures
from shidian.panel.fill import fill_gaps
from shidian.panel.join import LONG_COLUMNS, Frame, Joined, frame_of, join_source
from shidian.panel.leave_out import excluded_rows, late_exclusions
from shidian.panel.steps import in_steps
from shidian.panel.treat import adoption_years, treated, undated_units
from shidian.period import Period
from shidian.study.model import LEFT_OUT, Exclusion, PanelSpec, Treatment
from shidian.yearbook.categories import code_of


@dataclass(frozen=True)
class Panel:
    """What one study estimates on.

    Attributes:
        frame: one row a unit-year, sorted; columns unit, unit_name, year, adoption_year, the treatment, variables.
        long: every raw value behind it: unit, year, source_id, indicator, value, measure, flag, cell_id, factor.
        ledger: what was lost or changed on the way, and why (step, subject, units, rows, reason).
        findings: what the checks of the raw values found (``shidian.panel.checks.CHECK_COLUMNS``).
    """

    frame: pd.DataFrame
    long: pd.DataFrame
    ledger: pd.DataFrame
    findings: pd.DataFrame


def build_panel(
    spec: PanelSpec, records: Mapping[str, pd.DataFrame], aliases: Mapping[str, Mapping[str, str]]
) -> Panel:
    """Build the panel of a spec.

    Args:
        spec: the resolved spec.
        records: source id -> records (docs/architecture.md).
        aliases: alias table -> printed name -> code.

    Raises:
        PanelError: what cannot be joined, computed or dated; names source, unit, year, cells.
    """
    records = {use.source: in_steps(records[use.source], use, spec.period) for use in spec.sources}
    joined = {
        use.source: Joined.by(spec, use, records[use.source], aliases.get(use.aliases, {})) for use in spec.sources
    }
    frame_source = next(use.source for use in spec.sources if use.is_frame)
    frame = frame_of(joined[frame_source], frame_source)
    frame, ledger = _exclude(frame, [e for e in spec.exclusions if not e.late])
    parts = []
    for use in spec.sources:
        long, lines = join_source(frame, joined[use.source].only(series_used(spec, use.source)), use, spec.period)
        parts.append(long)
        ledger += lines
    long = stacked(parts)
    rows = frame.rows
    long, lines = convert_measures(long, spec.measures, spec.own_measures)
    ledger += lines
    long, lines = fill_gaps(long, rows, spec.fill)
    ledger += lines
    variables, lines = _variables(spec, rows, long, category_texts(records))
    ledger += lines
    panel, undated, lines = _dated(spec.treatment, rows, long, spec.period)
    ledger += lines
    panel = pd.concat([panel, variables], axis=1)[list(spec.columns)]
    late = [e for e in spec.exclusions if e.late]
    if late or undated:
        panel[LEFT_OUT], lines = late_exclusions(panel, late, undated)
        ledger += lines
    findings = check_values(long, panel, spec.checks, spec.own_measures)
    ledger += _found(findings)
    ledger.append(ledger_row_of(panel, say("panel"), say("all"), say("panel")))
    return Panel(panel, _sorted(long), _in_words(ledger_frame(ledger), spec), _in_words(findings, spec))


def _in_words(frame: pd.DataFrame, spec: PanelSpec) -> pd.DataFrame:
    """Return a table of texts in the words of the study's period."""
    if spec.period.is_plain:
        return frame
    dated = Dated(spec.period, spec.first_year, spec.last_year)
    texts = [name for name in ("step", "subject", "reason", "detail") if name in frame]
    return frame.assign(**{name: frame[name].map(dated.text) for name in texts})


def series_used(spec: PanelSpec, source: str) -> set[str]:
    """Return the series of a source that the study reads, and none else: the others' gaps are not this study's."""
    return {q.partition(".")[2] for q in spec.measures if q.partition(".")[0] == source}


def _exclude(frame: Frame, exclusions: Sequence[Exclusion]) -> tuple[Frame, list[dict[str, Any]]]:
    rows, ledger = frame.rows, []
    for exclusion in exclusions:
        out, line = excluded_rows(rows, exclusion, frame.names)
        ledger.append(line)
        rows = rows[~out]
    return Frame(rows.reset_index(drop=True)), ledger


def _dated(
    treatment: Treatment | None, rows: pd.DataFrame, long: pd.DataFrame, period: Period
) -> tuple[pd.DataFrame, list[str], list[dict[str, Any]]]:
    """Add the adoption year, missing throughout where the study has no treatment, and the 0/1 status."""
    if treatment is None:
        return rows.assign(adoption_year=pd.array([pd.NA] * len(rows), dtype="Int64")), [], []
    dated = long.take(of_series(long, treatment.series)).astype({"unit": "str"})
    undated = undated_units(treatment, rows, dated)
    adoption, ledger = adoption_years(treatment, rows, dated)
    panel = rows.assign(adoption_year=rows["unit"].map(adoption).astype("Int64"))
    panel[treatment.name] = treated(rows, adoption)
    return panel, undated, ledger


def category_texts(records: Mapping[str, pd.DataFrame]) -> dict[float, str]:
    """Return code -> text of the categories that the sources hold."""
    found: dict[float, str] = {}
    for source in records.values():
        if "text" in source:
            pairs = source[["value", "text"]].dropna().drop_duplicates()
            found |= dict(zip(pairs["value"].tolist(), pairs["text"].astype(str), strict=True))
    return found


def _variables(
    spec: PanelSpec, rows: pd.DataFrame, long: pd.DataFrame, texts: Mapping[float, str]
) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    columns: dict[str, np.ndarray] = {"year": rows["year"].to_numpy(dtype=float)}
    ledger: list[dict[str, Any]] = []
    values: dict[str, np.ndarray] = {}
    places = Places(rows, long["unit"])
    for variable in spec.variables:
        for name, qualified in variable.inputs.items():
            columns[name] = _series(qualified, places, long)
        values[variable.name], lines = compute_variable(variable, Scope(rows, columns, spec.period))
        columns[variable.name] = values[variable.name]
        ledger += lines
    frame = pd.DataFrame(values, index=rows.index)
    for variable in spec.variables:
        if variable.is_category:
            known = {**texts, **{code_of(text): text for text in variable.texts}}
            frame[variable.name] = frame[variable.name].map(known).astype("str")
    return frame, ledger


def _series(qualified: str, places: Places, long: pd.DataFrame) -> np.ndarray:
    """Return the (n,) values of a series; a fact of the unit without a year stands in every year."""
    source, _, series = qualified.partition(".")
    found = long[["unit", "year", "value"]].take(of_series(long, qualified))
    if found.empty:
        raise PanelError(f"source '{source}' gives no value of '{series}' for any unit and year of the panel")
    return places.values(found)


def _found(findings: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the ledger's lines of what the checks found; the numbers stand as printed."""
    return [
        ledger_row_of(
            part,
            say("checks"),
            str(series),
            say("{check}: see checks.csv; the values stand as printed", check=check),
        )
        for (check, series), part in findings.groupby(["check", "indicator"])
    ]


def _sorted(long: pd.DataFrame) -> pd.DataFrame:
    return sorted_rows(long, ["unit", "year", "source_id", "indicator"])[[*LONG_COLUMNS, "factor"]]
