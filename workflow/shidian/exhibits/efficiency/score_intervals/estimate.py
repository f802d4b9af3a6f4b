"""Bootstrap intervals of efficiency scores: by year, or of the units of one year."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from shidian.efficiency.declared import DeclaredBootstrap, bootstrap_declared, describe_model, years_sentences
from shidian.efficiency.leave_outs import unit_names
from shidian.errors import EstimationError
from shidian.exhibits import notes
from shidian.exhibits.numbers_table import numbers_table
from shidian.exhibits.regression_table import Style
from shidian.exhibits.result import ExhibitResult, StudyInfo
from shidian.exhibits.samples import by_rows, model_roles, unit_years
from shidian.exhibits.subsample import needed_by, subsample
from shidian.ledger import ledger_frame
from shidian.messages import aside, say


def run(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Bootstrap the declared model and print its scores, bias-corrected scores and intervals.

    ``table`` is ``years`` (default: means of each year) or ``units`` (the ``top`` corrected scores of ``year``, by
    default the last).
    """
    part, words = subsample(panel, spec.get("sample"), info.label, needed_by(spec))
    level = float(spec.get("level", 0.95))
    boot = bootstrap_declared(part, spec["model"], info.seed, int(spec.get("replications", 1000)), level)
    by_units = spec.get("table", "years") == "units"
    if by_units:
        year = int(spec.get("year", boot.result.summary["year"].max()))
        frame = by_unit(boot.result.summary, year, int(spec.get("top", 10))).rename(index=unit_names(part))
    else:
        frame = by_year(boot.result.summary)
    measured = unit_years(part, boot.result.summary)
    used = by_rows(measured, part, model_roles(spec["model"]), words).drawn(info.seed, len(boot.result.draws))
    stub = info.unit_label if by_units else say("Year")
    estimates, table = numbers_table(
        frame, info.study, notes.exhibit_id(spec), stub, Style.of(spec), ("N", "Efficient")
    )
    text = [
        *describe_model(boot.measured, info.labels),
        *years_sentences(spec["model"]),
        *bootstrap_sentences(boot, info, level),
        say("Scores of {year}, the highest corrected ones.", year=year) if by_units else OVERLAP,
        *notes.restricted_sentences(words),
        *notes.simulated_sentence(info),
    ]
    return ExhibitResult(
        estimates.assign(seed=info.seed).astype({"seed": "Int64"}), table, notes=tuple(text),
        ledger=ledger_frame(boot.ledger), warnings=boot.warnings, used=dict.fromkeys(estimates["column"], used),
    )  # fmt: skip


OVERLAP = aside(
    say("Overlap: share of pairs of units of the year whose intervals overlap, so that their order is uncertain.")
)


OVERLAPPING = say("Overlap, %")


def bootstrap_sentences(boot: DeclaredBootstrap, info: StudyInfo, level: float) -> list[str]:
    """Return the sentences of a note on a bootstrap of scores."""
    return [
        say(
            "Smoothed bootstrap of Simar & Wilson (1998) carried to SBM scores, {n:,} replications, seed {seed}; "
            "intervals of {level:g}%, formed in logarithms.",
            n=len(boot.result.draws),
            seed=info.seed,
            level=100 * level,
        ),
        aside(
            say(
                "Intervals allow for the frontier's sampling error, not for noise in the data, and cover less often "
                "than they say where inefficiency differs between variables (docs/efficiency_bias.md)."
            )
        ),
    ]


def by_year(summary: pd.DataFrame) -> pd.DataFrame:
    """Return one row a year and one for all: means of score, correction, error and width; pairs that overlap."""
    parts = {str(year): part for year, part in summary.groupby("year", sort=True)}
    rows = {name: _row(part) for name, part in parts.items()}
    if len(parts) > 1:
        weights = [len(part) * (len(part) - 1) for part in parts.values()]
        pairs = float(np.average([row[OVERLAPPING] for row in rows.values()], weights=weights))
        rows[say("All")] = {**_row(summary), OVERLAPPING: pairs}
    return pd.DataFrame.from_dict(rows, orient="index")


def _row(part: pd.DataFrame) -> dict[str, float]:
    return {
        "N": len(part), say("Efficient"): int((part["score"] > 1 - 1e-9).sum()), say("Score"): part["score"].mean(),
        say("Corrected"): part["corrected"].mean(), say("Bias"): part["bias"].mean(),
        say("Standard error"): part["se"].mean(), say("Interval width"): (part["high"] - part["low"]).mean(),
        OVERLAPPING: 100 * overlap(part),
    }  # fmt: skip


def overlap(part: pd.DataFrame) -> float:
    """Return the share of pairs of rows whose intervals overlap."""
    low, high = part["low"].to_numpy(), part["high"].to_numpy()
    n = len(part)
    if n < 2:
        return float("nan")
    meet = (low[:, None] <= high[None, :]) & (low[None, :] <= high[:, None])
    return float((meet.sum() - np.diag(meet).sum()) / (n * (n - 1)))


def by_unit(summary: pd.DataFrame, year: int, top: int) -> pd.DataFrame:
    """Return the ``top`` units of a year by corrected score, ties by unit.

    Raises:
        EstimationError: no unit was measured in the year.
    """
    mine = summary[summary["year"] == year].set_index("unit").sort_index(kind="stable")
    if mine.empty:
        first, last = summary["year"].min(), summary["year"].max()
        raise EstimationError(
            say(
                "no unit was measured in {year}; the years measured are {first}-{last}",
                year=year,
                first=first,
                last=last,
            )
        )
    best = mine.sort_values("corrected", ascending=False, kind="stable").head(top)
    columns = {
        "score": say("Score"), "corrected": say("Corrected"), "se": say("Standard error"),
        "low": say("Low{group}", group=""), "high": say("High{group}", group=""),
    }  # fmt: skip  # not the "Low" and "High" of groups
    return best[list(columns)].rename(columns=columns)
