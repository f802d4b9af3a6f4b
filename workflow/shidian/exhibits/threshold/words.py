"""Sentences of the threshold note, and its warnings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from shidian.estimates import Fit
from shidian.exhibits import notes
from shidian.exhibits.result import (
    StudyInfo,
)
from shidian.inference.covariance import few_clusters_warning
from shidian.messages import counted
from shidian.threshold.candidates import FEW_VALUES
from shidian.threshold.hansen import ThresholdModel
from shidian.threshold.panel_arrays import ThresholdPanel

FEW_DRAWS = 100


def threshold_sentences(
    model: ThresholdModel, arrays: ThresholdPanel, fit: Fit, used: tuple[float, ...],
    settings: Mapping[str, Any], spec: Mapping[str, Any], info: StudyInfo, seed: int, words: str,
) -> list[str]:  # fmt: skip
    """Return the note: sample, candidates, bootstrap, confidence sets, errors."""
    o, n = model.options, arrays.y.shape
    tried = "all distinct values" if o.grid is None else f"{o.grid} quantiles"
    draws = (
        f"p-values and critical values from {o.replications} bootstrap draws of whole {info.unit_label} histories of "
        f"the {o.residuals} model's residuals (seed {seed}), p = (1 + number at least as large) / (1 + draws)"
        if o.replications else "no bootstrap was run"
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
        f"Regime regression with {counted(len(used), 'threshold')}.",
        notes.errors_sentence(fit, info, "Standard errors"),
        f"Balanced sample: {n[0] * n[1]} rows, {counted(n[0], info.unit_label)}, {n[1]} years; "
        f"{arrays.n_missing or 'no'} rows left out for missing values, "
        f"{counted(arrays.n_dropped_units, info.unit_label, none='no')} for a missing year.",
        *notes.omitted_sentences(arrays.omitted, info),
    ]


def threshold_warnings(
    model: ThresholdModel, fit: Fit, used: tuple[float, ...], sizes: tuple[int, ...], spec: Mapping[str, Any],
    q: np.ndarray,
) -> list[str]:  # fmt: skip
    """Return what a referee would object to: few clusters, draws or values of q, a regime of few rows, a kink."""
    few = few_clusters_warning(fit.n_clusters)
    found = [text for text in (model.stopped, few) if text]
    values = len(np.unique(q))
    if values <= FEW_VALUES:
        found.append(
            f"the threshold variable has {values} distinct values: thresholds and confidence sets can lie at these only"
        )
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
