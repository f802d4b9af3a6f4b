"""The DID on a matched sample: on the rows kept, on rows repeated by their frequency, or weighted.

Weights of rows (people behind a mean, sampling probabilities) enter the regression alone: scores and matches are those
of the rows as they are. Beside weights of the matching each row then counts with the product of both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from shidian.did.twfe import CONSTANT, Regression, regress
from shidian.did.within import demean
from shidian.errors import EstimationError
from shidian.inference.covariance import Vcov, VcovLike, ols_covariance
from shidian.inference.effects import effects_of
from shidian.inference.sample import Singletons, estimation_sample, singletons_of
from shidian.inference.small_sample import Convention
from shidian.inference.weights import Weighting, WeightingLike
from shidian.inference.weights import row_weights as row_weights_of
from shidian.matching.psm import Keep
from shidian.messages import say

WEIGHT = "_matching_weight"


def regress_matched(
    panel: pd.DataFrame, weights: pd.Series, keep: Keep, outcome: str, regressors: Sequence[str],
    fixed_effects: Sequence[str], vcov: VcovLike, ssc: Convention, singletons: Singletons | None = None,
    row_weights: WeightingLike = None,
) -> Regression:  # fmt: skip
    """Regress on the matched sample.

    Args:
        panel: the panel.
        weights: one a row (``matched_weights``); rows with zero leave.
        keep: ``matched`` and ``support`` = least squares on the rows kept; ``frequency`` = each row repeated
            as often as it was matched, N counts the repetitions (Stata's fweight); ``analytic`` = weighted
            least squares, N counts rows (Stata's aweight).
        outcome: outcome.
        regressors: treatment first.
        fixed_effects: effects.
        vcov: kind of standard error.
        ssc: small-sample convention.
        singletons: dropped or kept; None = as the software of ``ssc`` does.
        row_weights: what the rows are weighted by beside.

    Raises:
        EstimationError: no row has a weight, frequencies beside weights of the matching, and whatever ``regress``
            raises.
    """
    w = weights.to_numpy(dtype=float)
    if not (w > 0).any():
        raise EstimationError(say("the matched sample is empty"))
    own = Weighting.parse(row_weights)
    more: dict[str, Any] = {"singletons": singletons, "weights": own}
    if keep in ("matched", "support"):
        return regress(panel[w > 0], outcome, regressors, fixed_effects, vcov, ssc, **more)
    if keep == "frequency":
        repeated = panel.iloc[np.repeat(np.arange(len(panel)), w.astype(int))]  # with its index: rows dropped are named
        return regress(repeated, outcome, regressors, fixed_effects, vcov, ssc, **more)
    if own is not None:
        both, more["weights"] = with_product(panel, w, own)
        return regress(both, outcome, regressors, fixed_effects, vcov, ssc, **more)
    return _weighted(panel[w > 0], w[w > 0], outcome, regressors, fixed_effects, vcov, ssc, singletons)


def with_product(panel: pd.DataFrame, weights: np.ndarray, own: Weighting) -> tuple[pd.DataFrame, Weighting]:
    """Return the matched rows with the product of their matching weight and their own, and what they are weighted by.

    Raises:
        EstimationError: the own weights are frequencies, whose products with weights of a matching count nothing.
    """
    if own.counts:
        raise EstimationError(
            say(
                "the frequency weight '{name}' says that a row is several, and weights of a matching are no numbers of "
                "rows: declare it analytic, or write 'keep: matched'",
                name=own.variable,
            )
        )
    rows = panel[weights > 0]
    product = row_weights_of(rows, own) * weights[weights > 0]
    return rows.assign(**{WEIGHT: product}), Weighting(WEIGHT, own.kind)


def _weighted(
    panel: pd.DataFrame, w: np.ndarray, outcome: str, regressors: Sequence[str], fixed_effects: Sequence[str],
    vcov: VcovLike, ssc: Convention, singletons: Singletons | None,
) -> Regression:  # fmt: skip
    """Weighted least squares on the sample and terms of the unweighted regression."""
    base = regress(panel, outcome, regressors, fixed_effects, vcov, ssc, singletons=singletons)
    errors = Vcov.parse(vcov)
    frame = estimation_sample(
        panel.assign(**{WEIGHT: w}),
        [outcome, *regressors, *errors.clusters],
        fixed_effects,
        ["unit", WEIGHT],
        singletons_of(ssc, singletons),
    ).frame
    w = frame[WEIGHT].to_numpy() * len(frame) / frame[WEIGHT].sum()
    terms = [name for name in base.fit.terms if name != CONSTANT]
    columns = frame[[outcome, *terms]].to_numpy(dtype=float)
    inside = demean(columns, effects_of(frame, fixed_effects), w)
    if not fixed_effects:
        inside = np.column_stack([inside, np.ones(len(frame))])
    scaled = inside * np.sqrt(w)[:, None]
    y, x = scaled[:, 0], scaled[:, 1:]
    length = np.linalg.norm(x, axis=0)  # least squares judges the rank of columns, which must not hang on their units
    coef = np.linalg.lstsq(x / length, y, rcond=None)[0] / length
    residuals = y - x @ coef
    inference = ols_covariance(x, residuals, frame, fixed_effects, errors, ssc)
    raw = columns[:, 0]
    ssr = float(residuals @ residuals)
    fit = replace(
        base.fit, coef=coef, vcov=inference.vcov, df=inference.df, floor=inference.floor(raw),
        unadjusted=inference.unadjusted,
        vcov_kind=errors.describe(adjusted=inference.unadjusted is not None and len(coef) > 1),
        r2=1 - ssr / float(np.sum(w * (raw - np.average(raw, weights=w)) ** 2)),
        r2_within=1 - ssr / float(y @ y) if fixed_effects else float("nan"),
    )  # fmt: skip
    return replace(base, fit=fit, y=y, X=x, residuals=residuals)
