"""Which column of a panel may be the treatment, the outcome or a control; what cannot be told is asked or refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd

from shidian.errors import UsageError, nearest

Ask = Callable[[str, Sequence[str]], str | None]
"""Asks a question with answers to choose from; None where nobody can be asked."""
SHOWN = 12
"""Most names that an error lists."""


@dataclass(frozen=True)
class Treatment:
    """A column that says who is treated when.

    Attributes:
        column: the series.
        form: ``status`` = 0/1 that turns on and stays; ``switching`` = 0/1 that goes back to 0; ``adoption`` = the year
            of adoption.
        first: adoption year by unit, missing for units never treated.
    """

    column: str
    form: str
    first: pd.Series


@dataclass(frozen=True)
class Roles:
    """What each column is for."""

    treatment: Treatment
    outcome: str
    controls: tuple[str, ...]


def roles_of(panel: pd.DataFrame, treatment: str, outcome: str, controls: Sequence[str], ask: Ask) -> Roles:
    """Return the roles of the columns of a panel, those that are given and those that can be told.

    Args:
        panel: one row a unit and year: unit, year and the series, numbers.
        treatment: name of the treatment, "" to find it.
        outcome: name of the outcome, "" to find it.
        controls: names of the controls.
        ask: asks the user.

    Raises:
        UsageError: a name that is none, no treatment, several that may be meant and nobody to ask; one line each.
    """
    names = [str(name) for name in panel.columns if name not in ("unit", "year", "_shown")]
    for name in (*filter(None, (treatment, outcome)), *controls):
        if name not in names:
            raise UsageError(
                f"the file has no column of numbers '{name}'{nearest(name, names)}; it has {_listed(names)}"
            )
    found = _named(panel, treatment) if treatment else _found(panel, names, ask)
    rest = [name for name in names if name not in (found.column, *controls)]
    rest = [name for name in rest if panel[name].dropna().nunique() > 1 and not _same_dates(panel, name, found)]
    chosen = outcome or _outcome(panel, rest, ask)
    if chosen in (found.column, *controls):
        raise UsageError(f"'{chosen}' is given two roles: the outcome is neither treatment nor control")
    if found.column in controls:
        raise UsageError(f"'{found.column}' is given two roles: treatment and control")
    return Roles(found, chosen, tuple(controls))


def _found(panel: pd.DataFrame, names: Sequence[str], ask: Ask) -> Treatment:
    """Return the one column that may be the treatment; of an adoption year and its own dummy, the year."""
    all_of = [one for one in (_treatment(panel, name) for name in names) if one is not None]
    stays = [one for one in all_of if one.form != "switching"] or all_of
    dates = [one for one in stays if one.form == "adoption"]
    if len(dates) == 1 and all(_agree(one, dates[0]) for one in stays):
        return dates[0]
    if len(stays) == 1:
        return stays[0]
    if not stays:
        raise UsageError(
            "no column says who is treated when: none is 0/1 and turns on within units, and none holds one year of "
            "adoption a unit. Where another file lists the treated, write the study by hand (docs/designs.md); where "
            "a column holds doses, name it under 'regressor'"
        )
    answer = ask("Which column is the treatment?", [one.column for one in stays])
    if answer is None:
        raise UsageError(
            f"several columns may be the treatment: --treatment {_alternatives([o.column for o in stays])}"
        )
    return next(one for one in stays if one.column == answer)


def _named(panel: pd.DataFrame, name: str) -> Treatment:
    found = _treatment(panel, name)
    if found is None:
        values = panel[name].dropna()
        raise UsageError(
            f"'{name}' does not say who is treated when: it is neither 0/1 that changes within units nor one year of "
            f"adoption a unit within the panel's years (its values run from {values.min():g} to {values.max():g})"
            if len(values)
            else f"'{name}' has no value"
        )
    return found


def _treatment(panel: pd.DataFrame, name: str) -> Treatment | None:
    """Return a column as a treatment, None where it is none."""
    values = panel[name]
    if not values.notna().any():
        return None
    if set(values.dropna().unique()) == {0.0, 1.0}:
        return _status(panel, name)
    first = panel.groupby("unit")[name].agg(["min", "max", "count"])
    years = panel["year"]
    whole = values.dropna() % 1 == 0
    if not whole.all() or (first["min"] != first["max"])[first["count"] > 0].any():
        return None
    adopted = first["min"].where(first["min"] > 0)
    inside = adopted.between(years.min() + 1, years.max())
    plausible = adopted.dropna().between(years.min() - 100, years.max() + 100) | (adopted.dropna() == 9999)
    return (
        Treatment(name, "adoption", adopted.where(adopted <= years.max())) if inside.any() and plausible.all() else None
    )


def _status(panel: pd.DataFrame, name: str) -> Treatment | None:
    rows = panel.sort_values(["unit", "year"]).dropna(subset=[name])
    change = rows.groupby("unit")[name].diff()
    if not (change == 1).any():
        return None  # nobody is seen before and after
    form = "switching" if (change == -1).any() else "status"
    on = rows[rows[name] == 1].groupby("unit")["year"].min().astype(float)
    return Treatment(name, form, on.reindex(rows["unit"].unique()))


def _agree(one: Treatment, dates: Treatment) -> bool:
    """Say whether a dummy turns on in the years that a column of adoption years gives."""
    return one is dates or one.first.reindex(dates.first.index).equals(dates.first)


def _same_dates(panel: pd.DataFrame, name: str, treatment: Treatment) -> bool:
    """Say whether a column tells the treatment again: its dummy or its year."""
    other = _treatment(panel, name)
    return other is not None and other.form != "switching" and _agree(other, treatment)


def _outcome(panel: pd.DataFrame, names: Sequence[str], ask: Ask) -> str:
    numbers = [name for name in names if set(panel[name].dropna().unique()) - {0.0, 1.0}]
    if len(numbers) == 1:
        return numbers[0]
    if not numbers:
        raise UsageError("no column is left that may be the outcome: name it by --outcome")
    answer = ask("Which column is the outcome?", numbers)
    if answer is None:
        raise UsageError(f"which column is the outcome? --outcome {_alternatives(numbers)}")
    return answer


def event_window(panel: pd.DataFrame, treatment: Treatment, most: int = 5) -> tuple[int, int]:
    """Return the relative times in which some cohort is observed, at most ``most`` periods either way."""
    first = treatment.first.dropna()
    first = first[first > panel["year"].min()]
    before, after = first.max() - panel["year"].min(), panel["year"].max() - first.min()
    return -int(max(2, min(most, before))), int(max(0, min(most, after)))


def _alternatives(names: Sequence[str]) -> str:
    return " | ".join(names[:SHOWN]) + (f" | ... ({len(names)} in all)" if len(names) > SHOWN else "")


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
