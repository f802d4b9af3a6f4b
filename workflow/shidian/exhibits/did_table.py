"""Stepwise DID table: one regression a column, adding controls, fixed effects, or restricting the sample."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from shidian.did.twfe import CONSTANT, Regression, regress
from shidian.errors import EstimationError
from shidian.estimates import missing
from shidian.exhibits import notes
from shidian.exhibits.bootstrap_rows import LABELS, bootstrap_estimates
from shidian.exhibits.referee import moved_controls
from shidian.exhibits.regression_table import DASH, Style, TableColumn, regression_table
from shidian.exhibits.result import Cell, ExhibitResult, Row, StudyInfo, ledger_frame, ledger_row
from shidian.exhibits.subsample import subsample
from shidian.exhibits.winsorise import winsorised


@dataclass(frozen=True)
class Outcome:
    """One estimated column with everything that it adds to the exhibit."""

    column: TableColumn
    sentences: tuple[str, ...]
    ledger: tuple[dict[str, Any], ...]
    warnings: tuple[str, ...]
    regression: Regression | None = None


def run(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Estimate every column of ``spec`` and print them side by side.

    A column that cannot be estimated prints a dash; the note and the ledger say why.
    """
    style, exhibit = Style.of(spec), notes.exhibit_id(spec)
    settings = [column_settings(spec, column, i, info) for i, column in enumerate(spec["columns"])]
    labels = [s["label"] for s in settings]
    if len(set(labels)) != len(labels):
        raise EstimationError(f"exhibit '{exhibit}': columns share a label: {', '.join(labels)}")
    effects = list(dict.fromkeys(name for s in settings for name in s["fixed_effects"]))
    done = [estimate_column(panel, s, info, exhibit, style, effects) for s in settings]
    columns = [d.column for d in done]
    fitted = list(zip(settings, (d.regression for d in done), strict=True))
    boot, drawn = bootstrap_estimates(fitted, spec, info, exhibit)
    terms = _printed_terms(spec, settings, columns, info)
    table = regression_table(columns, terms, style, spec.get("statistics", ["n_obs", "r2"]), _p_rows(boot, columns))
    by_label = [(d.column.header, sentence) for d in done for sentence in d.sentences]
    text = [*notes.by_column(by_label), *drawn, notes.stars_sentence(style.stars), *notes.simulated_sentence(info)]
    frames = [c.estimates for c in columns] + ([boot] if len(boot) else [])
    return ExhibitResult(
        estimates=pd.concat(frames, ignore_index=True),
        table=table,
        notes=tuple(text),
        ledger=ledger_frame([line for d in done for line in d.ledger]),
        warnings=tuple(notes.by_column([(d.column.header, w) for d in done for w in d.warnings or ("",)])),
    )


def column_settings(spec: Mapping[str, Any], column: Mapping[str, Any], index: int, info: StudyInfo) -> dict[str, Any]:
    """Return a column's settings: its own keys over the exhibit's (which hold the study's defaults)."""
    defaults = {k: spec[k] for k in ("outcome", "controls", "fixed_effects", "vcov", "ssc") if k in spec}
    base = {"label": f"({index + 1})", "controls": [], "fixed_effects": [], "vcov": "iid", "ssc": "reghdfe"}
    return base | {"treatment": info.treatment} | defaults | dict(column)


def estimate_column(
    panel: pd.DataFrame,
    settings: Mapping[str, Any],
    info: StudyInfo,
    exhibit: str,
    style: Style,
    all_effects: Sequence[str],
) -> Outcome:
    """Estimate one column; a refusal becomes a row with its reason. ``all_effects``: those of the whole table."""
    label, treatment = settings["label"], settings["treatment"]
    effects, controls = settings["fixed_effects"], [*settings.get("add", []), *settings["controls"]]
    footer = _footer(settings, info, all_effects)
    try:
        part, words = subsample(panel, settings.get("sample"))
        part, winsor_sentence = winsorised(part, settings.get("winsorise"))
        regression = regress(
            part, settings["outcome"], [treatment, *controls], effects, settings["vcov"], settings["ssc"]
        )
    except EstimationError as error:
        estimates = missing(info.study, exhibit, label, treatment, str(error))
        column = TableColumn(label, label, estimates, info.label(settings["outcome"]), footer)
        ledger = (ledger_row("estimation", f"{exhibit} {label}", str(error)),)
        return Outcome(column, (f"Not estimated: {error}.",), ledger, (str(error),))
    estimates = long_with_omitted(regression, info.study, exhibit, label)
    column = TableColumn(label, label, estimates, info.label(settings["outcome"]), footer)
    fit = regression.fit
    sentences = (
        f"Rows restricted to: {words}." if words else "",
        winsor_sentence,
        notes.effects_sentence(effects, info),
        notes.errors_sentence(fit, info, style.errors_words()),
        notes.sample_sentence(fit, info),
        *notes.omitted_sentences(regression.omitted, info),
    )
    lines = notes.sample_ledger(exhibit, label, regression.sample, part)
    lines += notes.omitted_ledger(exhibit, label, regression.omitted)
    moved = moved_controls(part, settings, info)
    return Outcome(column, sentences, tuple(lines), (*regression.warnings, *moved), regression)


def long_with_omitted(regression: Regression, study: str, exhibit: str, column: str) -> pd.DataFrame:
    """Return the long rows of a regression, those that could not be estimated included with their reason."""
    frames = [regression.fit.long(study, exhibit, column)]
    frames += [missing(study, exhibit, column, name, reason) for name, reason in regression.omitted.items()]
    return pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0]


def _p_rows(boot: pd.DataFrame, columns: list[TableColumn]) -> list[Row]:
    """Return the printed rows of bootstrap p-values, under the coefficients."""
    if boot.empty:
        return []
    rows = []
    for term, label in LABELS.items():
        found = boot[boot["term"] == term].set_index("column")["estimate"]
        if len(found):
            cells = [
                Cell(DASH, (c.id, term, "reason")) if pd.isna(found[c.id])
                else Cell(f"{found[c.id]:.4f}", (c.id, term, "estimate"))
                for c in columns
            ]  # fmt: skip
            rows.append(Row(label, tuple(cells)))
    return rows


def _footer(settings: Mapping[str, Any], info: StudyInfo, all_effects: Sequence[str]) -> dict[str, str]:
    rows = {"Controls": "Yes" if settings["controls"] else "No"}
    for name in all_effects:
        label = notes.effect_label(name, info)
        rows[f"{label[0].upper()}{label[1:]} fixed effects"] = "Yes" if name in settings["fixed_effects"] else "No"
    return rows | dict(settings.get("footer", {}))


def _printed_terms(
    spec: Mapping[str, Any], settings: list[dict[str, Any]], columns: list[TableColumn], info: StudyInfo
) -> dict[str, str]:
    """Return the coefficient rows: those asked for, else treatment, controls in order, the constant."""
    if "coefficients" in spec:
        names = list(spec["coefficients"])
    else:
        names = [s["treatment"] for s in settings] + [c for s in settings for c in s.get("add", [])]
        names += [c for s in settings for c in s["controls"]]
        if any((column.estimates["term"] == CONSTANT).any() for column in columns):
            names.append(CONSTANT)
    return {name: "Constant" if name == CONSTANT else info.label(name) for name in dict.fromkeys(names)}
