"""Kernel densities of a variable in chosen years."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from shidian.errors import EstimationError
from shidian.estimates import normalise
from shidian.exhibits import notes
from shidian.exhibits.known_rows import known_rows, missing_ledger
from shidian.exhibits.result import ExhibitResult, Figure, StudyInfo
from shidian.exhibits.samples import by_rows, roles
from shidian.exhibits.subsample import needed_by, subsample
from shidian.messages import counted, say
from shidian.used import Rows

STATISTICS = {"mean": "mean", "sd": "std", "skewness": "skew"}


def run(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Give the values of ``variable`` in each of ``years`` (default: first, middle and last) for their densities.

    In the long schema a year's mean, standard deviation and skewness are the columns and the year is the term.
    Figure kind ``density``.

    Raises:
        EstimationError: a year without a value, or without variation.
    """
    part, words = subsample(panel, spec.get("sample"), info.label, needed_by(spec))
    name = spec["variable"]
    known = known_rows(part, name)
    years = [int(year) for year in spec.get("years", default_years(known["year"]))]
    chosen = known[known["year"].isin(years)].sort_values(["year", "unit"], kind="stable")
    rows = []
    for year in years:
        values = chosen.loc[chosen["year"] == year, name].astype(float)
        if values.nunique() < 2:
            raise EstimationError(
                say(
                    "'{name}' has no density in {year}: {n} values, {distinct} distinct",
                    name=name,
                    year=year,
                    n=len(values),
                    distinct=values.nunique(),
                )
            )
        for column, statistic in STATISTICS.items():
            rows.append({
                "study": info.study, "exhibit": notes.exhibit_id(spec), "column": column, "term": str(year),
                "estimate": float(values.agg(statistic)), "n_obs": len(values),
            })  # fmt: skip
    values = pd.DataFrame({"group": chosen["year"].astype(str), "value": chosen[name].astype(float)})
    of_years = {str(year): Rows.of(chosen.index[chosen["year"] == year]) for year in years}
    asked = part[part["year"].isin(years)]
    variables = roles({"sample": spec.get("sample")}, variables=(name,))
    used = by_rows(chosen, asked, variables, words, len(asked) - len(chosen))
    text = [
        _sentence(info.label(name), counted(chosen["unit"].nunique(), info.unit_label), words),
        *notes.simulated_sentence(info),
    ]
    return ExhibitResult(
        normalise(pd.DataFrame(rows)),
        figure=Figure(
            "density",
            {"values": values.reset_index(drop=True)},
            {"x_label": info.measured(name), **_bounds(values["value"])},
        ),
        notes=tuple(text),
        ledger=missing_ledger(say("density"), asked, chosen, name),
        used=dict.fromkeys(STATISTICS, replace(used, of_terms=of_years)),
    )


def _sentence(variable: str, units: str, words: str) -> str:
    if words:
        return say("Densities of {variable} over {units} ({words}).", variable=variable, units=units, words=words)
    return say("Densities of {variable} over {units}.", variable=variable, units=units)


def default_years(years: pd.Series) -> list[int]:
    """Return the first, the middle and the last year."""
    found = sorted(years.unique())
    return sorted({int(found[0]), int(found[len(found) // 2]), int(found[-1])})


def _bounds(values: pd.Series) -> dict[str, list[float | None]]:
    """Return the bound of values none of which is negative, as scores are."""
    return {"bounds": [0.0, None]} if (values.dropna() >= 0).all() else {}
