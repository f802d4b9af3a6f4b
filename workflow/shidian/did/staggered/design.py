"""The sample that all robust staggered estimators share, and the form in which each gives its effects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd

from shidian.did.event_study import Window
from shidian.did.within import require_variation
from shidian.errors import EstimationError
from shidian.inference.covariance import Vcov, VcovLike
from shidian.inference.sample import Sample, Singletons, estimation_sample, singletons_of
from shidian.inference.small_sample import Convention

NEVER = 0
REFERENCE = -1


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
        always_treated: units left out because they have no year before adoption.
        sample: the complete cases, with the rows left out; ``panel`` is what remains of them.
        anticipation: years before adoption in which there may be an effect already.
        singletons: whether rows that have a unit or year to themselves were dropped or kept.
    """

    panel: pd.DataFrame
    outcome: str
    controls: tuple[str, ...]
    first: int
    last: int
    cluster: str
    ssc: Convention
    control_group: Literal["never_treated", "not_yet_treated"]
    always_treated: tuple[str, ...]
    sample: Sample
    anticipation: int = 0
    singletons: Singletons = "drop"


@dataclass(frozen=True)
class LeftOut:
    """Rows of the design that an estimator cannot use: why, and how many rows of how many units."""

    why: str
    rows: int
    units: int


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
        vcov: covariance of the rows of ``event``, where the engine gives it.
        remarks: what it did to the sample.
        omitted: name of each control that it could not use -> the reason.
        warnings: what a referee would object to.
        reason: why the overall effect has no number or no standard error; empty where it has both.
        left_out: rows of the design that it did not use.
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
    vcov: np.ndarray | None = None
    remarks: tuple[str, ...] = field(default_factory=tuple)
    omitted: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    reason: str = ""
    left_out: tuple[LeftOut, ...] = ()


def design(
    panel: pd.DataFrame, outcome: str, controls: Sequence[str], window: tuple[int, int], vcov: VcovLike = "iid",
    ssc: Convention = "reghdfe", control_group: Literal["never_treated", "not_yet_treated"] = "never_treated",
    singletons: Singletons | None = None,
) -> Design:  # fmt: skip
    """Return the common sample: complete cases without units treated from their first year on.

    Errors are clustered by unit unless ``vcov`` names another variable. ``singletons`` None = as the software of
    ``ssc`` does.

    Raises:
        EstimationError: no treated unit with a year before adoption; a window that does not surround adoption; an
            outcome that does not vary within units and years.
    """
    Window(window[0], window[1], (REFERENCE,))
    by = Vcov.parse(vcov).clusters
    if len(by) > 1:
        raise EstimationError("the robust staggered estimators cluster one way")
    cluster = by[0] if by else "unit"
    columns = list(dict.fromkeys([outcome, *controls, cluster]))
    alone = singletons_of(ssc, singletons)
    sample = estimation_sample(panel, columns, ["unit", "year"], ["adoption_year"], alone)
    frame = sample.frame.assign(adoption_year=sample.frame["adoption_year"].astype("Int64"))
    frame.loc[frame["adoption_year"] > frame["year"].max(), "adoption_year"] = pd.NA
    start = frame.groupby("unit")["year"].transform("min")
    always = frame["adoption_year"].notna() & (frame["adoption_year"] <= start)
    named = tuple(sorted(frame.loc[always, "unit"].astype(str).unique()))
    frame = frame[~always].sort_values(["unit", "year"]).reset_index(drop=True)
    if frame["adoption_year"].isna().all():
        raise EstimationError("no unit is observed both before and after adoption: nothing to estimate")
    require_variation(frame, outcome, ["unit", "year"])
    return Design(
        frame, outcome, tuple(controls), *window, cluster, ssc, control_group, named, sample, singletons=alone
    )


def controls_in(omitted: Mapping[str, str], asked: Design) -> dict[str, str]:
    """Return those of the omitted regressors that are controls of the design, with their reasons."""
    return {name: omitted[name] for name in asked.controls if name in omitted}
