"""Drafting the source file of one workbook: its sheets, the tables in them, families of sheets."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shidian.drafting.draft import Drafted, Shown, draft_table, title_count
from shidian.drafting.families import family
from shidian.drafting.find import Guess, find_tables
from shidian.drafting.parts import Part
from shidian.drafting.regions import LEAST_SHARE, known_names
from shidian.drafting.series import Named
from shidian.drafting.written import TODO, Remarks, quoted, written_list, written_table
from shidian.errors import SourceError
from shidian.yearbook.grid import Grid
from shidian.yearbook.labels import Labels
from shidian.yearbook.limits import LIMITS, Limits
from shidian.yearbook.packed import kind_of
from shidian.yearbook.tables import HeaderPath
from shidian.yearbook.text_form import TextForm, decode, likely_encoding_of, seen_separator
from shidian.yearbook.time_limit import within
from shidian.yearbook.true_kind import PAGE, TEXT, true_kind
from shidian.yearbook.workbook import CELLS, EXCEL, LABELLED, PAGES, R, Workbook


@dataclass(frozen=True)
class Located:
    """A table in a sheet, and how many tables with the same title stand above it, -1 where it is the only one."""

    part: Part
    guess: Guess
    above: int = -1


@dataclass
class FileDraft:
    """What a workbook holds, and the drafts of its tables.

    Attributes:
        path: the workbook.
        shown: what it says beyond its cells.
        found: the tables of each sheet.
        tables: their drafts; a family of sheets has one.
        ignored: names of the sheets without a table.
    """

    path: Path
    shown: Shown
    found: dict[str | None, list[Located]]
    tables: list[Drafted] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)


def draft_file(
    path: Path,
    encoding: str | None = None,
    known: Mapping[HeaderPath, str] | None = None,
    limits: Limits = LIMITS,
    layout: str = "",
) -> FileDraft:
    """Draft the tables of one workbook.

    Args:
        path: the workbook.
        encoding: text encoding of a text file or an old .dta file; that in which it reads when None.
        known: names that headers have in other files of one kind.
        limits: how much of it is read.
        layout: yearbook for a declaration with rows of headers where a flat one would do.

    Raises:
        SourceError: the file is missing, damaged or protected, or the text has another encoding.
    """
    if not path.is_file():
        raise SourceError(f"{path}: no such file")
    with within(limits.seconds, path):
        return _drafted(path, encoding, Named(known=known or {}, hint=path.stem, layout=layout), limits)


def _drafted(path: Path, encoding: str | None, named: Named, limits: Limits) -> FileDraft:
    shown = shown_by(path, encoding)
    book = Workbook(path, TextForm(shown.encoding, shown.separator, labelled=shown.labelled), limits)
    draft = FileDraft(path, shown, {})
    sheets: list[str | None] = [*book.sheet_names] or [None]
    for name in sheets:
        draft.found[name] = located(book, name)
        if not draft.found[name] and name:
            draft.ignored.append(name)
    draft.tables = _families(draft, named)
    return draft


def located(book: Workbook, sheet: str | None) -> list[Located]:
    """Find the tables of one sheet; none where it is empty."""
    try:
        grid: Grid = book.grid(sheet)
    except SourceError as error:
        if str(error).endswith(("the sheet is empty", "the file is empty")):
            return []
        raise
    tables = find_tables(grid)
    titles = [(part.area, guess.titles[0] if guess.titles else "") for part, guess in tables]
    if len(tables) < 2:
        several = bool(tables and titles[0][1]) and title_count(tables[0][0].texts, titles[0][1]) > 1
        return [Located(part, guess, 0 if several else -1) for part, guess in tables]
    return [
        Located(part, guess, titles[:i].count(titles[i]) if titles.count(titles[i]) > 1 else -1)
        for i, (part, guess) in enumerate(tables)
    ]


def _families(draft: FileDraft, named: Named) -> list[Drafted]:
    """Return the drafts of all tables, one for a family of sheets whose names say what differs."""
    alone = {sheet: tables[0] for sheet, tables in draft.found.items() if sheet and len(tables) == 1}
    first = {sheet: draft_table(one.part, one.guess, draft.shown, named, one.above) for sheet, one in alone.items()}
    if len(alone) > 1 and (merged := family([one.entry for one in first.values()])) is not None:
        one = next(iter(first.values()))
        rest = {sheet: tables for sheet, tables in draft.found.items() if sheet not in alone}
        remarks = Remarks({path: text for path, text in one.remarks.by_path.items() if path[0] not in ("unit", "year")})
        return [Drafted(merged, remarks, one.names), *_each(draft, rest, named, list(one.names.values()))]
    return _each(draft, draft.found, named, [])


def _each(
    draft: FileDraft, found: Mapping[str | None, Sequence[Located]], named: Named, taken: list[str]
) -> list[Drafted]:
    drafts: list[Drafted] = []
    for tables in found.values():
        for one in tables:
            mine = Named(tuple(taken), len(taken), named.known, named.hint, named.layout)
            drafts.append(draft_table(one.part, one.guess, draft.shown, mine, one.above))
            taken += drafts[-1].names.values()
    return drafts


def shown_by(path: Path, encoding: str | None) -> Shown:
    """Return the encoding in which a file's texts read, and the labels in it."""
    kind = kind_of(path)
    if kind == ".dta":
        from shidian.yearbook.stata import likely_encoding, read_labels

        read = encoding or likely_encoding(path)
        return _labelled(read, read_labels(path, read))
    if kind in LABELLED:
        from shidian.yearbook import stat_files

        read = encoding or stat_files.likely_encoding(path)
        return _labelled(read, stat_files.read_labels(path, read))
    if kind in R:
        from shidian.yearbook.r_files import RBook, likely_encoding_of_r

        read = encoding or likely_encoding_of_r(path)
        return _labelled(read, RBook.of(path, read).labels)
    found = true_kind(path) if kind in EXCEL else PAGE if kind in PAGES else None
    if found == PAGE:
        return Shown(encoding)
    if kind not in CELLS and found != TEXT:
        return Shown(encoding if kind == ".xls" else None)
    read = encoding or likely_encoding_of(path)
    separator = seen_separator(path, decode(path, read), TextForm())
    return Shown(read, separator=None if separator == "," else "tab" if separator == "\t" else separator)


