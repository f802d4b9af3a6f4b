"""Input-oriented epsilon-based measure, EBM (``shidian.efficiency.epsilon_based``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from shidian.efficiency.declared import Measured, cleaned_technology
from shidian.efficiency.epsilon_based import epsilon_based_measure

MODEL = {
    "about": "input-oriented epsilon-based measure (EBM), epsilon and weights from the affinity of inputs (Tone and "
    "Tsutsui 2010), without undesirable outputs",
    "options": {
        "returns": {"$ref": "shared#/$defs/returns"},
        "epsilon": {
            "description": "A number in the place of the calibrated epsilon; 0 is the radial measure.",
            "type": "number", "minimum": 0, "maximum": 1,
        },
        "weights": {
            "description": "Input -> weight beside a declared epsilon; equal where they are not given.",
            "type": "object", "minProperties": 1, "additionalProperties": {"type": "number", "exclusiveMinimum": 0},
        },
        "calibration": {
            "description": "Inputs whose affinity gives epsilon: projected on the frontier by the additive model, or "
            "as observed.",
            "enum": ["projected", "observed"], "default": "projected",
        },
        "engine": {"$ref": "shared#/$defs/engine"},
    },
}  # fmt: skip


def measure(panel: pd.DataFrame, model: Mapping[str, Any]) -> Measured:
    """Return the scores of a panel's rows; see ``epsilon_based_measure``."""
    technology, cleaned, names = cleaned_technology(panel, model)
    options = {key: model[key] for key in (*MODEL["options"], "frontier") if key in model}
    result = epsilon_based_measure(technology, names=names, **options)
    return Measured(result.frame, [*cleaned.ledger, *result.ledger])
