"""What a referee says of rows of individuals: the groups that adopt are few, or are treated from the first period on.

Of a person who is seen once nothing can be said over time; what holds of units of a panel holds of their groups.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from shidian.errors import EstimationError
from shidian.exhibits.cohorts import cohort_warnings, cohorts_of
from shidian.exhibits.result import StudyInfo
from shidian.exhibits.subsample import subsample
from shidian.messages import counted, say


def treated_groups(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> list[str]:
    """Return the warnings of a regression on individuals whose groups adopt, by the groups.

    None are given where the panel has no column that says in which group a row lies.
    """
    if not info.individuals or "vcov" not in spec or info.assigned_column not in panel.columns:
        return []
    try:
        part = subsample(panel, spec.get("sample"))[0].dropna(subset=[info.assigned_column])
    except EstimationError:  # the exhibit itself says so
        return []
    if part.empty or part["adoption_year"].isna().all() or part["year"].nunique() == 1:
        return []
    groups = part.assign(unit=part[info.assigned_column])
    warnings, always = cohort_warnings(groups, by_cohort=False), cohorts_of(groups).always
    if always:
        warnings.append(
            say(
                "{n} treated in every year observed: they serve as controls of the others, and effects that still grow "
                "bias the estimate; `sample` leaves their rows out",
                n=counted(always, info.label(info.assigned_column)),
            )
        )
    return warnings
