"""Event study: effects by time relative to adoption, with the joint test of the pre-periods.

``y_it = sum_{tau != ref} beta_tau 1[t - g_i = tau] + X_it' gamma + mu_i + lambda_t + e_it``, g_i = year of adoption.
Never-treated units have all dummies zero. What is the base, and what else is zero, is in ``did.base_period``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from shidian.did.base_period import (
    Normalisation,
    not_told_apart,
    order_of_precedence,
    partners,
    second_normalisation,
    with_observed_base,
)
from shidian.did.event_window import Window, event_dummies, relative_time, term_name
from shidian.did.models import OLS, fit_model
from shidian.did.twfe import Regression
from shidian.did.wald import WaldTest, wald_test
from shidian.did.within import demean, numbers, remains
from shidian.errors import EstimationError
from shidian.estimates import Fit
from shidian.inference.covariance import Vcov, VcovLike
from shidian.inference.effects import effects_of
from shidian.inference.sample import SEPARATED, Sample, Singletons, estimation_sample, require_unit_years, singletons_of
from shidian.inference.small_sample import Convention
from shidian.inference.weights import Weighting, WeightingLike
from shidian.messages import say

__all__ = ["EventStudy", "Window", "event_design", "fit_event_study", "relative_time", "term_name"]

UNOBSERVED = say("no treated unit is observed at this relative time")


@dataclass(frozen=True)
class EventStudy:
    """An estimated event study.

    Attributes:
        regression: the regression behind it; its first terms are the dummies, then the controls.
        normalisation: the base period that was used, and what else is zero.
        effects: one row a relative time of the window, in order: tau, term, estimate, se, p, ci_low, ci_high,
            is_reference, n_treated (treated units observed at tau), reason (why the estimate or its error is missing).
        pretrend: joint test of all coefficients before adoption and its anticipation; None when there is none.
        outside: relative times in the data outside the window.
    """

    regression: Regression
    normalisation: Normalisation
    effects: pd.DataFrame
    pretrend: WaldTest | None
    outside: tuple[int, ...]

    @property
    def window(self) -> Window:
        """The window with the base period that was used."""
        return self.normalisation.window

    @property
    def tested(self) -> pd.DataFrame:
        """The rows of ``effects`` that the joint test is about: estimated, before adoption and its anticipation."""
        return _before(self.effects, self.window)

    @property
    def missing(self) -> pd.DataFrame:
        """The rows of ``effects`` without an estimate."""
        return self.effects[self.effects["estimate"].isna()]


@dataclass(frozen=True)
class EventDesign:
    """What the regression of an event study starts from.

    Attributes:
        data: rows with the dummies, before those with missing values go.
        window: the window with the base period that is used.
        terms: dummies that some row has, those first that must not be left out where they are collinear.
        treated: unit and relative time (``_tau``) of the treated rows of the estimation sample.
        outside: relative times in the data outside the window.
    """

    data: pd.DataFrame
    window: Window
    terms: tuple[str, ...]
    treated: pd.DataFrame
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
    weights: WeightingLike = None,
    model: str = OLS,
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
        weights: variable that weights the rows, with its kind (``shidian.inference.weights``).
        model: ols, lpm, poisson, logit or probit (``shidian.did.models``).

    Raises:
        EstimationError: no treated unit, none observed before adoption; no coefficient can be estimated; effects after
            adoption that cannot be told apart; whatever ``fit_model`` raises.
    """
    kept = singletons_of(ssc, singletons)

    def fitted(rows: pd.DataFrame) -> tuple[EventDesign, Regression]:
        asked = event_design(rows, outcome, controls, fixed_effects, window, vcov, unit, year, adoption, kept, weights)
        return asked, fit_model(
            asked.data, outcome, [*asked.terms, *controls], fixed_effects, model, vcov, ssc, unit, kept, weights, []
        )

    asked, regression = _without_separated(panel, fitted)
    used = asked.window
    second = _second(regression, used, fixed_effects)
    regression = _in_order(regression, [*map(term_name, used.estimated()), *controls])
    effects = _effects(regression, used, second, asked.treated[unit], asked.treated["_tau"])
    pretrend = _pretrend(regression.fit, _before(effects, used)["term"].tolist())
    return EventStudy(regression, Normalisation(window, used, second), effects, pretrend, asked.outside)


def _without_separated(
    panel: pd.DataFrame, fitted: Callable[[pd.DataFrame], tuple[EventDesign, Regression]]
) -> tuple[EventDesign, Regression]:
    """Return design and regression of the rows that are not separated: the base period must be one of theirs."""
    gone = list[pd.DataFrame]()
    while True:
        asked, regression = fitted(panel)
        sample = regression.sample
        if not sample.n_separated:
            break
        lines = sample.dropped[sample.dropped["reason"] == SEPARATED]
        gone.append(lines)
        panel = panel[~panel.index.isin(lines["row"])]
    if not gone:
        return asked, regression
    dropped = pd.concat([sample.dropped, *gone], ignore_index=True)
    n = sum(map(len, gone))
    return asked, replace(regression, sample=replace(sample, dropped=dropped, n_separated=n))


