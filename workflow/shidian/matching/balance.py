"""Covariate balance before and after matching, in the two customs that papers print.

``bias`` is Stata's pstest: 100 (mean_T - mean_C) / sqrt((s_T^2 + s_C^2) / 2) with the unmatched variances in
both (Rosenbaum & Rubin 1985); ``smd`` is R's MatchIt: (mean_T - mean_C) / s_T, s_T of all treated rows,
sqrt(p (1 - p)) for a 0/1 covariate.

``t`` and ``p`` are pstest's too (Leuven & Sianesi 2003, pstest 4.2.2: ``regress x treated``, after matching
``[iweight = _weight]``): least squares of the covariate on the treatment, each row counting as often as its matching
weight says, so that N is the sum of the weights, s^2 = sum w e^2 / (N - 2) and t has N - 2 degrees of freedom. Before
matching that is the two-sample test with one variance. Analytic weights would take the number of rows for N: the same
number for pairs without replacement, another where a control serves twice or a treated row has several.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from shidian.messages import say

BALANCE_COLUMNS = (
    "covariate", "mean_treated", "mean_control", "mean_treated_matched", "mean_control_matched",
    "bias", "bias_matched", "reduction", "smd", "smd_matched", "t", "p",
    "t_matched", "p_matched", "variance_ratio_matched",
)  # fmt: skip


def balance_table(
    covariates: np.ndarray, names: Sequence[str], treated: np.ndarray, weight: np.ndarray
) -> pd.DataFrame:
    """Return one row a covariate (``BALANCE_COLUMNS``).

    Args:
        covariates: (n, k) values.
        names: k names.
        treated: (n,) boolean.
        weight: (n,) matching weights: zero for rows left out.

    ``t`` and ``p`` are pstest's, before and after matching; ``reduction`` is the percentage by which |bias| fell,
    negative where it grew; ``variance_ratio_matched`` is MatchIt's, treated over controls.
    """
    rows = []
    for name, x in zip(names, np.asarray(covariates, dtype=float).T, strict=True):
        before_t, before_c = x[treated], x[~treated]
        s_t, s_c = before_t.var(ddof=1), before_c.var(ddof=1)
        pooled = np.sqrt((s_t + s_c) / 2)
        binary = np.isin(x, (0.0, 1.0)).all()
        unit = np.sqrt(before_t.var() if binary else s_t)
        w_t, w_c = weight[treated], weight[~treated]
        after_t, after_c = _mean(before_t, w_t), _mean(before_c, w_c)
        gap, gap_matched = before_t.mean() - before_c.mean(), after_t - after_c
        t, p = _t_test(x, treated, np.ones(len(x)))
        t_matched, p_matched = _t_test(x, treated, weight)
        values = (
            name, before_t.mean(), before_c.mean(), after_t, after_c,
            100 * _ratio(gap, pooled), 100 * _ratio(gap_matched, pooled),
            100 * (1 - abs(gap_matched) / abs(gap)) if gap else np.nan,
            _ratio(gap, unit), _ratio(gap_matched, unit), t, p, t_matched, p_matched,
            _ratio(_variance(before_t, w_t), _variance(before_c, w_c)),
        )  # fmt: skip
        rows.append(dict(zip(BALANCE_COLUMNS, values, strict=True)))
    return pd.DataFrame(rows, columns=list(BALANCE_COLUMNS))


def score_values(score: np.ndarray, treated: np.ndarray, pairs: np.ndarray) -> pd.DataFrame:
    """Return the scores behind the densities before and after matching: columns ``group``, ``value``.

    After matching a row counts as often as it belongs to a pair. Groups whose scores do not vary are left out.
    """
    frames = []
    once, often = np.ones(len(score), dtype=int), np.asarray(pairs, dtype=int)
    groups = (
        (say("Treated, unmatched"), treated, once), (say("Controls, unmatched"), ~treated, once),
        (say("Treated, matched"), treated, often), (say("Controls, matched"), ~treated, often),
    )  # fmt: skip
    for group, rows, times in groups:
        values = np.repeat(score[rows], times[rows])
        if len(values) > 1 and np.ptp(values) > 0:
            frames.append(pd.DataFrame({"group": str(group), "value": np.sort(values)}))
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame({"group": [], "value": []})


def _mean(x: np.ndarray, w: np.ndarray) -> float:
    return float(np.sum(w * x) / w.sum()) if w.sum() > 0 else float("nan")


def _variance(x: np.ndarray, w: np.ndarray) -> float:
    """Return the variance with reliability weights: n/(n-1) for equal ones, as cov.wt and MatchIt."""
    total = w.sum()
    free = total - np.sum(w**2) / total if total > 0 else 0.0
    return float(np.sum(w * (x - _mean(x, w)) ** 2) / free) if free > 0 else float("nan")


def _ratio(a: float, b: float) -> float:
    return float(a / b) if b > 0 else float("nan")


def _t_test(x: np.ndarray, treated: np.ndarray, w: np.ndarray) -> tuple[float, float]:
    """Return t and p of the treatment in a regression of x on it, N the sum of the weights."""
    keep = w > 0
    x, d, w = x[keep], treated[keep].astype(float), w[keep]
    total = w.sum()
    if total <= 2 or d.min() == d.max():
        return float("nan"), float("nan")
    centred = d - np.average(d, weights=w)
    slope = np.sum(w * centred * x) / np.sum(w * centred**2)
    e = x - np.average(x, weights=w) - slope * centred
    variance = np.sum(w * e**2) / (total - 2) / np.sum(w * centred**2)
    if variance <= 0:
        return float("nan"), float("nan")
    t = float(slope / np.sqrt(variance))
    return t, float(2 * stats.t.sf(abs(t), total - 2))
