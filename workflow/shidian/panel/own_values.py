"""Values of a source by its own units, where these are not the panel's."""

from __future__ import annotations

from typing import Any

import pandas as pd

from shidian.panel.convert import convert_measures
from shidian.panel.fill import fill_gaps
from shidian.study.model import PanelSpec, SourceUse


def own_values(spec: PanelSpec, use: SourceUse, printed: pd.DataFrame) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """Return values by the source's own units (``shidian.panel.nest.own_long``) converted, their gaps filled.

    Gaps are those in all years of the study.
    """
    own, lines = convert_measures(printed, spec.measures, spec.own_measures)
    years = range(spec.first_year, spec.last_year + 1)
    rows = pd.DataFrame([(unit, year) for unit in own["unit"].unique() for year in years], columns=["unit", "year"])
    own, filled = fill_gaps(own, rows, [f for f in spec.fill if f.series.partition(".")[0] == use.source])
    return own, lines + filled
