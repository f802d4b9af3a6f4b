"""A hard panel, what is true in it, and a builder of panels with a planted effect."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

METHODS = {
    "static": "DID (two-way fixed effects)", "event_study": "Event study", "sun_abraham": "Sun–Abraham",
    "callaway_santanna": "Callaway–Sant'Anna", "imputation": "Imputation (BJS)", "two_stage": "Two-stage (Gardner)",
    "stacked": "Stacked", "lp_did": "LP-DID",
}  # fmt: skip
"""Method -> as printed. Each is one question that packages are asked."""
NOISE = 1e-3
"""Standard deviation of the disturbances: small beside effects of one, so that a wrong number is no sampling error."""


@dataclass(frozen=True)
class Truth:
    """What is true of a panel, and what may be said of it.

    Attributes:
        effect: of every treated unit-year, so that all estimators aim at it; None where the rows cannot tell it, and
            no number may be printed.
        tolerance: how far an estimate may lie from it.
        free_leads: methods whose effects before adoption hang on a further normalisation: each printed one must come
            with words that match ``cause``.
        error: whether a standard error exists; where not, none may be printed.
        error_most: the most that a standard error may be; beyond it, it is rubbish.
        cause: pattern of the words that name the cause: a wrong number beside them is said, not silent.
        needs: pattern that must be said beside right numbers too.
        never: pattern that may not be said, since it is wrong.
    """

    effect: float | None
    tolerance: float
    cause: str
    free_leads: tuple[str, ...] = ()
    error: bool = True
    error_most: float = float("inf")
    needs: str = ""
    never: str = ""


@dataclass(frozen=True)
class HardPanel:
    """One situation: ``make`` gives its rows, with columns unit, year, adoption_year (missing = never), did, y.

    ``declared`` are keys that a study of shidian would give there beside its defaults; the page names them.
    """

    key: str
    title: str
    situation: str
    make: Callable[[], pd.DataFrame]
    truth: Truth
    window: tuple[int, int] = (-4, 3)
    methods: tuple[str, ...] = tuple(METHODS)
    controls: tuple[str, ...] = ()
    clusters: tuple[str, ...] = ("unit",)
    declared: Mapping[str, str] = field(default_factory=dict)


def truth(effect: float | None, cause: str, scale: float = 1.0, **more: bool | str | tuple[str, ...]) -> Truth:
    """Return the truth of a panel with disturbances of ``NOISE``: a hundredth of a unit of ``scale`` is tolerated."""
    settings = {"error_most": 0.25 * scale, **more}
    return Truth(effect, 10 * NOISE * scale, cause, **settings)  # type: ignore[arg-type]


def planted(
    starts: Sequence[float | None], years: Sequence[int], effect: float = 1.0, seed: int = 1, noise: float = NOISE
) -> pd.DataFrame:
    """Return one unit for each of ``starts`` (its year of adoption, None = never), observed in each of ``years``."""
    rng = np.random.default_rng(seed)
    n, T = len(starts), len(years)
    g = np.repeat([np.inf if s is None else float(s) for s in starts], T)
    t = np.tile(np.asarray(years), n)
    levels = np.repeat(rng.normal(size=n), T) + np.tile(rng.normal(size=T), n)
    did = (t >= g).astype(float)
    units = np.repeat([f"u{i:03d}" for i in range(n)], T)
    adoption = pd.array([pd.NA if np.isinf(v) else int(v) for v in g], dtype="Int64")
    return pd.DataFrame({
        "unit": units, "unit_name": np.char.add("Unit ", units), "year": t.astype("int64"), "adoption_year": adoption,
        "did": did, "y": levels + effect * did + noise * rng.normal(size=n * T),
    })  # fmt: skip


def cohorts(**sizes: int) -> list[float | None]:
    """Return starts from sizes by cohort: ``cohorts(g2005=10, never=20)``."""
    return [
        None if name == "never" else float(name.removeprefix("g").replace("_", "-"))
        for name, n in sizes.items()
        for _ in range(n)
    ]


def lose(frame: pd.DataFrame, rows: pd.Series) -> pd.DataFrame:
    """Return the panel without the rows of a mask."""
    return frame[~rows].reset_index(drop=True)


def untell(frame: pd.DataFrame, rows: pd.Series, column: str = "y") -> pd.DataFrame:
    """Return the panel with one column missing in the rows of a mask."""
    return frame.assign(**{column: frame[column].mask(rows)})
