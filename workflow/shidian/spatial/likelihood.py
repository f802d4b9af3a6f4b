"""The likelihood of spatial panel models, concentrated over β and σ², and its maximum over ρ and λ.

    (I − ρW) y_t = X_t β + W X_t θ + μ + λ_t 1 + u_t,   (I − λW) u_t = ε_t

SAR and SDM have λ = 0, SEM ρ = 0, SAC both (Elhorst 2014, ch. 3; Lee & Yu 2010). Given (ρ, λ) the rest is least
squares, so everything that the maximisation needs of N rows is the triangular factor of a QR decomposition.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.linalg.lapack import dgels
from scipy.optimize import brentq, minimize, root

from shidian.errors import EstimationError
from shidian.messages import say
from shidian.spatial.logdet import LogDeterminant
from shidian.spatial.transformed import Sample

GRID = 25
BOUNDARY = 1e-4
"""A parameter nearer to the end of its interval than this share of it is reported as lying on the boundary."""


@dataclass(frozen=True)
class Point:
    """Least squares at one (ρ, λ): coefficients, sum of squares, and its derivatives."""

    coef: np.ndarray
    ssr: float
    d_rho: float
    d_lam: float


class Concentrated:
    """Concentrated log-likelihood in (ρ, λ) of one model on one transformed sample.

    Args:
        sample: the transformed sample.
        logdet: ln|I − ρW|.
        shape: transformed periods m that multiply the log-determinant (T, or T − 1 after Lee & Yu's transformation);
            transformed observations (nT, or (n − 1)(T − 1), ...); 1 where the log-determinant is that of the
            transformed W, ln|I − ρW| − ln(1 − ρ), else 0.
        has_rho: whether ρ is a parameter; ``has_lam`` whether λ is.
    """

    def __init__(
        self,
        sample: Sample,
        logdet: LogDeterminant,
        shape: tuple[float, float, int],
        has_rho: bool,
        has_lam: bool,
    ) -> None:
        self.k, self.n_y = sample.X.shape[1], len(sample.y)
        lagged = () if sample.WX is None else (sample.WX,)
        self.norms = np.linalg.norm(sample.X, axis=0)
        R: np.ndarray = np.linalg.qr(np.column_stack([*sample.y, sample.X, *lagged]), mode="r")  # type: ignore[assignment]
        self.Ry, self.RX = R[:, : self.n_y], R[:, self.n_y : self.n_y + self.k] / self.norms
        self.RWX = R[:, self.n_y + self.k :] / self.norms if lagged else np.zeros_like(self.RX)
        self.logdet, (self.periods, self.n_eff, self.less) = logdet, shape
        self.has_rho, self.has_lam = has_rho, has_lam

    def at(self, rho: float, lam: float) -> Point:
        """Return the least-squares solution at (ρ, λ); derivatives by the envelope theorem."""
        y0, y1 = self.Ry[:, 0], self.Ry[:, 1]
        both = self.Ry[:, 2] if self.n_y == 3 else np.zeros_like(y0)
        y = y0 - (rho + lam) * y1 + rho * lam * both
        X = self.RX - lam * self.RWX if self.has_lam else self.RX
        scaled = dgels(X, y)[1][: self.k]  # by QR; numpy's own costs thirty times as much on so few rows
        e = y - X @ scaled
        d_rho = 2 * float(e @ (-y1 + lam * both))
        d_lam = 2 * float(e @ (-y1 + rho * both + self.RWX @ scaled))
        return Point(scaled / self.norms, float(e @ e), d_rho, d_lam)

    def value(self, rho: float, lam: float, point: Point | None = None) -> float:
        """Return the log-likelihood concentrated over β and σ²; ``point`` = the least squares there where known."""
        ssr, n = (point or self.at(rho, lam)).ssr, self.n_eff
        value = -n / 2 * (np.log(2 * np.pi * ssr / n) + 1)
        return float(value + self._jacobians(np.asarray(rho), np.asarray(lam)))

    def values(self, rho: np.ndarray, lam: np.ndarray) -> np.ndarray:
        """Return ``value`` at (g,) points at once, accurate enough to choose among them."""
        both = self.Ry[:, 2] if self.n_y == 3 else np.zeros(len(self.Ry))
        y = self.Ry[:, 0] - (rho + lam)[:, None] * self.Ry[:, 1] + (rho * lam)[:, None] * both
        X = self.RX - lam[:, None, None] * self.RWX if self.has_lam else self.RX
        explained = np.linalg.qr(X)[0].swapaxes(-1, -2) @ y[..., None]
        ssr = (y**2).sum(axis=-1) - (explained[..., 0] ** 2).sum(axis=-1)
        least = np.finfo(np.float64).tiny  # rounding can make the ssr of a perfect fit negative
        value = -self.n_eff / 2 * (np.log(2 * np.pi * np.maximum(ssr, least) / self.n_eff) + 1)
        return np.asarray(value + self._jacobians(rho, lam))

    def score(self, rho: float, lam: float) -> tuple[float, float]:
        """Return the derivatives of ``value`` with respect to ρ and λ."""
        point = self.at(rho, lam)
        fit = -self.n_eff / (2 * point.ssr)
        return (
            fit * point.d_rho - (self._pull(rho) if self.has_rho else 0.0),
            fit * point.d_lam - (self._pull(lam) if self.has_lam else 0.0),
        )

    def _jacobians(self, rho: np.ndarray, lam: np.ndarray) -> np.ndarray:
        parts = [self._jacobian(x) for x, has in ((rho, self.has_rho), (lam, self.has_lam)) if has]
        return sum(parts, start=np.zeros_like(rho, dtype=np.float64))

    def _jacobian(self, rho: np.ndarray) -> np.ndarray:
        less = np.log1p(-rho) if self.less else 0.0
        return np.asarray(self.periods * (self.logdet.value(rho) - less))

    def _pull(self, rho: float) -> float:
        less = 1 / (1 - rho) if self.less else 0.0
        return float(self.periods * (self.logdet.trace(rho) - less))


def maximise(likelihood: Concentrated) -> tuple[float, float]:
    """Return the (ρ, λ) that maximise the likelihood: the best point of a grid, then the root of the score.

    Bounded minimisation of the likelihood stops near 1e-8 of the maximiser; the score's root is exact.

    Raises:
        EstimationError: the maximum lies on the boundary of the parameter's interval.
    """
    if not (likelihood.has_rho or likelihood.has_lam):
        return 0.0, 0.0
    grid = _grid(likelihood)
    if likelihood.has_rho and likelihood.has_lam:
        return _maximise_both(likelihood, grid)
    name = "ρ" if likelihood.has_rho else "λ"
    order = 0 if likelihood.has_rho else 1

    def pair(x: float) -> tuple[float, float]:
        return (x, 0.0) if order == 0 else (0.0, x)

    zero = np.zeros(len(grid))
    best = int(np.argmax(likelihood.values(*((grid, zero) if order == 0 else (zero, grid)))))
    low, high = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]

    @cache  # the root finder asks for the ends again
    def slope(x: float) -> float:
        return likelihood.score(*pair(x))[order]

    if not slope(low) > 0 > slope(high):
        raise _boundary(name, grid[best], likelihood.logdet)
    return pair(float(brentq(slope, low, high, xtol=1e-14 * likelihood.logdet.upper, rtol=1e-14)))


def polish(likelihood: Concentrated, rho: float, lam: float, half: float) -> tuple[float, float]:
    """Return the root of the score within ``half`` of (ρ, λ), where the likelihood is near its maximum.

    Raises:
        EstimationError: there is none, so that the determinant's first interpolation was too coarse.
    """
    if likelihood.has_rho and likelihood.has_lam:
        found = _root_of_both(likelihood, np.array([rho, lam]))
        if np.abs(found - [rho, lam]).max() < half:
            return float(found[0]), float(found[1])
    else:
        order, center = (0, rho) if likelihood.has_rho else (1, lam)

        def slope(x: float) -> float:
            return likelihood.score(*((x, 0.0) if order == 0 else (0.0, x)))[order]

        if slope(center - half) > 0 > slope(center + half):
            x = float(brentq(slope, center - half, center + half, xtol=1e-14 * likelihood.logdet.upper, rtol=1e-14))
            return (x, 0.0) if order == 0 else (0.0, x)
    raise EstimationError(
        say(
            "the maximum of the likelihood near ρ = {rho:.4f}, λ = {lam:.4f} cannot be refined: the determinant of "
            "these weights is not smooth enough for interpolation; use fewer units or weights with a cut-off",
            rho=rho,
            lam=lam,
        )
    )


def _maximise_both(likelihood: Concentrated, grid: np.ndarray) -> tuple[float, float]:
    """SAC: the likelihood may have several maxima, so the best of a coarse grid starts the search.

    ρ and λ are measured by the end of their interval, so that the unit of W does not matter.
    """
    coarse, end = grid[::2], likelihood.logdet.upper
    values = likelihood.values(np.repeat(coarse, len(coarse)), np.tile(coarse, len(coarse)))
    i, j = divmod(int(np.argmax(values)), len(coarse))
    bounds = [(grid[0] / end, grid[-1] / end)] * 2
    found = end * minimize(
        lambda x: -likelihood.value(*(end * x)), np.array([coarse[i], coarse[j]]) / end, method="L-BFGS-B",
        bounds=bounds, jac=lambda x: -end * np.array(likelihood.score(*(end * x))),
        options={"ftol": 1e-15, "gtol": 1e-9},
    ).x  # fmt: skip
    for name, x in zip("ρλ", found, strict=True):
        if not grid[0] < x < grid[-1]:
            raise _boundary(name, x, likelihood.logdet)
    polished = _root_of_both(likelihood, found)
    best = polished if np.abs(polished - found).max() < 1e-3 * end else found
    return float(best[0]), float(best[1])


def _root_of_both(likelihood: Concentrated, start: np.ndarray) -> np.ndarray:
    """Return the (ρ, λ) near ``start`` at which both scores are zero."""
    end = likelihood.logdet.upper
    found = root(lambda x: end * np.array(likelihood.score(*(end * x))), start / end, tol=1e-13)
    return np.asarray(end * found.x)


def _grid(likelihood: Concentrated) -> np.ndarray:
    """Return points of the open interval, denser towards its ends, where estimates of close neighbours lie."""
    low, high = likelihood.logdet.lower, likelihood.logdet.upper
    middle, half = (low + high) / 2, (high - low) / 2 * (1 - BOUNDARY)
    return middle - half * np.cos(np.linspace(0, np.pi, GRID))


def _boundary(name: str, value: float, logdet: LogDeterminant) -> EstimationError:
    return EstimationError(
        say(
            "the likelihood is highest at the boundary: {name} = {value:.4g} in ({low:.4g}, {high:.4g}); the spatial "
            "dependence is not identified with these weights (a common trend left in the outcome? too many "
            "neighbours?)",
            name=name,
            value=value,
            low=logdet.lower,
            high=logdet.upper,
        )
    )
