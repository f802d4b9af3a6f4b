"""Event study: coefficients by time relative to adoption, the joint pre-trend test, and the figure's data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from shidian.did.event_study import EventStudy, Window, fit_event_study
from shidian.errors import EstimationError
from shidian.estimates import missing, normalise
from shidian.exhibits import notes
from shidian.exhibits.cohorts import cohort_warnings, rows_used
from shidian.exhibits.columns import column_settings
from shidian.exhibits.moved_controls import moved_controls, moved_warnings
from shidian.exhibits.regression_table import DASH, Style, TableColumn, coefficient_rows, statistic_row
from shidian.exhibits.result import (
    Cell,
    ExhibitResult,
    Figure,
    Row,
    StudyInfo,
    Table,
    ledger_frame,
    ledger_row,
)
from shidian.exhibits.subsample import subsample
from shidian.printed import p_text, p_words

COLUMN = "event study"
PRETREND = "joint pre-trend test (F)"


def run(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Estimate the event study of ``spec``: table, figure data, notes."""
    exhibit, style = notes.exhibit_id(spec), Style.of(spec)
    settings = column_settings(spec, {}, 0, info)
    try:
        part, words = subsample(panel, spec.get("sample"), info.label)
        window = window_of(spec)
        study = fit_event_study(
            part, settings["outcome"], settings["controls"], settings["fixed_effects"], window,
            settings["vcov"], settings["ssc"],
        )  # fmt: skip
    except EstimationError as error:
        return notes.refusal(exhibit, info, [COLUMN], error, COLUMN)
    estimates = _long(study, info, exhibit)
    lines = notes.sample_ledger(exhibit, COLUMN, study.regression.sample, part)
    gone = study.effects[(study.effects["reason"] != "") & ~study.effects["is_reference"]]
    lines += [ledger_row("estimation", f"{exhibit} {r['term']}", str(r["reason"])) for r in gone.to_dict("records")]
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
        notes=(*_sentences(study, settings, info, style, words), *notes.simulated_sentence(info)),
        ledger=ledger_frame(lines),
        warnings=(
            *study.regression.warnings,
            *thin_warnings(study, part),
            *moved_warnings([("", moved_controls(part, settings, info))]),
        ),
    )


def window_of(spec: Mapping[str, Any]) -> Window:
    """Read ``window`` ([first, last]), ``reference`` and ``ends`` of an exhibit's specification."""
    first, last = spec["window"]
    reference = spec.get("reference", -1)
    periods = tuple(reference) if isinstance(reference, list) else (int(reference),)
    return Window(int(first), int(last), periods, spec.get("ends", "bin"))


def _long(study: EventStudy, info: StudyInfo, exhibit: str) -> pd.DataFrame:
    """Return the estimates: all terms, missing relative times with their reason, and the joint test."""
    frames = [study.regression.fit.long(info.study, exhibit, COLUMN)]
    gone = study.effects[(study.effects["reason"] != "") & ~study.effects["is_reference"]]
    frames += [missing(info.study, exhibit, COLUMN, r["term"], str(r["reason"])) for r in gone.to_dict("records")]
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


def omitted_controls(study: EventStudy) -> dict[str, str]:
    """Return the controls that could not be estimated; relative times have their reason among the effects."""
    times = set(study.effects["term"])
    return {name: why for name, why in study.regression.omitted.items() if name not in times}


