"""What a referee would object to in the cohorts behind an estimate: one treated unit, cohorts of one, no control."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from shidian.inference.sample import Sample
from shidian.messages import say


@dataclass(frozen=True)
class Cohorts:
    """Units of a sample by their treatment in it.

    Attributes:
        sizes: adoption year -> units observed before and from it on, in order.
        always: units treated in every year observed.
        never: units treated in no year observed.
    """

    sizes: Mapping[int, int]
    always: int
    never: int

    @property
    def single(self) -> list[int]:
        """Adoption years of cohorts of one unit."""
        return [year for year, units in self.sizes.items() if units == 1]


def cohorts_of(panel: pd.DataFrame) -> Cohorts:
    """Count the units of each cohort among the rows of ``panel`` (unit, year, adoption_year)."""
    units = panel.groupby("unit")
    adopted = units["adoption_year"].first().astype("Float64").astype("float64")
    never = adopted.isna() | (adopted > units["year"].max())
    always = ~never & (adopted <= units["year"].min())
    years, sizes = np.unique(adopted[~never & ~always].to_numpy(dtype=np.int64), return_counts=True)
    return Cohorts(dict(zip(years.tolist(), sizes.tolist(), strict=True)), int(always.sum()), int(never.sum()))


def cohort_warnings(panel: pd.DataFrame, *, errors: bool = True, by_cohort: bool = True) -> list[str]:
    """Return the warnings of a sample of ``panel``'s rows: one of too few treated units, one of no never-treated ones.

    ``errors`` says whether the exhibit prints standard errors, ``by_cohort`` whether it takes cohorts apart; a pooled
    coefficient is warned of only where one treated unit is all that there is.
    """
    found, warnings = cohorts_of(panel), []
    if sum(found.sizes.values()) == 1:
        warnings.append(
            say("one treated unit alone: standard errors are far too small; report a placebo p-value")
            if errors
            else say("one treated unit alone: its effect is all there is")
        )
    elif by_cohort and found.single:
        warnings.append(
            say("cohorts of a single unit: {years}; their errors are understated", years=found.single)
            if errors
            else say("cohorts of a single unit: {years}; their effects are that unit's", years=found.single)
        )
    if found.sizes and not found.never:
        warnings.append(say("no never-treated units: every comparison is between units treated at different times"))
    return warnings


def policy_warnings(panel: pd.DataFrame, sample: Sample, treatment: str) -> list[str]:
    """Return the warnings of a pooled coefficient of ``treatment``, where that is the study's policy.

    The policy is 0 before the adoption year and 1 from it on; another treatment has no cohorts to speak of.
    """
    used = rows_used(panel, sample)
    on = (used["year"] >= used["adoption_year"].astype("Int64")).fillna(False).to_numpy(dtype=bool)
    if not (used[treatment].to_numpy(dtype="float64") == on).all():
        return []
    return cohort_warnings(used, by_cohort=False)


def rows_used(panel: pd.DataFrame, sample: Sample) -> pd.DataFrame:
    """Return the rows of ``panel`` that an estimation sample drawn from it kept."""
    return panel[~panel.index.isin(sample.dropped["row"])]
