"""How the printed units of a source were recognised: counted in the ledger, all that are not exact in a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from shidian.ledger import ledger_row
from shidian.messages import say
from shidian.panel.join import YEARS, Joined, step
from shidian.period import Period
from shidian.regions.by_name import BY_PARENT, DECLARED, EXACT, RENAMED, SHORT, USAGE
from shidian.study.model import SourceUse

COLUMNS = (
    "source", "code", "name", "province", "first_year", "last_year", "rows", "unit", "unit_name", "grade", "reason",
)  # fmt: skip
"""One row a printed unit and the unit that it was taken for, with the years and the number of its unit-years."""
SAID = {
    EXACT: say("exact"),
    SHORT: say("without the word for its kind"),
    RENAMED: say("by the name or code of another year"),
    USAGE: say("by a name or code in use"),
    BY_PARENT: say("by its province or city"),
    DECLARED: say("by a declared alias"),
}


def grade_line(joined: Joined, use: SourceUse) -> list[dict[str, Any]]:
    """Return the ledger's line on how units were recognised, none where all are exact or the join is plain."""
    certain = _certain(joined)
    other = certain[certain["grade"] != EXACT]
    if other.empty:
        return []
    counts = certain["grade"].value_counts()
    reason = ""
    for grade, what in SAID.items():
        if n := int(counts.get(grade, 0)):
            part = say("{what}: {n}", what=what, n=n)
            reason = say("{before}, {part}", before=reason, part=part) if reason else part
    reason = say("unit-years by how the unit was recognised: {grades}; matches.csv lists all not exact", grades=reason)
    return [ledger_row(step(use), say("units recognised"), reason, units=other["key"].nunique(), rows=len(other))]


def match_table(joined: Mapping[str, Joined], period: Period = YEARS) -> pd.DataFrame:
    """Return the table of all printed units that were not recognised exactly (``COLUMNS``)."""
    parts = [_table(source, _certain(one), period) for source, one in joined.items()]
    filled = [part for part in parts if not part.empty]
    return pd.concat(filled, ignore_index=True)[list(COLUMNS)] if filled else pd.DataFrame(columns=list(COLUMNS))


def _certain(joined: Joined) -> pd.DataFrame:
    printed = joined.printed
    return printed[printed["key"].notna()] if "grade" in printed else printed.head(0).assign(grade="", how="")


def _table(source: str, certain: pd.DataFrame, period: Period) -> pd.DataFrame:
    other = certain[certain["grade"] != EXACT]
    shown = ["unit_code", "unit_name", "province", "key", "name", "grade"]
    grouped = other.groupby(shown, dropna=False, sort=False)
    table = grouped.agg(
        first_year=("year", "min"), last_year=("year", "max"), rows=("year", "size"), reason=("how", "first")
    ).reset_index()
    names = {"unit_code": "code", "unit_name": "name", "key": "unit", "name": "unit_name"}
    for column in ("first_year", "last_year"):
        table[column] = [None if pd.isna(year) else period.label(int(year)) for year in table[column]]
    return table.rename(columns=names).assign(source=source)
