"""U-test exhibit: is the squared term a U inside the data? (Lind & Mehlum 2010)"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from shidian.did.twfe import Regression, regress
from shidian.errors import EstimationError, no_column
from shidian.estimates import Fit
from shidian.exhibits import notes
from shidian.exhibits.columns import column_settings, long_with_omitted
from shidian.exhibits.diagnostics import Diagnostic
from shidian.exhibits.regression_table import Style, estimate_cell, interval_cell, number_cell
from shidian.exhibits.result import Cell, ExhibitResult, Row, StudyInfo, Table
from shidian.exhibits.samples import by_sample, refused, roles
from shidian.exhibits.subsample import needed_by, subsample
from shidian.inference.weights import weights_of
from shidian.ledger import ledger_frame
from shidian.messages import say
from shidian.threshold.u_test import UTest, u_test

REGRESSION, TEST = say("regression"), say("U-test")
ROWS = {
    "slope at lower end": say("Slope at lower end"), "slope at upper end": say("Slope at upper end"),
    "turning point": say("Turning point"), "p of U": say("P of U"), "p of inverse U": say("P of inverse U"),
}  # fmt: skip
"""Term of the test -> label of its row."""


def run(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Regress the outcome on x, its square and the controls, and test for a U."""
    exhibit, style = notes.exhibit_id(spec), Style.of(spec)
    settings = column_settings(spec, {}, 0, info)
    x, square = spec["regressor"], f"{spec['regressor']}^2"
    regressor: dict[str, tuple[str, ...]] = {"treatment": (), "regressor": (x,)}
    try:
        if x not in panel.columns:
            raise no_column(x, panel.columns)
        part, words = subsample(
            panel.assign(**{square: panel[x].astype(float) ** 2}), spec.get("sample"), info.label, needed_by(spec)
        )
        regression = regress(
            part, settings["outcome"], [x, square, *settings["controls"]], settings["fixed_effects"],
            settings["vcov"], settings["ssc"], singletons=settings["singletons"], weights=weights_of(settings),
        )  # fmt: skip
        for name in (x, square):
            if name in regression.omitted:
                raise EstimationError(
                    say("'{name}' cannot be estimated: {why}", name=name, why=regression.omitted[name])
                )
        test = _test(regression.fit, regression.sample.frame[x], x, square, spec)
    except EstimationError as error:
        return notes.refusal(exhibit, info, [TEST], error, refused(panel, roles(settings, **regressor)), TEST)
    used = by_sample(regression.sample, part, settings, words, **regressor)
    rows = _rows(test)
    frames = [long_with_omitted(regression, info.study, exhibit, REGRESSION)]
    frames += [d.long(info.study, exhibit, TEST) for d in rows.values()]
    return ExhibitResult(
        estimates=pd.concat(frames, ignore_index=True),
        table=_table(rows, regression, x, square, style, info),
        notes=(
            *([say("Rows restricted to: {words}.", words=words)] if words else []),
            _test_sentence(test, info.label(settings["outcome"])),
            notes.effects_sentence(settings["fixed_effects"], info),
            notes.errors_sentence(regression.fit, info, say("Standard errors")),
            *notes.weights_sentences(settings, regression.sample, info),
            notes.sample_sentence(regression.fit, info),
            *notes.omitted_sentences(regression.omitted, info),
            notes.stars_sentence(style.stars),
            *notes.simulated_sentence(info),
        ),
        ledger=ledger_frame(
            [
                *notes.sample_ledger(exhibit, REGRESSION, regression.sample, part),
                *notes.omitted_ledger(exhibit, REGRESSION, regression.omitted),
            ]
        ),
        warnings=(*regression.warnings, *_warnings(test)),
        used={REGRESSION: used, TEST: used},
    )


def _test_sentence(test: UTest, outcome: str) -> str:
    if test.shape == "U":
        return say(
            "Outcome {outcome}; test of Lind and Mehlum (2010) against a monotone or inverse U shape between {low:.4g} "
            "and {high:.4g}: one-sided tests of the slope at both ends, p the larger of the two.",
            outcome=outcome, low=test.low, high=test.high,
        )  # fmt: skip
    return say(
        "Outcome {outcome}; test of Lind and Mehlum (2010) against a monotone or U shape between {low:.4g} and "
        "{high:.4g}: one-sided tests of the slope at both ends, p the larger of the two.",
        outcome=outcome, low=test.low, high=test.high,
    )  # fmt: skip


def _test(fit: Fit, values: pd.Series, x: str, square: str, spec: Mapping[str, Any]) -> UTest:
    at = [fit.terms.index(x), fit.terms.index(square)]
    low, high = float(values.min()), float(values.max())
    if "interval" in spec:
        low, high = (float(end) for end in spec["interval"])
    beta, gamma = (float(b) for b in fit.coef[at])
    known = not any(fit.reasons[i] for i in at)
    return u_test(beta, gamma, fit.vcov[at][:, at] if known else np.full((2, 2), np.nan), fit.df, low, high)


def _rows(test: UTest) -> dict[str, Diagnostic]:
    found = [
        Diagnostic("slope at lower end", test.slope_low, se=test.se_low, p=test.p_low),
        Diagnostic("slope at upper end", test.slope_high, se=test.se_high, p=test.p_high),
        Diagnostic("turning point", test.extremum, interval=test.fieller),
        Diagnostic(f"p of {test.shape}", test.p, p=test.p, reason=test.reason),
    ]
    return {d.term: d for d in found}


def _table(
    rows: dict[str, Diagnostic], regression: Regression, x: str, square: str, style: Style, info: StudyInfo
) -> Table:
    heads = ("", say("Estimate"), say("Standard error"), "p", say("95% interval"))
    header = (tuple((head, 1) for head in heads),)
    body = []
    long = regression.fit.long("", "", "").set_index("term")
    for term, label in ((x, info.label(x)), (square, say("{name} squared", name=info.label(x)))):
        row, at = dict(long.loc[term]), (REGRESSION, term)
        body.append(Row(label, (
            estimate_cell(row, *at, style), number_cell(row, *at, "se", style), number_cell(row, *at, "p", style),
            interval_cell(row, *at, style),
        )))  # fmt: skip
    for d in rows.values():
        turning, overall = d.term == "turning point", d.term.startswith("p of")
        body.append(Row(ROWS[d.term], (
            Cell("") if overall else d.cell(TEST, style),
            Cell("") if overall or turning else d.cell(TEST, style, "se"),
            Cell("") if turning else d.cell(TEST, style, "p"),
            d.cell(TEST, style, "interval") if turning else Cell(""),
        ), rule_above=d.term == "slope at lower end"))  # fmt: skip
    n_obs = Cell(f"{regression.fit.n_obs:,}", (REGRESSION, x, "n_obs"))
    body.append(Row(say("Observations"), (n_obs, Cell(""), Cell(""), Cell("")), rule_above=True))
    return Table(header, tuple(body))


def _warnings(test: UTest) -> list[str]:
    found = [test.reason] if test.reason else []
    low, high = test.fieller
    if not test.reason and (low < test.low or high > test.high):
        found.append(say("the interval of the turning point reaches beyond the data: the U may be one half of it only"))
    return found
