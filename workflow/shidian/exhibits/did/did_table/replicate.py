"""What a second program estimates of the kind ``did_table``."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from shidian.audit.replication.model import Model
from shidian.audit.replication.regressions import Spec, column_models, each_column
from shidian.exhibits.did.did_table.estimate import table_settings
from shidian.exhibits.result import StudyInfo
from shidian.used import Used


def models(panel: pd.DataFrame, spec: Spec, info: StudyInfo, used: Mapping[str, Used]) -> list[Model]:
    """Return the models behind the columns."""
    return each_column(table_settings(spec, info), lambda s: column_models(panel, s, info, used))
