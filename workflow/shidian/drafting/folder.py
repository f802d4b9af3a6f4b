"""One draft of a source file for a folder of files of one kind, such as those of twenty years."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

from shidian.drafting.below import place_of
from shidian.drafting.draft import Drafted
from shidian.drafting.families import one_kind, pattern_of
from shidian.drafting.file import FileDraft, draft_file, file_entry, written_source
from shidian.drafting.members import Member, differences, some_of
from shidian.drafting.trial import try_draft
from shidian.drafting.written import TODO, Remarks
from shidian.errors import ShidianError, SourceError
from shidian.yearbook.limits import LIMITS, Limits
from shidian.yearbook.patterns import said_by, tokens_in
from shidian.yearbook.periods import PeriodText
from shidian.yearbook.tables import HeaderPath
from shidian.yearbook.workbook import EXCEL, PAGES, PLAIN, R

SAME = 0.5
"""Share of series that two files must have in common to be of one kind."""


@dataclass
class Folder:
    """Files of one kind, those that are none of it with the reason, and how the headers move."""

    members: list[Member] = field(default_factory=list)
    others: list[str] = field(default_factory=list)


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
        Which files fit together, where their headers differ, which files do not fit and why; the draft; what it reads.

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
    eras = _eras(found.members)
    lines += differences(eras)
    pattern = _file_pattern(found.members)
    place = place_of(folder, raw)
    text = written_source(
        folder.resolve().name,
        _files(found.members, pattern, place.before),
        _tables(eras, found.members, pattern),
        _ignored(found.members),
    )
    trial = try_draft(text, place.base, limits)
    comments = [f"# {line}" for line in (*trial.lines, *([place.said] if place.said else []))]
    return "\n".join([*lines, "", "Draft of the source file:", "", text, *comments, ""])


def _of_one_kind(folder: Path, encoding: str | None, limits: Limits) -> Folder:
    """Draft each file, and keep those that have most series in common with the most frequent kind."""
    known: dict[HeaderPath, str] = {}
    found, drafts = Folder(), []
    for path in sorted(folder.iterdir(), key=lambda one: one.name):
        if not path.is_file() or path.name.startswith((".", "~")):
            continue
        if path.suffix.lower() not in (*EXCEL, *PAGES, *PLAIN, *R, ".pdf"):
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
    _choose(found, [Member(draft, _year(draft)) for draft in drafts])
    return found


def _choose(found: Folder, members: Sequence[Member]) -> None:
    if not members:
        return
    counts = Counter(_shape(member) for member in members)
    most = max(members, key=lambda member: (counts[_shape(member)], -members.index(member)))
    for member in members:
        common = len(member.series & most.series) / max(1, len(member.series | most.series))
        if _units(member) != _units(most):
            found.others.append(f"{member.name}: {_units(member)}, in {most.name} {_units(most)}")
        elif common < SAME:
            found.others.append(
                f"{member.name}: other series than {most.name} ({some_of(sorted(member.series - most.series))})"
            )
        else:
            found.members.append(member)
    found.members.sort(key=lambda member: (member.year if member.year is not None else 0, member.name))


def _shape(member: Member) -> tuple[Any, ...]:
    return (_units(member), tuple(sorted(member.series)))


def _units(member: Member) -> str:
    """Say what the tables of a file are: how many, of units of which level, with years from where."""
    first = member.draft.tables[0].entry
    dated = next(iter(first.get("year", {"no year": 0})), "")
    count = len(member.draft.tables)
    years = {"header": "a column of years", "in_header": "years in headers", "fixed": "one year"}.get(dated, dated)
    return f"{count} table{'s' if count > 1 else ''} of level {first['unit']['level']} with {years}"


def _year(draft: FileDraft) -> int | None:
    """Return the one year that the tables of a file are of, else the one that its name says beside its tables."""
    fixed = {table.entry.get("year", {}).get("fixed") for table in draft.tables} - {None}
    if len(fixed) == 1 and isinstance(year := fixed.pop(), int):
        return year
    return None


def _file_pattern(members: Sequence[Member]) -> str | None:
    """Return how the names of the files say their years, None where they do not, or say others than their tables."""
    pattern = pattern_of([member.name for member in members])
    if pattern is None or tokens_in(pattern) != ["year"]:
        return None
    said = [said_by(pattern, member.name, PeriodText()) for member in members]
    if any(one is None or member.year not in (None, one.year) for one, member in zip(said, members, strict=True)):
        return None
    for one, member in zip(said, members, strict=True):
        member.year = one.year if one is not None else None
    members_by_year = sorted(members, key=lambda member: member.year or 0)
    if isinstance(members, list):
        members[:] = members_by_year
    return pattern


def _eras(members: Sequence[Member]) -> list[list[Member]]:
    """Return the files in groups that one set of declarations reads, neighbours together."""
    return [
        list(group) for _, group in groupby(members, key=lambda member: (member.kind, _sheet_names(member, members)))
    ]


def _sheet_names(member: Member, members: Sequence[Member]) -> tuple[str, ...]:
    """Return the names of the sheets, none where each file has just one, whatever its name."""
    if all(len(one.draft.found) == 1 for one in members):
        return ()
    return tuple(str(table.entry.get("sheet")) for table in member.draft.tables)


def _files(members: Sequence[Member], pattern: str | None, before: str) -> list[dict[str, Any]]:
    """Return the entries of the files: one with their years in braces where the names differ by nothing else."""
    if pattern is not None:
        years = [member.year for member in members if member.year is not None]
        follow = all(later == year + 1 for year, later in pairwise(years))
        listed = f"{years[0]}..{years[-1]}" if follow else ",".join(map(str, years))
        return [{"path": before + pattern.replace("{year}", "{" + listed + "}"), "what": TODO}]
    entries = []
    for member in members:
        entry = file_entry(member.draft.path, before)
        if member.year is not None or _is_open(member):
            entry["year"] = TODO if member.year is None else member.year
        entries.append(entry)
    return entries


def _is_open(member: Member) -> bool:
    """Whether nothing says the year of a file's tables."""
    return any(table.entry.get("year", {}).get("fixed") == TODO for table in member.draft.tables)


