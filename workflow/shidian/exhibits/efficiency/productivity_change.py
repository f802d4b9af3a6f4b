"""Productivity between consecutive years in a table: the index, its factors, and the pairs without an index."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from shidian.efficiency.declared import compare_declared, describe_index, years_sentences
from shidian.efficiency.productivity import Productivity
from shidian.exhibits import notes
from shidian.exhibits.numbers_table import numbers_table
from shidian.exhibits.regression_table import Style
from shidian.exhibits.result import ExhibitResult, StudyInfo, ledger_frame
from shidian.exhibits.subsample import subsample

COUNTS = ("Pairs", "Missing")


def run(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Compute the declared index and print its geometric means by year."""
    part, words = subsample(panel, spec.get("sample"), info.label)
    declared = compare_declared(part, spec)
    frame = by_year(declared.result)
    estimates, table = numbers_table(frame, info.study, notes.exhibit_id(spec), "Year", Style.of(spec), COUNTS)
    missing = [f"{n} {reason}" for reason, n in declared.result.counts.items() if reason != "pairs" and n]
    text = [
        describe_index(spec),
        *variables_sentences(spec["model"], info),
        *years_sentences(spec["model"]),
        "Geometric means over units of the change from the year before; index = efficiency change × technical change, "
        "above one an improvement.",
        f"Rows restricted to: {words}." if words else "",
        f"Unit-years without an index: {'; '.join(missing)}." if missing else "",
        *notes.simulated_sentence(info),
    ]
    return ExhibitResult(
        estimates, table, notes=tuple(t for t in text if t), ledger=ledger_frame(declared.ledger),
        warnings=declared.warnings,
    )  # fmt: skip


def by_year(result: Productivity) -> pd.DataFrame:
    """Return one row a later year and one for all: pairs, those without an index, geometric means."""
    index = result.index
    pairs = index[~index["reason"].isin(["first year", "no row in the year before"])]
    rows = {str(year): _row(part) for year, part in pairs.groupby("year", sort=True)}
    return pd.DataFrame.from_dict(rows | {"All": _row(pairs)}, orient="index")


def _row(part: pd.DataFrame) -> dict[str, float]:
    known = part.dropna(subset="index")
    columns = {"Index": "index", "Efficiency change": "efficiency_change", "Technical change": "technical_change"}
    means = {name: float(np.exp(np.log(known[column]).mean())) for name, column in columns.items()}
    improved = 100 * float((known["index"] > 1).mean()) if len(known) else float("nan")
    return {"Pairs": len(part), "Missing": len(part) - len(known), **means, "Above one, %": improved}


def variables_sentences(model: Mapping[str, Any], info: StudyInfo) -> list[str]:
    """Return the sentences that name a model's inputs and outputs."""
    roles = {"inputs": "Inputs", "desirable": "Desirable outputs", "undesirable": "Undesirable outputs"}
    return [
        f"{word}: {', '.join(info.label(name) for name in model[role])}." for role, word in roles.items()
        if model.get(role)
    ]  # fmt: skip
