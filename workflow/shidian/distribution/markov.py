"""Markov chains of classes: transitions, their long-run distribution, tests of homogeneity over regimes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shidian.errors import EstimationError
from shidian.messages import say


@dataclass(frozen=True)
class Homogeneity:
    """Tests that transition probabilities are the same in all regimes (Bickenbach and Bode 2003).

    Attributes:
        lr, q: likelihood ratio and Pearson's chi-squared statistic; nan where nothing can be compared.
        df: degrees of freedom of both.
        p_lr, p_q: their p.
    """

    lr: float
    q: float
    df: int
    p_lr: float
    p_q: float


def quantile_bounds(values: np.ndarray, classes: int) -> np.ndarray:
    """Return the (classes - 1,) upper bounds of classes of equal size, by linear quantiles.

    Raises:
        EstimationError: quantiles that coincide, as many values are equal.
    """
    bounds = np.quantile(values, np.arange(1, classes) / classes)
    edges = np.concatenate([[values.min()], bounds, [values.max()]])
    if (np.diff(edges[1:]) <= 0).any() or (len(np.unique(class_of(values, bounds))) < classes):
        common, times = np.unique(values, return_counts=True)
        raise EstimationError(
            say(
                "{classes} classes of equal size cannot be told apart: {n} of {of} values are {value:g}; give fewer "
                "'classes', or 'bounds'",
                classes=classes, n=int(times.max()), of=len(values), value=float(common[times.argmax()]),
            )
        )  # fmt: skip
    return bounds


def class_of(values: np.ndarray, bounds: np.ndarray) -> np.ndarray:
    """Return the class of each value, from 0; a value on a bound is in the class below it."""
    return np.searchsorted(bounds, values, side="left")


def check_bounds(values: np.ndarray, bounds: np.ndarray) -> None:
    """Refuse bounds that do not rise, or a class without any value.

    Raises:
        EstimationError: names the class and its bounds.
    """
    if (np.diff(bounds) <= 0).any():
        raise EstimationError(say("'bounds' must rise, not {bounds}", bounds=[f"{b:g}" for b in bounds]))
    sizes = np.bincount(class_of(values, bounds), minlength=len(bounds) + 1)
    edges = [f"{b:g}" for b in (values.min(), *bounds, values.max())]
    for i in np.flatnonzero(sizes == 0):
        raise EstimationError(
            say(
                "no value lies in class {n}: values lie between {low} and {high}, 'bounds' are {bounds}",
                n=int(i) + 1, low=edges[0], high=edges[-1], bounds=edges[1:-1],
            )
        )  # fmt: skip


def transitions(start: np.ndarray, end: np.ndarray, classes: int) -> np.ndarray:
    """Return (classes, classes) counts of transitions from the class of a row to that of a column."""
    counts = np.zeros((classes, classes))
    np.add.at(counts, (start, end), 1)
    return counts


def probabilities(counts: np.ndarray) -> np.ndarray:
    """Return transition probabilities, rows of which sum to one; a class that nothing starts in has a row of nan."""
    total = counts.sum(axis=-1, keepdims=True)
    return np.divide(counts, total, out=np.full(counts.shape, np.nan), where=total > 0)


def long_run(p: np.ndarray) -> np.ndarray:
    """Return the distribution that a chain tends to in the long run, q = q P; nan where there is none or several.

    There is one where each class leads, in some steps, to one and the same set of classes.
    """
    k = len(p)
    if np.isnan(p).any() or np.linalg.matrix_rank(np.eye(k) - p, tol=1e-10) < k - 1:
        return np.full(k, np.nan)
    system = np.vstack([np.eye(k) - p.T, np.ones(k)])
    q = np.linalg.lstsq(system, np.r_[np.zeros(k), 1.0], rcond=None)[0]
    return np.where(np.abs(q) < 1e-14, 0.0, q)


def homogeneity(counts: np.ndarray) -> Homogeneity:
    """Test that (regimes, k, k) counts come from one chain.

    With n_ij|r transitions in regime r, p_ij those of all regimes together: LR = 2 sum n_ij|r ln(p_ij|r / p_ij),
    Q = sum n_i|r (p_ij|r - p_ij)^2 / p_ij over cells with p_ij > 0, both chi-squared with
    sum_i (a_i - 1)(b_i - 1) degrees of freedom, a_i the regimes in which class i starts, b_i the classes it leads to:
    Bickenbach and Bode (2003), "Evaluating the Markov property in studies of economic convergence", International
    Regional Science Review 26, 363-392; the spatial chain of Rey (2001), Geographical Analysis 33,
    194-214.
    """
    from scipy import stats

    pooled = probabilities(counts.sum(axis=0))
    starts = counts.sum(axis=2)
    expected = starts[:, :, None] * np.nan_to_num(pooled)
    there = expected > 0
    q = float(((counts[there] - expected[there]) ** 2 / expected[there]).sum())
    seen = counts > 0
    lr = 2 * float((counts[seen] * np.log(counts[seen] / expected[seen])).sum())
    a, b = (starts > 0).sum(axis=0), (np.nan_to_num(pooled) > 0).sum(axis=1)
    df = int(((a - 1).clip(0) * (b - 1).clip(0)).sum())
    if not df:
        return Homogeneity(np.nan, np.nan, 0, np.nan, np.nan)
    return Homogeneity(max(lr, 0.0), q, df, float(stats.chi2.sf(lr, df)), float(stats.chi2.sf(q, df)))
