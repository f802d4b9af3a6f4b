"""Efficiency scores in a table: by year, by unit, the slacks behind them, or the peers that others are measured by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from shidian.efficiency.declared import describe_model, measure_declared, years_sentences
from shidian.efficiency.leave_outs import unit_names
from shidian.efficiency.result import Efficiency
from shidian.exhibits import notes
from shidian.exhibits.numbers_table import numbers_table
from shidian.exhibits.regression_table import Style
from shidian.exhibits.result import ExhibitResult, StudyInfo
from shidian.exhibits.samples import by_rows, model_roles, unit_years
from shidian.exhibits.subsample import needed_by, subsample
from shidian.ledger import ledger_frame
from shidian.messages import say


def run(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Measure the declared model and print one of its tables.

    ``table`` is ``years`` (default), ``units`` (the ``top`` highest mean scores), ``slacks`` (mean slack of each
    variable in percent of its value) or ``peers`` (the ``top`` units most often in a reference set).
    """
    part, words = subsample(panel, spec.get("sample"), info.label, needed_by(spec))
    declared = measure_declared(part, spec["model"])
    result = declared.result
    kind = spec.get("table", "years")
    build, stub, whole = TABLES[kind]
    frame = build(result, int(spec.get("top", 10)))
    if kind == "slacks":
        frame = frame.rename(index=info.label)
    elif kind in ("units", "peers"):
        frame = frame.rename(index=unit_names(part))
    estimates, table = numbers_table(
        frame, info.study, notes.exhibit_id(spec), stub or info.unit_label, Style.of(spec), whole
    )
    text = [
        *describe_model(result, info.labels),
        *years_sentences(spec["model"]),
        notes.described_sentence(len(np.unique(result.row)), len(np.unique(result.technology.unit)), words, info),
        *SENTENCES.get(kind, ()),
        *notes.simulated_sentence(info),
    ]
    rows = unit_years(part, scores_by_unit_year(result))
    return ExhibitResult(
        estimates, table, notes=tuple(text), ledger=ledger_frame(declared.ledger), warnings=declared.warnings,
        used=dict.fromkeys(estimates["column"], by_rows(rows, part, model_roles(spec["model"]), words)),
    )  # fmt: skip


def by_year(result: Efficiency, top: int) -> pd.DataFrame:
    """Return one row a year and one for all: scores, efficient and missing ones, moments of the score."""
    scores = scores_by_unit_year(result)
    parts = [(str(year), part) for year, part in scores.groupby("year", sort=True)]
    rows = {}
    for name, part in [*parts, (say("All"), scores)] if len(parts) > 1 else parts:
        known = part["score"].dropna()
        rows[name] = {
            "N": len(known), say("Efficient"): int(part["efficient"].sum()), say("Missing"): len(part) - len(known),
            say("Mean"): known.mean(), say("SD"): known.std(ddof=1), say("Min"): known.min(),
            say("Median"): known.median(), say("Max"): known.max(),
        }  # fmt: skip
    return pd.DataFrame.from_dict(rows, orient="index")


def scores_by_unit_year(result: Efficiency) -> pd.DataFrame:
    """Return one row a unit-year; over windows the mean score, efficient if so in all of them."""
    grouped = result.scores().groupby(["unit", "year"], sort=True)
    return grouped.agg(score=("score", "mean"), efficient=("efficient", "min")).reset_index()


def by_unit(result: Efficiency, top: int) -> pd.DataFrame:
    """Return the ``top`` units by mean score, ties by unit: years with a score, years efficient, moments."""
    grouped = scores_by_unit_year(result).groupby("unit", sort=True)
    frame = pd.DataFrame({
        say("Years"): grouped["score"].count(), say("Efficient"): grouped["efficient"].sum().astype(int),
        say("Mean"): grouped["score"].mean(), say("Min"): grouped["score"].min(), say("Max"): grouped["score"].max(),
    })  # fmt: skip
    return frame.sort_values("Mean", ascending=False, kind="stable").head(top)


def by_variable(result: Efficiency, top: int) -> pd.DataFrame:
    """Return one row a variable: share of evaluations with slack, and the slack in percent of the value."""
    slacks = result.slacks().dropna(subset="slack")
    slacks = slacks.assign(percent=100 * slacks["slack"] / slacks["value"])
    rows = {}
    for name in result.technology.names:
        percent = slacks.loc[slacks["variable"] == name, "percent"]
        rows[name] = {
            say("With slack, %"): 100 * (percent > 1e-7).mean(), say("Mean, %"): percent.mean(),
            say("Median, %"): percent.median(), say("P90, %"): percent.quantile(0.9),
        }  # fmt: skip
    return pd.DataFrame.from_dict(rows, orient="index")


def by_peer(result: Efficiency, top: int) -> pd.DataFrame:
    """Return the ``top`` units by how often others are measured by them in the SBM stage, ties by unit."""
    peers = result.peers()
    own = (peers["unit"] == peers["peer_unit"]) & (peers["year"] == peers["peer_year"])
    others = peers[(peers["stage"] == "sbm") & ~own].groupby("peer_unit", sort=True)
    frame = pd.DataFrame({
        say("Peer of"): others.size(), say("Units"): others["unit"].nunique(),
        say("Years"): others["peer_year"].nunique(), say("Mean intensity"): others["intensity"].mean(),
    })  # fmt: skip
    return frame.sort_values("Peer of", ascending=False, kind="stable").head(top)


TABLES: dict[str, tuple[Callable[[Efficiency, int], pd.DataFrame], str, tuple[str, ...]]] = {
    "years": (by_year, say("Year"), ("N", "Efficient", "Missing")),
    "units": (by_unit, "", ("Years", "Efficient")),
    "slacks": (by_variable, say("Variable"), ()),
    "peers": (by_peer, "", ("Peer of", "Units", "Years")),
}
"""Table -> the function that builds it, its stub ("" = the word for a unit), its columns of counts."""
SENTENCES = {
    "slacks": (say("Slacks of the SBM stage; they need not be unique where programs are degenerate."),),
    "peers": (say("Reference sets of the SBM stage, a unit's own presence left out."),),
}
