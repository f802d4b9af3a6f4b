"""The declared indicators and efficiency models of a study: methods, roles and inputs checked by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from shidian.errors import StudyError, nearest
from shidian.schema import check, read_schema
from shidian.study.model import EfficiencyModel, Indicator

_INCOMES = ("urban_income", "rural_income")
_SECTORS = ("primary", "secondary", "tertiary")
_OUTPUT_LABOUR = (*(f"{s}_output" for s in _SECTORS), *(f"{s}_labour" for s in _SECTORS))

METHODS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "theil": ((*_INCOMES, "urban_population", "rural_population"), ()),
    "gini": ((*_INCOMES, "urban_population", "rural_population"), ()),
    "income_ratio": (_INCOMES, ()),
    "log_income_gap": (_INCOMES, ()),
    "location_quotient": (("sector", "total"), ()),
    "upgrading": (_SECTORS, ()),
    "productivity_upgrading": (_OUTPUT_LABOUR, ("scale",)),
    "rationalisation": (_OUTPUT_LABOUR, ()),
    "winsorise": (("values",), ("lower", "upper")),
    "deflate": (("nominal", "price_index"), ()),
    "chain_index": (("previous_year_100",), ("base_year",)),
    "entropy_index": ((), ("cost", "epsilon", "missing")),
}
"""Method -> the roles of its inputs, its options. ``entropy_index`` takes a list of inputs in the place of roles."""


def resolve_indicators(declared: Mapping[str, Any], known: Sequence[str]) -> tuple[Indicator, ...]:
    """Resolve the section ``indicators`` in the order of the file; one may use those above it.

    Raises:
        StudyError: a role that the method has not or that is not given, an input that is no variable above.
    """
    names, resolved = list(known), []
    for name, spec in declared.items():
        where = f"at 'indicators.{name}'"
        if name in names:
            raise StudyError(f"{where}: the name is taken by a variable or a column of the panel")
        roles, options = METHODS[spec["method"]]
        given = {k: v for k, v in spec.items() if k not in ("method", "inputs", "label")}
        _refuse_unknown(given, options, f"{where}: option", spec["method"])
        inputs = _inputs(spec["inputs"], roles, where, spec["method"])
        for _, variable in inputs:
            if variable not in names:
                raise StudyError(
                    f"{where}: '{variable}' is no variable of the panel above it{nearest(variable, names)}"
                )
        resolved.append(Indicator(name, spec["method"], inputs, tuple(sorted(given.items()))))
        names.append(name)
    return tuple(resolved)


def resolve_efficiency(
    declared: Mapping[str, Any], known: Sequence[str], years: Mapping[str, int]
) -> tuple[EfficiencyModel, ...]:
    """Resolve the section ``efficiency``: each model checked, its defaults filled in.

    Raises:
        StudyError: a key that a model has not, an input that is no variable of the panel, years outside the panel's.
    """
    schema = read_schema("exhibits/efficiency_scores")["properties"]["model"]
    defaults = {key: spec["default"] for key, spec in schema["properties"].items() if "default" in spec}
    models = []
    for name, spec in declared.items():
        where = f"at 'efficiency.{name}'"
        if name in known:
            raise StudyError(f"{where}: the name is taken by a variable or a column of the panel")
        model = {**defaults, **model_of(spec)}
        check(model, schema, where, names={"panel-column": known, "variable": known})
        own = {**years, **spec.get("years", {})}
        if not years["first"] <= own["first"] <= own["last"] <= years["last"]:
            raise StudyError(f"{where}.years: {own['first']}-{own['last']} is no span inside the panel's years")
        models.append(EfficiencyModel(name, model, (own["first"], own["last"])))
    return tuple(models)


def model_of(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Return the model itself of an entry of ``efficiency``, without its label and years."""
    return {key: value for key, value in spec.items() if key not in ("label", "years")}


def _inputs(
    given: Mapping[str, str] | Sequence[str], roles: tuple[str, ...], where: str, method: str
) -> tuple[tuple[str, str], ...]:
    if not roles:
        if isinstance(given, Mapping):
            raise StudyError(f"{where}: the inputs of {method} are a list of variables")
        return tuple((variable, variable) for variable in given)
    if not isinstance(given, Mapping):
        raise StudyError(f"{where}: the inputs of {method} are named: {', '.join(roles)}")
    _refuse_unknown(given, roles, f"{where}: input", method)
    absent = [role for role in roles if role not in given]
    if absent:
        raise StudyError(f"{where}: {method} needs the input '{absent[0]}'")
    return tuple((role, given[role]) for role in roles)


def _refuse_unknown(given: Mapping[str, Any], valid: Sequence[str], where: str, method: str) -> None:
    for key in given:
        if key not in valid:
            raise StudyError(
                f"{where} '{key}' is none of {method}'s ({', '.join(valid) or 'none'}){nearest(key, valid)}"
            )
