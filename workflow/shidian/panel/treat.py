"""The treatment: adoption year of every unit and its 0/1 status by year."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from shidian.errors import PanelError
from shidian.ledger import ledger_row
from shidian.messages import say
from shidian.period import NAMES, Period, written
from shidian.study.model import Treatment

YEARS, LAST_DAY = Period(), 3_652_059
"""The period of a study that declares none, and the largest number of any period."""


def adoption_years(
    treatment: Treatment, rows: pd.DataFrame, long: pd.DataFrame, period: Period = YEARS
) -> tuple[pd.Series, list[dict[str, Any]]]:
    """Return the first treated year of every unit of the panel, missing for units never treated inside it.

    Args:
        treatment: the study's treatment.
        rows: unit, unit_name, year of the panel's rows.
        long: matched records of the treatment's series (``shidian.panel.join.LONG_COLUMNS``).

    Returns:
        Int64 series indexed by unit code, and the ledger's lines (adopted after the last year, treated throughout).

    Raises:
        PanelError: a status other than 0 or 1, a status that goes back to 0, a status missing in a year,
            an adoption year that is no year.
    """
    units = pd.Index(sorted(rows["unit"].unique()), name="unit")
    ledger: list[dict[str, Any]] = []
    if treatment.kind == "status":
        years = _from_status(treatment, rows, long, period)
    else:
        values = long.dropna(subset=["value"]).set_index("unit")["value"]
        if values.empty:
            raise PanelError(f"'{treatment.series}' matches no unit of the panel: no unit would ever be treated")
        usual = values.between(1900, 2100) if period == YEARS else values.abs() <= LAST_DAY
        bad = values[(values != values.round()) | ~usual]
        if not bad.empty:
            what = NAMES.get(period.kind, period.kind)
            raise PanelError(f"'{treatment.series}' of unit {bad.index[0]} is {bad.iloc[0]:g}, which is no {what}")
        years, ledger = _in_steps(values, period)
        years = years + treatment.delay
    years = years.reindex(units).astype("Int64").rename("adoption_year")
    first, last = int(rows["year"].min()), int(rows["year"].max())
    late, always = years[years > last], years[years <= first]
    if len(late):
        reason = say("adopts after {last}: never treated inside the panel", last=last)
        ledger.append(ledger_row(say("treatment"), ", ".join(late.index), reason, units=len(late)))
    if len(always):
        reason = say("treated from {first} or before: no year before treatment in the panel", first=first)
        ledger.append(ledger_row(say("treatment"), ", ".join(always.index), reason, units=len(always)))
    return years.mask(years > last), ledger


def undated_units(treatment: Treatment, rows: pd.DataFrame, long: pd.DataFrame) -> list[str]:
    """Return the units of the panel that the list of pilots names without a year, in order.

    Raises:
        PanelError: there are some and the study does not say that they are left out.
    """
    if treatment.kind == "status":
        return []
    found = sorted(set(long.loc[long["value"].isna(), "unit"]))
    if found and not treatment.leave_out_undated:
        names = rows.drop_duplicates("unit").set_index("unit")["unit_name"]
        first = ", ".join(f"{unit} {names[unit]}" for unit in found[:3])
        raise PanelError(
            f"'{treatment.series}' names {len(found)} units without a year ({first}, ...): they are neither treated "
            "at a known date nor controls. Give their years, exclude them, or declare 'undated: leave_out' under "
            "'treatment'"
        )
    return found


def treated(rows: pd.DataFrame, adoption: pd.Series) -> np.ndarray:
    """Return the (n,) 0/1 status: 1 from the unit's adoption year on."""
    starts = rows["unit"].map(adoption).astype("Float64").fillna(np.inf).to_numpy(dtype=float)
    return (rows["year"].to_numpy() >= starts).astype("int8")


def _in_steps(values: pd.Series, period: Period) -> tuple[pd.Series, list[dict[str, Any]]]:
    """Return calendar numbers of adoption as periods of the panel; one between two steps counts from the next on."""
    if period.step == 1:
        return values, []
    years = -((period.origin - values) // period.step)
    between = values[(values - period.origin) % period.step != 0]
    lines = []
    for value, group in between.groupby(between):
        reason = say(
            "adopts in {when}, between two periods of the panel: treated from {year} on",
            when=written(period.kind, int(value)), year=int(years[group.index[0]]),
        )  # fmt: skip
        lines.append(ledger_row(say("treatment"), ", ".join(sorted(group.index)), reason, units=len(group)))
    return years, lines


def _from_status(treatment: Treatment, rows: pd.DataFrame, long: pd.DataFrame, period: Period) -> pd.Series:
    status = rows.merge(long[["unit", "year", "value"]], on=["unit", "year"], how="left")
    missing = status[status["value"].isna()]
    wrong = status[status["value"].notna() & ~status["value"].isin([0, 1])]
    for bad, what in ((missing, "is missing"), (wrong, "is neither 0 nor 1")):
        if not bad.empty:
            row = bad.iloc[0]
            raise PanelError(
                f"the status '{treatment.series}' of unit {row['unit']} {what} in {period.label(row['year'])}"
            )
    back = status["value"].lt(status.groupby("unit")["value"].shift())
    if back.any():
        row = status[back].iloc[0]
        raise PanelError(
            f"the status '{treatment.series}' of unit {row['unit']} goes back to 0 in {period.label(row['year'])}: "
            f"the estimators here need a treatment that stays"
        )
    starts = status[status["value"] == 1].groupby("unit")["year"].min()
    return starts.astype("float64") + treatment.delay
