"""An indicator that is a formula over variables and the indicators above it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from shidian.indicators.inputs import Computed, Inputs
from shidian.ledger import at_step
from shidian.measures import PURE
from shidian.messages import say
from shidian.panel.compute import compute_variable
from shidian.panel.scope import Scope
from shidian.study.formula_variable import Variable

METHOD = {
    "label": {"en": "Formula", "zh": "公式"},
    "formula": "arithmetic as in `variables`, over variables and the indicators above",
    "source": "the study",
    "takes": "nothing",
    "options": {
        "formula": {"description": "The formula.", "type": "string", "minLength": 1},
        "invalid": {"description": "What happens where it has no value though its inputs have one: an error, or it is "
                    "left empty and counted in the ledger (missing).", "enum": ["error", "missing"],
                    "default": "error"},
    },
    "required": ("formula",),
}  # fmt: skip
"""What a study file declares; the schema, the reference and the page of formulas are made from it."""


def compute(given: Inputs) -> Computed:
    """Compute a formula over columns of the panel; their sizes were settled when the study was read."""
    text, lenient = given.options["formula"], given.options["invalid"] == "missing"
    variable = Variable(given.name, text, given.node, {}, PURE, "", 1.0, lenient)
    rows = given.panel.index.to_frame(index=False).assign(unit_name=given.panel["unit_name"].to_numpy())
    arrays = {name: column.to_numpy(dtype=float, na_value=np.nan) for name, column in given.columns.items()}
    values, ledger = compute_variable(variable, Scope(rows, arrays))
    return Computed(pd.Series(values, index=given.panel.index), tuple(at_step(say("indicators"), ledger)))
