"""What is left out of the panel: at once, or only of the exhibits, after it has counted in the indicators."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from shidian.errors import PanelError, nearest
from shidian.ledger import ledger_row_of
from shidian.messages import say
from shidian.study.model import LEFT_OUT, Exclusion


def excluded_rows(rows: pd.DataFrame, exclusion: Exclusion, names: pd.Series) -> tuple[pd.Series, dict[str, Any]]:
    """Return which rows an exclusion leaves out, and its line of the ledger.

    Args:
        rows: unit, unit_name, year, and the variable of ``where``.
        exclusion: what is left out.
        names: unit code -> name, all units of the frame.

    Raises:
        PanelError: a unit that the frame has not.
    """
    out = pd.Series(True, index=rows.index)
    if exclusion.years:
        out &= rows["year"].isin(exclusion.years)
    if exclusion.units:
        if not exclusion.may_lack:
            _refuse_unknown(exclusion.units, names)
        out &= rows["unit"].isin(exclusion.units) | rows["unit_name"].isin(exclusion.units)
    subject = [*exclusion.units, *map(str, exclusion.years)]
    if exclusion.where:
        out &= rows[exclusion.where] == 1
        subject = [*subject, f"{exclusion.where}: {_named(rows[out])}"]
    reason = exclusion.reason
    if exclusion.late:
        reason = say("{reason} (left out of the exhibits, counted in indicators)", reason=reason)
    lacking = [unit for unit in exclusion.units if unit not in {*names.index, *names}]
    if lacking:
        reason = say("{reason} (no unit of these data: {units})", reason=reason, units=lacking)
    return out, _line(", ".join(subject), rows[out], reason)


def late_exclusions(
    panel: pd.DataFrame, exclusions: Sequence[Exclusion], undated: Sequence[str]
) -> tuple[pd.Series, list[dict[str, Any]]]:
    """Return why each row of the panel is to be left out of the exhibits ("" for rows that stay), and the ledger.

    Args:
        panel: the panel with its variables.
        exclusions: the late ones.
        undated: units that the list of pilots names without a year.
    """
    why = pd.Series("", index=panel.index)
    names = panel.drop_duplicates("unit").set_index("unit")["unit_name"]
    ledger = []
    if undated:
        out = panel["unit"].isin(undated)
        reason = say("listed as treated without a year: neither treated nor a control, left out of the exhibits")
        ledger.append(_line(_named(panel[out]), panel[out], reason))
        why[out] = reason
    for exclusion in exclusions:
        stays = panel[why == ""]
        out, line = excluded_rows(stays, exclusion, names)
        ledger.append(line)
        why[stays.index[out]] = exclusion.reason
    return why, ledger


def leave_out(panel: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that the exhibits see, without the column that says why others go.

    Raises:
        PanelError: no row stays.
    """
    if LEFT_OUT not in panel.columns:
        return panel
    kept = panel[panel[LEFT_OUT] == ""].drop(columns=LEFT_OUT).reset_index(drop=True)
    if kept.empty:
        raise PanelError("'sample.exclude' and 'treatment.undated' leave no row for the exhibits")
    return kept


def _named(rows: pd.DataFrame) -> str:
    units = rows.drop_duplicates("unit")
    if len(units) == len(rows) and (units["unit"] == units["unit_name"]).all():  # numbers of rows say nothing
        return say("{n} rows", n=len(rows))
    return ", ".join(rows.drop_duplicates("unit").sort_values("unit")["unit_name"].astype(str))


def _line(subject: str, rows: pd.DataFrame, reason: str) -> dict[str, Any]:
    return ledger_row_of(rows, say("exclude"), subject, reason)


def _refuse_unknown(units: Sequence[str], names: pd.Series) -> None:
    known = [*names.index, *names]
    for unit in units:
        if unit not in known:
            raise PanelError(f"'sample.exclude' names '{unit}', which is no unit of the panel{nearest(unit, known)}")
