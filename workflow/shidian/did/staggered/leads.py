"""Leads of the imputation estimator: a regression on untreated rows alone (Borusyak, Jaravel & Spiess 2024, test 1)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from shidian.did.staggered.design import Design
from shidian.did.staggered.untreated import EXACT, Untreated
from shidian.did.within import estimable
from shidian.errors import EstimationError
from shidian.inference.covariance import Vcov, ols_covariance
from shidian.messages import say

EFFECTS = ("unit", "year")
REFERENCE = say("a reference period")
ABSORBED = say("not identified: the effects of units and years absorb it")


def leads(model: Untreated, asked: Design) -> tuple[pd.DataFrame, list[str], list[str]]:
    """Return the leads of the window (tau, estimate, se, reason), remarks on their reference periods, and a warning.

    All leads but the reference get a dummy, those outside the window too. The reference is the last year before
    treatment, also of units that share leads with others that have it; a set of units apart from it has its own
    last lead. Leads that remain collinear are references, the earliest first.
    """
    tau, base = model.tau[model.untreated], -1 - asked.anticipation
    own = _references(model.unit[model.untreated], tau)
    times = [int(k) for k in np.unique(tau[~np.isnan(tau)])[::-1] if int(k) not in own]
    dummies = np.column_stack([*(tau == k for k in times), np.empty((len(tau), 0))]).astype(np.float64)
    X = model.partialled(dummies)
    kept, places, omitted = estimable(X, dummies, [str(k) for k in times], EFFECTS)
    found = _estimates(X[:, places], kept, model, asked)
    second = [k for k in times if omitted.get(str(k), "").startswith("collinear")]
    rows = []
    for k in sorted({*times, *own} - {base}):
        if k >= asked.first:
            why = REFERENCE if k in own or k in second else ABSORBED if str(k) in omitted else ""
            rows.append({"tau": k, "reason": why, "estimate": np.nan, "se": np.nan, **found.get(str(k), {})})
    said, doubts = list[str](), list[str]()
    if times and own != (base,):
        said.append(say("reference of the leads τ = {taus}", taus=sorted(own)))
    if second:
        doubts.append(
            say("the leads cannot all be told apart: τ = {taus} taken as references too", taus=sorted(second))
        )
    return pd.DataFrame(rows, columns=["tau", "estimate", "se", "reason"]), [*said, *doubts], doubts


def _references(unit: np.ndarray, tau: np.ndarray) -> tuple[int, ...]:
    """Return the last lead of each set of units that share leads: the base, where a set has it."""
    treated = ~np.isnan(tau)
    times, place = np.unique(tau[treated], return_inverse=True)
    if not len(times):
        return ()
    units, row = np.unique(unit[treated], return_inverse=True)
    size = len(units) + len(times)
    graph = coo_array((np.ones(len(row)), (row, len(units) + place)), shape=(size, size))
    label = connected_components(graph, directed=False)[1][len(units) :]
    return tuple(sorted((int(times[label == part].max()) for part in np.unique(label)), reverse=True))


def _estimates(
    X: np.ndarray, terms: Sequence[str], model: Untreated, asked: Design
) -> dict[str, dict[str, object]]:  # fmt: skip
    """Return estimate, standard error and, where there is no error, the reason of each lead.

    Errors are clustered with reghdfe's factor, as Stata's did_imputation has them.
    """
    if not terms:
        return {}
    X = X * model.root[:, None]
    y, norms = model.effect[model.untreated] * model.root, np.linalg.norm(X, axis=0)
    coef = np.linalg.lstsq(X / norms, y, rcond=None)[0] / norms
    frame, by = asked.panel[model.untreated], Vcov.parse({"kind": "cluster", "by": asked.cluster})
    slopes = len(terms) + len(asked.controls) - len(model.omitted)
    try:
        vcov = ols_covariance(X, y - X @ coef, frame, EFFECTS, by, "reghdfe", slopes).vcov
    except EstimationError as error:
        reason = say("no standard error: {why}", why=error)
        return {t: {"estimate": b, "reason": reason} for t, b in zip(terms, coef, strict=True)}
    errors = np.sqrt(np.diag(vcov))
    return {
        t: {"estimate": b, "se": s} if s > model.floor else {"estimate": b, "reason": EXACT}
        for t, b, s in zip(terms, coef, errors, strict=True)
    }
