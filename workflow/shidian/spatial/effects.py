"""Direct, indirect and total effects of spatial models (LeSage & Pace 2009, ch. 2), with standard errors.

``∂y/∂x_k = S_k = (I − ρW)⁻¹ (β_k I + θ_k W)``: the direct effect is the mean of its diagonal, the total effect the mean
row sum, the indirect effect (spillover) the difference. By neighbours' order, ``S_k = Σ_q ρ^q W^q (β_k I + θ_k W)``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy.linalg import lu_factor, lu_solve
from scipy.special import ndtr

from shidian.errors import EstimationError, nearest
from shidian.inference.scaled import root
from shidian.messages import say
from shidian.spatial.many_points import at_many
from shidian.spatial.models import SpatialFit
from shidian.spatial.transformed import LAMBDA, RHO, lag_name
from shidian.variance import standard_errors, usable_error, variance_reasons

KINDS = ("direct", "indirect", "total")
COLUMNS = (
    "term", "effect", "estimate", "se", "se_delta", "statistic", "p", "ci_low", "ci_high", "none", "reason",
    "reason_delta",
)  # fmt: skip
ORDER_COLUMNS = ("term", "effect", "order", "estimate", "se")
BEHIND = say("no standard error: {why}", why=say("a coefficient behind it has none"))


@dataclass(frozen=True)
class Effects:
    """Effects of each regressor.

    Attributes:
        table: term, effect (direct, indirect, total), estimate, se (simulated), se_delta, statistic, p, ci_low,
            ci_high (quantiles of the draws), none (the model sets the effect to zero), reason, and reason_delta of the
            delta method. An effect without a usable error keeps its estimate; its se, statistic, p and interval are
            nan, and ``reason`` says why.
        orders: term, effect, order (0, 1, ...), estimate, se; empty unless asked for.
        columns, by_order: what the two frames are made of once they are asked for.
        draws: draws used; ``rejected`` those outside the interval of ρ, which were left out.
    """

    columns: Mapping[str, np.ndarray]
    by_order: Sequence[Mapping[str, object]]
    draws: int
    rejected: int

    @cached_property
    def table(self) -> pd.DataFrame:
        """The effects, one a row."""
        return pd.DataFrame(dict(self.columns))

    @cached_property
    def orders(self) -> pd.DataFrame:
        """The effects by order of neighbours, one a row."""
        return pd.DataFrame(list(self.by_order), columns=list(ORDER_COLUMNS))


def effects(
    result: SpatialFit, terms: Sequence[str], draws: int = 1000, seed: int = 0, orders: int = 0, level: float = 0.95
) -> Effects:
    """Return the effects of ``terms`` (regressors of the model, not their lags).

    Standard errors come from draws of the estimates' normal distribution; row d of the draws is the same numbers
    whatever their number. The delta method checks them.

    Args:
        result: the fitted model.
        terms: regressors.
        draws: number of draws.
        seed: seed of the draws.
        orders: orders of neighbours to list, 0 for none.
        level: coverage of the interval.

    Raises:
        EstimationError: a term that the model has not; no draw inside the interval of ρ.
    """
    for term in terms:
        if term not in result.fit.terms or term in (RHO, LAMBDA):
            near = nearest(term, result.fit.terms)
            raise EstimationError(say("the model has no regressor '{name}'{nearest}", name=term, nearest=near))
    if draws < 2:
        raise EstimationError(say("standard errors of effects need two draws or more, not {n}", n=draws))
    drawn, rejected = _draw(result, draws, seed)
    rho = drawn[:, _place(result, RHO)] if RHO in result.fit.terms else np.zeros(len(drawn))
    multipliers = _Multipliers(result, min(rho.min(), result.value(RHO)), max(rho.max(), result.value(RHO)))
    m = multipliers.at(rho)
    sims = np.stack([_effects_of(drawn, result, term, m) for term in terms])
    spread = sims.var(axis=-1, ddof=1)
    bounds = _quantiles(sims, ((1 - level) / 2, (1 + level) / 2))
    at_point = multipliers.at(np.array([result.value(RHO)]))[:, 0]
    slope = multipliers.slope(result.value(RHO)) if RHO in result.fit.terms else np.zeros(4)
    unknown = [reason != "" for reason in result.fit.reasons]
    tables, parts = [], []
    for place, term in enumerate(terms):
        point, gradient = _point(result, at_point, slope, term)
        known = not any(unknown[_place(result, t)] for t in (term, lag_name(term), RHO) if t in result.fit.terms)
        variances = np.einsum("ep,pq,eq->e", gradient, result.fit.vcov, gradient)
        delta, by_delta = _errors(point, variances, known)
        se, lacking = _errors(point, spread[place], known)
        low, high = np.where([reason == "" for reason in lacking], bounds[:, place], np.nan)
        tables.append([
            [term] * len(KINDS), KINDS, point, se, delta, point / se, 2 * ndtr(-np.abs(point / se)), low, high,
            [not (g.any() or b) for g, b in zip(gradient, point, strict=True)], lacking, by_delta,
        ])  # fmt: skip
        parts += _by_order(result, drawn, multipliers, term, orders)
    columns = {name: np.concatenate(values) for name, values in zip(COLUMNS, zip(*tables, strict=True), strict=True)}
    return Effects(columns, parts, len(drawn), rejected)


def _errors(point: np.ndarray, variances: np.ndarray, known: bool) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return the errors of effects and why one has none; ``known``: every coefficient behind them has an error."""
    reasons = variance_reasons(point, variances)
    if not known:
        reasons = tuple(reason or BEHIND for reason in reasons)
    return standard_errors(variances, reasons), reasons


