"""What a second program estimates of the kind ``heterogeneity``."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from shidian.audit.replication.model import Model
from shidian.audit.replication.regressions import Spec, each_column, regression
from shidian.exhibits.columns import column_settings
from shidian.exhibits.did.heterogeneity.estimate import group_column, interaction_columns
from shidian.exhibits.groups import groups_of
from shidian.exhibits.result import StudyInfo
from shidian.exhibits.subsample import policy_sample
from shidian.used import Used


def models(panel: pd.DataFrame, spec: Spec, info: StudyInfo, used: Mapping[str, Used]) -> list[Model]:
    """Return the models behind the columns."""
    s = column_settings(spec, {}, 0, info)
    part, _ = policy_sample(panel, spec)
    return each_column(spec["splits"], lambda declared: _split(part, declared, s, info))


def _split(panel: pd.DataFrame, declared: Spec, s: Spec, info: StudyInfo) -> list[Model]:
    """Return one regression a group, or the one with interactions."""
    groups, treatment = groups_of(panel, declared), s["treatment"]
    label = declared.get("label", info.label(declared["variable"]))
    if declared.get("form", "groups") == "groups":
        names = sorted(groups.dropna().unique(), key=str)
        regressors = [treatment, *s["controls"]]
        return [regression(panel[groups == name], s, group_column(label, name), regressors) for name in names]
    data = panel[groups.notna()]
    terms, main = interaction_columns(data, groups[groups.notna()], treatment)
    return [regression(data.assign(**terms, **main), s, label, [*terms, *main, *s["controls"]])]
