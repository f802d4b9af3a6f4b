"""Event study: coefficients by time relative to adoption, the joint pre-trend test, and the figure's data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from shidian.did.event_study import EventStudy, Window, fit_event_study
from shidian.errors import EstimationError
from shidian.estimates import missing, normalise
from shidian.exhibits import notes
from shidian.exhibits.columns import column_settings
from shidian.exhibits.did.event_words import (
    missing_ledger,
    normalisation_ledger,
    normalisation_warnings,
    omitted_controls,
    outside_ledger,
    pretrend_warnings,
    sentences,
    thin_ledger,
    thin_warnings,
)
from shidian.exhibits.moved_controls import moved_controls, moved_warnings
from shidian.exhibits.regression_table import DASH, Style, TableColumn, coefficient_rows, statistic_row
from shidian.exhibits.result import Cell, ExhibitResult, Figure, Row, StudyInfo, Table
from shidian.exhibits.samples import ADOPTION, by_sample, refused, roles
from shidian.exhibits.subsample import policy_sample
from shidian.inference.weights import weights_of
from shidian.ledger import ledger_frame
from shidian.messages import say
from shidian.printed import p_text

COLUMN = say("event study")
PRETREND = "joint pre-trend test (F)"


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
        )  # fmt: skip
    except EstimationError as error:
        return notes.refusal(exhibit, info, [COLUMN], error, refused(panel, roles(settings, adoption=ADOPTION)), COLUMN)
    estimates = _long(study, info, exhibit)
    lines = outside_ledger(study, part, f"{exhibit} {COLUMN}")
    lines += notes.sample_ledger(exhibit, COLUMN, study.regression.sample, part)
    lines += normalisation_ledger(study.normalisation, exhibit) + missing_ledger(study, exhibit)
    lines += notes.omitted_ledger(exhibit, COLUMN, omitted_controls(study))
    lines += thin_ledger(study, exhibit)
    figure_columns = ["tau", "estimate", "ci_low", "ci_high", "is_reference"]
    return ExhibitResult(
        estimates=estimates,
        table=_table(study, estimates, style, info, settings),
        figure=Figure(
            "event_study",
            {"points": study.effects[figure_columns]},
            {"outcome": info.label(settings["outcome"]), "level": 0.95, "ends": window.ends},
        ),
        notes=(*sentences(study, settings, info, style, words), *notes.simulated_sentence(info)),
        ledger=ledger_frame(lines),
        warnings=(
            *study.regression.warnings,
            *normalisation_warnings(study.normalisation, study.outside),
            *pretrend_warnings(study),
            *thin_warnings(study, part),
            *moved_warnings([("", moved_controls(part, settings, info))]),
        ),
        used={COLUMN: by_sample(study.regression.sample, part, settings, words, adoption=ADOPTION)},
    )


def _long(study: EventStudy, info: StudyInfo, exhibit: str) -> pd.DataFrame:
    """Return the estimates: all terms, missing relative times with their reason, and the joint test."""
    frames = [study.regression.fit.long(info.study, exhibit, COLUMN)]
    gone = study.missing.to_dict("records")
    frames += [missing(info.study, exhibit, COLUMN, r["term"], str(r["reason"])) for r in gone]
    frames += [missing(info.study, exhibit, COLUMN, name, why) for name, why in omitted_controls(study).items()]
    if study.pretrend is not None:
        test, fit = study.pretrend, study.regression.fit
        row = {
            "study": info.study, "exhibit": exhibit, "column": COLUMN, "term": PRETREND, "estimate": test.F,
            "statistic": test.F, "p": test.p, "df": test.df2, "n_obs": fit.n_obs, "n_units": fit.n_units,
            "n_clusters": fit.n_clusters, "vcov": fit.vcov_kind, "ssc": fit.ssc, "reason": "",
        }  # fmt: skip
        frames.append(normalise(pd.DataFrame([row])))
    return pd.concat(frames, ignore_index=True)


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
    pre = DASH if study.pretrend is None else f"{study.pretrend.F:.3f} [{p_text(study.pretrend.p)}]"
    ref = None if study.pretrend is None else (COLUMN, PRETREND, "estimate")
    rows.append(Row(say("Joint pre-trend test, F [p]"), (Cell(pre, ref),), rule_above=True))
    rows += [statistic_row([column], field, style) for field in ("n_obs", "r2")]
    return Table(((("", 1), (info.label(settings["outcome"]), 1)),), tuple(rows))