def _tables(eras: Sequence[Sequence[Member]], members: Sequence[Member], pattern: str | None) -> list[Drafted]:
    """Return the declarations of all eras, each with the years or files it is for."""
    drafts = []
    numbers = {member.name: i for i, member in enumerate(members, start=1)}
    dated = all(member.year is not None for member in members)
    ends = [(min(m.year or 0 for m in era), max(m.year or 0 for m in era)) for era in eras]
    apart = dated and all(one[1] < other[0] for one, other in pairwise(ends))
    for i, era in enumerate(eras):
        for tables in zip(*(member.draft.tables for member in era), strict=True):
            entry = one_kind([table.entry for table in tables])
            assert entry is not None
            entry = _sheeted(entry, tables, members)
            if "fixed" in entry.get("year", {}):
                entry["year"] = {"from_file": True}
            which: dict[str, Any] = {"file_name": pattern} if pattern else {}
            if len(eras) > 1 and apart:
                which |= {"valid_from": ends[i][0]} if i else {}
                which |= {"valid_to": ends[i][1]} if i < len(eras) - 1 else {}
            elif len(eras) > 1:
                which["files"] = [numbers[member.name] for member in era]
            remarks = Remarks({k: v for k, v in tables[0].remarks.by_path.items() if k != ("year",)})
            drafts.append(Drafted({"layout": entry.pop("layout"), **which, **entry}, remarks, tables[0].names))
    return drafts


def _sheeted(entry: dict[str, Any], tables: Sequence[Drafted], members: Sequence[Member]) -> dict[str, Any]:
    """Return a declaration whose sheet is any where each file has one, called otherwise in each."""
    names = {table.entry.get("sheet") for member in members for table in member.draft.tables}
    if len(names) < 2 or len({table.entry.get("sheet") for table in tables}) < 2:
        return entry
    return {
        key: value
        for key, value in ({"layout": entry["layout"], "sheets": {"pattern": "{any}"}} | entry).items()
        if key != "sheet"
    }


def _ignored(members: Sequence[Member]) -> list[str]:
    return list(dict.fromkeys(name for member in members for name in member.draft.ignored))
