"""What a second program estimates of the kind ``conley``."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from shidian.audit.replication.model import Conley, Model
from shidian.audit.replication.regressions import Spec, regression, rows_of
from shidian.exhibits.columns import column_settings
from shidian.exhibits.result import StudyInfo
from shidian.used import Used


def models(panel: pd.DataFrame, spec: Spec, info: StudyInfo, used: Mapping[str, Used]) -> list[Model]:
    """Return the regression with its declared errors, and once a cut-off with Conley errors."""
    s = column_settings(spec, {}, 0, info)
    part = rows_of(panel, used, "(1)")
    regressors = [s["treatment"], *s["controls"]]
    place = {"longitude": spec.get("longitude", "longitude"), "latitude": spec.get("latitude", "latitude")}
    rule = {"kernel": spec.get("kernel", "uniform"), "lags": int(spec.get("lags", 0))}
    models = [regression(part, s, "(1)", regressors)]
    for i, cutoff in enumerate(spec["cutoffs_km"], start=2):
        conley = Conley(**place, cutoff_km=float(cutoff), **rule)
        models.append(regression(part, s, f"({i})", regressors, conley=conley))
    return models
