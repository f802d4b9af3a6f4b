"""Random panels that break staggered estimators, with a truth known without noise."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from hypothesis import strategies as st

FIRST = 2000


@dataclass(frozen=True)
class Broken:
    """How a panel is made: few units, gaps, lost years, a step of two years, cohorts of one, no never-treated.

    ``by_cohort`` lets the effect differ between cohorts too; ``anticipation`` is the years by which it starts early.
    """

    seed: int
    step: int
    n_years: int
    never: int
    cohorts: tuple[tuple[int, int], ...]
    gaps: float
    lost: tuple[int, ...]
    by_cohort: bool
    anticipation: int = 0
    noise: float = 0.0

    def effect(self, g: float, tau: float) -> float:
        """Return the true effect on a cohort at a time since adoption."""
        if tau < -self.anticipation:
            return 0.0
        return 1.0 + 0.25 * tau + (0.5 * (g - FIRST) if self.by_cohort else 0.0)

    def panel(self) -> pd.DataFrame:
        """Return unit, year, adoption_year, y and the true effect of each row."""
        rng = np.random.default_rng(self.seed)
        years = FIRST + self.step * np.arange(self.n_years)
        adopted = [g for g, n in self.cohorts for _ in range(n)] + [np.inf] * self.never
        own, common = rng.normal(0, 3, len(adopted)), rng.normal(0, 3, len(years))
        rows = [
            (f"u{i:02d}", int(t), g, a + c + (self.effect(g, t - g) if np.isfinite(g) else 0.0) + self.noise * e)
            for i, (g, a) in enumerate(zip(adopted, own, strict=True))
            for t, c, e in zip(years, common, rng.normal(size=len(years)), strict=True)
        ]
        frame = pd.DataFrame(rows, columns=["unit", "year", "adoption_year", "y"])
        frame["adoption_year"] = frame["adoption_year"].replace(np.inf, np.nan).astype("Int64")
        observed = rng.random(len(frame)) >= self.gaps
        observed &= ~frame["year"].isin([years[j] for j in self.lost]).to_numpy()
        frame["y"] = frame["y"].where(observed)
        kept = observed | (rng.random(len(frame)) < 0.5)  # half of what is lost stays as a row without an outcome
        return frame[kept].reset_index(drop=True)


@st.composite
def broken_panels(draw: st.DrawFn, noise: float = 0.0) -> Broken:
    """Draw the making of a panel."""
    step, n_years = draw(st.sampled_from([1, 1, 2])), draw(st.integers(5, 9))
    last = FIRST + step * (n_years - 1)
    starts = draw(st.lists(st.integers(FIRST + 1, last + 1), min_size=1, max_size=3, unique=True))
    sizes = draw(st.lists(st.integers(1, 5), min_size=len(starts), max_size=len(starts)))
    return Broken(
        seed=draw(st.integers(0, 10**6)), step=step, n_years=n_years, never=draw(st.sampled_from([0, 2, 6])),
        cohorts=tuple(zip(sorted(starts), sizes, strict=True)), gaps=draw(st.sampled_from([0.0, 0.1, 0.3])),
        lost=tuple(draw(st.sets(st.integers(0, n_years - 1), max_size=2))), by_cohort=draw(st.booleans()),
        anticipation=draw(st.sampled_from([0, 0, 1])), noise=noise,
    )  # fmt: skip
