"""Small-sample conventions: how many parameters a model has, as fixest, reghdfe, xtreg and areg count them.

The count K decides the factor (N-1)/(N-K) * G/(G-1) of clustered, N/(N-K) of heteroskedastic and 1/(N-K) of
conventional standard errors. It is computed here from the data, never read from a regression package, whose
count may depend on how the formula is spelled.

Sources: R fixest 0.14 ``ssc()`` and its vignette "On standard-errors"; reghdfe 6 (``reghdfe_mata``: estimate_dof,
reghdfe_vce_cluster); Stata 18 [XT] xtreg and [R] areg, "Methods and formulas".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from shidian.errors import EstimationError
from shidian.inference.effects import Effect, Slopes, blocks, codes_of, plain, same_levels, slopes
from shidian.messages import say

Convention = Literal["fixest", "reghdfe", "xtreg", "areg"]
CONVENTIONS: tuple[Convention, ...] = ("fixest", "reghdfe", "xtreg", "areg")


def count_parameters(
    n_regressors: int,
    effects: Sequence[Effect],
    cluster: np.ndarray | Sequence[np.ndarray] | None,
    convention: Convention,
) -> int:
    """Return K, the number of estimated parameters that the convention counts.

    Without fixed effects all conventions count the slopes and the constant. With them:

    * ``fixest``: all levels, less one a further effect; an effect nested in a cluster counts one level
      (defaults of R's fixest: ``K.fixef = "nonnested"``).
    * ``reghdfe``: an effect nested in a cluster counts nothing, but then the constant counts one; of the
      others, levels are redundant by pair of effects as many as the pair's graph has components, one at least
      (Abowd, Creecy & Kramarz 2002).
    * ``xtreg``: the first effect is absorbed, the others are explicit dummies. Clustered errors count the
      dummies and the constant, conventional errors the absorbed levels too.
    * ``areg``: every level of every effect counts, nested or not, as in OLS with dummies.

    Slopes of levels count one a level in which their variable varies beside the level's intercept, less those that
    another effect spans (trends of units add up to one of year effects); in ``fixest`` and ``reghdfe`` none where the
    levels are nested in a cluster.

    Args:
        n_regressors: slopes, without the constant.
        effects: one (n,) array of codes a fixed effect, or its slopes.
        cluster: (n,) cluster codes, one such array a way of clustering, or None for unclustered errors.
        convention: one of ``CONVENTIONS``.

    Raises:
        EstimationError: xtreg with several ways of clustering, or with units that are not nested in clusters.
    """
    clusters = [] if cluster is None else [cluster] if isinstance(cluster, np.ndarray) else list(cluster)
    if not effects:
        return n_regressors + 1
    n_regressors += _count_slopes(effects, clusters if convention in ("fixest", "reghdfe") else [])
    effects = plain(effects)
    levels = [len(np.unique(e)) for e in effects]
    nested = [any(is_nested(e, c) for c in clusters) for e in effects]
    if convention == "fixest":
        full = n_regressors + sum(levels) - (len(effects) - 1)
        return full - sum(n - 1 for n, inside in zip(levels, nested, strict=True) if inside)
    if convention == "reghdfe":
        outside = [i for i, inside in enumerate(nested) if not inside]
        redundant = _redundant_levels([effects[i] for i in outside], minimum_first=int(any(nested)))
        absorbed = sum(levels[i] for i in outside) - redundant
        return n_regressors + absorbed + int(any(nested))
    full = n_regressors + sum(levels) - _redundant_levels(effects, minimum_first=0)
    if convention == "areg" or not clusters:
        return full
    if len(clusters) > 1:
        raise EstimationError(say("xtreg clusters one way only: choose the convention 'reghdfe' or 'fixest'"))
    if not nested[0]:
        raise EstimationError(
            say(
                "xtreg wants each level of the first fixed effect inside one cluster, and here some level lies in "
                "several: cluster more coarsely, or choose the convention 'reghdfe', 'areg' or 'fixest'"
            )
        )
    return full - levels[0] + 1


def degrees_of_freedom(n_obs: int, n_parameters: int, n_clusters: int | None, convention: Convention) -> float:
    """Return the degrees of freedom of t tests: G-1 when clustered (reghdfe: N-K if that is less), else N-K."""
    if n_clusters is None:
        return float(n_obs - n_parameters)
    if convention == "reghdfe":
        return float(min(n_clusters - 1, n_obs - n_parameters))
    return float(n_clusters - 1)


def is_nested(effect: np.ndarray, cluster: np.ndarray) -> bool:
    """Say whether every level of ``effect`` lies inside one cluster."""
    level, inside = (np.unique(codes, return_inverse=True)[1] for codes in (effect, cluster))
    first = np.empty(level.max() + 1, dtype=inside.dtype)
    first[level[::-1]] = inside[::-1]
    return bool((first[level] == inside).all())


def by_nesting(effects: Sequence[Effect], cluster: np.ndarray) -> tuple[list[Effect], list[Effect]]:
    """Return the effects each of whose levels lies inside one cluster, and those that cross clusters."""
    inside = [is_nested(codes_of(effect), cluster) for effect in effects]
    nested = [effect for effect, is_inside in zip(effects, inside, strict=True) if is_inside]
    return nested, [effect for effect, is_inside in zip(effects, inside, strict=True) if not is_inside]


def cluster_factor(n_obs: int, n_parameters: int, n_clusters: int) -> float:
    """Return (N-1)/(N-K) * G/(G-1), the CRV1 factor of all conventions; G = the smaller one of two ways."""
    return (n_obs - 1) / (n_obs - n_parameters) * n_clusters / (n_clusters - 1)


def hetero_factor(n_obs: int, n_parameters: int) -> float:
    """Return N/(N-K), the HC1 factor."""
    return n_obs / (n_obs - n_parameters)


def _count_slopes(effects: Sequence[Effect], clusters: Sequence[np.ndarray]) -> int:
    """Count the slopes that are estimated, those of levels nested in one of ``clusters`` not."""
    count, earlier = 0, list[Effect](plain(effects))
    for effect in slopes(effects):
        intercepts = [e for e in earlier if not isinstance(e, Slopes) and same_levels(e, effect.codes)]
        others = [e for e in earlier if isinstance(e, Slopes) and same_levels(e.codes, effect.codes)]
        (block,) = blocks([*intercepts, *others, effect], np.ones(len(effect.x)))
        alive = block.found[-1]
        if not any(is_nested(effect.codes, c) for c in clusters):
            count += int(alive.sum()) - _spanned(effect, alive[block.codes], earlier)
        earlier.append(effect)
    return count


def _spanned(effect: Slopes, rows: np.ndarray, earlier: Sequence[Effect]) -> int:
    """Count the combinations of slopes on some rows that an effect spans: one whose levels fix x, or slopes of x."""
    shared = [0]
    for other in earlier:
        alike = np.array_equal(other.x, effect.x) if isinstance(other, Slopes) else _fixes(other, effect.x)
        if alike and rows.any() and not same_levels(codes_of(other), effect.codes):
            shared.append(_components(codes_of(other)[rows], effect.codes[rows]))
    return max(shared)


def _fixes(levels: np.ndarray, x: np.ndarray) -> bool:
    """Say whether x is the same in all rows of each level."""
    return is_nested(levels, np.unique(x, return_inverse=True)[1])


def _redundant_levels(effects: Sequence[np.ndarray], minimum_first: int) -> int:
    """Count redundant levels: of each effect the components shared with an earlier one, the largest pair."""
    redundant = minimum_first if effects else 0
    for j in range(1, len(effects)):
        redundant += max(_components(earlier, effects[j]) for earlier in effects[:j])
    return redundant


def _components(first: np.ndarray, second: np.ndarray) -> int:
    """Count the connected components of the bipartite graph of two effects."""
    a = np.unique(first, return_inverse=True)[1]
    b = np.unique(second, return_inverse=True)[1] + a.max() + 1
    size = int(b.max()) + 1
    graph = coo_array((np.ones(len(a)), (a, b)), shape=(size, size))
    return int(connected_components(graph, directed=False)[0])
