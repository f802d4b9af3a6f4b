"""Drafting a source file from what a workbook shows; guesses are marked TODO or checked by the reader."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from shidian.yearbook.draft_keys import SAMPLE, Keys, guess_keys, is_text, period_of
from shidian.yearbook.draft_names import UNIT_OF_MEASURE, series_names
from shidian.yearbook.draft_rows import of_individuals
from shidian.yearbook.grid import Grid
from shidian.yearbook.labels import Labels
from shidian.yearbook.layout import Region
from shidian.yearbook.number_forms import Writing, guess_writing
from shidian.yearbook.numbers import cell_text, clean, parse_year
from shidian.yearbook.tables import HeaderPath

UNIT_ROW = re.compile(r"单位[:：](.+)")
YEAR_INSIDE = re.compile(r"(?<!\d)(?:19|20)\d{2}年?(?!\d)")
LONG_TEXT = 120
"""Characters from which on texts are documents, no categories."""
MOST_VALUES = 12
"""Most labels of values that a comment shows."""


@dataclass(frozen=True)
class Guess:
    """Where a table that no source file describes seems to lie: header rows and paths, data rows, texts above."""

    titles: list[str]
    region: Region
    paths: list[HeaderPath]
    data: list[int]


@dataclass(frozen=True)
class Shown:
    """What a file says beyond its cells: encoding of its texts, the separator of its cells where that is no comma, and
    in Stata labels of variables and their values.
    """

    encoding: str | None = None
    labels: Labels = field(default_factory=Labels)
    separator: str | None = None


NOTHING = Shown()
"""A file that says nothing beyond its cells."""


def draft_source(path: Path, tables: Sequence[str], ignored: Sequence[str]) -> str:
    """Draft the source file of one workbook, given the drafts of its tables and the sheets without any."""
    name = re.sub(r"[^a-z0-9]+", "_", path.stem.lower()).strip("_")
    lines = [f"source: {name if re.match('[a-z]', name) else 'TODO'}"]
    lines += [f"{key}: TODO" for key in ("title", "publisher", "citation", "licence")]
    lines += ['url: ""', "accessed: TODO # YYYY-MM-DD", "redistributable: false"]
    lines += [f"ignore_sheets: [{', '.join(map(_quoted, ignored))}]"] if ignored else []
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    lines += ["files:", f"  - path: {_quoted(path.name)}", f"    sha256: {digest}", "    what: TODO"]
    return "\n".join([*lines, "tables:", *tables]) + "\n"


def draft_table(
    grid: Grid, guess: Guess, shown: Shown = NOTHING, taken: Collection[str] = (), number: int = 0
) -> tuple[str, list[str]]:
    """Draft the declaration of one table.

    Args:
        grid: its cells.
        guess: where headers and data lie.
        shown: what the file says beyond its cells.
        taken: names of series of other tables.
        number: columns of the tables before; series without a name are numbered from it on.

    Returns:
        The declaration, and the names of its series.
    """
    first, last = guess.region.header
    yearbook = bool(guess.titles) or last - first > 1 or grid.first_row > 1
    lines = [f"  - layout: {'yearbook' if yearbook else 'flat'}"]
    lines += [f"    sheet: {_quoted(grid.sheet)}"] if grid.sheet else []
    lines += [f"    encoding: {shown.encoding}"] if shown.encoding else []
    lines += [f"    separator: {_quoted(shown.separator)}"] if shown.separator else []
    lines += [f"    title: {_quoted(guess.titles[0])}"] if guess.titles else []
    if len(guess.titles) > 1:
        lines += ["    subtitles:", *(f"      - {_quoted(title)}" for title in guess.titles[1:])]
    lines += [f"    header_row: {first + grid.first_row}"] if first + grid.first_row else []  # .dta files have none
    lines += [f"    header_depth: {last - first}"] if yearbook else []
    keys, why = guess_keys(grid, guess.paths, guess.data), ""
    if not yearbook:
        keys, why = of_individuals(grid, guess.paths, guess.data, keys)
    texts = {c: [cell_text(grid.rows[row][c]).strip() for row in guess.data[:SAMPLE]] for c in _others(guess, keys)}
    empty = [c for c in texts if (yearbook and is_text(texts[c])) or not any(texts[c])]
    values = [c for c in texts if c not in empty]
    writing = guess_writing(cell_text(grid.rows[row][c]).strip() for c in values for row in guess.data)
    lines += ['    decimal: ","'] if writing.decimal == "," else []
    lines += [f"    numbers: [{', '.join(writing.forms)}]"] if writing.forms else []
    dated = {c: path for c in values if keys.year is None and (path := without_year(guess.paths[c])) is not None}
    by_year = bool(values) and len(dated) == len(values)
    lines += _draft_keys(guess, keys, by_year, why)
    lines += ["    ignore:", *(f"      - {_written(guess.paths[c])}" for c in empty)] if empty else []
    lines += ["    columns: # TODO: say each unit of measure; move what is not needed to ignore"]
    groups: dict[HeaderPath, list[int]] = {}
    for column in values:
        path = guess.paths[column]
        groups.setdefault(dated[column] if by_year else path, []).append(column)
    bare = [tuple(part.replace("{year}", "") for part in path) for path in groups]
    names = series_names(bare, taken, number)
    for name, (path, columns) in zip(names, groups.items(), strict=True):
        cells = None if yearbook else texts[columns[0]]
        lines += _draft_series(name, path, columns, grid, guess, shown.labels, cells, writing)
    blank = sum(not path for path in guess.paths)
    lines += [f"    blank_headers: {blank}"] if blank else []
    return "\n".join([*lines, *_draft_footer(grid, guess, yearbook)]), names


def without_year(path: HeaderPath) -> HeaderPath | None:
    """Return the header of the series whose year a header holds: without it, or with {year} where it is part of a text.

    >>> without_year(("gdp", "2010")), without_year(("2010年",)), without_year(("gdp_2010",)), without_year(("gdp",))
    (('gdp',), (), ('gdp_{year}',), None)
    """
    if path and parse_year(path[-1]) is not None:
        return path[:-1]
    found = YEAR_INSIDE.search(path[-1]) if len(path) == 1 else None
    return (path[0][: found.start()] + "{year}" + path[0][found.end() :],) if found else None


def _others(guess: Guess, keys: Keys) -> list[int]:
    return [c for c, path in enumerate(guess.paths) if path and c not in keys.columns]


def _draft_series(
    name: str,
    path: HeaderPath,
    columns: Sequence[int],
    grid: Grid,
    guess: Guess,
    labels: Labels,
    texts: Sequence[str] | None,
    writing: Writing,
) -> list[str]:
    """Draft one series; ``texts`` are cells of a flat table's column, None for a yearbook."""
    label = labels.variables.get(path[-1], "") if path else ""
    told = labels.values.get(path[-1], {}) if path else {}
    lines = [f"      {name}: # column {', '.join(map(grid.column_name, columns))}{f': {label}' if label else ''}"]
    if told:
        lines.append("        # " + "; ".join(f"{code:g} = {text}" for code, text in list(told.items())[:MOST_VALUES]))
    lines.append(f"        header: {_written(path)}")
    if texts is not None and is_text(texts):
        if kind := period_of(texts):
            return [*lines, '        measure: "1"', f"        period: {{ kind: {kind} }}"]
        documents = sum(map(len, texts)) > LONG_TEXT * len(texts)
        return [*lines, f"        measure: {'text' if documents else 'category'}"]
    units = [unit for part in path for unit in UNIT_OF_MEASURE.findall(part)]
    printed = next((m[1].strip() for title in guess.titles if (m := UNIT_ROW.search(title))), "TODO")
    measure = units[-1] if units else printed
    plain = texts is not None and measure == "TODO"
    lines.append('        measure: "1" # TODO: a pure number?' if plain else f"        measure: {_quoted(measure)}")
    lines += _draft_scale(grid, guess, columns)
    marks = sorted({mark for column in columns for mark in _marks(grid, guess, column, writing)})
    if marks not in ([], [""]):
        lines.append(f"        missing: [{', '.join(map(_quoted, marks))}] # TODO: keep what means missing")
    return lines


