"""Who is treated when: real pilots where their year is known, declared batches drawn for the rest."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd

from shidian.errors import SimulationError
from shidian.simulate.truth import Policy
from shidian.simulate.units import read_pilots

NEVER = 9999


def assign(
    policy: Policy,
    units: pd.DataFrame,
    in_sample: np.ndarray,
    values: Mapping[str, np.ndarray],
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Return the first treated year of every unit.

    Args:
        policy: list, batches, pool, selection.
        units: the simulated units.
        in_sample: (n,) units of the study's sample, from which simulated years are drawn.
        values: variable -> (n,) values for the selection.
        rng: random stream.

    Returns:
        Columns code, name, first_year (9999 = never), dates (``real``, ``simulated``, or empty).

    Raises:
        SimulationError: a batch is larger than the pool that is left.
    """
    result = pd.DataFrame({"code": units["code"], "name": units["name"], "first_year": NEVER, "dates": ""})
    pool = in_sample & ~units["code"].isin(policy.never).to_numpy()
    if policy.pilots:
        pilots = read_pilots(policy.pilots).set_index("code")["first_year"]
        listed = units["code"].isin(pilots.index).to_numpy()
        year = units["code"].map(pilots.dropna().astype(int))
        dated = year.notna().to_numpy()
        result.loc[dated, "first_year"] = year[dated].astype(int)
        result.loc[dated, "dates"] = "real"
        pool = (listed & ~dated) if policy.pool == "undated" else pool & ~listed
    for batch, size in sorted(policy.batches.items()):
        chosen = _draw_batch(policy, batch, size, np.flatnonzero(pool), values, rng)
        result.loc[chosen, "first_year"] = batch
        result.loc[chosen, "dates"] = "simulated"
        pool[chosen] = False
    return result


def _draw_batch(
    policy: Policy, batch: int, size: int, pool: np.ndarray, values: Mapping[str, np.ndarray], rng: np.random.Generator
) -> np.ndarray:
    """Draw units without replacement with odds exp(sum_k c_k z_k), by the Gumbel trick."""
    size = min(size, len(pool)) if policy.limited else size
    if size > len(pool):
        raise SimulationError(
            f"{policy.policy}: the batch of {batch} has {size} units, but only {len(pool)} are left to draw from; "
            f"lower the batch in config/truth or simulate more units"
        )
    score = rng.gumbel(size=len(pool))
    for name, coefficient in policy.selection.items():
        if name not in values:
            raise SimulationError(
                f"{policy.policy}: selection by '{name}', which is not simulated before the treatment"
            )
        z = values[name][pool]
        score += coefficient * (z - z.mean()) / max(float(z.std()), 1e-12)
    return np.asarray(pool[np.argsort(-score, kind="stable")[:size]])


def status(first_year: np.ndarray, years: np.ndarray) -> np.ndarray:
    """Return the (n, T) 0/1 status: 1 from the first treated year on."""
    return (years[None, :] >= first_year[:, None]).astype(float)


def scaled(batches: Mapping[int, int], share: float) -> dict[int, int]:
    """Return batches for a small world: the same share of the units, rounded up."""
    return {year: math.ceil(size * share) for year, size in batches.items()}
