"""What a second program estimates of the kind ``variations``."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from shidian.audit.replication.model import Model
from shidian.audit.replication.regressions import Spec
from shidian.exhibits.did.did_table.replicate import models as table_models
from shidian.exhibits.result import StudyInfo
from shidian.exhibits.varied_columns import varied_columns
from shidian.used import Used


def models(panel: pd.DataFrame, spec: Spec, info: StudyInfo, used: Mapping[str, Used]) -> list[Model]:
    """Return the models behind the columns."""
    return table_models(panel, {**spec, "columns": varied_columns(spec)}, info, used)
