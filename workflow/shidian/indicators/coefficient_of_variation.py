"""Coefficient of variation among the units of a year, or of a year and group."""

from __future__ import annotations

import numpy as np
import pandas as pd

from shidian.errors import EstimationError
from shidian.indicators.checks import numeric_frame, require_not_negative, require_positive
from shidian.indicators.inequality import coefficient_of_variation
from shidian.indicators.inputs import Computed, Inputs
from shidian.indicators.reference_units import thin_years
from shidian.messages import joined, say

METHOD = {
    "label": {"en": "Coefficient of variation", "zh": "变异系数"},
    "formula": "V = √(Σ_i w_i (x_i − μ)²) / μ over the units of a year (and group), w adding to one",
    "source": "var.coeff of R's ineq; corrected: Stata's tabstat",
    "roles": ("values", "weight", "group"),
    "optional": ("weight", "group"),
    "options": {
        "corrected": {
            "description": "Whether the standard deviation has N-1 in the denominator (Stata's tabstat) or N (R's "
            "ineq).",
            "type": "boolean", "default": False,
        },
    },
    "other_rows": "the values of all units of its year, and group, enter too",
}  # fmt: skip
"""What a study file declares; the schema, the reference and the page of formulas are made from it."""

WORDS = {"year": say("year"), "group": say("group")}


def variation_among(
    values: object, year: object, weight: object = None, group: object = None, corrected: bool = False
) -> pd.Series:
    """Return, for every row, the coefficient of variation among the units of its year, or of its year and group.

    Rows without a value, weight or group do not count and stay empty.

    Raises:
        EstimationError: a year or group with a single value, and what ``coefficient_of_variation`` refuses.
    """
    inputs = {"values": values, "weight": weight, "group": group}
    frame = numeric_frame("coefficient_of_variation", {k: v for k, v in inputs.items() if v is not None})
    require_not_negative("coefficient_of_variation", frame[["values"]])
    if weight is not None:
        require_positive("coefficient_of_variation", frame[["weight"]])
    frame = frame.assign(when=np.asarray(year)).dropna()
    keys = {"year": frame["when"], **({"group": frame["group"]} if group is not None else {})}
    found = pd.Series(np.nan, index=pd.Series(values).index, name="coefficient_of_variation")
    for key, part in frame.groupby([labels.to_numpy() for labels in keys.values()], sort=True):
        where = joined(
            (say("{name} {value:g}", name=WORDS[name], value=value) for name, value in zip(keys, key, strict=True)),
            "commas",
        )
        if len(part) < 2:
            raise EstimationError(
                say(
                    "coefficient_of_variation: {where} has one unit with a value, and one value does not vary; leave "
                    "the year out or choose larger groups",
                    where=where,
                )
            )
        if not part["values"].sum() > 0:
            raise EstimationError(
                say("coefficient_of_variation: {where}: all values are zero, and so is their mean", where=where)
            )
        weights = part["weight"] if weight is not None else None
        found[part.index] = coefficient_of_variation(part["values"], weights, corrected)
    return found


def compute(given: Inputs) -> Computed:
    """Return the indicator of a study's panel, and the ledger's line on years with far fewer units to compare with."""
    weight, group = given.columns.get("weight"), given.columns.get("group")
    values = variation_among(given["values"], given.years, weight, group, bool(given.options["corrected"]))
    return Computed(values, thin_years(given.name, values.notna(), given.years))
