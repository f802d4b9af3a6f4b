"""An efficiency model as a study declares it: cleaned, measured, and worded for the note."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from shidian.efficiency.bootstrap import Bootstrap, bootstrap_scores
from shidian.efficiency.cleaning import Cleaned, clean
from shidian.efficiency.given_data import column_list
from shidian.efficiency.leave_outs import unit_names
from shidian.efficiency.productivity import (
    Productivity,
    directional_global_malmquist_luenberger,
    global_malmquist_luenberger,
    malmquist,
    malmquist_luenberger,
)
from shidian.efficiency.pseudo_samples import Regressed
from shidian.efficiency.result import Efficiency
from shidian.efficiency.sbm import super_sbm
from shidian.efficiency.technology import Technology, build_technology
from shidian.errors import EstimationError
from shidian.messages import aside, capital, joined, say

OPTIONS = ("returns", "orientation", "frontier", "window", "weights", "super_efficiency", "engine")
WORDS = {
    "crs": say("constant returns to scale"),
    "vrs": say("variable returns to scale"),
    "nirs": say("non-increasing returns to scale"),
    "ndrs": say("non-decreasing returns to scale"),
    "none": say("non-oriented"),
    "input": say("input-oriented"),
    "output": say("output-oriented"),
    "contemporaneous": say("yearly frontiers"),
    "global": say("one frontier of all years"),
    "sequential": say("frontiers of all years so far"),
}
ROLES = {
    "input": say("Inputs"), "desirable": say("Desirable outputs"), "undesirable": say("Undesirable outputs"),
}  # fmt: skip


@dataclass(frozen=True)
class Declared:
    """A measured model: its result, the ledger lines and warnings of cleaning and measuring."""

    result: Efficiency
    ledger: list[dict[str, Any]]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Measured:
    """What a model of efficiency gives a panel.

    Attributes:
        scores: unit, year, score of each row measured; several rows of one unit-year (windows) are averaged.
        ledger: lines of the sample ledger: what cleaning did, which scores are missing and why.
    """

    scores: pd.DataFrame
    ledger: list[dict[str, Any]]


def measure_declared(panel: pd.DataFrame, model: Mapping[str, Any]) -> Declared:
    """Measure a declared model on a panel with columns ``unit`` and ``year``.

    Keys of ``model``: inputs, desirable, undesirable (column names), returns, orientation, frontier, window, weights,
    super_efficiency, engine as in ``super_sbm``; zeros and missing as in ``clean``; years as in ``rows_of_model``.
    """
    groups, cleaned = cleaned_rows(panel, model)
    options = {key: model[key] for key in OPTIONS if key in model}
    result = super_sbm(*groups, data=cleaned.frame, unit="unit", year="year", **options)
    names = unit_names(panel)
    warnings = (*cleaned.warnings, *result.warnings, *result.infeasible_warnings(names))
    return Declared(result, [*cleaned.ledger, *result.ledger(names)], warnings)


def cleaned_rows(panel: pd.DataFrame, model: Mapping[str, Any]) -> tuple[list[list[str]], Cleaned]:
    """Return a model's variables by role (inputs, desirable, undesirable), and the rows of its years fit for them."""
    groups = [column_list(model.get(role)) for role in ("inputs", "desirable", "undesirable")]
    rules = {key: model[key] for key in ("zeros", "missing") if key in model}
    rows, names = rows_of_model(panel, model), [name for group in groups for name in group]
    return groups, clean(rows, names, unit="unit", year="year", **rules)


def cleaned_technology(panel: pd.DataFrame, model: Mapping[str, Any]) -> tuple[Technology, Cleaned, dict[Any, str]]:
    """Return the technology of a model's rows, what cleaning did, and the names of units."""
    groups, cleaned = cleaned_rows(panel, model)
    return build_technology(*groups, data=cleaned.frame, unit="unit", year="year"), cleaned, unit_names(panel)


