"""An exhibit's fixed words in the language of the report (``words_zh.yaml``); its numbers and their trail stay."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from importlib import resources
from typing import Any

import pandas as pd
import yaml

from shidian.exhibits.result import Cell, ExhibitResult, Figure, Row, Table
from shidian.report.catalogue import in_language

_COUNT_OF_NONE = re.compile(r"\bno\b")
_BY_COLUMN = re.compile(r"^Columns? (.+?): (.+)$", re.DOTALL)


def in_words(result: ExhibitResult, lang: str) -> ExhibitResult:
    """Return the result with all its words in a language; what has no translation stays as it is.

    Estimates and the references of cells do not change.
    """
    if lang == "en":
        return result

    def spoken(text: str) -> str:
        return in_language(text, lang, result.messages)

    table = result.table and Table(
        tuple(tuple((word(spoken(text), lang), span) for text, span in line) for line in result.table.header),
        tuple(
            Row(
                word(spoken(row.label), lang),
                tuple(Cell(word(spoken(c.text), lang), c.ref) for c in row.cells),
                row.rule_above,
            )
            for row in result.table.rows
        ),
    )
    notes = tuple(sentence(spoken(text), lang) for text in result.notes)
    warnings = tuple(sentence(spoken(text), lang) for text in result.warnings)
    figure = result.figure and _figure(result.figure, lang, spoken)
    ledger = result.ledger.assign(**{name: result.ledger[name].map(spoken) for name in ("step", "reason")})
    return replace(result, table=table, figure=figure, notes=notes, warnings=warnings, ledger=ledger)


def word(text: str, lang: str) -> str:
    """Return a label in a language, the label itself where it has no translation."""
    words, patterns = _translations(lang)
    if text in words:
        return words[text]
    for pattern, form in patterns:
        if match := pattern.match(text):
            return form.format(*(_COUNT_OF_NONE.sub("0", group) for group in match.groups("")))
    return text


def sentence(text: str, lang: str) -> str:
    """Return a sentence of a note in a language, its columns named first; itself where it has no translation.

    A sentence that has none as a whole is said clause by clause, those without a translation as they are.
    """
    if match := _BY_COLUMN.match(text):
        said = _said(match[2], lang)
        return text if said == match[2] else f"第 {match[1]} 列：{said}"
    return _said(text, lang)


def _said(text: str, lang: str) -> str:
    whole = word(text, lang)
    clauses = text.removesuffix(".").split("; ")
    said = [word(clause, lang) for clause in clauses]
    return whole if whole != text or said == clauses or len(clauses) == 1 else f"{'；'.join(said)}。"


def _figure(figure: Figure, lang: str, spoken: Callable[[str], str]) -> Figure:
    data = {name: _frame(frame, lang, spoken) for name, frame in figure.data.items()}
    options = {key: spoken(value) if isinstance(value, str) else value for key, value in figure.options.items()}
    return replace(figure, data=data, options=options)


def _frame(frame: pd.DataFrame, lang: str, spoken: Callable[[str], str]) -> pd.DataFrame:
    words, _ = _translations(lang)
    texts = [name for name in frame.columns if pd.api.types.is_string_dtype(frame[name])]
    said: dict[str, Any] = {name: [_word(value, words, spoken) for value in frame[name]] for name in texts}
    return frame.assign(**said)


def _word(value: object, words: Mapping[str, str], spoken: Callable[[str], str]) -> object:
    return words.get(text := spoken(value), text) if isinstance(value, str) else value


@cache
def _translations(lang: str) -> tuple[Mapping[str, str], tuple[tuple[re.Pattern[str], str], ...]]:
    text = resources.files("shidian.report").joinpath(f"words_{lang}.yaml").read_text(encoding="utf-8")
    content: dict[str, Any] = yaml.safe_load(text)
    return content["words"], tuple((re.compile(pattern), form) for pattern, form in content["patterns"])
