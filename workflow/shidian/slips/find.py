"""All slips of the volumes of a source: every detector, and of what they find one a volume and fault."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import numpy as np

from shidian.messages import say
from shidian.slips.exchanged import volumes_exchanged
from shidian.slips.finding import GRADES, Finding
from shidian.slips.mended import mended
from shidian.slips.mistaken import columns_exchanged, columns_mistaken, columns_repeated, volumes_repeated
from shidian.slips.moved import groups_moved, volumes_moved
from shidian.slips.order import coverage_lost, orders_broken, signs_changed
from shidian.slips.paths import Paths
from shidian.slips.shifted import rows_shifted
from shidian.slips.unlike import volumes_unlike

EXPLAINED_BY = {
    "volume moved": ("columns swapped", "column mistaken", "volumes exchanged"),
    "rows shifted": ("columns swapped", "column mistaken", "volumes exchanged"),
    "province moved": ("columns swapped", "column mistaken"),
    "order broken": ("columns swapped", "column mistaken", "volume moved", "column repeated", "province moved"),
    "column mistaken": ("columns swapped", "column repeated", "volumes exchanged"),
    "volume unlike": (
        "columns swapped", "column mistaken", "column repeated", "volumes exchanged", "volume moved", "rows shifted",
        "province moved",
    ),
}  # fmt: skip
"""Kind -> kinds that explain it where they name one of its columns in the same period, or in the one beside it."""


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
    ]  # fmt: skip
    return [one for one in found if not any(_explains(other, one) for other in found)]


def _explains(other: Finding, one: Finding) -> bool:
    near = abs(other.period - one.period) <= 1
    return near and other.kind in EXPLAINED_BY.get(one.kind, ()) and not set(other.series).isdisjoint(one.series)


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
    return one.period, one.kind, one.grade, one.units[:1] if one.kind == "province moved" else (), pair
