"""What is said of printed units that are not certain."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import pandas as pd

from shidian.errors import PanelError
from shidian.messages import say

SHOWN = 20
"""Most lines of the refusal."""


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
    more = [say("and {n} more", n=len(lines) - SHOWN)] if len(lines) > SHOWN else []
    raise PanelError(_lines(head, [*lines[:SHOWN], *more]))


def _lines(head: str, lines: Sequence[str]) -> str:
    """Return a text with indented lines under its head."""
    return functools.reduce(lambda text, line: say("{text}\n  {line}", text=text, line=line), lines, head)
