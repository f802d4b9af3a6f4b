"""What is said of any exhibit whatever its kind: estimates without a standard error, outcomes that are DEA scores."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import ModuleType
from typing import Any

import pandas as pd

from shidian.exhibits.missing_errors import with_missing_errors
from shidian.exhibits.result import ExhibitResult, StudyInfo

REGRESSORS = ("outcome", "treatment", "mediators", "endogenous", "regressors", "regressor")
"""Keys of an exhibit that name a variable whose own sampling error would matter."""


def estimate_exhibit(kind: ModuleType, panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Run an exhibit's module, say which estimates have no standard error and why, and add the warnings that hang on
    the specification alone."""
    result: ExhibitResult = with_missing_errors(kind.run(panel, spec, info), info)
    return replace(result, warnings=(*result.warnings, *second_stage(spec, info)))


def second_stage(spec: Mapping[str, Any], info: StudyInfo) -> list[str]:
    """Warn of regressions on estimated efficiency scores (a kind is a regression when it takes standard errors)."""
    if "vcov" not in spec:
        return []
    return [
        f"a second stage on DEA scores: {info.label(name)} is estimated from the same data, its values depend on each "
        "other through the frontier, and the standard errors take them as observed (Simar and Wilson 2007); "
        "a second_stage exhibit carries the scores' own error"
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
