"""What a second program estimates of the kind ``mixed_table``."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from shidian.audit.replication.model import Model
from shidian.audit.replication.regressions import Spec
from shidian.exhibits.did.did_table.replicate import models as table_models
from shidian.exhibits.result import StudyInfo
from shidian.used import Used


def models(panel: pd.DataFrame, spec: Spec, info: StudyInfo, used: Mapping[str, Used]) -> list[Model]:
    """Return the models of each column, by the estimator that it declares."""
    return table_models(panel, spec, info, used)
