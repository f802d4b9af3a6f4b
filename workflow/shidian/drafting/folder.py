"""One draft of a source file for a folder of files of one kind, such as those of twenty years."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from shidian.drafting.below import Place, place_of
from shidian.drafting.changes import change_table, equal_headers
from shidian.drafting.continuity import paths_in, questions, renamed
from shidian.drafting.file import draft_file, written_source
from shidian.drafting.members import Member, choose, dated_by_name, file_entries, some_of, year_questions
from shidian.drafting.merge import Merged, merge
from shidian.drafting.trial import Trial, try_draft
from shidian.drafting.volumes import Group, Key, Volume, groups_of
from shidian.errors import ShidianError, SourceError
from shidian.yearbook.limits import LIMITS, Limits
from shidian.yearbook.packed import kind_of
from shidian.yearbook.tables import HeaderPath
from shidian.yearbook.workbook import EXCEL, PAGES, PLAIN, R


@dataclass
class Folder:
    """Files of one kind, and those that are none of it with the reason."""

    members: list[Member] = field(default_factory=list)
    others: list[str] = field(default_factory=list)


@dataclass
class Draft:
    """A draft of the source file, the tables in it, and what came of reading by it."""

    text: str
    tables: list[Merged]
    trial: Trial


def inspect_folder(
    folder: Path | str, encoding: str | None = None, limits: Limits = LIMITS, raw: Path | None = None
) -> str:
    """Draft one source file for the files of a folder that are of one kind, and read all by it.

    Args:
        folder: the folder; folders in it are not looked into.
        encoding: text encoding of its text files; for each file that in which it reads when None.
        limits: how much of each file is read.
        raw: folder of the raw workbooks, below which the draft names the files.

    Returns:
        Which files fit together, what changes from one to the next, which files do not fit and why; the draft; what it
        reads; and what its numbers make one ask, such as columns that seem exchanged.

    Raises:
        SourceError: the folder has no file that can be read.
    """
    folder = Path(folder)
    found = _of_one_kind(folder, encoding, limits)
    if not found.members and not found.others:
        raise SourceError(f"{folder}: the folder holds no file of a kind that the reader knows")
    lines = [
        f"{folder}: {len(found.members)} files of one kind",
        *(f"  not among them: {other}" for other in found.others),
    ]
    if not found.members:
        return "\n".join([*lines, "No draft: in no file of the folder a table was found."])
    patterns, place = dated_by_name(found.members), place_of(folder, raw)
    _redraft(found.members, encoding, limits)
    draft, asked = _settled(folder.resolve().name, place, found.members, patterns, limits)
    asked = [*year_questions(found.members, bool(patterns)), *asked]
    lines += change_table(draft.tables)
    said = [place.said] if place.said else []
    comments = [f"# {line}" for line in (*draft.trial.lines, *said, *(f"TODO: {one}" for one in asked))]
    return "\n".join([*lines, "", "Draft of the source file:", "", draft.text, *comments, ""])


def _of_one_kind(folder: Path, encoding: str | None, limits: Limits) -> Folder:
    """Draft each file, and keep those that have most series in common with the most frequent kind."""
    known: dict[HeaderPath, str] = {}
    found, drafts = Folder(), []
    for path in sorted(folder.iterdir(), key=lambda one: one.name):
        if not path.is_file() or path.name.startswith((".", "~")):
            continue
        if kind_of(path) not in (*EXCEL, *PAGES, *PLAIN, *R, ".pdf"):
            found.others.append(f"{path.name}: no kind of file that the reader knows")
            continue
        try:
            draft = draft_file(path, encoding, known, limits)
        except ShidianError as problem:
            found.others.append(str(problem).splitlines()[0].replace(f"{folder}/", ""))
            continue
        if not draft.tables:
            found.others.append(f"{path.name}: no table was found")
            continue
        for table in draft.tables:
            known = {**table.names, **known}
        drafts.append(draft)
    found.members, others = choose([Member(draft) for draft in drafts])
    found.others += others
    return found


def _redraft(members: Sequence[Member], encoding: str | None, limits: Limits) -> None:
    """Draft files again with titles and rows of headers where others of them have these."""
    layouts = {table.entry["layout"] for member in members for table in member.draft.tables}
    if len(layouts) < 2:
        return
    for member in members:
        if any(table.entry["layout"] == "flat" for table in member.draft.tables):
            member.draft = draft_file(member.draft.path, encoding, None, limits, layout="yearbook")


def _settled(
    name: str, place: Place, members: Sequence[Member], patterns: Sequence[str], limits: Limits
) -> tuple[Draft, list[str]]:
    """Return the draft, columns that go on under another header as one, and what is left to ask."""
    groups = groups_of(_volumes(members))
    draft = _drafted(name, place, members, patterns, groups, {}, limits)
    if draft.trial.read is None:
        return draft, []
    records = draft.trial.read.records
    joined, asked = _renamed(draft, records)
    if joined:
        again = _drafted(name, place, members, patterns, groups, joined, limits)
        if again.trial.read is not None:
            draft, records = again, again.trial.read.records
        else:
            asked.append("the columns named above cannot be read as one; they stay apart")
    return draft, [*asked, *questions(records, paths_in(records))]


def _volumes(members: Sequence[Member]) -> list[Volume]:
    return [
        Volume(number, member.year, member.name, table)
        for number, member in enumerate(members, start=1)
        for table in member.draft.tables
    ]


def _renamed(draft: Draft, records: pd.DataFrame) -> tuple[dict[Key, Key], list[str]]:
    """Return the columns that go on under another header, and the question about each; those that may ask too."""
    table_of = {name: i for i, table in enumerate(draft.tables) for name in table.series}
    found = renamed(paths_in(records), table_of)
    joined: dict[Key, Key] = {}
    asked = []
    for one in found:
        keys = draft.tables[table_of[one.old]].keys
        joined[keys[one.old]] = keys[one.new]
        asked.append(
            f"{one.period}: is '{_last(keys[one.new])}' what '{_last(keys[one.old])}' was before? The numbers of "
            f"{one.units} units go on (median {one.change:+.1%}), so they are one series here"
        )
    for old in list(joined):
        while joined[old] in joined:
            joined[old] = joined[joined[old]]
    asked += [line for table in draft.tables for line in _gone_and_new(table, joined)]
    return joined, [*asked, *(line for table in draft.tables for line in equal_headers(table))]


def _last(key: Key) -> str:
    return " / ".join(part for part in key if not part.startswith("#"))


def _gone_and_new(table: Merged, joined: Mapping[Key, Key]) -> list[str]:
    """Ask about columns that end in a volume after which others begin, where the numbers do not tell."""
    asked = []
    for i in range(1, len(table.volumes)):
        gone = [n for n, c in table.series.items() if c[i - 1] and not any(c[i:]) and table.keys[n] not in joined]
        new = [n for n, c in table.series.items()
               if c[i] and not any(c[:i]) and table.keys[n] not in joined.values()]  # fmt: skip
        if gone and new:
            when = table.volumes[i].year or table.volumes[i].name
            asked.append(
                f"{when}: {some_of([_last(table.keys[n]) for n in gone])} end and "
                f"{some_of([_last(table.keys[n]) for n in new])} begin: where one is the other, make one series of "
                "them with alternatives of its header"
            )
    return asked


def _drafted(
    name: str,
    place: Place,
    members: Sequence[Member],
    patterns: Sequence[str],
    groups: Sequence[Group],
    joined: Mapping[Key, Key],
    limits: Limits,
) -> Draft:
    """Return the draft of all tables, and what comes of reading by it."""
    one_sheet = all(len(member.draft.found) == 1 for member in members)
    tables: list[Merged] = []
    for group in groups:
        taken = [series for table in tables for series in table.series]
        table = merge(group.volumes, joined, taken, one_sheet)
        table.drafted.entry = _placed(table, members, patterns)
        tables.append(table)
    files = file_entries(members, patterns, place.before)
    text = written_source(name, files, [table.drafted for table in tables], _ignored(members))
    return Draft(text, tables, try_draft(text, place.base, limits))


def _placed(table: Merged, members: Sequence[Member], patterns: Sequence[str]) -> dict[str, Any]:
    """Return the declaration with the files that it is for."""
    entry = dict(table.drafted.entry)
    which: dict[str, Any] = {}
    if patterns:
        which["file_name"] = patterns[0] if len(patterns) == 1 else list(patterns)
    numbers = [volume.number for volume in table.volumes]
    if len(numbers) < len(members):
        which["files"] = numbers
    behind = max(member.behind for member in members)
    if behind and entry.get("year", {}).get("from_file"):
        entry["year"] = {**entry["year"], "behind": behind}
    return {"layout": entry.pop("layout"), **which, **entry}


def _ignored(members: Sequence[Member]) -> list[str]:
    return list(dict.fromkeys(name for member in members for name in member.draft.ignored))
