"""Pseudo-samples of a frontier: its units placed on it, and moved inwards again by drawn inefficiencies.

``Sampler`` draws them from the smoothed distribution of all units (Simar & Wilson 1998), which takes inefficiency to
have nothing to do with what a unit is. ``GivenRegressors`` draws each unit's given a regression, as Algorithm 2 of
Simar & Wilson (2007): units that are near the frontier stay near it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from shidian.efficiency import distance
from shidian.efficiency.engines import Engine
from shidian.efficiency.technology import Technology
from shidian.errors import EstimationError
from shidian.messages import say

INSIDE = 1e-9
"""Share of its own column in a solution from which a unit lies outside the pseudo-technology."""

Regressed = Callable[[pd.DataFrame], tuple[np.ndarray, float]]
"""Unit, year and inefficiency ``u`` of each row -> fitted inefficiency, nan of rows that the regression leaves out, and
the standard deviation around it."""


@dataclass(frozen=True)
class Sampler:
    """Draws pseudo-samples of one frontier: points (n, K) on it, u (n,) inefficiencies, and how they move a point."""

    points: np.ndarray
    u: np.ndarray
    bandwidth: float
    direction: np.ndarray

    def draw(self, rng: np.random.Generator) -> np.ndarray:
        """Return (K, n) pseudo-data."""
        n = len(self.u)
        spread = np.sqrt(np.mean(self.u**2))  # standard deviation of the sample reflected at zero
        shrink = 1.0 / np.sqrt(1.0 + (self.bandwidth / spread) ** 2) if spread > 0 else 1.0
        picked = self.u[rng.integers(0, n, n)] * np.where(rng.random(n) < 0.5, -1.0, 1.0)
        u = np.abs(shrink * (picked + self.bandwidth * rng.standard_normal(n)))
        return np.ascontiguousarray((self.points / shares(u, self.direction)).T)


def shares(u: np.ndarray, direction: np.ndarray) -> np.ndarray:
    """Return (n, K) what a frontier point's values are as shares of the values of a unit with inefficiency u.

    ``direction`` (K,) is -1 for variables that shrink towards the frontier, 1 for those that grow, 0 for others:
    1 - beta, 1 + beta and 1 with beta = 1 - exp(-u); where nothing shrinks, beta = exp(u) - 1.
    """
    beta = 1.0 - np.exp(-u) if (direction < 0).any() else np.exp(u) - 1.0
    return 1.0 + beta[:, None] * direction


def silverman(u: np.ndarray) -> float:
    """Return the bandwidth 0.9 min(s, IQR / 1.34) m^(-1/5) of u reflected at zero, m = 2 n (Silverman 1986)."""
    reflected = np.concatenate([-u, u])
    quartiles = np.quantile(reflected, [0.25, 0.75])
    width = min(float(np.std(reflected)), float(quartiles[1] - quartiles[0]) / 1.34)
    return 0.9 * (width or float(np.std(reflected))) * len(reflected) ** -0.2


def sampler(
    technology: Technology,
    rows: np.ndarray,
    returns: Any,
    orientation: str,
    bandwidth: float | None,
    engine: Engine,
) -> Sampler:
    """Place the units of a frontier on it."""
    counts = technology.counts
    is_input = np.arange(len(counts.sign)) < counts.inputs
    counted = np.where(is_input, orientation != "output", orientation != "input")
    direction = np.where(counted, -counts.sign, 0.0)
    values = technology.values[rows]
    beta = distance.proportional(values, counts, returns, counted.astype(float), engine)
    if np.isnan(beta).any():
        raise EstimationError(say("the bootstrap needs all distances to the frontier; some could not be certified"))
    u = -np.log1p(-beta) if (direction < 0).any() else np.log1p(beta)
    u[u < INSIDE] = 0.0
    return Sampler(values * shares(u, direction), u, silverman(u) if bandwidth is None else bandwidth, direction)


@dataclass(frozen=True)
class GivenRegressors:
    """Draws pseudo-samples of one frontier: points (n, K) on it, inefficiency around ``fitted`` (n,), cut off at 0."""

    points: np.ndarray
    fitted: np.ndarray
    spread: float
    direction: np.ndarray

    def draw(self, rng: np.random.Generator) -> np.ndarray:
        """Return (K, n) pseudo-data; u = fitted + spread e, e standard normal given u >= 0, by inversion."""
        u = np.maximum(self.fitted, 0.0)
        if self.spread > 0:
            at = self.fitted / self.spread
            above = (1.0 - rng.random(len(at))) * ndtr(at)  # probability of more than what is drawn
            u = np.maximum(self.fitted - self.spread * ndtri(above), 0.0)
        return np.ascontiguousarray((self.points / shares(u, self.direction)).T)


def given_regressors(
    parts: list[Sampler], rows: list[np.ndarray], technology: Technology, regress: Regressed
) -> list[GivenRegressors]:
    """Return the samplers of all frontiers given one regression of inefficiency; rows that it leaves out keep theirs.

    Args:
        parts: sampler of each frontier; rows: the rows of the technology that it places.
        regress: the regression.
    """
    at, u = np.concatenate(rows), np.concatenate([part.u for part in parts])
    fitted, spread = regress(pd.DataFrame({"unit": technology.unit[at], "year": technology.year[at], "u": u}))
    fitted = np.where(np.isnan(fitted), u, fitted)
    ends = np.cumsum([len(part.u) for part in parts])[:-1]
    return [
        GivenRegressors(part.points, own, spread, part.direction)
        for part, own in zip(parts, np.split(fitted, ends), strict=True)
    ]