class _Multipliers:
    """What effects need of W as functions of ρ: mean diagonal of A⁻¹ and A⁻¹W, their mean row sums, derivatives."""

    def __init__(self, result: SpatialFit, low: float, high: float) -> None:
        self.n, self.W = result.weights.n, result.weights.matrix
        self.has_rho = RHO in result.fit.terms
        self.logdet = result.logdet.covering(low, high) if self.has_rho else result.logdet
        self.stochastic = result.weights.row_stochastic

    def at(self, rho: np.ndarray) -> np.ndarray:
        """Return (4, draws): d0 = tr A⁻¹/n, d1 = tr A⁻¹W/n, t0 = 1'A⁻¹1/n, t1 = 1'A⁻¹W1/n."""
        d1 = at_many(self.logdet.trace, rho, self.logdet.upper) / self.n if self.has_rho else np.zeros(len(rho))
        t0 = self._row_sums(rho)
        t1 = t0 if self.stochastic else self._later_sums(rho, t0)
        return np.stack([1 + rho * d1, d1, t0, t1])

    def slope(self, rho: float) -> np.ndarray:
        """Return the derivatives of ``at`` with respect to ρ."""
        d1 = float(self.logdet.trace(rho)) / self.n
        d1_slope = float(self.logdet.trace_slope(rho)) / self.n
        if self.stochastic:
            by_total = 1 / (1 - rho) ** 2
            return np.array([d1 + rho * d1_slope, d1_slope, by_total, by_total])
        factor = lu_factor(np.eye(self.n) - rho * self.W, overwrite_a=True, check_finite=False)
        lagged = self.W @ lu_solve(factor, np.ones(self.n))
        sums = lu_solve(factor, np.column_stack([lagged, self.W @ lagged])).mean(axis=0)
        return np.array([d1 + rho * d1_slope, d1_slope, *sums])

    def powers(self, orders: int) -> np.ndarray:
        """Return (orders + 1, 2): tr W^q / n and 1'W^q 1 / n for q = 0, ..., orders."""
        x, omega = np.ones(self.n), getattr(self.logdet, "omega", None)
        out, P = np.empty((orders + 1, 2)), np.eye(self.n)
        for q in range(orders + 1):
            trace = np.real((omega**q).sum()) if omega is not None else np.trace(P)
            out[q] = trace / self.n, x.mean()
            x = self.W @ x
            if omega is None:
                P = P @ self.W
        return out

    def _row_sums(self, rho: np.ndarray) -> np.ndarray:
        """Return 1'A⁻¹1/n: 1/(1 − ρ) where W 1 = 1, else by solving, for many ρ at a few nodes."""
        if self.stochastic:
            return np.asarray(1 / (1 - rho))
        return at_many(lambda points: np.array([self._solve(r) for r in points]), rho, self.logdet.upper)

    def _solve(self, rho: float) -> float:
        return float(np.linalg.solve(np.eye(self.n) - rho * self.W, np.ones(self.n)).mean())

    def _later_sums(self, rho: np.ndarray, t0: np.ndarray) -> np.ndarray:
        """Return 1'A⁻¹W1/n = (t0 − 1)/ρ, and its limit 1'W1/n at ρ = 0."""
        small = np.abs(rho) < 1e-8 * self.logdet.upper
        return np.where(small, float(self.W.sum()) / self.n, (t0 - 1) / np.where(small, 1.0, rho))


