"""A column of one volume, or one province in it, in another size than in the volumes beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from shidian.messages import say
from shidian.slips.finding import Finding, Grade, Mend
from shidian.slips.paths import LEAST_UNITS, Paths, middle, spread

DECADE = float(np.log(10))
LEAST_MOVE, NOISE = 0.9, 8.0
"""Logarithm from which on a column has moved at all, and how many times its usual scatter that must be."""
NEAR = 0.3
"""Distance, in decades, from a power of ten that still is one."""
LEAST_TIGHT, TIGHT = 5, 0.2
"""Units of a province, and their distance in decades from a power of ten, that tell a slip at an end."""
LEAST_GROUP, AGREEING = 3, 0.75
"""Units of a province that tell something of it, and the share of them that must move alike."""


@dataclass(frozen=True)
class Move:
    """A move of a path of medians: away from both neighbours (``back``), or at an edge or for good from a period on."""

    at: int
    log: float
    back: bool

    @property
    def power(self) -> int:
        """The power of ten that it is near, 0 where it is near none."""
        decades = self.log / DECADE
        return round(decades) if abs(decades - round(decades)) <= NEAR else 0


def volumes_moved(paths: Sequence[Paths]) -> Iterator[Finding]:
    """Find columns that are, in one volume, a power of ten or another large factor away from the volumes beside it."""
    for path in paths:
        for move in moves_of(path.moves - path.growth, spread(path.moves)):
            if move.power or not path.is_rate:
                yield _volume(path, move)


def moves_of(moves: np.ndarray, scatter: float, least: float = LEAST_MOVE) -> list[Move]:
    """Return the moves in (T,) median changes beyond growth; the first is nan.

    A move that the next change takes back is one of that period alone. At the ends nothing tells which of the two
    periods is wrong, and between them a move that stays may be a new definition.
    """
    limit = max(least, NOISE * scatter)
    large = np.flatnonzero(np.abs(np.nan_to_num(moves)) > limit)
    back = np.flatnonzero(np.abs(np.nan_to_num(moves)) > limit / 2)
    found, taken = [], set()
    for t in large:
        if t in taken:
            continue
        after = next((u for u in back if u > t and moves[u] * moves[t] < 0), None)
        if after is not None and abs(moves[after] + moves[t]) < 0.5 * abs(moves[t]):
            size = (moves[t] - moves[after]) / 2
            found += [Move(int(u), float(size), True) for u in range(t, after)]
            taken |= {*range(t, after + 1)}
        else:
            found.append(Move(int(t), float(moves[t]), False))
    return found


def _volume(path: Paths, move: Move) -> Finding:
    steps = path.steps[move.at] - path.growth
    alike = int((np.abs(steps - move.log) < abs(move.log) / 2).sum())
    there = int(np.isfinite(steps).sum())
    edge = move.at in (1, len(path.periods) - 1)
    certain = move.power and (move.back or edge or abs(move.power) >= 2)
    grade: Grade = "stop" if certain or move.back else "warn"
    period, before = int(path.periods[move.at]), int(path.periods[move.at - 1])
    words = {"series": path.name, "alike": alike, "units": there, "factor": factor_text(move), "before": str(before)}
    if move.back:
        said = say("{series}: {alike} of {units} units are {factor} the periods before and after", **words)
    else:
        said = say("{series}: from this period on {alike} of {units} units are {factor} those of {before}", **words)
    mends = _mends(path, move, ())
    return Finding("volume moved", grade, (path.name,), period, said, (), abs(move.log), mends)


def _mends(path: Paths, move: Move, units: tuple[str, ...]) -> tuple[Mend, ...]:
    """Return the factor that takes a move of one volume back, a power of ten alone; that of an end is the end's."""
    last = len(path.periods) - 1
    if not move.power or not (move.back or move.at in (1, last)):
        return ()
    first = not move.back and move.at == 1 and move.at != last
    at, power = (0, move.power) if first else (move.at, -move.power)
    factor = 10.0**power if power < 0 else float(10**power)
    return (Mend((path.name,), int(path.periods[at]), factor, units=units),)


def factor_text(move: Move) -> str:
    """Return a move as a factor, a power of ten where it is near one."""
    size = 10.0 ** abs(move.power) if move.power else float(np.exp(abs(move.log)))
    number = f"{size:,.0f}" if size >= 10 else f"{size:.2g}"
    return say("{number} times", number=number) if move.log > 0 else say("1/{number} of", number=number)


def groups_moved(paths: Sequence[Paths], groups: np.ndarray) -> Iterator[Finding]:
    """Find provinces whose units move together where the others do not.

    Args:
        paths: the columns.
        groups: (U,) the province of each unit, "" for none.
    """
    labels = [label for label in np.unique(groups) if label and (groups == label).sum() >= LEAST_GROUP]
    for path in paths if labels else ():
        if path.changes_sign:
            continue
        apart = np.array([_apart(path.steps, groups == label) for label in labels])
        if not np.isfinite(apart).any():
            continue
        scatter = spread(apart[np.abs(apart) < LEAST_MOVE])
        for label, one in zip(labels, apart, strict=True):
            for move in moves_of(one, scatter):
                if found := _group(path, np.flatnonzero(groups == label), str(label), move):
                    yield found


def _is_tight(move: Move, steps: np.ndarray) -> bool:
    """Say whether most of several units moved by one power of ten, more or less exactly."""
    near = np.abs(steps / DECADE - move.power) < TIGHT
    return bool(len(steps) >= LEAST_TIGHT and near.mean() >= AGREEING)


def _apart(steps: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Return by how much the median change of some units differs from that of the others, nan where few have one."""
    enough = (np.isfinite(steps[:, inside]).sum(axis=1) >= LEAST_GROUP) & (
        np.isfinite(steps[:, ~inside]).sum(axis=1) >= LEAST_UNITS
    )
    return np.where(enough, middle(steps[:, inside], axis=1) - middle(steps[:, ~inside], axis=1), np.nan)


def _group(path: Paths, inside: np.ndarray, label: str, move: Move) -> Finding | None:
    """Return the finding of a province, None where its units do not move alike."""
    others = float(middle(np.delete(path.steps[move.at], inside)))
    steps = path.steps[move.at, inside] - others
    there = np.isfinite(steps)
    alike = there & (np.abs(steps - move.log) < abs(move.log) / 2)
    if alike.sum() < AGREEING * there.sum() or not (move.back or move.power):
        return None
    period = int(path.periods[move.at])
    words = {"series": path.name, "alike": int(alike.sum()), "units": int(there.sum()), "group": label}
    factor = factor_text(move)
    said = say(
        "{series}: {alike} of {units} units of {group} are {factor} what the other units and periods let expect",
        factor=factor, **words,
    )  # fmt: skip
    edge = move.at in (1, len(path.periods) - 1) and _is_tight(move, steps[there])
    grade: Grade = "stop" if move.power and (move.back or edge) else "warn"
    moved = tuple(map(str, path.units[inside[alike]]))
    return Finding("province moved", grade, (path.name,), period, said, moved, abs(move.log), _mends(path, move, moved))
