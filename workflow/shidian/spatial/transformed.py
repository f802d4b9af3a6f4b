"""The within-transformed sample of a spatial model: lags and demeaning in the declared order (see ``models``)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from shidian.errors import EstimationError
from shidian.messages import say
from shidian.spatial.arrays import Balanced, Effects, check_rank, effects_words, within
from shidian.spatial.weights import MOST_NAMED, Weights

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

    @property
    def has_rho(self) -> bool:
        """Whether the outcome's lag is in the model."""
        return self.model in ("sar", "sdm", "sac")

    @property
    def has_lam(self) -> bool:
        """Whether the error's lag is in the model."""
        return self.model in ("sem", "sac")


@dataclass(frozen=True)
class Sample:
    """The transformed sample of a model.

    Attributes:
        y: (N,) outcome, its lag, and in SAC the lag's lag.
        X: (N, k) regressors; ``WX`` their lags, None where errors have no lag.
        terms: names of the regressors.
        T: years; ``n`` units.
    """

    y: tuple[np.ndarray, ...]
    X: np.ndarray
    WX: np.ndarray | None
    terms: tuple[str, ...]
    T: int
    n: int

    def filtered(self, rho: float, lam: float) -> tuple[np.ndarray, np.ndarray]:
        """Return (I − λW)(I − ρW) y and (I − λW) X."""
        y = self.y[0] - (rho + lam) * self.y[1]
        if len(self.y) == 3:
            y = y + rho * lam * self.y[2]
        return y, self.X if self.WX is None else self.X - lam * self.WX


def check_weights(weights: Weights, options: Options) -> None:
    """Refuse W that Lee and Yu's transformation of year effects cannot use: it needs W 1 = 1."""
    year_effects = options.effects in ("time", "twoway") and options.lee_yu == "transformation"
    if year_effects and options.model != "ols" and not weights.row_stochastic:
        islands = weights.islands
        why = say("its rows do not sum to one")
        if islands:
            why = say("these units have no neighbour: {units}", units=islands[:MOST_NAMED])
        raise EstimationError(
            say(
                "weights ({kind}): with year effects the Lee-Yu transformation needs a row-normalised W, and {why}; "
                "row-normalise, leave islands out, or write lee_yu: correction",
                kind=weights.kind,
                why=why,
            )
        )


def transform(
    data: Balanced, weights: Weights, outcome: str, regressors: Sequence[str], lags: Sequence[str], options: Options
) -> Sample:
    """Lag and demean outcome and regressors in the declared order; check that the regressors can be estimated.

    The order concerns the lags of the model, those of y and of the error: with ``demean_first`` W is applied to
    demeaned columns. The terms WX are regressors like any other, made from the data and then demeaned, Q(WX), in both
    orders.
    """
    y = data.column(outcome)
    constant = [CONSTANT] if options.effects == "none" else []
    terms = [*regressors, *(lag_name(name) for name in lags), *constant]
    own = [data.column(name) for name in regressors]
    lagged = [weights.lag(data.column(name)) for name in lags]
    raw = np.stack([y, *own, *lagged, *(np.ones_like(y) for _ in constant)])

    def demeaned(values: np.ndarray) -> np.ndarray:
        return within(values, options.effects)

    first = options.demeaning == "lag_first"
    powers = [raw if first else demeaned(raw)]
    powers.append(weights.lag(powers[0] if options.has_lam else powers[0][:1]))
    if options.has_lam and options.has_rho:
        powers.append(weights.lag(powers[1][:1]))
    powers = [demeaned(values) for values in powers] if first else powers

    def matrix(values: np.ndarray) -> np.ndarray:
        """Return the regressors among (1 + k, T, n) columns as (N, k)."""
        return np.asarray(values[1:].reshape(len(terms), -1).T)

    X = matrix(powers[0])
    check_rank(X, matrix(raw), terms, options.effects)
    if np.linalg.norm(powers[0][0]) <= 1e-10 * np.linalg.norm(y):
        raise EstimationError(
            say(
                "the outcome '{outcome}' does not vary within the {effects} fixed effects",
                outcome=outcome,
                effects=effects_words(options.effects),
            )
        )
    parts = tuple(values[0].ravel() for values in powers)
    WX = matrix(powers[1]) if options.has_lam else None
    return Sample(parts, X, WX, tuple(terms), len(data.years), weights.n)


def size(sample: Sample, options: Options) -> tuple[int, int, int]:
    """Return the transformed periods, the transformed observations, and whether W loses its eigenvalue one."""
    if options.lee_yu != "transformation":
        return sample.T, sample.T * sample.n, 0
    periods = sample.T - (options.effects in ("unit", "twoway"))
    year_effects = int(options.effects in ("time", "twoway"))
    return periods, periods * (sample.n - year_effects), year_effects
