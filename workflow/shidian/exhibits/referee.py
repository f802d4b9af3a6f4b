"""What is said of any exhibit whatever its kind, as a referee would: estimates without a standard error, outcomes that
are DEA scores, scores that lack, always treated units."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import ModuleType
from typing import Any

import pandas as pd

from shidian.efficiency.leave_outs import best_are_missing, name_unit_years, unit_names
from shidian.errors import StudyError
from shidian.exhibits.always_treated import with_always_treated
from shidian.exhibits.assigned_by import finer_clusters
from shidian.exhibits.crossed import entered
from shidian.exhibits.in_periods import errors_in_periods, in_periods
from shidian.exhibits.individuals import treated_groups
from shidian.exhibits.missing_errors import with_missing_errors
from shidian.exhibits.notes import exhibit_id
from shidian.exhibits.result import ExhibitResult, StudyInfo
from shidian.exhibits.sample_rules import declared_samples, rules_ledger
from shidian.exhibits.subsample import SampleTaken, samples_taken, subsample
from shidian.ledger import ledger_frame
from shidian.messages import say

REGRESSORS = ("outcome", "treatment", "mediators", "endogenous", "regressors", "regressor")
"""Keys of an exhibit that name a variable whose own sampling error would matter."""

OWN_WORDS = ("placebo", "staggered_did")
"""Kinds that speak of always treated units themselves."""


def estimate_exhibit(kind: ModuleType, panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Run an exhibit's module, say which estimates have no standard error and why, and add what hangs on its
    specification and its always treated units alone; each warning stands once.

    Raises:
        StudyError: a column of the estimates that does not say what it used, a mistake of the kind's code.
        EstimationError: what the kind raises; a product of columns that cannot be made.
    """
    with errors_in_periods(panel, info):
        panel, spec = entered(panel, spec)
        with samples_taken() as taken:
            result: ExhibitResult = with_missing_errors(kind.run(panel, spec, info), info)
    silent = sorted(set(result.estimates["column"]) - set(result.used))
    if silent:
        raise StudyError(
            say(
                "{file}: its result says under 'used' nothing of the column '{column}'; give one Used a column of the "
                "estimates (docs/architecture.md)",
                file=kind.__file__ or kind.__name__, column=silent[0],
            )
        )  # fmt: skip
    if spec["kind"] not in OWN_WORDS:
        result = with_always_treated(result, panel, spec, info)
    said = (*second_stage(spec, info), *missing_best(panel, spec, info), *finer_clusters(panel, spec, info))
    said = (*said, *treated_groups(panel, spec, info))
    warnings = (*result.warnings, *said)
    ledger = with_rules(result.ledger, taken, spec)
    return in_periods(replace(result, warnings=tuple(dict.fromkeys(warnings)), ledger=ledger), panel, info)


def with_rules(ledger: pd.DataFrame, taken: Sequence[SampleTaken], spec: Mapping[str, Any]) -> pd.DataFrame:
    """Return an exhibit's ledger with what the rules of its declared samples left out, at the top.

    A column whose models need different variables takes its sample once for each: ``balanced`` may then differ.
    """
    lines: list[dict[str, Any]] = []
    for label, settings in declared_samples(spec):
        of = f"{exhibit_id(spec)} {label}".strip()
        for cuts in dict.fromkeys(cuts for declared, cuts in taken if declared == settings["sample"]):
            lines += rules_ledger(cuts, of)
    return pd.concat([ledger_frame(lines), ledger], ignore_index=True) if lines else ledger


def missing_best(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> list[str]:
    """Warn where an exhibit uses scores that units on the frontier lack, since super-efficiency is infeasible."""
    found = []
    for name, model in info.lacking_best.items():
        if name not in panel.columns:
            continue
        rows = subsample(panel, spec.get("sample"))[0]
        rows = rows[rows["year"].between(*model["years"]) & (rows[list(model["variables"])] > 0).all(axis=1)]
        gone = rows[rows[name].isna()]
        if len(gone):
            where = name_unit_years(gone["unit"], gone["year"], unit_names(panel))
            said = best_are_missing(len(gone), len(rows), where, model)
            found.append(say("{name}: {what}", name=info.label(name), what=said))
    return found


def second_stage(spec: Mapping[str, Any], info: StudyInfo) -> list[str]:
    """Warn of regressions on estimated efficiency scores (a kind is a regression when it takes standard errors)."""
    if "vcov" not in spec:
        return []
    return [
        say(
            "a second stage on DEA scores: {score} is estimated from the same data, its values depend on each other "
            "through the frontier, and the standard errors take them as observed (Simar and Wilson 2007); in simulated "
            "panels with a known effect, the effect on scores was right where the best units stayed as near to the "
            "true frontier as they were, and too small where they came nearer to it; bias correction repaired neither "
            "(docs/second_stage.md)",
            score=info.label(name),
        )
        for name in dict.fromkeys(_named(spec))
        if name in info.scores
    ]


def _named(spec: Mapping[str, Any]) -> Iterator[str]:
    """Give the variables that an exhibit and its columns name as outcome or regressor."""
    for key in REGRESSORS:
        value = spec.get(key, [])
        yield from [value] if isinstance(value, str) else value
    baseline = spec.get("baseline")
    if isinstance(baseline, Mapping):
        yield from _named(baseline)
    for key in ("columns", "variations"):
        for column in spec.get(key, []):
            yield from _named(column)
