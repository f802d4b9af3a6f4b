"""What an exhibit regresses on what: an outcome among its own regressors is refused before anything is estimated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from shidian.errors import StudyError

COLUMNS = ("columns", "variations")
"""Keys under which an exhibit lists columns, each with settings of its own in the place of the exhibit's."""
REGRESSORS = ("treatment", "controls", "add", "interactions", "endogenous", "instruments")
OUTCOMES = ("outcome", "mediators")


def refuse_regressed_on_itself(exhibit: Mapping[str, Any], where: str) -> None:
    """Refuse an exhibit in which a variable stands on both sides of a regression: it would explain itself in full.

    A mediator is the outcome of its own regression, so it counts among both.

    Raises:
        StudyError: naming the exhibit, the column where it has columns, the variable and the keys.
    """
    for place, settings in _regressions(exhibit):
        for side in OUTCOMES:
            for name in _names(settings.get(side)):
                key = next((key for key in REGRESSORS if name in _names(settings.get(key))), None)
                if key is not None:
                    raise StudyError(
                        f"{where}{place}: '{name}' stands under '{side}' and under '{key}': a regression on itself "
                        "says nothing; leave it out of one"
                    )


def _regressions(exhibit: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Give the settings of every regression: those of the columns where there are columns, else the exhibit's."""
    base = dict(exhibit)
    if isinstance(exhibit.get("baseline"), Mapping):
        base |= exhibit["baseline"]
    listed = [(key, exhibit[key]) for key in COLUMNS if isinstance(exhibit.get(key), Sequence)]
    if not listed or exhibit.get("print_baseline"):
        yield "", base
    for key, columns in listed:
        for number, column in enumerate(columns, start=1):
            if isinstance(column, Mapping):
                yield f", {key}[{number}]", {**base, **column}


def _names(value: Any) -> list[str]:
    """Return the variables under a key that holds one name, a list of names, or names by another key."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [str(name) for name in value]
    return [one for one in value if isinstance(one, str)] if isinstance(value, Sequence) else []
