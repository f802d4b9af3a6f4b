"""The threshold tables: tests and confidence sets, regression by regime."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from shidian.did.twfe import CONSTANT
from shidian.estimates import Fit
from shidian.exhibits.diagnostics import Diagnostic
from shidian.exhibits.regression_table import (
    Style,
    TableColumn,
    coefficient_rows,
    estimate_cell,
    number_cell,
    statistic_row,
)
from shidian.exhibits.result import (
    Cell,
    Row,
    StudyInfo,
    Table,
)
from shidian.messages import say
from shidian.printed import statistic_name
from shidian.threshold.hansen import ThresholdModel, ThresholdStep
from shidian.threshold.regime_regression import regime_term

Header = tuple[tuple[tuple[str, int], ...], ...]

TESTS, REGIMES = say("threshold tests"), say("regime regression")


NUMBERS = {1: say("Single threshold"), 2: say("Double threshold"), 3: say("Triple threshold")}


ALPHAS = (0.10, 0.05, 0.01)


def step_diagnostics(step: ThresholdStep, seed: int) -> list[Diagnostic]:
    """Return threshold, F, critical values and refined thresholds of one test as rows of the estimates."""
    curve, n = step.curve, step.number
    rows = [
        Diagnostic(say("threshold {n}", n=n), step.gamma, interval=(curve.low, curve.high)),
        Diagnostic(
            say("F {n}", n=n), step.f, p=step.test.p if step.test else float("nan"), seed=seed if step.test else None
        ),
    ]
    if step.test:
        rows += [
            Diagnostic(say("critical value {n} {level:.0%}", n=n, level=a), step.test.critical[a], seed=seed)
            for a in ALPHAS
        ]
    for j, (gamma, refined) in enumerate(zip(step.thresholds, step.curves, strict=True), start=1):
        rows.append(
            Diagnostic(say("refined threshold {j} of {n}", j=j, n=n), gamma, interval=(refined.low, refined.high))
        )
    return rows


def threshold_table(
    parts: str, model: ThresholdModel, used: tuple[float, ...], fit: Fit, regimes: pd.DataFrame,
    sizes: tuple[int, ...], style: Style, spec: Mapping[str, Any], info: StudyInfo,
) -> Table:  # fmt: skip
    """Return the tests (``tests``), the regression by regime (``regression``), or one below the other (``both``).

    ``regimes`` holds the rows of the long schema of the regression ``fit``, those not estimated included.
    """
    if parts == "regression":
        return _regression_table(used, regimes, style, spec, info)
    heads = (say("Threshold"), say("95% confidence set"), "F", "p", say("Bootstrap draws"), "1%", "5%", "10%")
    spanner = (*((("", 1),) * (len(heads) - 2)), (say("Critical values"), 3))
    header = (spanner, (("", 1), *((h, 1) for h in heads)))
    rows = _step_rows(model, style)
    if parts == "tests":
        return _of_variable(header, rows, info.label(spec["threshold_variable"]))
    if parts == "both":
        blank = [Cell("")] * 3
        name = statistic_name(fit.df)
        titles = (say("Coefficient"), say("Standard error"), name, "p", say("Regime observations"))
        rows.append(Row("", (*(Cell(t) for t in titles), *blank), rule_above=True))
        rows += [Row(r.label, (*r.cells, *blank)) for r in _regime_rows(used, regimes, sizes, style, spec, info)]
        rows.append(Row(say("Observations"), (_whole(fit, "n_obs", f"{fit.n_obs:,}"), *[Cell("")] * 7)))
        rows.append(Row(say("Within R²"), (_whole(fit, "r2_within", style.number(fit.r2_within)), *[Cell("")] * 7)))
    return Table(header, tuple(rows))


def _of_variable(header: Header, rows: list[Row], variable: str) -> Table:
    """Return the tests with a first column that says the threshold variable, on the first row."""
    spanner, heads = header
    first = (heads[0], (say("Threshold variable"), 1), *heads[1:])
    said = [replace(row, cells=(Cell("" if n else variable), *row.cells)) for n, row in enumerate(rows)]
    return Table(((("", 1), *spanner), first), tuple(said))


def _step_rows(model: ThresholdModel, style: Style) -> list[Row]:
    """Return one row a test: threshold, confidence set, F, p, draws, critical values from 1% to 10%."""
    rows = []
    for step in model.steps:
        cells = {d.term: d for d in step_diagnostics(step, 0)}
        n = step.number
        gamma, f = cells[f"threshold {n}"], cells[f"F {n}"]
        critical = [cells.get(f"critical value {n} {a:.0%}") for a in sorted(ALPHAS)]
        rows.append(Row(NUMBERS[n], (
            gamma.cell(TESTS, style), gamma.cell(TESTS, style, "interval"), f.cell(TESTS, style),
            f.cell(TESTS, style, "p"), Cell(f"{model.options.replications}" if step.test else ""),
            *(c.cell(TESTS, style) if c else Cell("") for c in critical),
        )))  # fmt: skip
    return rows


def _regression_table(
    used: tuple[float, ...], regimes: pd.DataFrame, style: Style, spec: Mapping[str, Any], info: StudyInfo
) -> Table:
    """Return the regression by regime as journals print it, one column with errors in parentheses."""
    column = TableColumn(REGIMES, info.label(spec["outcome"]), regimes)
    terms = {t: _regime_label(t, used, style, spec, info) for t in regimes["term"] if not t.startswith("year=")}
    rows: list[Row] = []
    for term, label in terms.items():
        rows += coefficient_rows([column], term, label, style)
    rows.append(replace(statistic_row([column], "n_obs", style), rule_above=True))
    rows.append(statistic_row([column], "r2_within", style))
    return Table(((("", 1), (column.header, 1)),), tuple(rows))


def _whole(fit: Fit, name: str, text: str) -> Cell:
    return Cell(text, (REGIMES, fit.terms[0], name))


def _regimes(used: tuple[float, ...], spec: Mapping[str, Any]) -> dict[str, tuple[str, int]]:
    """Return term -> regressor and regime of the slopes that change at the thresholds."""
    regimes = range(1, len(used) + 2)
    return {regime_term(name, r): (name, r) for name in spec["regressors"] for r in regimes}


def _regime_label(term: str, used: tuple[float, ...], style: Style, spec: Mapping[str, Any], info: StudyInfo) -> str:
    name, regime = _regimes(used, spec).get(term, (term, 0))
    label = say("Constant") if name == CONSTANT else info.label(name)
    if not (regime and used):
        return label
    q, strict = info.label(spec["threshold_variable"]), bool(spec.get("strict", False))
    return say("{name} ({range})", name=label, range=_range(q, regime, used, style, strict))


def _regime_rows(
    used: tuple[float, ...],
    regimes: pd.DataFrame,
    sizes: tuple[int, ...],
    style: Style,
    spec: Mapping[str, Any],
    info: StudyInfo,
) -> list[Row]:
    rows, places = [], _regimes(used, spec)
    for record in regimes.to_dict("records"):
        term = str(record["term"])
        if term.startswith("year="):
            continue
        _, regime = places.get(term, (term, 0))
        size = f"{sizes[regime - 1]:,}" if regime else ""
        label = _regime_label(term, used, style, spec, info)
        cells = [estimate_cell(record, REGIMES, term, style)]
        if pd.isna(record["estimate"]):
            rows.append(Row(label, (*cells, *[Cell("")] * 4)))
            continue
        cells += [number_cell(record, REGIMES, term, field, style) for field in ("se", "statistic", "p")]
        rows.append(Row(label, (*cells, Cell(size))))
    return rows


def _range(q: str, regime: int, used: tuple[float, ...], style: Style, strict: bool) -> str:
    below, above = ("<", "≥") if strict else ("≤", ">")
    if regime == 1:
        return f"{q} {below} {style.number(used[0])}"
    if regime > len(used):
        return f"{q} {above} {style.number(used[-1])}"
    first = "≤" if strict else "<"
    return f"{style.number(used[regime - 2])} {first} {q} {below} {style.number(used[regime - 1])}"
