"""What a second program estimates of the kind ``event_study``."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from shidian.audit.replication.model import Model
from shidian.audit.replication.regressions import Spec, regression, rows_of
from shidian.did.event_study import Window, event_design
from shidian.exhibits.columns import column_settings
from shidian.exhibits.did.event_study.estimate import COLUMN
from shidian.exhibits.result import StudyInfo
from shidian.used import Used


def models(panel: pd.DataFrame, spec: Spec, info: StudyInfo, used: Mapping[str, Used]) -> list[Model]:
    """Return the regression with its dummies in the order in which a program drops the last of a collinear set."""
    s, window = column_settings(spec, {}, 0, info), Window.declared(spec)
    part = rows_of(panel, used, COLUMN)
    asked = event_design(
        part, s["outcome"], s["controls"], s["fixed_effects"], window, s["vcov"], singletons=s["singletons"]
    )
    return [regression(asked.data, s, COLUMN, [*asked.terms, *s["controls"]])]
