"""All slips of the volumes of a source: every detector, and of what they find one a volume and fault."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import groupby

import numpy as np

from shidian.messages import say
from shidian.slips.added_up import added_up
from shidian.slips.exchanged import volumes_exchanged
from shidian.slips.finding import GRADES, Finding
from shidian.slips.mended import mended
from shidian.slips.mistaken import columns_exchanged, columns_mistaken, columns_repeated
from shidian.slips.moved import groups_moved, volumes_moved
from shidian.slips.order import coverage_lost, orders_broken, signs_changed
from shidian.slips.paths import Paths
from shidian.slips.provinces import provinces_unlike
from shidian.slips.repeated import numbers_filled_down, rows_repeated, volumes_repeated
from shidian.slips.rows_exchanged import rows_exchanged
from shidian.slips.shifted import rows_shifted
from shidian.slips.units_moved import units_moved
from shidian.slips.unlike import volumes_unlike

WHOLE = ("columns swapped", "column mistaken", "volumes exchanged")
EXPLAINED_BY = {
    "volume moved": (*WHOLE, "added up"),
    "rows shifted": WHOLE,
    "province moved": ("columns swapped", "column mistaken", "rows shifted"),
    "order broken": (
        "columns swapped", "column mistaken", "volume moved", "column repeated", "province moved", "units moved",
        "numbers filled down", "rows shifted", "volume repeated", "province unlike",
    ),
    "column mistaken": ("columns swapped", "column repeated", "volumes exchanged"),
    "volume unlike": (
        *WHOLE, "column repeated", "volume repeated", "volume moved", "rows shifted", "province moved",
        "numbers filled down", "added up",
    ),
    "units moved": (*WHOLE, "volume moved", "rows shifted", "column repeated", "volume repeated", "volume unlike"),
    "province unlike": (
        *WHOLE, "volume moved", "rows shifted", "province moved", "units moved", "column repeated", "volume repeated",
        "numbers filled down", "volume unlike", "signs changed", "added up",
    ),
    "rows exchanged": (*WHOLE, "volume moved", "rows shifted", "volume repeated", "column repeated", "volume unlike"),
    "row repeated": ("numbers filled down", "rows shifted"),
}  # fmt: skip
"""Kind -> kinds that explain it where they name one of its columns in the same period, or in the one beside it."""
COVERED = 0.8
"""Share of its units from which on a finding of some units is another's."""


def find_slips(paths: Sequence[Paths], groups: np.ndarray) -> list[Finding]:
    """Return the slips of a source, the gravest first, one a volume and fault.

    What can be mended is, in thought, and the columns are looked at again: a slip beside another is seen so.

    Args:
        paths: its columns.
        groups: (U,) the province of each unit, "" for none.
    """
    kept = _found(paths, groups)
    if mends := [mend for one in kept for mend in one.mends]:
        told = {(one.kind, name) for one in kept for name in one.series}
        concerned = {name for mend in mends for name in mend.series}
        again = _found(mended(paths, mends), groups)
        kept += [
            one for one in again
            if one.mends and concerned & set(one.series) and not any((one.kind, name) in told for name in one.series)
        ]  # fmt: skip
    return sorted(_one_a_volume(kept), key=lambda one: (GRADES.index(one.grade), one.period, one.kind, one.series))


def _found(paths: Sequence[Paths], groups: np.ndarray) -> list[Finding]:
    """Return what the detectors find, without what others of it explain."""
    found = [
        *volumes_moved(paths), *groups_moved(paths, groups), *columns_mistaken(paths), *columns_exchanged(paths),
        *columns_repeated(paths), *volumes_repeated(paths), *rows_shifted(paths), *volumes_unlike(paths),
        *volumes_exchanged(paths), *orders_broken(paths), *coverage_lost(paths, groups), *signs_changed(paths),
        *units_moved(paths), *provinces_unlike(paths, groups), *numbers_filled_down(paths), *rows_repeated(paths),
        *rows_exchanged(paths), *added_up(paths),
    ]  # fmt: skip
    found = [one for one in found if not any(_explains(other, one) for other in found)]
    return _without_parts(found)


def _explains(other: Finding, one: Finding) -> bool:
    if abs(other.period - one.period) > 1 or set(other.series).isdisjoint(one.series):
        return False
    if one.kind == other.kind == "columns swapped":
        return bool(one.units) and not other.units  # in a province, and in all
    if other.kind not in EXPLAINED_BY.get(one.kind, ()):
        return False
    if other.kind == "columns swapped" and other.units:
        return _covered(one.units, other.units)
    return other.kind != "rows shifted" or not one.units or _covered(one.units, other.units)


def _covered(units: Sequence[str], others: Collection[str]) -> bool:
    """Say whether most of some units are among others; all of a volume are not."""
    return bool(units) and len(set(units) & set(others)) >= COVERED * len(units)


def _without_parts(found: Sequence[Finding]) -> list[Finding]:
    """Leave out units that moved as provinces, and provinces that are some of many units that moved."""
    provinces: dict[tuple[str, int], set[str]] = {}
    for one in found:
        if one.kind == "province moved":
            provinces.setdefault((one.series[0], one.period), set()).update(one.units)
    moved = {(one.series[0], one.period): one.units for one in found if one.kind == "units moved"}
    told = {at for at, units in moved.items() if not _covered(units, provinces.get(at, ()))}
    return [
        one for one in found
        if one.kind not in ("province moved", "units moved")
        or ((one.series[0], one.period) in told) == (one.kind == "units moved")
        or (one.kind == "province moved" and not _covered(one.units, moved.get((one.series[0], one.period), ())))
    ]  # fmt: skip


def _one_a_volume(found: Sequence[Finding]) -> list[Finding]:
    """Put findings of one kind and period that concern several columns into one, which says those of the surest."""
    kept = []
    for _, group in groupby(sorted(found, key=_fault), key=_fault):
        same = sorted(group, key=lambda one: -one.weight)
        first = same[0]
        names = tuple(dict.fromkeys(name for one in same for name in one.series))
        if len(names) > len(first.series):
            said = say(
                "{said}; so in {count} columns: {names}", said=first.said, count=len(names), names=", ".join(names)
            )
            mends = tuple(mend for one in same for mend in one.mends)
            first = Finding(first.kind, first.grade, names, first.period, said, first.units, first.weight, mends)
        kept.append(first)
    return kept


def _fault(one: Finding) -> tuple[object, ...]:
    pair = one.series if one.kind in ("columns swapped", "column mistaken", "column repeated") else ()
    some = one.kind in ("province moved", "province unlike", "columns swapped", "row repeated", "rows exchanged")
    return one.period, one.kind, one.grade, one.units[:1] if some else (), pair
