"""The sample that all robust staggered estimators share, and the form in which each gives its effects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np
import pandas as pd

from shidian.did.group_time_cells import BasePeriod, FixWeights
from shidian.did.stacked import StackEffects
from shidian.did.within import require_variation
from shidian.errors import EstimationError
from shidian.inference.covariance import Vcov, VcovLike
from shidian.inference.sample import Sample, Singletons, estimation_sample, require_unit_years, singletons_of
from shidian.inference.small_sample import Convention
from shidian.inference.weights import Weighting, WeightingLike, no_frequency, normalised
from shidian.messages import joined, say

WEIGHT = "_row_weight"
"""Column of the design's panel with the weights of its rows, of mean one, where rows have weights."""
NEVER = 0
"""Adoption year by which diff-diff knows units never treated."""

ControlGroup: TypeAlias = Literal["never_treated", "not_yet_treated"]
Balance: TypeAlias = Literal["full", "pair", "none"]
AlwaysTreated: TypeAlias = Literal["leave_out", "keep"]
Average: TypeAlias = Literal["dynamic", "group", "calendar", "group_time"]


@dataclass(frozen=True)
class LeftOut:
    """Rows of the design that an estimator cannot use: why, how many rows of how many units, and whose."""

    why: str
    rows: int
    units: int
    who: str = ""


@dataclass(frozen=True)
class Design:
    """The sample that all estimators share, and what they are asked.

    Attributes:
        panel: complete unit-years of units that have a year before adoption; adoption_year missing = never treated.
        outcome: name of the outcome.
        controls: names of the controls.
        first: earliest relative time reported.
        last: latest relative time reported.
        cluster: column to cluster by.
        ssc: small-sample convention of the regressions that are ours.
        control_group: control group of Callaway & Sant'Anna.
        always_treated: units without a year before adoption (and its anticipation): left out, or kept as asked.
        sample: the complete cases, with the rows left out; ``panel`` is what remains of them.
        source: the rows that the sample was taken from.
        anticipation: years before adoption in which there may be an effect already.
        balance: units that Callaway & Sant'Anna use where the panel has gaps.
        keep_always: whether units without a year before adoption are in ``panel``.
        left_out: what of the complete cases ``panel`` has not.
        singletons: whether rows that have a unit or year to themselves were dropped or kept.
        stack_effects: effects in the regression behind the errors of stacked DID, see ``shidian.did.stacked``.
        weighting: what the rows are weighted by; their weights stand in the panel's column ``WEIGHT``.
        fix_weights: which of a unit's weights counts; None = each estimator's own rule (``staggered.weights``).
        base_period: what Callaway & Sant'Anna compare years before adoption with: the base of all (``universal``), or
            each with the year before it (``varying``).
        averages: further averages of Callaway & Sant'Anna's effects (``staggered.further_averages``).
    """

    panel: pd.DataFrame
    outcome: str
    controls: tuple[str, ...]
    first: int
    last: int
    cluster: str
    ssc: Convention
    control_group: ControlGroup
    always_treated: tuple[str, ...]
    sample: Sample
    source: pd.DataFrame
    anticipation: int = 0
    balance: Balance = "full"
    keep_always: bool = False
    left_out: tuple[LeftOut, ...] = ()
    singletons: Singletons = "drop"
    stack_effects: StackEffects = "stack"
    weighting: Weighting | None = None
    fix_weights: FixWeights | None = None
    base_period: BasePeriod = "universal"
    averages: tuple[Average, ...] = ()

    @property
    def reference(self) -> int:
        """The usual base period: the last one before adoption and its anticipation."""
        return -1 - self.anticipation


@dataclass(frozen=True)
class Effects:
    """What one estimator finds.

    Attributes:
        name: the estimator.
        engine: the code that ran.
        target: what its overall effect averages.
        att: overall effect on the treated.
        att_se: its standard error.
        event: one row a relative time: tau, estimate, se, and reason (why a number is missing) where the estimator
            gives it.
        df: degrees of freedom of tests; inf = normal.
        n_obs: rows behind the estimate.
        n_units: units behind the estimate.
        n_clusters: clusters.
        unit_years: unit and year of the rows of the panel behind the estimate.
        counts: what ``n_obs`` counts where that is not these rows.
        vcov: covariance of the rows of ``event``, where the engine gives it.
        remarks: what it did to the sample.
        omitted: name of each control that it could not use -> the reason.
        sentences: what a note must say of it beside: base periods, cohorts and units left out.
        left_out: units and rows of the common sample that it does not use.
        ssc: small-sample convention where it is not the design's.
        warnings: what a referee would object to in what it uses of the sample.
        reason: why the overall effect has no number or no standard error; empty where it has both.
        more: further averages, one row each: term, label, estimate, se, n_treated, reason.
        has_reference: whether its event study has a period in which the effect is zero by construction.
    """

    name: str
    engine: str
    target: str
    att: float
    att_se: float
    event: pd.DataFrame
    df: float
    n_obs: int
    n_units: int
    n_clusters: int
    unit_years: pd.DataFrame
    vcov: np.ndarray | None = None
    remarks: tuple[str, ...] = field(default_factory=tuple)
    omitted: Mapping[str, str] = field(default_factory=dict)
    sentences: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    ssc: str = ""
    warnings: tuple[str, ...] = ()
    reason: str = ""
    counts: str = ""
    more: pd.DataFrame = field(default_factory=pd.DataFrame)
    has_reference: bool = True


