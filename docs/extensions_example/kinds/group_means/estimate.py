"""Means of variables by group, one column a group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd
from shidian.errors import no_column
from shidian.estimates import normalise
from shidian.exhibits import notes
from shidian.exhibits.data.descriptives.estimate import table_variables
from shidian.exhibits.regression_table import DASH, Style
from shidian.exhibits.result import Cell, ExhibitResult, Figure, Row, StudyInfo, Table
from shidian.exhibits.samples import by_rows, roles
from shidian.exhibits.subsample import subsample
from shidian.messages import counted, say
from shidian.used import Rows, Used


def run(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Return the mean of each variable (default: outcome, treatment, controls) in each group of ``by``.

    In the long schema the group is the ``column`` and the variable the ``term``.

    Raises:
        EstimationError: a column that the panel has not.
    """
    part, words = subsample(panel, spec.get("sample"), info.label)
    if spec["by"] not in part.columns:
        raise no_column(spec["by"], part.columns)
    names, style = table_variables(spec, info, part), Style.of(spec)
    grouped_rows = part[part[spec["by"]].notna()].groupby(spec["by"], sort=True)
    means, n = grouped_rows[names].mean(), grouped_rows[names].count()
    rows = [
        {"column": str(group), "term": name, "estimate": means.loc[group, name], "n_obs": n.loc[group, name]}
        for name in names
        for group in means.index
    ]
    estimates = pd.DataFrame(rows).assign(study=info.study, exhibit=notes.exhibit_id(spec))
    estimates["reason"] = ["" if known else say("no value") for known in estimates["estimate"].notna()]
    header = ((("", 1), *((str(group), 1) for group in means.index)),)
    points = estimates.loc[estimates["estimate"].notna(), ["term", "column", "estimate"]]
    return ExhibitResult(
        normalise(estimates),
        Table(header, tuple(_row(name, means[name], info, style) for name in names)),
        Figure("group_means", {"points": points.assign(term=points["term"].map(info.label))}),
        notes=(_sentence(info.label(spec["by"]), part, words, info), *notes.simulated_sentence(info)),
        used={str(group): _used(rows, part, spec, names, words) for group, rows in grouped_rows},
    )


def _used(rows: pd.DataFrame, part: pd.DataFrame, spec: Mapping[str, Any], names: list[str], words: str) -> Used:
    """Return what a group's means used: its rows, of each variable those that have a value."""
    variables = roles({"sample": spec.get("sample")}, variables=names, by=[spec["by"]])
    used = by_rows(rows, part, variables, words)
    return replace(used, of_terms={name: Rows.of(rows[name].dropna().index) for name in names})


def _row(name: str, means: pd.Series, info: StudyInfo, style: Style) -> Row:
    cells = [
        Cell(DASH, (str(group), name, "reason"))
        if pd.isna(mean)
        else Cell(style.number(mean), (str(group), name, "estimate"))
        for group, mean in means.items()
    ]
    return Row(info.label(name), tuple(cells))


def _sentence(by: str, part: pd.DataFrame, words: str, info: StudyInfo) -> str:
    units = counted(part["unit"].nunique(), info.unit_label)
    if words:
        return say("Means by {by}: {n} rows of {units} ({words}).", by=by, n=len(part), units=units, words=words)
    return say("Means by {by}: {n} rows of {units}.", by=by, n=len(part), units=units)
