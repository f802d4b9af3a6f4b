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
from shidian.panel.aggregate import aggregated
from shidian.panel.checks import check_values
from shidian.panel.code_zeros import with_zeros
from shidian.panel.coded import sorted_rows, stacked
from shidian.panel.columns import column_values, variables_of
from shidian.panel.convert import convert_measures
from shidian.panel.dated import with_treatment
from shidian.panel.fill import fill_gaps
from shidian.panel.join import LONG_COLUMNS, Frame, Joined, frame_of, join_source
from shidian.panel.joined import joined_sources
from shidian.panel.leave_out import excluded_rows, late_exclusions
from shidian.panel.matched import matched_line
from shidian.panel.nest import Members
from shidian.panel.nested_sources import with_nested
from shidian.panel.precedence import in_precedence
from shidian.panel.ranges import range_findings
from shidian.panel.recognised import grade_line, match_table
from shidian.panel.records import series_used
from shidian.panel.scope import Scope
from shidian.panel.slips import slip_findings
from shidian.panel.steps import in_steps
from shidian.study.model import LEFT_OUT, Exclusion, PanelSpec, SourceUse
from shidian.yearbook.categories import code_of


@dataclass(frozen=True)
class Panel:
    """What one study estimates on.

    Attributes:
        frame: one row a unit-year, sorted; columns unit, unit_name, year, adoption_year, the treatment, variables.
        long: every raw value behind it: unit, year, source_id, indicator, value, measure, flag, cell_id, factor.
        ledger: what was lost or changed on the way, and why (step, subject, units, rows, reason).
        findings: what the checks of the raw values found (``shidian.panel.checks.CHECK_COLUMNS``).
        matches: printed units not recognised exactly (``shidian.panel.recognised.COLUMNS``).
    """

    frame: pd.DataFrame
    long: pd.DataFrame
    ledger: pd.DataFrame
    findings: pd.DataFrame
    matches: pd.DataFrame


def build_panel(
    spec: PanelSpec,
    records: Mapping[str, pd.DataFrame],
    aliases: Mapping[str, Mapping[str, str]],
    texts: Mapping[str, str] | None = None,
    slips: Mapping[str, pd.DataFrame] | None = None,
) -> Panel:
    """Build the panel of a spec.

    Args:
        spec: the resolved spec.
        records: source id -> records (docs/architecture.md).
        aliases: alias table -> printed name -> code.
        texts: cell_id -> raw text, of the series of texts that nested sources join on.
        slips: source -> slips of its volumes (``shidian.slips.records.COLUMNS``).

    Raises:
        PanelError: what cannot be joined, computed or dated; names source, unit, year, cells. A slip of a volume that
            nobody accepted.
    """
    records = {use.source: in_steps(records[use.source], use, spec.period) for use in spec.sources}
    joined = joined_sources(spec, records, aliases)
    frame_source = next(use.source for use in spec.sources if use.is_frame)
    frame = frame_of(joined[frame_source], frame_source)
    if spec.individuals:
        _refuse_followed(frame, frame_source, spec)
    frame, ledger = _exclude(frame, [e for e in spec.exclusions if not e.late])
    rows = frame.rows
    ledger += [line for use in spec.sources for line in grade_line(joined[use.source], use)]
    long, lines = _joined(spec, frame, joined)
    ledger += lines
    nested: dict[str, tuple[SourceUse, Members]] = {}
    if any(use.nesting for use in spec.sources):
        long, nested, lines = with_nested(spec, frame, long, joined, aliases, texts or {})
        ledger += lines
    slipped = slip_findings(spec, slips or {}, long)
    columns, lines = variables_of(spec, rows, long)
    ledger += lines
    numbers = pd.DataFrame({v.name: columns[v.name] for v in spec.variables}, index=rows.index)
    variables = _with_texts(numbers, spec, category_texts(records))
    dates = _dates(spec, rows, long, columns)
    panel, undated, lines = with_treatment(spec.treatment, rows, long, dates, nested, spec.period, spec.individuals)
    ledger += lines
    panel = pd.concat([panel, variables], axis=1)[list(spec.columns)]
    late = [e for e in spec.exclusions if e.late]
    if late or undated:
        panel[LEFT_OUT], lines = late_exclusions(panel, late, undated)
        ledger += lines
    findings = check_values(long, panel, spec.checks, spec.own_measures)
    further = [part for part in (slipped, range_findings(spec.variables, columns, rows, spec.period)) if len(part)]
    findings = pd.concat([*(part.astype(findings.dtypes) for part in further), findings], ignore_index=True)
    ledger += _found(findings)
    ledger.append(ledger_row_of(panel, say("panel"), say("all"), say("panel")))
    words = (_in_words(table, spec) for table in (ledger_frame(ledger), findings, match_table(joined, spec.period)))
    return Panel(panel, _sorted(long), *words)


