"""Units of measure, levels and regressors that rounding can spoil."""

from __future__ import annotations

import numpy as np
import pandas as pd

from bench.hard_panels.panel import HardPanel, cohorts, planted, truth

CAUSE = r"scale|rounding|precision|converge|condition|singular|collinear|rank|tolerance"
REGRESSIONS = ("static", "event_study", "sun_abraham", "imputation", "two_stage")
"""Methods that take a control's slope out of every row, so that its noise does not stay in their estimate."""


def _outcome() -> pd.DataFrame:
    frame = planted(cohorts(g2004=15, g2006=15, g2008=15, never=15), range(2000, 2012), 1.0, seed=81)
    return frame[np.random.default_rng(81).random(len(frame)) >= 0.15].reset_index(drop=True)


def _small() -> pd.DataFrame:
    frame = _outcome()
    return frame.assign(y=frame["y"] * 1e-9)


def _large() -> pd.DataFrame:
    frame = _outcome()
    return frame.assign(y=frame["y"] * 1e9)


def _level() -> pd.DataFrame:
    frame = _outcome()
    return frame.assign(y=frame["y"] + 1e8)


def _outlier() -> pd.DataFrame:
    frame = _outcome()
    return frame.assign(y=frame["y"] + 1e8 * (frame["unit"] == "u059"))


def _controls(frame: pd.DataFrame) -> pd.DataFrame:
    rng = np.random.default_rng(82)
    x, z = rng.normal(size=(2, len(frame)))
    return frame.assign(x=x * 1e-9, z=z * 1e9, y=frame["y"] + 0.5 * x + 0.5 * z)


def _sized_controls() -> pd.DataFrame:
    return _controls(planted(cohorts(g2005=15, g2008=15, never=15), range(2000, 2012), 1.0, seed=82))


def _collinear() -> pd.DataFrame:
    frame = _sized_controls()
    return frame.assign(w=3 * frame["x"] / 1e-9 - frame["z"] / 1e9)


PANELS = (
    HardPanel(
        "small_outcome", "The outcome in large units: values of 1e-9", "With gaps; effect 1e-9.", _small,
        truth(1e-9, CAUSE, 1e-9),
    ),
    HardPanel(
        "large_outcome", "The outcome in small units: values of 1e9", "The same rows; effect 1e9.", _large,
        truth(1e9, CAUSE, 1e9),
    ),
    HardPanel(
        "high_level", "A high level: 1e8 added to every outcome", "The same rows; effect 1.", _level, truth(1.0, CAUSE),
    ),
    HardPanel(
        "one_huge_unit", "One never-treated unit at a level of 1e8", "The same rows; effect 1.", _outlier,
        truth(1.0, CAUSE),
    ),
    HardPanel(
        "controls_of_any_size", "Controls of size 1e-9 and 1e9", "Two controls with slopes; effect 1.", _sized_controls,
        truth(1.0, CAUSE), methods=REGRESSIONS, controls=("x", "z"),
    ),
    HardPanel(
        "collinear_controls", "Perfectly collinear controls", "w = 3x − z beside x and z, all of different sizes; "
        "effect 1.", _collinear, truth(1.0, r"collinear|rank|singular|dropped"), methods=REGRESSIONS,
        controls=("x", "z", "w"),
    ),
)  # fmt: skip
