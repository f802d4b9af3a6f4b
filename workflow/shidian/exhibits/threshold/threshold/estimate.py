"""Panel threshold exhibit: tests of one, two and three thresholds, the regression by regime, the LR curves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from shidian.errors import EstimationError
from shidian.estimates import missing
from shidian.exhibits import notes
from shidian.exhibits.columns import column_settings
from shidian.exhibits.regression_table import Style
from shidian.exhibits.result import ExhibitResult, Figure, StudyInfo
from shidian.exhibits.samples import by_rows, refused, roles
from shidian.exhibits.subsample import needed_by, subsample
from shidian.exhibits.threshold.threshold_table import NUMBERS, REGIMES, TESTS, step_diagnostics, threshold_table
from shidian.exhibits.threshold.words import threshold_sentences, threshold_warnings
from shidian.inference.weights import require_robust, weights_of
from shidian.ledger import ledger_frame, ledger_row
from shidian.messages import say
from shidian.threshold.candidates import ThresholdOptions
from shidian.threshold.hansen import ThresholdModel, fit_thresholds
from shidian.threshold.panel_arrays import ThresholdPanel, threshold_panel
from shidian.threshold.regime_regression import Vcov, regime_regression
from shidian.used import Rows

OPTIONS = ("trim", "grid", "grid_of", "strict", "drop_last", "f_scale", "replications", "residuals", "refine")


def run(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Search and test the thresholds of ``spec`` and run the regression by regime."""
    exhibit, style = notes.exhibit_id(spec), Style.of(spec)
    settings = column_settings(spec, {}, 0, info)
    seed = int(spec.get("seed", info.seed))
    variables = roles(
        settings, treatment=(), regressors=spec["regressors"], threshold=(spec["threshold_variable"],), fixed_effects=()
    )
    try:
        part, words = subsample(panel, spec.get("sample"), info.label, needed_by(spec))
        arrays = threshold_panel(
            part, settings["outcome"], spec["regressors"], spec["threshold_variable"], settings["controls"],
            year_effects=spec.get("year_effects", False),
            drop_incomplete_units=spec.get("drop_incomplete_units", False), weights=weights_of(settings),
        )  # fmt: skip
        require_robust(weights_of(settings), vcov_kind(settings["vcov"]))
        options = ThresholdOptions(**{key: spec[key] for key in OPTIONS if key in spec})
        model = fit_thresholds(arrays, int(spec.get("max_thresholds", 3)), options, seed)
        thresholds = thresholds_used(model, spec.get("thresholds", "significant"), float(spec.get("level", 0.1)))
        constant = bool(settings.get("constant", False))
        fit, sizes = regime_regression(
            arrays, thresholds, options, _vcov(settings["vcov"]), ssc=settings["ssc"], constant=constant
        )
    except EstimationError as error:
        return notes.refusal(exhibit, info, [TESTS], error, refused(panel, variables), TESTS)
    used = replace(
        by_rows(Rows.of(arrays.rows), part, variables, words), n_missing=arrays.n_missing, ssc=settings["ssc"]
    )
    tests = [d for step in model.steps for d in step_diagnostics(step, seed)]
    regimes = [fit.long(info.study, exhibit, REGIMES)]
    regimes += [missing(info.study, exhibit, REGIMES, name, why) for name, why in arrays.omitted.items()]
    frames = [d.long(info.study, exhibit, TESTS) for d in tests] + regimes
    stopped = [ledger_row(say("estimation"), exhibit, model.stopped)] if model.stopped else []
    return ExhibitResult(
        estimates=pd.concat(frames, ignore_index=True),
        table=threshold_table(
            spec.get("table", "both"),
            model,
            thresholds,
            fit,
            pd.concat(regimes, ignore_index=True),
            sizes,
            style,
            spec,
            info,
        ),
        figure=lr_figure(model, spec, info),
        notes=(
            *threshold_sentences(model, arrays, fit, thresholds, settings, spec, info, seed, words),
            notes.stars_sentence(style.stars),
            *notes.simulated_sentence(info),
        ),
        ledger=ledger_frame(
            [
                *_sample_ledger(exhibit, arrays),
                *notes.omitted_ledger(exhibit, REGIMES, arrays.omitted),
                *stopped,
            ]
        ),
        warnings=tuple(threshold_warnings(model, fit, thresholds, sizes, spec, arrays.q)),
        used={TESTS: used.drawn(seed, options.replications), REGIMES: used},
    )


