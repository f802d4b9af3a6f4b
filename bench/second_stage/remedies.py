"""Scores by remedy: what is done about the bias of efficiency scores before they are regressed on a policy."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from shidian.efficiency import bootstrap
from shidian.efficiency.engines import solve_model
from shidian.efficiency.pseudo_samples import Regressed

from bench.second_stage.worlds import Scored

REPLICATIONS, SPLITS, DRAWS, PEERS, ALPHA = 30, 10, 10, 100, 0.05
RECOMMENDED = "Super-SBM scores"


def split_samples(world: Scored, rng: np.random.Generator) -> np.ndarray:
    """Return scores corrected by split samples (Kneip, Simar and Wilson 2016), in logarithms.

    Against half the units scores are too high by 2^kappa times as much as against all, kappa = 2 / K under constant
    returns with K variables; the mean difference over random halves, over 2^kappa - 1, is the bias.
    """
    kappa, score = 2 / len(world.technology.names), world.score
    total = np.zeros(len(score))
    for _ in range(SPLITS):
        for rows in world.years():
            for half in np.array_split(rng.permutation(rows), 2):
                values = world.technology.values[half]
                solved = solve_model(
                    world.model, np.ascontiguousarray(values.T), values, np.full(len(half), -1), "fast"
                )
                total[half] += np.log(np.minimum(solved.objective, 1.0)) - np.log(score[half])
    return score * np.exp(-total / SPLITS / (2**kappa - 1))


def partial_frontiers(world: Scored, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return order-m scores, and scores corrected by subsampling (Simar and Wilson 2011), both against m peers."""
    kappa, score = 2 / len(world.technology.names), world.score
    levels, logs = np.zeros(len(score)), np.zeros(len(score))
    for _ in range(DRAWS):
        for rows in world.years():
            found = world.against(rows, rng.choice(rows, PEERS, replace=False))
            levels[rows] += found / DRAWS
            logs[rows] += np.log(found) / DRAWS
    size = (PEERS / len(world.years()[0])) ** kappa
    return levels, score * np.exp(-size * (logs - np.log(score)))


def order_alpha(world: Scored) -> np.ndarray:
    """Return order-alpha scores: the share of inputs and pollution at which all but alpha of the peers need more.

    Under constant returns, against single peers brought to the unit's outputs (Daraio and Simar 2007).
    """
    counts, result = world.technology.counts, np.empty(len(world.score))
    good = np.arange(counts.inputs, counts.inputs + counts.desirable)
    for rows in world.years():
        values = world.technology.values[rows]
        ratio = values[None, :, :] / values[:, None, :]  # unit, peer, variable
        scale = (1 / ratio[..., good]).max(axis=-1)
        needed = scale * np.delete(ratio, good, axis=-1).max(axis=-1)
        result[rows] = np.quantile(needed, ALPHA, axis=1)
    return result


def bootstrapped(world: Scored, seed: int, given: Regressed | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Return corrected and plausible scores of a bootstrap, in the order of the panel."""
    boot = bootstrap.bootstrap_scores(world.technology, seed=seed, replications=REPLICATIONS, given=given)
    order = boot.summary.assign(at=np.arange(len(boot.summary))).sort_values(["unit", "year"])["at"].to_numpy()
    return boot.summary["corrected"].to_numpy()[order], boot.plausible()[:, order]


def conditional(world: Scored, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return corrected and plausible scores of the bootstrap given policy, controls and effects."""

    def given(rows: pd.DataFrame) -> tuple[np.ndarray, float]:
        u = world.frame[["unit", "year"]].merge(rows, on=["unit", "year"], validate="1:1")["u"].to_numpy()
        residuals = world.regressed(u).residuals
        fitted = world.frame[["unit", "year"]].assign(fitted=u - residuals)
        return rows.merge(fitted, on=["unit", "year"])["fitted"].to_numpy(), float(np.sqrt(np.mean(residuals**2)))

    return bootstrapped(world, seed, given)


def as_they_are(world: Scored) -> Mapping[str, np.ndarray]:
    """Return name -> scores of the panel's rows, without a remedy, true efficiency first."""
    own = world.frame["score"].to_numpy()
    return {"true efficiency": world.frame["gie"].to_numpy(), RECOMMENDED: own, "scores of at most 1": world.score}


def resampled(world: Scored, seed: int) -> Mapping[str, np.ndarray]:
    """Return remedy -> scores of the panel's rows, of the remedies that measure against part of the cities."""
    rng = np.random.default_rng(seed)
    order_m, subsampled = partial_frontiers(world, rng)
    return {
        "split samples": split_samples(world, rng),
        "subsampling": subsampled,
        "order-m": order_m,
        "order-alpha": order_alpha(world),
    }


def bootstraps(world: Scored, seed: int) -> Mapping[str, tuple[np.ndarray, np.ndarray]]:
    """Return bootstrap -> corrected scores of the panel's rows, and (B, rows) plausible ones."""
    return {"smoothed bootstrap": bootstrapped(world, seed), "conditional bootstrap": conditional(world, seed)}
