"""Random unit effects by feasible GLS: the variance components of Swamy & Arora (1972), as Stata's ``xtreg, re``.

σ_e² is that of the within regression; σ_u² = max(0, SSR_B/(n − K_B) − σ_e²/T̄) with SSR_B the sum of squares of the
regression of unit means and T̄ the harmonic mean of the units' rows ([XT] xtreg, Methods and formulas; plm's ``random``
where the panel is balanced). Fixed effects other than the unit's enter as dummies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from shidian.did.twfe import CONSTANT, regress
from shidian.did.within import independent_columns, numbers
from shidian.errors import EstimationError
from shidian.inference.sample import estimation_sample
from shidian.messages import say

MOST_DUMMIES = 500
"""Levels of the other fixed effects beyond which dummies would cost more than the test is worth."""


@dataclass(frozen=True)
class QuasiDemeaned:
    """The sample of a random-effects regression, each column less a share θ of its unit mean.

    Attributes:
        frame: rows of the sample.
        y: (N,) outcome.
        columns: regressor, dummy or constant -> (N,) values.
        raw: the same before.
        theta: (N,) shares.
        sigma_e: standard deviation of the disturbances; ``sigma_u`` of the unit effects.
        within: names of the regressors that vary within units.
    """

    frame: pd.DataFrame
    y: np.ndarray
    columns: Mapping[str, np.ndarray]
    raw: Mapping[str, np.ndarray]
    theta: np.ndarray
    sigma_e: float
    sigma_u: float
    within: tuple[str, ...]

    def starred(self, column: np.ndarray) -> np.ndarray:
        """Return a further column less the same shares of its unit means."""
        return column - self.theta * unit_means(column, self.frame["_unit"].to_numpy())


def quasi_demean(
    panel: pd.DataFrame, outcome: str, regressors: Sequence[str], others: Sequence[str], unit: str = "unit",
    keep: Sequence[str] = (),
) -> QuasiDemeaned:  # fmt: skip
    """Return the sample of the regression with random unit effects, quasi-demeaned by its variance components.

    Args:
        panel: one row a unit-year.
        outcome: outcome.
        regressors: regressors, those that do not vary within units included.
        others: fixed effects beside the unit's, entered as dummies.
        unit: column of the units.
        keep: further columns without missing values, such as clusters.

    Raises:
        EstimationError: a within regression that cannot be estimated, too few units, too many dummies.
    """
    sample = estimation_sample(panel, [outcome, *regressors, *keep], [unit, *others])
    within = regress(sample.frame, outcome, regressors, [unit, *others], "iid", "areg", unit)
    frame = sample.frame.assign(_unit=pd.factorize(sample.frame[unit], sort=True)[0])
    raw = _independent(_columns(frame, regressors, others))
    y, codes = numbers(frame, outcome), frame["_unit"].to_numpy()
    e2 = float(within.residuals @ within.residuals) / (len(y) - within.fit.extra["n_parameters"])
    u2 = max(0.0, _between(y, raw, codes) - e2 * float(np.mean(1 / np.bincount(codes))))
    rows = np.bincount(codes)[codes]
    theta = 1 - np.sqrt(e2 / (rows * u2 + e2)) if e2 > 0 else np.ones(len(y))
    starred = {name: x - theta * unit_means(x, codes) for name, x in raw.items()}
    return QuasiDemeaned(
        frame, y - theta * unit_means(y, codes), starred, raw, theta, float(np.sqrt(e2)), float(np.sqrt(u2)),
        tuple(term for term in within.fit.terms),
    )  # fmt: skip


def unit_means(column: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Return the mean of each row's unit, of codes 0 to n − 1."""
    return np.asarray((np.bincount(codes, column) / np.bincount(codes))[codes])


def least_squares(columns: Mapping[str, np.ndarray], y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return coefficients, residuals and the (N, k) matrix; columns brought to unit length, as units do not matter."""
    X = np.column_stack(list(columns.values()))
    norms = np.linalg.norm(X, axis=0)
    Q, R = np.linalg.qr(X / norms)
    coef = np.linalg.solve(R, Q.T @ y) / norms
    return coef, y - X @ coef, X


def _columns(frame: pd.DataFrame, regressors: Sequence[str], others: Sequence[str]) -> dict[str, np.ndarray]:
    """Return the constant, the regressors and the dummies of the other effects, without their first level."""
    columns = {CONSTANT: np.ones(len(frame))} | {name: numbers(frame, name) for name in regressors}
    levels = {effect: pd.factorize(frame[effect], sort=True)[0] for effect in others}
    if sum(int(code.max()) for code in levels.values()) > MOST_DUMMIES:
        raise EstimationError(
            say("the other fixed effects have more than {most} levels: too many dummies beside them", most=MOST_DUMMIES)
        )
    for effect, code in levels.items():
        columns |= {f"{effect}={level}": (code == level).astype(float) for level in range(1, int(code.max()) + 1)}
    return columns


def _independent(columns: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    X = np.column_stack(list(columns.values()))
    kept = independent_columns(X, np.empty((len(X), 0)))
    return {name: column for j, (name, column) in enumerate(columns.items()) if j in kept}


def _between(y: np.ndarray, columns: Mapping[str, np.ndarray], codes: np.ndarray) -> float:
    """Return SSR_B/(n − K_B) of the regression of unit means."""
    first = np.unique(codes, return_index=True)[1]
    means = _independent({name: unit_means(x, codes)[first] for name, x in columns.items()})
    if len(first) <= len(means):
        raise EstimationError(
            say("{n} units cannot tell {k} coefficients of their means apart", n=len(first), k=len(means))
        )
    _, residuals, _ = least_squares(means, unit_means(y, codes)[first])
    return float(residuals @ residuals) / (len(first) - len(means))