def _refuse_followed(frame: Frame, source: str, spec: PanelSpec) -> None:
    """Refuse a unit with rows of two periods in a study of individuals."""
    again = frame.rows[frame.rows["unit"].duplicated(keep=False)]
    if len(again):
        unit = again["unit"].iloc[0]
        first, second = (spec.period.label(int(year)) for year in again.loc[again["unit"] == unit, "year"].head(2))
        raise PanelError(
            f"source '{source}': unit {unit} has rows of {first} and {second}, and the study says 'rows: individuals'. "
            "If it is one unit that is followed, leave 'rows' out; if codes begin anew in each period, declare 'unit: "
            "{level: other, row_number: true}' in the source"
        )


def _in_words(frame: pd.DataFrame, spec: PanelSpec) -> pd.DataFrame:
    """Return a table of texts in the words of the study's period."""
    if spec.period.is_plain:
        return frame
    dated = Dated(spec.period, spec.first_year, spec.last_year)
    texts = [name for name in ("step", "subject", "reason", "detail") if name in frame]
    return frame.assign(**{name: frame[name].map(dated.text) for name in texts})


def _exclude(frame: Frame, exclusions: Sequence[Exclusion]) -> tuple[Frame, list[dict[str, Any]]]:
    rows, ledger = frame.rows, []
    for exclusion in exclusions:
        out, line = excluded_rows(rows, exclusion, frame.names)
        ledger.append(line)
        rows = rows[~out]
    return Frame(rows.reset_index(drop=True)), ledger


def _joined(spec: PanelSpec, frame: Frame, joined: Mapping[str, Joined]) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """Return the values of the sources that join by the panel's own units, converted and filled."""
    parts, ledger = [], []
    for use in spec.sources:
        if use.nesting is None and use.aggregate is None:
            source, lines = with_zeros(frame, joined[use.source], use)
            ledger += [*lines, *matched_line(frame, source, use)]
            long, lines = join_source(frame, source.only(series_used(spec, use.source)), use, spec.period)
            parts.append(long)
            ledger += lines
    long, lines = convert_measures(stacked(parts), spec.measures, spec.own_measures)
    ledger += lines
    for use in spec.sources:
        if use.aggregate:
            part, lines = aggregated(spec, frame, use, joined[use.source])
            long = stacked([long, part])
            ledger += lines
    long, lines = in_precedence(long, spec.precedence)
    ledger += lines
    others = [use.source for use in spec.sources if use.nesting or use.aggregate]
    long, lines = fill_gaps(long, frame.rows, [f for f in spec.fill if f.series.partition(".")[0] not in others])
    ledger += lines
    return long, ledger


def category_texts(records: Mapping[str, pd.DataFrame]) -> dict[float, str]:
    """Return code -> text of the categories that the sources hold."""
    found: dict[float, str] = {}
    for source in records.values():
        if "text" in source:
            pairs = source[["value", "text"]].dropna().drop_duplicates()
            found |= dict(zip(pairs["value"].tolist(), pairs["text"].astype(str), strict=True))
    return found


def _with_texts(variables: pd.DataFrame, spec: PanelSpec, texts: Mapping[float, str]) -> pd.DataFrame:
    """Return the variables with the texts of categories in the place of their codes."""
    for variable in spec.variables:
        if variable.is_category:
            known = {**texts, **{code_of(text): text for text in variable.texts}}
            variables[variable.name] = variables[variable.name].map(known).astype("str")
    return variables


def _dates(
    spec: PanelSpec, rows: pd.DataFrame, long: pd.DataFrame, columns: Mapping[str, np.ndarray]
) -> np.ndarray | None:
    """Return the (n,) status or computed adoption year; None where an adoption year is read entry by entry."""
    treatment = spec.treatment
    if treatment is None or (treatment.dated_by == "adoption" and treatment.formula is None):
        return None
    return column_values(treatment.series, treatment.formula, Scope(rows, columns, spec.period), long)


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
