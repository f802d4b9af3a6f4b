"""What an exhibit cannot take of its study, refused before its schema is looked at: weights, effects, one file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from shidian.crossed import is_product
from shidian.errors import StudyError
from shidian.study.kinds import kinds
from shidian.study.table_formats import table_formats

WEIGHED = ("outcome", "vcov", "fixed_effects", "model", "variable", "variables", "covariates")
"""Keys of a kind that computes something over rows, which weights would change unless they say `weighs: nothing`."""


def refuse_one_file(ids: Sequence[str]) -> None:
    """Refuse ids that would name one file: the estimates of ``x`` are printed where the table ``x_estimates`` is."""
    tails = {one.ending.partition(".")[0]: one.ending for one in table_formats().values() if one.ending[0] == "_"}
    for tail, ending in tails.items():
        for name in ids:
            if f"{name}{tail}" in ids:
                raise StudyError(
                    f"at 'exhibits': the ids '{name}' and '{name}{tail}' would both be printed as '{name}{ending}': "
                    "rename one"
                )


def takes_weights(takes: Mapping[str, Any]) -> bool:
    """Say whether a kind with these keys weights rows; ``weights`` of spatial kinds stand between units.

    ``row_weights`` of ``shared.schema.yaml`` says it by ``weighs: rows``, wherever a kind refers to it.
    """
    declared = takes.get("weights")
    return isinstance(declared, Mapping) and declared.get("weighs") == "rows"


def refuse_weights(exhibit: Mapping[str, Any], content: Mapping[str, Any], takes: Mapping[str, Any]) -> None:
    """Refuse a kind that would estimate without the study's weights and say nothing of it."""
    if exhibit.get("unweighted") and takes_weights(takes) and exhibit.get("weights"):
        raise StudyError(f"exhibit '{exhibit['id']}': it has 'weights' and says 'unweighted'; keep one of them")
    weighed = [key for key in WEIGHED if key in takes and takes[key].get("weighs") != "nothing"]
    if content.get("weights") and weighed and not exhibit.get("unweighted"):
        raise StudyError(
            f"exhibit '{exhibit['id']}': the kind {exhibit['kind']} takes no weights of rows, and the study has some; "
            f"write 'unweighted: true' in it to do it without, or leave it out"
        )


def refuse_kind_of_weights(exhibit: Mapping[str, Any], defaults: Mapping[str, Any], takes: Mapping[str, Any]) -> None:
    """Refuse frequencies where rows are those of units that are followed, and a rule for weights without weights."""
    if not takes_weights(takes):
        return
    weights = None if exhibit.get("unweighted") else exhibit.get("weights", defaults.get("weights"))
    refused = takes["weights"].get("frequencies") == "refused"
    if refused and isinstance(weights, Mapping) and weights.get("kind") == "frequency":
        raise StudyError(
            f"exhibit '{exhibit['id']}': its weights are frequencies, which say that a row is several, and the kind "
            f"{exhibit['kind']} follows one row a unit and year: declare them analytic, which gives the same "
            "estimates, or write 'unweighted: true'"
        )
    rule = exhibit.get("fix_weights") or exhibit.get("options", {}).get("fix_weights")
    if rule and not weights:
        raise StudyError(
            f"exhibit '{exhibit['id']}': 'fix_weights' says which weights count, and it has none: give 'weights', or "
            "leave it out"
        )


def refuse_effects(exhibit: Mapping[str, Any], content: Mapping[str, Any], takes: Mapping[str, Any]) -> None:
    """Refuse a kind that has effects of unit and year alone, where the study or the exhibit has products of columns."""
    given = exhibit.get("fixed_effects", content.get("fixed_effects", []))
    products = [name for name in given if isinstance(name, str) and is_product(name)] if isinstance(given, list) else []
    regresses = "outcome" in takes and ("vcov" in takes or kinds()[exhibit["kind"]].dated)
    own = takes["fixed_effects"].get("items", {}).get("enum") if "fixed_effects" in takes else []
    if not products or own is None or not (own or regresses):
        return
    listed = ", ".join(given)
    if own:
        raise StudyError(
            f"exhibit '{exhibit['id']}': the kind {exhibit['kind']} takes effects of unit and year alone, and its "
            f"'fixed_effects' are {listed}: write 'fixed_effects: [unit, year]' in it, and give '{products[0]}' to the "
            "exhibits that take it"
        )
    raise StudyError(
        f"exhibit '{exhibit['id']}': the kind {exhibit['kind']} compares within units and years and takes no "
        f"'fixed_effects', and the study's are {listed}: give '{products[0]}' to the exhibits that take it, and the "
        "study [unit, year]"
    )
