"""Values of a source by its own units, where these are not the panel's."""

from __future__ import annotations

from typing import Any

import pandas as pd

from shidian.panel.convert import convert_measures
from shidian.panel.fill import fill_gaps
from shidian.panel.join import Joined
from shidian.panel.nest import own_long
from shidian.study.model import PanelSpec, SourceUse


def own_values(spec: PanelSpec, use: SourceUse, joined: Joined) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """Return the values by the source's own units, converted; gaps are filled in all years of the study."""
    wanted = {q.partition(".")[2] for q in spec.measures if q.partition(".")[0] == use.source}
    own, lines = convert_measures(own_long(joined.only(wanted), use, spec.period), spec.measures, spec.own_measures)
    years = range(spec.first_year, spec.last_year + 1)
    rows = pd.DataFrame([(unit, year) for unit in own["unit"].unique() for year in years], columns=["unit", "year"])
    own, filled = fill_gaps(own, rows, [f for f in spec.fill if f.series.partition(".")[0] == use.source])
    return own, lines + filled
