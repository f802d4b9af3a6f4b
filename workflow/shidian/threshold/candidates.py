"""Which thresholds are tried, by whose conventions, and why there may be no choice among them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from shidian.messages import counted, say
from shidian.threshold.panel_arrays import ThresholdPanel

FEW_VALUES = 10
"""A threshold variable of so few distinct values has them named, and a warning."""


@dataclass(frozen=True)
class ThresholdOptions:
    """Conventions. The defaults are the paper's; ``hansen_code`` holds those of the author's own code.

    Attributes:
        trim: share of the observations that every regime keeps.
        grid: None = every distinct value of q; else the number of quantiles tried.
        grid_of: quantiles of the ``distinct`` values or of all ``observations``.
        strict: the lower regime is q < gamma instead of q <= gamma.
        drop_last: drop the last period after demeaning.
        f_scale: ``n(T-1)`` (the paper) or ``nT`` scales F, LR and the error variance.
        replications: bootstrap draws of each test; 0 = no test.
        residuals: bootstrap residuals of the ``null`` model (all thresholds found so far) or of the
            ``alternative``.
        refine: search earlier thresholds again once a later one is found (Bai 1997).
        level: level of the confidence sets.
    """

    trim: float = 0.01
    grid: int | None = None
    grid_of: Literal["distinct", "observations"] = "distinct"
    strict: bool = False
    drop_last: bool = False
    f_scale: Literal["n(T-1)", "nT"] = "n(T-1)"
    replications: int = 300
    residuals: Literal["null", "alternative"] = "null"
    refine: bool = True
    level: float = 0.95


def hansen_code(**changes: object) -> ThresholdOptions:
    """Return the conventions of Hansen's own code, as in R's pdR::ptm (400 quantiles, last period dropped)."""
    options = ThresholdOptions(trim=0.01, grid=400, strict=True, drop_last=True, f_scale="nT")
    return replace(options, **changes)  # type: ignore[arg-type]


def candidate_grid(q: np.ndarray, options: ThresholdOptions) -> np.ndarray:
    """Return the thresholds to try: all distinct values, or ``grid`` quantiles between the trims."""
    distinct = np.unique(q)
    if options.grid is None:
        return distinct[1:] if options.strict else distinct[:-1]
    # multiples of 1/grid from trim to 1 - trim, kept as whole numbers so that no rounding moves a position
    skipped = round(options.trim * options.grid)
    steps = np.arange(skipped, options.grid - skipped + 1)
    if options.grid_of == "distinct":
        base, positions = distinct, steps * len(distinct) // options.grid  # floor(p m), as in Hansen's code
    else:
        base, positions = (
            np.sort(q, axis=None),
            -(-steps * q.size // options.grid),
        )  # ceil(p m): the inverse cdf
    return np.unique(base[np.clip(positions, 1, len(base)) - 1])


def no_choice(panel: ThresholdPanel, minimum: int, options: ThresholdOptions, number: int, candidates: int) -> str:
    """Say why a threshold cannot be estimated: none or one candidate is left."""
    distinct = np.unique(panel.q)
    name = say("the threshold variable '{name}'", name=panel.name_q) if panel.name_q else say("the threshold variable")
    count = counted(len(distinct), "distinct value")
    if len(distinct) <= FEW_VALUES:
        count = say("{count} ({values})", count=count, values=[f"{v:g}" for v in distinct])
    if not candidates:
        return say(
            "no candidate for threshold {number}: every regime must keep {least} of {n} observations (trim {trim:g}), "
            "and {name} has {count}",
            number=number, least=minimum, n=panel.q.size, trim=options.trim, name=name, count=count,
        )  # fmt: skip
    return say(
        "threshold {number} would not be estimated but given: {name} has {count}, which leave one candidate with the "
        "regimes of at least {least} observations (trim {trim:g}); split the sample or interact the regressors by it "
        "instead",
        number=number, name=name, count=count, least=minimum, trim=options.trim,
    )  # fmt: skip
