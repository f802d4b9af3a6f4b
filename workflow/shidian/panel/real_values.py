"""Values at the prices of a base year, by a unit's own price index or that of its region."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from shidian.messages import say
from shidian.panel.evaluated import Evaluated, Remark, remarks_of
from shidian.panel.unit_periods import in_base_year, refuse_repeated


def deflate(
    rows: pd.DataFrame, nominal: Evaluated, indices: Sequence[Evaluated], base: int, hundred: float | None = None
) -> Evaluated:
    """Return nominal values divided by a price index that is 1 in the base period.

    Args:
        rows: unit and period.
        nominal: (n,) values at current prices.
        indices: the unit's own index and, where there is one, that of its region, which serves throughout the units
            whose own index lacks one of the periods in which they have a value.
        base: the base period.
        hundred: what "as in the period before" is in an index of each period against the one before, 1 or 100; None
            for an index of levels.
    """
    levels = [_level(rows, index, base, hundred) for index in indices]
    level, remarks = levels[0], remarks_of([nominal, *indices])
    if len(levels) > 1:
        lacks = nominal.present & ~level.present
        by_region = rows["unit"].isin(rows.loc[lacks, "unit"].unique()).to_numpy()
        values, present = (np.where(by_region, b, a) for a, b in zip(*map(_both, levels), strict=True))
        level = Evaluated(values, present)
        reason = say("deflated by the price index of the region: its own lacks a year")
        remarks = (*remarks, Remark(by_region & nominal.present & present, reason, is_fault=False))
    present = nominal.present & level.present
    with np.errstate(invalid="ignore", divide="ignore"):
        found = np.where(level.values > 0, nominal.values / level.values, np.nan)
    reason = say("the price index is not above zero")
    return Evaluated(found, present, (*remarks, Remark(present & ~(level.values > 0), reason)))


def _both(level: Evaluated) -> tuple[np.ndarray, np.ndarray]:
    return level.values, level.present


def _level(rows: pd.DataFrame, index: Evaluated, base: int, hundred: float | None) -> Evaluated:
    """Return an index with the base period = 1."""
    refuse_repeated(rows)
    if hundred is not None:
        return _chained(rows, index, base, hundred)
    first = in_base_year(rows, index.values, base)
    present = np.nan_to_num(in_base_year(rows, index.present.astype(float), base)) == 1
    with np.errstate(invalid="ignore", divide="ignore"):
        return Evaluated(np.where((first > 0) & (index.values > 0), index.values / first, 0.0), index.present & present)


def _chained(rows: pd.DataFrame, index: Evaluated, base: int, hundred: float) -> Evaluated:
    """Return levels from an index of each period against the one before, forwards and backwards from the base."""
    unit, year = pd.factorize(rows["unit"])[0], rows["year"].to_numpy()
    order = np.lexsort([year, unit])
    unit, year, known = unit[order], year[order], index.present[order]
    given = index.values[order]
    step = np.where(known & (given > 0), given / hundred, 0.0)
    follows = (np.diff(unit, prepend=-1) == 0) & (np.diff(year, prepend=0) == 1) & known
    run = np.cumsum(~follows)
    level = pd.Series(np.where(follows, step, 1.0)).groupby(run).cumprod().to_numpy()
    of_base = np.full(len(run) + 1, np.nan)
    of_base[run[year == base]] = level[year == base]
    with np.errstate(invalid="ignore", divide="ignore"):
        found = np.where(of_base[run] > 0, level / of_base[run], 0.0)
    values, present = np.empty(len(run)), np.empty(len(run), dtype=bool)
    values[order], present[order] = found, ~np.isnan(of_base[run])
    return Evaluated(values, present)