def _draw(result: SpatialFit, draws: int, seed: int) -> tuple[np.ndarray, int]:
    """Return (draws, p) draws of the coefficients, those with ρ outside its interval left out and counted."""
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(0,)))
    drawn = result.fit.coef + rng.standard_normal((draws, len(result.fit.coef))) @ root(result.fit.vcov).T
    inside = np.ones(draws, dtype=bool)
    if RHO in result.fit.terms:
        rho = drawn[:, _place(result, RHO)]
        inside = (rho > result.logdet.lower) & (rho < result.logdet.upper)
    if inside.sum() < 2:
        raise EstimationError(say("no standard errors of effects: all draws of ρ lie outside its interval"))
    rejected = int(draws - inside.sum())
    return (drawn[inside] if rejected else drawn), rejected


def _point(result: SpatialFit, m: np.ndarray, s: np.ndarray, term: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the (3,) effects and their (3, p) gradient, ``m`` and ``s`` the multipliers at ρ and their slopes."""
    beta, theta = result.value(term), result.value(lag_name(term))
    d0, d1, t0, t1 = m
    direct, total = d0 * beta + d1 * theta, t0 * beta + t1 * theta
    gradient = np.zeros((3, len(result.fit.terms)))
    gradient[:, _place(result, term)] = d0, t0 - d0, t0
    if lag_name(term) in result.fit.terms:
        gradient[:, _place(result, lag_name(term))] = d1, t1 - d1, t1
    if RHO in result.fit.terms:
        by_direct, by_total = s[0] * beta + s[1] * theta, s[2] * beta + s[3] * theta
        gradient[:, _place(result, RHO)] = by_direct, by_total - by_direct, by_total
    return np.array([direct, total - direct, total]), gradient


def _effects_of(drawn: np.ndarray, result: SpatialFit, term: str, m: np.ndarray) -> np.ndarray:
    """Return (3, draws) effects."""
    beta = drawn[:, _place(result, term)]
    lag = lag_name(term)
    theta = drawn[:, _place(result, lag)] if lag in result.fit.terms else np.zeros(len(drawn))
    direct, total = m[0] * beta + m[1] * theta, m[2] * beta + m[3] * theta
    return np.stack([direct, total - direct, total])


def _quantiles(values: np.ndarray, levels: Sequence[float]) -> np.ndarray:
    """Return (levels, ...) quantiles of (..., d) values, as np.quantile's: sorted whole, which numpy does faster."""
    ordered, last = np.sort(values, axis=-1), values.shape[-1] - 1
    found = []
    for level in levels:
        place = level * last
        below = min(int(place), last - 1)
        share, low, high = place - below, ordered[..., below], ordered[..., below + 1]
        found.append(low + (high - low) * share if share < 0.5 else high - (high - low) * (1 - share))
    return np.stack(found)


def _by_order(
    result: SpatialFit, drawn: np.ndarray, multipliers: _Multipliers, term: str, orders: int
) -> list[dict[str, object]]:
    """Return the effects by order of neighbours, order q being ρ^q W^q (βI + θW)."""
    if orders < 1:
        return []
    powers = multipliers.powers(orders + 1)
    both = np.vstack([result.fit.coef, drawn])
    beta = both[:, _place(result, term)]
    lag = lag_name(term)
    theta = both[:, _place(result, lag)] if lag in result.fit.terms else np.zeros(len(both))
    rho = both[:, _place(result, RHO)] if RHO in result.fit.terms else np.zeros(len(both))
    rows: list[dict[str, object]] = []
    for q in range(orders + 1):
        direct = rho**q * (beta * powers[q, 0] + theta * powers[q + 1, 0])
        total = rho**q * (beta * powers[q, 1] + theta * powers[q + 1, 1])
        for kind, values in zip(KINDS, (direct, total - direct, total), strict=True):
            se = usable_error(float(values[0]), float(values[1:].var(ddof=1)))
            rows.append({"term": term, "effect": kind, "order": q, "estimate": values[0], "se": se})
    return rows


def _place(result: SpatialFit, term: str) -> int:
    return result.fit.terms.index(term)
