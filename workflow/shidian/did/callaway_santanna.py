"""Callaway & Sant'Anna (2021): group-time effects ATT(g, t) with their influence functions.

Own code: the propensity score of diff-diff 3.13 stops short of convergence, which with covariates moves ATT(g, t) in
the sixth digit; without covariates diff-diff agrees to the last digits and is the peer in the tests. Averages and the
test before adoption are in ``shidian.did.group_time_averages``, the 2x2 estimator in ``shidian.did.doubly_robust``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from shidian.did.doubly_robust import cross_section_effect, panel_effect
from shidian.errors import EstimationError
from shidian.messages import say
from shidian.variance import least_error

ControlGroup = Literal["never_treated", "not_yet_treated"]
BasePeriod = Literal["varying", "universal"]


NEVER_TREATED = -(10**15)
"""Group of units never treated: no year, since a year may be any integer, zero included."""


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


@dataclass(frozen=True)
class _Sample:
    """Outcomes (n, years), nan where not observed, covariates alike, and how they are to be compared."""

    y: np.ndarray
    X: list[np.ndarray]
    groups: np.ndarray
    years: np.ndarray
    control_group: ControlGroup
    base_period: BasePeriod
    anticipation: int
    repeated: bool

    def controls(self, g: int, later: int) -> np.ndarray:
        """Return who may be compared with group g in two years of which ``later`` is the later one."""
        never = self.groups == NEVER_TREATED
        if self.control_group == "never_treated":
            return never
        return never | ((self.groups > later + self.anticipation) & (self.groups != g))

    def base(self, g: int) -> int | None:
        """Return the position of group g's base: its last year before adoption that controls have too."""
        seen = ~np.isnan(self.y)
        own, others = seen[self.groups == g].any(axis=0), seen[self.controls(g, g)].any(axis=0)
        found = np.flatnonzero((self.years < g - self.anticipation) & own & others)
        return int(found[-1]) if len(found) else None


