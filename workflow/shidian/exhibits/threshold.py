"""Panel threshold exhibit: tests of one, two and three thresholds, the regression by regime, the LR
curves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from shidian.did.twfe import CONSTANT
from shidian.errors import EstimationError
from shidian.estimates import Fit
from shidian.exhibits import notes
from shidian.exhibits.columns import column_settings
from shidian.exhibits.diagnostics import Diagnostic
from shidian.exhibits.regression_table import Style, TableColumn, coefficient_rows, statistic_row
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
from shidian.inference.covariance import few_clusters_warning
from shidian.threshold.hansen import ThresholdModel, ThresholdOptions, ThresholdStep, fit_thresholds
from shidian.threshold.panel_arrays import ThresholdPanel, threshold_panel
from shidian.threshold.regime_regression import Vcov, regime_regression

TESTS, REGIMES = "threshold tests", "regime regression"
NUMBERS = {1: "Single", 2: "Double", 3: "Triple"}
ALPHAS = (0.10, 0.05, 0.01)
FEW_DRAWS = 100
OPTIONS = ("trim", "grid", "grid_of", "strict", "drop_last", "f_scale", "replications", "residuals", "refine")


def run(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Search and test the thresholds of ``spec`` and run the regression by regime."""
    exhibit, style = notes.exhibit_id(spec), Style.of(spec)
    settings = column_settings(spec, {}, 0, info)
    seed = int(spec.get("seed", info.seed))
    try:
        part, words = subsample(panel, spec.get("sample"), info.label)
        arrays = threshold_panel(
            part, settings["outcome"], spec["regressors"], spec["threshold_variable"], settings["controls"],
            year_effects=spec.get("year_effects", False),
            drop_incomplete_units=spec.get("drop_incomplete_units", False),
        )  # fmt: skip
        options = ThresholdOptions(**{key: spec[key] for key in OPTIONS if key in spec})
        model = fit_thresholds(arrays, int(spec.get("max_thresholds", 3)), options, seed)
        used = thresholds_used(model, spec.get("thresholds", "significant"), float(spec.get("level", 0.1)))
        constant = bool(settings.get("constant", False))
        fit, sizes = regime_regression(arrays, used, options, _vcov(settings["vcov"]), constant=constant)
    except EstimationError as error:
        return notes.refusal(exhibit, info, [TESTS], error, TESTS)
    tests = [d for step in model.steps for d in _test_rows(step, seed)]
    frames = [d.long(info.study, exhibit, TESTS) for d in tests] + [fit.long(info.study, exhibit, REGIMES)]
    stopped = [ledger_row("estimation", exhibit, model.stopped)] if model.stopped else []
    return ExhibitResult(
        estimates=pd.concat(frames, ignore_index=True),
        table=threshold_table(spec.get("table", "both"), model, used, fit, sizes, style, spec, info),
        figure=_figure(model, spec, info),
        notes=(
            *_sentences(model, arrays, fit, used, settings, spec, info, seed, words),
            notes.stars_sentence(style.stars),
            *notes.simulated_sentence(info),
        ),
        ledger=ledger_frame([*_sample_ledger(exhibit, arrays), *stopped]),
        warnings=tuple(_warnings(model, fit, used, sizes, spec)),
    )


def thresholds_used(model: ThresholdModel, declared: str | int, level: float) -> tuple[float, ...]:
    """Return the thresholds of the regime regression: a declared number of them, or as many as are
    significant.

    Tests are read in order and the first insignificant one ends the count, as the sequential procedure asks.
    """
    if isinstance(declared, int):
        if declared > len(model.steps):
            raise EstimationError(f"{declared} thresholds were asked for, {len(model.steps)} could be searched")
        count = declared
    else:
        count = 0
        for step in model.steps:
            if step.test is None or not step.test.p < level:
                break
            count = step.number
    return model.steps[count - 1].thresholds if count else ()


def _vcov(declared: Any) -> Vcov:
    kind = declared if isinstance(declared, str) else declared["kind"]
    if kind == "cluster":
        by = declared.get("by", "unit") if isinstance(declared, Mapping) else "unit"
        if by not in ("unit", ["unit"]):
            raise EstimationError("the regime regression clusters by unit only: write vcov {kind: cluster, by: unit}")
        return "cluster"
    return "robust" if kind == "hetero" else "iid"


def _test_rows(step: ThresholdStep, seed: int) -> list[Diagnostic]:
    curve, n = step.curve, step.number
    rows = [
        Diagnostic(f"threshold {n}", step.gamma, interval=(curve.low, curve.high)),
        Diagnostic(f"F {n}", step.f, p=step.test.p if step.test else float("nan"), seed=seed if step.test else None),
    ]
    if step.test:
        rows += [Diagnostic(f"critical value {n} {a:.0%}", step.test.critical[a], seed=seed) for a in ALPHAS]
    for j, (gamma, refined) in enumerate(zip(step.thresholds, step.curves, strict=True), start=1):
        rows.append(Diagnostic(f"refined threshold {j} of {n}", gamma, interval=(refined.low, refined.high)))
    return rows


