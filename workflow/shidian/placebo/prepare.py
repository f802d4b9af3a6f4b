"""The rows a placebo test uses, and which units can be drawn in it: everything between a panel and its draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from shidian.errors import EstimationError, no_column
from shidian.inference.sample import require_unit_years
from shidian.messages import say
from shidian.placebo.assign import (
    Scheme,
    earlier_years,
    permutation,
    random_years,
    shifted_years,
    strata_codes,
)
from shidian.placebo.columns import ADOPTION, NEVER, UNIT, YEAR
from shidian.placebo.design import Design, build_design
from shidian.placebo.event_study import EventColumns, true_columns
from shidian.placebo.settings import Settings

TRUE_ADOPTION = "true_adoption_year"
TOO_LATE = say("no treated unit has years enough before its adoption for an in-time placebo")


@dataclass(frozen=True)
class Prepared:
    """A placebo test ready to draw.

    Attributes:
        design: what all draws share.
        scheme: how draws are made.
        rows: rows of the panel that the placebo sample keeps, before rows with missing values go.
        left_out: (units, rows, reason) of what the placebo sample leaves out of the panel.
        columns: of an event study, the event times with an observed estimate; None of another estimator.
    """

    design: Design
    scheme: Scheme
    rows: pd.DataFrame
    left_out: tuple[tuple[int, int, str], ...]
    columns: EventColumns | None = None

    @property
    def event_columns(self) -> EventColumns:
        """The event times of an event study; EstimationError of another estimator."""
        if self.columns is None:
            raise EstimationError(say("this placebo test has no event times"))
        return self.columns


def prepare(panel: pd.DataFrame, settings: Settings, treatment: str = "") -> Prepared:
    """Select the rows, build the design and the scheme of a placebo test.

    Args:
        panel: the rows of the study's panel that the exhibit uses.
        settings: checked settings of the exhibit.
        treatment: name of the panel's 0/1 treatment, checked against the adoption years when the panel has it.

    Raises:
        EstimationError: what the sample, the mode or the columns make impossible.
    """
    left_out: list[tuple[int, int, str]] = []
    check_rows(panel, settings, treatment)
    rows, columns = panel, None
    dynamic = settings.estimator == "event_study"
    if settings.mode == "in_time":
        if dynamic:
            columns = true_columns(design_of(panel, settings), settings.event_window, settings.fixed_effects)
        rows, design = _in_time(rows, settings, left_out)
        return Prepared(design, _in_time_scheme(design, settings), rows, tuple(left_out), columns)
    labels, design = None, design_of(panel, settings)
    if dynamic:
        columns = true_columns(design, settings.event_window, settings.fixed_effects)
    if settings.pool == "never_treated":
        labels = _true_labels(design, settings)
        treated = rows[ADOPTION].notna()
        reason = say("truly treated; draws are among the others")
        left_out.append((rows.loc[treated, UNIT].nunique(), int(treated.sum()), reason))
        rows = rows.loc[~treated]
        design = design_of(rows, settings)
    return Prepared(design, _scheme(design, settings, labels), rows, tuple(left_out), columns)


def check_rows(panel: pd.DataFrame, settings: Settings, treatment: str) -> None:
    """Check that the columns are there and that the treatment starts in the adoption year and stays."""
    named = [UNIT, YEAR, ADOPTION, settings.assign_by]
    named += [settings.strata] if settings.strata else []
    for name in named:
        if name not in panel.columns:
            raise no_column(name, panel.columns)
    if settings.estimator == "event_study":
        require_unit_years(panel, say("an event study"), UNIT, YEAR)
    if treatment in panel.columns:
        _check_treatment(panel, treatment)


def _check_treatment(rows: pd.DataFrame, treatment: str) -> None:
    """A draw treats a unit from its adoption year on, so the true treatment must be of that form too."""
    adoption = rows[ADOPTION].astype("float64")
    implied = (rows[YEAR] >= adoption).to_numpy()
    given = rows[treatment].to_numpy(dtype=float, na_value=np.nan)
    wrong = given != implied
    if wrong.any():
        at = rows.iloc[int(wrong.argmax())]
        raise EstimationError(
            say(
                "'{treatment}' of unit {unit} in {year} is {value}, but its adoption year {adoption} implies "
                "{implied}: placebo draws need a treatment that starts in the adoption year and stays",
                treatment=treatment,
                unit=str(at[UNIT]),
                year=str(at[YEAR]),
                value=str(at[treatment]),
                adoption=str(at[ADOPTION]),
                implied=int(implied[wrong.argmax()]),
            )
        )


def _before_adoption(rows: pd.DataFrame, settings: Settings, left_out: list[tuple[int, int, str]]) -> pd.DataFrame:
    """Drop what follows the true adoption; keep the true year aside and treat no unit for now."""
    adoption = rows[ADOPTION].astype("float64")
    if adoption.isna().all():
        raise EstimationError(say("no unit of the sample is treated: there is no adoption year to move"))
    after = (rows[YEAR] >= adoption).to_numpy()
    units = rows.loc[after, UNIT].nunique()
    left_out.append((units, int(after.sum()), say("years from the true adoption on")))
    untreated = pd.Series(pd.NA, index=rows.index, dtype="Int64")
    return rows.assign(true_adoption_year=adoption, adoption_year=untreated).loc[~after]


def _in_time(
    rows: pd.DataFrame, settings: Settings, left_out: list[tuple[int, int, str]]
) -> tuple[pd.DataFrame, Design]:
    """Return the rows and the design of an in-time placebo, without the units that a lead would treat in all years.

    A unit's first year is that of the rows the regression uses, missing values and singletons dropped. Leaving units
    out can make singletons of other rows, so the smaller sample is judged again.
    """
    before = rows = _before_adoption(rows, settings, left_out)
    while True:
        if rows[TRUE_ADOPTION].isna().all():
            raise EstimationError(TOO_LATE)
        design = design_of(rows, settings, [TRUE_ADOPTION])
        late = _always_treated(design, settings.leads)
        if not len(late):
            break
        rows = rows.loc[~rows[settings.assign_by].isin(late)]
    if len(rows) < len(before):
        units = before[UNIT].nunique() - rows[UNIT].nunique()
        reason = say(
            "adopts within {n} years of its first year in the sample: no year is left before the earliest lead",
            n=max(settings.leads),
        )
        left_out.append((units, len(before) - len(rows), reason))
    return rows, design


def _always_treated(design: Design, leads: Sequence[int]) -> np.ndarray:
    """Return the units of assignment that have no year before their adoption once the longest lead has moved it."""
    if not leads:
        return np.array([])
    first = design.start[:-1]
    moved = design.frame[TRUE_ADOPTION].to_numpy(float)[first] - max(leads)
    return design.unit_names[design.year[first] >= moved]


def design_of(rows: pd.DataFrame, settings: Settings, keep: Sequence[str] = ()) -> Design:
    """Build the design that the settings declare on some rows of the panel."""
    strata = [settings.strata] if settings.strata else []
    return build_design(
        rows, outcome=settings.outcome, fixed_effects=settings.fixed_effects, vcov=settings.vcov, ssc=settings.ssc,
        controls=settings.controls, weights=settings.weights, assign_by=settings.assign_by, keep=[*strata, *keep],
        n_regressors=settings.n_regressors, singletons=settings.singletons,
    )  # fmt: skip


def _strata(design: Design, settings: Settings) -> tuple[np.ndarray, np.ndarray]:
    if not settings.strata:
        return np.zeros(design.n_units, dtype=np.int64), np.array([""])
    return strata_codes(design.frame[settings.strata], design.unit, design.unit_names)


def _true_labels(design: Design, settings: Settings) -> tuple[np.ndarray, np.ndarray]:
    """Return the adoption year and the stratum's name of each truly treated unit."""
    stratum, names = _strata(design, settings)
    treated = design.cohort != NEVER
    return design.years[design.cohort[treated]], names[stratum[treated]]


