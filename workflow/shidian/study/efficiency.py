"""The declared efficiency models and productivity indices of a study: checked, their defaults filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from shidian.errors import StudyError, nearest
from shidian.period import Period
from shidian.schema import check, unbounded
from shidian.study.efficiency_models import DEFAULT, model_schema
from shidian.study.indicator_methods import study_schema
from shidian.study.model import EfficiencyModel, ProductivityIndex

YEARS = Period()
"""The period of a study that declares none."""


def resolve_efficiency(
    declared: Mapping[str, Any], known: Sequence[str], years: Mapping[str, int], period: Period = YEARS
) -> tuple[EfficiencyModel, ...]:
    """Resolve the section ``efficiency``: each model checked, its defaults filled in.

    Raises:
        StudyError: a key that a model has not, an input that is no variable of the panel, years outside the panel's.
    """
    models = []
    for name, spec in declared.items():
        where = f"at 'efficiency.{name}'"
        if name in known:
            raise StudyError(f"{where}: the name is taken by a variable or a column of the panel")
        schema = model_schema(method_of(spec), where)
        schema = schema if period == YEARS else unbounded(schema)
        defaults = {key: facts["default"] for key, facts in schema["properties"].items() if "default" in facts}
        model = {**defaults, **model_of(spec)}
        own = years_of(spec, years)
        check({**model, "years": own}, schema, where, names={"panel-column": known, "variable": known})
        first, last = period.label(own["first"]), period.label(own["last"])
        if not years["first"] <= own["first"] <= own["last"] <= years["last"]:
            raise StudyError(f"{where}.years: {first}-{last} is no span inside the panel's {period.noun}s")
        models.append(EfficiencyModel(name, model, (own["first"], own["last"])))
    return tuple(models)


def model_of(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Return the model itself of an entry of ``efficiency``, without label, years and the usual method."""
    usual = ("method",) if method_of(spec) == DEFAULT else ()
    return {key: value for key, value in spec.items() if key not in ("label", "years", *usual)}


def method_of(spec: Mapping[str, Any]) -> str:
    """Return the method of an entry of ``efficiency``."""
    return str(spec.get("method", DEFAULT))


def years_of(spec: Mapping[str, Any], years: Mapping[str, int]) -> Any:
    """Return the years of an entry of ``efficiency`` as declared, those of the panel where it declares none."""
    given = spec.get("years", {})
    return {**years, **given} if isinstance(given, Mapping) else given


def resolve_productivity(
    declared: Mapping[str, Any], models: Sequence[EfficiencyModel], known: Sequence[str]
) -> tuple[ProductivityIndex, ...]:
    """Resolve the section ``productivity``: the model that each index names put in its place, defaults filled in.

    Raises:
        StudyError: a name that is taken, a model that ``efficiency`` does not declare.
    """
    keys = study_schema()["properties"]["productivity"]["additionalProperties"]["properties"]
    defaults = {key: spec["default"] for key, spec in keys.items() if "default" in spec}
    by_name = {model.name: model for model in models}
    indices = []
    for name, spec in declared.items():
        where = f"at 'productivity.{name}'"
        if name in known:
            raise StudyError(f"{where}: the name is taken by a variable or a column of the panel")
        if spec["model"] not in by_name:
            raise StudyError(
                f"{where}.model: there is no model '{spec['model']}' under 'efficiency'"
                f"{nearest(spec['model'], by_name)}"
            )
        model = by_name[spec["model"]]
        own = {key: value for key, value in {**defaults, **spec}.items() if key != "label"}
        indices.append(ProductivityIndex(name, {**own, "model": model.model}, model.years))
    return tuple(indices)
