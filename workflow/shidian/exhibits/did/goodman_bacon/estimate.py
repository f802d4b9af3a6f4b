"""Goodman-Bacon decomposition of the static TWFE coefficient: table by type, figure of all two-by-twos."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from shidian.did.bacon import LATER_VS_ALWAYS, LATER_VS_EARLIER, Bacon, decompose
from shidian.did.bacon_controls import BETWEEN_TREATED, decompose_with_controls
from shidian.errors import EstimationError
from shidian.estimates import normalise
from shidian.exhibits import notes
from shidian.exhibits.cohorts import cohort_warnings
from shidian.exhibits.regression_table import Style
from shidian.exhibits.result import Cell, ExhibitResult, Figure, Row, StudyInfo, Table
from shidian.exhibits.samples import ADOPTION, by_rows, refused, restricted_to, roles
from shidian.exhibits.subsample import policy_sample
from shidian.inference.weights import Weighting, weights_of
from shidian.ledger import ledger_frame, ledger_row
from shidian.messages import counted, say

ESTIMATE, WEIGHT = "estimate", "weight"
"""The two columns of the long schema: a type's weighted mean of two-by-two estimates, and its weight."""
TWFE = "twfe"


def run(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Decompose the coefficient of the outcome on treatment with unit and year effects, and controls where declared."""
    exhibit, style = notes.exhibit_id(spec), Style.of(spec)
    variables = roles(spec, treatment=(info.treatment,), adoption=ADOPTION, clusters=(), fixed_effects=())
    try:
        part, words = policy_sample(panel, spec, info.label)
        found = _decomposed(part, spec["outcome"], spec.get("controls", []), weights_of(spec))
    except EstimationError as error:
        return notes.refusal(exhibit, info, [TWFE], error, refused(panel, variables), ESTIMATE)
    weighting = weights_of(spec)
    rows = part if weighting is None else part[part[weighting.variable] > 0]
    used = by_rows(rows, part, variables, restricted_to(spec, words))
    return ExhibitResult(
        estimates=_long(found, exhibit, info),
        table=_table(found, style),
        figure=Figure(
            "bacon", {"pairs": found.comparisons}, {"beta": found.beta, "outcome": info.label(spec["outcome"])}
        ),
        notes=(
            *_sentences(found, spec, info, words),
            *([notes.weighted_by(weighting, len(part) - len(rows), info)] if weighting else []),
            *notes.simulated_sentence(info),
        ),
        ledger=ledger_frame([*_left_out(exhibit, part, rows), *notes.omitted_ledger(exhibit, TWFE, found.omitted)]),
        warnings=(*_warnings(found), *cohort_warnings(rows, errors=False)),
        used={ESTIMATE: used, WEIGHT: used},
    )  # fmt: skip


def _left_out(exhibit: str, part: pd.DataFrame, rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the ledger's line on rows of weight zero, none where there are none."""
    gone = part.drop(index=rows.index)
    facts = {"units": gone["unit"].nunique(), "rows": len(gone)}
    return [ledger_row(say("estimation sample"), exhibit, say("weight of zero"), **facts)] if len(gone) else []


NONE = say("no such comparison in the sample")


def _decomposed(panel: pd.DataFrame, outcome: str, controls: Sequence[str], weights: Weighting | None) -> Bacon:
    """Decompose with the controls, or without where none of them can be estimated."""
    if not controls:
        return decompose(panel, outcome, weights=weights)
    found = decompose_with_controls(panel, outcome, controls, weights=weights)
    if len(found.omitted) < len(controls):
        return found
    return replace(decompose(panel, outcome, weights=weights), omitted=found.omitted)


def _long(bacon: Bacon, exhibit: str, info: StudyInfo) -> pd.DataFrame:
    part = bacon.summary.rename(columns={"type": "term"})
    frames = [
        part[["term"]].assign(
            column=ESTIMATE, estimate=part["estimate"], reason=part["estimate"].isna().map({True: NONE, False: ""})
        ),
        part[["term"]].assign(column=WEIGHT, estimate=part["weight"]),
        pd.DataFrame({"term": [TWFE], "column": [ESTIMATE], "estimate": [bacon.beta]}),
    ]
    both = pd.concat(frames, ignore_index=True)
    return normalise(both.assign(study=info.study, exhibit=exhibit, n_obs=bacon.n_obs, n_units=bacon.n_units))


def _table(bacon: Bacon, style: Style) -> Table:
    header = (((say("Comparison"), 1), (say("2×2s"), 1), (say("Weight"), 1), (say("Mean estimate"), 1)),)
    rows = [
        Row(
            str(line["type"]),
            (
                Cell(str(line["n"]) if line["n"] else notes.DASH),
                Cell(style.number(line["weight"]), (WEIGHT, str(line["type"]), "estimate")),
                Cell(style.number(line["estimate"]), (ESTIMATE, str(line["type"]), "estimate")),
            ),
        )
        for line in bacon.summary.to_dict("records")
    ]
    total = (Cell(str(len(bacon.comparisons))), Cell("1"), Cell(style.number(bacon.beta), (ESTIMATE, TWFE, "estimate")))
    return Table(header, (*rows, Row(say("TWFE coefficient"), total, rule_above=True)))


def _sentences(bacon: Bacon, spec: Mapping[str, Any], info: StudyInfo, words: str) -> list[str]:
    regression = {
        "treatment": info.label(info.treatment), "outcome": info.label(spec["outcome"]), "unit": info.unit_label
    }  # fmt: skip
    used = [info.label(name) for name in bacon.controls if name not in bacon.omitted]
    text = [
        say(
            "Goodman-Bacon (2021) decomposition of the coefficient of {treatment} on {outcome} with {unit} and year "
            "effects, without controls.",
            **regression,
        ),
        say("The weighted sum of all two-by-two estimates equals the coefficient."),
    ]
    if used:
        text = [
            say(
                "Goodman-Bacon (2021) decomposition of the coefficient of {treatment} on {outcome} with {unit} and "
                "year effects and controls: {controls}.",
                **regression,
                controls=used,
            ),
            say(
                "The weighted sum of all estimates equals the coefficient. Each pair of groups is one comparison; "
                "within groups that adopt together residual treatment varies with the controls alone."
            ),
        ]
    text += [
        *notes.omitted_sentences(bacon.omitted, info),
        say("Sample: {n} rows of {units}, balanced.", n=bacon.n_obs, units=counted(bacon.n_units, info.unit_label)),
    ]
    return text + notes.restricted_sentences(words)


def _warnings(bacon: Bacon) -> list[str]:
    kinds = bacon.summary["type"]
    forbidden = kinds.isin([LATER_VS_EARLIER, LATER_VS_ALWAYS, BETWEEN_TREATED])
    share = float(bacon.summary.loc[forbidden, "weight"].sum())
    if share <= 0:
        return []
    if bacon.controls:
        return [
            say(
                "{share:.1%} of the weight is on comparisons whose controls are treated too, some of them already; "
                "they bias the coefficient when effects change over time",
                share=share,
            )
        ]
    return [
        say(
            "{share:.1%} of the weight is on comparisons whose controls are already treated; they bias the coefficient "
            "when effects change over time",
            share=share,
        )
    ]