def design(
    panel: pd.DataFrame, outcome: str, controls: Sequence[str], window: tuple[int, int], vcov: VcovLike = "iid",
    ssc: Convention = "reghdfe", control_group: ControlGroup = "never_treated", anticipation: int = 0,
    always_treated: AlwaysTreated = "leave_out", balance: Balance = "full", singletons: Singletons | None = None,
    stack_effects: StackEffects = "stack", weights: WeightingLike = None, fix_weights: FixWeights | None = None,
) -> Design:  # fmt: skip
    """Return the common sample: complete cases without units treated from their first year on, or with them.

    Errors are clustered by unit unless ``vcov`` names another variable. A unit that adopts after the last year, and
    does not anticipate it by then, is never treated. ``singletons`` None = as the software of ``ssc`` does. Rows of
    weight zero are left out.

    Raises:
        EstimationError: no treated unit with a year before adoption; a window that does not surround adoption and its
            anticipation; an outcome that does not vary within units and years; a unit-year with several rows; a weight
            that is none, or a frequency.
    """
    first, last = window
    if not (first < 0 <= last and anticipation >= 0 and first <= -1 - anticipation):
        raise EstimationError(
            say(
                "a window of effects runs from {base} or earlier to 0 or later, not from {first} to {last}",
                base=-1 - anticipation,
                first=first,
                last=last,
            )
        )
    by = Vcov.parse(vcov).clusters
    if len(by) > 1:
        raise EstimationError(say("the robust staggered estimators cluster one way"))
    cluster = by[0] if by else "unit"
    weighting = no_frequency(Weighting.parse(weights), say("a robust staggered estimator"))
    columns = list(dict.fromkeys([outcome, *controls, cluster]))
    alone = singletons_of(ssc, singletons)
    sample, frame, always = _sample(panel, columns, anticipation, alone, weighting)
    kept = always_treated == "keep"
    gone = frame["unit"].isin(always) if always and not kept else pd.Series(False, index=frame.index)
    left = LeftOut(_treated_throughout(anticipation), int(gone.sum()), len(always), joined(map(str, always)))
    frame = frame[~gone].sort_values(["unit", "year"]).reset_index(drop=True)
    if frame.loc[~frame["unit"].isin(always), "adoption_year"].isna().all():
        raise EstimationError(say("no unit is observed both before and after adoption: nothing to estimate"))
    require_variation(frame, outcome, ["unit", "year"])
    if weighting:
        own = frame[weighting.variable].to_numpy(dtype=np.float64)
        frame = frame.assign(**{WEIGHT: normalised(own, weighting)})
    return Design(
        frame, outcome, tuple(controls), first, last, cluster, ssc, control_group, tuple(map(str, always)), sample,
        panel, anticipation, balance, kept and bool(always), (left,) if gone.any() else (), alone,
        stack_effects, weighting, fix_weights,
    )  # fmt: skip


def _treated_throughout(anticipation: int) -> str:
    if anticipation:
        return say("no year before adoption and its {n} years of anticipation", n=anticipation)
    return say("no year before adoption")


def _sample(
    panel: pd.DataFrame,
    columns: list[str],
    anticipation: int,
    singletons: Singletons,
    weighting: Weighting | None,
) -> tuple[Sample, pd.DataFrame, list[object]]:
    """Return the complete cases, their frame with adoption years, and the units without a year before adoption.

    Rows that stand alone in their year once those units are gone are singletons too, until nothing changes.
    """
    always: list[object] = []
    apart: list[pd.DataFrame] = []
    while True:
        rest = panel[~panel["unit"].isin(always)] if apart else panel
        sample = estimation_sample(rest, columns, ["unit", "year"], ["adoption_year"], singletons, weighting)
        require_unit_years(sample.frame, say("a robust staggered estimator"))
        frame = sample.frame.assign(adoption_year=sample.frame["adoption_year"].astype("Int64"))
        frame.loc[frame["adoption_year"] - anticipation > frame["year"].max(), "adoption_year"] = pd.NA
        start = frame.groupby("unit")["year"].transform("min")
        late = frame["adoption_year"].notna() & (frame["adoption_year"] - anticipation <= start)
        alone = frame.loc[~late, "year"].value_counts().eq(1).any()
        always += sorted(frame.loc[late, "unit"].unique(), key=str)
        if singletons == "keep" or not (late.any() and alone):
            return sample, pd.concat([frame, *apart], ignore_index=True), sorted(always, key=str)
        apart.append(frame[late])


def controls_in(omitted: Mapping[str, str], asked: Design) -> dict[str, str]:
    """Return those of the omitted regressors that are controls of the design, with their reasons."""
    return {name: omitted[name] for name in asked.controls if name in omitted}
