"""Imputation (Borusyak, Jaravel & Spiess 2024) on the common sample."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from shidian.did.staggered.design import NEVER, Design, Effects
from shidian.did.staggered.leads import leads
from shidian.did.staggered.untreated import EXACT, Untreated, untreated_model
from shidian.did.staggered.weights import target_words
from shidian.messages import joined, say

ALONE = say("one treated unit only: no usable standard error")


def imputation(asked: Design) -> Effects:
    """Impute untreated outcomes and average the differences over treated unit-years.

    Errors are the conservative ones of theorem 3, with effects averaged by cohort and time since adoption; leads
    come from a regression on untreated rows alone (test 1).

    Raises:
        EstimationError: no effect is identified.
    """
    model = untreated_model(asked)
    taus = treated_times(model, asked)
    target = targets(model, [model.tau >= 0, *(model.tau == k for k in taus)])
    effects = target.T @ np.where(model.used, model.effect, 0.0)
    errors = clustered(model, asked, target, lambda j: _beside_cohort(model, asked, target[:, j]))
    after = pd.DataFrame({"tau": taus, "estimate": effects[1:], "se": errors[1:]})
    before, said, doubts = leads(model, asked)
    event = pd.concat([before, with_reasons(after, model)], ignore_index=True)
    return assembled("Imputation (BJS)", model, asked, (effects[0], errors[0]), event, said, doubts)


def _beside_cohort(model: Untreated, asked: Design, weight: np.ndarray) -> np.ndarray:
    """Return the effects less their cohort's average at that time, the rows weighted by squares (equation 8)."""
    cohort = asked.panel["adoption_year"].fillna(NEVER).astype("int64")
    cell = [cohort.to_numpy(), asked.panel["year"].to_numpy()]
    squares = pd.Series(weight**2)
    sums = (squares * np.where(model.imputed, model.effect, 0.0)).groupby(cell).transform("sum")
    size = squares.groupby(cell).transform("sum")
    return np.where(model.imputed & (weight != 0), model.effect - (sums / size.where(size > 0)).to_numpy(), 0.0)


def treated_times(model: Untreated, asked: Design) -> list[int]:
    """Return the relative times of the window that count as treated and are observed."""
    inside = (model.tau >= max(asked.first, -asked.anticipation)) & (model.tau <= asked.last)
    return [int(k) for k in np.unique(model.tau[inside])]


def targets(model: Untreated, groups: list[np.ndarray]) -> np.ndarray:
    """Return (n, m) weights of the weighted means over the usable rows of each group, zero where there is none."""
    usable = model.w[:, None] * (np.column_stack(groups) & model.used[:, None])
    total = usable.sum(axis=0)
    return np.asarray(usable / np.where(total > 0, total, 1.0))


def clustered(model: Untreated, asked: Design, target: np.ndarray, residual: Callable[[int], np.ndarray]) -> np.ndarray:
    """Return standard errors of the targets: root of the sum over clusters of squared influence.

    ``residual`` gives the (n,) deviations that multiply the j-th target's own weights.
    """
    influence = target * np.column_stack([residual(j) for j in range(target.shape[1])])
    influence[model.untreated] += model.weights(target) * model.effect[model.untreated, None]
    cluster = pd.factorize(asked.panel[asked.cluster], sort=True)[0]
    sums = np.zeros((int(cluster.max()) + 1, target.shape[1]))
    np.add.at(sums, cluster, influence)
    return np.asarray(np.sqrt((sums**2).sum(axis=0)))


def with_reasons(event: pd.DataFrame, model: Untreated) -> pd.DataFrame:
    """Add why a relative time has no estimate (none of its rows imputed) or no error (one unit, a perfect fit)."""
    reasons = []
    for tau, se in zip(event["tau"], event["se"], strict=True):
        at = model.tau == tau
        units = len(np.unique(model.unit[at & model.used]))
        why = joined(dict.fromkeys(model.why[at & (model.why != "")]), "clauses")
        lost = say("not identified: {why}", why=why)
        reasons.append(lost if units == 0 else ALONE if units == 1 else EXACT if se <= model.floor else "")
    return _masked(event.assign(reason=np.array(reasons, dtype=object)))  # text also where no time is in the window


def _masked(event: pd.DataFrame) -> pd.DataFrame:
    """Take out the estimates that are not identified and the errors that are none."""
    lost = event["reason"].str.startswith("not identified")
    return event.assign(estimate=event["estimate"].where(~lost), se=event["se"].where(event["reason"] == ""))


def assembled(
    name: str, model: Untreated, asked: Design, overall: tuple[float, float], event: pd.DataFrame,
    said: Sequence[str], doubts: Sequence[str] = (),
) -> Effects:  # fmt: skip
    """Put the result of an estimator together, with what it left out."""
    used = asked.panel[model.used]
    remarks = [part.why for part in model.left_out]
    times = np.unique(model.tau[(model.why != "") & (model.tau <= asked.last)])
    partly = [int(k) for k in times if model.imputed[model.tau == k].any()]
    if partly:
        remarks.append(say("τ = {taus} average the other cohorts alone", taus=partly))
    if remarks:
        remarks.insert(0, say("{n} of {all} rows used", n=len(used), all=len(asked.panel)))
    att, se = map(float, overall)
    exact = se <= model.floor
    return Effects(
        name, "shidian", target_words(asked), att, np.nan if exact else se, event, np.inf,
        len(used), int(used["unit"].nunique()), int(used[asked.cluster].nunique()), used[["unit", "year"]],
        remarks=(*remarks, *said),
        omitted=model.omitted, reason=EXACT if exact else "", left_out=model.left_out,
        warnings=(*(part.why for part in model.left_out), *doubts),
    )  # fmt: skip
