"""The declared unit of measure of a column against the one that the table prints: a difference stops the run."""

from __future__ import annotations

from collections.abc import Sequence

from shidian.errors import SourceError
from shidian.measures import PURE, Measure
from shidian.messages import say
from shidian.yearbook.events import Event
from shidian.yearbook.headers import Headers
from shidian.yearbook.layout import Place
from shidian.yearbook.numbers import cell_text, clean
from shidian.yearbook.printed_measure import Printed, agree, of_one_kind, read_unit, unit_of_header, units_of_lines
from shidian.yearbook.tables import Column

_SIZELESS = ("log", "index")
"""First words of declared measures that no printed unit can contradict."""


def measure_events(place: Place, headers: Headers) -> list[Event]:
    """Compare each column's declared unit of measure with that of its header, or of the lines above the headers.

    Returns:
        a line of the ledger for each column whose ``override`` insists on another one.

    Raises:
        SourceError: a column's table prints another unit of measure than the source declares.
    """
    lines = _lines_above(place)
    above = units_of_lines(lines)
    events = []
    for column in place.table.columns:
        declared = _declared(column)
        if declared is None:
            continue
        for found in headers.values[column.series][:1]:
            path = headers.paths[found.position - place.region.left]
            said = _contradicting(place, column, declared, path, found.position, above)
            if said is None:
                continue
            if not column.override:
                raise SourceError(_refusal(place, column, declared, said, path, found.position))
            event = say("printed in {printed}, declared in {declared}", printed=said.text, declared=column.measure)
            events.append(Event(event, 1, column.override, column.series))
    return events


def _declared(column: Column) -> Measure | None:
    """Return the unit of measure of a column of numbers, None where nothing that is printed can contradict it."""
    words = column.measure.split()
    if column.is_text or column.is_category or column.period or column.as_shown is not None or not words:
        return None
    known = read_unit(column.measure) if words[0] not in _SIZELESS else None
    if known is None and column.measure in ("1", "ratio"):
        return PURE
    return known.measure if known else None


def _contradicting(
    place: Place, column: Column, declared: Measure, path: Sequence[str], position: int, above: Sequence[Printed]
) -> Printed | None:
    """Return the printed unit of measure that is not the declared one, None where none is."""
    printed = unit_of_header((*path, *column.where.values()))
    if printed is not None:
        stored_as_shares = declared == PURE and not printed.measure.dims and _shows_another_size(place, position)
        return None if agree(printed.measure, declared) or stored_as_shares else printed
    of_kind = [one for one in above if of_one_kind(one.measure, declared)]
    return None if not of_kind or any(agree(one.measure, declared) for one in of_kind) else of_kind[0]


def _shows_another_size(place: Place, position: int) -> bool:
    """Say whether cells of a column store shares that they show as percentages."""
    return any(column == position for _, column in place.grid.scaled())


def _lines_above(place: Place) -> list[str]:
    """Return the texts between the top of a table, or of its sheet, and its headers."""
    region = place.region
    top = region.top if place.table.layout == "yearbook" else 0
    rows = place.grid.rows[top : region.header[0]]
    return [text for row in rows for cell in row[region.left : region.right] if (text := clean(cell_text(cell)))]


def _refusal(place: Place, column: Column, declared: Measure, said: Printed, path: Sequence[str], position: int) -> str:
    """Return the sentence that shows both units of measure and what to do."""
    where = f"the header '{' / '.join(path)}' says" if unit_of_header(path) else "the table says"
    if unit_of_header(path) is None and column.where:
        where = f"its rows ({', '.join(column.where.values())}) say"
    ratio = said.measure.factor / declared.factor
    differs = f"{max(ratio, 1 / ratio):,.10g} times " + ("as large" if ratio > 1 else "as small")
    size = f", {differs}" if said.measure.dims == declared.dims else ", another kind"
    key = f"columns.{column.series}"
    return (
        f"{place.at(place.region.header[1] - 1, position)}: {where} '{said.text}', {key}.measure is "
        f"'{column.measure}'{size}. Declare the measure that is printed, or insist with '{key}.override: why'"
    )
