"""Callaway & Sant'Anna (2021): group-time effects ATT(g, t) with their influence functions.

Own code: the propensity score of diff-diff 3.13 stops short of convergence, which with covariates moves ATT(g, t) in
the sixth digit; without covariates diff-diff agrees to the last digits and is the peer in the tests. Averages and the
test before adoption are in ``shidian.did.group_time_averages``, one comparison in ``shidian.did.group_time_cells``, the
2x2 estimator in ``shidian.did.doubly_robust``.

Rows may have weights. ``fix_weights``, a word of R's ``did``, says which of a unit's weights counts in a comparison:
that of the base year, that of its first year, or each row its own, for which the two years are compared as repeated
cross sections with the covariates of the earlier one. Shares of groups are by the weights of the units' first years.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from shidian.did.group_time_cells import (
    NEVER_TREATED,
    BasePeriod,
    Comparisons,
    ControlGroup,
    FixWeights,
    group_time_cell,
)
from shidian.errors import EstimationError
from shidian.messages import say
from shidian.variance import least_error


@dataclass(frozen=True)
class GroupTime:
    """Group-time effects.

    Attributes:
        cells: one row a (g, t): group, year, att, se, n_treated, n_control, is_base, reason (why att is missing).
        influence: (n, cells) influence functions, one column a row of ``cells`` (0 where att is missing).
        groups: (n,) group of each unit, NEVER_TREATED for those never treated.
        units: (n,) unit labels.
        clusters: (n,) cluster codes.
        used: (n, years) whether the row of a unit and year is in some cell.
        bases: group -> the year its effects are measured from.
        anticipation: years before adoption in which there may be an effect already.
        floor: standard error at or below which rounding error alone is left of the outcome.
        weights: (n,) weights of units in the shares of groups, of mean one; None = each unit counts as one.
    """

    cells: pd.DataFrame
    influence: np.ndarray
    groups: np.ndarray
    units: np.ndarray
    clusters: np.ndarray
    used: np.ndarray
    bases: Mapping[int, int]
    anticipation: int
    floor: float = 0.0
    weights: np.ndarray | None = None

    def members(self, groups: list[int]) -> np.ndarray:
        """Return (n, k) weights of units in each of the groups, zero outside: their means are the groups' shares."""
        inside = self.groups[:, None] == np.array(groups)[None, :]
        return inside if self.weights is None else self.weights[:, None] * inside


def group_time_effects(
    panel: pd.DataFrame,
    outcome: str,
    covariates: Sequence[str] = (),
    control_group: ControlGroup = "never_treated",
    base_period: BasePeriod = "varying",
    cluster: str | None = None,
    anticipation: int = 0,
    repeated: bool = False,
    weights: str | None = None,
    fix_weights: FixWeights = "base_period",
) -> GroupTime:
    """Estimate ATT(g, t) for every group and year.

    Args:
        panel: unit, year, adoption_year (missing = never treated), ``outcome`` and ``covariates``, complete; units may
            have gaps: each 2x2 comparison takes the units observed in both of its years.
        outcome: name of the outcome.
        covariates: covariates of the doubly robust estimator, taken in the earlier of the two years compared.
        control_group: never-treated units, or also those not treated by the later of the two years (nor anticipating).
        base_period: ``varying`` compares years before adoption with the year before them, ``universal`` all
            years with g-1, less the anticipation, or the last one before it in which group and controls are observed.
        cluster: column to cluster by; default the unit.
        anticipation: years before adoption in which there may be an effect already.
        repeated: compare all rows of the two years as repeated cross sections, covariates of each row's own year, in
            place of units observed in both. The errors still count what rows of one unit have in common.
        weights: column of weights above zero; None = each row counts as one.
        fix_weights: which weight a unit has in a comparison: that of the base year, that of its first year, or each row
            its own. Base years are of units observed in both years, not of ``repeated``.

    Raises:
        EstimationError: no treated unit, or no never-treated one where they are the control group.
    """
    wide = panel.pivot(index="unit", columns="year", values=outcome).sort_index().sort_index(axis=1)
    X = [panel.pivot(index="unit", columns="year", values=c).reindex_like(wide).to_numpy(float) for c in covariates]
    first = panel.groupby("unit")[["adoption_year"]].first().reindex(wide.index)
    groups = first["adoption_year"].astype("Int64").fillna(NEVER_TREATED).to_numpy(dtype=np.int64)
    if (groups == NEVER_TREATED).all():
        raise EstimationError(say("Callaway-Sant'Anna needs treated units: no adoption year in the sample"))
    if control_group == "never_treated" and (groups != NEVER_TREATED).all():
        raise EstimationError(
            say(
                "no never-treated units to compare with: take control_group not_yet_treated, which compares with "
                "units that adopt later"
            )
        )
    w, shares = _weights(panel, weights, wide, fix_weights)
    sample = Comparisons(
        wide.to_numpy(dtype=np.float64), X, groups, wide.columns.to_numpy(dtype=np.int64), control_group, base_period,
        anticipation, repeated, w, fix_weights,
    )  # fmt: skip
    clusters = unit_clusters(panel, wide.index, cluster, "Callaway-Sant'Anna")
    floor = least_error(panel[outcome].to_numpy(dtype=np.float64))
    return replace(_all_cells(sample, wide.index.to_numpy(), clusters), floor=floor, weights=shares)


