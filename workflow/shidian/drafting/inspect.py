"""What the reader sees in a workbook, and a draft of the source file for it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from shidian.drafting.below import place_of
from shidian.drafting.file import FileDraft, draft_file, file_entry, written_source
from shidian.drafting.find import Guess
from shidian.drafting.parts import Part
from shidian.drafting.trial import try_draft
from shidian.yearbook.limits import LIMITS, Limits
from shidian.yearbook.numbers import clean
from shidian.yearbook.tables import HeaderPath

FIRST_ROWS = 3
NO_TABLE = (
    "No draft: no table was found, that is a row of headers above rows of numbers, or of names of units and years. "
    "Where there is one, write its source file by hand (docs/sources.md)"
)


def inspect_workbook(
    path: Path | str, encoding: str | None = None, limits: Limits = LIMITS, raw: Path | None = None
) -> str:
    """Describe a workbook as the reader sees it, draft its source file, and read by the draft.

    Args:
        path: the workbook.
        encoding: text encoding of a .csv file, or of a .dta, .sav or .rds file that does not say it; that in which it
            reads when None.
        limits: how much of it is read.
        raw: folder of the raw workbooks, below which the draft names the file.

    Returns:
        For each table its titles, units of measure, header tree and first rows; then a source file in YAML,
        where TODO marks what the user has to settle; then the first values that it reads, or what stops it. Here
        tables are guessed; the reader never guesses.

    Raises:
        SourceError: the file is missing, damaged or protected, or the text has another encoding.
    """
    draft = draft_file(Path(path), encoding, limits=limits)
    report = described(draft)
    if not draft.tables:
        return "\n".join([*report, NO_TABLE])
    place = place_of(draft.path.parent, raw)
    text = written_source(draft.path.stem, [file_entry(draft.path, place.before)], draft.tables, draft.ignored)
    trial = try_draft(text, place.base, limits)
    comments = [f"# {line}" for line in (*trial.lines, *([place.said] if place.said else []))]
    return "\n".join([*report, "Draft of the source file:", "", text, *comments, ""])


def described(draft: FileDraft) -> list[str]:
    """Return the lines that describe the tables of a workbook."""
    read = [f"Texts read as {draft.shown.encoding}"] if draft.shown.encoding else []
    lines = [str(draft.path), *read, ""]
    for name, tables in draft.found.items():
        for one in tables:
            lines += _describe(one.part, one.guess)
        if not tables:
            lines += [f"Sheet '{name}': no table found" if name else "no table found", ""]
    return lines


def _describe(part: Part, guess: Guess) -> list[str]:
    grid = part.grid
    first, last = guess.region.header
    rows = f"rows {grid.first_row}-{grid.first_row + len(grid.rows) - 1}"
    lines = [
        f"Sheet '{grid.sheet}', {rows}, {len(grid.rows[0])} columns"
        if grid.sheet
        else f"{rows}, {len(grid.rows[0])} columns"
    ]
    lines += [f"  above the headers: {title}" for title in guess.titles]
    lines += [
        f"  header rows {first + grid.first_row}-{last - 1 + grid.first_row}:",
        *_tree(part, guess.paths),
    ]
    lines.append(f"  first of {len(guess.data)} rows that look like data:")
    for row in guess.data[:FIRST_ROWS]:
        lines.append(f"    {row + grid.first_row}: " + " | ".join(map(clean, part.texts[row])))
    known = {*guess.data, *guess.repeated}
    other = [row for row in range(last, len(grid.rows)) if row not in known]
    texts = [clean(text) for row in other for text in part.texts[row] if text]
    lines += [f"  other text below the headers: {text}" for text in list(dict.fromkeys(texts))[:20]]
    return [*lines, ""]


def _tree(part: Part, paths: Sequence[HeaderPath]) -> list[str]:
    """Headers as an indented tree, each leaf with its column."""
    lines = []
    shown: HeaderPath = ()
    for column, path in enumerate(paths):
        name = part.name(column)
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
