"""Small-sample conventions: how many parameters a model has, as reghdfe, xtreg and fixest count them.

The count decides the factor (N-1)/(N-K) of clustered and N/(N-K) of heteroskedastic standard errors. It is
computed here from the data, never read from a regression package, whose count may depend on how the formula
is spelled.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Convention = Literal["fixest", "reghdfe", "xtreg"]
CONVENTIONS: tuple[Convention, ...] = ("fixest", "reghdfe", "xtreg")


def count_parameters(
    n_regressors: int,
    effects: Sequence[np.ndarray],
    cluster: np.ndarray | None,
    convention: Convention,
) -> int:
    """Return K, the number of estimated parameters that the convention counts.

    Args:
        n_regressors: slopes, without the constant.
        effects: one (n,) array of codes a fixed effect.
        cluster: (n,) cluster codes, or None for unclustered errors.
        convention: ``fixest`` (ssc defaults of R's fixest: K.fixef = "nonnested", levels less one a further
            effect), ``reghdfe`` (Correia 2017: effects nested in the cluster are redundant, redundant levels of
            the second effect counted by connected components) or ``xtreg`` (unit effects absorbed first; equal
            to reghdfe when errors are clustered by unit, all effects counted otherwise).
    """
    if not effects:
        return n_regressors + 1
    levels = [len(np.unique(e)) for e in effects]
    nested = [cluster is not None and is_nested(e, cluster) for e in effects]
    if convention == "fixest":
        full = n_regressors + sum(levels) - (len(effects) - 1)
        return full - sum(n - 1 for n, inside in zip(levels, nested, strict=True) if inside)
    absorbed = sum(levels) - _redundant_levels(effects, levels, nested)
    # reghdfe gives the constant back when it went away with effects nested in the cluster
    return n_regressors + absorbed + int(any(nested))


def is_nested(effect: np.ndarray, cluster: np.ndarray) -> bool:
    """Say whether every level of ``effect`` lies inside one cluster."""
    pairs = np.unique(np.column_stack([np.unique(effect, return_inverse=True)[1],
                                       np.unique(cluster, return_inverse=True)[1]]), axis=0)  # fmt: skip
    return len(pairs) == len(np.unique(pairs[:, 0]))


def cluster_factor(n_obs: int, n_parameters: int, n_clusters: int) -> float:
    """Return (N-1)/(N-K) * G/(G-1), the CRV1 factor of all three conventions."""
    return (n_obs - 1) / (n_obs - n_parameters) * n_clusters / (n_clusters - 1)


def hetero_factor(n_obs: int, n_parameters: int) -> float:
    """Return N/(N-K), the HC1 factor."""
    return n_obs / (n_obs - n_parameters)


def _redundant_levels(effects: Sequence[np.ndarray], levels: list[int], nested: list[bool]) -> int:
    """Count redundant levels: all of a nested effect; else the components shared with an earlier effect."""
    redundant = 0
    for j, effect in enumerate(effects):
        if nested[j]:
            redundant += levels[j]
        elif j > 0:
            redundant += max(_components(earlier, effect) for earlier in effects[:j])
    return redundant


def _components(first: np.ndarray, second: np.ndarray) -> int:
    """Count the connected components of the bipartite graph of two effects (Abowd, Creecy & Kramarz 2002)."""
    a = np.unique(first, return_inverse=True)[1]
    b = np.unique(second, return_inverse=True)[1] + a.max() + 1
    size = int(b.max()) + 1
    graph = coo_array((np.ones(len(a)), (a, b)), shape=(size, size))
    return int(connected_components(graph, directed=False)[0])