def _labelled(encoding: str | None, labels: Labels) -> Shown:
    """Return what a file with labels says; those of values that are names of units are read in their place."""
    regions = [name for name, values in labels.values.items() if known_names(set(values.values())).share >= LEAST_SHARE]
    return Shown(encoding, labels, labelled=tuple(regions))


def written_source(
    name: str, files: Sequence[Mapping[str, Any]], tables: Sequence[Drafted], ignored: Sequence[str]
) -> str:
    """Return the draft of a source file."""
    lines = [f"source: {source_name(name)}"]
    lines += [f"{key}: {TODO}" for key in ("title", "publisher", "citation", "licence")]
    lines += ['url: ""', f"accessed: {TODO} # YYYY-MM-DD", "redistributable: false"]
    lines += [f"ignore_sheets: [{', '.join(map(quoted, ignored))}]"] if ignored else []
    lines += ["files:", *written_list(files), "tables:"]
    return "\n".join([*lines, *(written_table(one.entry, one.remarks) for one in tables)]) + "\n"


def source_name(text: str) -> str:
    """Return the name of a source after a file or folder, TODO where its letters give none."""
    name = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:100].rstrip("_")
    return name if re.match("[a-z]", name) else TODO


def file_entry(path: Path, before: str = "") -> dict[str, Any]:
    """Return what ``files`` says of one file; ``before`` stands before its name."""
    return {"path": f"{before}{path.name}", "sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "what": TODO}
