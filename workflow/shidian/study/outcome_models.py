"""Which exhibits and columns take a ``model`` of the outcome, and what does not go with one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from shidian.errors import StudyError
from shidian.schema import read_schema
from shidian.study.kinds import kind_spec, kinds
from shidian.study.regressors import regressions

NONLINEAR = ("poisson", "logit", "probit")
CONVENTIONS = ("reghdfe", "fixest")
LEAST_SQUARES = {
    "wild_bootstrap": "leave it out, errors clustered by vcov are what there is",
    "romano_wolf": "leave it out, errors clustered by vcov are what there is",
    "few_clusters": "leave it out, errors clustered by vcov are what there is",
    "hausman": "leave it out, or test the columns of least squares in a table of their own",
    "equal": "leave it out, or compare the groups by 'interactions' in one column",
}
"""Keys of an exhibit that belong to least squares -> what to do instead."""
OTHER_ESTIMATORS = ("matching", "instruments", "endogenous")


def takes_outcome_model(takes: Mapping[str, Any]) -> bool:
    """Say whether ``model`` among the keys of a kind is the model of an outcome; others name one of efficiency."""
    return "poisson" in (takes.get("model") or {}).get("enum", ())


def refuse_models(exhibit: Mapping[str, Any], resolved: Mapping[str, Any], takes: Mapping[str, Any]) -> None:
    """Refuse a model of the outcome where the kind has none, and what a nonlinear model does not go with.

    Args:
        exhibit: as the study file has it.
        resolved: with its defaults.
        takes: the keys of its kind.

    Raises:
        StudyError: names the exhibit, the key and what to use instead.
    """
    known = read_schema("shared")["$defs"]["regression_model"]["enum"]
    if not takes_outcome_model(takes):
        for name in _named(exhibit):
            if name in (*NONLINEAR, "lpm"):
                raise StudyError(
                    f"exhibit '{exhibit['id']}': the kind {exhibit['kind']} is one of least squares and takes no "
                    f"'model: {name}'; {_others()} take it"
                )
        return
    for place, settings in regressions(resolved):
        model = str(settings.get("model") or "ols")
        if model in known and model != "ols":
            _refuse_other_estimators(f"exhibit '{exhibit['id']}'{place}", model, settings)
        if model in NONLINEAR:
            _refuse_least_squares(f"exhibit '{exhibit['id']}'{place}", model, settings)


def _refuse_other_estimators(where: str, model: str, settings: Mapping[str, Any]) -> None:
    for key in OTHER_ESTIMATORS:
        if key in settings:
            raise StudyError(
                f"{where}: 'model: {model}' and '{key}' are two estimators: write model: ols in the column, or leave "
                f"'{key}' out"
            )


def _refuse_least_squares(where: str, model: str, settings: Mapping[str, Any]) -> None:
    for key, instead in LEAST_SQUARES.items():
        if settings.get(key):
            raise StudyError(f"{where}: '{key}' is of least squares and does not go with 'model: {model}': {instead}")
    ssc = settings.get("ssc")
    if ssc is not None and ssc not in CONVENTIONS:
        raise StudyError(
            f"{where}: 'ssc: {ssc}' is of least squares and does not go with 'model: {model}': write ssc: reghdfe (as "
            "ppmlhdfe and Stata's poisson, logit and probit) or fixest"
        )
    weights, vcov = settings.get("weights"), settings.get("vcov") or {}
    kind = weights.get("kind", "analytic") if isinstance(weights, Mapping) else "analytic"
    if weights and kind == "analytic" and vcov.get("kind") == "iid":
        raise StudyError(
            f"{where}: analytic weights with 'model: {model}' want robust or clustered errors: vcov hetero or cluster, "
            "not iid"
        )


def _named(exhibit: Mapping[str, Any]) -> Iterator[str]:
    """Give the models that an exhibit and its columns name."""
    places: list[Any] = [exhibit]
    for key in ("columns", "variations"):
        places += list(exhibit.get(key) or ())
    for settings in places:
        if isinstance(settings, Mapping) and isinstance(settings.get("model"), str):
            yield settings["model"]


def _others() -> str:
    *first, last = [name for name in kinds() if takes_outcome_model(kind_spec(name).get("properties", {}))]
    return f"{', '.join(first)} and {last}"
