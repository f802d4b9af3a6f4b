"""What an efficiency analysis leaves out, by name: unit-years in words, and the warning where they are the best."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from shidian.messages import joined, say

SHOWN = 8
"""Units that a sentence names before it only counts."""


def name_unit_years(units: Iterable[Any], years: Iterable[Any], names: Mapping[Any, str] | None = None) -> str:
    """Return unit-years in words, each unit once: ``a (2001–2003, 2005), b (2002) and 3 more units``.

    ``names`` gives the name of a unit in the place of its code; a cross-section, whose years are all 0, has none.
    """
    frame = pd.DataFrame({"unit": list(units), "year": list(years)}).drop_duplicates()
    grouped = [(unit, sorted(part["year"])) for unit, part in frame.groupby("unit", sort=True)]
    shown = [
        str((names or {}).get(unit, unit)) + ("" if when == [0] else f" ({_spans(when)})")
        for unit, when in grouped[:SHOWN]
    ]
    more = len(grouped) - SHOWN
    if more == 1:
        return say("{units} and 1 more unit", units=shown)
    return say("{units} and {n} more units", units=shown, n=more) if more > 0 else joined(shown)


def unit_names(panel: pd.DataFrame) -> dict[Any, str]:
    """Return unit code -> name, the code itself where a name is missing or not the unit's alone."""
    if not {"unit", "unit_name", "year"} <= set(panel.columns):
        return {}
    last = panel.sort_values("year", kind="stable").drop_duplicates("unit", keep="last").dropna(subset="unit_name")
    shared = last["unit_name"].duplicated(keep=False)
    return dict(zip(last.loc[~shared, "unit"], last.loc[~shared, "unit_name"].astype(str), strict=True))


def best_are_missing(missing: int, of: int, where: str, options: Mapping[str, Any]) -> str:
    """Return the warning that scores are missing because super-efficiency is infeasible, with the ways out.

    Args:
        missing, of: scores missing so, and all scores.
        where: the unit-years (``name_unit_years``).
        options: the model's options.
    """
    ways = [say("orientation: none, under which every unit has a score")]
    if options.get("returns", "crs") != "crs":
        ways.append(say("returns: crs, under which fewer or none are missing"))
    ways.append(say("super_efficiency: false, which gives them the score 1 of the SBM stage"))
    return say(
        "{n} of {of} scores are missing because super-efficiency is infeasible, and they are those of the best: units "
        "on the frontier (SBM score 1) whose level the others cannot reach without them, {where}; means, ranks and "
        "regressions on the scores leave the best out. Ways out: {ways}",
        n=missing,
        of=of,
        where=where,
        ways=joined(ways, "clauses"),
    )


def _spans(years: list[Any]) -> str:
    """Return whole years as spans: 2001–2003, 2005."""
    starts = np.flatnonzero(np.diff(years, prepend=years[0] - 2) != 1)
    ends = [*(starts[1:] - 1), len(years) - 1]
    return ", ".join(str(years[a]) if a == b else f"{years[a]}–{years[b]}" for a, b in zip(starts, ends, strict=True))