def rows_of_model(panel: pd.DataFrame, model: Mapping[str, Any]) -> pd.DataFrame:
    """Return the rows of the years (``first``, ``last``) that a model declares, all where it declares none."""
    return panel[panel["year"].between(*_span(model))] if "years" in model else panel


def years_sentences(model: Mapping[str, Any]) -> list[str]:
    """Return the sentence of a note on the years that a model declares, none where it declares none."""
    if "years" not in model:
        return []
    first, last = _span(model)
    return [say("Measured on the years {first}–{last}, those of the model.", first=first, last=last)]


def _span(model: Mapping[str, Any]) -> tuple[int, int]:
    return int(model["years"]["first"]), int(model["years"]["last"])


INDICES = {
    "global_malmquist_luenberger": global_malmquist_luenberger,
    "directional_global_malmquist_luenberger": directional_global_malmquist_luenberger,
    "malmquist_luenberger": malmquist_luenberger,
    "malmquist": malmquist,
}
INDEX_WORDS = {
    "global_malmquist_luenberger": say("Global Malmquist-Luenberger index on SBM scores (Oh 2010)"),
    "directional_global_malmquist_luenberger": say(
        "Global Malmquist-Luenberger index on directional distances (Oh 2010)"
    ),
    "malmquist_luenberger": say("Malmquist-Luenberger index on yearly frontiers (Chung, Färe & Grosskopf 1997)"),
    "malmquist": say("Malmquist index, radial (Färe, Grosskopf, Lindgren & Roos 1992)"),
}
GLOBAL_ONLY = {"orientation": "none", "super_efficiency": False}
"""Options that only the global index has, and what they are where they are not given."""


@dataclass(frozen=True)
class DeclaredIndex:
    """A productivity index: its result, the ledger lines and warnings of cleaning and comparing."""

    result: Productivity
    ledger: list[dict[str, Any]]
    warnings: tuple[str, ...]


def compare_declared(panel: pd.DataFrame, spec: Mapping[str, Any]) -> DeclaredIndex:
    """Compute a declared productivity index on a panel with columns ``unit`` and ``year``.

    Keys of ``spec``: model (variables, weights, years, zeros and missing as in ``measure_declared``), index, returns,
    orientation, super_efficiency, first_year, engine as in ``shidian.efficiency.productivity``.

    Raises:
        EstimationError: an option that the index has not, and all that makes the index impossible.
    """
    kind = spec.get("index", "global_malmquist_luenberger")
    options = {key: spec[key] for key in ("returns", "first_year", "engine") if key in spec}
    for key, neutral in GLOBAL_ONLY.items():
        if kind == "global_malmquist_luenberger" and key in spec:
            options[key] = spec[key]
        elif spec.get(key, neutral) != neutral:
            raise EstimationError(
                say("the index {index} has no {option}: it is for global_malmquist_luenberger", index=kind, option=key)
            )
    groups, cleaned = cleaned_rows(panel, spec["model"])
    of_slacks = spec["model"].get("method", "super_sbm") == "super_sbm"  # other models weigh something else
    weights = spec["model"].get("weights") if of_slacks else None
    technology = build_technology(*groups, data=cleaned.frame, unit="unit", year="year", weights=weights)
    result = INDICES[kind](technology, **options)
    warnings = (*cleaned.warnings, *technology.warnings(), *result.warnings)
    return DeclaredIndex(result, [*cleaned.ledger, *result.ledger], warnings)


def describe_index(spec: Mapping[str, Any]) -> str:
    """Return the sentence of a note on a declared index."""
    kind = spec.get("index", "global_malmquist_luenberger")
    words = [INDEX_WORDS[kind], WORDS[spec.get("returns", "crs")]]
    if kind == "global_malmquist_luenberger":
        words.append(WORDS[spec.get("orientation", "none")])
        words.append(say("super-efficiency counted") if spec.get("super_efficiency") else say("scores capped at one"))
    return say("{parts}.", parts=joined(words, "commas"))


