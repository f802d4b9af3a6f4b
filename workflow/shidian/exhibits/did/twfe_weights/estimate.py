"""Weights behind the TWFE coefficient: how many are negative, and how much heterogeneity would turn the sign."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from shidian.did.twfe_weights import TwfeWeights, twfe_weights
from shidian.errors import EstimationError
from shidian.estimates import missing, normalise
from shidian.exhibits import notes
from shidian.exhibits.cohorts import cohort_warnings, rows_used
from shidian.exhibits.columns import column_settings
from shidian.exhibits.moved_controls import moved_controls, moved_warnings
from shidian.exhibits.regression_table import DASH, Style
from shidian.exhibits.result import Cell, ExhibitResult, Figure, Row, StudyInfo, Table
from shidian.exhibits.samples import by_sample, refused, roles
from shidian.exhibits.subsample import policy_sample
from shidian.inference.weights import weights_of
from shidian.ledger import about, ledger_frame, ledger_row
from shidian.messages import aside, say
from shidian.used import Rows, Used

NAMES = {"fe": say("Two-way fixed effects"), "fd": say("First differences")}
TERMS = {
    "beta": say("Coefficient"), "n_positive": say("Cells with positive weight"),
    "n_negative": say("Cells with negative weight"), "sum_positive": say("Sum of positive weights"),
    "sum_negative": say("Sum of negative weights"),
    "sigma": say("σ: effects' SD that allows an average effect of zero"),
    "sigma_ratio": say("σ / |coefficient|"), "sigma_n1": say("σ with N − 1"),
    "sigma_all": say("Effects' SD that allows all effects of the other sign"),
}  # fmt: skip
TWO_WAY = {"fixed_effects": ["unit", "year"], "vcov": {"kind": "cluster", "by": "unit"}}
"""The regression by which controls are examined that the policy moves."""
COUNTS = ("n_positive", "n_negative")


def run(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Compute the weights of each estimator asked for."""
    exhibit, style = notes.exhibit_id(spec), Style.of(spec)
    part, words = policy_sample(panel, spec, info.label)
    controls = spec.get("controls", [])
    frames, cells, warnings, ledger, said, samples, known = [], [], [], [], [], [], dict[str, Used]()
    settings = {**spec, "treatment": info.treatment, "ssc": "", "vcov": "", "fixed_effects": ()}
    for key in spec.get("estimators", ["fe"]):
        name = NAMES[key]
        try:
            weights = twfe_weights(
                part, spec["outcome"], info.treatment, controls, key, weights=weights_of(settings)
            )  # fmt: skip
        except EstimationError as error:
            frames += [missing(info.study, exhibit, name, term, str(error)) for term in TERMS]
            known[name] = refused(part, roles(settings))
            ledger.append(ledger_row(say("estimation"), about(exhibit, name), str(error)))
            warnings.append(str(error))
            continue
        frames.append(_long(weights, name, info, exhibit))
        cells.append(weights.cells.assign(estimator=name))
        warnings += _warnings(weights, name)
        samples.append(weights.sample)
        counts = say("changes between years") if key == "fd" else ""
        known[name] = replace(
            by_sample(weights.sample, part, settings, words), rows=Rows.of(weights.rows), counts=counts
        )
        said += [(name, sentence) for sentence in notes.omitted_sentences(weights.omitted, info)] or [(name, "")]
        ledger += notes.sample_ledger(exhibit, name, weights.sample, part)
        ledger += notes.omitted_ledger(exhibit, name, weights.omitted)
    estimates = pd.concat(frames, ignore_index=True)
    figure = Figure("twfe_weights", {"weights": pd.concat(cells, ignore_index=True)}) if cells else None
    text = _sentences(spec, info)
    text += notes.restricted_sentences(words)
    if samples:
        used = rows_used(part, samples[0])
        text.append(notes.rows_sentence(len(used), used["unit"].nunique(), samples[0].n_missing, info))
        text += notes.weights_sentences(settings, samples[0], info)
        text += notes.by_column(said)
        warnings += cohort_warnings(used, errors=False, by_cohort=False)
        warnings += moved_warnings([("", moved_controls(part, column_settings(spec, TWO_WAY, 0, info), info))])
    return ExhibitResult(
        estimates, _table(estimates, style), figure, (*text, *notes.simulated_sentence(info)),
        ledger_frame(ledger), tuple(dict.fromkeys(warnings)), known,
    )  # fmt: skip


def _sentences(spec: Mapping[str, Any], info: StudyInfo) -> list[str]:
    names = {"treatment": info.label(info.treatment), "outcome": info.label(spec["outcome"])}
    controls = [info.label(name) for name in spec.get("controls", [])]
    return [
        say(
            "Weights of de Chaisemartin & D'Haultfœuille (2020) behind the coefficient of {treatment} on {outcome}, "
            "controls {controls}.",
            **names,
            controls=controls,
        )
        if controls
        else say(
            "Weights of de Chaisemartin & D'Haultfœuille (2020) behind the coefficient of {treatment} on {outcome}, no "
            "controls.",
            **names,
        ),
        aside(
            say(
                "σ = |coefficient| / SD of the weights (which average one over treated cells): with effects as "
                "dispersed as that, the average effect could be zero or of the other sign. The last row is the SD at "
                "which every effect could be of the other sign; it exists only where some weight is negative."
            )
        ),
    ]


def _long(weights: TwfeWeights, name: str, info: StudyInfo, exhibit: str) -> pd.DataFrame:
    values = {term: float(getattr(weights, term)) for term in TERMS if term != "sigma_ratio"}
    values["sigma_ratio"] = weights.sigma / abs(weights.beta) if weights.beta else np.nan
    why = {"sigma_all": say("no weight is negative")}
    frame = pd.DataFrame({"term": list(TERMS), "estimate": [values[t] for t in TERMS]})
    frame["reason"] = [
        why.get(term, say("all weights are equal")) if np.isnan(value) else ""
        for term, value in zip(TERMS, frame["estimate"], strict=True)
    ]
    return normalise(frame.assign(study=info.study, exhibit=exhibit, column=name, n_obs=weights.n_obs))


def _table(estimates: pd.DataFrame, style: Style) -> Table:
    names = list(dict.fromkeys(estimates["column"]))
    rows = []
    for term, label in TERMS.items():
        cells = []
        for name in names:
            value = estimates.loc[(estimates["column"] == name) & (estimates["term"] == term), "estimate"].iloc[0]
            if pd.isna(value):
                cells.append(Cell(DASH, (name, term, "reason")))
            else:
                text = f"{int(value):,}" if term in COUNTS else style.number(value)
                cells.append(Cell(text, (name, term, "estimate")))
        rows.append(Row(label, tuple(cells)))
    return Table(((("", 1), *((name, 1) for name in names)),), tuple(rows))


def _warnings(weights: TwfeWeights, name: str) -> list[str]:
    if not weights.n_negative:
        return []
    share = weights.n_negative / len(weights.cells)
    return [
        say(
            "{name}: {n} of {cells} treated cells ({share:.1%}) have negative weights, which sum to {sum:.4f}",
            name=name,
            n=weights.n_negative,
            cells=len(weights.cells),
            share=share,
            sum=weights.sum_negative,
        )
    ]
