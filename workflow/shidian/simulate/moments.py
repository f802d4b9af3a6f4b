"""Panels of one variable drawn so that their moments are the printed ones.

Every function works on arrays (n units, T years); ``sample`` marks the unit-years whose moments are meant.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from shidian.errors import SimulationError

MAX_STANDARD_DEVIATIONS = 3.0
"""Disturbances are cut off here, so that a positive index stays positive."""


@dataclass(frozen=True)
class Moments:
    """Moments to attain over the sample, and how the variation is shared.

    Attributes:
        mean: mean over the sample's unit-years.
        sd: standard deviation over the sample's unit-years.
        low: smallest value allowed.
        high: largest value allowed.
        shape: ``normal``, or ``lognormal`` for variables with a long right tail.
        between: share of the (latent) variance between units.
        trend: share of the (latent) variance that is a common trend.
        persistence: autocorrelation of the rest.
        exact: moments that are not reached are an error; False in small worlds, whose few units cannot reach all.
    """

    mean: float
    sd: float
    low: float = -np.inf
    high: float = np.inf
    shape: str = "normal"
    between: float = 0.7
    trend: float = 0.1
    persistence: float = 0.6
    exact: bool = True

    def check(self, name: str) -> None:
        """Refuse moments that no variable can have.

        Raises:
            SimulationError: mean outside the range, or a variance above (mean - min)(max - mean), the bound of Bhatia
                and Davis (2000).
        """
        if not self.low < self.mean < self.high:
            raise SimulationError(
                f"moments of '{name}' cannot be attained: mean {self.mean:g} is not between "
                f"min {self.low:g} and max {self.high:g}"
            )
        largest = (self.mean - self.low) * (self.high - self.mean)
        if self.sd <= 0 or self.sd**2 > largest:
            raise SimulationError(
                f"moments of '{name}' cannot be attained: sd {self.sd:g} is not above 0 and at most {largest**0.5:g}, "
                f"the largest sd of a variable with mean {self.mean:g}, min {self.low:g} and max {self.high:g}"
            )
        if self.between + self.trend > 1:
            raise SimulationError(f"'{name}': the shares between units and of the trend add to more than 1")


def disturbance(rng: np.random.Generator, shape: tuple[int, int], sd: float, persistence: float) -> np.ndarray:
    """Draw (n, T) first-order autoregressive disturbances, cut off at three standard deviations."""
    n, years = shape
    shocks = np.clip(rng.standard_normal((n, years)), -MAX_STANDARD_DEVIATIONS, MAX_STANDARD_DEVIATIONS)
    out = np.empty((n, years))
    out[:, 0] = shocks[:, 0]
    for t in range(1, years):
        out[:, t] = persistence * out[:, t - 1] + np.sqrt(1 - persistence**2) * shocks[:, t]
    return sd * np.clip(out, -MAX_STANDARD_DEVIATIONS, MAX_STANDARD_DEVIATIONS)


def latent(rng: np.random.Generator, shape: tuple[int, int], m: Moments, tilt: np.ndarray | None = None) -> np.ndarray:
    """Draw a (n, T) latent variable of about unit variance: unit effects, a common trend, a persistent rest.

    Args:
        rng: random stream.
        shape: units, years.
        m: shares of the variance.
        tilt: optional (n,) standard variable that half of the variance between units follows.
    """
    n, years = shape
    units = rng.standard_normal(n)
    if tilt is not None:
        units = (units + tilt) / np.sqrt(2)
    units = normal_scores(units)
    span = np.linspace(-1, 1, years) * np.sqrt(3) if years > 1 else np.zeros(years)
    rest = disturbance(rng, shape, np.sqrt(1 - m.between - m.trend), m.persistence)
    return np.asarray(np.sqrt(m.between) * units[:, None] + np.sqrt(m.trend) * span + rest)


def normal_scores(x: np.ndarray) -> np.ndarray:
    """Replace values by the normal quantiles of their ranks, so that the spread of few units does not hang on luck."""
    ranks = np.argsort(np.argsort(x, kind="stable"), kind="stable")
    return np.asarray(ndtri((ranks + 0.5) / len(x)))


def draw(
    rng: np.random.Generator, name: str, m: Moments, sample: np.ndarray, tilt: np.ndarray | None = None
) -> np.ndarray:
    """Draw a (n, T) variable with the given mean and standard deviation over the sample.

    Values beyond the range are set to its ends, after which mean and standard deviation are restored as far as the
    range allows (to 1%).

    Raises:
        SimulationError: the moments cannot be attained.
    """
    m.check(name)
    z = latent(rng, sample.shape, m, tilt)
    z = (z - z[sample].mean()) / z[sample].std()
    return _fit(name, z, m, sample)


def _fit(name: str, z: np.ndarray, m: Moments, sample: np.ndarray) -> np.ndarray:
    """Map a standard variable to the moments: x = exp(a + b z) or a + b z, cut to the range, a and b by iteration."""
    a, b = m.mean, m.sd
    if m.shape == "lognormal":
        b = np.sqrt(np.log1p((m.sd / m.mean) ** 2))
        a = np.log(m.mean) - b**2 / 2
    for _ in range(300):
        x = np.exp(a + b * z) if m.shape == "lognormal" else a + b * z
        x = np.clip(x, m.low, m.high)
        mean, sd = x[sample].mean(), x[sample].std()
        if abs(mean - m.mean) < 1e-6 * m.sd and abs(sd / m.sd - 1) < 1e-6:
            return x
        wider = min(b * np.clip(m.sd / max(sd, 1e-300), 0.5, 2.0) ** 0.5, 20.0 if m.shape == "lognormal" else np.inf)
        if m.shape == "lognormal":
            a += np.log(m.mean / mean) - (wider**2 - b**2) / 2
        else:
            a += m.mean - mean
        b = wider
    if m.exact and (abs(mean - m.mean) > 0.01 * m.sd or abs(sd / m.sd - 1) > 0.01):
        raise SimulationError(
            f"moments of '{name}' cannot be attained: asked mean {m.mean:g}, sd {m.sd:g} within "
            f"[{m.low:g}, {m.high:g}], reached mean {mean:g}, sd {sd:g}"
        )
    return x
