"""An exhibit of a panel whose periods are not years, in the words of its periods; its numbers stay."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pandas as pd

from shidian.errors import ShidianError
from shidian.exhibits.result import Cell, ExhibitResult, Row, StudyInfo, Table
from shidian.messages.periods import Dated
from shidian.period import Period


def in_periods(result: ExhibitResult, panel: pd.DataFrame, info: StudyInfo) -> ExhibitResult:
    """Return the result with the study's word for year in every text, and periods as they are written.

    Columns and terms of the estimates keep their names, by which cells and traces find them.
    """
    period = Period.of(info.period)
    if period.is_plain:
        return result
    dated = Dated.of(period, panel["year"].unique())
    texts = {name: result.estimates[name].map(dated.text) for name in ("reason",)}
    ledger = {name: result.ledger[name].map(dated.text) for name in ("step", "subject", "reason")}
    return replace(
        result,
        estimates=result.estimates.assign(**texts),
        table=result.table and _table(result.table, dated),
        figure=result.figure and replace(
            result.figure,
            data={name: _frame(frame, dated, result.figure.kind) for name, frame in result.figure.data.items()},
            options={
                **{key: dated.text(one) if isinstance(one, str) else one for key, one in result.figure.options.items()},
                "period": dict(info.period),
            },
        ),
        notes=tuple(map(dated.text, result.notes)),
        warnings=tuple(map(dated.text, result.warnings)),
        ledger=result.ledger.assign(**ledger),
        used={
            name: replace(one, words=dated.text(one.words), counts=dated.text(one.counts))
            for name, one in result.used.items()
        },
    )  # fmt: skip


@contextmanager
def errors_in_periods(panel: pd.DataFrame, info: StudyInfo) -> Iterator[None]:
    """Say what an exhibit raises in the words of the panel's periods."""
    period = Period.of(info.period)
    try:
        yield
    except ShidianError as error:
        if period.is_plain:
            raise
        raise type(error)(Dated.of(period, panel["year"].unique()).text(str(error))) from None


def _table(table: Table, dated: Dated) -> Table:
    header = tuple(tuple((dated.text(text, alone=True), span) for text, span in line) for line in table.header)
    rows = tuple(
        Row(
            dated.text(row.label, alone=True),
            tuple(Cell(dated.text(cell.text), cell.ref) for cell in row.cells),
            row.rule_above,
        )
        for row in table.rows
    )
    return Table(header, rows)


def _frame(frame: pd.DataFrame, dated: Dated, kind: str) -> pd.DataFrame:
    texts = [name for name in frame.columns if pd.api.types.is_string_dtype(frame[name])]
    said = {}
    for name in texts:
        alone = kind == "density" and name == "group"  # curves by period; other groups are the user's words
        said[name] = [dated.text(value, alone=alone) if isinstance(value, str) else value for value in frame[name]]
    return frame.assign(**said)
