"""The estimation sample: complete cases, then singletons out, every dropped row counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from shidian.errors import EstimationError, nearest


@dataclass(frozen=True)
class Sample:
    """Rows a regression uses.

    Attributes:
        frame: the rows kept, in the order of the panel, index reset.
        n_missing: rows dropped for a missing value in any column needed.
        n_singletons: rows dropped because a fixed effect had one observation (repeated until none is left).
        dropped: one row a dropped row of the panel: its index in the panel and the reason.
    """

    frame: pd.DataFrame
    n_missing: int
    n_singletons: int
    dropped: pd.DataFrame


def estimation_sample(
    panel: pd.DataFrame, columns: Sequence[str], fixed_effects: Sequence[str] = (), keep: Sequence[str] = ()
) -> Sample:
    """Return the complete cases of ``columns`` and ``fixed_effects`` without singletons (Correia 2015).

    ``keep`` names further columns to carry along; missing values there drop nothing.
    Raises EstimationError for a column that the panel has not, and for an empty sample.
    """
    needed = list(dict.fromkeys([*columns, *fixed_effects]))
    for name in [*needed, *keep]:
        if name not in panel.columns:
            raise EstimationError(f"the panel has no column '{name}'{nearest(name, panel.columns)}")
    carried = list(dict.fromkeys([*needed, *keep]))
    complete = panel[needed].notna().all(axis=1).to_numpy()
    frame = panel.loc[complete, carried]
    reasons = [pd.DataFrame({"row": panel.index[~complete], "reason": "missing value"})]
    while fixed_effects:
        single = pd.Series(False, index=frame.index)
        for effect in fixed_effects:
            single |= frame.groupby(effect, observed=True)[effect].transform("size").eq(1)
        if not single.any():
            break
        reasons.append(pd.DataFrame({"row": frame.index[single], "reason": "singleton"}))
        frame = frame.loc[~single]
    if frame.empty:
        raise EstimationError(f"no row is left: none has values in all of {', '.join(needed)}")
    dropped = pd.concat(reasons, ignore_index=True)
    n_missing = int((~complete).sum())
    return Sample(frame.reset_index(drop=True), n_missing, len(dropped) - n_missing, dropped)
