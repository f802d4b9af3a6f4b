"""Groups of rows as an exhibit declares them: the values of a variable, the two sides of its median, or economic
regions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from shidian.did.heterogeneity import median_split
from shidian.errors import no_column
from shidian.regions.economic import economic_region


def groups_of(panel: pd.DataFrame, declared: Mapping[str, Any]) -> pd.Series:
    """Return each row's group: the variable's value (by its declared name), the side of its median, or its region."""
    variable = declared["variable"]
    if variable not in panel.columns:
        raise no_column(variable, panel.columns)
    if declared.get("split", "values") == "median":
        return median_split(panel, variable, declared.get("year"))
    if declared.get("split") == "region":
        panel = panel.assign(**{variable: economic_region(panel[variable])})
    names = {str(value): str(name) for value, name in declared.get("names", {}).items()}
    values = panel[variable]
    whole = pd.api.types.is_numeric_dtype(values) and (values.dropna() % 1 == 0).all()
    keys = values.astype("Int64").astype("string") if whole else values.astype("string")
    return keys.map(lambda key: names.get(str(key), str(key)), na_action="ignore")
