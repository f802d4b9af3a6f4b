"""Beta-convergence: growth on the level at the start, by least squares and by spatial models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from shidian.did.twfe import CONSTANT, regress
from shidian.distribution.growth import GROWTH, LEVEL, nickell_bias, speed_of, windows
from shidian.errors import EstimationError, no_column
from shidian.estimates import Fit, missing, normalise
from shidian.exhibits import notes
from shidian.exhibits.columns import column_settings, long_with_omitted
from shidian.exhibits.regression_table import Style, TableColumn, coefficient_rows, statistic_row, used_by
from shidian.exhibits.result import Cell, ExhibitResult, Row, StudyInfo, Table
from shidian.exhibits.samples import refused, roles
from shidian.exhibits.spatial.spatial_inputs import balance, build_weights, declared_columns, describe, effects_of
from shidian.exhibits.subsample import subsample
from shidian.ledger import about, ledger_frame, ledger_row
from shidian.messages import capital, counted, say
from shidian.spatial.models import fit_spatial
from shidian.spatial.transformed import LAMBDA, RHO, lag_name
from shidian.used import Rows, Used

FORMS = {"absolute": say("Absolute"), "conditional": say("Conditional")}
SPEED, HALF_LIFE = say("speed of convergence"), say("half-life")
NO_SPEED = say("no speed of convergence: 1 + coefficient × horizon is not above zero")
NO_HALF_LIFE = say("no half-life: the coefficient is not below zero")
COUNTS = say("growth rates, each of a row and of that at the end of its window")


@dataclass(frozen=True)
class Column:
    """One estimated column: its part of the table, its fit (None where refused), its sentences and warnings."""

    table: TableColumn
    fit: Fit | None
    sentences: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    ledger: tuple[dict[str, Any], ...] = ()


def run(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Regress growth on the level, a column a form and model.

    In the long schema the level is the term ``level``; speed and half-life have terms of their own.

    Raises:
        EstimationError: a value that is not above zero, no window, a spatial model without weights, the conditional
            form without controls.
    """
    name, style = spec["variable"], Style.of(spec)
    if name not in panel.columns:
        raise no_column(name, panel.columns)
    part, words = subsample(panel, spec.get("sample"), info.label, [name])
    forms = forms_of(spec)
    _check(spec, forms)
    rows = windows(part, name, int(spec.get("horizon", 1)))
    columns = [_column(rows, part, form, model, spec, info, words) for form, model in _cells(spec, forms)]
    return ExhibitResult(
        pd.concat([c.table.estimates for c in columns], ignore_index=True),
        _table(columns, spec, info, style),
        notes=(
            *_sentences(spec, info, words),
            *notes.by_column([(c.table.header, s) for c in columns for s in c.sentences if s]),
            notes.stars_sentence(style.stars), *notes.simulated_sentence(info),
        ),
        ledger=ledger_frame([line for c in columns for line in c.ledger]),
        warnings=tuple(notes.by_column([(c.table.header, w) for c in columns for w in c.warnings])),
        used=used_by([c.table for c in columns]),
    )  # fmt: skip


def forms_of(spec: Mapping[str, Any]) -> list[str]:
    """Return the declared forms: both where there are controls and none is declared."""
    return list(spec.get("forms") or (["absolute", "conditional"] if spec.get("controls") else ["absolute"]))


def column_id(form: str, model: str) -> str:
    """Return the column of a form and model."""
    return say("{form} ({model})", form=FORMS[form], model=model.upper())


def _cells(spec: Mapping[str, Any], forms: list[str]) -> list[tuple[str, str]]:
    return list(product(forms, spec.get("models", ["ols"])))


def _check(spec: Mapping[str, Any], forms: list[str]) -> None:
    exhibit = notes.exhibit_id(spec)
    if "conditional" in forms and not spec.get("controls"):
        raise EstimationError(
            say("exhibit '{exhibit}': the conditional form wants 'controls', and it has none", exhibit=exhibit)
        )
    spatial = [model for model in spec.get("models", ["ols"]) if model != "ols"]
    if spatial and not spec.get("weights"):
        raise EstimationError(
            say(
                "exhibit '{exhibit}': the model {model} wants 'weights', the spatial weights between units",
                exhibit=exhibit, model=spatial[0],
            )
        )  # fmt: skip


