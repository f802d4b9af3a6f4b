"""Resolve exhibits: check each against its kind's schema and fill in the study's defaults where the kind takes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shidian.errors import Faults, StudyError, nearest
from shidian.schema import check, read_schema, unbounded
from shidian.study.efficiency import method_of, model_of, years_of
from shidian.study.efficiency_models import DEFAULT
from shidian.study.kinds import kind_spec, kinds
from shidian.study.known_keys import elsewhere_than
from shidian.study.outcome_models import refuse_models, takes_outcome_model
from shidian.study.refused_exhibits import (
    refuse_effects,
    refuse_kind_of_weights,
    refuse_one_file,
    refuse_weights,
    takes_weights,
)
from shidian.study.regressors import refuse_regressed_on_itself
from shidian.study.sample_default import study_sample, with_study_sample
from shidian.study.stacked import refuse_panels
from shidian.study.treatment_kinds import refuse_treatment
from shidian.study.weights_files import refuse_unfit

DEFAULTS = (
    "outcome", "controls", "fixed_effects", "vcov", "ssc", "singletons", "weights", "constant", "digits", "tiny",
    "statistics", "row_labels",
)  # fmt: skip
"""Keys that a study may give once for all its exhibits."""


def resolve_exhibits(
    content: Mapping[str, Any], names: Mapping[str, Any], same: Mapping[str, str] | None = None
) -> tuple[Mapping[str, Any], ...]:
    """Return the exhibits of a study file with defaults filled in; ``same`` names variables that copy others.

    Raises:
        StudyError: an id given twice; of every exhibit in which something is wrong what it is: a key that the kind has
            not, a kind that needs a treatment, a variable that the panel has not.
    """
    ids = [exhibit["id"] for exhibit in content["exhibits"]]
    twice = sorted({name for name in ids if ids.count(name) > 1})
    if twice:
        raise StudyError(f"at 'exhibits': the id '{twice[0]}' is given twice; files are named by it")
    refuse_one_file(ids)
    known = {**names, "exhibit": ids}
    faults, resolved = Faults(), list[Mapping[str, Any]]()
    for n, exhibit in enumerate(content["exhibits"]):
        with faults.kept():
            refuse_treatment(exhibit, content.get("treatment"))
            resolved.append(_resolve(n, exhibit, content, known, same or {}))
            refuse_panels(resolved[-1], content["exhibits"])
    faults.raise_all()
    return tuple(resolved)


def exhibit_schema(kind: str) -> dict[str, Any]:
    """Return the schema of one kind, the keys that all kinds share added."""
    schema = dict(kind_spec(kind))
    schema["properties"] = {**read_schema("exhibit")["properties"], **schema.get("properties", {})}
    return schema


def _resolve(
    n: int,
    exhibit: Mapping[str, Any],
    content: Mapping[str, Any],
    names: Mapping[str, Any],
    same: Mapping[str, str],
) -> Mapping[str, Any]:
    schema = exhibit_schema(exhibit["kind"])
    takes = schema["properties"]
    inherited = [key for key in DEFAULTS if key in takes and takes[key].get("inherit", True)]
    if not takes_weights(takes) or exhibit.get("unweighted"):
        refuse_weights(exhibit, content, takes)
        inherited = [key for key in inherited if key != "weights"]
    refuse_effects(exhibit, content, takes)
    refuse_kind_of_weights(exhibit, {key: content[key] for key in inherited if key in content}, takes)
    defaults = {key: content[key] for key in inherited if key in content}
    own = {key: spec["default"] for key, spec in takes.items() if isinstance(spec, dict) and "default" in spec}
    resolved = dict(with_study_sample({**own, **defaults, **exhibit}, takes, study_sample(content)))
    refuse_models(exhibit, resolved, takes)
    if isinstance(resolved.get("model"), str) and not takes_outcome_model(takes):
        resolved["model"] = _named_model(resolved["model"], content, f"at 'exhibits[{n + 1}].model'")
    if isinstance(resolved.get("entropy_index"), str):
        resolved["entropy_index"] = _named_index(resolved["entropy_index"], content, f"at 'exhibits[{n + 1}]'")
    if isinstance(resolved.get("indices"), list):
        resolved |= _named_indices(exhibit, content.get("indicators", {}), f"at 'exhibits[{n + 1}].indices'")
    treated = "treatment" in takes or "eligible" in takes or kinds()[exhibit["kind"]].dated
    regressor = content.get("regressor", content.get("treatment", {}).get("name"))
    given = {"treatment": regressor, **resolved} if treated else resolved
    refuse_regressed_on_itself(given, f"at 'exhibits[{n + 1}]'", same)
    refuse_unfit(resolved, content.get("unit"))
    try:
        bounded = unbounded(schema) if "period" in content else schema
        check(resolved, bounded, f"exhibit '{exhibit['id']}'", names=names, elsewhere=elsewhere_than(exhibit["kind"]))
    except StudyError as problem:
        raise StudyError("\n".join(f"at 'exhibits[{n + 1}]': {line}" for line in str(problem).splitlines())) from None
    return resolved


def _named_model(name: str, content: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Return the efficiency model that an exhibit names in the place of repeating it, with the years it declares."""
    models = content.get("efficiency", {})
    if name not in models:
        raise StudyError(f"{where}: there is no model '{name}' under 'efficiency'{nearest(name, models)}")
    if method_of(models[name]) != DEFAULT:
        raise StudyError(
            f"{where}: '{name}' is of the method {method_of(models[name])}, whose scores alone enter the panel: use "
            f"'{name}' as a variable; this exhibit looks into a model of {DEFAULT}"
        )
    model = model_of(models[name])
    if "years" in models[name]:
        model["years"] = years_of(models[name], content["years"])
    return model


def _named_index(name: str, content: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Return the entropy index that an exhibit names, as it is declared under ``indicators``."""
    indexes = {n: i for n, i in content.get("indicators", {}).items() if i.get("method") == "entropy_index"}
    if name not in indexes:
        raise StudyError(f"{where}: there is no entropy index '{name}' under 'indicators'{nearest(name, indexes)}")
    kept = {key: indexes[name][key] for key in ("inputs", "cost", "epsilon", "missing") if key in indexes[name]}
    return {"name": name, **kept}


def _named_indices(exhibit: Mapping[str, Any], indicators: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Return the indicators of the entropy indices that an exhibit names, and their options where it gives none."""
    indices: dict[str, dict[str, str]] = {}
    options: dict[str, Any] = {}
    for name in exhibit["indices"]:
        spec = indicators.get(name, {})
        if spec.get("method") != "entropy_index":
            known = [other for other, one in indicators.items() if one["method"] == "entropy_index"]
            raise StudyError(f"{where}: '{name}' is no entropy index under 'indicators'{nearest(name, known)}")
        cost = spec.get("cost", [])
        indices[name] = {one: "cost" if one in cost else "benefit" for one in spec["inputs"]}
        options |= {
            key: spec[given] for key, given in (("baseline", "epsilon"), ("missing", "missing")) if given in spec
        }
    return {"indices": indices, **{key: value for key, value in options.items() if key not in exhibit}}
