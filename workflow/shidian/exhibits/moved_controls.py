"""Controls that the policy itself moves: what a referee would object to in a regression."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from shidian.did.twfe import regress
from shidian.errors import EstimationError
from shidian.exhibits.result import StudyInfo


def moved_controls(panel: pd.DataFrame, settings: Mapping[str, Any], info: StudyInfo) -> list[str]:
    """Warn of controls that the treatment itself predicts at 5%, given the column's effects: bad controls, maybe."""
    warnings = []
    for name in settings["controls"] if settings["fixed_effects"] else []:
        arguments = ([settings["treatment"]], settings["fixed_effects"], settings["vcov"], settings["ssc"])
        try:
            row = regress(panel, name, *arguments).fit.long("", "", "").iloc[0]
        except EstimationError:
            continue  # the control itself is absorbed, which the column says already
        if row["p"] < 0.05:
            warnings.append(
                f"the control {info.label(name)} moves with the treatment (coefficient {row['estimate']:.4g}, "
                f"p = {row['p']:.3f}): controlling for what the policy changes hides part of its effect"
            )
    return warnings
