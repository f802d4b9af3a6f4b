"""What an exhibit regresses on what: an outcome among its own regressors is refused before anything is estimated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from shidian.errors import Faults, StudyError
from shidian.study.formula_variable import Variable
from shidian.study.grammar import Binary, Call, Name, Negative, Node, Number

COLUMNS = ("columns", "variations")
"""Keys under which an exhibit lists columns, each with settings of its own in the place of the exhibit's."""
REGRESSORS = ("treatment", "controls", "add", "interactions", "endogenous", "instruments")
OUTCOMES = ("outcome", "mediators")


def same_variables(variables: Sequence[Variable]) -> dict[str, str]:
    """Return variable -> the first variable that it is a copy of, scaled and shifted by numbers at most.

    In a regression on either the other is fitted without a residual.
    """
    first: dict[Node, str] = {}
    same: dict[str, str] = {}
    for variable in variables:
        core = _core(variable.node, same)
        same[variable.name] = (
            core.name if isinstance(core, Name) and core.name in same else first.setdefault(core, variable.name)
        )
    return same


def _core(node: Node, same: Mapping[str, str]) -> Node:
    """Return a formula without what scales and shifts its value, names of copies replaced by what they copy."""
    match node:
        case Name(name):
            return Name(same.get(name, name))
        case Negative(operand) | Call("standardise", operand, (), ()):
            return _core(operand, same)
        case Binary("+" | "-" | "*", Number(), side) | Binary("+" | "-" | "*" | "/", side, Number()):
            return _core(side, same)
    return node


def refuse_texts(content: Mapping[str, Any], texts: Sequence[str]) -> None:
    """Refuse categories among the outcomes and regressors of a study and its exhibits.

    Raises:
        StudyError: naming the exhibit, the key and the variable, and what a category is for.
    """
    places = [("", content)]
    for n, exhibit in enumerate(content["exhibits"], start=1):
        places += [(f"at 'exhibits[{n}]'{place}: ", settings) for place, settings in regressions(exhibit)]
    faults = Faults()
    for where, settings in places if texts else ():
        with faults.kept():
            _refuse_texts(where, settings, texts)
    faults.raise_all()


def _refuse_texts(where: str, settings: Mapping[str, Any], texts: Sequence[str]) -> None:
    for key in (*OUTCOMES, *REGRESSORS, "covariates"):
        for name in _names(settings.get(key)):
            if name in texts:
                raise StudyError(
                    f"{where}'{name}' under '{key}' is a category, not a number: make it a fixed effect, a group "
                    f"or a cluster, or a variable such as in({name}, ['...'])"
                )


def refuse_regressed_on_itself(exhibit: Mapping[str, Any], where: str, same: Mapping[str, str] | None = None) -> None:
    """Refuse an exhibit in which a variable stands on both sides of a regression: it would explain itself in full.

    A mediator is the outcome of its own regression, so it counts among both. ``same`` names copies
    (``same_variables``).

    Raises:
        StudyError: naming the exhibit, the column where it has columns, the variable and the keys.
    """
    for place, settings in regressions(exhibit):
        for side in OUTCOMES:
            for name in _names(settings.get(side)):
                key, other = _opposite(settings, name, same or {})
                if key:
                    copied = "" if other == name else f" as '{other}', which is the same but for its unit of measure"
                    raise StudyError(
                        f"{where}{place}: '{name}' stands under '{side}' and under '{key}'{copied}: a regression on "
                        "itself says nothing; leave it out of one"
                    )


def _opposite(settings: Mapping[str, Any], name: str, same: Mapping[str, str]) -> tuple[str, str]:
    """Return the key under which a variable, or a copy of it, is a regressor, and its name there; empty for none."""
    for key in REGRESSORS:
        for other in _names(settings.get(key)):
            if same.get(other, other) == same.get(name, name):
                return key, other
    return "", ""


def regressions(exhibit: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
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
