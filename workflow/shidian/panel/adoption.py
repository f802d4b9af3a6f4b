"""Adoption years as they are given: one on a list, one repeated in every row of a unit, or one computed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from shidian.errors import PanelError
from shidian.panel.nest import runs
from shidian.period import NAMES, Period, written
from shidian.study.treated import UNDATED, Treatment

FACTS = ("unit", "year", "value", "flag")
LIES_IN = "lies_in"
"""Column of the entries of nested units: the listed unit that each lies in."""
ABSENT = "absent"
"""Flag of a row of a nested unit whose own unit is not on the list."""
FIRST_YEAR, LAST_YEAR, LAST_OF_ALL = 1900, 2100, 9999
"""Years of adoption of a panel whose own years lie between the first two, and the last year that there is."""
LAST_DAY = 3_652_059
"""The largest number of any period."""
YEARS = Period()
"""The period of a study that declares none."""
NAMED = 3
"""Units that an error names."""


@dataclass(frozen=True)
class Adopted:
    """Adoption years of the units that have one.

    Attributes:
        years: by unit, numbers of the calendar also where the panel counts every second of them.
        undated: units on a list without a year, in order.
        never: units whose entry says never, in order.
        marks: what stands there, for the ledger.
    """

    years: pd.Series
    undated: list[str]
    never: list[str]
    marks: list[str]


def adopted_of(
    treatment: Treatment, rows: pd.DataFrame, facts: pd.DataFrame, moves: str = "", period: Period = YEARS
) -> Adopted:
    """Read adoption years.

    Args:
        treatment: the study's treatment.
        rows: unit, unit_name, year of the panel's rows.
        facts: entries of the panel's units (``FACTS``, and ``LIES_IN`` of nested ones); ``year`` is missing on a list.
        moves: what to say of a unit whose entries differ since it moves, "" where none can.
        period: what a year of the panel is.

    Raises:
        PanelError: two entries of a unit, a number that is no year, no unit that is ever treated, units on a list
            without a year that the study does not speak of.
    """
    facts = facts.assign(is_never=_never(treatment, facts))
    token = facts["value"].where(facts["value"].notna(), -1.0).where(~facts["is_never"], -2.0)
    _refuse_several(treatment, rows, facts.assign(token=token), moves, period)
    one = facts.drop_duplicates("unit").sort_values("unit", kind="stable")
    dated = one[~one["is_never"] & one["value"].notna()]
    undated = one.loc[~one["is_never"] & one["value"].isna(), "unit"].astype(str).tolist()
    never = one.loc[one["is_never"] & (one["flag"] != ABSENT)]
    _refuse_no_year(treatment, rows, dated, period)
    if dated.empty:
        if treatment.by_year or len(never):
            raise PanelError(
                f"'{treatment.dating}' gives no unit of the panel a year of adoption: no unit would ever be treated"
            )
        if not undated:
            raise PanelError(f"'{treatment.dating}' matches no unit of the panel: no unit would ever be treated")
    if undated and treatment.undated == UNDATED[0]:
        raise PanelError(_without_year(treatment, rows, one, undated, set(dated["unit"].astype(str))))
    marks = sorted({"blank" if pd.isna(v) and f in ("", ABSENT) else f if pd.isna(v) else f"{v:g}"
                    for v, f in zip(never["value"], never["flag"].astype(str), strict=True)})  # fmt: skip
    years = pd.Series(dated["value"].to_numpy(dtype=float), index=pd.Index(dated["unit"].astype(str), name="unit"))
    return Adopted(years, undated, never["unit"].astype(str).tolist(), marks)


def _never(treatment: Treatment, facts: pd.DataFrame) -> pd.Series:
    """Say which entries mean never: declared numbers and marks, and in a column of the panel any blank."""
    numbers = [mark for mark in treatment.never if not isinstance(mark, str)]
    marks = [mark for mark in treatment.never if isinstance(mark, str)]
    blank = facts["value"].isna()
    every = treatment.by_year or treatment.undated == "never_treated"
    return facts["value"].isin(numbers) | (blank & (every | facts["flag"].isin([*marks, ABSENT])))


def _refuse_several(treatment: Treatment, rows: pd.DataFrame, facts: pd.DataFrame, moves: str, period: Period) -> None:
    several = facts.groupby("unit", observed=True)["token"].nunique() > 1
    if not several.any():
        return
    unit = str(several.index[several][0])
    mine = facts[facts["unit"] == unit].sort_values("year", kind="stable")
    shown = (
        mine["value"]
        .map(lambda v: "blank" if np.isnan(v) else _said(v, treatment, period))
        .where(mine["flag"] != ABSENT, "none")
    )
    way = "Correct the column, or say with 'never' under 'treatment' what means never treated"
    if facts["value"].dropna().isin([0, 1]).all():
        way = "0 and 1 by year are no years: name it under 'status' in the place of 'adoption'"
    held = runs(shown, mine["year"], period)
    raise PanelError(
        f"'{treatment.dating}' of unit {_named(rows, [unit])} is {held}: a unit has one year "
        f"of adoption, the same in all its rows ({int(several.sum())} units have several). " + (moves or way)
    )


def _said(value: float, treatment: Treatment, period: Period) -> str:
    """Return an entry as the source writes it; what means never, and what is no period, is a number."""
    if np.isnan(value):
        return "blank"
    least, most = _limits(period, pd.Series([value]))
    if period == YEARS or value in treatment.never or value != round(value) or not least <= value <= most:
        return f"{value:g}"
    return written(period.kind, int(value))


def _limits(period: Period, years: pd.Series) -> tuple[int, int]:
    """Return the least and the largest number that may be a period, ``years`` being those of the panel."""
    if period == YEARS:  # a study that declares `kind: year` may have others
        least, most = int(years.min()), int(years.max())
        return FIRST_YEAR if least >= FIRST_YEAR else -LAST_OF_ALL, LAST_YEAR if most <= LAST_YEAR else LAST_OF_ALL
    per_number = 7 if period.kind == "week" else 1
    return (1 if period.kind in ("week", "day") else -LAST_DAY), LAST_DAY // per_number


def _refuse_no_year(treatment: Treatment, rows: pd.DataFrame, dated: pd.DataFrame, period: Period) -> None:
    values, (least, most) = dated["value"], _limits(period, rows["year"])
    bad = dated[(values != values.round()) | ~values.between(least, most)]
    if not bad.empty:
        row = bad.iloc[0]
        raise PanelError(
            f"'{treatment.dating}' of unit {row['unit']} is {row['value']:g}, which is no "
            f"{NAMES.get(period.kind, period.kind)}; if it means never "
            f"treated, list it: 'never: [{row['value']:g}]' under 'treatment'"
        )


def _without_year(
    treatment: Treatment, rows: pd.DataFrame, facts: pd.DataFrame, undated: list[str], dated: set[str]
) -> str:
    """Return the error on units that a list names without a year; it offers no way that loses all controls."""
    rest = set(rows["unit"].astype(str)) - set(undated) - dated
    ways = "If they are never treated, declare 'undated: never_treated'"
    if rest:
        ways += (
            "; if they are treated at a date that is not known, give it, exclude them or declare 'undated: leave_out'"
        )
    else:
        ways += "; all other units are treated, so that without them no control would be left"
    listed, lying = undated, ""
    if LIES_IN in facts:
        listed = list(dict.fromkeys(facts.loc[facts["unit"].isin(undated), LIES_IN].astype(str)))
        lying = f", in which {len(undated)} units of the panel lie"
    named = _named(rows, listed[:NAMED]) if not lying else ", ".join(listed[:NAMED])
    ways += ". It stands under 'treatment' in the study; where the list stands for a simulated one, at its entry under "
    ways += "'real_sources' in config/config.yaml"
    return (
        f"'{treatment.dating}' names {len(listed)} units without a year ({named}, ...){lying}: "
        f"whether and when they are treated is not said. {ways}"
    )


def _named(rows: pd.DataFrame, units: list[str]) -> str:
    names = rows.drop_duplicates("unit").set_index("unit")["unit_name"]
    return ", ".join(unit if names[unit] == unit else f"{unit} {names[unit]}" for unit in units)
