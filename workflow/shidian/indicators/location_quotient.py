"""Location quotient of a sector."""

from __future__ import annotations

import numpy as np
import pandas as pd

from shidian.errors import EstimationError
from shidian.indicators.checks import describe, numeric_frame, require_not_negative, require_positive
from shidian.indicators.inputs import Computed, Inputs
from shidian.indicators.reference_units import thin_years
from shidian.messages import say

METHOD = {
    "label": {"en": "Location quotient", "zh": "区位熵"},
    "formula": "LQ_it = (S_it / E_it) / (Σ_i S_it / Σ_i E_it), S = employees of the sector, E = all employees",
    "source": "Haggett (1966)",
    "roles": ("sector", "total"),
    "of_one_size": (("sector", "total"),),
    "other_rows": "its year's totals over all units enter too",
}
"""What a study file declares; the schema, the reference and the page of formulas are made from it."""


def location_quotient(sector: object, total: object, year: object) -> pd.Series:
    """Return the location quotient (Haggett 1966): LQ_it = (S_it / E_it) / (sum_i S_it / sum_i E_it).

    S = employees of the sector, E = all employees; the sums run over the units of the same year that have both.
    """
    frame = numeric_frame("location_quotient", {"sector": sector, "total": total})
    require_not_negative("location_quotient", frame[["sector"]])
    require_positive("location_quotient", frame[["total"]])
    over = frame["sector"] > frame["total"]
    if over.any():
        where = describe(frame.index[over][0], frame.index.names)
        raise EstimationError(
            say("location_quotient: {where}: the sector has more employees than all sectors together", where=where)
        )
    years = pd.Series(np.asarray(year), index=frame.index)
    both = frame.where(frame.notna().all(axis=1))
    sums = both.groupby(years).transform("sum")
    empty = sums["sector"].eq(0) & both["sector"].notna()
    if empty.any():
        raise EstimationError(
            say("location_quotient: no unit has any employee of the sector in {year}", year=years[empty].iloc[0])
        )
    return ((both["sector"] / both["total"]) / (sums["sector"] / sums["total"])).rename("location_quotient")


def compute(given: Inputs) -> Computed:
    """Return the indicator of a study's panel, and the ledger's line on years with far fewer units to compare with."""
    values = location_quotient(given["sector"], given["total"], given.years)
    return Computed(values, thin_years(given.name, values.notna(), given.years))