def settings_of(spec: Mapping[str, Any], form: str, info: StudyInfo) -> dict[str, Any]:
    """Return the settings of a column of a form: growth is the outcome, controls are those of the form."""
    controls = list(spec.get("controls") or ()) if form == "conditional" else []
    return column_settings(spec, {"controls": controls, "outcome": GROWTH, "weights": None}, 0, info)


def _column(
    rows: pd.DataFrame, part: pd.DataFrame, form: str, model: str, spec: Mapping[str, Any], info: StudyInfo, words: str
) -> Column:
    """Estimate one column; what cannot be estimated is a dash with its reason."""
    exhibit, label, s = notes.exhibit_id(spec), column_id(form, model), settings_of(spec, form, info)
    variables = roles(
        s, outcome=(spec["variable"],), regressor=(spec["variable"],), treatment=(),
        weights=declared_columns(spec.get("weights") or {}) if model != "ols" else (),
    )  # fmt: skip
    try:
        if model == "ols":
            found = _least_squares(rows, part, s, variables, words, info, exhibit, label, int(spec.get("horizon", 1)))
        else:
            found = _spatial(rows, part, s, model, spec, variables, words, info, exhibit, label)
    except EstimationError as error:
        gone = missing(info.study, exhibit, label, LEVEL, str(error))
        reason = say("Not estimated: {error}.", error=error)
        line = ledger_row(say("estimation"), about(exhibit, label), str(error))
        table = TableColumn(label, label, gone, used=refused(part, variables))
        return Column(table, None, (reason,), (reason,), (line,))
    assert found.fit is not None
    extra = speed_rows(found.fit, int(spec.get("horizon", 1)), info.study, exhibit, label)
    estimates = pd.concat([found.table.estimates, *extra], ignore_index=True)
    return replace(found, table=replace(found.table, estimates=estimates))


def _least_squares(
    rows: pd.DataFrame, part: pd.DataFrame, s: Mapping[str, Any], variables: Mapping[str, tuple[str, ...]], words: str,
    info: StudyInfo, exhibit: str, label: str, horizon: int,
) -> Column:  # fmt: skip
    regression = regress(
        rows, GROWTH, [LEVEL, *s["controls"]], s["fixed_effects"], s["vcov"], s["ssc"], singletons=s["singletons"]
    )
    if LEVEL in regression.omitted:
        raise EstimationError(regression.omitted[LEVEL])
    fit = regression.fit
    kept = rows.loc[regression.sample.rows]
    used = Used(
        Rows.of([*kept.index, *kept["end"]]), Rows.of(part.index), dict(variables), fit.n_missing, fit.n_singletons,
        words, COUNTS, ssc=str(s["ssc"]), singletons=str(s["singletons"]),
    )  # fmt: skip
    sentences = (notes.errors_sentence(fit, info), notes.sample_sentence(fit, info),
                 *notes.omitted_sentences(regression.omitted, info))  # fmt: skip
    ledger = (*notes.sample_ledger(exhibit, label, regression.sample, rows),
              *notes.omitted_ledger(exhibit, label, regression.omitted))  # fmt: skip
    estimates = long_with_omitted(regression, info.study, exhibit, label)
    bias = nickell_bias(float(fit.only(LEVEL).coef[0]), horizon, fit.n_obs / fit.n_units)
    nickell = say(
        "with effects of units the coefficient of the level is too low by about {bias:.2g} at {n:.3g} windows a unit "
        "(Nickell 1981), and convergence looks faster than it is",
        bias=abs(bias), n=fit.n_obs / fit.n_units,
    )  # fmt: skip
    warnings = (*regression.warnings, *[nickell] * ("unit" in s["fixed_effects"] and not np.isnan(bias)))
    return Column(TableColumn(label, label, estimates, used=used), fit, sentences, warnings, ledger)


