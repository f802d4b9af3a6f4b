"""What the reader sees in a workbook, and a draft of the source file for it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from shidian.errors import SourceError
from shidian.yearbook.cell_formats import Scaled
from shidian.yearbook.draft import Guess, Shown, draft_source, draft_table
from shidian.yearbook.grid import Grid
from shidian.yearbook.headers import header_paths
from shidian.yearbook.layout import Region
from shidian.yearbook.limits import LIMITS, Limits
from shidian.yearbook.numbers import (
    BLANK,
    MARK,
    cell_text,
    clean,
    mark_kind,
    match_key,
    parse_number,
    parse_year,
)
from shidian.yearbook.tables import HeaderPath
from shidian.yearbook.text_form import TextForm, decode, likely_encoding_of, seen_separator
from shidian.yearbook.time_limit import within
from shidian.yearbook.true_kind import TEXT, true_kind
from shidian.yearbook.workbook import CELLS, EXCEL, LABELLED, R, Workbook

MAX_HEADER_ROWS = 5
FIRST_ROWS = 3


def inspect_workbook(path: Path | str, encoding: str | None = None, limits: Limits = LIMITS) -> str:
    """Describe a workbook as the reader sees it and draft its source file.

    Args:
        path: the workbook.
        encoding: text encoding of a .csv file, or of a .dta, .sav or .rds file that does not say it; that in which it
            reads when None.
        limits: how much of it is read.

    Returns:
        For each table its titles, units of measure, header tree and first rows; then a source file in YAML,
        where TODO marks what the user has to settle. Here tables are guessed; the reader never guesses.

    Raises:
        SourceError: the file is missing, damaged or protected, or the text has another encoding.
    """
    path = Path(path)
    if not path.is_file():
        raise SourceError(f"{path}: no such file")
    with within(limits.seconds, path):
        return _described(path, encoding, limits)


def _described(path: Path, encoding: str | None, limits: Limits) -> str:
    shown = _shown(path, encoding)
    book = Workbook(path, TextForm(shown.encoding, shown.separator), limits)
    report = [str(path), *([f"Texts read as {shown.encoding}"] if shown.encoding else []), ""]
    tables: list[str] = []
    ignored: list[str] = []
    names: list[str] = []
    sheets: list[str | None] = [*book.sheet_names] or [None]
    n_columns = 0
    for name in sheets:
        found = [] if _is_empty(book, name) else guess_tables(book.grid(name))
        for part, guess in found:
            report += _describe(part, guess)
            table, series = draft_table(part, guess, shown, names, n_columns)
            tables.append(table)
            names += series
            n_columns += len(guess.paths)
        if not found:
            report += [f"Sheet '{name}': no table found", ""]
            ignored.append(name or "")
    return "\n".join([*report, "Draft of the source file:", "", draft_source(path, tables, ignored)])


def _shown(path: Path, encoding: str | None) -> Shown:
    """Return the encoding in which a file's texts read, and the labels in it."""
    kind = path.suffix.lower()
    if kind == ".dta":
        from shidian.yearbook.stata import likely_encoding, read_labels

        read = encoding or likely_encoding(path)
        return Shown(read, read_labels(path, read))
    if kind in LABELLED:
        from shidian.yearbook import stat_files

        read = encoding or stat_files.likely_encoding(path)
        return Shown(read, stat_files.read_labels(path, read))
    if kind in R:
        from shidian.yearbook.r_files import RBook, likely_encoding_of_r

        read = encoding or likely_encoding_of_r(path)
        return Shown(read, RBook.of(path, read).labels)
    if kind not in CELLS and not (kind in EXCEL and true_kind(path) == TEXT):
        return Shown(encoding)
    read = encoding or likely_encoding_of(path)
    separator = seen_separator(path, decode(path, read), TextForm())
    return Shown(read, separator=None if separator == "," else "tab" if separator == "\t" else separator)


def _is_empty(book: Workbook, sheet: str | None) -> bool:
    try:
        book.grid(sheet)
    except SourceError as error:
        return str(error).endswith("the sheet is empty")
    return False


def guess_tables(grid: Grid) -> list[tuple[Grid, Guess]]:
    """Find the tables stacked in a sheet: the part that each one fills, and where it lies in it."""
    first = _guess_table(grid)
    if first is None:
        return []
    anchor = next((match_key(path[0]) for path in first.paths if path), "")
    rows = [r for r in range(first.region.header[0], len(grid.rows)) if match_key(cell_text(grid.rows[r][0])) == anchor]
    starts = [0, *(_block_start(grid, row) for row in rows[1:])]
    parts = [_part(grid, start, stop) for start, stop in pairwise([*starts, len(grid.rows)])]
    return [(part, guess) for part in parts if (guess := _guess_table(part)) is not None]


def _block_start(grid: Grid, header: int) -> int:
    """First of the rows that stand above a header row without a blank row between."""
    while header > 0 and any(clean(cell_text(cell)) for cell in grid.rows[header - 1]):
        header -= 1
    return header


