"""Average marginal effects with errors by the delta method, the fixed effects' own error among them.

Of a 0/1 regressor the mean change of the outcome from 0 to 1, of another the mean derivative. An average hangs on the
index of every row and so on regressors and effects; what it hangs on is projected on both, which is the delta method
over all parameters without a dummy being made. Of a 0/1 regressor of a Poisson model also the semi-elasticity
exp(b) - 1; that of another is the coefficient itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from shidian.did.nonlinear.families import POISSON, Family
from shidian.did.nonlinear.iterate import Solution
from shidian.did.within import demean
from shidian.inference.effects import Effect

MARGINAL, SEMI_ELASTICITY = "average marginal effect", "semi-elasticity"


def margin_term(name: str, what: str) -> str:
    """Return the name of a regressor's marginal effect among the estimates: ``did: average marginal effect``."""
    return f"{name}: {what}"


@dataclass(frozen=True)
class Margins:
    """Marginal effects: names (m), values (m,), and T (n, m) for their covariance (``errors.Errors.covariance``)."""

    terms: tuple[str, ...]
    values: np.ndarray
    T: np.ndarray


def margins(
    raw: np.ndarray, names: Sequence[str], solution: Solution, functions: np.ndarray, effects: Sequence[Effect],
    family: Family, prior: np.ndarray,
) -> Margins:  # fmt: skip
    """Return the marginal effects of the first regressors of a model.

    Args:
        raw: (n, m) those regressors as they are.
        names: their names.
        solution: the model.
        functions: (n, k) the linear functions of the scores that are the coefficients.
        effects: the fixed effects.
        family: of the model.
        prior: (n,) weights of the rows, by which means are taken.
    """
    share, terms, values, columns = prior / prior.sum(), list[str](), list[float](), list[np.ndarray]()
    derivatives, direct = [], []
    for j, name in enumerate(names):
        value, by_index, by_slope = _average(raw[:, j], solution.index, float(solution.coef[j]), family, share)
        terms.append(margin_term(name, MARGINAL))
        values.append(value)
        derivatives.append(by_index)
        direct.append(by_slope)
    if names:
        spanned = _projected(np.column_stack(derivatives) / solution.weights[:, None], solution, effects)
        columns = [spanned[:, j] + direct[j] * functions[:, j] for j in range(len(names))]
    if family is POISSON:
        for j, name in [(j, name) for j, name in enumerate(names) if _is_dummy(raw[:, j])]:
            terms.append(margin_term(name, SEMI_ELASTICITY))
            values.append(float(np.expm1(solution.coef[j])))
            columns.append(np.exp(solution.coef[j]) * functions[:, j])
    return Margins(tuple(terms), np.array(values), np.column_stack(columns) if columns else np.empty((len(raw), 0)))


def _average(
    x: np.ndarray, index: np.ndarray, b: float, family: Family, share: np.ndarray
) -> tuple[float, np.ndarray, float]:
    """Return an average marginal effect, its derivatives by the rows' indices (n,), and by the coefficient itself."""
    if _is_dummy(x):
        with_it, without = index + (1 - x) * b, index - x * b
        value = share @ (family.mean(with_it) - family.mean(without))
        by_index = share * (family.slope(with_it) - family.slope(without))
        by_slope = share @ (family.slope(with_it) * (1 - x) + family.slope(without) * x)
        return float(value), by_index, float(by_slope)
    slope = family.slope(index)
    return float(share @ slope * b), share * family.curvature(index) * b, float(share @ slope)


def _is_dummy(x: np.ndarray) -> bool:
    return set(np.unique(x).tolist()) == {0.0, 1.0}


def _projected(q: np.ndarray, solution: Solution, effects: Sequence[Effect]) -> np.ndarray:
    """Return (n, m) columns projected on regressors and effects under the working weights."""
    root = np.sqrt(solution.weights)[:, None]
    left = demean(q, effects, solution.weights)
    Q = np.linalg.qr(solution.X * root)[0]
    rest = left * root
    return q - (rest - Q @ (Q.T @ rest)) / root
