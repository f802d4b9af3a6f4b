"""Files of a folder that one draft is to read: which are of one kind, of which years they are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any

from shidian.drafting.families import pattern_of
from shidian.drafting.file import FileDraft, file_entry
from shidian.drafting.volumes import Key, Volume
from shidian.drafting.written import TODO
from shidian.yearbook.patterns import said_by, tokens_in
from shidian.yearbook.periods import PeriodText, year_within

SAME = 0.5
"""Share of series that two files must have in common to be of one kind."""
MOST_SHOWN = 6
"""Most headers that a line names."""
YEARBOOK = re.compile("年鉴|yearbook", re.IGNORECASE)


@dataclass
class Member:
    """A file of the folder that has tables.

    Attributes:
        draft: what is drafted for it alone.
        year: the year of the file, None where its tables say their years themselves, or nothing says it.
        behind: by how many years its tables are older, as the volume 2013 that prints 2012.
    """

    draft: FileDraft
    year: int | None = None
    behind: int = 0

    @property
    def name(self) -> str:
        """Name of the file."""
        return self.draft.path.name

    @property
    def volumes(self) -> list[Volume]:
        """Its tables."""
        return [Volume(1, self.printed_year, self.name, table) for table in self.draft.tables]

    @property
    def printed_year(self) -> int | None:
        """The one year that its tables are of as they stand."""
        fixed = {table.entry.get("year", {}).get("fixed") for table in self.draft.tables} - {None}
        return year if len(fixed) == 1 and isinstance(year := fixed.pop(), int) else None

    @property
    def series(self) -> dict[Key, str]:
        """Its columns by what tells them, with their names."""
        return {key: name for volume in self.volumes for key, (name, _) in volume.columns().items()}

    @property
    def kinds(self) -> set[str]:
        """Levels of its units and where its years come from."""
        years = {"header": "a column of years", "in_header": "years in headers", "fixed": "one year"}
        found = set()
        for table in self.draft.tables:
            dated = next(iter(table.entry.get("year", {"no year": 0})), "")
            found.add(f"level {table.entry['unit']['level']} with {years.get(dated, dated)}")
        return found

    def __str__(self) -> str:
        """Say how many tables there are, and of what."""
        count = len(self.draft.tables)
        return f"{count} table{'s' if count > 1 else ''} of {' and '.join(sorted(self.kinds))}"


def choose(members: Sequence[Member]) -> tuple[list[Member], list[str]]:
    """Return the files of the most frequent kind, by year, and of each other file why it is none.

    A file is of the kind of another where half of their columns or the titles of their tables are the same.
    """
    if not members:
        return [], []
    shapes = [(tuple(sorted(one.kinds)), tuple(sorted(one.series))) for one in members]
    counts = Counter(shapes)
    most = members[max(range(len(members)), key=lambda i: (counts[shapes[i]], -i))]
    chosen, rest = [most], [one for one in members if one is not most]
    while new := [one for one in rest if any(_alike(one, other) for other in chosen)]:
        chosen += new
        rest = [one for one in rest if one not in new]
    others = []
    for one in rest:
        if not one.kinds & most.kinds:
            others.append(f"{one.name}: {one}, in {most.name} {most}")
        else:
            strange = sorted(name for key, name in one.series.items() if key not in most.series)
            others.append(f"{one.name}: other series than {most.name} ({some_of(strange)})")
    for one in chosen:
        one.year = one.printed_year
    return sorted(chosen, key=lambda one: (one.year or 0, one.name)), others


def _alike(one: Member, other: Member) -> bool:
    mine, theirs = set(one.series), set(other.series)
    titles = {volume.title for volume in one.volumes} & {volume.title for volume in other.volumes} - {""}
    common = len(mine & theirs) / max(1, len(mine | theirs))
    return bool(one.kinds & other.kinds) and (common >= SAME or bool(titles))


def dated_by_name(members: list[Member]) -> list[str]:
    """Return how the names of files say their years, nothing where they do not, or where their tables say others.

    The files are put in the order of their years. Where all tables are of so many years before their names', the year
    of a file is that of its name, and ``behind`` says how many.
    """
    ways = dict.fromkeys(_way(member.name) for member in members)
    patterns = [way for way in ways if way is not None and tokens_in(way) == ["year"]]
    if len(patterns) < len(ways):
        one = pattern_of([member.name for member in members])
        patterns = [one] if one is not None and tokens_in(one) == ["year"] else []
    years = [next((s.year for p in patterns if (s := said_by(p, m.name, PeriodText()))), None) for m in members]
    if None in years or len(set(years)) < len(years):
        return []
    away = {None if m.year is None else year - m.year for m, year in zip(members, years, strict=True) if year}
    if len(away) > 1 or not away <= {None, 0, 1, 2}:
        return []
    behind = max(one or 0 for one in away)
    for member, year in zip(members, years, strict=True):
        member.year, member.behind = year, behind
    members.sort(key=lambda member: member.year or 0)
    return list(dict.fromkeys(next(p for p in patterns if said_by(p, m.name, PeriodText())) for m in members))


def _way(name: str) -> str | None:
    found = year_within(name)
    return found[1] if found else None


def year_questions(members: Sequence[Member], by_name: bool) -> list[str]:
    """Ask about years that only the names of yearbooks say, which print the year before their own."""
    said = [f"as '{one.draft.path.stem[:40]}' says" for one in members]
    remarks = [table.remarks.by_path.get(("year",)) for one in members for table in one.draft.tables]
    if by_name and any(remark in said for remark in remarks) and any(YEARBOOK.search(m.name) for m in members):
        return ["only the files' names say the years: where a yearbook prints the year before its own, 'behind: 1'"]
    return []


def file_entries(members: Sequence[Member], patterns: Sequence[str], before: str = "") -> list[dict[str, Any]]:
    """Return the entries of the files: a family whose names differ by their years is one, with braces.

    ``before`` stands before each name.
    """
    if not patterns:
        return [_entry(member, before) for member in members]
    entries = []
    ways = [next(p for p in patterns if said_by(p, m.name, PeriodText())) for m in members]
    for way, group in groupby(zip(ways, members, strict=True), key=lambda pair: pair[0]):
        years = [member.year or 0 for _, member in group]
        follow = all(later == year + 1 for year, later in pairwise(years))
        listed = f"{years[0]}..{years[-1]}" if follow and len(years) > 1 else ",".join(map(str, years))
        path = way.replace("{year}", "{" + listed + "}" if len(years) > 1 else listed)
        entries.append({"path": before + path, "what": TODO})
    return entries


def _entry(member: Member, before: str) -> dict[str, Any]:
    entry = file_entry(member.draft.path, before)
    asked = any(table.entry.get("year", {}).get("fixed") == TODO for table in member.draft.tables)
    if member.year is not None or asked:
        entry["year"] = TODO if member.year is None else member.year
    return entry


def some_of(texts: Sequence[str]) -> str:
    """Return some texts in quotes, and how many more there are."""
    more = f" and {len(texts) - MOST_SHOWN} more" if len(texts) > MOST_SHOWN else ""
    return ", ".join(f"'{text}'" for text in texts[:MOST_SHOWN]) + more
