"""Dagum's decomposition of the Gini coefficient: within groups, net between groups, transvariation.

Dagum, C. (1997), "A new approach to the decomposition of the Gini income inequality ratio", Empirical Economics 22,
515-531.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from shidian.errors import EstimationError
from shidian.indicators.checks import numeric_frame, require_not_negative, require_positive
from shidian.messages import say


@dataclass(frozen=True)
class Dagum:
    """A decomposed Gini coefficient: gini = within + between + transvariation.

    Attributes:
        gini: G of all rows.
        within: Gw, what inequality inside the groups contributes.
        between: Gnb, the net contribution of inequality between groups.
        transvariation: Gt, the contribution of groups that overlap.
        groups: one row a group, in order of name: group, rows, population_share p, share s of the total, mean, gini
            (nan where every value is zero).
        pairs: one row a pair of groups: first, second, gini G_jh (nan where every value of both is zero),
            affluence D_jh (nan where all values of both are equal).
    """

    gini: float
    within: float
    between: float
    transvariation: float
    groups: pd.DataFrame
    pairs: pd.DataFrame


def dagum(values: object, group: object, weight: object = None, where: str = "") -> Dagum:
    """Decompose the Gini coefficient by groups.

    With p_j a group's share of the rows, m_j its mean, s_j = p_j m_j / m, and E_jh the mean of |x - y| over x of
    group j and y of group h: G_jh = E_jh / (m_j + m_h), D_jh = |m_j - m_h| / E_jh (the relative economic
    affluence (d - p) / (d + p)), Gw = sum_j G_jj p_j s_j, Gnb = sum_{j<h} G_jh (p_j s_h + p_h s_j) D_jh,
    Gt = sum_{j<h} G_jh (p_j s_h + p_h s_j) (1 - D_jh). Nothing is corrected for small samples.

    Args:
        values: (n,) zero or greater; rows without a value are left out.
        group: (n,) names of groups.
        weight: (n,) weights of the rows, none where not given: the same numbers as of rows that are repeated.
        where: what an error calls the rows, such as a year.

    Raises:
        EstimationError: a negative value, no positive one, a row without a group, fewer than two groups.
    """
    frame = numeric_frame("dagum_gini", {"value": values} if weight is None else {"value": values, "weight": weight})
    if weight is None:
        frame["weight"] = 1.0
    labels = pd.Series(np.asarray(group), index=frame.index)
    known = frame.notna().all(axis=1)
    frame, labels = frame[known], labels[known]
    require_not_negative("dagum_gini", frame[["value"]])
    require_positive("dagum_gini", frame[["weight"]])
    if labels.isna().any():
        raise EstimationError(say("dagum_gini: a value has no group; name the group or leave the row out"))
    names = sorted(labels.unique(), key=str)
    if len(names) < 2:
        raise EstimationError(
            say(
                "dagum_gini{where}: a decomposition needs values in two groups or more, here are {n} ({names}); leave "
                "the year out by 'years' or 'sample', or choose other 'groups'",
                where=f" {where}" if where else "", n=len(names), names=[str(name) for name in names],
            )
        )  # fmt: skip
    if not frame["value"].sum() > 0:
        raise EstimationError(
            say("dagum_gini{where}: there is no value above zero", where=f" {where}" if where else "")
        )
    return _decomposed(frame, labels, names)


def _decomposed(frame: pd.DataFrame, labels: pd.Series, names: list[object]) -> Dagum:
    """Sum over groups and pairs what each contributes.

    G_jh (p_j s_h + p_h s_j) is p_j p_h E_jh / m, which is there, and zero, also where all values of a pair are zero.
    """
    total = float(frame["weight"].sum())
    parts = [_sorted(frame[(labels == name).to_numpy()]) for name in names]
    p = np.array([w.sum() / total for _, w in parts])
    m = np.array([float(w @ x / w.sum()) for x, w in parts])
    mean = float(p @ m)
    own = np.array([_mean_difference(part, part) for part in parts])
    within = float((p**2 * own).sum()) / (2 * mean)
    between = transvariation = 0.0
    rows = []
    for j, h in combinations(range(len(names)), 2):
        apart, gap = _mean_difference(parts[j], parts[h]), abs(m[j] - m[h])
        apart = max(apart, gap)  # equal but for rounding where the groups do not overlap
        between += p[j] * p[h] * gap / mean
        transvariation += p[j] * p[h] * (apart - gap) / mean
        g = apart / (m[j] + m[h]) if m[j] + m[h] > 0 else np.nan
        rows.append((names[j], names[h], g, gap / apart if apart > 0 else np.nan))
    groups = pd.DataFrame({
        "group": names, "rows": [len(x) for x, _ in parts], "population_share": p, "share": p * m / mean, "mean": m,
        "gini": np.divide(own, 2 * m, out=np.full(len(m), np.nan), where=m > 0),
    })  # fmt: skip
    pairs = pd.DataFrame(rows, columns=["first", "second", "gini", "affluence"])
    return Dagum(within + between + transvariation, within, between, transvariation, groups, pairs)


def _sorted(part: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return a group's values in rising order with their weights."""
    part = part.sort_values(["value", "weight"], kind="stable")
    return part["value"].to_numpy(), part["weight"].to_numpy()


def _mean_difference(one: tuple[np.ndarray, np.ndarray], other: tuple[np.ndarray, np.ndarray]) -> float:
    """Return the weighted mean of |x - y| over x of one group and y of another, from sums of what lies below each y."""
    (x, w), (y, v) = one, other
    w, v = w / w.sum(), v / v.sum()
    shift = x[0]  # differences do not hang on it, rounding does
    x, y = x - shift, y - shift
    at = np.searchsorted(x, y, side="right")
    below = np.concatenate([[0.0], np.cumsum(w)])[at]
    summed = np.concatenate([[0.0], np.cumsum(w * x)])[at]
    return max(float(v @ (y * (2 * below - 1) + w @ x - 2 * summed)), 0.0)
