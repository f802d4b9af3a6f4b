"""What is said of printed units that are not certain."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import pandas as pd

from shidian.errors import PanelError
from shidian.messages import say

SHOWN = 20
"""Most lines of the refusal that say why; of further units the names stand in one line."""
ACCEPTABLE = ("unknown", "ambiguous", "conflict", "other_level", "zone")
"""Statuses that a source's ``accept`` lets pass."""


def refuse(problems: pd.DataFrame, level: str) -> None:
    """Raise PanelError where there are problems: rows of the resolved units whose status is not accepted."""
    if problems.empty:
        return
    lines = []
    for key, rows in problems.groupby(["name", "code", "status"], dropna=False, sort=True):
        years = sorted(rows["year"].dropna().unique())
        when = f" ({years[0]}-{years[-1]})" if len(years) > 1 else f" ({years[0]})" if years else ""
        why = rows["reason"].iloc[0]
        lines.append(say("{status}{when}: {why}", status=key[2], when=when, why=why))
    head = say("{n} printed units are not certain ({level}):", n=len(lines), level=level)
    raise PanelError(_lines(head, [*lines[:SHOWN], *_more(problems), *_way_out(problems)]))


def _more(problems: pd.DataFrame) -> list[str]:
    """Return the line that names the units beyond those that are shown with their reasons."""
    units = problems.groupby(["name", "code", "status"], dropna=False, sort=True).size().index[SHOWN:]
    names = [str(code if pd.isna(name) else name) for name, code, _ in units]
    return [say("and {n} more: {names}", n=len(names), names=names)] if names else []


def _way_out(problems: pd.DataFrame) -> list[str]:
    """Return the line that says how such units are left out."""
    kinds = [kind for kind in ACCEPTABLE if (problems["status"] == kind).any()]
    if not kinds:
        return []
    return [
        say(
            "to leave such units out write 'accept: [{kinds}]' at this source: under 'sources' in the study, or under "
            "'real_sources' in config/config.yaml where it stands for a simulated one; a unit of the panel under "
            "another name needs an alias (config/aliases)",
            kinds=", ".join(kinds),
        )
    ]


def _lines(head: str, lines: Sequence[str]) -> str:
    """Return a text with indented lines under its head."""
    return functools.reduce(lambda text, line: say("{text}\n  {line}", text=text, line=line), lines, head)
