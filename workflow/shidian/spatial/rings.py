"""Spillover rings: is some other unit within so many km treated? (Butts 2021, section 4)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from shidian.errors import EstimationError
from shidian.inference.sample import require_unit_years
from shidian.messages import say
from shidian.spatial.near import Near


def ring_name(low: float, high: float) -> str:
    """Return the term of a ring."""
    return say("ring {low:g}–{high:g} km", low=low, high=high)


def ring_indicators(
    panel: pd.DataFrame,
    treatment: str,
    codes: Sequence[str],
    near: Near,
    edges: Sequence[float],
    nearest_only: bool = True,
) -> pd.DataFrame:
    """Return one 0/1 column a ring (index of ``panel``), 1 where another unit in the ring is treated that year.

    Args:
        panel: one row a unit-year, with ``unit``, ``year`` and the treatment.
        treatment: name of the 0/1 treatment.
        codes: (n,) units, in the order of the places of ``near``.
        near: distances between units within a cut-off (``shidian.spatial.near``).
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
    found = _treated_in_rings(treated, near, edges)
    columns, taken = {}, np.zeros(len(panel), dtype=bool)
    for (low, high), in_ring in zip(pairwise(edges), found, strict=True):
        inside = in_ring[unit, year]
        columns[ring_name(low, high)] = (inside & ~taken if nearest_only else inside).astype(np.int64)
        taken |= inside
    return pd.DataFrame(columns, index=panel.index)


def _treated_in_rings(treated: np.ndarray, near: Near, edges: Sequence[float]) -> np.ndarray:
    """Return (rings, n, years) whether another unit in the ring is treated; ``treated`` is (n, years) of 0 and 1."""
    found = np.zeros((len(edges) - 1, *treated.shape), dtype=bool)
    for rows, distance in near.within(edges[-1]):
        itself = distance.indices == np.repeat(np.arange(rows.start, rows.stop), np.diff(distance.indptr))
        for ring, (low, high) in enumerate(pairwise(edges)):
            inside = (distance.data > low) & (distance.data <= high) & ~itself
            links = csr_array((inside.astype(np.float64), distance.indices, distance.indptr), shape=distance.shape)
            found[ring, rows] = links @ treated > 0
    return found
