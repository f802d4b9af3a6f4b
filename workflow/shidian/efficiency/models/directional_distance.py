"""Directional distance with weakly disposable undesirable outputs (``shidian.efficiency.directional``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from shidian.efficiency.declared import Measured, cleaned_technology
from shidian.efficiency.directional import directional_distance

MODEL = {
    "about": "directional distance with weakly disposable undesirable outputs (Färe et al. 1989; Chung, Färe and "
    "Grosskopf 1997)",
    "options": {
        "moved": {
            "description": "Variables that the direction moves, each in proportion to the unit's own value; all "
            "outputs where it is not given, (y, -b).",
            "type": "array", "minItems": 1, "uniqueItems": True,
            "items": {"type": "string", "format": "panel-column"},
        },
        "disposability": {"$ref": "shared#/$defs/disposability"},
        "returns": {"$ref": "shared#/$defs/returns"},
        "score": {
            "description": "efficiency = 1 - beta, or 1 / (1 + beta) where desirable outputs alone are moved; "
            "distance = beta, zero on the frontier.",
            "enum": ["efficiency", "distance"], "default": "efficiency",
        },
        "engine": {"$ref": "shared#/$defs/engine"},
    },
}  # fmt: skip


def measure(panel: pd.DataFrame, model: Mapping[str, Any]) -> Measured:
    """Return the scores of a panel's rows; see ``directional_distance``."""
    technology, cleaned, names = cleaned_technology(panel, model)
    options = {key: model[key] for key in (*MODEL["options"], "frontier") if key in model}
    result = directional_distance(technology, names=names, **options)
    return Measured(result.frame, [*cleaned.ledger, *result.ledger])
