"""What a second program estimates of the kind ``event_study``."""

from __future__ import annotations

import pandas as pd

from shidian.audit.replication.model import Model
from shidian.audit.replication.regressions import Spec, regression
from shidian.did.event_study import Window, event_design
from shidian.exhibits.columns import column_settings
from shidian.exhibits.did.event_study.estimate import COLUMN
from shidian.exhibits.result import StudyInfo
from shidian.exhibits.subsample import policy_sample


def models(panel: pd.DataFrame, spec: Spec, info: StudyInfo) -> list[Model]:
    """Return the regression with its dummies in the order in which a program drops the last of a collinear set."""
    s, window = column_settings(spec, {}, 0, info), Window.declared(spec)
    part, _ = policy_sample(panel, spec)
    asked = event_design(
        part, s["outcome"], s["controls"], s["fixed_effects"], window, s["vcov"], singletons=s["singletons"]
    )
    return [regression(asked.data, s, COLUMN, [*asked.terms, *s["controls"]])]
