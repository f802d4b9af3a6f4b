"""Robustness columns: small declared changes of one baseline, side by side with it.

Other policies (``add``), winsorised variables (``winsorise``), excluded years or units (``sample``), another outcome,
other controls, effects or errors: whatever a column of a DID table may declare.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from shidian.exhibits.did.did_table import estimate as did_table
from shidian.exhibits.result import ExhibitResult, StudyInfo
from shidian.exhibits.varied_columns import varied_columns


def run(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Estimate the baseline and each variation; a variation overrides only the keys that it names."""
    columns = varied_columns(spec)
    own = ("baseline", "variations", "baseline_label", "print_baseline")
    shared = {key: value for key, value in spec.items() if key not in own}
    if "coefficients" not in shared:
        added = [name for column in columns for name in column.get("add", [])]
        treatments = [column.get("treatment", info.treatment) for column in columns]
        shared["coefficients"] = list(dict.fromkeys([*treatments, *added]))
    return did_table.run(panel, {**shared, "columns": columns}, info)
