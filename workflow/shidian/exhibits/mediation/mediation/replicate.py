"""What a second program estimates of the kind ``mediation``."""

from __future__ import annotations

import pandas as pd

from shidian.audit.replication.model import Model
from shidian.audit.replication.regressions import Spec, regression
from shidian.exhibits.columns import column_settings
from shidian.exhibits.result import StudyInfo
from shidian.exhibits.subsample import policy_sample


def models(panel: pd.DataFrame, spec: Spec, info: StudyInfo) -> list[Model]:
    """Return the models behind the columns."""
    s = column_settings(spec, {}, 0, info)
    treatment, controls, y = s["treatment"], list(s["controls"]), s["outcome"]
    part, _ = policy_sample(panel, spec)
    models = []
    for m in spec["mediators"]:
        complete = part[part[[y, treatment, m, *controls]].notna().all(axis=1)]
        models += [
            regression(complete, s, f"{m}: total", [treatment, *controls]),
            regression(complete, s, f"{m}: mediator", [treatment, *controls], outcome=m),
            regression(complete, s, f"{m}: direct", [treatment, m, *controls]),
        ]
    return models
