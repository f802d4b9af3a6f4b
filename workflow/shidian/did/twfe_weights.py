"""Weights that TWFE and first differences put on the effect in each treated cell.

de Chaisemartin & D'Haultfoeuille (2020), as their TwoWayFEWeights computes them (feTR, fdTR): the coefficient is a
weighted sum of the cells' effects, some weights may be negative, and two measures say how heterogeneous effects must
be for the coefficient to have the wrong sign. Own code: diff-diff 3.13 gives feTR alone.

Rows may have weights, the paper's numbers of observations N_gt of cells: the coefficient is that of the weighted
regression, and a cell's natural share, by which the measures average, is that of its weight.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from shidian.did.within import Partialled, partial_out, require_variation
from shidian.errors import EstimationError
from shidian.inference.sample import Sample, estimation_sample, require_unit_years
from shidian.inference.weights import Weighting, WeightingLike, no_frequency
from shidian.messages import say

ROW_WEIGHT = "_row_weight"
"""Column with the weights of rows, of mean one, where rows have some."""


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
    weights: WeightingLike = None,
) -> TwfeWeights:
    """Compute the weights; ``panel`` has one row a unit-year, treatment 0/1.

    First differences are taken between consecutive years of a unit, with year effects; a difference has the weight of
    its later row.

    Raises:
        EstimationError: treatment is not 0/1 or does not vary within units and years; the outcome does not vary within
            them; duplicated unit-years; frequencies, or a weight that is none.
    """
    weighting = no_frequency(Weighting.parse(weights), say("a table of weights"))
    sample = estimation_sample(panel, [unit, year, outcome, treatment, *controls], weighting=weighting)
    own = {} if sample.weights is None else {ROW_WEIGHT: sample.weights}
    data = sample.frame.assign(_row=sample.rows, **own).sort_values([unit, year]).reset_index(drop=True)
    require_unit_years(data, say("a table of weights"), unit, year)
    D = data[treatment].to_numpy(dtype=np.float64)
    if not np.isin(D, (0, 1)).all():
        raise EstimationError(
            say("'{treatment}' is not 0/1: the weights of a binary treatment are not defined", treatment=treatment)
        )
    require_variation(data, outcome, [unit, year])
    make = _fixed_effects if estimator == "fe" else _first_differences
    part, raw, n_obs, used = make(data, outcome, treatment, controls, unit, year)
    rows, e = data["_row"].to_numpy()[used], _residual(part)
    beta = float(e @ part.y / (e @ e))
    treated = D == 1
    total = raw[treated].sum()
    weight = raw[treated] / total
    kept = np.abs(weight) > 1e-10
    cells = data.loc[treated, [unit, year]].assign(weight=weight)[kept].reset_index(drop=True)
    omitted = dict(part.omitted)
    if estimator == "fd":
        omitted = {name: say("in first differences {why}", why=why) for name, why in omitted.items()}
    natural = data.loc[treated, ROW_WEIGHT].to_numpy() if weighting else np.ones(len(weight))
    measures = _sensitivity(beta, weight, natural / natural.sum())
    return TwfeWeights(estimator, beta, cells, *measures, n_obs, rows, sample, omitted)


def _partialled(
    frame: pd.DataFrame, outcome: str, treatment: str, controls: Sequence[str], fixed_effects: Sequence[str]
) -> Partialled:
    """Partial the effects out of outcome, treatment and controls; controls that they absorb are left out.

    Rows with weights come back times the roots of their weights.
    """
    w = frame[ROW_WEIGHT].to_numpy(dtype=np.float64) if ROW_WEIGHT in frame else None
    part = partial_out(frame, outcome, [treatment, *controls], fixed_effects, w)
    if treatment in part.omitted:
        raise EstimationError(
            say("'{treatment}' does not vary beyond the fixed effects and controls", treatment=treatment)
        )
    root = roots_of(frame)
    return part if w is None else replace(part, X=part.X * root[:, None], y=part.y * root)


def roots_of(frame: pd.DataFrame) -> np.ndarray:
    """Return the (n,) roots of the rows' weights, ones where they have none."""
    return np.sqrt(frame[ROW_WEIGHT].to_numpy(dtype=np.float64)) if ROW_WEIGHT in frame else np.ones(len(frame))


def _residual(part: Partialled) -> np.ndarray:
    """Return treatment after partialling out the controls too; these have unit length, as least squares judges rank."""
    D, X = part.X[:, 0], part.X[:, 1:]
    if not X.shape[1]:
        return np.asarray(D)
    Q = np.linalg.qr(X / np.linalg.norm(X, axis=0))[0]
    return np.asarray(D - Q @ (Q.T @ D))


def _fixed_effects(
    data: pd.DataFrame, outcome: str, treatment: str, controls: Sequence[str], unit: str, year: str
) -> tuple[Partialled, np.ndarray, int, np.ndarray]:
    """Return the regression, the unscaled weights (residuals of treatment on effects and controls, times the rows'
    weights, Theorem 1), N, the rows used."""
    part = _partialled(data, outcome, treatment, controls, [unit, year])
    return part, _residual(part) * roots_of(data), len(data), np.ones(len(data), dtype=bool)


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
    if ROW_WEIGHT in data:
        frame = frame.assign(**{ROW_WEIGHT: data[ROW_WEIGHT].to_numpy()[follows]})
    part = _partialled(frame, outcome, treatment, controls, [year])
    e = np.zeros(len(data))
    e[follows] = _residual(part) * roots_of(frame)
    following = np.zeros(len(data))
    following[:-1][follows[1:]] = e[1:][follows[1:]]
    return part, e - following, int(follows.sum()), follows | np.r_[follows[1:], False]


def _sensitivity(beta: float, weight: np.ndarray, share: np.ndarray) -> tuple[float, float, float]:
    """Return the measures of Corollary 1: |beta| / sd(w) with N and N-1, and that for effects all of the other sign.

    ``share`` are the natural shares of the treated cells, which sum to one.
    """
    n = len(weight)
    equal = not np.ptp(share) > 0
    w = weight * float(n) if equal else weight / share  # averages one over treated cells
    if not np.ptp(w) > 0:
        return float("nan"), float("nan"), float("nan")
    sd, sd_n1 = float(np.std(w)), float(np.std(w, ddof=1))
    if not equal:
        sd = float(np.sqrt(share @ (w - 1) ** 2))
        sd_n1 = sd * float(np.sqrt(n / (n - 1)))
    sigma, sigma_n1 = abs(beta) / sd, abs(beta) / sd_n1
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
