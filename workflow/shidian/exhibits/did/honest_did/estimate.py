"""HonestDiD: how far parallel trends may fail before the effect is no longer distinguishable from zero."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from shidian.did.event_coefficients import EventCoefficients, coefficients
from shidian.did.honest import (
    original_interval,
    relative_magnitudes_interval,
    smoothness_interval,
)
from shidian.errors import EstimationError
from shidian.estimates import normalise
from shidian.exhibits import notes
from shidian.exhibits.columns import column_settings
from shidian.exhibits.did.event_base import base_ledger, base_sentences, fit_declared
from shidian.exhibits.did.event_words import normalisation_warnings, thin_warnings
from shidian.exhibits.moved_controls import moved_controls, moved_warnings
from shidian.exhibits.regression_table import Style
from shidian.exhibits.result import Cell, ExhibitResult, Figure, Row, StudyInfo, Table
from shidian.exhibits.samples import ADOPTION, by_sample, refused, roles
from shidian.exhibits.subsample import policy_sample
from shidian.ledger import ledger_frame
from shidian.messages import aside, capital, say

COLUMN = say("event study")
TITLES = (
    say("relative magnitudes"), say("Relative magnitudes: M̄, multiple of the largest violation before adoption"),
    say("smoothness"), say("Smoothness: M, largest change of the trend's slope"),
)  # fmt: skip
"""Restriction and what the axis of its panel says, in turn."""
ORIGINAL, RELATIVE, SMOOTH = say("parallel trends"), say("relative magnitudes"), say("smoothness")


def run(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Estimate the event study and the intervals of its target under each restriction."""
    exhibit, style = notes.exhibit_id(spec), Style.of(spec)
    settings = column_settings(spec, {}, 0, info)
    try:
        part, words = policy_sample(panel, spec, info.label)
        study = fit_declared(part, spec, settings)
        event = coefficients(study)
        weights, target = _target(spec.get("target", 0), len(event.post), study.window.anticipation)
    except EstimationError as error:
        return notes.refusal(
            exhibit, info, [ORIGINAL], error, refused(panel, roles(settings, adoption=ADOPTION)), ORIGINAL
        )
    frame = _intervals(event, weights, spec, info.seed)
    fit = study.regression.fit
    used = by_sample(study.regression.sample, part, settings, words, adoption=ADOPTION).drawn(info.seed)
    estimates = normalise(
        frame.drop(columns="value").assign(
            study=info.study, exhibit=exhibit, n_obs=fit.n_obs, n_units=fit.n_units, n_clusters=fit.n_clusters,
            df=np.inf, vcov=fit.vcov_kind, ssc=fit.ssc, seed=info.seed,
        )
    )  # fmt: skip
    figure = frame.rename(columns={"column": "restriction"})[["restriction", "value", "estimate", "ci_low", "ci_high"]]
    text = [*_sentences(frame, target, info), *base_sentences(study, settings, words, info)]
    ledger = base_ledger(study, part, exhibit, COLUMN)
    return ExhibitResult(
        estimates=estimates,
        table=_table(frame, style),
        figure=Figure("honest_did", {"intervals": figure}, {"target": target, "level": 0.95, "titles": list(TITLES)}),
        notes=(*text, *notes.simulated_sentence(info)),
        ledger=ledger_frame(ledger),
        warnings=(
            *study.regression.warnings,
            *normalisation_warnings(study.normalisation, study.outside),
            *_holds_zero(frame, target),
            *_binned(study),
            *thin_warnings(study, part),
            *moved_warnings([("", moved_controls(part, settings, info))]),
        ),
        used=dict.fromkeys(estimates["column"], used),
    )


def _target(declared: int | str, periods: int, anticipation: int) -> tuple[np.ndarray, str]:
    """Return the weights on the coefficients after adoption, and the words for the note.

    The first ``anticipation`` of the ``periods`` lie before adoption and count as after it; none is a target.
    """
    late = np.arange(periods) >= anticipation
    last = periods - 1 - anticipation
    if declared == "average":
        return late / late.sum(), say("the mean effect over τ = 0 to {last}", last=last)
    if not 0 <= int(declared) <= last:
        raise EstimationError(
            say("the target τ = {declared} is outside the window, which ends at {last}", declared=declared, last=last)
        )
    return np.eye(periods)[int(declared) + anticipation], say("the effect at τ = {tau}", tau=declared)


