"""Productivity between consecutive years in a table: the index, its factors, and the pairs without an index."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from shidian.efficiency.declared import compare_declared, describe_index, years_sentences
from shidian.efficiency.productivity import FIRST_YEAR, NO_YEAR_BEFORE, Productivity
from shidian.exhibits import notes
from shidian.exhibits.efficiency.efficiency_variables.estimate import ROLES
from shidian.exhibits.numbers_table import numbers_table
from shidian.exhibits.regression_table import Style
from shidian.exhibits.result import ExhibitResult, StudyInfo
from shidian.exhibits.samples import by_rows, model_roles, unit_years
from shidian.exhibits.subsample import needed_by, subsample
from shidian.ledger import ledger_frame
from shidian.messages import joined, say

COUNTS = ("Pairs", "Missing")


def run(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Compute the declared index and print its geometric means by year."""
    part, words = subsample(panel, spec.get("sample"), info.label, needed_by(spec))
    declared = compare_declared(part, spec)
    frame, rows = by_year(declared.result), unit_years(part, declared.result.index)
    estimates, table = numbers_table(frame, info.study, notes.exhibit_id(spec), say("Year"), Style.of(spec), COUNTS)
    missing = [
        say("{n} {reason}", n=n, reason=reason)
        for reason, n in declared.result.counts.items()
        if reason != "pairs" and n
    ]
    text = [
        describe_index(spec),
        *variables_sentences(spec["model"], info),
        *years_sentences(spec["model"]),
        say(
            "Geometric means over units of the change from the year before; index = efficiency change × technical "
            "change, above one an improvement."
        ),
        *notes.restricted_sentences(words),
        *[say("Unit-years without an index: {reasons}.", reasons=joined(missing, "clauses"))] * bool(missing),
        *notes.simulated_sentence(info),
    ]
    return ExhibitResult(
        estimates, table, notes=tuple(text), ledger=ledger_frame(declared.ledger),
        warnings=declared.warnings,
        used=dict.fromkeys(estimates["column"], by_rows(rows, part, model_roles(spec["model"]), words)),
    )  # fmt: skip


def by_year(result: Productivity) -> pd.DataFrame:
    """Return one row a later year and one for all: pairs, those without an index, geometric means."""
    index = result.index
    pairs = index[~index["reason"].isin([FIRST_YEAR, NO_YEAR_BEFORE])]
    rows = {str(year): _row(part) for year, part in pairs.groupby("year", sort=True)}
    return pd.DataFrame.from_dict(rows | {say("All"): _row(pairs)}, orient="index")


def _row(part: pd.DataFrame) -> dict[str, float]:
    known = part.dropna(subset="index")
    columns = {
        say("Index"): "index", say("Efficiency change"): "efficiency_change",
        say("Technical change"): "technical_change",
    }  # fmt: skip
    means = {name: float(np.exp(np.log(known[column]).mean())) for name, column in columns.items()}
    improved = 100 * float((known["index"] > 1).mean()) if len(known) else float("nan")
    lost = len(part) - len(known)
    return {say("Pairs"): len(part), say("Missing"): lost, **means, say("Above one, %"): improved}


def variables_sentences(model: Mapping[str, Any], info: StudyInfo) -> list[str]:
    """Return the sentences that name a model's inputs and outputs."""
    return [
        say("{role}: {variables}.", role=word, variables=[info.label(name) for name in model[role]])
        for role, word in ROLES.items()
        if model.get(role)
    ]
