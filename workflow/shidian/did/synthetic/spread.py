"""Standard errors of synthetic comparisons: placebo, bootstrap and jackknife (Arkhangelsky et al. 2021, algs. 2 to 4).

Weights of draws are found exactly: the steps of the authors' program end within a fraction of a draw's noise of them,
and take a hundred times as long.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import comb
from typing import Literal

import numpy as np

from shidian.did.synthetic.estimate import Estimator, Synthetic, Weights, estimate, exact
from shidian.did.synthetic.panel import Block
from shidian.errors import EstimationError
from shidian.messages import say

Inference = Literal["placebo", "bootstrap", "jackknife"]
MOST_TRIES = 50
"""Resamples tried a draw before the bootstrap gives up finding one with all that it needs."""


@dataclass(frozen=True)
class Spread:
    """What draws give.

    Attributes:
        effect: standard error of the mean effect.
        cohorts: place of adoption -> that of the cohort's effect.
        times: periods since adoption -> that of the gap.
        n_draws: draws behind them.
        every: whether these are all placebo assignments there are.
    """

    effect: float
    cohorts: Mapping[int, float]
    times: Mapping[int, float]
    n_draws: int
    every: bool = False


def spread(block: Block, estimator: Estimator, found: Synthetic, how: Inference, draws: int, seed: int) -> Spread:
    """Return the standard errors of an estimate.

    Raises:
        EstimationError: what is asked for cannot be had from this panel; says what can.
    """
    require(block, how)
    if how == "jackknife":
        return _jackknife(block, estimator, found)
    every = how == "placebo" and len(block.cohorts) == 1 and _assignments(block) <= draws
    panels = _every_placebo(block) if every else _drawn(block, how, draws, seed)
    drawn = [estimate(one, estimator, exact) for one in panels]
    return _of_draws(drawn, found, 1.0, every)


def require(block: Block, how: Inference) -> None:
    """Refuse what a panel cannot give.

    Raises:
        EstimationError: too few never-treated units for placebos, or a cohort of one unit otherwise.
    """
    n0, n1 = int(block.never.sum()), int((~block.never).sum())
    if how == "placebo" and n0 <= n1:
        raise EstimationError(
            say(
                "placebo errors assign the adoption of {treated} treated units to never-treated ones, and there are "
                "{controls}: use 'inference: bootstrap' or 'jackknife'",
                treated=n1, controls=n0,
            )
        )  # fmt: skip
    sizes = {place: int((block.adopted == place).sum()) for place in block.cohorts}
    if how != "placebo" and (alone := [place for place, n in sizes.items() if n < 2]):
        raise EstimationError(
            say(
                "{how} errors want two treated units or more in each cohort; that of {cohort} has one: use 'inference: "
                "placebo'",
                how=how, cohort=int(block.periods[alone[0]]),
            )
        )  # fmt: skip


def _assignments(block: Block) -> int:
    return comb(int(block.never.sum()), int((~block.never).sum()))


def _every_placebo(block: Block) -> Iterator[Block]:
    """Yield the controls with each choice of them in the place of the one cohort."""
    controls, treated, last = np.flatnonzero(block.never), int((~block.never).sum()), len(block.periods)
    for chosen in combinations(range(len(controls)), treated):
        adopted = np.full(len(controls), last)
        adopted[list(chosen)] = block.cohorts[0]
        yield replace(block.of(controls), adopted=adopted)


def _drawn(block: Block, how: Inference, draws: int, seed: int) -> Iterator[Block]:
    """Yield draw d of a seed, the same whatever the number of draws."""
    for d in range(draws):
        rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(d,))))
        yield _placebo(block, rng) if how == "placebo" else _resampled(block, rng)


def _placebo(block: Block, rng: np.random.Generator) -> Block:
    """Return the controls, some of which adopt when the treated units did."""
    controls, when = np.flatnonzero(block.never), block.adopted[~block.never]
    order = rng.permutation(controls)
    adopted = np.full(len(order), len(block.periods))
    adopted[: len(when)] = when
    return replace(block.of(order), adopted=adopted)


def _resampled(block: Block, rng: np.random.Generator) -> Block:
    """Return units drawn with replacement, controls and every cohort among them."""
    n, wanted = len(block.adopted), set(block.adopted.tolist())
    for _ in range(MOST_TRIES):
        rows = np.sort(rng.integers(0, n, n))
        if set(block.adopted[rows].tolist()) == wanted:
            return block.of(rows)
    raise EstimationError(
        say(
            "bootstrap errors: {tries} resamples lacked a cohort or never-treated units, which are too few for it: use "
            "'inference: placebo' or 'jackknife'",
            tries=MOST_TRIES,
        )
    )


def _jackknife(block: Block, estimator: Estimator, found: Synthetic) -> Spread:
    """Leave out one unit each, the weights of the others as they were."""
    n, never = len(block.adopted), np.flatnonzero(block.never)
    weights = [one.weights for one in found.cohorts]
    if any((one.units > 0).sum() < 2 for one in weights):
        raise EstimationError(
            say("jackknife errors want two never-treated units with a weight or more: use 'inference: placebo'")
        )
    drawn = []
    for i in range(n):
        rows, at = np.delete(np.arange(n), i), np.flatnonzero(never == i)
        drawn.append(estimate(block.of(rows), estimator, exact, _without(weights, at)))
    return _of_draws(drawn, found, float(n - 1))


def _without(weights: Sequence[Weights], at: np.ndarray) -> list[Weights]:
    """Return weights without those of some controls, the others in proportion."""
    units = [np.delete(one.units, at) for one in weights]
    return [Weights(u / u.sum(), one.periods) for u, one in zip(units, weights, strict=True)]


def _of_draws(drawn: Sequence[Synthetic], found: Synthetic, factor: float, every: bool = False) -> Spread:
    """Return root of ``factor`` times the variances of the draws about their means."""
    scale, paths = np.sqrt(factor), [one.event_times() for one in drawn]
    return Spread(
        float(scale * np.std([one.effect for one in drawn])),
        {
            own.place: float(scale * np.std([one.cohorts[n].effect for one in drawn]))
            for n, own in enumerate(found.cohorts)
        },
        {tau: float(scale * np.std([path[tau] for path in paths])) for tau in found.event_times()},
        len(drawn),
        every,
    )  # fmt: skip
