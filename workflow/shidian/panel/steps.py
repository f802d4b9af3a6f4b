"""Panels whose rows lie several periods apart: the calendar's numbers as steps."""

from __future__ import annotations

import pandas as pd

from shidian.errors import PanelError
from shidian.period import Period, written
from shidian.study.model import SourceUse


def in_steps(records: pd.DataFrame, use: SourceUse, period: Period) -> pd.DataFrame:
    """Return the records of a source with steps of the panel in the place of calendar numbers.

    Rows of other sources than the frame between two steps belong to no row of the panel and go.

    Raises:
        PanelError: the frame has a row between two steps, which the declared step denies.
    """
    if period.step == 1:
        return records
    steps = (records["year"] - period.origin) // period.step
    between = ((records["year"] - period.origin) % period.step != 0).fillna(False).to_numpy(bool)
    if between.any() and use.is_frame:
        found = int(records.loc[between, "year"].iloc[0])
        raise PanelError(
            f"source '{use.source}' has a row in {written(period.kind, found)}, which 'period.step: {period.step}' "
            "passes over from years.first on: declare another step, or 'step: 1'"
        )
    return records.assign(year=steps)[~between].reset_index(drop=True)
