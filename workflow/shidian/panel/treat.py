"""The treatment: adoption year of every unit and its 0/1 status by year, or its status or dose as it stands."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from shidian.errors import PanelError
from shidian.ledger import ledger_row, ledger_row_of
from shidian.messages import say
from shidian.panel.adoption import Adopted
from shidian.period import Period
from shidian.study.treated import CONTINUOUS, STAYS, SWITCHING, Treatment

YEARS = Period()
"""The period of a study that declares none."""


def adoption_years(
    treatment: Treatment, rows: pd.DataFrame, years: pd.Series
) -> tuple[pd.Series, list[dict[str, Any]]]:
    """Return the first treated year of every unit of the panel, missing for units never treated inside it.

    Args:
        treatment: the study's treatment.
        rows: unit, unit_name, year of the panel's rows.
        years: adoption year by unit, as ``from_status`` or ``shidian.panel.adoption`` give it.

    Returns:
        Int64 series indexed by unit code, and the ledger's lines (adopted after the last year, treated throughout).
    """
    units = pd.Index(sorted(rows["unit"].unique()), name="unit")
    years = (years + treatment.delay).reindex(units).astype("Int64").rename("adoption_year")
    first, last = int(rows["year"].min()), int(rows["year"].max())
    late, always = years[years > last], years[years <= first]
    ledger = []
    followed = bool(rows["unit"].duplicated().any())  # else units are rows, which no list of codes tells apart
    for some, reason in (
        (late, say("adopts after {last}: never treated inside the panel", last=last)),
        (always, say("treated from {first} or before: no year before treatment in the panel", first=first)),
    ):
        if len(some):
            subject = ", ".join(some.index) if followed else treatment.name
            ledger.append(ledger_row(say("treatment"), subject, reason, units=len(some)))
    return years.mask(years > last), ledger


def never_line(adopted: Adopted, treatment: Treatment) -> list[dict[str, Any]]:
    """Return the ledger's line on units that are never treated by what stands in the place of their year."""
    if not adopted.never:
        return []
    reason = say(
        "'{series}' says with {marks} that they are never treated", series=treatment.dating, marks=adopted.marks
    )
    return [ledger_row(say("treatment"), treatment.name, reason, units=len(adopted.never))]


def treated(rows: pd.DataFrame, adoption: pd.Series) -> np.ndarray:
    """Return the (n,) 0/1 status: 1 from the unit's adoption year on."""
    starts = rows["unit"].map(adoption).astype("Float64").fillna(np.inf).to_numpy(dtype=float)
    return (rows["year"].to_numpy() >= starts).astype("int8")


def from_status(treatment: Treatment, rows: pd.DataFrame, values: np.ndarray, period: Period = YEARS) -> pd.Series:
    """Return the year in which each unit's status turns 1, by unit; units whose status never does are not in it.

    Args:
        treatment: the study's treatment.
        rows: unit, unit_name, year of the panel's rows, sorted.
        values: (n,) status of every row.
        period: what a year of the panel is.

    Raises:
        PanelError: a status other than 0 or 1, one that goes back to 0, one missing in a year.
    """
    status = rows.assign(value=values)
    _refuse(treatment, status[status["value"].isna()], "is missing", "", period)
    _refuse_values(treatment, status, period)
    back = status["value"].lt(status.groupby("unit")["value"].shift())
    if back.any():
        row = status[back].iloc[0]
        raise PanelError(
            f"the status '{treatment.dating}' of unit {row['unit']} goes back to 0 in {period.label(row['year'])}: a "
            f"treatment that ends again is declared by 'kind: {SWITCHING}' under 'treatment'; tables of regressions "
            "and 2SLS take it as a regressor, event studies and staggered estimators need one that stays"
        )
    return status[status["value"] == 1].groupby("unit")["year"].min().astype("float64")


def as_it_stands(
    treatment: Treatment, rows: pd.DataFrame, values: np.ndarray, period: Period = YEARS
) -> tuple[np.ndarray, list[dict[str, Any]]]:
    """Return the (n,) status that may switch or is one of individuals, or the dose, and the ledger's lines on it.

    Raises:
        PanelError: a status other than 0 or 1 that is no dose, no value at all, one value throughout.
    """
    status = rows.assign(value=values)
    known = status[status["value"].notna()]
    if known["value"].nunique() < 2:
        only = f"is {known['value'].iloc[0]:g} in every row" if len(known) else "has no value in any row"
        raise PanelError(f"the status '{treatment.dating}' {only}: there is nothing to compare")
    if treatment.kind != CONTINUOUS:
        _refuse_values(treatment, status, period)
    ledger = []
    missing = status[status["value"].isna()]
    if len(missing):
        reason = say("'{series}' is missing: no row of a regression on it", series=treatment.dating)
        ledger.append(ledger_row_of(missing, say("treatment"), treatment.name, reason))
    followed = known["unit"].duplicated().any()
    back = known["value"].lt(known.groupby("unit")["value"].shift())
    if followed and known["value"].isin([0, 1]).all() and not back.any():
        reason = say(
            "declared {kind}, but 0 and 1 and never back to 0: 'kind: {stays}' opens the estimators of adoption years",
            kind=treatment.kind, stays=STAYS,
        )  # fmt: skip
        ledger.append(ledger_row(say("treatment"), treatment.name, reason, units=known["unit"].nunique()))
    whole = treatment.kind != CONTINUOUS and not len(missing)
    return (values.astype("int8") if whole else values), ledger


def _refuse_values(treatment: Treatment, status: pd.DataFrame, period: Period) -> None:
    wrong = status[status["value"].notna() & ~status["value"].isin([0, 1])]
    way = f"; a dose is declared by 'kind: {CONTINUOUS}' under 'treatment'"
    _refuse(treatment, wrong, "is neither 0 nor 1", way, period)


def _refuse(treatment: Treatment, bad: pd.DataFrame, what: str, way: str, period: Period) -> None:
    if not bad.empty:
        row = bad.iloc[0]
        when = period.label(row["year"])
        raise PanelError(f"the status '{treatment.dating}' of unit {row['unit']} {what} in {when}{way}")
