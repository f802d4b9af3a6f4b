"""The models by their mean as a function of the linear index: Poisson, logit, probit.

``E[y | x] = F(index)``; quasi-likelihood of the family with variance ``V(F)``. Working weights and residuals are
written so that they keep their digits where the mean comes near its bound (McCullagh and Nelder 1989, section 2.5).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, gammaln, ndtr, xlogy

Array = np.ndarray
ROOT_TWO_PI = np.sqrt(2 * np.pi)


@dataclass(frozen=True)
class Family:
    """A model of the mean.

    Attributes:
        name: as a study file writes it.
        binary: whether the outcome is 0 or 1, else it is zero or more.
        mean: index (n,) -> F.
        slope: index -> F'.
        curvature: index -> F''.
        information: index -> F'^2 / V, the weight of a row in the expected information.
        observed: outcome and index -> the weight of a row in the observed information, the same but for probit.
        residual: outcome and index -> (y - F) / F', the working residual.
        log_likelihood: outcome and index -> (n,) logarithms.
        start: outcome and its mean -> (n,) index to begin with.
        bound: outcome's mean -> least and greatest index that is told from the bound of the mean.
    """

    name: str
    binary: bool
    mean: Callable[[Array], Array]
    slope: Callable[[Array], Array]
    curvature: Callable[[Array], Array]
    information: Callable[[Array], Array]
    observed: Callable[[Array, Array], Array]
    residual: Callable[[Array, Array], Array]
    log_likelihood: Callable[[Array, Array], Array]
    start: Callable[[Array, float], Array]
    bound: Callable[[float], tuple[float, float]]

    def null_log_likelihood(self, y: Array, weights: Array) -> float:
        """Return the log likelihood of a model with a constant alone."""
        mean = float(np.average(y, weights=weights))
        if self.binary:
            return float(weights @ (xlogy(y, mean) + xlogy(1 - y, 1 - mean)))
        return float(weights @ (xlogy(y, mean) - mean - gammaln(y + 1)))


def _phi(index: Array) -> Array:
    return np.asarray(np.exp(-index * index / 2) / ROOT_TWO_PI)


def _probit_observed(towards: Array) -> Array:
    """Return the observed information of a row by its index towards its own outcome."""
    ratio = _phi(towards) / ndtr(towards)
    return np.asarray(ratio * (ratio + towards))


def _logit_log_likelihood(y: Array, index: Array) -> Array:
    return np.asarray(-np.logaddexp(0.0, np.where(y == 1, -index, index)))


def _halfway(y: Array, mean: float) -> Array:
    return np.asarray((y + mean) / 2)


POISSON = Family(
    "poisson", False, np.exp, np.exp, np.exp, np.exp,
    observed=lambda y, index: np.exp(index),
    residual=lambda y, index: y * np.exp(-index) - 1.0,
    log_likelihood=lambda y, index: y * index - np.exp(index) - gammaln(y + 1),
    start=lambda y, mean: np.log(_halfway(y, mean)),
    bound=lambda mean: (float(np.log(mean)) - 35.0, float(np.log(mean)) + 300.0),
)  # fmt: skip
LOGIT = Family(
    "logit", True, expit,
    slope=lambda index: expit(index) * expit(-index),
    curvature=lambda index: expit(index) * expit(-index) * (expit(-index) - expit(index)),
    information=lambda index: expit(index) * expit(-index),
    observed=lambda y, index: expit(index) * expit(-index),
    residual=lambda y, index: np.where(y == 1, 1 / expit(index), -1 / expit(-index)),
    log_likelihood=_logit_log_likelihood,
    start=lambda y, mean: np.log((y + 0.5) / (1.5 - y)),
    bound=lambda mean: (-35.0, 35.0),
)  # fmt: skip
PROBIT = Family(
    "probit", True, ndtr, _phi,
    curvature=lambda index: -index * _phi(index),
    information=lambda index: _phi(index) ** 2 / (ndtr(index) * ndtr(-index)),
    observed=lambda y, index: _probit_observed(np.where(y == 1, index, -index)),
    residual=lambda y, index: np.where(y == 1, ndtr(-index), -ndtr(index)) / _phi(index),
    log_likelihood=lambda y, index: np.log(ndtr(np.where(y == 1, index, -index))),
    start=lambda y, mean: 0.6744897501960817 * (2 * y - 1),
    bound=lambda mean: (-8.0, 8.0),
)  # fmt: skip
FAMILIES = {family.name: family for family in (POISSON, LOGIT, PROBIT)}
