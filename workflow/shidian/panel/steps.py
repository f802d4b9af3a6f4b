"""Panels whose rows lie several periods apart: the calendar's numbers as steps."""

from __future__ import annotations

from typing import Any

import pandas as pd

from shidian.errors import PanelError
from shidian.ledger import ledger_row
from shidian.messages import say
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


def adoption_in_steps(years: pd.Series, period: Period) -> tuple[pd.Series, list[dict[str, Any]]]:
    """Return adoption years of the calendar, by unit, as steps of the panel, and the ledger's lines.

    One between two steps counts from the next on.
    """
    if period.step == 1:
        return years, []
    steps = -((period.origin - years) // period.step)
    between = years[(years - period.origin) % period.step != 0]
    lines = []
    for value, group in between.groupby(between):
        reason = say(
            "adopts in {when}, between two periods of the panel: treated from {year} on",
            when=written(period.kind, int(value)), year=int(steps[group.index[0]]),
        )  # fmt: skip
        lines.append(ledger_row(say("treatment"), ", ".join(sorted(group.index)), reason, units=len(group)))
    return steps, lines
