"""Which published means and standard deviations a study's data are compared with, before its estimates are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shidian.study.paths import published_file, result_file
from shidian.study.plan import Plan, canonical

SIZES = ("mean", "sd")
"""Columns of a table of descriptive statistics whose size is compared."""


def sized_numbers(plan: Plan, study: str) -> dict[str, list[Mapping[str, Any]]]:
    """Return file of published numbers -> the means and deviations in it that a comparison names.

    None of a study on data that the workflow simulates: there the printed numbers stand for orientation only.
    """
    found: dict[str, list[Mapping[str, Any]]] = {}
    one = plan.studies[study]
    if plan.has_truth(study):
        return found
    for exhibit in one.exhibits:
        if exhibit["kind"] == "comparison":
            file = published_file(plan, study, exhibit["id"])
            found.setdefault(file, []).extend(
                number
                for number in exhibit["numbers"]
                if number["column"] in SIZES
                and "at" in number
                and one.exhibit(number["exhibit"])["kind"] == "descriptives"
            )
    return {file: numbers for file, numbers in found.items() if numbers}


def described_results(plan: Plan, study: str) -> list[str]:
    """Return the result files of the descriptive statistics that are compared."""
    numbers = [number for numbers in sized_numbers(plan, study).values() for number in numbers]
    return [result_file(plan, study, name) for name in dict.fromkeys(str(n["exhibit"]) for n in numbers)]


def sizes_param(plan: Plan, study: str) -> str:
    """Return as JSON what the job of the data checks compares: file of published numbers -> numbers."""
    return canonical(sized_numbers(plan, study))
