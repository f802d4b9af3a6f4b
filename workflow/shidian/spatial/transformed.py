"""The within-transformed sample of a spatial model: lags and demeaning in the declared order (see ``models``)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from shidian.errors import EstimationError
from shidian.spatial.arrays import Balanced, Effects, check_rank, within
from shidian.spatial.weights import Weights

Model = Literal["ols", "sar", "sem", "sdm", "sac"]
MODELS: tuple[Model, ...] = ("ols", "sar", "sem", "sdm", "sac")
LeeYu = Literal["transformation", "correction", "none"]
LEE_YU: tuple[LeeYu, ...] = ("transformation", "correction", "none")
Demeaning = Literal["lag_first", "demean_first"]
CONSTANT, RHO, LAMBDA = "_cons", "rho", "lambda"


def lag_name(name: str) -> str:
    """Return the term of the spatial lag of a regressor."""
    return f"W*{name}"


@dataclass(frozen=True)
class Options:
    """How a model is estimated; see the module's docstring."""

    model: Model = "sdm"
    effects: Effects = "twoway"
    lee_yu: LeeYu = "transformation"
    demeaning: Demeaning = "lag_first"


@dataclass(frozen=True)
class Sample:
    """The transformed sample of a model: (N,) outcome and lags, (N, k) regressors and lags."""

    y: tuple[np.ndarray, np.ndarray, np.ndarray]
    X: np.ndarray
    WX: np.ndarray
    terms: tuple[str, ...]
    T: int
    n: int


def check_weights(weights: Weights, options: Options) -> None:
    """Refuse W that Lee and Yu's transformation of year effects cannot use: it needs W 1 = 1."""
    year_effects = options.effects in ("time", "twoway") and options.lee_yu == "transformation"
    if year_effects and options.model != "ols" and not weights.row_stochastic:
        islands = weights.islands
        why = f"these units have no neighbour: {', '.join(islands[:10])}" if islands else "its rows do not sum to one"
        raise EstimationError(
            f"weights ({weights.kind}): with year effects the Lee-Yu transformation needs a row-normalised W, and "
            f"{why}; row-normalise, leave islands out, or write lee_yu: correction"
        )


def transform(
    data: Balanced, weights: Weights, outcome: str, regressors: Sequence[str], lags: Sequence[str], options: Options
) -> Sample:
    """Lag and demean outcome and regressors in the declared order; check that the regressors can be estimated."""
    first = options.demeaning == "lag_first"

    def demeaned(values: np.ndarray) -> np.ndarray:
        return within(values, options.effects)

    def lag(values: np.ndarray, times: int) -> np.ndarray:
        """Q Wᵗ v, or Wᵗ Q v."""
        values = values if first else demeaned(values)
        for _ in range(times):
            values = weights.lag(values)
        return demeaned(values) if first else values

    y = data.column(outcome)
    X = [(data.column(name), 0) for name in regressors] + [(data.column(name), 1) for name in lags]
    terms = [*regressors, *(lag_name(name) for name in lags)]
    if options.effects == "none":
        X.append((np.ones_like(y), 0))
        terms.append(CONSTANT)
    columns = np.stack([lag(values, times) for values, times in X]).reshape(len(X), -1).T
    raw = np.stack([values for values, _ in X]).reshape(len(X), -1).T
    check_rank(columns, raw, terms, options.effects)
    lagged = np.stack([lag(values, times + 1) for values, times in X]).reshape(len(X), -1).T
    parts = (lag(y, 0).ravel(), lag(y, 1).ravel(), lag(y, 2).ravel())
    if np.linalg.norm(parts[0]) <= 1e-10 * np.linalg.norm(y):
        raise EstimationError(f"the outcome '{outcome}' does not vary within the {options.effects} fixed effects")
    return Sample(parts, columns, lagged, tuple(terms), len(data.years), weights.n)


def size(sample: Sample, options: Options) -> tuple[int, int, int]:
    """Return the transformed periods, the transformed observations, and whether W loses its eigenvalue one."""
    if options.lee_yu != "transformation":
        return sample.T, sample.T * sample.n, 0
    periods = sample.T - (options.effects in ("unit", "twoway"))
    year_effects = int(options.effects in ("time", "twoway"))
    return periods, periods * (sample.n - year_effects), year_effects
