"""The data of a 2SLS regression after the fixed effects are absorbed, with what had to be dropped and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from shidian.did.within import demean, independent_columns, numbers, remains
from shidian.errors import EstimationError
from shidian.inference.covariance import Vcov, VcovLike
from shidian.inference.effects import Effect, effects_of, plain
from shidian.inference.sample import Sample, Singletons, estimation_sample, singletons_of
from shidian.inference.small_sample import Convention, count_parameters, degrees_of_freedom, is_nested
from shidian.inference.weights import Weighting, WeightingLike, require_robust
from shidian.messages import joined, say

SmallSample = Literal["ivreghdfe", "ivreg2", "reghdfe", "xtreg", "areg", "fixest"]


@dataclass(frozen=True)
class IVDesign:
    """Arrays of one 2SLS regression, fixed effects (or the constant) projected out of all.

    Attributes:
        y: (n,) outcome.
        endogenous: (n, K1) endogenous regressors.
        exogenous: (n, K2) included exogenous regressors.
        instruments: (n, L1) excluded instruments.
        names: names of the endogenous, exogenous and instrument columns kept.
        cluster: (n,) cluster codes, or None.
        errors: kind of covariance behind every test and standard error.
        ssc: small-sample convention of the standard errors; ``ivreg2`` = no factor and the normal
            distribution.
        n_absorbed: parameters that the diagnostics count for the absorbed effects, the constant included.
        n_counted: the same for the standard errors, by ``ssc``.
        sample: the estimation sample.
        n_units: units in the sample.
        dropped: sentences on columns that were dropped.
        total_ss: centred sum of squares of the outcome before the effects were absorbed.
        outcome: name of the outcome.
        means: column -> its mean before the effects were absorbed.
        spreads: column -> its standard deviation before the effects were absorbed.
    """

    y: np.ndarray
    endogenous: np.ndarray
    exogenous: np.ndarray
    instruments: np.ndarray
    names: tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]
    cluster: np.ndarray | None
    errors: Vcov
    ssc: SmallSample
    n_absorbed: int
    n_counted: int
    sample: Sample
    n_units: int
    dropped: tuple[str, ...]
    total_ss: float
    outcome: str
    means: Mapping[str, float]
    spreads: Mapping[str, float]

    @property
    def n(self) -> int:
        """Rows used."""
        return len(self.y)

    @property
    def kind(self) -> str:
        """Kind of covariance: iid, hetero or cluster."""
        return self.errors.kind

    def df(self, n_slopes: int) -> float:
        """Return the degrees of freedom of t tests in a regression with ``n_slopes`` coefficients."""
        if self.ssc == "ivreg2":
            return float("inf")
        convention: Convention = "fixest" if self.ssc == "ivreghdfe" else self.ssc
        return degrees_of_freedom(self.n, n_slopes + self.n_counted, self.n_clusters, convention)

    @property
    def n_clusters(self) -> int | None:
        """Clusters, or None when errors are not clustered."""
        return None if self.cluster is None else int(self.cluster.max()) + 1

    def too_few_clusters(self, moments: int) -> str:
        """Return why so many moments have no clustered covariance, empty when they have one."""
        if self.n_clusters is None or self.n_clusters > moments:
            return ""
        return say("{n} clusters cannot estimate a covariance of {moments} moments", n=self.n_clusters, moments=moments)


def build_design(
    panel: pd.DataFrame,
    outcome: str,
    endogenous: Sequence[str],
    instruments: Sequence[str],
    controls: Sequence[str] = (),
    fixed_effects: Sequence[str] = (),
    *,
    vcov: VcovLike = "hetero",
    ssc: SmallSample = "ivreghdfe",
    unit: str = "unit",
    singletons: Singletons | None = None,
    weights: WeightingLike = None,
) -> IVDesign:
    """Return the design of ``outcome ~ controls | fixed_effects | endogenous ~ instruments``.

    Weighted rows are multiplied by the roots of their weights once the effects are projected out.

    Raises EstimationError when an endogenous regressor or every instrument is absorbed by the effects or
    collinear with the controls, when fewer instruments than endogenous regressors are left, when the instruments
    predict an endogenous regressor exactly, for frequency weights, and for a sample too small.
    """
    weighting = _weighting(weights, Vcov.parse(vcov))
    _check_names(outcome, endogenous, instruments, controls)
    errors = Vcov.parse(vcov)
    if len(errors.clusters) > 1:
        raise EstimationError(say("the rank tests of an IV regression cluster one way only: name one variable in 'by'"))
    names = [outcome, *endogenous, *controls, *instruments]
    carried = [
        name for name in dict.fromkeys([unit, *(["unit", "year"] if weighting else [])]) if name in panel.columns
    ]
    sample = estimation_sample(
        panel, [*names, *errors.clusters], fixed_effects, carried, singletons_of(ssc, singletons), weighting
    )
    frame, w = sample.frame, sample.weights
    effects = effects_of(frame, fixed_effects)
    groups = pd.factorize(frame[errors.clusters[0]], sort=True)[0] if errors.clusters else None
    columns = {name: numbers(frame, name) for name in names}
    everything = np.column_stack([columns[name] for name in names])
    constant = [np.zeros(len(frame), dtype=int)]
    within = demean(everything, effects or constant, w)
    absorbed = {name for name, x in zip(names, within.T, strict=True) if not remains(x, columns[name])}
    inside = dict(zip(names, (within if w is None else within * np.sqrt(w)[:, None]).T, strict=True))
    if outcome in absorbed:
        raise EstimationError(
            say("the outcome '{outcome}' does not vary within the fixed effects: nothing to explain", outcome=outcome)
        )
    exogenous, dropped = _independent(controls, inside, absorbed, [], say("control"))
    _check_endogenous(endogenous, inside, absorbed, exogenous)
    kept, lost = _independent(instruments, inside, absorbed, exogenous, say("instrument"))
    if len(kept) < len(endogenous):
        raise EstimationError(_too_few_instruments(len(kept), len(endogenous), lost))
    _check_first_stages(endogenous, inside, [*kept, *exogenous])
    k_absorbed = absorbed_parameters(effects, groups, "ivreghdfe")
    used = len(kept) + len(exogenous) + k_absorbed
    if len(frame) <= used:
        raise EstimationError(say("{n} rows cannot identify {k} first-stage parameters", n=len(frame), k=used))
    y = inside[outcome]
    means = {name: float(np.average(column, weights=w)) for name, column in columns.items()}
    return IVDesign(
        y=y, endogenous=_stack(endogenous, inside, len(y)), exogenous=_stack(exogenous, inside, len(y)),
        instruments=_stack(kept, inside, len(y)), names=(tuple(endogenous), tuple(exogenous), tuple(kept)),
        cluster=groups, errors=errors, ssc=ssc, n_absorbed=k_absorbed,
        n_counted=absorbed_parameters(effects, groups, ssc), sample=sample,
        n_units=frame[unit].nunique() if unit in frame else len(frame), dropped=tuple(dropped + lost),
        total_ss=float(np.sum((1.0 if w is None else w) * (columns[outcome] - means[outcome]) ** 2)),
        outcome=outcome, means=means,
        spreads={name: float(column.std()) for name, column in columns.items()},
    )  # fmt: skip


def _weighting(declared: WeightingLike, errors: Vcov) -> Weighting | None:
    weighting = Weighting.parse(declared)
    require_robust(weighting, errors.kind)
    if weighting and weighting.counts:
        raise EstimationError(
            say(
                "2SLS takes analytic and probability weights, not frequency weights: its tests count rows; repeat the "
                "rows in the source"
            )
        )
    return weighting


def _too_few_instruments(kept: int, endogenous: int, lost: list[str]) -> str:
    return say(
        "{n} usable instruments for {k} endogenous regressors ({why}); an instrument must vary within the fixed "
        "effects, e.g. a fixed trait times a trend",
        n=kept, k=endogenous, why=joined(lost, "clauses") if lost else say("too few were declared"),
    )  # fmt: skip


def absorbed_parameters(effects: Sequence[Effect], cluster: np.ndarray | None, ssc: SmallSample) -> int:
    """Return the parameters that the convention counts for the absorbed effects, at least one (the constant).

    ivreg2 and ivreghdfe count the degrees of freedom that reghdfe's count of absorbed effects leaves, where
    effects nested in the cluster are free, and unlike reghdfe do not give the constant back (README of
    ivreghdfe 1.1).
    """
    if ssc != "ivreghdfe" and ssc != "ivreg2":
        return max(1, count_parameters(0, effects, cluster, ssc))
    count = count_parameters(0, effects, cluster, "reghdfe")
    if cluster is not None:
        count -= int(any(is_nested(e, cluster) for e in plain(effects)))
    return max(1, count)


def _stack(names: Sequence[str], columns: dict[str, np.ndarray], n: int) -> np.ndarray:
    return np.column_stack([columns[name] for name in names]) if names else np.empty((n, 0))


def _check_names(outcome: str, *groups: Sequence[str]) -> None:
    seen: set[str] = set()
    for name in [outcome, *(n for group in groups for n in group)]:
        if name in seen:
            raise EstimationError(
                say("'{name}' is named twice among outcome, regressors, controls and instruments", name=name)
            )
        seen.add(name)


def _check_endogenous(
    endogenous: Sequence[str], inside: dict[str, np.ndarray], absorbed: set[str], exogenous: Sequence[str]
) -> None:
    for name in endogenous:
        if name in absorbed:
            raise EstimationError(
                say("the endogenous regressor '{name}' does not vary within the fixed effects", name=name)
            )
    n = len(next(iter(inside.values())))
    kept = independent_columns(_stack(endogenous, inside, n), _stack(exogenous, inside, n))
    for j, name in enumerate(endogenous):
        if j not in kept:
            raise EstimationError(say("the endogenous regressor '{name}' is collinear with the controls", name=name))


def _check_first_stages(endogenous: Sequence[str], inside: dict[str, np.ndarray], used: Sequence[str]) -> None:
    for name in endogenous:
        column = inside[name][:, None]
        if not independent_columns(column, _stack(used, inside, len(column))):
            raise EstimationError(
                say(
                    "the instruments predict the endogenous regressor '{name}' exactly: there is no first stage to "
                    "test, and two-stage least squares is least squares; use other instruments",
                    name=name,
                )
            )


def _independent(
    names: Sequence[str], inside: dict[str, np.ndarray], absorbed: set[str], base: Sequence[str], role: str
) -> tuple[list[str], list[str]]:
    """Return the names kept, and one sentence for each name dropped."""
    n = len(next(iter(inside.values())))
    varying = [name for name in names if name not in absorbed]
    kept = [varying[j] for j in independent_columns(_stack(varying, inside, n), _stack(base, inside, n))]
    lost = []
    for name in names:
        if name in absorbed:
            lost.append(say("{role} '{name}' dropped: the fixed effects absorb it", role=role, name=name))
        elif name not in kept:
            lost.append(say("{role} '{name}' dropped: collinear with the columns before it", role=role, name=name))
    return kept, lost