def _spatial(
    rows: pd.DataFrame, part: pd.DataFrame, s: Mapping[str, Any], model: Any, spec: Mapping[str, Any],
    variables: Mapping[str, tuple[str, ...]], words: str, info: StudyInfo, exhibit: str, label: str,
) -> Column:  # fmt: skip
    regressors = [LEVEL, *s["controls"]]
    asked = [GROWTH, *regressors, *declared_columns(spec["weights"])]
    sample, ledger, gone = balance(rows, asked, spec, info, exhibit)
    W = build_weights(sample, spec["weights"])
    result = fit_spatial(
        sample, GROWTH, regressors, W, model, None, effects_of(s["fixed_effects"]), s["vcov"],
        spec.get("lee_yu", "transformation"),
    )  # fmt: skip
    used = Used(
        Rows.of([*sample.index, *sample["end"]]), Rows.of(part.index), dict(variables), words=words, counts=COUNTS
    )
    left = say("{gone} with missing years or values left out.", gone=counted(gone, info.unit_label)) if gone else ""
    sentences = (notes.errors_sentence(result.fit, info), left, describe(W))
    estimates = result.fit.long(info.study, exhibit, label)
    return Column(TableColumn(label, label, estimates, used=used), result.fit, sentences, result.warnings, ledger)


def speed_rows(fit: Fit, horizon: int, study: str, exhibit: str, column: str) -> list[pd.DataFrame]:
    """Return speed and half-life of a fit in the long schema."""
    level = fit.only(LEVEL)
    found = speed_of(float(level.coef[0]), float(level.se[0]), horizon)
    if pd.isna(found.speed):
        return [missing(study, exhibit, column, term, NO_SPEED) for term in (SPEED, HALF_LIFE)]
    speed = replace(level, terms=(SPEED,), coef=np.array([found.speed]), vcov=np.array([[found.se**2]]), floor=None,
                    unadjusted=None)  # fmt: skip
    half = {"study": study, "exhibit": exhibit, "column": column, "term": HALF_LIFE, "estimate": found.half_life}
    rows = [normalise(pd.DataFrame([half]))]
    if pd.isna(found.half_life):
        rows = [missing(study, exhibit, column, HALF_LIFE, NO_HALF_LIFE)]
    return [speed.long(study, exhibit, column), *rows]


def _table(columns: list[Column], spec: Mapping[str, Any], info: StudyInfo, style: Style) -> Table:
    tables = [c.table for c in columns]
    labels = {LEVEL: say("logarithm of {variable}", variable=info.label(spec["variable"]))} | {
        c: info.label(c) for c in spec.get("controls") or ()
    }
    terms = labels | {lag_name(term): say("W × {label}", label=label) for term, label in labels.items()}
    terms |= {CONSTANT: say("Constant"), RHO: "ρ", LAMBDA: "λ"}
    have = {str(term) for c in tables for term in c.estimates["term"]}
    rows = [
        row for term, label in terms.items() if term in have for row in coefficient_rows(tables, term, label, style)
    ]
    first = len(rows)
    rows += coefficient_rows(tables, SPEED, say("Speed of convergence"), style)
    rows += coefficient_rows(tables, HALF_LIFE, say("Half-life, periods"), style)[:1]
    foot = len(rows)
    for name in ("unit", "year"):
        text = say("Yes") if name in spec["fixed_effects"] else say("No")
        label = say("{name} fixed effects", name=capital(notes.effect_label(name, info)))
        rows.append(Row(label, tuple(Cell(text) for _ in tables)))
    rows += [statistic_row(tables, name, style) for name in ("n_obs", "r2")]
    rows = [Row(r.label, r.cells, rule_above=i in (first, foot)) for i, r in enumerate(rows)]
    return Table(((("", 1), *((t.header, 1) for t in tables)),), tuple(rows))


def _sentences(spec: Mapping[str, Any], info: StudyInfo, words: str) -> list[str]:
    variable, horizon = info.label(spec["variable"]), int(spec.get("horizon", 1))
    said = [
        say(
            "Outcome: growth of the logarithm of {variable} per period over windows of {horizon} periods that do not "
            "overlap; level "
            "and controls at the start of a window.",
            variable=variable, horizon=horizon,
        ) if horizon > 1 else say(
            "Outcome: growth of the logarithm of {variable} from one period to the next; level and controls in the "
            "first.",
            variable=variable,
        ),
        *notes.restricted_sentences(words),
        say(
            "Convergence where the coefficient of the level is below zero; speed −ln(1 + coefficient × horizon) / "
            "horizon with its error by the delta method, half-life ln 2 / speed (Barro and Sala-i-Martin 1992)."
        ),
        notes.effects_sentence(spec["fixed_effects"], info),
    ]  # fmt: skip
    if set(spec.get("models", ["ols"])) - {"ols"}:
        said.append(say("Spatial models by maximum likelihood; speed and half-life are those of the coefficient."))
    return said
