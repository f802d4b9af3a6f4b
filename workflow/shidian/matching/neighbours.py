"""Nearest-neighbour matching on a score; ties and order are declared, so row order never matters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from shidian.errors import EstimationError
from shidian.matching.free_controls import DIGITS, FreeControls
from shidian.messages import say

Order = Literal["largest", "smallest", "key", "random"]


@dataclass(frozen=True)
class MatchRule:
    """How to match.

    Attributes:
        neighbours: k controls a treated row.
        replacement: a control may serve several treated rows.
        caliper: largest distance allowed, or None; in standard deviations of the distance measure, or
            absolute.
        caliper_scale: ``sd`` (of the measure over all rows) or ``absolute``.
        measure: distance in the ``score`` (probability) or in its log odds (``logit``).
        order: without replacement, which treated row chooses first: highest score, lowest, by key, or random.
        ties: with replacement, controls at exactly the distance of the k-th: the ``first`` by key, or ``all``
            of them (each with an equal share of the weight). Without replacement the first by key.
        support: rows off the common support are not matched: ``none``, ``treated`` (outside the controls'
            range, as psmatch2's common) or ``both``.
        seed: seed of the random order.
    """

    neighbours: int = 1
    replacement: bool = True
    caliper: float | None = None
    caliper_scale: Literal["sd", "absolute"] = "sd"
    measure: Literal["score", "logit"] = "score"
    order: Order = "largest"
    ties: Literal["first", "all"] = "first"
    support: Literal["none", "treated", "both"] = "treated"
    seed: int = 0


@dataclass(frozen=True)
class Matches:
    """Pairs of a matching.

    Attributes:
        treated: (P,) row of the treated unit of each pair.
        control: (P,) row of its control.
        distance: (P,) distance.
        share: (P,) weight of the control within its treated row's set; the shares of a set add to one.
        on_support: (n,) rows on the common support.
        weight: (n,) one for each matched treated row, the sum of shares for controls, zero for the rest.
        unmatched: treated rows on the support for which no control was near enough, or left.
    """

    treated: np.ndarray
    control: np.ndarray
    distance: np.ndarray
    share: np.ndarray
    on_support: np.ndarray
    weight: np.ndarray
    unmatched: np.ndarray


def match_neighbours(measure: np.ndarray, treated: np.ndarray, key: np.ndarray, rule: MatchRule) -> Matches:
    """Match each treated row to its nearest controls.

    Args:
        measure: (n,) score or log odds.
        treated: (n,) boolean.
        key: (n,) distinct sortable keys that break ties (rank of unit and year).
        rule: how to match.

    Raises:
        EstimationError: fewer than one neighbour asked for, keys not distinct.
    """
    if rule.neighbours < 1:
        raise EstimationError(say("neighbours must be at least 1, not {neighbours}", neighbours=rule.neighbours))
    if len(np.unique(key)) != len(key):
        raise ValueError("keys that break ties must be distinct")
    on_support = common_support(measure, treated, rule.support)
    limit = np.inf
    if rule.caliper is not None:
        limit = rule.caliper * (float(np.std(measure, ddof=1)) if rule.caliper_scale == "sd" else 1.0)
    rows_t = np.flatnonzero(treated & on_support)
    rows_c = np.flatnonzero(~treated & on_support)
    rows_c = rows_c[np.lexsort((key[rows_c], measure[rows_c]))]
    find = _with_replacement if rule.replacement else _without_replacement
    pairs = find(measure, key, rows_t, rows_c, limit, rule)
    t = np.array([p[0] for p in pairs], dtype=np.int64)
    c = np.array([p[1] for p in pairs], dtype=np.int64)
    sizes = np.bincount(t, minlength=len(measure))
    share = 1.0 / sizes[t] if len(t) else np.empty(0)
    weight = np.zeros(len(measure))
    np.add.at(weight, c, share)
    weight[np.unique(t)] = 1.0
    return Matches(t, c, np.abs(measure[t] - measure[c]), share, on_support, weight, np.setdiff1d(rows_t, t))


def common_support(measure: np.ndarray, treated: np.ndarray, support: str) -> np.ndarray:
    """Return the rows whose measure lies in the range of the other group, for the groups that the rule names."""
    inside = np.ones(len(measure), dtype=bool)
    if support == "none" or treated.all() or not treated.any():
        return inside
    low, high = measure[~treated].min(), measure[~treated].max()
    inside[treated] = (measure[treated] >= low) & (measure[treated] <= high)
    if support == "both":
        low, high = measure[treated].min(), measure[treated].max()
        inside[~treated] = (measure[~treated] >= low) & (measure[~treated] <= high)
    return inside


def _with_replacement(
    measure: np.ndarray,
    key: np.ndarray,
    rows_t: np.ndarray,
    rows_c: np.ndarray,
    limit: float,
    rule: MatchRule,
) -> list[tuple[int, int]]:
    pairs: list[tuple[int, int]] = []
    scores = measure[rows_c]
    k = min(rule.neighbours, len(rows_c))
    if k == 0:
        return pairs
    of_score: dict[float, list[int]] = {}  # treated rows of one score have the same controls
    for t in rows_t[np.argsort(key[rows_t])].tolist():
        value = float(measure[t])
        if value not in of_score:
            window = _window(scores, value, k)
            distance = _distance(scores[window], value)
            if rule.ties == "all":
                chosen = np.flatnonzero(distance <= np.sort(distance)[k - 1])
            else:
                chosen = np.lexsort((key[rows_c[window]], distance))[:k]
            of_score[value] = rows_c[window][chosen[distance[chosen] <= limit]].tolist()
        pairs += [(t, c) for c in of_score[value]]
    return pairs


def _window(scores: np.ndarray, value: float, k: int) -> slice:
    """Return the part of the sorted scores that holds the k nearest to ``value`` and all ties with the k-th."""
    at = int(np.searchsorted(scores, value))
    near = _distance(scores[max(at - k, 0) : at + k], value)
    radius = np.partition(near, k - 1)[k - 1]
    margin = radius + 2 * 10.0**-DIGITS  # wide enough for the rounding; ties are settled on the distances
    low = np.searchsorted(scores, value - margin, side="left")
    return slice(int(low), int(np.searchsorted(scores, value + margin, side="right")))


def _distance(scores: np.ndarray, value: float) -> np.ndarray:
    return np.abs(scores - value).round(DIGITS)


def _without_replacement(
    measure: np.ndarray,
    key: np.ndarray,
    rows_t: np.ndarray,
    rows_c: np.ndarray,
    limit: float,
    rule: MatchRule,
) -> list[tuple[int, int]]:
    """Match greedily, one round a neighbour: all treated rows choose once before any chooses again (MatchIt)."""
    pairs: list[tuple[int, int]] = []
    queue = _queue(measure, key, rows_t, rule).tolist()
    free = FreeControls(measure[rows_c], key[rows_c])
    for _ in range(rule.neighbours):
        for t in queue:
            if not free.left:
                return pairs
            j = free.nearest(float(measure[t]), limit)
            if j is not None:
                free.take(j)
                pairs.append((t, int(rows_c[j])))
    return pairs


def _queue(measure: np.ndarray, key: np.ndarray, rows: np.ndarray, rule: MatchRule) -> np.ndarray:
    if rule.order == "largest":
        return rows[np.lexsort((key[rows], -measure[rows]))]
    if rule.order == "smallest":
        return rows[np.lexsort((key[rows], measure[rows]))]
    by_key = rows[np.argsort(key[rows])]
    if rule.order == "random":
        return np.random.default_rng(np.random.SeedSequence(rule.seed)).permutation(by_key)
    return by_key
