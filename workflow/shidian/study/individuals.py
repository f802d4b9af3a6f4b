"""Studies whose rows are individuals: each a unit of its own, none followed over time, many in a group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from shidian.errors import StudyError
from shidian.study.checks import declared_checks
from shidian.study.declared_units import DeclaredUnits
from shidian.study.grammar import Node, functions_in
from shidian.study.model import Indicator, PanelSpec, SourceUse
from shidian.study.treated import Treatment

INDIVIDUALS = "individuals"
"""What ``rows`` of a study file says where each row is a unit of its own."""
SAID = "with 'rows: individuals' no unit is followed over time"
BETWEEN_PERIODS = ("lag", "lead", "diff", "growth", "cumulate", "perpetual_inventory")
"""Functions of formulas that take a unit's value of another period."""
FOLLOWING = (*BETWEEN_PERIODS, "base", "deflate")
"""Functions of formulas that follow a unit over time."""


def is_of_individuals(content: Mapping[str, Any]) -> bool:
    """Say whether the rows of a study file are individuals."""
    return content.get("rows") == INDIVIDUALS


def refuse_regions(content: Mapping[str, Any]) -> None:
    """Refuse individuals that are regions.

    Raises:
        StudyError: the study gives a level of its units.
    """
    if is_of_individuals(content) and "level" in content["unit"]:
        raise StudyError(
            "at 'unit.level': the units are individuals, no regions; give the level of a list's units under "
            "'sources.<list>.join', beside 'on', and keep 'unit.geography'"
        )


def refuse_sources(content: Mapping[str, Any], uses: Sequence[SourceUse], units: Mapping[str, DeclaredUnits]) -> None:
    """Refuse sources that cannot give rows that are units by their number in a file.

    Args:
        content: the study file.
        uses: how its sources join.
        units: source -> what it says of its units.

    Raises:
        StudyError: a study that does not say that its rows are individuals, such rows elsewhere than in the frame.
    """
    frame = next(use.source for use in uses if use.is_frame)
    numbered = units[frame].row_number
    one_period = content["years"]["first"] == content["years"]["last"]
    if numbered and not is_of_individuals(content) and not units[frame].followed and not one_period:
        raise StudyError(
            f"at 'sources.{frame}': its rows are units by their number ('row_number'), so that none has two periods; "
            "write 'rows: individuals' in the study, or name in the source the column of codes that repeat"
        )
    for use in uses:
        if use.is_frame:
            continue
        if units[use.source].row_number:
            raise StudyError(
                f"at 'sources.{use.source}': its rows are units by their number ('row_number'), which no other source "
                "shares: only the frame can have such"
            )


def refuse_treatment(treatment: Treatment | None) -> None:
    """Refuse what the treatment of individuals cannot be.

    Raises:
        StudyError: one that begins a year after its status.
    """
    if treatment is not None and treatment.dated_by == "status" and treatment.delay:
        raise StudyError(
            f"at 'treatment.starts': 'next_year' waits a period of the unit, and {SAID}: write the rule into the "
            "status, or give the group's year as 'adoption'"
        )


def refuse_formulas(formulas: Mapping[str, Node], panel: PanelSpec) -> None:
    """Refuse formulas that follow a unit over time where none is followed.

    Args:
        formulas: key of the study file -> the formula that stands there.
        panel: whose rows are individuals, or which has one period.

    Raises:
        StudyError: names the key and the function.
    """
    for where, node in formulas.items():
        for function in sorted(functions_in(node)):
            told = f"at '{where}': {function}(...) takes a unit's value of another period"
            if panel.individuals and function in FOLLOWING:
                raise StudyError(
                    f"{told}, and {SAID}: take that of its group from a source by group and year that joins by a column"
                )
            if panel.is_one_period and function in BETWEEN_PERIODS:
                raise StudyError(f"{told}, and the study has one: leave it out")


def refuse_over_time(content: Mapping[str, Any], panel: PanelSpec) -> None:
    """Refuse sections that follow units, of individuals or where the study has one period.

    Raises:
        StudyError: names the section and the entry.
    """
    why = SAID if panel.individuals else "the study has one period"
    if content.get("fill"):
        raise StudyError(f"at 'fill': a gap is a unit's between two periods, and {why}: leave 'fill' out")
    if declared_checks(content).get("jumps"):
        raise StudyError(f"at 'checks.jumps': a jump is one of a unit from the period before, and {why}: leave it out")
    for name in content.get("productivity", {}):
        raise StudyError(f"at 'productivity.{name}': it compares a unit's consecutive periods, and {why}: leave it out")
    for name, declared in content.get("indicators", {}).items() if panel.individuals else ():
        if declared["method"] == "chain_index":
            raise StudyError(
                f"at 'indicators.{name}': chain_index chains a unit's values over time, and {why}: take the index "
                "from a source by group and year"
            )


def formulas_of(panel: PanelSpec, indicators: Sequence[Indicator]) -> dict[str, Node]:
    """Return the formulas of a study by the key that they stand under."""
    found = {f"variables.{v.name}": v.node for v in panel.variables}
    found |= {f"indicators.{i.name}": i.node for i in indicators if i.node is not None}
    for use in panel.sources:
        if use.nesting and use.nesting.formula:
            found[f"sources.{use.source}.join.on"] = use.nesting.formula.node
    if panel.treatment and panel.treatment.formula:
        found[f"treatment.{panel.treatment.dated_by}"] = panel.treatment.formula.node
    return found
