"""What a second program estimates of the kind ``event_study``."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from shidian.audit.replication.model import Model
from shidian.audit.replication.regressions import Spec, event_model
from shidian.did.event_study import Window
from shidian.exhibits.columns import column_settings
from shidian.exhibits.did.event_study.estimate import COLUMN
from shidian.exhibits.result import StudyInfo
from shidian.used import Used


def models(panel: pd.DataFrame, spec: Spec, info: StudyInfo, used: Mapping[str, Used]) -> list[Model]:
    """Return the regression with its dummies in the order in which a program drops the last of a collinear set."""
    s = column_settings(spec, {}, 0, info)
    return [event_model(panel, s, Window.declared(spec), COLUMN, used)]
