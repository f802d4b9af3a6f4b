"""What a referee says of errors clustered below the level at which the treatment is assigned.

Firms in one pilot city share their treatment: their errors are one draw of the assignment, and clusters of firms take
them for several (Abadie, Athey, Imbens & Wooldridge 2023).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from shidian.exhibits import notes
from shidian.exhibits.always_treated import column_specs
from shidian.exhibits.result import StudyInfo
from shidian.messages import say


def finer_clusters(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> list[str]:
    """Return the warning of the columns whose errors are clustered by a finer level than that of the treatment."""
    if not info.assigned_by or "vcov" not in spec:
        return []
    said = []
    for settings in column_specs(spec):
        vcov = settings.get("vcov") or {}
        by = vcov.get("by", "unit") if vcov.get("kind") == "cluster" else ""
        clusters = [by] * bool(by) if isinstance(by, str) else list(by)
        warned = _warning(clusters, info) if _finer(panel, clusters, info) else ""
        said.append((str(settings.get("label", "")), warned))
    return list(notes.by_column(said))


def _finer(panel: pd.DataFrame, clusters: list[str], info: StudyInfo) -> bool:
    """Say whether no cluster holds all units that share an assignment."""
    if not clusters or clusters == ["unit"]:
        return True
    if not info.assigned_column or not {info.assigned_column, *clusters} <= set(panel.columns):
        return False  # nothing in the panel says whether the clusters are larger
    known = panel.dropna(subset=[info.assigned_column])
    return all((known.groupby(info.assigned_column)[name].nunique() > 1).any() for name in clusters)


def _warning(clusters: list[str], info: StudyInfo) -> str:
    how = say("declare it under 'variables' and cluster by it")
    if info.assigned_column:
        how = say("cluster by it (vcov: {{kind: cluster, by: {column}}})", column=info.assigned_column)
    if not clusters:
        return say(
            "the treatment is assigned by {level}: units of one {level} share it, and errors that are not clustered "
            "take them for independent; {how}",
            level=info.assigned_by, how=how,
        )  # fmt: skip
    return say(
        "the treatment is assigned by {level} and errors are clustered by {clusters}: units of one {level} share their "
        "treatment; {how}",
        level=info.assigned_by, clusters=clusters, how=how,
    )  # fmt: skip
