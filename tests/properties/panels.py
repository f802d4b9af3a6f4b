"""Random panels that a study may bring: gaps, lost years, two-yearly years, cohorts of one, nobody to compare with.

``panels`` is the strategy that every property uses. Without disturbances the truth is known to rounding: each treated
unit-year has the effect ``EFFECT``, whatever the estimator. With them the same rows serve what must hold of any data.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from hypothesis import strategies as st

EFFECT = 1.0
SCALES = (1e-12, 1e-9, 1e-4, 1e3, 1e8, 1e12)
NEVER = 99_999


@dataclass(frozen=True)
class Shape:
    """What is drawn; ``rows`` makes a panel of it.

    Attributes:
        years: years observed, after some were lost.
        starts: year of adoption of each unit, ``NEVER`` for none; years before the first are those of always treated.
        gaps: share of rows missing at random.
        seed: of levels, regressors, disturbances and gaps.
    """

    years: tuple[int, ...]
    starts: tuple[int, ...]
    gaps: float
    seed: int

    @property
    def first_year(self) -> int:
        """The first year observed."""
        return self.years[0]


@st.composite
def shapes(draw: st.DrawFn, comparable: bool = False) -> Shape:
    """Draw a panel; with ``comparable`` there are never-treated units, no gaps and no year lost."""
    step = draw(st.sampled_from([1, 1, 2]))
    grid = [2000 + step * k for k in range(draw(st.integers(5, 9)))]
    lost = set() if comparable else draw(st.sets(st.sampled_from(grid[1:-1]), max_size=2))
    years = tuple(t for t in grid if t not in lost)
    cohorts = draw(st.lists(st.tuples(st.integers(grid[1], grid[-1]), st.integers(1, 6)), min_size=1, max_size=3))
    never = draw(st.sampled_from([8, 12] if comparable else [0, 1, 8, 12]))
    always = 0 if comparable else draw(st.sampled_from([0, 0, 2]))
    starts = [g for g, size in cohorts for _ in range(size + 3 * comparable)]
    gaps = 0.0 if comparable else draw(st.sampled_from([0.0, 0.0, 0.1, 0.25]))
    return Shape(years, (*starts, *([1990] * always), *([NEVER] * never)), gaps, draw(st.integers(0, 10**6)))


def rows(shape: Shape, noise: float) -> pd.DataFrame:
    """Make the panel of a shape, with disturbances of size ``noise`` in the outcome and in what depends on treatment.

    Columns beside those of a study's panel: ``x``, ``v`` regressors without effect; ``trait``, ``size`` of units;
    ``region``, four of them; ``z`` an instrument of ``w``; ``m`` a mediator; ``y_w``, ``y_m`` outcomes of the last two;
    coordinates; those of ``_further_outcomes``.
    """
    rng = np.random.default_rng(shape.seed)
    n, T = len(shape.starts), len(shape.years)
    unit, t, g = np.repeat(np.arange(n), T), np.tile(shape.years, n), np.repeat(shape.starts, T)
    did = (t >= g).astype(float)
    levels = rng.normal(size=n)[unit] + rng.normal(size=T)[np.tile(np.arange(T), n)]
    names = np.array([f"u{i:03d}" for i in rng.permutation(n)])[unit]
    x, v, z, q, own = rng.normal(size=(5, n * T))
    frame = pd.DataFrame({
        "unit": names, "unit_name": np.char.add("Unit ", names), "year": t.astype("int64"),
        "adoption_year": pd.array([pd.NA if s == NEVER else int(s) for s in g], dtype="Int64"), "did": did,
        "x": x, "v": v, "z": z, "q": q, "trait": rng.normal(size=n)[unit], "size": rng.normal(size=n)[unit],
        "region": np.char.add("r", (unit % 4).astype(str)), "longitude": rng.uniform(100, 118, n)[unit],
        "latitude": rng.uniform(24, 40, n)[unit], "y": levels + EFFECT * did + noise * rng.normal(size=n * T),
        "w": z + own, "m": 0.8 * did + q,
    })  # fmt: skip
    frame["y_w"] = levels + 2 * frame["w"] + noise * (own + rng.normal(size=n * T))
    frame["y_m"] = levels + EFFECT * did + 0.6 * frame["m"] + noise * rng.normal(size=n * T)
    frame = _further_outcomes(frame, shape, levels, noise)
    return frame[rng.random(n * T) >= shape.gaps].reset_index(drop=True)


def _further_outcomes(frame: pd.DataFrame, shape: Shape, levels: np.ndarray, noise: float) -> pd.DataFrame:
    """Return all rows with ``pair``, units of one year of adoption, of which one is ``chosen``, and two outcomes.

    ``y_d`` has the effect on the chosen alone, beside shocks by pair and year; ``y_n`` is positive, the effect on its
    logarithm.
    """
    rng = np.random.default_rng(shape.seed + 1)
    n, T = len(shape.starts), len(shape.years)
    cohort = np.unique(shape.starts, return_inverse=True)[1]
    rank = np.array([int((cohort[:i] == cohort[i]).sum()) for i in range(n)])
    pair, chosen = cohort * n + rank // 2, (rank % 2).astype(float)
    shocks = rng.normal(size=(n * n, T))[np.repeat(pair, T), np.tile(np.arange(T), n)]
    did, own = frame["did"].to_numpy(), np.repeat(chosen, T)
    first, second = rng.normal(size=(2, n * T))
    return frame.assign(
        pair=np.char.add("p", np.repeat(pair, T).astype(str)), chosen=own,
        y_d=levels + shocks + EFFECT * did * own + noise * first,
        y_n=np.exp(0.5 * levels + EFFECT * did + 0.5 * noise * second),
    )  # fmt: skip


def shifted(shape: Shape, years: int) -> Shape:
    """Return the shape some years later or, with a negative number, earlier."""
    starts = tuple(g if g == NEVER else g + years for g in shape.starts)
    return replace(shape, years=tuple(t + years for t in shape.years), starts=starts)


def relabelled(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows in another order under names that sort otherwise."""
    units = sorted(frame["unit"].unique())
    names = {unit: f"{'zay'[i % 3]}{len(units) - i:03d}" for i, unit in enumerate(units)}
    mixed = frame.sample(frac=1, random_state=4).reset_index(drop=True)
    return mixed.assign(unit=mixed["unit"].map(names))
