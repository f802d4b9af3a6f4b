"""Productivity between consecutive years: global Malmquist-Luenberger on SBM scores, and two contemporaneous indices.

An index above one is an improvement; index = efficiency change x technical change.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from shidian.efficiency import distance
from shidian.efficiency.directional import directional_distance
from shidian.efficiency.leave_outs import name_unit_years
from shidian.efficiency.programs import RETURNS, Returns
from shidian.efficiency.sbm import check_option, check_size, measure
from shidian.efficiency.technology import Technology
from shidian.errors import EstimationError
from shidian.ledger import ledger_row_of
from shidian.messages import say

FirstYear = Literal["one", "lost"]
FIRST_YEAR, NO_YEAR_BEFORE = say("first year"), say("no row in the year before")
"""Why a row has no index though nothing failed."""


@dataclass(frozen=True)
class Productivity:
    """A productivity index of a panel.

    Attributes:
        index: one row a unit-year, sorted: ``index`` against the year before with its factors ``efficiency_change``
            and ``technical_change``, ``level`` cumulated from the unit's first year (= 1), and the ``reason`` why a
            number is missing. First years have a level alone, or no row where they were declared lost.
        counts: pairs of years formed, and those without an index, by reason.
        ledger: the same as lines of the sample ledger.
        warnings: what a referee would object to.
    """

    index: pd.DataFrame
    counts: dict[str, int]
    ledger: list[dict[str, Any]]
    warnings: tuple[str, ...] = ()


def global_malmquist_luenberger(
    technology: Technology, *, returns: str = "crs", orientation: str = "none", super_efficiency: bool = False,
    first_year: FirstYear = "one", engine: str = "auto",
) -> Productivity:  # fmt: skip
    """Return the global Malmquist-Luenberger index on SBM scores (Oh 2010, with the measure of Tone 2003).

    GML = rho^G_{t+1} / rho^G_t, EC = rho^{t+1}_{t+1} / rho^t_t, TC = GML / EC; rho^G is the score against the
    frontier of all years pooled, rho^t against the year's own. The index is circular and always feasible unless
    ``super_efficiency`` lets rho exceed one; by default rho is capped at one by the SBM stage.
    """
    options = {
        "returns": returns,
        "orientation": orientation,
        "super_efficiency": super_efficiency,
        "engine": engine,
    }
    measured = [measure(technology, frontier=f, **options) for f in ("contemporaneous", "global")]  # type: ignore[arg-type]
    own, pooled = (_by_row(result, technology) for result in measured)

    def pair(before: np.ndarray, after: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return pooled[after] / pooled[before], own[after] / own[before]

    chained = _chain(technology, pair, first_year, say("an efficiency score is missing"))
    warnings = [text for result in measured for text in result.infeasible_warnings()]
    return replace(chained, warnings=tuple(warnings))


def directional_global_malmquist_luenberger(
    technology: Technology, *, returns: str = "crs", first_year: FirstYear = "one", engine: str = "auto"
) -> Productivity:
    """Return the global Malmquist-Luenberger index of Oh (2010) as he has it, on directional distances.

    GML = [1 + D^G(t)] / [1 + D^G(t+1)], EC = [1 + D^t(t)] / [1 + D^{t+1}(t+1)], BPC = GML / EC (here the technical
    change), D^G the directional distance towards (y, -b) to the frontier of all years pooled, D^t to the year's own;
    undesirable outputs are weakly disposable. Circular and always feasible.

    Raises EstimationError for a technology without undesirable outputs, and for other than constant returns.
    """
    if not technology.counts.undesirable:
        raise EstimationError(
            say("the Malmquist-Luenberger index needs undesirable outputs; use malmquist without them")
        )
    own, pooled = (
        1 + directional_distance(technology, score="distance", returns=returns, frontier=f, engine=engine).frame
        .set_index(["unit", "year"])["score"].reindex(pd.MultiIndex.from_arrays([technology.unit, technology.year]))
        .to_numpy()
        for f in ("contemporaneous", "global")
    )  # fmt: skip

    def pair(before: np.ndarray, after: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return pooled[before] / pooled[after], own[before] / own[after]

    return _chain(technology, pair, first_year, say("a directional distance is infeasible"))


def malmquist_luenberger(
    technology: Technology, *, returns: str = "crs", first_year: FirstYear = "one", engine: str = "auto"
) -> Productivity:
    """Return the Malmquist-Luenberger index of Chung, Faere & Grosskopf (1997) on yearly frontiers.

    ML = {[1 + D^t(t)] / [1 + D^t(t+1)] x [1 + D^{t+1}(t)] / [1 + D^{t+1}(t+1)]}^(1/2), EC = [1 + D^t(t)] /
    [1 + D^{t+1}(t+1)], D the directional distance towards (y, -b). Distances of one year's observation to the
    other year's frontier can be infeasible: such pairs have no index and are counted.

    Raises EstimationError for a technology without undesirable outputs.
    """
    check_option("returns", returns, RETURNS)
    if not technology.counts.undesirable:
        raise EstimationError(
            say("the Malmquist-Luenberger index needs undesirable outputs; use malmquist without them")
        )

    def pair(before: np.ndarray, after: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        d = _crossed(technology, before, after, distance.directional, returns, engine)  # type: ignore[arg-type]
        one = {key: np.where(value > -1, 1 + value, np.nan) for key, value in d.items()}
        ratio = one["t", "t"] / one["t", "t+1"] * one["t+1", "t"] / one["t+1", "t+1"]
        return np.sqrt(ratio), one["t", "t"] / one["t+1", "t+1"]

    return _chain(technology, pair, first_year, say("a directional distance is infeasible"))


def malmquist(
    technology: Technology, *, returns: str = "crs", first_year: FirstYear = "one", engine: str = "auto"
) -> Productivity:
    """Return the Malmquist index of Faere, Grosskopf, Lindgren & Roos (1992), input-oriented and radial.

    M = {theta^t(t+1) / theta^t(t) x theta^{t+1}(t+1) / theta^{t+1}(t)}^(1/2), EC = theta^{t+1}(t+1) / theta^t(t),
    theta the radial input efficiency.

    Raises EstimationError for a technology with undesirable outputs, which the index would ignore.
    """
    check_option("returns", returns, RETURNS)
    if technology.counts.undesirable:
        raise EstimationError(
            say("the Malmquist index knows no undesirable outputs; use malmquist_luenberger or the global one")
        )

    def pair(before: np.ndarray, after: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        theta = _crossed(technology, before, after, distance.radial_input, returns, engine)  # type: ignore[arg-type]
        change = theta["t+1", "t+1"] / theta["t", "t"]
        return np.sqrt(theta["t", "t+1"] / theta["t", "t"] * theta["t+1", "t+1"] / theta["t+1", "t"]), change

    return _chain(technology, pair, first_year, say("a radial distance is infeasible"))


def _by_row(result: Any, technology: Technology) -> np.ndarray:
    """Return (N,) scores in the order of the technology's rows."""
    score = np.full(len(technology.values), np.nan)
    score[result.row] = result.score
    return score


