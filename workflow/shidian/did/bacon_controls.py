"""Goodman-Bacon (2021) decomposition of a TWFE coefficient with controls (section 5.2 of the paper).

Treatment less unit effects, year effects and controls has a part that varies within groups that adopt together (only
controls do) and one between groups. ``beta = Omega beta_w + (1 - Omega) sum_kl s_kl beta_kl``: each pair of groups is
one comparison, for the two-by-twos of a pair are not told apart when treatment is residual.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from shidian.did.bacon import (
    LATER_VS_ALWAYS,
    TREATED_VS_NEVER,
    Bacon,
    balanced,
    require_identity,
    summary_by_type,
    unit_weights,
)
from shidian.did.within import demean, estimable, remains, require_variation
from shidian.errors import EstimationError
from shidian.inference.weights import Weighting, WeightingLike
from shidian.messages import say

BETWEEN_TREATED = say("Earlier and later treated")
ALWAYS_VS_NEVER = say("Always vs never treated")
WITHIN = say("Within groups")
TYPES = (TREATED_VS_NEVER, LATER_VS_ALWAYS, ALWAYS_VS_NEVER, BETWEEN_TREATED)
EMPTY = 1e-12
"""A share of the residual treatment's variation below this is rounding error: there is no such comparison."""


def decompose_with_controls(
    panel: pd.DataFrame, outcome: str, controls: Sequence[str], unit: str = "unit", year: str = "year",
    adoption: str = "adoption_year", weights: WeightingLike = None,
) -> Bacon:  # fmt: skip
    """Decompose the coefficient of ``outcome`` on treatment with unit effects, year effects and ``controls``.

    The summary's last row is the part within groups, its weight Omega; where no control varies within groups there is
    none. Controls that cannot be estimated are set aside in ``omitted``.

    Raises:
        EstimationError: as ``decompose``, for the controls too; effects and controls explain treatment.
    """
    panel, own = unit_weights(panel, outcome, unit, year, Weighting.parse(weights))
    y, years, cohort = balanced(panel, outcome, unit, year, adoption)
    w = np.ones(len(y)) if own is None else own / own.mean()
    require_variation(panel, outcome, [unit, year])
    D = (years[None, :] >= cohort[:, None]).astype(np.float64)
    raw = np.column_stack([balanced(panel, name, unit, year, adoption)[0].ravel() for name in controls])
    d, omitted = _residual_treatment(D, raw, controls, None if own is None else w)
    variation = float(np.sum(w[:, None] * d**2))
    beta = float(np.sum(w[:, None] * d * y)) / variation
    groups, member = np.unique(cohort, return_inverse=True)
    sizes, totals = np.bincount(member), np.bincount(member, w)
    means = [_means(x, member, own) for x in (d, y)]
    rows = [
        row
        for a in range(len(groups))
        for b in range(a + 1, len(groups))
        if (row := _pair(groups[[a, b]], sizes[[a, b]], totals[[a, b]], means[0][[a, b]], means[1][[a, b]], years))
    ]
    comparisons = pd.DataFrame(
        rows, columns=["type", "treated", "control", "estimate", "weight", "n_treated", "n_control"]
    )
    comparisons["weight"] /= len(y) * variation
    comparisons = comparisons[comparisons["weight"] > EMPTY]
    inside = d - means[0][member]
    omega = float(np.sum(w[:, None] * inside**2)) / variation
    summary = summary_by_type(comparisons, TYPES)
    if omega > EMPTY:
        effect = float(np.sum(w[:, None] * inside * y) / np.sum(w[:, None] * inside**2))
        summary = pd.concat([summary, pd.DataFrame([{"type": WITHIN, "n": 0, "weight": omega, "estimate": effect}])])
    require_identity(float(np.dot(summary["weight"], summary["estimate"])), beta, y)
    order = pd.Categorical(comparisons["type"], TYPES, ordered=True)
    comparisons = comparisons.assign(_order=order).sort_values(["_order", "treated", "control"]).drop(columns="_order")
    comparisons["control"] = comparisons["control"].astype("Int64")
    return Bacon(
        comparisons.reset_index(drop=True),
        summary.reset_index(drop=True),
        beta,
        y.size,
        len(y),
        tuple(controls),
        omitted,
    )


def _means(x: np.ndarray, member: np.ndarray, weights: np.ndarray | None) -> np.ndarray:
    """Return (groups, years) means of (units, years) values over the units of each group."""
    groups = range(int(member.max()) + 1)
    if weights is None:
        return np.stack([x[member == i].mean(axis=0) for i in groups])
    return np.stack([np.average(x[member == i], axis=0, weights=weights[member == i]) for i in groups])


def _residual_treatment(
    D: np.ndarray, controls: np.ndarray, names: Sequence[str], weights: np.ndarray | None
) -> tuple[np.ndarray, dict[str, str]]:
    """Return treatment less effects and controls (units, years), and the controls set aside."""
    n, T = D.shape
    effects = [np.repeat(np.arange(n), T), np.tile(np.arange(T), n)]
    rows = None if weights is None else np.repeat(weights, T)
    inside = demean(np.column_stack([D.ravel(), controls]), effects, rows)
    if not remains(inside[:, 0], D.ravel()):
        raise EstimationError(say("no two-by-two comparison: all units share one treatment history"))
    _, kept, omitted = estimable(inside[:, 1:], controls, list(names), ("unit", "year"))
    root = np.ones(len(inside)) if rows is None else np.sqrt(rows)
    basis = np.linalg.qr(root[:, None] * inside[:, 1:][:, kept] / np.linalg.norm(inside[:, 1:][:, kept], axis=0))[0]
    rest = root * inside[:, 0]
    for _ in range(2):  # twice is enough (Kahan & Parlett)
        rest = rest - basis @ (basis.T @ rest)
    rest = rest / root
    if not remains(rest, D.ravel()):
        raise EstimationError(
            say("the controls {names} explain treatment: its coefficient is not identified", names=list(names))
        )
    return rest.reshape(n, T), omitted


def _pair(
    cohorts: np.ndarray, sizes: np.ndarray, totals: np.ndarray, d: np.ndarray, y: np.ndarray, years: np.ndarray
) -> dict[str, object] | None:
    """Return the comparison of two groups, ``weight`` times the units and the variation of residual treatment.

    ``sizes`` count units, ``totals`` are the sums of their weights.
    """
    gap = d[0] - d[1]
    variation = float(gap @ gap)
    if variation == 0:
        return None
    (k, el), (n_k, n_l) = map(int, cohorts), map(int, sizes)
    always, never = k <= years.min(), el > years.max()
    row = {"estimate": float(gap @ (y[0] - y[1])) / variation, "weight": float(totals[0] * totals[1]) * variation}
    if always and not never:
        return row | {"type": LATER_VS_ALWAYS, "treated": el, "control": k, "n_treated": n_l, "n_control": n_k}
    kind = ALWAYS_VS_NEVER if always else TREATED_VS_NEVER if never else BETWEEN_TREATED
    control = pd.NA if never else el
    return row | {"type": kind, "treated": k, "control": control, "n_treated": n_k, "n_control": n_l}
