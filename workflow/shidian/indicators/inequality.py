"""Inequality among individuals: Gini, coefficient of variation, Theil T and L, and Theil's decomposition by groups."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import optimize

from shidian.errors import EstimationError
from shidian.indicators.checks import numeric_frame, require_not_negative, require_positive
from shidian.messages import say


@dataclass(frozen=True)
class TheilDecomposition:
    """Theil's T as the sum of inequality within groups and between them.

    Attributes:
        total, within, between: total = within + between.
        groups: one row a group: its population share, income share, own Theil index and share of the total.
    """

    total: float
    within: float
    between: float
    groups: pd.DataFrame


def gini(income: object, weight: object = None, corrected: bool = False) -> float:
    """Return the Gini coefficient, half the relative mean absolute difference (Gini 1912).

    G = sum_i sum_j w_i w_j |x_i - x_j| / (2 mu), w adding to one; ``corrected`` multiplies by n / (n - 1), n rows
    with a value. Incomes may be zero, not negative.
    """
    x, w = _values("gini", income, weight, zero=True)
    if corrected and len(x) < 2:
        raise EstimationError(say("gini: the small-sample correction needs at least two incomes"))
    order = np.argsort(x, kind="stable")
    x, w = x[order], w[order]
    # sum over pairs in order: x_i is the larger of a pair as often as weight lies below it
    below = np.cumsum(w) - w
    value = float((w * x * (2 * below + w - 1.0)).sum() / (w * x).sum())
    return value * len(x) / (len(x) - 1) if corrected else value


def coefficient_of_variation(values: object, weight: object = None, corrected: bool = False) -> float:
    """Return the coefficient of variation, V = sqrt(sum_i w_i (x_i - mu)^2) / mu, w adding to one.

    The standard deviation has N in the denominator, as in R's ``ineq``; ``corrected`` takes N - 1, as Stata's
    ``tabstat``. Values may be zero, not negative: of a quantity without a true zero the ratio says nothing.
    """
    x, w = _values("coefficient_of_variation", values, weight, zero=True)
    if corrected and len(x) < 2:
        raise EstimationError(say("coefficient_of_variation: the small-sample correction needs at least two values"))
    mean = float(w @ x)
    value = float(np.sqrt(w @ (x / mean - 1.0) ** 2))
    return value * float(np.sqrt(len(x) / (len(x) - 1))) if corrected else value


def theil_t(income: object, weight: object = None) -> float:
    """Return Theil's T, the generalised entropy of order one: T = sum_i w_i (x_i / mu) ln(x_i / mu) (Theil 1967)."""
    x, w = _values("theil_t", income, weight)
    ratio = x / (w @ x)
    return float(w @ (ratio * np.log(ratio)))


def theil_maximum(ratio: float) -> float:
    """Return the largest Theil's T between two groups whose mean incomes stand as ``ratio`` to one.

    With p the richer group's share of the population, mean income is m = 1 + p (r - 1) in units of the poorer group's;
    T is largest where m = r ln r / (r - 1), and is m - 1 - ln m there. No inequality inside the groups.

    Raises:
        EstimationError: the ratio is not positive.
    """
    if not ratio > 0:
        raise EstimationError(say("theil_maximum: an income ratio is positive, {ratio} is not", ratio=ratio))
    r = max(ratio, 1 / ratio)
    if r - 1 < 1e-8:
        return 0.0
    m = r * np.log(r) / (r - 1)
    return float(m - 1 - np.log(m))


def smallest_ratio(theil: float) -> float:
    """Return the smallest income ratio of two groups at which Theil's T between them can be ``theil``.

    Raises:
        EstimationError: the index is negative.
    """
    if theil < 0:
        raise EstimationError(say("smallest_ratio: a Theil index is not negative, {theil} is", theil=theil))
    high = 2.0
    while theil_maximum(high) < theil:
        high *= 2
    return float(optimize.brentq(lambda r: theil_maximum(r) - theil, 1.0, high, xtol=1e-12)) if theil > 0 else 1.0


def theil_l(income: object, weight: object = None) -> float:
    """Return Theil's L, the mean logarithmic deviation: L = sum_i w_i ln(mu / x_i) (Theil 1967)."""
    x, w = _values("theil_l", income, weight)
    return float(w @ np.log((w @ x) / x))


def theil_decomposition(income: object, group: object, weight: object = None) -> TheilDecomposition:
    """Split Theil's T (Shorrocks 1980): T = sum_g s_g T_g + sum_g s_g ln(s_g / p_g).

    s_g is the group's share of income, p_g its share of the population, T_g its own index.
    Raises EstimationError for a missing group label.
    """
    labels = pd.Series(np.asarray(group))
    x, w = _values("theil_decomposition", income, weight, keep_missing=True)
    if len(labels) != len(x):
        raise EstimationError(
            say("theil_decomposition: there are {n} group labels for {of} incomes", n=len(labels), of=len(x))
        )
    known = ~np.isnan(x)
    if labels[known].isna().any():
        raise EstimationError(say("theil_decomposition: an income has no group; name the group or drop the row"))
    frame = pd.DataFrame({"group": labels[known], "x": x[known], "w": w[known] / w[known].sum()})
    mean = float(frame["w"].to_numpy() @ frame["x"].to_numpy())
    people, income_share, own = [], [], []
    names = []
    for name, part in frame.groupby("group", sort=True):
        names.append(name)
        people.append(part["w"].sum())
        income_share.append(float(part["w"].to_numpy() @ part["x"].to_numpy()) / mean)
        own.append(theil_t(part["x"].to_numpy(), part["w"].to_numpy()))
    p, s, T = np.array(people), np.array(income_share), np.array(own)
    within, between = float(s @ T), float(s @ np.log(s / p))
    total = within + between
    share_of_total = s * T / total if total > 0 else np.full(len(T), np.nan)
    columns = {
        "group": names,
        "population_share": p,
        "income_share": s,
        "theil": T,
        "within_share_of_total": share_of_total,
    }
    groups = pd.DataFrame(columns)
    return TheilDecomposition(total, within, between, groups)


def _values(
    indicator: str, income: object, weight: object, zero: bool = False, keep_missing: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Return incomes and weights that add to one, rows with a missing value left out unless ``keep_missing``."""
    frame = numeric_frame(indicator, {"income": income} if weight is None else {"income": income, "weight": weight})
    if weight is None:
        frame["weight"] = 1.0
    frame.loc[frame["income"].isna() | frame["weight"].isna(), :] = np.nan
    if zero:
        require_not_negative(indicator, frame[["income"]])
        require_positive(indicator, frame[["weight"]])
    else:
        require_positive(indicator, frame)
    kept = frame if keep_missing else frame.dropna()
    x, w = kept["income"].to_numpy(), kept["weight"].to_numpy()
    if not np.nansum(x) > 0:
        raise EstimationError(say("{indicator}: there is no positive income", indicator=indicator))
    return x, w / np.nansum(w)