def event_design(
    panel: pd.DataFrame, outcome: str, controls: Sequence[str], fixed_effects: Sequence[str], window: Window,
    vcov: VcovLike = "iid", unit: str = "unit", year: str = "year", adoption: str = "adoption_year",
    singletons: Singletons = "drop", weights: WeightingLike = None,
) -> EventDesign:  # fmt: skip
    """Return the rows and dummies of the event study, with the base period that they allow.

    Raises:
        EstimationError: no treated unit, none observed before adoption, a column that the panel has not, a unit-year
            with several rows.
    """
    tau = relative_time(panel, year, adoption)
    if tau.isna().all():
        raise EstimationError(say("an event study needs treated units: no adoption year in the sample"))
    data = panel.assign(_tau=tau)
    if window.ends == "drop":
        data = data[tau.isna() | tau.between(window.first, window.last)]
    needed = [outcome, *controls, *Vcov.parse(vcov).clusters]
    weighting = Weighting.parse(weights)
    carried = list(dict.fromkeys([unit, year, "_tau"]))
    sample = estimation_sample(data, needed, fixed_effects, carried, singletons, weighting)
    require_unit_years(sample.frame, say("an event study"), unit, year)
    treated, informative = _treated(sample, unit), _treated(sample, unit)
    if sample.n_kept:  # a row with an effect of its own says nothing about any period
        informative = _treated(
            estimation_sample(data, needed, fixed_effects, [unit, "_tau"], weighting=weighting), unit
        )
    if informative.empty:
        raise EstimationError(say("an event study needs treated units: none has values in all variables"))
    used = with_observed_base(window, informative["_tau"].to_numpy())
    seen = set(used.place(treated["_tau"].to_numpy()))
    terms = tuple(term_name(k) for k in order_of_precedence(used) if k in seen)
    weighted = [year, weighting.variable] if weighting else []
    columns = list(dict.fromkeys([unit, *needed, *fixed_effects, *weighted]))
    outside = tuple(sorted({int(t) for t in tau.dropna() if not window.first <= t <= window.last}))
    return EventDesign(data[columns].assign(**event_dummies(data["_tau"], used)), used, terms, treated, outside)


def _treated(sample: Sample, unit: str) -> pd.DataFrame:
    """Return unit and relative time of the treated rows of a sample."""
    rows = sample.frame
    return rows.loc[rows["_tau"].notna(), [unit, "_tau"]].astype({"_tau": "int64"})


def _second(regression: Regression, window: Window, fixed_effects: Sequence[str]) -> dict[int, str]:
    """Return the leads that were left out because they are collinear with other relative times, with the reason.

    Raises:
        EstimationError: periods after adoption are collinear: leaving one out would set its effect to zero.
    """
    frame, taus = regression.sample.frame, {term_name(tau): tau for tau in window.estimated()}
    left_out = [tau for term, tau in taus.items() if term in regression.omitted]
    if not left_out:
        return {}
    codes = effects_of(frame, fixed_effects)
    raw = np.column_stack([numbers(frame, term_name(tau)) for tau in left_out])
    w, found = regression.row_weights, dict[int, str]()
    within = demean(raw, codes, w)
    for j, tau in enumerate(left_out):
        if not remains(within[:, j], raw[:, j]):
            continue  # explained by the fixed effects alone: the other coefficients are what they are without it
        column = within[:, j] if w is None else within[:, j] * np.sqrt(w)
        terms = [regression.fit.terms[i] for i in partners(column, regression.X)]
        times = [taus[term] for term in terms if term in taus]
        if window.counts_as_after(tau):
            raise EstimationError(not_told_apart(window, [tau, *times], fixed_effects))
        found[tau] = second_normalisation(window, times, fixed_effects)
    return found


def _in_order(regression: Regression, names: Sequence[str]) -> Regression:
    """Return the regression with its terms in the order of ``names``, the constant last."""
    fit = regression.fit
    place = {name: i for i, name in enumerate(names)}
    order = sorted(range(len(fit.terms)), key=lambda i: place.get(fit.terms[i], len(place)))
    moved = replace(
        fit, terms=tuple(fit.terms[i] for i in order), coef=fit.coef[order], vcov=fit.vcov[np.ix_(order, order)]
    )
    return replace(regression, fit=moved, X=regression.X[:, order])


def _effects(
    regression: Regression, window: Window, second: dict[int, str], units: pd.Series, observed: pd.Series
) -> pd.DataFrame:
    """Return one row a relative time of the window, the reference at zero, a reason where there is no estimate.

    ``units`` are those of the treated rows, ``observed`` their relative times.
    """
    long = regression.fit.long("", "", "").set_index("term")
    placed = window.place(observed.to_numpy())
    rows = []
    for tau in range(window.first, window.last + 1):
        term = term_name(tau)
        row: dict[str, Any] = {
            "tau": tau,
            "term": term,
            "is_reference": tau in window.reference,
            "n_treated": int(units[placed == tau].nunique()),
        }
        if row["is_reference"]:
            row |= {"estimate": 0.0, "reason": say("reference")}
        elif term in long.index:
            row |= dict(long.loc[term, ["estimate", "se", "p", "ci_low", "ci_high", "reason"]])
        else:
            row |= {"reason": second.get(tau, regression.omitted.get(term, UNOBSERVED))}
        rows.append(row)
    columns = ["tau", "term", "estimate", "se", "p", "ci_low", "ci_high", "is_reference", "n_treated", "reason"]
    return pd.DataFrame(rows).reindex(columns=columns)


def _before(effects: pd.DataFrame, window: Window) -> pd.DataFrame:
    early = ~effects["tau"].map(window.counts_as_after).astype(bool)
    return effects[early & effects["estimate"].notna() & ~effects["is_reference"]]


def _pretrend(fit: Fit, terms: list[str]) -> WaldTest | None:
    try:
        return wald_test(fit, terms) if terms else None
    except EstimationError:
        return None