def _draft_scale(grid: Grid, guess: Guess, columns: Sequence[int]) -> list[str]:
    """Say where cells show another size than they store."""
    scaled = grid.scaled()
    for row, column in ((row, column) for column in columns for row in guess.data if (row, column) in scaled):
        stored, how = grid.rows[row][column], scaled[row, column]
        if isinstance(stored, int | float) and not isinstance(stored, bool) and how.power is not None:
            shown = f"{how.shown(float(stored)):,.10g}{'%' if how.power == 2 else ''}"
            return [f"        as_shown: true # cells show {shown} (format {how.format}), store {cell_text(stored)}"]
    return []


def _draft_keys(guess: Guess, keys: Keys, by_year: bool, why_numbered: str) -> list[str]:
    """Draft unit and year; ``why_numbered`` says why each row is a unit of its own, "" where none is."""
    todo = f" # TODO: {f'check: {keys.told}' if keys.level else 'country, province, city, county or other'}"
    lines = ["    unit:", f"      level: {keys.level or 'other'}{'' if why_numbered else todo}"]
    if keys.code is not None:
        lines.append(f"      code: {_written(guess.paths[keys.code])}")
        lines += [] if keys.official else ["      code_kind: plain"]
    lines += [f"      name: {_written(guess.paths[keys.name[0]])}"] if keys.name else []
    lines += [f"      name_columns: {len(keys.name)}"] if len(keys.name) > 1 else []
    if why_numbered:
        lines.append(f"      row_number: true # TODO: {why_numbered}")
    elif keys.code is None and not keys.name:
        lines.append("      name: TODO # the header of the column that says the unit")
    if keys.year is not None:
        kind = f", kind: {keys.period}" if keys.period else ""
        return [*lines, f"    year: {{ header: {_written(guess.paths[keys.year])}{kind} }}"]
    if keys.facts and not by_year:
        return [*lines, "    # no year: facts of the unit, such as the year of adoption"]
    fixed = "    year: { fixed: TODO } # the year of the table"
    return [*lines, "    year: { in_header: true }" if by_year else fixed]


def _marks(grid: Grid, guess: Guess, column: int, writing: Writing) -> list[str]:
    """Texts of a column's data rows that are no numbers: what the user may have to declare as missing."""
    texts = {cell_text(grid.rows[row][column]).strip() for row in guess.data}
    return sorted(text for text in texts if writing.read(text)[0] is None)[:8]


def _draft_footer(grid: Grid, guess: Guess, yearbook: bool) -> list[str]:
    known = set(guess.data)
    rows = [row for row in range(guess.region.header[1], len(grid.rows)) if row not in known]
    texts = [[text for cell in grid.rows[row] if (text := clean(cell_text(cell)))] for row in rows]
    found = list(dict.fromkeys(text for row in texts for text in row))
    blank = 0 if yearbook else sum(not row for row in texts)
    if not found and not blank:
        return []
    lines = ["    footer: # TODO: check that none of these is data"]
    lines += ["      texts:", *(f"        - {_quoted(text)}" for text in found)] if found else []
    return lines + ([f"      blank_rows: {blank}"] if blank else [])


def _written(path: HeaderPath) -> str:
    return _quoted(path[0]) if len(path) == 1 else f"[{', '.join(map(_quoted, path))}]"


def _quoted(text: str) -> str:
    """Write a text as a YAML string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
