"""Growth over windows of a panel, and what the coefficient of the level says of convergence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from shidian.errors import EstimationError
from shidian.indicators.checks import require_positive
from shidian.messages import say

GROWTH, LEVEL = "growth", "level"
"""Columns of a window: growth of the logarithm per period, and the logarithm at its start."""


def windows(panel: pd.DataFrame, variable: str, horizon: int = 1) -> pd.DataFrame:
    """Return one row a window of ``horizon`` periods: the rows at its start, with ``growth``, ``level`` and ``end``.

    growth = [ln y(t + horizon) - ln y(t)] / horizon, level = ln y(t); windows begin in the first period of the panel
    and follow one another. A window without a value at its start or its end is not there; ``end`` is the label of the
    row that it ends in.

    Args:
        panel: columns unit, year (numbers of periods, one apart) and the variable, one row a unit and period.
        variable: values above zero.
        horizon: periods of a window.

    Raises:
        EstimationError: a value that is not above zero; no window.
    """
    keyed = panel.set_index(["unit", "year"])[[variable]].astype(float)
    require_positive("beta_convergence", keyed)
    first = int(panel["year"].min())
    log = np.log(keyed[variable].dropna())
    rows = panel[panel[variable].notna() & ((panel["year"] - first) % horizon == 0)]
    start = pd.MultiIndex.from_frame(rows[["unit", "year"]])
    end = pd.MultiIndex.from_arrays([rows["unit"], rows["year"] + horizon])
    labels = pd.Series(panel.index, index=keyed.index).reindex(end).to_numpy()
    level, later = log.reindex(start).to_numpy(), log.reindex(end).to_numpy()
    found = rows.assign(**{GROWTH: (later - level) / horizon, LEVEL: level, "end": labels})
    found = found[found[GROWTH].notna()]
    if found.empty:
        raise EstimationError(
            say(
                "beta_convergence: no unit has '{variable}' at both ends of a window of {horizon} periods: the sample "
                "has the periods {first} to {last}",
                variable=variable, horizon=horizon, first=str(first), last=str(int(panel["year"].max())),
            )
        )  # fmt: skip
    return found.assign(end=found["end"].astype("int64"))


@dataclass(frozen=True)
class Speed:
    """What the coefficient b of the level says (Barro and Sala-i-Martin 1992).

    Attributes:
        speed: lambda = -ln(1 + b h) / h per period; nan where 1 + b h is not positive.
        se: its standard error by the delta method, se(b) / (1 + b h).
        half_life: ln 2 / lambda in periods; nan where there is no convergence.
    """

    speed: float
    se: float
    half_life: float


def speed_of(coefficient: float, se: float, horizon: int) -> Speed:
    """Return speed and half-life of a coefficient of the level in a regression of growth per period."""
    kept = 1 + coefficient * horizon
    if not kept > 0:
        return Speed(float("nan"), float("nan"), float("nan"))
    speed = -np.log(kept) / horizon
    return Speed(float(speed), float(se / kept), float(np.log(2) / speed) if speed > 0 else float("nan"))


def nickell_bias(coefficient: float, horizon: int, windows_a_unit: float) -> float:
    """Return about how far effects of units push the coefficient down: -(1 + rho) / (T - 1) / h, rho = 1 + b h.

    Nickell (1981), "Biases in dynamic models with fixed effects", Econometrica 49, 1417-1426, for T windows a unit; nan
    of fewer than two.
    """
    if windows_a_unit < 2:
        return float("nan")
    return -(2 + coefficient * horizon) / (windows_a_unit - 1) / horizon