def threshold_table(
    parts: str, model: ThresholdModel, used: tuple[float, ...], fit: Fit, sizes: tuple[int, ...], style: Style,
    spec: Mapping[str, Any], info: StudyInfo,
) -> Table:  # fmt: skip
    """Return the tests (``tests``), the regression by regime (``regression``), or one below the other (``both``)."""
    if parts == "regression":
        return _regression_table(used, fit, style, spec, info)
    heads = ("Threshold", "95% confidence set", "F", "p", "Bootstrap draws", "1%", "5%", "10%")
    header = ((("", 1), *((h, 1) for h in heads)),)
    rows = _step_rows(model, style)
    if parts == "both":
        blank = [Cell("")] * 3
        titles = ("Coefficient", "Standard error", "t", "p", "Regime observations")
        rows.append(Row("", (*(Cell(t) for t in titles), *blank), rule_above=True))
        rows += [Row(r.label, (*r.cells, *blank)) for r in _regime_rows(used, fit, sizes, style, spec, info)]
        rows.append(Row("Observations", (_whole(fit, "n_obs", f"{fit.n_obs:,}"), *[Cell("")] * 7)))
        rows.append(Row("Within R²", (_whole(fit, "r2_within", style.number(fit.r2_within)), *[Cell("")] * 7)))
    return Table(header, tuple(rows))


def _step_rows(model: ThresholdModel, style: Style) -> list[Row]:
    """Return one row a test: threshold, confidence set, F, p, draws, critical values from 1% to 10%."""
    rows = []
    for step in model.steps:
        cells = {d.term: d for d in _test_rows(step, 0)}
        n = step.number
        gamma, f = cells[f"threshold {n}"], cells[f"F {n}"]
        critical = [cells.get(f"critical value {n} {a:.0%}") for a in sorted(ALPHAS)]
        rows.append(Row(f"{NUMBERS[n]} threshold", (
            gamma.cell(TESTS, style), gamma.cell(TESTS, style, "interval"), f.cell(TESTS, style),
            f.cell(TESTS, style, "p"), Cell(f"{model.options.replications}" if step.test else ""),
            *(c.cell(TESTS, style) if c else Cell("") for c in critical),
        )))  # fmt: skip
    return rows


def _regression_table(
    used: tuple[float, ...], fit: Fit, style: Style, spec: Mapping[str, Any], info: StudyInfo
) -> Table:
    """Return the regression by regime as journals print it, one column with errors in parentheses."""
    column = TableColumn(REGIMES, info.label(spec["outcome"]), fit.long("", "", ""))
    terms = {t: _regime_label(t, used, style, spec, info) for t in fit.terms if not t.startswith("year=")}
    rows: list[Row] = []
    for term, label in terms.items():
        rows += coefficient_rows([column], term, label, style)
    rows.append(replace(statistic_row([column], "n_obs", style), rule_above=True))
    rows.append(statistic_row([column], "r2_within", style))
    return Table(((("", 1), (column.header, 1)),), tuple(rows))


def _whole(fit: Fit, name: str, text: str) -> Cell:
    return Cell(text, (REGIMES, fit.terms[0], name))


def _regime_label(term: str, used: tuple[float, ...], style: Style, spec: Mapping[str, Any], info: StudyInfo) -> str:
    name, _, regime = term.partition("|regime ")
    label = "Constant" if name == CONSTANT else info.label(name)
    if regime and used:
        q = info.label(spec["threshold_variable"])
        label += f" ({_range(q, int(regime), used, style, bool(spec.get('strict', False)))})"
    return label


def _regime_rows(
    used: tuple[float, ...],
    fit: Fit,
    sizes: tuple[int, ...],
    style: Style,
    spec: Mapping[str, Any],
    info: StudyInfo,
) -> list[Row]:
    rows = []
    hidden = {t for t in fit.terms if t.startswith("year=")}
    for record in fit.long("", "", "").to_dict("records"):
        term = str(record["term"])
        if term in hidden:
            continue
        _, _, regime = term.partition("|regime ")
        size = f"{sizes[int(regime) - 1]:,}" if regime else ""
        rows.append(Row(_regime_label(term, used, style, spec, info), (
            Cell(style.number(record["estimate"]) + style.mark(record["p"]), (REGIMES, term, "estimate")),
            Cell(style.number(record["se"]), (REGIMES, term, "se")),
            Cell(style.number(record["statistic"]), (REGIMES, term, "statistic")),
            Cell(style.number(record["p"]), (REGIMES, term, "p")), Cell(size),
        )))  # fmt: skip
    return rows


