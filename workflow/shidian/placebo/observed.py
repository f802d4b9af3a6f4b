"""The observed estimate, by the estimator and on the rows that the placebo exhibit declares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from shidian.estimates import Fit
from shidian.placebo.prepare import check_rows, design_of
from shidian.placebo.registry import find_entry, find_estimator
from shidian.placebo.settings import read_settings
from shidian.placebo.standard_error import require_error


def fit_observed(panel: pd.DataFrame, spec: Mapping[str, Any], treatment: str, study_seed: int) -> Fit:
    """Return the estimate (of an event study, all of them) under the true adoption years.

    Raises:
        EstimationError: no unit is treated, the fixed effects and controls absorb the true treatment, or the
            named estimator gives no coefficient or no standard error.
    """
    settings = read_settings(spec, study_seed)
    check_rows(panel, settings, treatment)
    design = design_of(panel, settings)
    if find_entry(settings.estimator).batched:
        from shidian.placebo.engine import fit_batched

        fit = fit_batched(design, settings, treatment)
        require_error(fit.coef, fit.se)
        return fit
    named = {**spec, "seed": settings.seed}
    fit = find_estimator(settings.estimator)(panel.reset_index(drop=True), named, treatment)
    require_error(fit.coef[:1], fit.se[:1])
    return fit
