"""An exhibit's words in the language of the report; its numbers and their trail stay."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd

from shidian.exhibits.legend import is_legend, legend_words
from shidian.exhibits.result import Cell, ExhibitResult, Figure, Row, Table
from shidian.messages import Words, is_aside
from shidian.report.catalogue import in_language


def in_words(result: ExhibitResult, lang: str) -> ExhibitResult:
    """Return the result with all its words in a language; what has no translation stays as it is.

    Estimates and the references of cells do not change.
    """
    if lang == "en":
        return result

    def spoken(text: str) -> str:
        return in_language(text, lang, result.messages)

    table = result.table and Table(
        tuple(tuple((spoken(text), span) for text, span in line) for line in result.table.header),
        tuple(
            Row(
                spoken(row.label),
                tuple(Cell(spoken(c.text), c.ref) for c in row.cells),
                row.rule_above,
            )
            for row in result.table.rows
        ),
    )
    notes = tuple(spoken(legend_words(text) if is_legend(text) else text) for text in result.notes)
    asides = [text for text, note in zip(notes, result.notes, strict=True) if is_aside(note, result.messages)]
    messages = {**result.messages, **{text: Words("aside", {"text": text}) for text in asides}}
    warnings = tuple(spoken(text) for text in result.warnings)
    messages |= {spoken(text): result.messages[text] for text in result.warnings if text in result.messages}
    figure = result.figure and _figure(result.figure, spoken)
    ledger = result.ledger.assign(**{name: result.ledger[name].map(spoken) for name in ("step", "reason")})
    return replace(result, table=table, figure=figure, notes=notes, warnings=warnings, ledger=ledger, messages=messages)


def _figure(figure: Figure, spoken: Callable[[str], str]) -> Figure:
    data = {name: _frame(frame, spoken) for name, frame in figure.data.items()}
    return replace(figure, data=data, options={key: _option(value, spoken) for key, value in figure.options.items()})


def _option(value: Any, spoken: Callable[[str], str]) -> Any:
    if isinstance(value, list):
        return [_option(item, spoken) for item in value]
    return spoken(value) if isinstance(value, str) else value


def _frame(frame: pd.DataFrame, spoken: Callable[[str], str]) -> pd.DataFrame:
    texts = [name for name in frame.columns if pd.api.types.is_string_dtype(frame[name])]
    said: dict[str, Any] = {
        name: [spoken(value) if isinstance(value, str) else value for value in frame[name]] for name in texts
    }
    return frame.assign(**said)
