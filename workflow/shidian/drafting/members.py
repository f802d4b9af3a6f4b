"""Files of a folder that one draft is to read, and how their declarations differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from shidian.drafting.families import kind_of
from shidian.drafting.file import FileDraft

MOST_SHOWN = 6
"""Most headers that a line on differences names."""


@dataclass
class Member:
    """A file of the folder that has tables.

    Attributes:
        draft: what is drafted for it alone.
        year: the year of its tables, None where its tables say their years themselves, or nothing says it.
    """

    draft: FileDraft
    year: int | None = None

    @property
    def name(self) -> str:
        """Name of the file."""
        return self.draft.path.name

    @property
    def series(self) -> set[str]:
        """Names of its series."""
        return {name for table in self.draft.tables for name in table.entry["columns"]}

    @property
    def kind(self) -> tuple[str, ...]:
        """What its declarations say besides what may differ between files read by one."""
        return tuple(kind_of(table.entry) for table in self.draft.tables)


def differences(eras: Sequence[Sequence[Member]]) -> list[str]:
    """Say of each group of files how it differs from the one before."""
    if len(eras) < 2:
        return ["  all are declared alike"]
    lines = [f"  {_called(eras[0])}: {len(eras[0][0].draft.tables)} table(s), {len(eras[0][0].series)} series"]
    for before, era in pairwise(eras):
        lines.append(f"  {_called(era)}, against {_called(before)}: {_against(before[0], era[0])}")
    return lines


def _called(era: Sequence[Member]) -> str:
    return era[0].name if len(era) == 1 else f"{era[0].name} to {era[-1].name} ({len(era)} files)"


def _against(before: Member, after: Member) -> str:
    said = []
    old, new = _headers(before), _headers(after)
    gone, come = [h for h in old if h not in new], [h for h in new if h not in old]
    said += [f"without {some_of(gone)}"] if gone else []
    said += [f"with {some_of(come)}"] if come else []
    for one, other in zip(before.draft.tables, after.draft.tables, strict=False):
        for key in (
            "layout",
            "sheet",
            "encoding",
            "separator",
            "title",
            "subtitles",
            "header_row",
            "header_depth",
            "unit",
            "ignore",
            "footer",
            "blank_headers",
        ):
            if key != "footer" and one.entry.get(key) != other.entry.get(key):
                said.append(f"{key} {_short(one.entry.get(key))} is now {_short(other.entry.get(key))}")
    return "; ".join(said) or "marks, units of measure or blank rows differ"


def _headers(member: Member) -> list[str]:
    found = []
    for table in member.draft.tables:
        for column in table.entry["columns"].values():
            header = column["header"]
            found.append(" / ".join(header) if isinstance(header, list) else str(header))
    return list(dict.fromkeys(found))


def some_of(texts: Sequence[str]) -> str:
    """Return some texts in quotes, and how many more there are."""
    more = f" and {len(texts) - MOST_SHOWN} more" if len(texts) > MOST_SHOWN else ""
    return ", ".join(f"'{text}'" for text in texts[:MOST_SHOWN]) + more


def _short(value: Mapping[str, Any] | Sequence[Any] | str | int | None) -> str:
    return "none" if value is None else str(value)[:80]