def group_time_effects(
    panel: pd.DataFrame,
    outcome: str,
    covariates: Sequence[str] = (),
    control_group: ControlGroup = "never_treated",
    base_period: BasePeriod = "varying",
    cluster: str | None = None,
    anticipation: int = 0,
    repeated: bool = False,
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
    sample = _Sample(
        wide.to_numpy(dtype=np.float64), X, groups, wide.columns.to_numpy(dtype=np.int64), control_group, base_period,
        anticipation, repeated,
    )  # fmt: skip
    clusters = unit_clusters(panel, wide.index, cluster, "Callaway-Sant'Anna")
    floor = least_error(panel[outcome].to_numpy(dtype=np.float64))
    return replace(_all_cells(sample, wide.index.to_numpy(), clusters), floor=floor)


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


def _all_cells(sample: _Sample, units: np.ndarray, clusters: np.ndarray) -> GroupTime:
    cells, columns, bases, used = [], [], {}, np.zeros(sample.y.shape, dtype=bool)
    for g in np.unique(sample.groups[sample.groups != NEVER_TREATED]).tolist():
        long_base = sample.base(g)
        if long_base is not None:
            bases[g] = int(sample.years[long_base])
        for position in range(len(sample.years)):
            short = sample.base_period == "varying" and sample.years[position] < g
            if short and position == 0:
                continue
            row, influence, rows = _cell(sample, g, position, position - 1 if short else long_base)
            cells.append(row)
            columns.append(influence)
            used |= rows
    frame, influence = pd.DataFrame(cells), np.column_stack(columns)
    frame["se"] = [standard_error(column, clusters) for column in influence.T]
    frame.loc[(frame["reason"] != "") | frame["is_base"], "se"] = np.nan
    return GroupTime(frame, influence, sample.groups, units, clusters, used, bases, sample.anticipation)


def _cell(sample: _Sample, g: int, position: int, base: int | None) -> tuple[dict[str, object], np.ndarray, np.ndarray]:
    """Return the row of ATT(g, t), its influence function, and which rows of the panel it used."""
    n, t = len(sample.groups), int(sample.years[position])
    influence, used = np.zeros(n), np.zeros(sample.y.shape, dtype=bool)
    row: dict[str, object] = {"group": g, "year": t, "n_treated": 0, "n_control": 0, "att": np.nan, "is_base": False}
    if base is None:
        return (
            row | {"reason": say("no year before adoption in which group and controls are observed")},
            influence,
            used,
        )
    seen = ~np.isnan(sample.y[:, [base, position]])
    observed = seen[:, 1] if sample.repeated else seen.all(axis=1)
    treated = sample.groups == g
    control = sample.controls(g, max(t, int(sample.years[base])))
    row |= {"n_treated": int((treated & observed).sum()), "n_control": int((control & observed).sum())}
    if base == position:
        return row | {"att": 0.0, "is_base": True, "reason": ""}, influence, used
    reason = _empty(sample, seen, treated, control, position, base)
    if reason:
        return row | {"reason": reason}, influence, used
    try:
        att, influence = (_cross_sections if sample.repeated else _pairs)(
            sample, seen, treated, control, position, base
        )
    except np.linalg.LinAlgError:
        reason = say("the covariates separate the {n} treated units from the controls", n=row["n_treated"])
        return row | {"reason": reason}, influence, used
    except EstimationError as error:
        return row | {"reason": str(error)}, influence, used
    rows = (treated | control)[:, None] & (seen if sample.repeated else seen.all(axis=1, keepdims=True))
    used[:, [base, position]] = rows
    return row | {"att": att, "reason": ""}, influence, used


def _empty(
    sample: _Sample, seen: np.ndarray, treated: np.ndarray, control: np.ndarray, position: int, base: int
) -> str:
    """Return why a comparison has no treated or no control unit, "" where it has both."""
    if not control.any():
        return say("no unit left to compare with")
    years = {"year": int(sample.years[position]), "base": int(sample.years[base])}
    lacking = (
        (treated, say("no unit of the group is observed in {year} and in {base}", **years)),
        (control, say("no unit to compare with is observed in {year} and in {base}", **years)),
    )
    for who, reason in lacking:
        both = seen[who].any(axis=0).all() if sample.repeated else seen[who].all(axis=1).any()
        if not both:
            return reason
    return ""


def _pairs(
    sample: _Sample, seen: np.ndarray, treated: np.ndarray, control: np.ndarray, position: int, base: int
) -> tuple[float, np.ndarray]:
    """Return ATT(g, t) from the units observed in both years, and its influence function over all units."""
    n = len(sample.groups)
    rows = (treated | control) & seen.all(axis=1)
    Z = np.column_stack([np.ones(rows.sum()), *(x[rows, min(base, position)] for x in sample.X)])
    dy = sample.y[rows, position] - sample.y[rows, base]
    att, inside = panel_effect(dy, treated[rows].astype(float), Z)
    influence = np.zeros(n)
    influence[rows] = inside * (n / rows.sum())
    return att, influence


def _cross_sections(
    sample: _Sample, seen: np.ndarray, treated: np.ndarray, control: np.ndarray, position: int, base: int
) -> tuple[float, np.ndarray]:
    """Return ATT(g, t) from all rows of the two years, and its influence function summed within units."""
    n, both = len(sample.groups), treated | control
    unit = np.concatenate([np.flatnonzero(both & seen[:, k]) for k in (0, 1)])
    post = np.repeat([0.0, 1.0], [(both & seen[:, k]).sum() for k in (0, 1)])
    at = np.where(post == 1, position, base)
    Z = np.column_stack([np.ones(len(unit)), *(x[unit, at] for x in sample.X)])
    att, inside = cross_section_effect(sample.y[unit, at], post, treated[unit].astype(float), Z)
    return att, np.bincount(unit, weights=inside, minlength=n) * (n / len(unit))
