"""What a second program estimates of the kind ``iv_table``."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from shidian.audit.replication.model import Model
from shidian.audit.replication.regressions import Spec, each_column, instrumented_models
from shidian.exhibits.columns import column_settings
from shidian.exhibits.result import StudyInfo
from shidian.used import Used


def models(panel: pd.DataFrame, spec: Spec, info: StudyInfo, used: Mapping[str, Used]) -> list[Model]:
    """Return the models behind the columns."""
    shared = {k: spec[k] for k in ("endogenous", "instruments", "sample") if k in spec}
    columns = spec.get("columns", [{}])
    settings = [column_settings(spec, {**shared, **c}, i, info) for i, c in enumerate(columns)]
    return each_column(settings, lambda s: instrumented_models(panel, s, used))
