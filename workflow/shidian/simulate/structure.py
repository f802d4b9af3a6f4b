"""Structural equations: an outcome with unit effects, year effects, planted coefficients and a disturbance.

``y_it = mu_i + lambda_t + sum_k b_k x_kit + e_it``. The unit effects are chosen so that the outcome has the printed
mean and spread and stays inside its range in every year; they may be correlated with the regressors, as fixed
effects are allowed to be. They do not
depend on whether the disturbance is added. Outside the study's sample the outcome
is cut to its range.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from shidian.errors import SimulationError, nearest
from shidian.simulate.moments import Moments, disturbance
from shidian.simulate.streams import stream


@dataclass(frozen=True)
class Equation:
    """One structural equation.

    Attributes:
        outcome: name of the outcome.
        moments: mean and spread to attain over the sample; its ``shape`` is that of the unit effects.
        terms: regressor -> planted coefficient.
        noise: standard deviation of the disturbance.
        persistence: autocorrelation of the disturbance.
        drift: change of the year effects from the first to the last year.
    """

    outcome: str
    moments: Moments
    terms: Mapping[str, float]
    noise: float
    persistence: float = 0.4
    drift: float = 0.0


@dataclass(frozen=True)
class Bounds:
    """Range of the outcome: scalars or arrays (n, T)."""

    low: np.ndarray | float = -np.inf
    high: np.ndarray | float = np.inf


def studied(sample: np.ndarray) -> np.ndarray:
    """Return the (n,) units with any year in a sample (n, T)."""
    return np.asarray(sample.any(axis=1), dtype=bool)


@dataclass(frozen=True)
class Draw:
    """What the equations of one study share.

    Attributes:
        seed: seed of the world.
        study: study whose streams are used.
        sample: (n, T) unit-years of the study.
        disturbed: False leaves every disturbance out: the noise-free panel.
    """

    seed: int
    study: str
    sample: np.ndarray
    disturbed: bool = True
    bounds: Mapping[str, Bounds] = field(default_factory=dict)

    @property
    def studied(self) -> np.ndarray:
        """The (n,) units with any year in the sample."""
        return studied(self.sample)

    def rng(self, *labels: str) -> np.random.Generator:
        """Return the stream of one part of the study."""
        return stream(self.seed, self.study, *labels)


def plant(
    equation: Equation, values: Mapping[str, np.ndarray], draw: Draw, *, multiplier: np.ndarray | None = None,
    bounds: Bounds | None = None, tilt: np.ndarray | None = None,
) -> np.ndarray:  # fmt: skip
    """Compute the (n, T) outcome of an equation.

    Args:
        equation: the equation.
        values: regressor -> (n, T) values.
        draw: seed, sample, and whether there are disturbances.
        multiplier: optional (n, n) spatial multiplier (I - rho W)^-1 applied to everything but the unit effects.
        bounds: range of the outcome in each unit-year, inside that of the moments.
        tilt: optional (n,) standard variable that the unit effects partly follow.

    Raises:
        SimulationError: an unknown regressor, or moments that cannot be attained inside the range.
    """
    m = equation.moments
    m.check(equation.outcome)
    n, years = draw.sample.shape
    systematic = np.zeros((n, years)) + equation.drift * np.linspace(-0.5, 0.5, years)
    for name, coefficient in equation.terms.items():
        if name not in values:
            raise SimulationError(f"the equation of '{equation.outcome}' uses '{name}'{nearest(name, values)}")
        systematic += coefficient * values[name]
    noise = disturbance(draw.rng(equation.outcome, "noise"), (n, years), equation.noise, equation.persistence)
    if multiplier is not None:
        systematic, noise = multiplier @ systematic, multiplier @ noise
    shape = np.asarray(draw.rng(equation.outcome, "units").standard_normal(n))
    if tilt is not None:
        shape = (shape + tilt) / np.sqrt(2)
    inside = bounds or Bounds()
    noise = _shrunk(equation, systematic, noise, draw.sample, inside)
    levels = _levels(equation, shape, systematic, noise, draw.sample, inside)
    y = levels[:, None] + systematic + (noise if draw.disturbed else 0.0)
    lowest, highest = np.maximum(inside.low, m.low), np.minimum(inside.high, m.high)
    return np.asarray(np.where(draw.sample, y, np.clip(y, lowest, highest)))


def _room(
    m: Moments, systematic: np.ndarray, noise: np.ndarray, sample: np.ndarray, bounds: Bounds
) -> tuple[np.ndarray, np.ndarray]:
    """Return the (n,) lowest and highest unit effects inside the range in every year, with and without disturbance."""
    counted = np.where(studied(sample)[:, None], sample, True)
    largest, smallest = systematic + np.maximum(noise, 0), systematic + np.minimum(noise, 0)
    low = np.where(counted, np.maximum(bounds.low, m.low) - smallest, -np.inf).max(axis=1)
    high = np.where(counted, np.minimum(bounds.high, m.high) - largest, np.inf).min(axis=1)
    return low, high


def _shrunk(
    equation: Equation, systematic: np.ndarray, noise: np.ndarray, sample: np.ndarray, bounds: Bounds
) -> np.ndarray:
    """Shrink the disturbances of the few units that would leave the range whatever their unit effect.

    The factor depends on nothing but the unit, so the disturbances stay mean zero given the policy.
    """
    tight = np.zeros(len(noise), dtype=bool)
    for factor in (1.0, 0.75, 0.5, 0.25, 0.0):
        scaled = np.where(tight[:, None], factor * noise, noise) if factor < 1 else noise
        low, high = _room(equation.moments, systematic, scaled, sample, bounds)
        wide = (low > high) & studied(sample)
        if not wide.any():
            return np.asarray(scaled)
        tight |= wide
    raise SimulationError(
        f"'{equation.outcome}' cannot stay inside its range: without any disturbance unit {int(np.argmax(wide))} still "
        f"varies by more than the range within {noise.shape[1]} years; widen the range or lower the coefficients"
    )


def _levels(
    equation: Equation, shape: np.ndarray, systematic: np.ndarray, noise: np.ndarray, sample: np.ndarray, bounds: Bounds
) -> np.ndarray:
    """Choose the (n,) unit effects: near the drawn shape, inside the range in every year, with the moments asked."""
    m, within = equation.moments, systematic + noise
    low, high = _room(m, systematic, noise, sample, bounds)
    outside = ~studied(sample)  # units that no study uses are cut to the range year by year
    low, high = np.where(outside, np.minimum(low, high), low), np.where(outside, np.maximum(low, high), high)
    centre = np.where(studied(sample), _row_mean(within, sample), within.mean(axis=1))
    skew = 0.9 if m.shape == "lognormal" else 0.0
    z = np.expm1(skew * shape) / skew if skew else shape
    z = (z - z.mean()) / max(float(z.std()), 1e-9)
    a, b = m.mean, m.sd
    for _ in range(400):
        levels = np.clip(a + b * z - centre, low, high)
        y = (levels[:, None] + within)[sample]
        if abs(y.mean() - m.mean) < 1e-6 * m.sd and abs(y.std() / m.sd - 1) < 1e-5:
            return np.asarray(levels)
        a += m.mean - y.mean()
        b = np.clip(b * (m.sd / y.std()) ** 0.8, 1e-6 * m.sd, 50 * m.sd)
    if m.exact and (abs(y.mean() - m.mean) > 0.02 * m.sd or abs(y.std() / m.sd - 1) > 0.02):
        raise SimulationError(
            f"moments of '{equation.outcome}' cannot be attained: asked mean {m.mean:g}, sd {m.sd:g}, reached "
            f"mean {y.mean():g}, sd {y.std():g} inside the range that the definitions allow"
        )
    return np.asarray(levels)


def _row_mean(x: np.ndarray, sample: np.ndarray) -> np.ndarray:
    return np.asarray((x * sample).sum(axis=1) / np.maximum(sample.sum(axis=1), 1))
