"""What a second program estimates of the kind ``beta_convergence``: its columns by least squares."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from shidian.audit.replication.model import Model
from shidian.audit.replication.regressions import Spec, each_column, regression, rows_of
from shidian.distribution.growth import LEVEL, windows
from shidian.exhibits.distribution.beta_convergence.estimate import column_id, forms_of, settings_of
from shidian.exhibits.result import StudyInfo
from shidian.used import Used


def models(panel: pd.DataFrame, spec: Spec, info: StudyInfo, used: Mapping[str, Used]) -> list[Model]:
    """Return the models behind the columns of least squares; maximum likelihood has no second program here."""
    if "ols" not in spec.get("models", ["ols"]):
        return []

    def one(s: Spec) -> list[Model]:
        column = str(s["column"])
        rows = windows(rows_of(panel, used, column), str(spec["variable"]), int(spec.get("horizon", 1)))
        return [regression(rows, s, column, [LEVEL, *s["controls"]])]

    forms = forms_of(spec)
    return each_column(({**settings_of(spec, form, info), "column": column_id(form, "ols")} for form in forms), one)
