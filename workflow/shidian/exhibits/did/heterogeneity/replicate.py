"""What a second program estimates of the kind ``heterogeneity``."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from shidian.audit.replication.model import Model
from shidian.audit.replication.regressions import Spec, each_column, regression, rows_of
from shidian.exhibits.columns import column_settings
from shidian.exhibits.did.heterogeneity.estimate import group_column, interaction_columns
from shidian.exhibits.did.model_words import is_nonlinear_column
from shidian.exhibits.groups import groups_of
from shidian.exhibits.result import StudyInfo
from shidian.exhibits.subsample import policy_sample
from shidian.used import Used


def models(panel: pd.DataFrame, spec: Spec, info: StudyInfo, used: Mapping[str, Used]) -> list[Model]:
    """Return the models behind the columns."""
    s = column_settings(spec, {}, 0, info)
    part, _ = policy_sample(panel, spec)
    return each_column(spec["splits"], lambda declared: _split(part, declared, s, info, used))


def _split(
    panel: pd.DataFrame, declared: Spec, s: Spec, info: StudyInfo, used: Mapping[str, Used]
) -> list[Model]:  # fmt: skip
    """Return one regression a group, or the one with interactions."""
    groups, treatment = groups_of(panel, declared), s["treatment"]
    label = declared.get("label", info.label(declared["variable"]))

    def fitted(rows: pd.DataFrame, column: str) -> pd.DataFrame:
        """Of a nonlinear model, the rows that are not separated."""
        return rows if not is_nonlinear_column(s) else rows.loc[rows_of(panel, used, column, s).index]

    if declared.get("form", "groups") == "groups":
        names = sorted(groups.dropna().unique(), key=str)
        regressors = [treatment, *s["controls"]]
        return [
            regression(
                fitted(panel[groups == name], group_column(label, name)), s, group_column(label, name), regressors
            )
            for name in names
        ]
    data = panel[groups.notna()]
    terms, main = interaction_columns(data, groups[groups.notna()], treatment)
    return [regression(fitted(data.assign(**terms, **main), label), s, label, [*terms, *main, *s["controls"]])]
