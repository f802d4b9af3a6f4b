"""Event study: effects by time relative to adoption, with the joint test of the pre-periods.

``y_it = sum_{tau != ref} beta_tau 1[t - g_i = tau] + X_it' gamma + mu_i + lambda_t + e_it``, g_i = year of adoption.
Never-treated units have all dummies zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from shidian.did.twfe import Regression, regress
from shidian.did.wald import WaldTest, wald_test
from shidian.errors import EstimationError
from shidian.estimates import Fit
from shidian.inference.covariance import Vcov, VcovLike
from shidian.inference.sample import Singletons
from shidian.inference.small_sample import Convention

Ends = Literal["bin", "omit", "omit_before", "drop"]


@dataclass(frozen=True)
class Window:
    """Relative times that get a coefficient.

    Attributes:
        first: earliest relative time (binned: this one and all before).
        last: latest relative time (binned: this one and all after).
        reference: relative times without a dummy, usually (-1,); none where earlier times are omitted and so
            are the reference.
        ends: what happens outside: ``bin`` into the end dummies; ``omit`` their dummies, which makes them
            part of the reference; ``omit_before`` omits the earlier and bins the later; ``drop`` their rows.
    """

    first: int
    last: int
    reference: tuple[int, ...] = (-1,)
    ends: Ends = "bin"

    def __post_init__(self) -> None:
        if self.ends not in ("bin", "omit", "omit_before", "drop"):
            raise EstimationError(f"ends of an event study are bin, omit, omit_before or drop, not {self.ends!r}")
        if not self.first < 0 <= self.last:
            raise EstimationError(
                f"an event window runs from before 0 to 0 or later, not from {self.first} to {self.last}"
            )
        if not self.reference and self.ends not in ("omit", "omit_before"):
            raise EstimationError("an event study needs a reference period, usually -1")
        outside = [tau for tau in self.reference if not self.first <= tau <= self.last]
        if outside:
            raise EstimationError(f"reference periods {outside} lie outside the window {self.first} … {self.last}")

    def estimated(self) -> list[int]:
        """Return the relative times that get a dummy, in order."""
        return [tau for tau in range(self.first, self.last + 1) if tau not in self.reference]


@dataclass(frozen=True)
class EventStudy:
    """An estimated event study.

    Attributes:
        regression: the regression behind it; its first terms are the dummies, then the controls.
        window: the relative times asked for.
        effects: one row a relative time of the window, in order: tau, term, estimate, se, p, ci_low, ci_high,
            is_reference, n_treated (treated units observed at tau), reason (why the estimate is missing).
        pretrend: joint test of all coefficients before adoption; None when there is none.
        outside: relative times in the data outside the window.
    """

    regression: Regression
    window: Window
    effects: pd.DataFrame
    pretrend: WaldTest | None
    outside: tuple[int, ...]


def fit_event_study(
    panel: pd.DataFrame,
    outcome: str,
    controls: Sequence[str],
    fixed_effects: Sequence[str],
    window: Window,
    vcov: VcovLike = "iid",
    ssc: Convention = "reghdfe",
    unit: str = "unit",
    year: str = "year",
    adoption: str = "adoption_year",
    singletons: Singletons | None = None,
) -> EventStudy:
    """Estimate the event study of ``window``.

    Args:
        panel: one row a unit-year; ``adoption`` is missing for units never treated.
        outcome: name of the outcome.
        controls: further regressors.
        fixed_effects: names of the fixed effects.
        window: relative times, reference, treatment of the ends.
        vcov: kind of standard error.
        ssc: small-sample convention.
        unit: column of units.
        year: column of years.
        adoption: column with the year of adoption.
        singletons: dropped or kept; None = as the software of ``ssc`` does.

    Raises:
        EstimationError: no treated unit; no coefficient can be estimated; whatever ``regress`` raises.
    """
    tau = relative_time(panel, year, adoption)
    if tau.isna().all():
        raise EstimationError("an event study needs treated units: no adoption year in the sample")
    dummies = event_dummies(tau, window)
    data = panel.assign(**dummies, _tau=tau)
    if window.ends == "drop":
        data = data[tau.isna() | tau.between(window.first, window.last)]
    regressors = [*dummies, *controls]
    columns = list(dict.fromkeys([unit, outcome, *regressors, *fixed_effects, *Vcov.parse(vcov).clusters, "_tau"]))
    observed = data.loc[data[columns].drop(columns="_tau").notna().all(axis=1), [unit, "_tau"]].dropna()
    present = [name for name in regressors if name not in dummies or (data[name] != 0).any()]
    regression = regress(data[columns], outcome, present, fixed_effects, vcov, ssc, unit, singletons)
    effects = _effects(regression, window, observed[unit], observed["_tau"])
    outside = tuple(sorted({int(t) for t in tau.dropna() if not window.first <= t <= window.last}))
    return EventStudy(regression, window, effects, _pretrend(regression.fit, effects), outside)


def relative_time(panel: pd.DataFrame, year: str = "year", adoption: str = "adoption_year") -> pd.Series:
    """Return years since adoption, missing for units never treated."""
    for name in (year, adoption):
        if name not in panel.columns:
            raise EstimationError(f"the panel has no column '{name}'")
    return panel[year].astype("Int64") - panel[adoption].astype("Int64")


def event_dummies(tau: pd.Series, window: Window) -> dict[str, np.ndarray]:
    """Return the 0/1 dummies of the window by term name, all zero where ``tau`` is missing."""
    values = tau.to_numpy(dtype=np.float64, na_value=np.nan)
    if window.ends == "bin":
        values = np.clip(values, window.first, window.last)
    if window.ends == "omit_before":
        values = np.minimum(values, window.last)
    return {term_name(k): (values == k).astype(np.float64) for k in window.estimated()}


def term_name(tau: int) -> str:
    """Return the name of a relative time's coefficient: ``tau-2``, ``tau+0``."""
    return f"tau{tau:+d}"


def _effects(regression: Regression, window: Window, units: pd.Series, observed: pd.Series) -> pd.DataFrame:
    """Return one row a relative time of the window, the reference at zero, a reason where there is no estimate.

    ``units`` are those of the treated rows, ``observed`` their relative times.
    """
    long = regression.fit.long("", "", "").set_index("term")
    rows = []
    for tau in range(window.first, window.last + 1):
        term = term_name(tau)
        at = observed == tau
        if window.ends == "bin" and tau == window.first:
            at = observed <= tau
        if window.ends in ("bin", "omit_before") and tau == window.last:
            at = observed >= tau
        row: dict[str, Any] = {
            "tau": tau,
            "term": term,
            "is_reference": tau in window.reference,
            "n_treated": int(units[at].nunique()),
        }
        if row["is_reference"]:
            row |= {"estimate": 0.0, "reason": "reference"}
        elif term in long.index:
            row |= dict(long.loc[term, ["estimate", "se", "p", "ci_low", "ci_high"]]) | {"reason": ""}
        elif term in regression.omitted:
            row |= {"reason": regression.omitted[term]}
        else:
            row |= {"reason": "no treated unit is observed at this relative time"}
        rows.append(row)
    columns = [
        "tau",
        "term",
        "estimate",
        "se",
        "p",
        "ci_low",
        "ci_high",
        "is_reference",
        "n_treated",
        "reason",
    ]
    return pd.DataFrame(rows).reindex(columns=columns)


def _pretrend(fit: Fit, effects: pd.DataFrame) -> WaldTest | None:
    before = effects[(effects["tau"] < 0) & (effects["reason"] == "")]
    if before.empty:
        return None
    try:
        return wald_test(fit, before["term"].tolist())
    except EstimationError:
        return None
