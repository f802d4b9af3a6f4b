"""Event study: coefficients by time relative to adoption, the joint pre-trend test, and the figure's data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from shidian.did.event_study import EventStudy, Window, fit_event_study
from shidian.errors import EstimationError
from shidian.exhibits import notes
from shidian.exhibits.columns import column_settings
from shidian.exhibits.did.event_rows import event_ledger, event_long, pretrend_cell
from shidian.exhibits.did.event_words import normalisation_warnings, pretrend_warnings, sentences, thin_warnings
from shidian.exhibits.did.model_words import model_cells, model_of, model_warnings, outcome_words
from shidian.exhibits.did.simultaneous import event_points
from shidian.exhibits.moved_controls import moved_controls, moved_warnings
from shidian.exhibits.regression_table import Style, TableColumn, coefficient_rows, statistic_row
from shidian.exhibits.result import Cell, ExhibitResult, Figure, Row, StudyInfo, Table
from shidian.exhibits.samples import ADOPTION, by_sample, refused, roles
from shidian.exhibits.subsample import policy_sample
from shidian.inference.weights import weights_of
from shidian.ledger import ledger_frame
from shidian.messages import say

COLUMN = say("event study")


def run(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Estimate the event study of ``spec``: table, figure data, notes."""
    exhibit, style = notes.exhibit_id(spec), Style.of(spec)
    settings = column_settings(spec, {}, 0, info)
    try:
        part, words = policy_sample(panel, spec, info.label)
        window = Window.declared(spec)
        study = fit_event_study(
            part, settings["outcome"], settings["controls"], settings["fixed_effects"], window,
            settings["vcov"], settings["ssc"], singletons=settings["singletons"], weights=weights_of(settings),
            model=model_of(settings),
        )  # fmt: skip
    except EstimationError as error:
        return notes.refusal(exhibit, info, [COLUMN], error, refused(panel, roles(settings, adoption=ADOPTION)), COLUMN)
    estimates = event_long(study, info, exhibit, COLUMN)
    points, of_band = event_points(study, spec, info)
    return ExhibitResult(
        estimates=estimates,
        table=_table(study, estimates, style, info, settings),
        figure=Figure(
            "event_study",
            {"points": points},
            {"outcome": outcome_words(settings, info, measured=True), "level": 0.95, "ends": window.ends},
        ),
        notes=(
            *sentences(study, settings, info, style, words),
            *of_band,
            notes.stars_sentence(style.stars),
            *notes.simulated_sentence(info),
        ),
        ledger=ledger_frame(event_ledger(study, part, exhibit, COLUMN)),
        warnings=(
            *study.regression.warnings,
            *normalisation_warnings(study.normalisation, study.outside),
            *pretrend_warnings(study),
            *thin_warnings(study, part),
            *moved_warnings([("", moved_controls(part, settings, info))]),
            *model_warnings(study.regression, settings, info),
        ),
        used={COLUMN: by_sample(study.regression.sample, part, settings, words, adoption=ADOPTION)},
    )


def _table(
    study: EventStudy, estimates: pd.DataFrame, style: Style, info: StudyInfo, settings: Mapping[str, Any]
) -> Table:
    column = TableColumn(COLUMN, info.label(settings["outcome"]), estimates)
    rows: list[Row] = []
    for effect in study.effects.to_dict("records"):
        label = study.window.words(effect["tau"])
        if effect["is_reference"]:
            rows.append(Row(label, (Cell(say("reference")),)))
        else:
            rows += coefficient_rows([column], effect["term"], label, style)
    rows += [Row(label, (cell,), rule_above=True) for label, cell in pretrend_cell(study, COLUMN).items()]
    own = model_cells(study.regression, COLUMN, style)
    rows += [statistic_row([column], field, style) for field in (("n_obs",) if own else ("n_obs", "r2"))]
    rows += [Row(label, (cell,)) for label, cell in own.items()]
    return Table(((("", 1), (info.label(settings["outcome"]), 1)),), tuple(rows))
