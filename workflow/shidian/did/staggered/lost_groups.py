"""Groups that no estimate holds because each of their units has a gap, and what is said of them."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from shidian.did.staggered.design import Design
from shidian.did.staggered.gaps import gap_words
from shidian.errors import EstimationError
from shidian.messages import joined, say


@dataclass(frozen=True)
class LostGroup:
    """A group none of whose units is used: its year of adoption, its rows, and what its units lack."""

    year: int
    rows: pd.DataFrame
    lack: str

    @property
    def n_units(self) -> int:
        """Units of the group."""
        return int(self.rows["unit"].nunique())

    @property
    def words(self) -> str:
        """All its units, in words."""
        if self.n_units == 1:
            return say("the only unit of group {year}", year=self.year)
        return say("all {n} units of group {year}", n=self.n_units, year=self.year)


def lost_groups(asked: Design, panel: pd.DataFrame) -> list[LostGroup]:
    """Return the groups that have no unit among those used, by year."""
    years = sorted(set(asked.panel["adoption_year"].dropna()) - set(panel["adoption_year"].dropna()))
    found = []
    for g in map(int, years):
        rows = asked.panel[asked.panel["adoption_year"].eq(g).fillna(False)]
        found.append(LostGroup(g, rows, gap_words(asked, rows["unit"].unique())))
    return found


def lost_warnings(lost: list[LostGroup]) -> tuple[str, ...]:
    """Say which groups are in no average because each of their units has a gap."""
    return tuple(
        say(
            "{group} left out for gaps ({why}): the group is in none of its effects; balance pair takes what can be "
            "compared",
            group=g.words, why=g.lack,
        )
        for g in lost
    )  # fmt: skip


def lost_cells(group: LostGroup, base: int) -> pd.DataFrame:
    """Return the years but that of the base in which a lost group is observed, with the reason why it has no effect."""
    years = sorted(set(group.rows["year"].unique().tolist()) - {group.year + base})
    return pd.DataFrame({
        "cohort": group.year, "year": years, "tau": [t - group.year for t in years], "n_treated": 0,
        "reason": str(say("no unit of group {year} is observed in every year", year=group.year)),
    })  # fmt: skip


def require_treated(panel: pd.DataFrame, lost: list[LostGroup]) -> None:
    """Say why there is no treated unit to estimate an effect of where the sample had some."""
    if panel["adoption_year"].notna().any() or not lost:
        return
    named = joined([say("{group}, {why}", group=g.words, why=g.lack) for g in lost], "clauses")
    raise EstimationError(
        say(
            "no treated unit is observed in every year, and Callaway-Sant'Anna with balance full wants such units "
            "({groups}): take balance pair, or fill the gaps",
            groups=named,
        )
    )