def _part(grid: Grid, start: int, stop: int) -> Grid:
    merges = [
        ((top - start, left), (bottom - start, right))
        for (top, left), (bottom, right) in grid.merges
        if start <= top and bottom < stop
    ]

    def scaled() -> dict[tuple[int, int], Scaled]:
        return {(r - start, c): how for (r, c), how in grid.scaled().items() if start <= r < stop}

    return Grid(grid.sheet, grid.rows[start:stop], grid.labels, grid.first_row + start, merges, scaled=scaled)


def _guess_table(grid: Grid) -> Guess | None:
    """Find the first row of numbers and the header rows above it; None without any."""
    data = _data_rows(grid) or _list_rows(grid)
    if not data:
        return None
    header = _header_start(grid, data[0])
    if header >= data[0]:
        return None
    titles = [text for row in grid.rows[:header] for cell in row if (text := clean(cell_text(cell)))]
    region = Region(0, (header, data[0]), len(grid.rows), 0, len(grid.rows[0]))
    return Guess(titles, region, header_paths(grid, region), data)


def _data_rows(grid: Grid) -> list[int]:
    """Rows that look like data, and those without a number that have a year where most of these have one."""
    certain = [r for r in range(len(grid.rows)) if _looks_like_data(grid.rows[r])]
    widths = range(len(grid.rows[0]) if grid.rows else 0)
    dated = [c for c in widths if sum(_is_year(grid.rows[r][c]) for r in certain) * 2 > len(certain)]
    known = set(certain)
    return [r for r in range(len(grid.rows)) if r in known or any(_is_year(grid.rows[r][c]) for c in dated)]


def _list_rows(grid: Grid) -> list[int]:
    """Rows of a list that holds years and texts alone, below one row of headers; none where it is no such list."""
    filled = [[text for cell in row if (text := cell_text(cell).strip())] for row in grid.rows]
    if len(filled) < 2 or len(filled[0]) != len(grid.rows[0]) or len(set(filled[0])) < max(2, len(filled[0])):
        return []
    if any(parse_number(text) is not None for text in filled[0]):
        return []
    rows = [row for row in range(1, len(grid.rows)) if filled[row]]
    return rows if any(parse_year(text) is not None for row in rows for text in filled[row]) else []


def _is_year(cell: object) -> bool:
    return parse_year(cell_text(cell)) is not None


def _looks_like_data(row: Sequence[object]) -> bool:
    """A row of data: after its first filled cell a number that is no year, or marks in most cells."""
    texts = [text for cell in row if (text := cell_text(cell).strip())][1:]
    numbers = [text for text in texts if parse_number(text) is not None and parse_year(text) is None]
    marks = [text for text in texts if mark_kind(text) not in (MARK, BLANK)]
    return bool(numbers) or len(marks) * 2 > len(texts)


def _header_start(grid: Grid, first_data: int) -> int:
    """First header row: going up from the data, the last row that fills two cells or holds a merged one."""
    merged: set[int] = set()
    for (top, left), (bottom, right) in grid.merges:
        merged |= set(range(top, bottom + 1)) if right > left or bottom > top else set()
    start = first_data
    for row in range(first_data - 1, max(first_data - MAX_HEADER_ROWS, 0) - 1, -1):
        filled = [cell for cell in grid.rows[row] if clean(cell_text(cell))]
        if len(filled) < 2 and row not in merged:
            break
        start = row
    return start


def _describe(grid: Grid, guess: Guess) -> list[str]:
    first, last = guess.region.header
    rows = f"rows {grid.first_row}-{grid.first_row + len(grid.rows) - 1}"
    lines = [f"Sheet '{grid.sheet}', {rows}, {len(grid.rows[0])} columns"]
    lines += [f"  above the headers: {title}" for title in guess.titles]
    lines += [
        f"  header rows {first + grid.first_row}-{last - 1 + grid.first_row}:",
        *_tree(grid, guess.paths),
    ]
    lines.append(f"  first of {len(guess.data)} rows that look like data:")
    for row in guess.data[:FIRST_ROWS]:
        lines.append(f"    {row + grid.first_row}: " + " | ".join(clean(cell_text(cell)) for cell in grid.rows[row]))
    known = set(guess.data)
    other = [row for row in range(last, len(grid.rows)) if row not in known]
    texts = [text for row in other for cell in grid.rows[row] if (text := clean(cell_text(cell)))]
    lines += [f"  other text below the headers: {text}" for text in list(dict.fromkeys(texts))[:20]]
    return [*lines, ""]


def _tree(grid: Grid, paths: Sequence[HeaderPath]) -> list[str]:
    """Headers as an indented tree, each leaf with its column."""
    lines = []
    shown: HeaderPath = ()
    for column, path in enumerate(paths):
        name = grid.column_name(column)
        if not path:
            lines.append(f"    {name}: (no header)")
        same = 0
        while same < min(len(shown), len(path) - 1) and shown[same] == path[same]:
            same += 1
        for depth in range(same, len(path)):
            label = f"{name}: " if depth == len(path) - 1 else ""
            lines.append(f"    {'  ' * depth}{label}{path[depth]}")
        shown = path
    return lines
