"""Drafting a source file from what a workbook shows; guesses are marked TODO or checked by the reader."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from shidian.yearbook.draft_rows import NO_ID, REPEATS, numbered_units, repeats
from shidian.yearbook.grid import Grid
from shidian.yearbook.layout import Region
from shidian.yearbook.numbers import cell_text, clean, match_key, parse_code, parse_number, parse_year
from shidian.yearbook.tables import HeaderPath

UNIT_WORDS = (
    "地区",
    "城市",
    "地级市",
    "省份",
    "省市",
    "市县",
    "县",
    "单位名称",
    "region",
    "city",
    "province",
)
UNIT_OF_MEASURE = re.compile(r"[（(]([^（）()]{1,12})[）)]")
UNIT_ROW = re.compile(r"单位[:：](.+)")
SAMPLE = 400


@dataclass(frozen=True)
class Guess:
    """Where a table that no source file describes seems to lie: header rows and paths, data rows, texts above."""

    titles: list[str]
    region: Region
    paths: list[HeaderPath]
    data: list[int]


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


def draft_table(grid: Grid, guess: Guess, number: int = 0) -> str:
    """Draft the declaration of one table; its series are numbered from ``number`` on."""
    first, last = guess.region.header
    yearbook = bool(guess.titles) or last - first > 1 or grid.first_row > 1
    lines = [f"  - layout: {'yearbook' if yearbook else 'flat'}"]
    lines += [f"    sheet: {_quoted(grid.sheet)}"] if grid.sheet else []
    lines += [f"    title: {_quoted(guess.titles[0])}"] if guess.titles else []
    if len(guess.titles) > 1:
        lines += ["    subtitles:", *(f"      - {_quoted(title)}" for title in guess.titles[1:])]
    lines += [f"    header_row: {first + grid.first_row}"]
    lines += [f"    header_depth: {last - first}"] if yearbook else []
    keys, values, categories = _draft_keys(grid, guess)
    lines += [*keys, "    columns: # TODO: name each series; move what is not needed to ignore"]
    lines += _draft_columns(grid, guess, values, "    year: { in_header: true }" in keys, number, categories)
    blank = sum(not path for path in guess.paths)
    lines += [f"    blank_headers: {blank}"] if blank else []
    return "\n".join([*lines, *_draft_footer(grid, guess, yearbook)])


def _draft_columns(
    grid: Grid, guess: Guess, values: Sequence[int], by_year: bool, start: int, categories: Sequence[int]
) -> list[str]:
    groups: dict[HeaderPath, list[int]] = {}
    for column in values:
        path = guess.paths[column]
        groups.setdefault(path[:-1] if by_year else path, []).append(column)
    printed = next((m[1].strip() for title in guess.titles if (m := UNIT_ROW.search(title))), "TODO")
    lines = []
    for number, (path, columns) in enumerate(groups.items(), start=start + 1):
        units = [unit for part in path for unit in UNIT_OF_MEASURE.findall(part)]
        marks = sorted({mark for column in columns for mark in _marks(grid, guess, column)})
        if columns[0] in categories:
            units, marks = ["category"], []
        lines += [
            f"      series_{number}: # column {', '.join(map(grid.column_name, columns))}",
            f"        header: {_written(path)}",
            f"        measure: {_quoted(units[-1] if units else printed)}",
        ]
        if marks not in ([], [""]):
            lines.append(f"        missing: [{', '.join(map(_quoted, marks))}] # TODO: keep what means missing")
    return lines


def _draft_keys(grid: Grid, guess: Guess) -> tuple[list[str], list[int], list[int]]:
    """Draft unit, year and the texts to ignore; list the other columns, and those of them that are categories."""
    samples = {c: [grid.rows[r][c] for r in guess.data[:SAMPLE]] for c, path in enumerate(guess.paths) if path}

    def all_are(column: int, test: object) -> bool:
        return all(test(value) is not None for value in samples[column])  # type: ignore[operator]

    def most_telling(columns: Sequence[int]) -> int | None:
        return max(columns, key=lambda c: (len(set(samples[c])), -c)) if columns else None

    year = next((c for c in samples if all_are(c, parse_year)), None)
    code = most_telling([c for c in samples if all_are(c, lambda value: parse_code(value, "gb2260"))])
    texts = [c for c in samples if c not in (year, code) and not any(map(_is_number, samples[c]))]
    likely = [c for c in texts if any(word in match_key(guess.paths[c][-1]).lower() for word in UNIT_WORDS)]
    name = most_telling(likely or texts[:1])
    same = [c for c in samples if name is not None and guess.paths[c] == guess.paths[name]]
    named = [c for c in (code, *same) if c is not None]
    others = [c for c in samples if c != year]
    lines, keys = _draft_unit(grid, guess, (code, name), named, others, texts, year)
    values = [c for c in samples if c != year and c not in keys]
    by_year = all(len(guess.paths[c]) > 1 and parse_year(guess.paths[c][-1]) for c in values)
    if year is not None:
        lines.append(f"    year: {{ header: {_written(guess.paths[year])} }}")
    else:
        fixed = "    year: { fixed: 2000 } # TODO: the year of the table"
        lines.append("    year: { in_header: true }" if by_year and values else fixed)
    ignored = [c for c in values if c in texts and keys]
    lines += ["    ignore:", *(f"      - {_written(guess.paths[c])}" for c in ignored)] if ignored else []
    kept = [c for c in values if c not in ignored]
    return lines, kept, [c for c in kept if c in (*texts, *named)]


def _draft_unit(
    grid: Grid, guess: Guess, found: tuple[int | None, int | None], keys: list[int], others: list[int],
    texts: Sequence[int], year: int | None,
) -> tuple[list[str], list[int]]:  # fmt: skip
    """Draft what says which unit a row describes, and return the columns that it takes.

    ``found`` are the columns of codes and names, ``keys`` all of them, ``others`` those that may hold codes.
    """
    code, name = found
    yearbook = bool(guess.titles) or guess.region.header[1] - guess.region.header[0] > 1
    if not keys and (column := numbered_units(grid, guess.data, others, year)) is not None:
        kind = "      code_kind: plain # TODO: check that these numbers are codes of units"
        return ["    unit:", "      level: other", f"      code: {_written(guess.paths[column])}", kind], [column]
    dated = [] if year is None else [year]
    repeated = bool(keys) and not yearbook and repeats(grid, guess.data, [*keys, *dated, *texts])
    if not keys or repeated:
        why = f"{_written(guess.paths[keys[0]])} {REPEATS}" if keys else NO_ID
        return ["    unit:", "      level: other", f"      row_number: true # TODO: {why}"], []
    lines = ["    unit:", "      level: city # TODO: country, province, city, county or other"]
    lines += [f"      code: {_written(guess.paths[code])}"] if code is not None else []
    lines += [f"      name: {_written(guess.paths[name])}"] if name is not None else []
    named = [c for c in keys if c != code]
    return lines + ([f"      name_columns: {len(named)}"] if len(named) > 1 else []), keys


def _is_number(value: object) -> bool:
    return parse_number(cell_text(value)) is not None


def _marks(grid: Grid, guess: Guess, column: int) -> list[str]:
    """Texts of a column's data rows that are no numbers: what the user may have to declare as missing."""
    texts = {cell_text(grid.rows[row][column]).strip() for row in guess.data}
    return sorted(text for text in texts if parse_number(text) is None)[:8]


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
