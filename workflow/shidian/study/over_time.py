"""Exhibits that follow units over time, refused where none is followed: rows of individuals, studies of one period."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from shidian.crossed import columns_behind, is_product, read_product
from shidian.errors import Faults, StudyError
from shidian.placebo_estimators import DEFAULT, estimators
from shidian.study.individuals import SAID
from shidian.study.kinds import Kind, kinds
from shidian.study.model import PanelSpec
from shidian.study.regressors import regressions

UNIT, YEAR = "unit", "year"
ROWS = {UNIT, "unit_name"}
"""Columns of the panel that tell rows apart where each unit has one."""
ONE_PERIOD = "the study has one period"
EFFECTS = ("fixed_effects", "further_effects")
"""Keys under which effects stand."""
OF_UNITS = ("complete_years", "observed_every_year", "balanced", "min_periods")
"""Rules of a sample that ask in which periods a unit is observed."""
INSTEAD = ("did_table", "event_study", "iv_table")
"""Kinds that the refusal of another one names."""
Exhibit = Mapping[str, Any]


def refuse_kinds(exhibits: Sequence[Exhibit], panel: PanelSpec) -> None:
    """Refuse kinds of exhibits, as declared, that follow units where the rows are individuals, or compare periods.

    Raises:
        StudyError: names each such exhibit, its kind and kinds that do.
    """
    faults = Faults()
    for exhibit in exhibits:
        with faults.kept():
            _refuse_kind(exhibit, panel)
    faults.raise_all()


def _refuse_kind(exhibit: Exhibit, panel: PanelSpec) -> None:
    where, room = f"exhibit '{exhibit['id']}': the kind {exhibit['kind']}", kinds()[exhibit["kind"]]
    if panel.is_one_period and room.least_periods > 1:
        raise StudyError(
            f"{where} compares periods and needs {room.least_periods}, and the study has one ('years.first' is "
            f"'years.last'): {_others(lambda other: other.least_periods == 1)} do with one"
        )
    if panel.individuals and not room.individuals:
        raise StudyError(
            f"{where} follows units over time or pairs them, and {SAID}: use {', '.join(INSTEAD)} with effects of "
            "groups, or leave it out"
        )
    dated = room.dated or bool(room.dated_key and room.dated_key in exhibit)
    if panel.individuals and dated and not panel.has_adoption:
        raise StudyError(
            f"{where} needs adoption years, which the status of individuals who are seen once does not give: write "
            "'treatment.adoption' (a list that joins by the group's column, or a column or formula of the group's "
            "year)"
        )


def of_individuals(exhibits: Sequence[Exhibit], group: str) -> tuple[Exhibit, ...]:
    """Return the resolved exhibits of a study of individuals: placebo draws permute the groups that adopt.

    Args:
        exhibits: as resolved.
        group: the panel's column by which the treatment is assigned, "" where it has none.

    Raises:
        StudyError: an exhibit that follows units over time; it names the key and what to use.
    """
    faults, found = Faults(), list[Exhibit]()
    for exhibit in exhibits:
        with faults.kept():
            found.append(_of_individuals(exhibit, group))
    faults.raise_all()
    return tuple(found)


def refuse_one_period(exhibits: Sequence[Exhibit]) -> None:
    """Refuse in resolved exhibits of a study of one period what compares several.

    Raises:
        StudyError: names the exhibit, the key and what to use.
    """
    faults = Faults()
    for exhibit in exhibits:
        where = f"exhibit '{exhibit['id']}'"
        with faults.kept():
            for place, settings in regressions(exhibit):
                _refuse_of_one_period(where + place, settings)
            _refuse_hausman(where, exhibit, ONE_PERIOD)
    faults.raise_all()


def _refuse_of_one_period(where: str, settings: Exhibit) -> None:
    """Refuse what a regression of one period cannot have: effects of units and periods, lags, matching over time."""
    for name in settings.get("fixed_effects") or ():
        if ROWS & set(columns_behind([name])) or name == YEAR:
            what = "is the same in every row" if name == YEAR else "has a level for every row"
            raise StudyError(
                f"{where}: 'fixed_effects' has '{name}', which {what} of a study of one period: write "
                "'fixed_effects: []', or a group's column such as province"
            )
    if settings.get("always_treated") == "leave_out":
        raise StudyError(
            f"{where}: 'always_treated: leave_out' would leave every treated unit of a study of one period out: leave "
            "the key out, or name rows by 'sample' with 'keep'"
        )
    _refuse_lags(where, settings, ONE_PERIOD)
    _refuse_matching(where, settings, ONE_PERIOD)


def _of_individuals(exhibit: Exhibit, group: str) -> Exhibit:
    where = f"exhibit '{exhibit['id']}'"
    for place, settings in regressions(exhibit):
        _refuse_unit(where + place, settings, group)
        _refuse_lags(where + place, settings, SAID)
        _refuse_matching(where + place, settings, SAID)
        _refuse_sample(where + place, settings)
    _refuse_splits(where, exhibit)
    _refuse_hausman(where, exhibit, SAID)
    return _placebo(exhibit, where, group) if exhibit["kind"] == "placebo" else exhibit


def _refuse_sample(where: str, settings: Exhibit) -> None:
    """Refuse rules that tell individuals by the periods in which they are observed."""
    sample = settings.get("sample") or {}
    if settings.get("always_treated") == "leave_out":
        raise StudyError(
            f"{where}: 'always_treated: leave_out' tells units by the periods that they are observed in, and {SAID}: "
            "leave rows out by 'sample' with 'keep', or by 'sample.exclude' of the study"
        )
    for rule in OF_UNITS:
        if sample.get(rule):
            raise StudyError(f"{where}: 'sample.{rule}' asks in which periods a unit is observed, and {SAID}")
    if sample.get("one_row") and sample["one_row"].get("by", UNIT) in ROWS:
        raise StudyError(f"{where}: 'sample.one_row' keeps a period of each unit, and {SAID}: give it 'by', a group")


def _refuse_splits(where: str, exhibit: Exhibit) -> None:
    """Refuse groups of individuals by the value of one period, or by the individual, and errors over periods."""
    for key, declared in _splits(exhibit):
        if "year" in declared or declared.get("variable") in ROWS:
            told = "'year' takes each unit's value of one year" if "year" in declared else "'unit' is a row"
            raise StudyError(f"{where}: at '{key}': {told}, and {SAID}: split by a variable that stands in every row")
    if exhibit.get("lags"):
        raise StudyError(f"{where}: 'lags' pairs a unit's errors over time, and {SAID}: leave it out")


def _refuse_unit(where: str, settings: Exhibit, group: str) -> None:
    """Refuse effects, products and clusters of single rows."""
    such = f"such as '{group}'" if group else "such as county"
    for key, name in [(effect, name) for effect in EFFECTS for name in settings.get(effect) or ()]:
        if ROWS & set(columns_behind([name])):
            raise StudyError(
                f"{where}: '{key}' has '{name}', and {SAID}: each row would have an effect of its own. Write "
                f"the column of the group, {such}"
            )
    for name in settings.get("controls") or ():
        if is_product(name) and any(part.base is not None for part in read_product(name, "control").parts):
            raise StudyError(f"{where}: 'controls' has '{name}', a unit's value of one year, and {SAID}")
        if is_product(name) and ROWS & set(columns_behind([name])):
            raise StudyError(f"{where}: 'controls' has '{name}', a coefficient a row: cross with the group, {such}")
    vcov = settings.get("vcov") or {}
    by = vcov.get("by", ()) if isinstance(vcov, Mapping) else ()
    if ROWS & set(columns_behind([by] if isinstance(by, str) else by)):
        raise StudyError(
            f"{where}: 'vcov' clusters by the unit, and {SAID}: each row would be a cluster. Write 'kind: hetero', or "
            f"cluster by the column of the group, {such}"
        )


def _refuse_lags(where: str, settings: Exhibit, why: str) -> None:
    for item in settings.get("instruments") or ():
        if isinstance(item, Mapping) and "lag" in item:
            raise StudyError(
                f"{where}: the instrument {{lag: {item['lag']}}} is a unit's value of an earlier period, and {why}: "
                "name a column"
            )


def _refuse_matching(where: str, settings: Exhibit, why: str) -> None:
    if settings.get("matching") is not None:
        raise StudyError(
            f"{where}: 'matching' pairs units that are followed over time, and {why}: leave the column out"
        )


def _refuse_hausman(where: str, exhibit: Exhibit, why: str) -> None:
    if exhibit.get("hausman"):
        raise StudyError(f"{where}: 'hausman' compares effects of units, and {why}: leave it out")


def _splits(exhibit: Exhibit) -> Iterator[tuple[str, Exhibit]]:
    """Give the declared groups of rows of an exhibit with their key."""
    for n, declared in enumerate(exhibit.get("splits", ()), start=1):
        yield f"splits[{n}]", declared
    if isinstance(exhibit.get("groups"), Mapping):
        yield "groups", exhibit["groups"]


def _placebo(exhibit: Exhibit, where: str, group: str) -> Exhibit:
    """Return a placebo exhibit that draws the groups that adopt, not rows."""
    name = exhibit.get("estimator", DEFAULT)
    if not estimators()[name].individuals:
        able = ", ".join(one for one, entry in estimators().items() if entry.individuals)
        raise StudyError(f"{where}: the placebo estimator {name} follows units over time, and {SAID}: use {able}")
    by = exhibit.get("assign_by", group)
    if not by or by in ROWS:
        raise StudyError(
            f"{where}: draws would treat single rows, and {SAID}: name under 'assign_by' the column of the groups that "
            "adopt, such as county"
        )
    return {**exhibit, "assign_by": by}


def _others(wanted: Callable[[Kind], bool]) -> str:
    """Return the kinds that ``INSTEAD`` names, and some more, among those wanted."""
    return ", ".join(name for name in (*INSTEAD, "descriptives", "efficiency_scores") if wanted(kinds()[name]))