def thresholds_used(model: ThresholdModel, declared: str | int, level: float) -> tuple[float, ...]:
    """Return the thresholds of the regime regression: a declared number of them, or as many as are
    significant.

    Tests are read in order and the first insignificant one ends the count, as the sequential procedure asks.
    """
    if isinstance(declared, int):
        if declared > len(model.steps):
            raise EstimationError(_too_few(declared, model))
        count = declared
    else:
        count = 0
        for step in model.steps:
            if step.test is None or not step.test.p < level:
                break
            count = step.number
    return model.steps[count - 1].thresholds if count else ()


def _too_few(declared: int, model: ThresholdModel) -> str:
    found = len(model.steps)
    short = say("{n} thresholds were asked for, {found} could be searched", n=declared, found=found)
    return say("{short}: {why}", short=short, why=model.stopped) if model.stopped else short


def _vcov(declared: Any) -> Vcov:
    kind = vcov_kind(declared)
    if kind == "cluster":
        by = declared.get("by", "unit") if isinstance(declared, Mapping) else "unit"
        if by not in ("unit", ["unit"]):
            raise EstimationError(
                say("the regime regression clusters by unit only: write vcov {{kind: cluster, by: unit}}")
            )
        return "cluster"
    return "robust" if kind == "hetero" else "iid"


def vcov_kind(declared: Any) -> str:
    """Return the kind of standard error declared."""
    return str(declared if isinstance(declared, str) else declared["kind"])


def lr_figure(model: ThresholdModel, spec: Mapping[str, Any], info: StudyInfo) -> Figure:
    """Return the LR curve of each step of the table, one panel a step, up to the number of thresholds declared.

    A panel is named as its row; its threshold and confidence set are those printed there, given the thresholds of the
    steps before it.
    """
    declared = spec.get("thresholds", "significant")
    steps = model.steps if declared == "significant" else model.steps[: max(int(declared), 1)]
    names = [NUMBERS[step.number] for step in steps]
    curves = [
        pd.DataFrame({"threshold": name, "gamma": step.curve.candidates, "lr": step.curve.lr})
        for name, step in zip(names, steps, strict=True)
    ]
    estimates = pd.DataFrame({
        "threshold": names, "gamma": [step.curve.gamma for step in steps],
        "ci_low": [step.curve.low for step in steps], "ci_high": [step.curve.high for step in steps],
    })  # fmt: skip
    return Figure(
        "lr_curve",
        {"curve": pd.concat(curves, ignore_index=True), "estimates": estimates},
        {"critical": round(steps[0].curve.critical, 2), "x_label": info.measured(spec["threshold_variable"])},
    )


def _sample_ledger(exhibit: str, arrays: ThresholdPanel) -> list[dict[str, Any]]:
    rows = []
    if arrays.n_zero:
        rows.append(ledger_row(say("estimation sample"), exhibit, say("weight of zero"), rows=arrays.n_zero))
    if arrays.n_missing:
        gone = {"units": arrays.missing_units, "rows": arrays.n_missing}
        rows.append(ledger_row(say("estimation sample"), exhibit, say("missing value"), **gone))
    if arrays.n_dropped_units:
        reason = say("a year is missing and the threshold regression needs a balanced panel")
        gone = {"units": arrays.n_dropped_units, "rows": arrays.n_dropped_rows}
        rows.append(ledger_row(say("estimation sample"), exhibit, reason, **gone))
    return rows