def _scheme(design: Design, settings: Settings, labels: tuple[np.ndarray, np.ndarray] | None) -> Scheme:
    stratum, names = _strata(design, settings)
    adoption, where = _true_labels(design, settings) if labels is None else labels
    unknown = sorted(set(where.tolist()) - set(names.tolist()))
    if unknown:
        raise EstimationError(
            say("stratum '{stratum}' has treated units but no unit that could be drawn", stratum=unknown[0])
        )
    label_stratum = np.searchsorted(names, where)
    if settings.treated is not None:
        label_stratum = np.zeros(settings.treated, dtype=np.int64)
    if settings.mode == "random":
        years = _positions(settings.adoption_years or tuple(design.years[1:].tolist()), design)
        return random_years(label_stratum, stratum, years, names)
    return permutation(_positions(adoption.tolist(), design), label_stratum, stratum, names)


def _positions(years: Sequence[Any], design: Design) -> np.ndarray:
    outside = [y for y in years if y not in design.years]
    if outside:
        raise EstimationError(
            say(
                "adoption year {year} is outside the sample's years {first}-{last}",
                year=outside[0],
                first=design.years[0],
                last=design.years[-1],
            )
        )
    return np.searchsorted(design.years, np.asarray(years, dtype=np.int64))


def _in_time_scheme(design: Design, settings: Settings) -> Scheme:
    first_rows = design.frame.iloc[design.start[:-1]]
    true_year = first_rows[TRUE_ADOPTION].to_numpy(float)
    treated = np.flatnonzero(~np.isnan(true_year))
    if not len(treated):  # all of them had one row in the sample, and singletons are dropped
        raise EstimationError(TOO_LATE)
    if settings.leads:
        return shifted_years(treated, true_year[treated], settings.leads, design.years)
    own = [np.unique(design.year[design.start[i] : design.start[i + 1]])[1:] for i in treated]
    for i, years in zip(treated, own, strict=True):
        if not len(years):
            raise EstimationError(
                say(
                    "{unit} {name} has one year before its adoption: it cannot be moved",
                    unit=settings.assign_by,
                    name=design.unit_names[i],
                )
            )
    return earlier_years(treated, [np.searchsorted(design.years, years) for years in own])
