"""The balanced panel behind a synthetic comparison: outcomes by unit and period, and who adopts when."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from shidian.errors import EstimationError
from shidian.inference.sample import require_unit_years
from shidian.messages import say

LEAST_BEFORE = 2
"""Periods before adoption that a noise level of changes rests on."""


@dataclass(frozen=True)
class Block:
    """Units observed in every period.

    Attributes:
        y: (N, T) outcomes.
        adopted: (N,) place of each unit's period of adoption among ``periods``; T for never.
        units: (N,) their ids.
        periods: (T,) ascending.
    """

    y: np.ndarray
    adopted: np.ndarray
    units: np.ndarray
    periods: np.ndarray

    @property
    def never(self) -> np.ndarray:
        """(N,) whether a unit never adopts."""
        return np.asarray(self.adopted == len(self.periods))

    @property
    def cohorts(self) -> list[int]:
        """Places of the periods of adoption, ascending."""
        return [int(a) for a in np.unique(self.adopted[~self.never])]

    def of(self, rows: np.ndarray) -> Block:
        """Return the block of some rows, which may repeat."""
        return Block(self.y[rows], self.adopted[rows], self.units[rows], self.periods)


def block_of(panel: pd.DataFrame, outcome: str) -> tuple[Block, list[str]]:
    """Return the units that have the outcome in every period, and those left out.

    Args:
        panel: columns ``unit, year, adoption_year`` and the outcome; one row a unit and year.
        outcome: name of the outcome.

    Raises:
        EstimationError: several rows of a unit and year, an infinite outcome, no unit adopts, none never does, a cohort
            has fewer than two periods before adoption, or no period is common to all.
    """
    rows = panel.dropna(subset=[outcome])
    require_unit_years(rows, "synthetic DID")
    infinite = ~np.isfinite(rows[outcome].to_numpy(dtype=np.float64))
    if infinite.any():
        unit, year = (rows.loc[infinite, name].iloc[0] for name in ("unit", "year"))
        raise EstimationError(
            say(
                "'{name}' of unit {unit} in {year} is infinite: mend the variable, or leave the row out",
                name=outcome, unit=str(unit), year=int(year),
            )
        )  # fmt: skip
    wide = rows.pivot(index="unit", columns="year", values=outcome)
    whole = wide.dropna()
    left_out = sorted(str(unit) for unit in wide.index.difference(whole.index))
    if whole.empty:
        raise EstimationError(
            say("synthetic DID wants units observed in every period, and none of the sample is: take other years")
        )
    years = panel.groupby("unit")["adoption_year"].first().reindex(whole.index)
    periods = whole.columns.to_numpy()
    steps = np.diff(periods)
    if len(steps) and (steps != steps[0]).any():
        missing = sorted(set(range(int(periods[0]), int(periods[-1]))) - {int(p) for p in periods})
        raise EstimationError(say("synthetic DID wants periods without gaps; none has {years}", years=missing))
    never = years.isna().to_numpy() | (years.to_numpy(dtype=float) > periods[-1])
    place = np.where(never, len(periods), np.searchsorted(periods, np.where(never, periods[-1], years.fillna(0))))
    block = Block(whole.to_numpy(dtype=np.float64), place.astype(np.int64), whole.index.to_numpy(), periods)
    _require(block)
    return block, left_out


def _require(block: Block) -> None:
    if not block.cohorts:
        raise EstimationError(say("no unit observed in every period adopts within the sample"))
    if not block.never.any():
        raise EstimationError(
            say("synthetic DID compares with never-treated units, and no unit observed in every period is one")
        )
    if (first := block.cohorts[0]) < LEAST_BEFORE:
        raise EstimationError(
            say(
                "synthetic DID wants {least} periods or more before adoption; the cohort of {cohort} has {n}: leave it "
                "out by 'sample'",
                least=LEAST_BEFORE, cohort=int(block.periods[first]), n=first,
            )
        )  # fmt: skip
    if np.ptp(block.y) == 0:
        raise EstimationError(say("the outcome does not vary"))
