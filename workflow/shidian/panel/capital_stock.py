"""The capital stock of investment, by perpetual inventory."""

from __future__ import annotations

import numpy as np
import pandas as pd

from shidian.messages import say
from shidian.panel.evaluated import Evaluated, Remark, remarks_of
from shidian.panel.unit_periods import Runs

Options = tuple[str, float, str]
"""What the first stock comes of (``mean_growth``, ``growth``, ``ratio``), its number, ``first_year`` or
``year_before``."""


def perpetual_inventory(rows: pd.DataFrame, investment: Evaluated, lost: Evaluated, options: Options) -> Evaluated:
    """Return K_t = I_t + (1 - d_t) K_(t-1) of each unit, from its first period of investment on.

    The first stock is I / (g + d) or I / ratio (Zhang Jun, Wu Guiying and Zhang Jipeng 2004; g the geometric mean
    growth of the first periods, Hall and Jones 1999), that of the period itself or of the one before it (Harberger
    1978). After a gap, and without enough periods for g, there is no stock.

    Args:
        rows: unit and period.
        investment: (n,) real investment.
        lost: (n,) the share of the stock that is lost in a period.
        options: how it begins.
    """
    both = investment.present & lost.present
    runs = Runs.of(rows, both)
    inside = runs.step >= 0
    flow, share = investment.values[runs.order], lost.values[runs.order]
    good = np.isfinite(flow) & (share >= 0) & (share <= 1)
    run = np.cumsum(runs.step == 0)
    first = np.flatnonzero(runs.step == 0)
    growth = _growth(flow, runs.step, first, options)
    per_stock = options[1] if options[0] == "ratio" else growth + share[first]
    with np.errstate(invalid="ignore", divide="ignore"):
        began = np.where((flow[first] > 0) & (per_stock > 0) & good[first], flow[first] / per_stock, np.nan)
    stock = np.full(len(flow), np.nan)
    stock[first] = began if options[2] == "first_year" else flow[first] + (1 - share[first]) * began
    for at in _by_step(runs.step):
        stock[at] = np.where(good[at], flow[at] + (1 - share[at]) * stock[at - 1], np.nan)
    unknown = np.isnan(np.append(np.nan, np.broadcast_to(growth, len(first)))[run])
    present = inside & ~unknown
    remarks = (*remarks_of([investment, lost]), *runs.gaps(), *_why(runs, inside & unknown, present & np.isnan(stock)))
    return Evaluated(runs.to_rows(np.where(present, stock, np.nan)), runs.to_rows(present), remarks)


def _growth(flow: np.ndarray, step: np.ndarray, first: np.ndarray, options: Options) -> np.ndarray:
    """Return the growth of investment that each unit's first stock is made with; missing where it is not known."""
    kind, number, _ = options
    if kind != "mean_growth":
        return np.full(len(first), number)
    years = int(number)
    last = np.minimum(first + years, max(len(flow) - 1, 0))
    reaches = step[last] == years if len(flow) else np.zeros(0, dtype=bool)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = (flow[last] / flow[first]) ** (1 / years) - 1
    return np.where(reaches, np.where((flow[first] > 0) & (flow[last] > 0), found, -np.inf), np.nan)


def _by_step(step: np.ndarray) -> list[np.ndarray]:
    """Return the positions of the rows that are one period after the beginning, then of those two after, and so on."""
    order = np.argsort(step, kind="stable")
    order = order[step[order] >= 1]
    return np.split(order, np.flatnonzero(np.diff(step[order])) + 1) if len(order) else []


def _why(runs: Runs, unknown: np.ndarray, invalid: np.ndarray) -> list[Remark]:
    """Say why rows have no stock."""
    few = say("too few years of investment without a gap for its mean growth")
    bad = say(
        "the first investment, or growth plus depreciation, is not above zero, or depreciation is no share from 0 to 1"
    )
    found = [(unknown, few, False), (invalid, bad, True)]
    return [Remark(runs.to_rows(rows), reason, fault) for rows, reason, fault in found if rows.any()]
