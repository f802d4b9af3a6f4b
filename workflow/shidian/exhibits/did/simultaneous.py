"""The simultaneous band of an event study, beside its pointwise intervals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from shidian.did.event_study import EventStudy
from shidian.exhibits.result import StudyInfo
from shidian.inference.sup_t import DRAWS, sup_t_critical
from shidian.messages import say

LEVEL = 0.95


def event_points(study: EventStudy, spec: Mapping[str, Any], info: StudyInfo) -> tuple[pd.DataFrame, list[str]]:
    """Return what the figure of an event study draws, and the sentence on the band where it has one.

    Returns:
        tau, estimate, ci_low, ci_high, is_reference and, unless the exhibit says ``simultaneous: false``, band_low and
        band_high: estimate and critical value times standard error, of all coefficients that have one.
    """
    points = study.effects[["tau", "estimate", "ci_low", "ci_high", "is_reference"]]
    effects, fit = study.effects, study.regression.fit
    drawn = effects["ci_low"].notna() & ~effects["is_reference"] & effects["term"].isin(fit.terms)
    if not spec.get("simultaneous", True) or not drawn.any():
        return points, []
    at = [fit.terms.index(term) for term in effects.loc[drawn, "term"]]
    critical = sup_t_critical(fit.vcov[np.ix_(at, at)], fit.df, LEVEL, info.seed)
    if not np.isfinite(critical):
        return points, []
    reach = critical * effects["se"].astype(float).where(drawn)
    band = {"band_low": effects["estimate"] - reach, "band_high": effects["estimate"] + reach}
    text = say(
        "Thin bars: sup-t band, which holds for all periods at once with {level:.0%} (Montiel Olea & Plagborg-Møller "
        "2019; critical value {critical:.2f}, {draws:,} draws, seed {seed}).",
        level=LEVEL, critical=critical, draws=DRAWS, seed=info.seed,
    )  # fmt: skip
    return points.assign(**band), [text]