def _weights(
    panel: pd.DataFrame, weights: str | None, wide: pd.DataFrame, fix_weights: FixWeights
) -> tuple[np.ndarray | None, np.ndarray | None]:
    """Return (n, years) weights of units in comparisons, and (n,) those of their first years with mean one."""
    if weights is None:
        return None, None
    table = panel.pivot(index="unit", columns="year", values=weights).reindex_like(wide).to_numpy(float)
    first = table[np.arange(len(table)), np.argmax(~np.isnan(table), axis=1)]
    own = np.broadcast_to(first[:, None], table.shape) if fix_weights == "first_period" else table
    return own, first / first.mean()


def unit_clusters(panel: pd.DataFrame, units: pd.Index, cluster: str | None, estimator: str) -> np.ndarray:
    """Return the (n,) cluster codes of units; raises EstimationError where a cluster changes within a unit."""
    if cluster is None or cluster == "unit":
        return np.arange(len(units))
    table = panel.groupby("unit")[cluster]
    if (table.nunique() > 1).any():
        raise EstimationError(
            say(
                "'{cluster}' changes within units: {estimator} clusters by what units belong to",
                cluster=cluster,
                estimator=estimator,
            )
        )
    return np.asarray(pd.factorize(table.first().reindex(units), sort=True)[0])


def standard_error(influence: np.ndarray, clusters: np.ndarray) -> float:
    """Return the standard error of an estimate from its (n,) influence function."""
    return float(np.linalg.norm(cluster_sums(influence[:, None], clusters)) / len(influence))


def cluster_sums(influence: np.ndarray, clusters: np.ndarray) -> np.ndarray:
    """Return the (clusters, k) sums of influence functions."""
    sums = np.zeros((int(clusters.max()) + 1, influence.shape[1]))
    np.add.at(sums, clusters, influence)
    return sums


def _all_cells(sample: Comparisons, units: np.ndarray, clusters: np.ndarray) -> GroupTime:
    cells, columns, bases, used = [], [], {}, np.zeros(sample.y.shape, dtype=bool)
    for g in np.unique(sample.groups[sample.groups != NEVER_TREATED]).tolist():
        long_base = sample.base(g)
        if long_base is not None:
            bases[g] = int(sample.years[long_base])
        for position in range(len(sample.years)):
            short = sample.base_period == "varying" and sample.years[position] < g
            if short and position == 0:
                continue
            row, influence, rows = group_time_cell(sample, g, position, position - 1 if short else long_base)
            cells.append(row)
            columns.append(influence)
            used |= rows
    frame, influence = pd.DataFrame(cells), np.column_stack(columns)
    frame["se"] = [standard_error(column, clusters) for column in influence.T]
    frame.loc[(frame["reason"] != "") | frame["is_base"], "se"] = np.nan
    return GroupTime(frame, influence, sample.groups, units, clusters, used, bases, sample.anticipation)
