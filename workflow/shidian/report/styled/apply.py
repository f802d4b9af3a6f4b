"""A result as its exhibit is printed: in the style and layout that its study or the run asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from shidian.exhibits.regression_table import STATISTICS
from shidian.exhibits.result import Cell, ExhibitResult, Row, Table
from shidian.messages import Words
from shidian.messages.words import said
from shidian.report.study_report import ExhibitMeta
from shidian.report.styled.cells import Printer, side_by_side
from shidian.report.styled.layout import chosen, spanned, with_foot
from shidian.report.styled.notes import styled_notes
from shidian.report.styled.one_form import in_one_form
from shidian.report.styled.rows import Part, parts
from shidian.report.styled.style import PrintStyle
from shidian.report.words import in_words


def as_printed(result: ExhibitResult, meta: ExhibitMeta) -> ExhibitResult:
    """Return the result in its style, its layout and its language, small numbers of a column in one form.

    Estimates and what cells refer to do not change.

    Raises:
        ReportError: a row or a column of the layout that the table has not.
    """
    found = in_words(styled(result, meta.printing, meta.id, meta.lang), meta.lang)
    return found if found.table is None else replace(found, table=in_one_form(found.table))


def styled(result: ExhibitResult, printing: Mapping[str, Any], exhibit: str, lang: str = "") -> ExhibitResult:
    """Return the result in the style and layout that ``printing`` holds (``shidian.study.styles``).

    The words of a style stand in a report of its own language alone.
    """
    layout, given = printing.get("layout", {}), printing.get("style")
    if not (layout or given):
        return result
    style = PrintStyle.of(given, printing.get("estimated", {})) if given else None
    messages = dict(result.messages)
    notes = result.notes
    if style is not None:
        notes, behind = styled_notes(notes, messages, style)
        messages |= behind
    table = result.table
    if table is not None:
        table = _table(table, result, layout, style, exhibit)
        if style is not None and lang in ("", style.language or lang):
            table = _in_words_of(table, style.words, messages)
    return replace(result, table=table, notes=notes, messages=messages)


def _table(
    table: Table, result: ExhibitResult, layout: Mapping[str, Any], style: PrintStyle | None, exhibit: str
) -> Table:
    found = parts(table, result.messages)
    found = chosen(found, layout, exhibit) if layout else found
    header = spanned(table, layout["spanners"], exhibit).header if "spanners" in layout else table.header
    if style is None:
        return Table(header, _rows(found))
    printer = Printer.of(style, result.estimates, found)
    found = [printer.part(part) for part in found]
    found = with_foot(found, style.foot) if style.foot is not None else found
    if style.beside and any(part.what == "coefficient" and len(part.rows) == 2 for part in found):
        found = [side_by_side(part) for part in found]
        header = tuple(((line[0]), *((text, 2 * span) for text, span in line[1:])) for line in header)
    return Table(header, _rows(found))


def _rows(found: Sequence[Part]) -> tuple[Row, ...]:
    return tuple(row for part in found for row in part.rows)


def _in_words_of(table: Table, words: Mapping[str, str], messages: Mapping[str, Words]) -> Table:
    """Return a table with the words of a style in the place of ours; the study's own texts stay."""

    def spoken(text: str) -> str:
        ours = text in messages or isinstance(said(text), Words) or text in STATISTICS.values()
        return words[text] if text in words and ours else text

    return Table(
        tuple(tuple((spoken(text), span) for text, span in line) for line in table.header),
        tuple(
            Row(spoken(row.label), tuple(Cell(spoken(cell.text), cell.ref) for cell in row.cells), row.rule_above)
            for row in table.rows
        ),
    )
