"""Goodman-Bacon (2021) decomposition of the static TWFE coefficient into all its two-by-two comparisons.

Own code, because diff-diff lumps always-treated with never-treated units, which bacondecomp (R) and this
module keep apart; diff-diff is the peer in the tests where there is no always-treated unit.

Units may have weights, the same in every year: sizes and means of groups are then weighted, and the sum is the weighted
regression's coefficient. With weights that change over time the coefficient is no sum of two-by-twos.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from shidian.did.within import demean, require_variation
from shidian.errors import EstimationError, no_column
from shidian.inference.sample import require_unit_years
from shidian.inference.weights import Weighting, WeightingLike, no_frequency, row_weights
from shidian.messages import say

TREATED_VS_NEVER = say("Treated vs never treated")
EARLIER_VS_LATER = say("Earlier vs later treated")
LATER_VS_EARLIER = say("Later vs earlier treated")
LATER_VS_ALWAYS = say("Later vs always treated")
TYPES = (TREATED_VS_NEVER, LATER_VS_ALWAYS, EARLIER_VS_LATER, LATER_VS_EARLIER)


@dataclass(frozen=True)
class Bacon:
    """The decomposition.

    Attributes:
        comparisons: one row a two-by-two: type, treated (adoption year), control (adoption year, missing for
            never-treated), estimate, weight, n_treated and n_control (units); weights add up to one.
        summary: one row a type: type, n (comparisons), weight, estimate (weighted mean within the type).
        beta: the TWFE coefficient; equal to the weighted sum of the comparisons.
        n_obs: rows.
        n_units: units.
        controls: controls of the regression, without which each pair of groups has its two-by-twos.
        omitted: name of each control that could not be estimated -> the reason.
    """

    comparisons: pd.DataFrame
    summary: pd.DataFrame
    beta: float
    n_obs: int
    n_units: int
    controls: tuple[str, ...] = ()
    omitted: Mapping[str, str] = field(default_factory=dict)


def decompose(
    panel: pd.DataFrame, outcome: str, unit: str = "unit", year: str = "year", adoption: str = "adoption_year",
    weights: WeightingLike = None,
) -> Bacon:  # fmt: skip
    """Decompose the coefficient of ``outcome`` on treatment with unit and year effects (Theorem 1).

    A unit treated in the first year or before is "always treated"; one that adopts after the last year, or
    never, is "never treated". Rows of weight zero are left out.

    Raises:
        EstimationError: the panel is not balanced (a missing unit-year or a missing outcome), the adoption
            year changes within a unit, the outcome does not vary within units and years, or no comparison exists;
            weights that change within a unit.
    """
    panel, w = unit_weights(panel, outcome, unit, year, Weighting.parse(weights))
    y, years, cohort = balanced(panel, outcome, unit, year, adoption)
    require_variation(panel, outcome, [unit, year])
    n_units = len(y)
    groups = np.unique(cohort)
    counts = np.array([(cohort == g).sum() for g in groups])
    if w is None:
        means, shares = np.array([y[cohort == g].mean(axis=0) for g in groups]), counts / n_units
    else:
        means = np.array([np.average(y[cohort == g], axis=0, weights=w[cohort == g]) for g in groups])
        shares = np.array([w[cohort == g].sum() for g in groups]) / w.sum()
    rows = []
    for a in range(len(groups)):
        for b in range(a + 1, len(groups)):
            rows += _pair(groups[[a, b]], means[[a, b]], counts[[a, b]], shares[[a, b]], years)
    if not rows:
        raise EstimationError(say("no two-by-two comparison: all units share one treatment history"))
    comparisons = pd.DataFrame(rows)
    comparisons["weight"] /= comparisons["weight"].sum()
    beta = _twfe(y, (years[None, :] >= cohort[:, None]).astype(np.float64), w)
    require_identity(float(np.dot(comparisons["weight"], comparisons["estimate"])), beta, y)
    order = pd.Categorical(comparisons["type"], TYPES, ordered=True)
    comparisons = comparisons.assign(_order=order).sort_values(["_order", "treated", "control"]).drop(columns="_order")
    comparisons["control"] = comparisons["control"].astype("Int64")
    return Bacon(comparisons.reset_index(drop=True), summary_by_type(comparisons, TYPES), beta, y.size, n_units)


def _pair(
    cohorts: np.ndarray, means: np.ndarray, sizes: np.ndarray, shares: np.ndarray, years: np.ndarray
) -> list[dict[str, object]]:
    """Return the one or two comparisons of an earlier group k with a later (or never treated) group l.

    Weights are the s of Goodman-Bacon (2021), eq. 10e-10g, before division by the variance of treatment. ``sizes``
    count units, ``shares`` are the groups' among all.
    """
    (k, el), (n_k, n_l) = cohorts, shares
    D_k, D_l = (float((years >= g).mean()) for g in (k, el))
    share = n_k / (n_k + n_l)
    pair = (n_k + n_l) ** 2 * share * (1 - share)
    gap = means[0] - means[1]
    before, between, after = years < k, (years >= k) & (years < el), years >= el
    first = {"treated": int(k), "n_treated": int(sizes[0]), "control": int(el), "n_control": int(sizes[1])}
    second = {"treated": int(el), "n_treated": int(sizes[1]), "control": int(k), "n_control": int(sizes[0])}
    if D_k == 1 and D_l == 0:
        return []
    if D_l == 0:
        effect, weight = gap[~before].mean() - gap[before].mean(), pair * D_k * (1 - D_k)
        return [first | {"type": TREATED_VS_NEVER, "control": pd.NA, "estimate": effect, "weight": weight}]
    late = gap[between].mean() - gap[after].mean()
    if D_k == 1:
        return [second | {"type": LATER_VS_ALWAYS, "estimate": late, "weight": pair * D_l * (1 - D_l)}]
    early = gap[between].mean() - gap[before].mean()
    return [
        first | {"type": EARLIER_VS_LATER, "estimate": early, "weight": pair * (D_k - D_l) * (1 - D_k)},
        second | {"type": LATER_VS_EARLIER, "estimate": late, "weight": pair * D_l * (D_k - D_l)},
    ]


def require_identity(total: float, beta: float, y: np.ndarray) -> None:
    """Stop where the weighted sum of the comparisons is not the coefficient; ``y`` gives the size of rounding error."""
    gap = abs(total - beta)
    if not gap <= 1e-10 * max(abs(beta), float(np.abs(y - y.mean()).max())):  # nan fails too
        raise AssertionError(f"the weighted 2x2 sum misses the TWFE coefficient by {gap:.3g}")


def balanced(
    panel: pd.DataFrame, outcome: str, unit: str, year: str, adoption: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return outcome (units, years), the years, and the cohort of each unit (past the last year = never)."""
    frame = panel[[unit, year, outcome, adoption]]
    require_unit_years(frame, say("the Goodman-Bacon decomposition"), unit, year)
    wide = frame.pivot(index=unit, columns=year, values=outcome).sort_index().sort_index(axis=1)
    holes = wide.isna().to_numpy()
    if holes.any():
        i, t = np.argwhere(holes)[0]
        raise EstimationError(
            say(
                "the Goodman-Bacon decomposition wants a balanced panel: '{outcome}' is missing in {n} of {size} "
                "unit-years, first for unit {unit} in {year}; restrict the sample to units and years without "
                "gaps",
                outcome=outcome,
                n=int(holes.sum()),
                size=holes.size,
                unit=wide.index[i],
                year=wide.columns[t],
            )
        )
    if (frame.groupby(unit)[adoption].nunique(dropna=False) > 1).any():
        raise EstimationError(say("'{adoption}' changes within a unit", adoption=adoption))
    years = wide.columns.to_numpy(dtype=np.int64)
    never = int(years.max()) + 1
    adopted = frame.groupby(unit)[adoption].first().reindex(wide.index)
    cohort = adopted.astype("Int64").fillna(never).to_numpy(dtype=np.int64)
    return wide.to_numpy(dtype=np.float64), years, _one_history(np.clip(cohort, years.min(), never), years)


