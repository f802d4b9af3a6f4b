"""Classes of a choropleth map: natural breaks (Jenks 1977; Fisher 1958, exact) and quantiles."""

from __future__ import annotations

from typing import Literal

import numpy as np

from shidian.errors import EstimationError
from shidian.messages import say

Method = Literal["natural_breaks", "quantiles"]


def class_breaks(values: np.ndarray, k: int, method: Method = "natural_breaks") -> np.ndarray:
    """Return the k − 1 upper bounds of the lower classes; a value belongs to the first class it does not exceed.

    Natural breaks minimise the sum of squared deviations from the class means, exactly, by dynamic programming over
    the distinct values (Fisher 1958); mapclassify 2.10's FisherJenks ends at the same or a slightly larger sum.
    Quantiles are those of the values.

    Raises:
        EstimationError: fewer distinct values than classes; fewer than two classes; an unknown method.
    """
    finite = np.sort(values[np.isfinite(values)])
    distinct, counts = np.unique(finite, return_counts=True)
    if k < 2:
        raise EstimationError(say("a map wants two classes or more, not {k}", k=k))
    if len(distinct) < k:
        raise EstimationError(
            say("{n} distinct values cannot make {k} classes: ask for fewer classes", n=len(distinct), k=k)
        )
    if method == "quantiles":
        breaks = np.unique(np.quantile(finite, np.arange(1, k) / k, method="inverted_cdf"))
        if len(breaks) < k - 1 or breaks[-1] >= distinct[-1]:
            raise EstimationError(
                say("many equal values: {k} quantile classes would leave one empty; ask for fewer", k=k)
            )
        return breaks
    if method != "natural_breaks":
        raise EstimationError(say("no map classes by '{method}': natural_breaks or quantiles", method=method))
    return distinct[_fisher_ends(distinct, counts, k)]


def classify(values: np.ndarray, breaks: np.ndarray) -> np.ndarray:
    """Return the class, 0 to k − 1, of each value, −1 where there is none."""
    classes = np.searchsorted(breaks, values, side="left")
    return np.where(np.isfinite(values), classes, -1)


def _fisher_ends(x: np.ndarray, counts: np.ndarray, k: int) -> np.ndarray:
    """Return the index of the last distinct value of each class but the last one.

    best[j] = least sum of squares of x[0..j] in c classes; one more class starts at i: best[i − 1] + ssd(i, j).
    """
    x = x - x.mean()
    w = np.concatenate([[0], np.cumsum(counts)]).astype(np.float64)
    s = np.concatenate([[0.0], np.cumsum(counts * x)])
    q = np.concatenate([[0.0], np.cumsum(counts * x**2)])
    m = len(x)
    best = q[1:] - s[1:] ** 2 / w[1:]
    starts = np.zeros((k, m), dtype=np.int64)
    for c in range(1, k):
        new = np.full(m, np.inf)
        for j in range(c, m):
            i = np.arange(c, j + 1)
            within = q[j + 1] - q[i] - (s[j + 1] - s[i]) ** 2 / (w[j + 1] - w[i])
            total = best[i - 1] + within
            at = int(np.argmin(total))
            new[j], starts[c, j] = total[at], i[at]
        best = new
    ends, j = [], m - 1
    for c in range(k - 1, 0, -1):
        j = int(starts[c, j]) - 1
        ends.append(j)
    return np.array(ends[::-1])
