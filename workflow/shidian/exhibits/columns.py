"""What the columns of every regression table share: their settings, and their estimates with those not estimated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from shidian.did.twfe import Regression
from shidian.estimates import missing
from shidian.exhibits.result import StudyInfo
from shidian.inference.sample import singletons_of

SHARED = (
    "outcome", "controls", "fixed_effects", "vcov", "ssc", "singletons", "constant", "always_treated", "weights",
    "model", "statistics",
)  # fmt: skip
"""Keys that an exhibit may give once for all its columns."""


def column_settings(spec: Mapping[str, Any], column: Mapping[str, Any], index: int, info: StudyInfo) -> dict[str, Any]:
    """Return a column's settings: its own keys over the exhibit's (which hold the study's defaults)."""
    defaults = {k: spec[k] for k in SHARED if k in spec}
    base = {"label": f"({index + 1})", "controls": [], "fixed_effects": [], "vcov": "iid", "ssc": "reghdfe"}
    settings = base | {"treatment": info.treatment} | defaults | dict(column)
    return settings | {"singletons": singletons_of(settings["ssc"], settings.get("singletons"))}


def long_with_omitted(regression: Regression, study: str, exhibit: str, column: str) -> pd.DataFrame:
    """Return the long rows of a regression, those that could not be estimated included with their reason."""
    frames = [regression.fit.long(study, exhibit, column)]
    frames += [missing(study, exhibit, column, name, reason) for name, reason in regression.omitted.items()]
    return pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0]
