"""What a second program estimates of the kind ``u_test``."""

from __future__ import annotations

import pandas as pd

from shidian.audit.replication.model import Model
from shidian.audit.replication.regressions import Spec, regression
from shidian.exhibits.columns import column_settings
from shidian.exhibits.result import StudyInfo
from shidian.exhibits.subsample import policy_sample
from shidian.exhibits.threshold.u_test.estimate import REGRESSION


def models(panel: pd.DataFrame, spec: Spec, info: StudyInfo) -> list[Model]:
    """Return the models behind the columns."""
    s, x = column_settings(spec, {}, 0, info), str(spec["regressor"])
    part, _ = policy_sample(panel.assign(**{f"{x}^2": panel[x].astype(float) ** 2}), spec)
    return [regression(part, s, REGRESSION, [x, f"{x}^2", *s["controls"]])]