def _intervals(event: EventCoefficients, weights: np.ndarray, spec: Mapping[str, Any], seed: int) -> pd.DataFrame:
    P = len(event.pre)
    theta, se = float(weights @ event.post), float(np.sqrt(weights @ event.vcov[P:, P:] @ weights))
    smooth = spec.get("smoothness", [round(se * k / 4, 6) for k in range(5)])
    rows: list[dict[str, Any]] = []

    def add(column: str, term: str, value: float, ends: tuple[float, float]) -> None:
        rows.append({"column": column, "term": term, "value": value, "estimate": theta, "se": se,
                     "ci_low": ends[0], "ci_high": ends[1]})  # fmt: skip

    add(ORIGINAL, ORIGINAL, 0.0, original_interval(event, weights))
    for Mbar in spec.get("relative_magnitudes", [0.5, 1, 1.5, 2]):
        add(
            RELATIVE,
            say("Mbar = {bound:g}", bound=Mbar),
            Mbar,
            relative_magnitudes_interval(event, weights, Mbar, seed=seed),
        )
    for M in smooth:
        add(SMOOTH, f"M = {M:g}", M, smoothness_interval(event, weights, M))
    return pd.DataFrame(rows)


def _table(frame: pd.DataFrame, style: Style) -> Table:
    rows = []
    for previous, line in zip([None, *frame["column"][:-1]], frame.to_dict("records"), strict=True):
        column, term = str(line["column"]), str(line["term"])
        cells = tuple(Cell(style.number(line[end]), (column, term, end)) for end in ("ci_low", "ci_high"))
        rows.append(Row(_label(column, term), cells, rule_above=previous is not None and previous != column))
    return Table(((("", 1), (say("Lower"), 1), (say("Upper"), 1)),), tuple(rows))


def _label(column: str, term: str) -> str:
    if column == ORIGINAL:
        return say("Parallel trends hold")
    if column == RELATIVE:
        return say("Relative magnitudes, {bound}", bound=term.replace("Mbar", "M̄"))
    return say("Smoothness, {bound}", bound=term)


def _sentences(frame: pd.DataFrame, target: str, info: StudyInfo) -> list[str]:
    text = [
        say(
            "95% intervals of {target} (estimate {estimate:.4f}) when parallel trends may fail (Rambachan & Roth "
            "2023), by the normal.",
            target=target,
            estimate=frame["estimate"].iloc[0],
        ),
        aside(
            say(
                "Relative magnitudes: a change of the difference in trends after adoption is at most M̄ times the "
                "largest before; conditional least-favourable hybrid test, seed {seed}. Smoothness: its slope changes "
                "by at most M a period; fixed-length interval.",
                seed=info.seed,
            )
        ),
    ]
    for kind, symbol in ((RELATIVE, "M̄"), (SMOOTH, "M")):
        part = frame[frame["column"] == kind]
        holds = part[(part["ci_low"] > 0) | (part["ci_high"] < 0)]
        if len(part):
            what = capital(kind)
            text.append(
                say(
                    "{what}: zero is excluded up to {bound} = {most:g}.",
                    what=what,
                    bound=symbol,
                    most=holds["value"].max(),
                )
                if len(holds)
                else say("{what}: zero is excluded at none of the values tried.", what=what)
            )
    return text


def _holds_zero(frame: pd.DataFrame, target: str) -> list[str]:
    """Return the objection to sets that hold zero where nothing, or nothing but a straight line, may go wrong."""
    words = {
        ORIGINAL: say("under parallel trends"),
        RELATIVE: say("at M̄ = 0, with no violation after adoption"),
        SMOOTH: say("at M = 0, with differences in trends that stay straight lines"),
    }
    strict = frame[(frame["value"] == 0) & (frame["ci_low"] <= 0) & (frame["ci_high"] >= 0)]
    return [
        say(
            "{where}, the 95% set of {target} holds zero, [{low:.4g}, {high:.4g}]: not even its sign is established",
            where=words[r["column"]],
            target=target,
            low=r["ci_low"],
            high=r["ci_high"],
        )
        for r in strict.to_dict("records")
    ]


def _binned(study: Any) -> list[str]:
    if study.window.ends != "bin" or not study.outside:
        return []
    return [
        say("the end periods are binned: their coefficients mix several periods, which the restrictions do not know of")
    ]