def _crossed(
    technology: Technology, before: np.ndarray, after: np.ndarray, measured: Callable[..., np.ndarray],
    returns: Returns, engine: str,
) -> dict[tuple[str, str], np.ndarray]:  # fmt: skip
    """Return the four distances D^s(r), keyed (s, r): of the pairs' rows r to the frontier of all rows of year s."""
    years = {"t": technology.year[before[0]], "t+1": technology.year[after[0]]}
    rows = {"t": before, "t+1": after}
    found = {}
    for s, year in years.items():
        reference = technology.values[technology.year == year]
        check_size(technology, str(year), len(reference))
        for r, at in rows.items():
            found[s, r] = measured(reference, technology.values[at], technology.counts, returns, engine)
    return found


def _chain(
    technology: Technology,
    pair: Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]],
    first_year: FirstYear,
    failure: str,
) -> Productivity:
    """Form the pairs of a year and the next, and cumulate unit by unit; a year that is absent has no pair."""
    if first_year not in ("one", "lost"):
        raise EstimationError(say("first_year must be 'one' or 'lost', not '{given}'", given=first_year))
    years = np.unique(technology.year)
    if len(years) < 2:
        raise EstimationError(say("a productivity index needs at least two years"))
    followed = [int(t) for t in years if t + 1 in years]
    if not followed:
        raise EstimationError(
            say(
                "a productivity index compares a year with the one before, and no two of the years follow each other: "
                "{years}",
                years=[str(year) for year in years],
            )
        )
    frame = pd.DataFrame({"unit": technology.unit, "year": technology.year, "row": np.arange(len(technology.unit))})
    frame = frame.assign(index=np.nan, efficiency_change=np.nan, technical_change=np.nan, reason=NO_YEAR_BEFORE)
    first = frame.groupby("unit", sort=False)["year"].transform("min") == frame["year"]
    frame.loc[first, "reason"] = FIRST_YEAR
    pairs = 0
    for t in followed:
        both = frame[frame["year"] == t].merge(frame[frame["year"] == t + 1], on="unit", suffixes=("", "_after"))
        if both.empty:
            continue
        before, after = both["row"].to_numpy(), both["row_after"].to_numpy()
        index, change = pair(before, after)
        frame.loc[after, "index"], frame.loc[after, "efficiency_change"] = index, change
        frame.loc[after, "technical_change"] = index / change
        frame.loc[after, "reason"] = np.where(np.isnan(index), failure, "")
        pairs += len(both)
    frame = frame.drop(columns="row").sort_values(["unit", "year"], kind="stable", ignore_index=True)
    frame["level"] = _levels(frame)
    counts = {"pairs": pairs, failure: int((frame["reason"] == failure).sum())}
    counts[NO_YEAR_BEFORE] = int((frame["reason"] == NO_YEAR_BEFORE).sum())
    gone = {reason: frame[frame["reason"] == reason] for reason, rows in counts.items() if reason != "pairs" and rows}
    ledger = [
        ledger_row_of(
            part,
            say("productivity"),
            say("index"),
            say("index missing: {why}: {who}", why=reason, who=name_unit_years(part["unit"], part["year"])),
        )
        for reason, part in gone.items()
    ]
    if first_year == "lost":
        frame = frame[frame["reason"] != FIRST_YEAR].reset_index(drop=True)
    return Productivity(frame, counts, ledger)


def _levels(frame: pd.DataFrame) -> pd.Series:
    """Cumulate each unit's index from one in its first year; a missing index breaks the chain for good."""
    steps = frame["index"].mask(frame["reason"] == FIRST_YEAR, 1.0)
    broken = steps.isna().groupby(frame["unit"], sort=False).cummax()
    return steps.fillna(1.0).groupby(frame["unit"], sort=False).cumprod().mask(broken)
