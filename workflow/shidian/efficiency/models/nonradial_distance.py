"""Non-radial directional distance with undesirable outputs (``shidian.efficiency.directional``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from shidian.efficiency.declared import Measured, cleaned_technology
from shidian.efficiency.directional import nonradial_distance

MODEL = {
    "about": "non-radial directional distance (NDDF) with a weight of each variable's step, and the performance made "
    "of the steps (Zhou, Ang and Wang 2012)",
    "options": {
        "weights": {
            "description": "Variable -> weight of its step; variables left out are not moved. By default inputs, "
            "desirable and undesirable outputs have a third each, shared equally among their variables.",
            "type": "object", "minProperties": 1, "additionalProperties": {"type": "number", "minimum": 0},
        },
        "counted": {
            "description": "Moved inputs and undesirable outputs whose steps the performance counts; all of them where "
            "it is not given.",
            "type": "array", "uniqueItems": True, "items": {"type": "string", "format": "panel-column"},
        },
        "disposability": {"$ref": "shared#/$defs/disposability"},
        "returns": {"$ref": "shared#/$defs/returns"},
        "score": {
            "description": "performance = (1 - mean of the steps counted) / (1 + mean step of desirable outputs); "
            "distance = weighted sum of the steps, zero on the frontier.",
            "enum": ["performance", "distance"], "default": "performance",
        },
        "engine": {"$ref": "shared#/$defs/engine"},
    },
}  # fmt: skip


def measure(panel: pd.DataFrame, model: Mapping[str, Any]) -> Measured:
    """Return the scores of a panel's rows; see ``nonradial_distance``."""
    technology, cleaned, names = cleaned_technology(panel, model)
    options = {key: model[key] for key in (*MODEL["options"], "frontier") if key in model}
    result = nonradial_distance(technology, names=names, **options)
    return Measured(result.frame, [*cleaned.ledger, *result.ledger])
