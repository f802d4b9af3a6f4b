"""The estimation sample: complete cases, then singletons out unless they are kept, every dropped row counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from shidian.crossed import slope_of
from shidian.errors import EstimationError, no_column
from shidian.inference.weights import Weighting, normalised, row_weights
from shidian.messages import say

Singletons = Literal["drop", "keep"]
SEPARATED = say("separated")
"""Why a row is dropped whose mean a nonlinear model drives to its bound."""
DROPPING = ("reghdfe", "ivreghdfe")
"""Small-sample conventions named after software that drops singletons; areg, xtreg, fixest and ivreg2 keep them."""


@dataclass(frozen=True)
class Sample:
    """Rows a regression uses.

    Attributes:
        frame: the rows kept, in the order of the panel, index reset.
        n_missing: rows dropped for a missing value in any column needed.
        n_singletons: rows dropped because a fixed effect had one observation (repeated until none is left).
        dropped: one row a dropped row of the panel: its index in the panel and the reason.
        n_kept: such rows that were kept.
        rows: (n,) index in the panel of each row of ``frame``.
        weights: (n,) weights as they enter sums, None where rows are not weighted.
        n_zero: rows dropped for a weight of zero.
        n_separated: rows dropped because no finite estimate of a nonlinear model fits them.
    """

    frame: pd.DataFrame
    n_missing: int
    n_singletons: int
    dropped: pd.DataFrame
    n_kept: int
    rows: np.ndarray
    weights: np.ndarray | None = None
    n_zero: int = 0
    n_separated: int = 0


def singletons_of(ssc: str, declared: Singletons | None = None) -> Singletons:
    """Return what happens to singletons: as declared, else as the software does that the convention is named after."""
    return declared or ("drop" if ssc in DROPPING else "keep")


def estimation_sample(
    panel: pd.DataFrame,
    columns: Sequence[str],
    fixed_effects: Sequence[str] = (),
    keep: Sequence[str] = (),
    singletons: Singletons = "drop",
    weighting: Weighting | None = None,
) -> Sample:
    """Return the complete cases of ``columns`` and ``fixed_effects``, singletons dropped (Correia 2015) or kept.

    ``keep`` names further columns to carry along; missing values there drop nothing. Of ``weighting``, rows of weight
    zero are dropped, before singletons are looked for.
    Raises EstimationError for a column that the panel has not, for an empty sample, and for a complete row without a
    weight.
    """
    multiplied = [slope for name in fixed_effects if (slope := slope_of(name))]
    needed = list(dict.fromkeys([*columns, *fixed_effects, *multiplied]))
    keep = [*keep, *([weighting.variable] if weighting else [])]
    for name in [*needed, *keep]:
        if name not in panel.columns:
            raise no_column(name, panel.columns)
    carried = list(dict.fromkeys([*needed, *keep]))
    complete = panel[needed].notna().all(axis=1).to_numpy()
    frame = panel.loc[complete, carried]
    missing = pd.DataFrame({"row": panel.index[~complete], "reason": say("missing value")})
    idle = _weightless(panel.loc[complete], weighting)
    nothing = pd.DataFrame({"row": frame.index[idle], "reason": say("weight of zero")})
    frame = frame.loc[~idle] if idle.any() else frame
    single = _singletons(frame, fixed_effects)
    n_single = int(single.sum())
    gone = 0 if singletons == "keep" else n_single
    alone = pd.DataFrame({"row": frame.index[single][:gone], "reason": say("singleton")})
    frame = frame.loc[~single] if gone else frame
    if frame.empty:
        raise EstimationError(_no_row(panel, needed))
    dropped = pd.concat([missing, *([nothing] if len(nothing) else []), alone], ignore_index=True)
    rows = frame.index.to_numpy()
    weights = None
    if weighting is not None:
        weights = normalised(frame[weighting.variable].to_numpy(dtype=np.float64), weighting)
    return Sample(
        frame.reset_index(drop=True), len(missing), gone, dropped, n_single - gone, rows, weights, int(idle.sum())
    )


def without_separated(
    sample: Sample, gone: np.ndarray, fixed_effects: Sequence[str], singletons: Singletons,
    weighting: Weighting | None = None,
) -> Sample:  # fmt: skip
    """Return the sample without the rows ``gone`` (n,), which are counted as separated, and the singletons they leave.

    Raises:
        EstimationError: no row is left.
    """
    stay = np.flatnonzero(~gone)
    rest = sample.frame.iloc[stay]
    single = _singletons(rest, fixed_effects) if len(rest) else np.zeros(0, dtype=bool)
    alone = stay[single] if singletons == "drop" else stay[:0]
    stay = np.setdiff1d(stay, alone)
    if not len(stay):
        raise EstimationError(say("no row is left: every one is separated"))
    lines = [
        pd.DataFrame({"row": sample.rows[gone], "reason": SEPARATED}),
        pd.DataFrame({"row": sample.rows[alone], "reason": say("singleton")}),
    ]
    frame = sample.frame.iloc[stay].reset_index(drop=True)
    weights = sample.weights
    if weighting is not None:
        weights = normalised(frame[weighting.variable].to_numpy(dtype=np.float64), weighting)
    return replace(
        sample, frame=frame, rows=sample.rows[stay], weights=weights,
        dropped=pd.concat([sample.dropped, *(line for line in lines if len(line))], ignore_index=True),
        n_singletons=sample.n_singletons + len(alone), n_kept=int(single.sum()) - len(alone),
        n_separated=sample.n_separated + int(gone.sum()),
    )  # fmt: skip


def _weightless(frame: pd.DataFrame, weighting: Weighting | None) -> np.ndarray:
    """Say which complete rows have a weight of zero; raises EstimationError for one without a weight."""
    if weighting is None or frame.empty:
        return np.zeros(len(frame), dtype=bool)
    return np.asarray(row_weights(frame, weighting) == 0)


def require_unit_years(frame: pd.DataFrame, what: str, unit: str = "unit", year: str = "year") -> None:
    """Refuse rows of which a unit has several in one year, where what is estimated pairs units over years.

    Leads and lags, changes since a base year, event time, neighbours and balanced arrays take the one row of a unit
    and year; of two they would take either, or both. A regression on rows (``regress``, 2SLS, mediation) may have
    several, as repeated cross sections do, and does not ask.

    Raises:
        EstimationError: naming the first such unit and year, and how many there are.
    """
    twice = frame.duplicated([unit, year], keep=False)
    if not twice.any():
        return
    sizes = frame[twice].groupby([unit, year], sort=False, observed=True).size()
    (name, at), rows = sizes.index[0], int(sizes.iloc[0])
    others = len(sizes) - 1
    where = say("unit '{unit}' has {rows} rows in {year}", unit=name, rows=rows, year=at)
    if others:
        where = say("{where} (and {n} more unit-years have several)", where=where, n=others)
    raise EstimationError(
        say("{where}: {what} wants one row a unit and year; leave the others out", where=where, what=what)
    )


def _no_row(panel: pd.DataFrame, needed: Sequence[str]) -> str:
    """Return why no row is left: variables without any value are named, which is mostly the reason."""
    empty = [name for name in needed if len(panel) and panel[name].isna().all()]
    if empty:
        return say("no row is left: no row has a value of {names}", names=empty)
    return say("no row is left: none has values in all of {names}", names=list(needed))


def _singletons(frame: pd.DataFrame, fixed_effects: Sequence[str]) -> np.ndarray:
    """Say which rows have a fixed effect to themselves, again after those are gone, until none is left."""
    gone = np.zeros(len(frame), dtype=bool)
    codes = [pd.factorize(frame[effect])[0] for effect in fixed_effects]
    while True:
        sizes = [np.bincount(code[~gone], minlength=int(code.max(initial=0)) + 1) for code in codes]
        single = np.zeros(len(frame), dtype=bool)
        for code, size in zip(codes, sizes, strict=True):
            single |= size[code] == 1
        if not (single & ~gone).any():
            return gone
        gone |= single
