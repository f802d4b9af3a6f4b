"""Power of the test of pre-trends: violations that it finds, and what is left where it finds nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from shidian.did.event_coefficients import EventCoefficients, coefficients
from shidian.did.event_study import EventStudy
from shidian.did.pretrend_power import Passing, pass_probability, passing, slope_of_power
from shidian.errors import EstimationError
from shidian.estimates import missing, normalise
from shidian.exhibits import notes
from shidian.exhibits.columns import column_settings
from shidian.exhibits.did.event_base import base_ledger, base_sentences, fit_declared
from shidian.exhibits.did.event_words import normalisation_warnings, thin_warnings
from shidian.exhibits.moved_controls import moved_controls, moved_warnings
from shidian.exhibits.regression_table import Style
from shidian.exhibits.result import Cell, ExhibitResult, Figure, Row, StudyInfo, Table
from shidian.exhibits.samples import ADOPTION, by_sample, refused, roles
from shidian.exhibits.subsample import policy_sample
from shidian.ledger import about, ledger_frame, ledger_row
from shidian.messages import aside, say

METHOD, COLUMN = say("the power of pre-trends"), say("event study")
ROWS = {
    "slope": say("Slope of the violation"), "power": say("Power of the test"), "bayes factor": say("Bayes factor"),
    "likelihood ratio": say("Likelihood ratio"), "effect": say("Mean effect estimated"),
    "violation": say("Violation in its place"), "after passing": say("The same where the test passes"),
}  # fmt: skip
"""Term -> its row."""


@dataclass(frozen=True)
class Column:
    """One violation: its name, its slope and what it does, or why there is none."""

    name: str
    slope: float
    found: Passing | None
    reason: str = ""


def run(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Estimate the event study and the power of its pre-trends against straight lines."""
    exhibit, settings = notes.exhibit_id(spec), column_settings(spec, {}, 0, info)
    try:
        part, words = policy_sample(panel, spec, info.label)
        study = fit_declared(part, spec, settings)
        event = coefficients(study, METHOD)
    except EstimationError as error:
        return notes.refusal(
            exhibit, info, ["slope"], error, refused(panel, roles(settings, adoption=ADOPTION)), COLUMN
        )
    times = _times(study)
    columns = _columns(event, times, spec)
    used = by_sample(study.regression.sample, part, settings, words, adoption=ADOPTION)
    late = _late(study, event)
    text = [*_sentences(event, times, info), *base_sentences(study, settings, words, info)]
    ledger = base_ledger(study, part, exhibit, COLUMN)
    ledger += [ledger_row(say("estimation"), about(exhibit, c.name), c.reason) for c in columns if c.reason]
    return ExhibitResult(
        estimates=_long(columns, event, times, late, study, exhibit, info),
        table=_table(columns, event, times, late, Style.of(spec)),
        figure=_figure(columns, event, times, late, study, settings, info),
        notes=(*text, *notes.simulated_sentence(info)),
        ledger=ledger_frame(ledger),
        warnings=(
            *study.regression.warnings, *normalisation_warnings(study.normalisation, study.outside),
            *_unseen(columns, event, times, late, Style.of(spec)), *thin_warnings(study, part),
            *moved_warnings([("", moved_controls(part, settings, info))]),
        ),
        used={c.name: used for c in columns},
    )  # fmt: skip


def _times(study: EventStudy) -> np.ndarray:
    """Return the (P + Q,) periods from the reference period to each coefficient."""
    rows = study.effects[~study.effects["is_reference"]]
    return np.asarray(rows["tau"].to_numpy(dtype=float) - study.window.reference[0])


def _late(study: EventStudy, event: EventCoefficients) -> np.ndarray:
    """Return the (Q,) weights of the mean effect from adoption on, anticipation apart."""
    late = np.arange(len(event.post)) >= study.window.anticipation
    return np.asarray(late / late.sum())


def _columns(event: EventCoefficients, times: np.ndarray, spec: Mapping[str, Any]) -> list[Column]:
    P = len(event.pre)
    found = []
    for power in spec.get("power", [0.5, 0.8]):
        name = say("Found in {power:.0%}", power=float(power))
        try:
            slope = slope_of_power(event.vcov[:P, :P], times[:P], float(power))
        except EstimationError as error:
            found.append(Column(name, np.nan, None, str(error)))
            continue
        found.append(Column(name, slope, passing(event, slope * times)))
    asked = [float(slope) for slope in spec.get("slopes", [])]
    return [*found, *(Column(say("Slope {slope:g}", slope=s), s, passing(event, s * times)) for s in asked)]


