"""Random staggered panels of the shapes on which estimators go wrong, without noise and with the truth."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from hypothesis import strategies as st


@dataclass(frozen=True)
class Shape:
    """What a panel looks like.

    Attributes:
        seed: of its numbers.
        cohorts: units by adoption year (years counted from 1).
        never: never-treated units.
        years: years observed of 1 to 9.
        gaps: share of rows missing.
    """

    seed: int
    cohorts: dict[int, int]
    never: int
    years: tuple[int, ...]
    gaps: float


@st.composite
def shapes(draw: st.DrawFn) -> Shape:
    """Draw panels with cohorts of one, lost years, two-yearly years, gaps, no never-treated units."""
    cohorts = draw(st.dictionaries(st.integers(2, 10), st.sampled_from([1, 2, 4, 6]), min_size=1, max_size=4))
    every = draw(st.sampled_from([tuple(range(1, 10)), tuple(range(1, 10, 2)), tuple(range(2, 10, 2))]))
    lost = draw(st.sets(st.sampled_from(every), max_size=2))
    return Shape(
        draw(st.integers(0, 10_000)), cohorts, draw(st.sampled_from([0, 0, 1, 5])),
        tuple(year for year in every if year not in lost), draw(st.sampled_from([0.0, 0.0, 0.1, 0.3])),
    )  # fmt: skip


def noise_free(shape: Shape) -> pd.DataFrame:
    """Return the panel: unit, year, adoption_year, x (control), effect (true), y, without noise."""
    rng = np.random.default_rng(shape.seed)
    adopted = [g for g, n in sorted(shape.cohorts.items()) for _ in range(n)] + [None] * shape.never
    units, years = len(adopted), np.array(shape.years)
    frame = pd.DataFrame({
        "unit": np.repeat([f"u{i:02d}" for i in range(units)], len(years)), "year": np.tile(years, units) + 2000,
        "adoption_year": pd.array(np.repeat([pd.NA if g is None else g + 2000 for g in adopted], len(years)), "Int64"),
    })  # fmt: skip
    level = rng.normal(size=units).repeat(len(years)) + np.tile(rng.normal(size=len(years)), units)
    tau = (frame["year"] - frame["adoption_year"]).astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    frame["x"] = rng.normal(size=len(frame))
    frame["effect"] = np.where(tau >= 0, 1 + rng.uniform(size=200)[np.nan_to_num(tau, nan=0).astype(int)], 0.0)
    frame["y"] = level + 0.5 * frame["x"] + frame["effect"]
    return frame[rng.uniform(size=len(frame)) >= shape.gaps].reset_index(drop=True)
