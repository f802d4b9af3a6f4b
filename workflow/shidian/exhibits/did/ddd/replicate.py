"""What a second program estimates of the kind ``ddd``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from shidian.audit.replication.model import Model
from shidian.audit.replication.regressions import Spec, column_models, each_column, event_model
from shidian.did.event_study import Window
from shidian.exhibits.did.ddd.estimate import COLUMN, triple_settings
from shidian.exhibits.did.triple import triple
from shidian.exhibits.result import StudyInfo
from shidian.used import Used


def models(panel: pd.DataFrame, spec: Spec, info: StudyInfo, used: Mapping[str, Used]) -> list[Model]:
    """Return the models behind the columns, products and dummies as columns of their data."""

    def own(s: Mapping[str, Any]) -> list[Model]:
        design = triple(panel, s, info)
        if s["label"] == COLUMN and "window" in spec:
            return [event_model(design.by_eligible, design.settings, Window.declared(spec), COLUMN, used)]
        return column_models(design.panel, design.settings, info, used)

    return each_column(triple_settings(spec, info), own)
