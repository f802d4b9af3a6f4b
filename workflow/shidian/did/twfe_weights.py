"""Weights that TWFE and first differences put on the effect in each treated cell.

de Chaisemartin & D'Haultfoeuille (2020), as their TwoWayFEWeights computes them (feTR, fdTR): the coefficient is a
weighted sum of the cells' effects, some weights may be negative, and two measures say how heterogeneous effects must
be for the coefficient to have the wrong sign. Own code: diff-diff 3.13 gives feTR alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from shidian.did.within import Partialled, partial_out, require_variation
from shidian.errors import EstimationError
from shidian.inference.sample import Sample, estimation_sample, require_unit_years
from shidian.messages import say


@dataclass(frozen=True)
class TwfeWeights:
    """Weights of one estimator.

    Attributes:
        estimator: ``fe`` (two-way fixed effects) or ``fd`` (first differences).
        beta: the coefficient.
        cells: one row a treated cell: unit, year, weight; weights add up to one.
        sigma: smallest standard deviation of the effects at which beta and the average effect could have
            opposite signs: |beta| / sd(weights), the first measure with the paper's sd (N in the denominator).
        sigma_n1: the same with N-1, as the package TwoWayFEWeights prints it.
        sigma_all: smallest standard deviation at which beta and every cell's effect could have opposite signs
            (the second measure); nan when no weight is negative.
        n_obs: rows, of first differences the differences.
        rows: index in the panel of the rows behind them.
        sample: rows used and dropped.
        omitted: name of each control that could not be estimated -> the reason.
    """

    estimator: Literal["fe", "fd"]
    beta: float
    cells: pd.DataFrame
    sigma: float
    sigma_n1: float
    sigma_all: float
    n_obs: int
    rows: np.ndarray
    sample: Sample
    omitted: dict[str, str]

    @property
    def n_positive(self) -> int:
        """Cells with a positive weight."""
        return int((self.cells["weight"] > 0).sum())

    @property
    def n_negative(self) -> int:
        """Cells with a negative weight."""
        return int((self.cells["weight"] < 0).sum())

    @property
    def sum_positive(self) -> float:
        """Sum of the positive weights."""
        return float(self.cells["weight"].clip(lower=0).sum())

    @property
    def sum_negative(self) -> float:
        """Sum of the negative weights."""
        return float(self.cells["weight"].clip(upper=0).sum())


def twfe_weights(
    panel: pd.DataFrame,
    outcome: str,
    treatment: str,
    controls: Sequence[str] = (),
    estimator: Literal["fe", "fd"] = "fe",
    unit: str = "unit",
    year: str = "year",
) -> TwfeWeights:
    """Compute the weights; ``panel`` has one row a unit-year, treatment 0/1.

    First differences are taken between consecutive years of a unit, with year effects.

    Raises:
        EstimationError: treatment is not 0/1 or does not vary within units and years; the outcome does not vary within
            them; duplicated unit-years.
    """
    sample = estimation_sample(panel, [unit, year, outcome, treatment, *controls])
    data = sample.frame.assign(_row=sample.rows).sort_values([unit, year]).reset_index(drop=True)
    require_unit_years(data, say("a table of weights"), unit, year)
    D = data[treatment].to_numpy(dtype=np.float64)
    if not np.isin(D, (0, 1)).all():
        raise EstimationError(
            say("'{treatment}' is not 0/1: the weights of a binary treatment are not defined", treatment=treatment)
        )
    require_variation(data, outcome, [unit, year])
    make = _fixed_effects if estimator == "fe" else _first_differences
    part, raw, n_obs, used = make(data, outcome, treatment, controls, unit, year)
    beta, rows = _coefficient(part), data["_row"].to_numpy()[used]
    treated = D == 1
    total = raw[treated].sum()
    weight = raw[treated] / total
    kept = np.abs(weight) > 1e-10
    cells = data.loc[treated, [unit, year]].assign(weight=weight)[kept].reset_index(drop=True)
    omitted = dict(part.omitted)
    if estimator == "fd":
        omitted = {name: say("in first differences {why}", why=why) for name, why in omitted.items()}
    return TwfeWeights(estimator, beta, cells, *_sensitivity(beta, weight), n_obs, rows, sample, omitted)


def _partialled(
    frame: pd.DataFrame, outcome: str, treatment: str, controls: Sequence[str], fixed_effects: Sequence[str]
) -> Partialled:
    """Partial the effects out of outcome, treatment and controls; controls that they absorb are left out."""
    part = partial_out(frame, outcome, [treatment, *controls], fixed_effects)
    if treatment in part.omitted:
        raise EstimationError(
            say("'{treatment}' does not vary beyond the fixed effects and controls", treatment=treatment)
        )
    return part


def _residual(part: Partialled) -> np.ndarray:
    """Return treatment after partialling out the controls too; these have unit length, as least squares judges rank."""
    D, X = part.X[:, 0], part.X[:, 1:]
    if not X.shape[1]:
        return np.asarray(D)
    Q = np.linalg.qr(X / np.linalg.norm(X, axis=0))[0]
    return np.asarray(D - Q @ (Q.T @ D))


def _coefficient(part: Partialled) -> float:
    e = _residual(part)
    return float(e @ part.y / (e @ e))


def _fixed_effects(
    data: pd.DataFrame, outcome: str, treatment: str, controls: Sequence[str], unit: str, year: str
) -> tuple[Partialled, np.ndarray, int, np.ndarray]:
    """Return the regression, the unscaled weights (residuals of treatment on effects and controls, Theorem 1), N, the
    rows used."""
    part = _partialled(data, outcome, treatment, controls, [unit, year])
    return part, _residual(part), len(data), np.ones(len(data), dtype=bool)


def _first_differences(
    data: pd.DataFrame, outcome: str, treatment: str, controls: Sequence[str], unit: str, year: str
) -> tuple[Partialled, np.ndarray, int, np.ndarray]:
    """Return the differenced regression, the unscaled weights e_t - e_{t+1} (Theorem S2), N, the rows used."""
    names = [outcome, treatment, *controls]
    values = data[names].to_numpy(dtype=np.float64)
    units, years = data[unit].to_numpy(), data[year].to_numpy()
    follows = np.r_[False, (units[1:] == units[:-1]) & (years[1:] == years[:-1] + 1)]
    if not follows.any():
        raise EstimationError(say("no unit is observed in two consecutive years: no first differences"))
    change = values[follows] - values[np.flatnonzero(follows) - 1]
    frame = pd.DataFrame(change, columns=names).assign(**{year: years[follows]})
    part = _partialled(frame, outcome, treatment, controls, [year])
    e = np.zeros(len(data))
    e[follows] = _residual(part)
    following = np.zeros(len(data))
    following[:-1][follows[1:]] = e[1:][follows[1:]]
    return part, e - following, int(follows.sum()), follows | np.r_[follows[1:], False]


def _sensitivity(beta: float, weight: np.ndarray) -> tuple[float, float, float]:
    """Return the measures of Corollary 1: |beta| / sd(w) with N and N-1, and that for effects all of the other sign."""
    n = len(weight)
    share = np.full(n, 1 / n)
    w = weight * float(n)  # averages one over treated cells
    if not np.ptp(w) > 0:
        return float("nan"), float("nan"), float("nan")
    sigma, sigma_n1 = abs(beta) / float(np.std(w)), abs(beta) / float(np.std(w, ddof=1))
    if not (w < 0).any():
        return sigma, sigma_n1, float("nan")
    order = np.argsort(-w, kind="stable")
    w, share = w[order], share[order]
    P = np.cumsum(share[::-1])[::-1]
    S = np.cumsum((share * w)[::-1])[::-1]
    T = np.cumsum((share * w**2)[::-1])[::-1]
    inside = P < 1
    s = int(np.flatnonzero(inside & (w * (1 - P) < -S))[0])
    return sigma, sigma_n1, abs(beta) / float(np.sqrt(T[s] + S[s] ** 2 / (1 - P[s])))
