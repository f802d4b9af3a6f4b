"""Super-SBM with undesirable outputs (``shidian.efficiency.sbm``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from shidian.efficiency.declared import Measured, measure_declared

MODEL = {"about": "Super-SBM with undesirable outputs, whose keys are those of the exhibit kind efficiency_scores"}


def measure(panel: pd.DataFrame, model: Mapping[str, Any]) -> Measured:
    """Return the scores of a panel's rows; see ``measure_declared``."""
    declared = measure_declared(panel, model)
    return Measured(declared.result.scores(), declared.ledger)
