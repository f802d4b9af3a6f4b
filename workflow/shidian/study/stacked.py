"""Exhibits whose tables are the panels of another: what a study file may name there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from shidian.errors import StudyError
from shidian.study.kinds import kinds

PANELS = "panels"
"""The kind that stacks the tables of other exhibits."""


def refuse_panels(exhibit: Mapping[str, Any], exhibits: Sequence[Mapping[str, Any]]) -> None:
    """Refuse panels of exhibits that print no table, are on real data left out, or are stacked themselves.

    Raises:
        StudyError: the first such exhibit, and what to use instead.
    """
    if exhibit["kind"] != PANELS:
        return
    kind_of = {str(one["id"]): str(one["kind"]) for one in exhibits}
    named = [str(panel["exhibit"]) for panel in exhibit["panels"]]
    for name in named:
        where = f"exhibit '{exhibit['id']}': at 'panels': '{name}'"
        kind = kinds()[kind_of[name]]
        if kind_of[name] == PANELS:
            raise StudyError(f"{where} is made of panels itself: name the exhibits that it stacks")
        if not kind.table:
            raise StudyError(f"{where} is of the kind {kind_of[name]}, which prints no table: name one that does")
        if kind.planted:
            raise StudyError(f"{where} is of the kind {kind_of[name]}, which a study on real data leaves out")
        if named.count(name) > 1:
            raise StudyError(f"{where} stands twice; name it once")