def _numbers(column: Column, event: EventCoefficients, times: np.ndarray, late: np.ndarray) -> dict[str, float]:
    """Return term -> number of one violation."""
    if column.found is None:
        return {}
    P = len(event.pre)
    return {
        "slope": column.slope, "power": column.found.power, "bayes factor": column.found.bayes_factor,
        "likelihood ratio": column.found.likelihood_ratio, "effect": float(late @ event.post),
        "violation": float(late @ (column.slope * times[P:])), "after passing": float(late @ column.found.after),
    }  # fmt: skip


def _long(
    columns: Sequence[Column], event: EventCoefficients, times: np.ndarray, late: np.ndarray, study: EventStudy,
    exhibit: str, info: StudyInfo,
) -> pd.DataFrame:  # fmt: skip
    fit, frames = study.regression.fit, []
    for column in columns:
        numbers = _numbers(column, event, times, late)
        frames += [missing(info.study, exhibit, column.name, term, column.reason) for term in ROWS if not numbers]
        if numbers:
            frame = pd.DataFrame({"term": list(numbers), "estimate": list(numbers.values())})
            frames.append(normalise(frame.assign(
                study=info.study, exhibit=exhibit, column=column.name, n_obs=fit.n_obs, n_units=fit.n_units,
                n_clusters=fit.n_clusters, vcov=fit.vcov_kind, ssc=fit.ssc,
            )))  # fmt: skip
    return pd.concat(frames, ignore_index=True)


def _table(
    columns: Sequence[Column], event: EventCoefficients, times: np.ndarray, late: np.ndarray, style: Style
) -> Table:
    numbers = {c.name: _numbers(c, event, times, late) for c in columns}
    rows = [
        Row(
            label,
            tuple(
                Cell(style.number(numbers[c.name][term]), (c.name, term, "estimate"))
                if numbers[c.name]
                else Cell(notes.DASH, (c.name, term, "reason"))
                for c in columns
            ),
        )
        for term, label in ROWS.items()
    ]
    return Table(((("", 1), *((c.name, 1) for c in columns)),), tuple(rows))


def _figure(
    columns: Sequence[Column], event: EventCoefficients, times: np.ndarray, late: np.ndarray, study: EventStudy,
    settings: Mapping[str, Any], info: StudyInfo,
) -> Figure:  # fmt: skip
    rows = study.effects
    points = rows[["tau", "estimate", "ci_low", "ci_high"]].reset_index(drop=True)
    tau = times + study.window.reference[0]
    lines = [
        pd.DataFrame({
            "violation": c.name, "tau": [*tau, study.window.reference[0]],
            "line": [*(c.slope * times), 0.0], "passing": [*c.found.before, *c.found.after, 0.0],
        }).sort_values("tau")
        for c in columns if c.found
    ]  # fmt: skip
    empty = pd.DataFrame(columns=["violation", "tau", "line", "passing"])
    return Figure(
        "pretrend_power", {"points": points, "lines": pd.concat(lines, ignore_index=True) if lines else empty},
        {"outcome": info.label(settings["outcome"]), "level": 0.95},
    )  # fmt: skip


def _sentences(event: EventCoefficients, times: np.ndarray, info: StudyInfo) -> list[str]:
    P = len(event.pre)
    size = 1 - pass_probability(np.zeros(P), event.vcov[:P, :P])
    return [
        say(
            "Violations of parallel trends that are straight lines, and the test that passes where no coefficient "
            "before adoption is significant at 5% (Roth 2022); it rejects parallel trends that hold in {size:.1%}.",
            size=float(size),
        ),
        aside(
            say(
                "Power: probability that the test finds the violation. Bayes factor: probability that it passes over "
                "that under parallel trends. Likelihood ratio: of the coefficients found before adoption, the "
                "violation against parallel trends. The last rows: the mean over the periods from adoption on."
            )
        ),
    ]


def _unseen(
    columns: Sequence[Column], event: EventCoefficients, times: np.ndarray, late: np.ndarray, style: Style
) -> list[str]:
    """Return the objection where a violation that the test misses half of the time is as large as the effect."""
    for column in columns:
        numbers = _numbers(column, event, times, late)
        if numbers and numbers["power"] < 0.8 and abs(numbers["after passing"]) >= abs(numbers["effect"]):
            return [
                say(
                    "a trend of {slope} a period, which the test of pre-trends misses in {missed:.0%}, would be taken "
                    "for an effect of {size}, as large as the one found ({effect})",
                    slope=style.number(column.slope), missed=float(1 - numbers["power"]),
                    size=style.number(abs(numbers["after passing"])), effect=style.number(numbers["effect"]),
                )
            ]  # fmt: skip
    return []
