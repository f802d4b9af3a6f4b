"""What a second program estimates of the kind ``spillover_rings``."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from shidian.audit.replication.model import Model
from shidian.audit.replication.regressions import Spec, regression, rows_of
from shidian.exhibits.columns import column_settings
from shidian.exhibits.result import StudyInfo
from shidian.exhibits.spatial.spillover_rings.estimate import WITH, WITHOUT, declared_rings
from shidian.used import Used


def models(panel: pd.DataFrame, spec: Spec, info: StudyInfo, used: Mapping[str, Used]) -> list[Model]:
    """Return the models behind the columns."""
    s = column_settings(spec, {}, 0, info)
    part = rows_of(panel, used, WITHOUT)
    rings = declared_rings(part, spec, s["treatment"])
    return [
        regression(part, s, WITHOUT, [s["treatment"], *s["controls"]]),
        regression(
            pd.concat([part, rings], axis=1), s, WITH, [s["treatment"], *map(str, rings.columns), *s["controls"]]
        ),
    ]