def _table(
    study: EventStudy, estimates: pd.DataFrame, style: Style, info: StudyInfo, settings: Mapping[str, Any]
) -> Table:
    column = TableColumn(COLUMN, info.label(settings["outcome"]), estimates)
    rows: list[Row] = []
    window = study.window
    for effect in study.effects.to_dict("records"):
        tau = effect["tau"]
        label = f"τ = {tau:+d}" if tau else "τ = 0"
        if window.ends == "bin" and tau == window.first:
            label = f"τ ≤ {tau}"
        if window.ends in ("bin", "omit_before") and tau == window.last:
            label = f"τ ≥ {tau}"
        if effect["is_reference"]:
            rows.append(Row(label, (Cell("reference"),)))
        else:
            rows += coefficient_rows([column], effect["term"], label, style)
    pre = DASH if study.pretrend is None else f"{study.pretrend.F:.3f} [{p_text(study.pretrend.p)}]"
    ref = None if study.pretrend is None else (COLUMN, PRETREND, "estimate")
    rows.append(Row("Joint pre-trend test, F [p]", (Cell(pre, ref),), rule_above=True))
    rows += [statistic_row([column], field, style) for field in ("n_obs", "r2")]
    return Table(((("", 1), (info.label(settings["outcome"]), 1)),), tuple(rows))


def _sentences(study: EventStudy, settings: Mapping[str, Any], info: StudyInfo, style: Style, words: str) -> list[str]:
    fit, window = study.regression.fit, study.window
    reference = ", ".join(f"τ = {tau}" for tau in window.reference) or f"τ < {window.first}"
    ends = {
        "bin": f"the ends are binned (τ ≤ {window.first} and τ ≥ {window.last})",
        "omit": "relative times outside have no dummy and so belong to the reference",
        "omit_before": f"earlier times have no dummy and so are reference; the last is binned (τ ≥ {window.last})",
        "drop": "rows of treated units outside are dropped",
    }[window.ends]
    text = [f"Coefficients by time since adoption (τ), {window.first} to {window.last}; reference {reference}; {ends}."]
    if study.outside:
        text.append("In the data but without a coefficient of its own: τ = " + ", ".join(map(str, study.outside)) + ".")
    text.append("Intervals are pointwise, at 95%.")
    if study.pretrend is not None:
        test = study.pretrend
        text.append(
            f"Joint test of the {test.df1} coefficients before adoption: "
            f"F({test.df1}, {test.df2:g}) = {test.F:.3f}, {p_words(test.p)}."
        )
    elif (study.effects.query("reason == ''")["tau"] < 0).any():
        text.append("No joint test before adoption: the covariance of those coefficients has lower rank.")
    controls = [info.label(name) for name in settings["controls"]]
    text.append(f"Controls: {', '.join(controls)}." if controls else "No controls.")
    if words:
        text.append(f"Rows restricted to: {words}.")
    gone = study.effects[(study.effects["reason"] != "") & ~study.effects["is_reference"]]
    text += [f"τ = {r['tau']} not estimated: {r['reason']}." for r in gone.to_dict("records")]
    text += notes.omitted_sentences(omitted_controls(study), info)
    return [
        *text, notes.effects_sentence(settings["fixed_effects"], info),
        notes.errors_sentence(fit, info, style.errors_words(fit.df)), notes.sample_sentence(fit, info),
        notes.stars_sentence(style.stars),
    ]  # fmt: skip


def thin_warnings(study: EventStudy, panel: pd.DataFrame) -> list[str]:
    """Return the warnings of coefficients that rest on one treated unit, and of the cohorts behind all of them."""
    warnings = cohort_warnings(rows_used(panel, study.regression.sample), by_cohort=False)
    taus = _thin(study)["tau"].tolist()
    if taus and not any(w.startswith("one treated unit") for w in warnings):
        one = len(taus) == 1
        at = f"coefficient{'' if one else 's'} at τ = {', '.join(map(str, taus))} rest{'s' if one else ''}"
        warnings.insert(0, f"the {at} on one treated unit")
    return warnings


def thin_ledger(study: EventStudy, exhibit: str) -> list[dict[str, Any]]:
    """Return the ledger's lines of coefficients that rest on one treated unit."""
    terms = _thin(study)["term"]
    return [ledger_row("estimation", f"{exhibit} {term}", "rests on one treated unit", units=1) for term in terms]


def _thin(study: EventStudy) -> pd.DataFrame:
    return study.effects[(study.effects["n_treated"] == 1) & (study.effects["reason"] == "")]
