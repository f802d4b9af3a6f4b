"""Tables of several exhibits as one, a panel each: what journals print as Panel A, Panel B of one table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from shidian.errors import EstimationError
from shidian.estimates import normalise
from shidian.exhibits.result import Cell, ExhibitResult, Row, StudyInfo, Table
from shidian.messages import Words, say
from shidian.used import Taken, Used


@dataclass(frozen=True)
class _Panel:
    """One panel: its exhibit, its heading, what it found."""

    exhibit: str
    title: str
    result: ExhibitResult
    table: Table


def run(results: Mapping[str, ExhibitResult], spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Stack the tables of exhibits; every cell leads to the estimate of its exhibit.

    A line of headings that all tables have stands above the whole, others below the titles of their panels; a narrower
    table leaves its last columns blank.

    Args:
        results: exhibit -> result, every exhibit that ``spec`` names.
        spec: resolved specification; ``panels`` is a list of {exhibit, title}.
        info: the study.

    Raises:
        EstimationError: an exhibit that prints no table.
    """
    panels = [_panel(n, one, results) for n, one in enumerate(spec["panels"])]
    estimates = pd.concat([_estimates(panel, spec["id"]) for panel in panels], ignore_index=True)
    messages: dict[str, Words] = {}
    for panel in panels:
        messages |= panel.result.messages
    return ExhibitResult(
        normalise(estimates),
        _stacked(panels),
        notes=_notes(panels),
        warnings=tuple(dict.fromkeys(text for panel in panels for text in panel.result.warnings)),
        used={_column(panel, c): Used(taken=(Taken(panel.exhibit, c),)) for panel in panels for c in _columns(panel)},
        messages=messages,
    )


def _panel(n: int, one: Mapping[str, Any], results: Mapping[str, ExhibitResult]) -> _Panel:
    result = results[one["exhibit"]]
    if result.table is None:
        raise EstimationError(say("exhibit '{exhibit}' prints no table that could be a panel", exhibit=one["exhibit"]))
    title = one.get("title", "").strip() or say("Panel {letter}", letter=chr(ord("A") + n))
    return _Panel(one["exhibit"], title, result, result.table)


def _column(panel: _Panel, column: str) -> str:
    return f"{panel.exhibit}: {column}"


def _columns(panel: _Panel) -> list[str]:
    return list(dict.fromkeys(map(str, panel.result.estimates["column"])))


def _estimates(panel: _Panel, exhibit: str) -> pd.DataFrame:
    frame = panel.result.estimates
    return frame.assign(exhibit=exhibit, column=[_column(panel, str(column)) for column in frame["column"]])


def _stacked(panels: Sequence[_Panel]) -> Table:
    width = max(sum(span for _, span in panel.table.header[0]) for panel in panels) - 1
    shared = tuple(line for line in panels[0].table.header if all(line in panel.table.header for panel in panels))
    rows: list[Row] = []
    for panel in panels:
        rows.append(Row(panel.title, _filled((), width), rule_above=bool(rows)))
        own = [_heading_row(line, width) for line in panel.table.header if line not in shared]
        rows += own
        for n, row in enumerate(panel.table.rows):
            cells = tuple(_led(panel, cell) for cell in row.cells)
            rows.append(Row(row.label, _filled(cells, width), row.rule_above or (n == 0 and bool(own))))
    return Table(shared or ((("", 1), *((("", 1),) * width)),), tuple(rows))


def _heading_row(line: Sequence[tuple[str, int]], width: int) -> Row:
    """Return a line of a header as a row: a text that spans columns stands in each of them."""
    (corner, _), *others = line
    return Row(corner, _filled(tuple(Cell(text) for text, span in others for _ in range(span)), width))


def _filled(cells: tuple[Cell, ...], width: int) -> tuple[Cell, ...]:
    return (*cells, *[Cell("")] * (width - len(cells)))


def _led(panel: _Panel, cell: Cell) -> Cell:
    if cell.ref is None:
        return cell
    column, term, field = cell.ref
    return Cell(cell.text, (_column(panel, column), term, field))


def _notes(panels: Sequence[_Panel]) -> tuple[str, ...]:
    """Return the sentences: those of all panels once, others with the name of their panel."""
    found: dict[str, None] = {}
    for panel in panels:
        for text in panel.result.notes:
            everywhere = all(text in other.result.notes for other in panels)
            found[text if everywhere else say("{panel}: {sentence}", panel=panel.title, sentence=text)] = None
    marks = [text for text in found if "SIMULATED" in text]
    return (*(text for text in found if text not in marks), *marks)
