"""What a second program estimates of the kind ``mediation``."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from shidian.audit.replication.model import Model
from shidian.audit.replication.regressions import Spec, each_column, regression, rows_of
from shidian.exhibits.columns import column_settings
from shidian.exhibits.mediation.words import step_words
from shidian.exhibits.result import StudyInfo
from shidian.used import Used


def models(panel: pd.DataFrame, spec: Spec, info: StudyInfo, used: Mapping[str, Used]) -> list[Model]:
    """Return the models behind the columns."""
    s = column_settings(spec, {}, 0, info)
    return each_column([{**s, "mediator": name} for name in spec["mediators"]], lambda one: _steps(panel, one, used))


def _steps(panel: pd.DataFrame, s: Spec, used: Mapping[str, Used]) -> list[Model]:
    """Return the three regressions of one mediator, on the rows that are complete in all of them."""
    treatment, m, controls = s["treatment"], s["mediator"], list(s["controls"])
    total, first, direct = (step_words(step, m) for step in ("total", "mediator", "direct"))
    part = rows_of(panel, used, next(c for c in (total, first, direct, m) if c in used))
    complete = part[part[[s["outcome"], treatment, m, *controls]].notna().all(axis=1)]
    return [
        regression(complete, s, total, [treatment, *controls]),
        regression(complete, s, first, [treatment, *controls], outcome=m),
        regression(complete, s, direct, [treatment, m, *controls]),
    ]
