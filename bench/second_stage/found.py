"""What is found in a world, and what the worlds say together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from shidian.exhibits.efficiency.second_stage.estimate import pool_regressions

from bench.second_stage.remedies import as_they_are, bootstraps, resampled
from bench.second_stage.worlds import Scored, scored_world

CRITICAL = 1.968
"""Of t with 279 degrees of freedom."""
SCORES, PEERS, BOOTSTRAPS = ("scores", "part of the cities", "bootstraps")
"""Parts of the remedies, by what they cost."""
WITHIN, LEAST, MOST = 2.0, 0.92, 0.98
"""What the recommended column is held to: bias in Monte Carlo errors, coverage of 95% intervals."""


def row(seed: int, design: str, part: str) -> dict[str, Any]:
    """Return what is found in one world: the truth, and estimate, error, bias and rank of scores by remedy.

    Args:
        seed: the world's.
        design: one of ``DESIGNS``.
        part: scores as they are, scores against part of the cities, or the bootstraps.
    """
    world = scored_world(seed, design)
    if part == BOOTSTRAPS:
        remedies = _bootstraps(world, seed)
    else:
        given = as_they_are(world) if part == SCORES else resampled(world, seed)
        remedies = {name: _on_scores(world, scores) for name, scores in given.items()}
    return {
        "seed": seed, "design": design, "part": part, "truth": world.effect, "spread": world.spread,
        "efficient": float((world.frame["score"] >= 1).mean()), "remedies": remedies,
    }  # fmt: skip


def _bootstraps(world: Scored, seed: int) -> dict[str, list[float | None]]:
    true = world.frame["gie"].to_numpy()
    found: dict[str, list[float | None]] = {}
    for name, (corrected, draws) in bootstraps(world, seed).items():
        found[f"{name}, corrected"] = _on_scores(world, corrected)
        pooled = pool_regressions([world.regressed(scores) for scores in draws], world.regressed(corrected))
        error = float(np.sqrt(pooled.vcov[0, 0]))
        found[f"{name}, pooled"] = [float(pooled.coef[0]), error, float((draws - true).mean()), None]
    return found


def _on_scores(world: Scored, scores: np.ndarray) -> list[float | None]:
    fit, true = world.regressed(scores).fit, world.frame["gie"].to_numpy()
    rank = float(pd.Series(scores).corr(pd.Series(true), method="spearman"))
    return [float(fit.coef[0]), float(fit.se[0]), float((scores - true).mean()), rank]


def summary(worlds: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return one row a remedy: bias of the effect with its Monte Carlo error, spread, errors, coverage, and scores.

    ``apart``, of scores as they are, is the coverage of intervals whose variance has lost what the spread of effects
    over cities adds.
    """
    rows = {}
    for name in dict.fromkeys(name for world in worlds for name in world["remedies"]):
        at = [world for world in worlds if name in world["remedies"]]
        found = np.array([[w["truth"], w["spread"], *w["remedies"][name]] for w in at], dtype=float)
        error, se = found[:, 2] - found[:, 0], found[:, 3]
        own = np.sqrt(np.maximum(se**2 - found[:, 1] ** 2, 0.0))
        rows[name] = {
            "worlds": len(at), "bias": error.mean(), "Monte Carlo error": error.std(ddof=1) / len(error) ** 0.5,
            "sd": error.std(ddof=1), "mean SE": se.mean(),
            "coverage": float((np.abs(error) <= CRITICAL * se).mean()),
            "apart": float((np.abs(error) <= CRITICAL * own).mean()) if at[0]["part"] == SCORES else np.nan,
            "bias of scores": found[:, 4].mean(), "rank": found[:, 5].mean(),
        }  # fmt: skip
    return pd.DataFrame.from_dict(rows, orient="index")


def failures(table: pd.DataFrame, name: str, coverage: str = "coverage") -> list[str]:
    """Return what a remedy is held to and does not keep, in words; none where it holds."""
    row = table.loc[name]
    found = []
    if abs(row["bias"]) > WITHIN * row["Monte Carlo error"]:
        found.append(
            f"bias {row['bias']:.5f} is beyond {WITHIN:g} Monte Carlo errors of {row['Monte Carlo error']:.5f}"
        )
    if not LEAST <= row[coverage] <= MOST:
        found.append(f"coverage {row[coverage]:.3f} is outside {LEAST:g} to {MOST:g}")
    return found
