"""Sampling uncertainty of efficiency scores: the smoothed bootstrap of Simar & Wilson (1998), carried to SBM.

The frontier is estimated from the sample's own best units, so that scores are too high. The bootstrap draws
pseudo-samples from the estimated technology and measures the original units against them; how much scores rise
from the sample to a pseudo-sample estimates how much they rose from the truth to the sample.

What the slacks-based measure adds to Simar & Wilson's radial model:

- Units are placed on the estimated frontier, and moved inwards again by a drawn inefficiency, in the same proportion
  in all variables that the score counts: inputs and undesirable outputs shrink and desirable outputs grow by the
  proportional distance beta (the directional analogue: Simar, Vanhems & Wilson 2012). The input-oriented case is
  Simar & Wilson's own. The SBM's own projections would crowd on the few points farthest away.
- The distribution of u = -ln(1 - beta) >= 0 is smoothed with reflection at zero.
- A unit outside a pseudo-technology has no SBM score; its Super-SBM score, above one, takes its place.
- Bias and interval are formed in logarithms, so that corrected scores stay positive.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from shidian.efficiency import programs
from shidian.efficiency.engines import Engine, Pool, choose, solve_program
from shidian.efficiency.leave_outs import name_unit_years
from shidian.efficiency.programs import Counts, Program
from shidian.efficiency.pseudo_samples import (
    INSIDE,
    GivenRegressors,
    Regressed,
    Sampler,
    given_regressors,
    sampler,
)
from shidian.efficiency.result import Efficiency
from shidian.efficiency.sbm import measure
from shidian.efficiency.solution import OPTIMAL
from shidian.efficiency.technology import Technology
from shidian.errors import EstimationError
from shidian.ledger import ledger_row_of
from shidian.messages import say
from shidian.period import stream_key

DEARER = 1e5
"""Penalty of the own column where ``programs.PENALTY`` was too small to keep a unit inside from using it."""


@dataclass(frozen=True)
class Bootstrap:
    """Bootstrap of E scores.

    Attributes:
        summary: one row an evaluation: frontier, unit, year, score (capped at one), bias, corrected, se, low, high,
            and the number of replications with a score. ``bias`` = score - corrected.
        draws: (B, E) scores of the original units against the pseudo-technologies; nan where infeasible.
        first: number of the first replication; seed: seed of all.
        ledger: lines of the sample ledger.
    """

    summary: pd.DataFrame
    draws: np.ndarray
    first: int
    seed: int
    ledger: list[dict[str, Any]]

    def plausible(self) -> np.ndarray:
        """Return (B, E) bias-corrected plausible scores, score^2 / draw, to hand on to a second stage.

        Running the second stage on each row and combining the estimates carries the scores' uncertainty with it.
        """
        return self.summary["score"].to_numpy() ** 2 / self.draws


def bootstrap_scores(
    technology: Technology, *, seed: int, replications: int = 1000, first: int = 0, returns: str = "crs",
    orientation: str = "none", frontier: str = "contemporaneous", level: float = 0.95, bandwidth: float | None = None,
    engine: str = "auto", given: Regressed | None = None,
) -> Bootstrap:  # fmt: skip
    """Bootstrap the SBM scores of a panel.

    Replication d of the frontier that ends in year y draws from ``SeedSequence(seed, spawn_key=(d, y))``: it is the
    same for any number of replications, chunking (``first``) and choice of the other frontiers.

    Args:
        technology: the data.
        seed: seed of the draws.
        replications: number of pseudo-samples; first: number of the first one, to run them in chunks.
        returns, orientation, frontier, engine: as in ``super_sbm``; contemporaneous or global frontiers only.
        level: coverage of the intervals.
        bandwidth: of the smoothing, in units of u; by default Silverman's rule on the reflected sample.
        given: a regression of inefficiency, given which it is drawn; from all units alike where None.

    Raises:
        EstimationError: for options out of range, and where a score is missing.
    """
    _check_options(replications, first, level, bandwidth, frontier)
    chosen = choose("highs" if engine == "pulp" else engine)
    scores = measure(
        technology,
        returns=returns,
        orientation=orientation,
        frontier=frontier,
        super_efficiency=False,
        engine=chosen,
    )
    rho = np.minimum(scores.score, 1.0)
    if np.isnan(rho).any():
        raise EstimationError(say("the bootstrap needs all scores; some could not be certified"))
    model = PseudoModel(technology, returns, orientation, chosen)
    draws = np.full((replications, len(rho)), np.nan)
    placed = [np.flatnonzero(scores.frontier == label) for label in pd.unique(scores.frontier)]
    smoothed = [sampler(technology, scores.row[at], returns, orientation, bandwidth, chosen) for at in placed]
    rows = [scores.row[at] for at in placed]
    parts: Sequence[Sampler | GivenRegressors] = smoothed
    if given is not None:
        parts = given_regressors(smoothed, rows, technology, given)
    for at, part in zip(placed, parts, strict=True):
        year = int(technology.year[scores.row[at]].max())
        for d in range(replications):
            rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(first + d, *stream_key(year))))
            draws[d, at] = model.scores(part.draw(rng), technology.values[scores.row[at]], rho[at] > 1 - INSIDE)
    summary = summarise(scores, rho, draws, level)
    return Bootstrap(summary, draws, first, seed, _ledger(draws, summary))


def summarise(scores: Efficiency, rho: np.ndarray, draws: np.ndarray, level: float = 0.95) -> pd.DataFrame:
    """Return bias-corrected scores and basic bootstrap intervals in logarithms (Simar & Wilson 1998, 2000).

    ln rho_corrected = 2 ln rho - mean_b ln rho*_b; the interval takes the quantiles of ln rho - ln rho*_b.
    """
    shift = np.log(rho) - np.log(draws)  # estimates ln(truth) - ln(rho): below zero, the scores are too high
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a score without any draw stays missing, and is counted
        quantile = np.nanquantile if np.isnan(shift).any() else np.quantile  # the former sorts score by score
        low, high = quantile(shift, [(1 - level) / 2, (1 + level) / 2], axis=0)
        corrected = rho * np.exp(np.nanmean(shift, axis=0))
        se = corrected * np.nanstd(shift, axis=0, ddof=1)
    frame = scores.scores()[["frontier", "unit", "year"]]
    return frame.assign(
        score=rho, bias=rho - corrected, corrected=corrected, se=se,
        low=rho * np.exp(low), high=rho * np.exp(high), draws=(~np.isnan(draws)).sum(axis=0),
    )  # fmt: skip


class PseudoModel:
    """The programs that measure original units against a pseudo-technology, built once."""

    def __init__(self, technology: Technology, returns: Any, orientation: Any, engine: Engine) -> None:
        counts: Counts = technology.counts
        options = (counts, technology.weights, returns, orientation)
        self.engine = engine
        self.inside = [programs.sbm(*options, self_cost=cost) for cost in (programs.PENALTY, DEARER)]
        self.outside: Program = programs.super_sbm(*options)

    def scores(self, reference: np.ndarray, z: np.ndarray, efficient: np.ndarray) -> np.ndarray:
        """Return SBM scores of z (q, K) against reference data (K, n), Super-SBM scores where z lies outside.

        ``efficient`` (q,) marks units likely outside: it saves them the SBM stage, and changes no score.
        """
        pool = Pool(reference.shape[1])
        score = np.full(len(z), np.nan)
        own = efficient.astype(float)
        inner = np.flatnonzero(~efficient)
        score[inner], own[inner] = self._inside(0, reference, z[inner], pool)
        rest = np.flatnonzero(~(own <= INSIDE))
        solved = solve_program(self.outside, reference, z[rest], np.full(len(rest), -1), self.engine, pool)
        score[rest] = np.where(solved.status == OPTIMAL, solved.objective, np.nan)
        back = rest[score[rest] <= 1 + INSIDE]  # inside after all
        again, own = self._inside(1, reference, z[back], pool)
        score[back] = np.where(own <= INSIDE, again, score[back])
        return score

    def _inside(self, which: int, reference: np.ndarray, z: np.ndarray, pool: Pool) -> tuple[np.ndarray, np.ndarray]:
        solved = solve_program(self.inside[which], reference, z, np.full(len(z), -1), self.engine, pool)
        return solved.objective, np.where(solved.status == OPTIMAL, solved.column("self"), np.nan)


def _check_options(replications: int, first: int, level: float, bandwidth: float | None, frontier: str) -> None:
    if replications < 2:
        raise EstimationError(say("a bootstrap needs at least 2 replications, not {n}", n=replications))
    if first < 0:
        raise EstimationError(say("the number of the first replication is {first}; it counts from 0", first=first))
    if not 0 < level < 1:
        raise EstimationError(say("the level of an interval lies between 0 and 1, not at {level}", level=level))
    if bandwidth is not None and not bandwidth >= 0:
        raise EstimationError(say("the bandwidth must not be negative, but is {bandwidth}", bandwidth=bandwidth))
    if frontier not in ("contemporaneous", "global"):
        raise EstimationError(
            say("the bootstrap knows contemporaneous and global frontiers, not '{frontier}'", frontier=frontier)
        )


def _ledger(draws: np.ndarray, summary: pd.DataFrame) -> list[dict[str, Any]]:
    missing = np.isnan(draws)
    if not missing.any():
        return []
    hit = summary[missing.any(axis=0)]
    lost = {"n": int(missing.sum()), "of": draws.size, "who": name_unit_years(hit["unit"], hit["year"])}
    reason = say("{n} of {of} bootstrap scores missing, infeasible or not certified: {who}", **lost)
    return [ledger_row_of(hit, say("bootstrap"), say("score"), reason)]
