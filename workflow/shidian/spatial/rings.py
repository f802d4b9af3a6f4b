"""Spillover rings: is some other unit within so many km treated? (Butts 2021, section 4)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from shidian.errors import EstimationError
from shidian.inference.sample import require_unit_years
from shidian.messages import say


def ring_name(low: float, high: float) -> str:
    """Return the term of a ring."""
    return say("ring {low:g}–{high:g} km", low=low, high=high)


def ring_indicators(
    panel: pd.DataFrame,
    treatment: str,
    codes: Sequence[str],
    distance_km: np.ndarray,
    edges: Sequence[float],
    nearest_only: bool = True,
) -> pd.DataFrame:
    """Return one 0/1 column a ring (index of ``panel``), 1 where another unit in the ring is treated that year.

    Args:
        panel: one row a unit-year, with ``unit``, ``year`` and the treatment.
        treatment: name of the 0/1 treatment.
        codes: (n,) units of the distances.
        distance_km: (n, n) distances.
        edges: increasing distances in km, 0 first; ring k holds distances in (edges[k], edges[k + 1]].
        nearest_only: a unit-year belongs to the nearest ring with a treated unit alone (disjoint rings), else to
            every such ring.

    Raises:
        EstimationError: edges that do not increase from 0; a unit without distances; a unit-year with several rows.
    """
    if len(edges) < 2 or edges[0] != 0 or any(b <= a for a, b in pairwise(edges)):
        raise EstimationError(
            say("rings want distances that increase from 0, such as 0, 100, 200, not {edges}", edges=str(list(edges)))
        )
    place = {str(code): i for i, code in enumerate(codes)}
    owner = panel["unit"].astype(str).map(place)
    if owner.isna().any():
        lacking = panel.loc[owner.isna(), "unit"].iloc[0]
        raise EstimationError(say("unit '{unit}' has no distances", unit=lacking))
    require_unit_years(panel, say("a ring of treated neighbours"))
    unit, year = owner.to_numpy(dtype=np.int64), pd.factorize(panel["year"], sort=True)[0]
    treated = np.zeros((len(codes), year.max() + 1))
    treated[unit, year] = panel[treatment].to_numpy(dtype=np.float64) == 1
    apart = distance_km + np.diag(np.full(len(codes), np.inf))
    columns, taken = {}, np.zeros(len(panel), dtype=bool)
    for low, high in pairwise(edges):
        ring = ((apart > low) & (apart <= high)).astype(np.float64)
        inside = (ring @ treated)[unit, year] > 0
        columns[ring_name(low, high)] = (inside & ~taken if nearest_only else inside).astype(np.int64)
        taken |= inside
    return pd.DataFrame(columns, index=panel.index)
