"""What a second program estimates of the kind ``u_test``."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from shidian.audit.replication.model import Model
from shidian.audit.replication.regressions import Spec, regression, rows_of
from shidian.exhibits.columns import column_settings
from shidian.exhibits.result import StudyInfo
from shidian.exhibits.threshold.u_test.estimate import REGRESSION
from shidian.used import Used


def models(panel: pd.DataFrame, spec: Spec, info: StudyInfo, used: Mapping[str, Used]) -> list[Model]:
    """Return the models behind the columns."""
    s, x = column_settings(spec, {}, 0, info), str(spec["regressor"])
    part = rows_of(panel, used, REGRESSION)
    part = part.assign(**{f"{x}^2": part[x].astype(float) ** 2})
    return [regression(part, s, REGRESSION, [x, f"{x}^2", *s["controls"]])]
