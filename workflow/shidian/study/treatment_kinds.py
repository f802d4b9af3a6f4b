"""Which exhibits a study's treatment allows: those of adoption years need one that stays once it starts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shidian.errors import StudyError
from shidian.study.kinds import kind_spec, kinds
from shidian.study.treated import CONTINUOUS, STAYS, SWITCHING

WHAT = {
    SWITCHING: "the study's may end again ('treatment.kind: switching')",
    CONTINUOUS: "the study's has doses ('treatment.kind: continuous')",
}

NO_OUTLINE = "none"
"""Value of the key ``outline`` of maps with which they show no treatment."""


def refuse_treatment(exhibit: Mapping[str, Any], treatment: Mapping[str, Any] | None) -> None:
    """Refuse an exhibit of a kind that does not allow the study's treatment, None where it declares none.

    Raises:
        StudyError: names the exhibit, its kind and the kinds that allow the treatment.
    """
    kind = STAYS if treatment is None else treatment.get("kind", STAYS)
    room = kinds()[exhibit["kind"]]
    _refuse_dated_key(exhibit, room.dated_key, None if treatment is None else kind)
    if treatment is None and room.dated:
        raise StudyError(
            f"exhibit '{exhibit['id']}': the kind {exhibit['kind']} needs a treatment with adoption years, which "
            f"the study does not declare"
        )
    if kind not in room.allowed and exhibit.get("outline") != NO_OUTLINE:
        if "outline" in kind_spec(exhibit["kind"])["properties"]:
            raise StudyError(
                f"exhibit '{exhibit['id']}': the kind {exhibit['kind']} outlines units with a 0/1 treatment, and "
                f"{WHAT[kind]}: write 'outline: {NO_OUTLINE}' to draw the variable alone"
            )
        needs = "a treatment that stays once it starts" if room.allowed[-1] == STAYS else "a 0/1 treatment"
        raise StudyError(
            f"exhibit '{exhibit['id']}': the kind {exhibit['kind']} needs {needs}, and {WHAT[kind]}: use "
            f"{_others(kind)}, which take it as a regressor, or leave the exhibit out"
        )
    if kind != STAYS:
        _refuse_always_treated(exhibit, kind)


def _refuse_dated_key(exhibit: Mapping[str, Any], key: str, kind: str | None) -> None:
    """Refuse a key that asks for time since adoption, where the treatment (None for none) has no such time."""
    if not key or key not in exhibit or kind == STAYS:
        return
    why = WHAT[kind] if kind else "the study declares no treatment"
    raise StudyError(
        f"exhibit '{exhibit['id']}': '{key}' asks for effects by time since adoption, which need a treatment that "
        f"stays once it starts, and {why}: leave '{key}' out"
    )


def _refuse_always_treated(exhibit: Mapping[str, Any], kind: str) -> None:
    """Refuse to leave out always treated units, which are told by their year of adoption."""
    columns = [column for key in ("columns", "variations") for column in exhibit.get(key, ())]
    for settings in (exhibit, *columns):
        if settings.get("always_treated") == "leave_out":
            raise StudyError(
                f"exhibit '{exhibit['id']}': 'always_treated: leave_out' tells units by their year of adoption, and "
                f"{WHAT[kind]}: leave rows out by 'sample' with 'keep', or by 'sample.exclude' of the study"
            )


def _others(kind: str) -> str:
    """Return the kinds that estimate the effect of such a treatment: those that say that they allow it."""
    *first, last = [name for name, room in kinds().items() if kind in room.treatments and name != "map"]
    return f"{', '.join(first)} or {last}"
