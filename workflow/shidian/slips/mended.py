"""Columns as they would be without the slips that were found in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from shidian.slips.finding import Mend
from shidian.slips.paths import Paths


def mended(paths: Sequence[Paths], mends: Sequence[Mend]) -> list[Paths]:
    """Return columns with what mends say done to them; rows that slipped are left out, since some numbers are lost."""
    printed = {path.name: path.printed.copy() for path in paths}
    for mend in mends:
        path = next(path for path in paths if path.name == mend.series[0])
        t = int(np.searchsorted(path.periods, mend.period))
        inside = np.isin(path.units, mend.units) if mend.units else np.ones(len(path.units), dtype=bool)
        if mend.factor is not None:
            for name in mend.series:
                printed[name][t, inside] *= mend.factor
        elif mend.rows is not None:
            first, last = mend.rows
            printed[path.name][t, (path.row[t] >= first) & (path.row[t] <= last)] = np.nan
        else:
            one, other = mend.series
            printed[one][t], printed[other][t] = printed[other][t].copy(), printed[one][t].copy()
    return [replace(path, printed=printed[path.name]) for path in paths]
