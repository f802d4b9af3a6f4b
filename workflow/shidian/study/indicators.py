"""The declared indicators of a study: methods, roles and inputs checked by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shidian.errors import StudyError, nearest
from shidian.study.formula_units import formula_unit
from shidian.study.grammar import functions_in, names_in, parse_formula
from shidian.study.indicator_methods import Method, method
from shidian.study.model import FORMULA, KEYWORD_SHARE, TEXT, Indicator
from shidian.study.units import PURE, Unit
from shidian.study.variables import Catalogue


@dataclass(frozen=True)
class Known:
    """What indicators may use.

    Attributes:
        columns: columns of the panel before the indicators.
        units: variable -> its unit of measure; other columns are pure numbers.
        sources: the sources of the study; catalogue: what all sources provide.
        dictionaries: names of the dictionaries in ``config/dictionaries``.
    """

    columns: Sequence[str]
    units: Mapping[str, Unit] = field(default_factory=dict)
    sources: Sequence[str] = ()
    catalogue: Catalogue = field(default_factory=Catalogue)
    dictionaries: Sequence[str] = ()


def texts_of(declared: Mapping[str, Any], used: Sequence[str], catalogue: Catalogue) -> list[str]:
    """Return the texts that the declared indicators read, each as ``source.indicator``.

    Raises:
        StudyError: a text that no source of the study provides.
    """
    return [
        catalogue.find_text(spec["inputs"][TEXT], used, f"at 'indicators.{name}'")
        for name, spec in declared.items()
        if spec["method"] == KEYWORD_SHARE and isinstance(spec.get("inputs"), Mapping) and TEXT in spec["inputs"]
    ]


def resolve_indicators(declared: Mapping[str, Any], known: Known) -> tuple[Indicator, ...]:
    """Resolve the section ``indicators`` in the order of the file; one may use those above it.

    Raises:
        StudyError: a role that the method has not or that is not given, an input that is no variable above, a text
            or dictionary that is not there, a formula that cannot be read.
    """
    names: list[str] = list(known.columns)
    resolved: list[Indicator] = []
    for name, spec in declared.items():
        where = f"at 'indicators.{name}'"
        if name in names:
            raise StudyError(f"{where}: the name is taken by a variable or a column of the panel")
        resolved.append(_indicator(name, spec, known, names, where))
        names.append(name)
    return tuple(resolved)


def _indicator(name: str, spec: Mapping[str, Any], known: Known, names: Sequence[str], where: str) -> Indicator:
    declared = method(spec["method"])
    given = {k: v for k, v in spec.items() if k not in ("method", "inputs", "label")}
    _refuse_unknown(given, list(declared.options), f"{where}: option", declared.name)
    if declared.name == FORMULA:
        if "inputs" in spec or "formula" not in spec:
            raise StudyError(f"{where}: method formula takes a 'formula', and its inputs are the names in it")
        inputs = _formula_inputs(spec["formula"], {n: known.units.get(n, PURE) for n in names}, where)
    elif "inputs" not in spec:
        raise StudyError(f"{where}: the key 'inputs' is missing")
    else:
        inputs = _inputs(spec["inputs"], declared, where)
    absent = [option for option in declared.required if option not in given]
    if absent:
        raise StudyError(f"{where}: {declared.name} needs the option '{absent[0]}'")
    if declared.name == KEYWORD_SHARE:
        inputs = tuple((role, known.catalogue.find_text(text, known.sources, where)) for role, text in inputs)
        _check_dictionaries(given, known.dictionaries, where)
    for role, variable in inputs:
        if role != TEXT and variable not in names:
            raise StudyError(f"{where}: '{variable}' is no variable of the panel above it{nearest(variable, names)}")
    return Indicator(name, declared.name, inputs, tuple(sorted(given.items())))


def _formula_inputs(formula: str, units: Mapping[str, Unit], where: str) -> tuple[tuple[str, str], ...]:
    """Return the names in a formula; what cannot be added is an error, as it is among variables."""
    try:
        node = parse_formula(formula)
        used = names_in(node)
        if "to" in functions_in(node):
            raise StudyError(f"formula '{formula}': 'to' is for 'variables'; convert there")
        if all(name in units for name in used):
            formula_unit(node, units)
    except StudyError as problem:
        raise StudyError(f"{where}: {problem}") from None
    return tuple((name, name) for name in used)


def _check_dictionaries(given: Mapping[str, Any], there: Sequence[str], where: str) -> None:
    for option in ("dictionary", "words"):
        if option in given and given[option] not in there:
            name = given[option]
            raise StudyError(f"{where}.{option}: there is no config/dictionaries/{name}.txt{nearest(str(name), there)}")


def _inputs(given: Mapping[str, str] | Sequence[str], declared: Method, where: str) -> tuple[tuple[str, str], ...]:
    if declared.takes == "list":
        if isinstance(given, Mapping):
            raise StudyError(f"{where}: the inputs of {declared.name} are a list of variables")
        return tuple((variable, variable) for variable in given)
    if not isinstance(given, Mapping):
        raise StudyError(f"{where}: the inputs of {declared.name} are named: {', '.join(declared.roles)}")
    _refuse_unknown(given, declared.roles, f"{where}: input", declared.name)
    absent = [role for role in declared.roles if role not in given]
    if absent:
        raise StudyError(f"{where}: {declared.name} needs the input '{absent[0]}'")
    return tuple((role, given[role]) for role in declared.roles)


def _refuse_unknown(given: Mapping[str, Any], valid: Sequence[str], where: str, method: str) -> None:
    for key in given:
        if key not in valid:
            raise StudyError(
                f"{where} '{key}' is none of {method}'s ({', '.join(valid) or 'none'}){nearest(key, valid)}"
            )