def _range(q: str, regime: int, used: tuple[float, ...], style: Style, strict: bool) -> str:
    below, above = ("<", "≥") if strict else ("≤", ">")
    if regime == 1:
        return f"{q} {below} {style.number(used[0])}"
    if regime > len(used):
        return f"{q} {above} {style.number(used[-1])}"
    first = "≤" if strict else "<"
    return f"{style.number(used[regime - 2])} {first} {q} {below} {style.number(used[regime - 1])}"


def _figure(model: ThresholdModel, spec: Mapping[str, Any], info: StudyInfo) -> Figure:
    """Return the LR curve of each threshold given the others, in the largest model searched or the one declared."""
    declared = spec.get("thresholds", "significant")
    step = model.steps[-1] if declared == "significant" else model.steps[max(int(declared), 1) - 1]
    names = [f"Threshold {n}" for n in range(1, len(step.curves) + 1)]
    curves = [
        pd.DataFrame({"threshold": name, "gamma": c.candidates, "lr": c.lr})
        for name, c in zip(names, step.curves, strict=True)
    ]
    estimates = pd.DataFrame({
        "threshold": names, "gamma": [c.gamma for c in step.curves],
        "ci_low": [c.low for c in step.curves], "ci_high": [c.high for c in step.curves],
    })  # fmt: skip
    return Figure(
        "lr_curve",
        {"curve": pd.concat(curves, ignore_index=True), "estimates": estimates},
        {"critical": round(step.curves[0].critical, 2), "x_label": info.label(spec["threshold_variable"])},
    )


def _sample_ledger(exhibit: str, arrays: ThresholdPanel) -> list[dict[str, Any]]:
    rows = []
    if arrays.n_missing:
        rows.append(ledger_row("estimation sample", exhibit, "missing value", rows=arrays.n_missing))
    if arrays.n_dropped_units:
        reason = "a year is missing and the threshold regression needs a balanced panel"
        rows.append(ledger_row("estimation sample", exhibit, reason, units=arrays.n_dropped_units))
    return rows


def _sentences(
    model: ThresholdModel, arrays: ThresholdPanel, fit: Fit, used: tuple[float, ...],
    settings: Mapping[str, Any], spec: Mapping[str, Any], info: StudyInfo, seed: int, words: str,
) -> list[str]:  # fmt: skip
    o, n = model.options, arrays.y.shape
    tried = "all distinct values" if o.grid is None else f"{o.grid} quantiles"
    draws = (
        f"p-values and critical values from {o.replications} bootstrap draws of whole {info.unit_label} histories of "
        f"the {o.residuals} model's residuals (seed {seed})" if o.replications else "no bootstrap was run"
    )  # fmt: skip
    effects = f"{info.unit_label} {'and year ' if spec.get('year_effects') else ''}fixed effects"
    return [
        *([f"Rows restricted to: {words}."] if words else []),
        f"Outcome {info.label(settings['outcome'])}; threshold variable {info.label(spec['threshold_variable'])}; "
        f"{effects}. Hansen (1999).",
        f"Candidates: {tried} of the threshold variable that leave at least {o.trim:.1%} of the observations in every "
        f"regime; {draws}.",
        "Confidence sets invert the likelihood ratio; each test takes the thresholds found before as "
        f"given{', and earlier thresholds were searched again' if o.refine else ''}.",
        f"Regime regression with {notes.plural(len(used), 'threshold')}.",
        notes.errors_sentence(fit, info, "Standard errors"),
        f"Balanced sample: {n[0] * n[1]} rows, {notes.plural(n[0], info.unit_label)}, {n[1]} years; "
        f"{arrays.n_missing or 'no'} rows left out for missing values, "
        f"{notes.plural(arrays.n_dropped_units, info.unit_label, none='no')} for a missing year.",
    ]


def _warnings(
    model: ThresholdModel, fit: Fit, used: tuple[float, ...], sizes: tuple[int, ...], spec: Mapping[str, Any]
) -> list[str]:
    few = few_clusters_warning(fit.n_clusters)
    found = [text for text in (model.stopped, few) if text]
    if 0 < model.options.replications < FEW_DRAWS:
        found.append(f"{model.options.replications} bootstrap draws are few: p-values and 1% critical values are rough")
    if not used:
        found.append("no threshold is significant: the regime regression is the linear model")
    total = sum(sizes)
    small = [str(j) for j, size in enumerate(sizes, start=1) if size < 0.05 * total]
    if small:
        found.append(
            f"regime {' and '.join(small)} holds less than 5% of the observations: its slope rests on few rows"
        )
    if spec["threshold_variable"] in spec["regressors"]:
        found.append(
            "the threshold variable is also the regressor whose slope changes: a kink may look like a threshold"
        )
    return found