def _one_history(cohort: np.ndarray, years: np.ndarray) -> np.ndarray:
    """Give cohorts that a lost year leaves with the same treated years the earliest of their years."""
    first_treated = np.searchsorted(years, cohort)
    for position in np.unique(first_treated):
        same = first_treated == position
        cohort = np.where(same, cohort[same].min(), cohort)
    return cohort


def unit_weights(
    panel: pd.DataFrame, outcome: str, unit: str, year: str, weighting: Weighting | None
) -> tuple[pd.DataFrame, np.ndarray | None]:
    """Return the rows of weight above zero, and (n,) weights of units in the order of their labels, None for none.

    Raises:
        EstimationError: a weight that is none, frequencies, weights that change within a unit.
    """
    weighting = no_frequency(weighting, say("the Goodman-Bacon decomposition"))
    if weighting is None:
        return panel, None
    if weighting.variable not in panel.columns:
        raise no_column(weighting.variable, panel.columns)
    named = panel.rename(columns={unit: "unit", year: "year"})
    values = row_weights(named, weighting)
    panel = panel.assign(_weight=values)
    own = panel.groupby(unit, observed=True)["_weight"]
    high, low = own.max(), own.min()
    changing = high - low > 1e-12 * high
    if changing.any():
        raise EstimationError(
            say(
                "the Goodman-Bacon decomposition wants weights that are constant within units, and '{name}' of unit "
                "{unit} changes: weight by a variable that holds one year's, or write 'unweighted: true'",
                name=weighting.variable, unit=changing.index[changing][0],
            )
        )  # fmt: skip
    known = own.first().sort_index()
    return panel[values > 0], known[known > 0].to_numpy(dtype=np.float64)


def _twfe(y: np.ndarray, D: np.ndarray, w: np.ndarray | None = None) -> float:
    n, T = y.shape
    effects = [np.repeat(np.arange(n), T), np.tile(np.arange(T), n)]
    rows = None if w is None else np.repeat(w / w.mean(), T)
    within = demean(np.column_stack([y.ravel(), D.ravel()]), effects, rows)
    weighted = within[:, 1] if rows is None else rows * within[:, 1]
    return float(weighted @ within[:, 0] / (weighted @ within[:, 1]))


def summary_by_type(comparisons: pd.DataFrame, types: Sequence[str]) -> pd.DataFrame:
    """Return one row a type that occurs: number of comparisons, weight, mean estimate."""
    rows = []
    for kind in types:
        part = comparisons[comparisons["type"] == kind]
        if not part.empty:
            weight = part["weight"].sum()
            rows.append({"type": kind, "n": len(part), "weight": weight,
                         "estimate": float(np.dot(part["weight"], part["estimate"])) / weight})  # fmt: skip
    return pd.DataFrame(rows)
