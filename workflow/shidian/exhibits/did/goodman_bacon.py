"""Goodman-Bacon decomposition of the static TWFE coefficient: table by type, figure of all two-by-twos."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from shidian.did.bacon import Bacon, decompose
from shidian.errors import EstimationError
from shidian.estimates import normalise
from shidian.exhibits import notes
from shidian.exhibits.cohorts import cohort_warnings
from shidian.exhibits.regression_table import Style
from shidian.exhibits.result import Cell, ExhibitResult, Figure, Row, StudyInfo, Table
from shidian.exhibits.subsample import policy_sample

ESTIMATE, WEIGHT = "estimate", "weight"
"""The two columns of the long schema: a type's weighted mean of two-by-two estimates, and its weight."""
TWFE = "twfe"


def run(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Decompose the coefficient of the outcome on treatment with unit and year effects, without controls."""
    exhibit, style = notes.exhibit_id(spec), Style.of(spec)
    try:
        part, words = policy_sample(panel, spec, info.label)
        bacon = decompose(part, spec["outcome"])
    except EstimationError as error:
        return notes.refusal(exhibit, info, [TWFE], error, ESTIMATE)
    outcome = info.label(spec["outcome"])
    return ExhibitResult(
        estimates=_long(bacon, exhibit, info),
        table=_table(bacon, style),
        figure=Figure("bacon", {"pairs": bacon.comparisons}, {"beta": bacon.beta, "outcome": outcome}),
        notes=(*_sentences(bacon, spec, info, words), *notes.simulated_sentence(info)),
        warnings=(*_warnings(bacon), *cohort_warnings(part, errors=False)),
    )


def _long(bacon: Bacon, exhibit: str, info: StudyInfo) -> pd.DataFrame:
    part = bacon.summary.rename(columns={"type": "term"})
    frames = [
        part[["term"]].assign(column=ESTIMATE, estimate=part["estimate"]),
        part[["term"]].assign(column=WEIGHT, estimate=part["weight"]),
        pd.DataFrame({"term": [TWFE], "column": [ESTIMATE], "estimate": [bacon.beta]}),
    ]
    both = pd.concat(frames, ignore_index=True)
    return normalise(both.assign(study=info.study, exhibit=exhibit, n_obs=bacon.n_obs, n_units=bacon.n_units))


def _table(bacon: Bacon, style: Style) -> Table:
    header = ((("Comparison", 1), ("2×2s", 1), ("Weight", 1), ("Mean estimate", 1)),)
    rows = [
        Row(
            str(line["type"]),
            (
                Cell(str(line["n"])),
                Cell(style.number(line["weight"]), (WEIGHT, str(line["type"]), "estimate")),
                Cell(style.number(line["estimate"]), (ESTIMATE, str(line["type"]), "estimate")),
            ),
        )
        for line in bacon.summary.to_dict("records")
    ]
    total = (Cell(str(len(bacon.comparisons))), Cell("1"), Cell(style.number(bacon.beta), (ESTIMATE, TWFE, "estimate")))
    return Table(header, (*rows, Row("TWFE coefficient", total, rule_above=True)))


def _sentences(bacon: Bacon, spec: Mapping[str, Any], info: StudyInfo, words: str) -> list[str]:
    text = [
        f"Goodman-Bacon (2021) decomposition of the coefficient of {info.label(info.treatment)} on "
        f"{info.label(spec['outcome'])} with {info.unit_label} and year effects, without controls.",
        "The weighted sum of all two-by-two estimates equals the coefficient.",
        f"Sample: {bacon.n_obs} rows of {notes.plural(bacon.n_units, info.unit_label)}, balanced.",
    ]
    return [*text, f"Rows restricted to: {words}."] if words else text


def _warnings(bacon: Bacon) -> list[str]:
    forbidden = bacon.summary[bacon.summary["type"].str.startswith("Later vs")]
    share = float(forbidden["weight"].sum())
    if share <= 0:
        return []
    return [
        f"{share:.1%} of the weight is on comparisons whose controls are already treated; "
        "they bias the coefficient when effects change over time"
    ]
