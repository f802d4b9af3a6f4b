"""The rows of one province in a volume that do not go on from the volumes beside it, and columns exchanged in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from shidian.messages import say
from shidian.slips.finding import Finding
from shidian.slips.mistaken import BETTER, UNLIKE
from shidian.slips.paths import Paths, middle, stands_out

LEAST_GROUP = 5
"""Units of a province that tell something of it."""
TIMES, BEYOND = 4.0, 0.3
"""Multiples of the province's usual distance, and the distance (a logarithm) beyond it, from which on it is strange."""
ORDERED, LOST = 0.9, 0.55
"""Usual correlation of a province's units with the volumes beside, and that of a volume in which it is lost: what
happens to a province leaves its large units large."""


def provinces_unlike(paths: Sequence[Paths], groups: np.ndarray) -> Iterator[Finding]:
    """Find provinces whose rows, in one volume, hold other columns' numbers, or do not go on from those beside it.

    Args:
        paths: the columns.
        groups: (U,) the province of each unit, "" for none.
    """
    for label in np.unique(groups[groups != ""]):
        inside = np.flatnonzero(groups == label)
        if len(inside) < LEAST_GROUP:
            continue
        away = np.array([_away(path, inside) for path in paths])
        usual = np.array([middle(one) if np.isfinite(one).any() else np.nan for one in away])
        last = away.shape[1] - 1
        pairs = [list(_exchanged(paths, inside, str(label), t, away[:, t], usual)) for t in range(last + 1)]
        for t, found in enumerate(pairs):
            # at an end nothing but the volume beside it tells, which may be the wrong one
            beside = pairs[1] if t == 0 < last else pairs[t - 1] if t == last > 0 else []
            yield from (one for one in found if one.series not in {other.series for other in beside})
            told = {name for one in found for name in one.series}
            yield from (
                _unlike(path, inside, str(label), t, float(away[a, t]), float(usual[a]))
                for a, path in enumerate(paths)
                if path.name not in told
                and not path.changes_sign
                and _is_strange(away[a], t, float(usual[a]))
                and _lost_order(path, inside, t)
            )


def _away(path: Paths, inside: np.ndarray) -> np.ndarray:
    """Return (T,) the median distance of a province's units from the volumes beside, nan where few have one."""
    apart = np.abs(path.logs[:, inside] - path.beside[:, inside])
    return np.where(np.isfinite(apart).sum(axis=1) >= LEAST_GROUP, middle(apart, axis=1), np.nan)


def _is_strange(away: np.ndarray, t: int, usual: float) -> bool:
    return bool(away[t] > max(TIMES * usual, usual + BEYOND)) and stands_out(away, t)


def _lost_order(path: Paths, inside: np.ndarray, t: int) -> bool:
    """Say whether the units are not as large beside each other as in all other volumes."""
    logs, beside = path.logs[:, inside], path.beside[:, inside]
    alike = np.array([_correlation(one, other) for one, other in zip(logs, beside, strict=True)])
    rest = np.delete(alike, t)
    return bool(alike[t] < LOST and np.isfinite(rest).any() and middle(rest) > ORDERED)


def _correlation(one: np.ndarray, other: np.ndarray) -> float:
    there = np.isfinite(one) & np.isfinite(other)
    if there.sum() < LEAST_GROUP or min(np.ptp(one[there]), np.ptp(other[there])) < 1e-9:
        return np.nan
    return float(np.corrcoef(one[there], other[there])[0, 1])


def _exchanged(
    paths: Sequence[Paths], inside: np.ndarray, label: str, t: int, away: np.ndarray, usual: np.ndarray
) -> Iterator[Finding]:
    """Give the pairs of columns whose numbers, in the province alone, go on in each other."""
    strange = np.flatnonzero(away > np.maximum(UNLIKE * usual, usual + 0.1))
    for a in strange:
        for b in strange[strange > a]:
            one, other = paths[int(a)], paths[int(b)]
            if all(
                _crossed(mine, past, inside, t) < min(BETTER * away[i], UNLIKE * usual[j] + 0.02)
                for mine, past, i, j in ((one, other, a, b), (other, one, b, a))
            ):
                said = say(
                    "{one} and {other} are exchanged in the {count} units of {group}: each goes on in the other",
                    one=one.name, other=other.name, count=len(inside), group=label,
                )  # fmt: skip
                units = tuple(map(str, one.units[inside]))
                yield Finding("columns swapped", "stop", (one.name, other.name), int(one.periods[t]), said, units, 1.5)


def _crossed(path: Paths, past: Paths, inside: np.ndarray, t: int) -> float:
    """Return the median distance of a column's numbers from what another column lets expect."""
    logs = path.logs[t, inside] - np.log(path.size[t]) + np.log(past.size[t])
    apart = np.abs(logs - past.beside[t, inside])
    return float(middle(apart)) if np.isfinite(apart).sum() >= LEAST_GROUP else np.inf


def _unlike(path: Paths, inside: np.ndarray, label: str, t: int, away: float, usual: float) -> Finding:
    said = say(
        "{series}: half of the {count} units of {group} are off by a factor of {factor:.3g} or more from the periods "
        "beside it, in other periods of {usual:.3g}",
        series=path.name, count=len(inside), group=label, factor=float(np.exp(away)), usual=float(np.exp(usual)),
    )  # fmt: skip
    units = tuple(map(str, path.units[inside]))
    return Finding("province unlike", "warn", (path.name,), int(path.periods[t]), said, units, away)