@dataclass(frozen=True)
class DeclaredBootstrap:
    """A bootstrap of a model's scores: its result, the SBM scores it started from, ledger lines and warnings."""

    result: Bootstrap
    measured: Efficiency
    ledger: list[dict[str, Any]]
    warnings: tuple[str, ...]


def bootstrap_declared(
    panel: pd.DataFrame, model: Mapping[str, Any], seed: int, replications: int = 1000, level: float = 0.95,
    given: Regressed | None = None,
) -> DeclaredBootstrap:  # fmt: skip
    """Bootstrap the scores of a declared model on a panel with columns ``unit`` and ``year``.

    The scores are those of the SBM stage: super-efficiency ranks efficient units, and has no place in a bootstrap of
    distances to the frontier. Keys of ``model`` as in ``measure_declared``, ``seed`` and the rest as in
    ``bootstrap_scores``.
    """
    declared = measure_declared(panel, {**model, "super_efficiency": False})
    options = {key: model[key] for key in ("returns", "orientation", "frontier", "engine") if key in model}
    result = bootstrap_scores(
        declared.result.technology, seed=seed, replications=replications, level=level, given=given, **options
    )
    warnings = (*declared.warnings, *_few_spanning(declared.result))
    return DeclaredBootstrap(result, declared.result, [*declared.ledger, *result.ledger], warnings)


def _few_spanning(result: Efficiency) -> tuple[str, ...]:
    """Warn where the frontiers hang on fewer efficient units than there are variables."""
    scores = result.scores()
    mean = float(scores.groupby("frontier")["efficient"].sum().mean())
    K = len(result.technology.names)
    if mean >= K:
        return ()
    return (
        say(
            "Efficient units a frontier, on average: {mean:.3g}, for {k} variables: the bootstrap's correction and "
            "intervals hang on these few units",
            mean=mean,
            k=K,
        ),
    )


def describe_model(result: Efficiency, labels: Mapping[str, str]) -> list[str]:
    """Return the sentences of a note: model, variables, programs solved and how they ended."""
    technology = result.technology
    sentences = [_model_sentence(result)]
    for role, word in ROLES.items():
        members = [labels.get(n, n) for n, r in zip(technology.names, technology.roles, strict=True) if r == role]
        if members:
            sentences.append(say("{role}: {variables}.", role=word, variables=members))
    solved, missing = _programs(result)
    sentences.append(aside(say("{clauses}.", clauses=joined(solved, "clauses"))))
    return sentences + [say("{clauses}.", clauses=capital(joined(missing, "clauses")))] * bool(missing)


def _model_sentence(result: Efficiency) -> str:
    options = result.options
    window = say("frontiers of {n} years, scores averaged", n=options["window"])
    facts = {
        "model": say("Super-SBM") if options["super_efficiency"] else "SBM",
        "orientation": WORDS[options["orientation"]],
        "returns": WORDS[options["returns"]],
        "frontier": WORDS.get(options["frontier"], window),
    }
    if result.technology.counts.undesirable:
        return say("{model} with undesirable outputs (Tone 2002, 2003), {orientation}, {returns}, {frontier}.", **facts)
    return say("{model} (Tone 2001, 2002), {orientation}, {returns}, {frontier}.", **facts)


def _programs(result: Efficiency) -> tuple[list[str], list[str]]:
    """Return what there is to say of the programs solved, and of scores that are missing."""
    counts, engine = result.counts(), result.options["engine"]
    n, again = counts["programs"], counts["highs"] + counts["exact"]
    solved = [say("{n} linear programs", n=n)]
    if engine == "fast":
        solved = [
            say("{n} linear programs, {again} of them solved again by HiGHS or in exact arithmetic", n=n, again=again)
        ]
    if engine != "pulp":
        solved.append(say("every score carries a certificate of optimality"))
    missing = []
    if counts["infeasible"]:
        missing.append(say("{n} scores of units on the frontier are missing", n=counts["infeasible"]))
    if counts["uncertified"]:
        missing.append(say("{n} scores are missing without a certificate", n=counts["uncertified"]))
    return solved, missing
