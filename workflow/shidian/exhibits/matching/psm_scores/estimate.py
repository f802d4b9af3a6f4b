"""Densities of the propensity score of treated and control rows before and after matching."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from shidian.errors import EstimationError
from shidian.exhibits import notes
from shidian.exhibits.columns import column_settings
from shidian.exhibits.matching.matched import (
    balance_long,
    run_matching,
)
from shidian.exhibits.matching.words import matching_ledger, matching_sentences, matching_warnings
from shidian.exhibits.result import ExhibitResult, Figure, StudyInfo
from shidian.exhibits.samples import by_rows, refused
from shidian.ledger import ledger_frame
from shidian.matching.balance import score_values
from shidian.messages import say
from shidian.used import Rows

COLUMN = say("matching")


def run(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Match as ``spec`` declares and hand on the scores for the figure."""
    exhibit = notes.exhibit_id(spec)
    settings = column_settings(spec, dict(spec), 0, info)
    covariates = settings.get("covariates") or settings["controls"]
    variables = {"treatment": (settings["treatment"],), "covariates": covariates}
    try:
        m = run_matching(panel, settings, info)
    except EstimationError as error:
        return notes.refusal(exhibit, info, [COLUMN], error, refused(panel, variables), COLUMN)
    rows = m.match.rows
    values = score_values(rows["score"].to_numpy(), rows["treated"].to_numpy(), rows["pairs"].to_numpy())
    return ExhibitResult(
        estimates=balance_long(m.match, info.study, exhibit, COLUMN),
        figure=_figure(values) if len(values) else None,
        notes=(*(s for s in matching_sentences(m, info) if s), *notes.simulated_sentence(info)),
        ledger=ledger_frame(matching_ledger(m, exhibit)),
        warnings=tuple(matching_warnings(m, info)),
        used={COLUMN: by_rows(Rows.of(m.rows[rows.index]), panel.loc[m.rows], variables, m.sample_words).drawn(m.seed)},
    )


def _figure(values: pd.DataFrame) -> Figure:
    return Figure("density", {"values": values}, {"x_label": say("Propensity score"), "bounds": [0.0, 1.0]})
