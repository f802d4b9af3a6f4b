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
from shidian.inference.weights import weights_of
from shidian.messages import counted, joined, say
from shidian.threshold.candidates import FEW_VALUES, ThresholdOptions
from shidian.threshold.hansen import ThresholdModel
from shidian.threshold.panel_arrays import ThresholdPanel

FEW_DRAWS = 100


def threshold_sentences(
    model: ThresholdModel, arrays: ThresholdPanel, fit: Fit, used: tuple[float, ...],
    settings: Mapping[str, Any], spec: Mapping[str, Any], info: StudyInfo, seed: int, words: str,
) -> list[str]:  # fmt: skip
    """Return the note: sample, candidates, bootstrap, confidence sets, errors."""
    return [
        *([say("Rows restricted to: {words}.", words=words)] if words else []),
        say(
            "Outcome {outcome}; threshold variable {variable}; {effects}. Hansen (1999).",
            outcome=info.label(settings["outcome"]), variable=info.label(spec["threshold_variable"]),
            effects=_effects_words(spec, info),
        ),
        _candidates_sentence(model.options, info, seed),
        _sets_sentence(model.options),
        say("Regime regression with {thresholds}.", thresholds=counted(len(used), "threshold")),
        notes.errors_sentence(fit, info, say("Standard errors")),
        *([notes.weighted_by(weighting, arrays.n_zero, info)] if (weighting := weights_of(settings)) else []),
        _sample_sentence(arrays, info),
        *notes.omitted_sentences(arrays.omitted, info),
    ]  # fmt: skip


def _effects_words(spec: Mapping[str, Any], info: StudyInfo) -> str:
    if spec.get("year_effects"):
        return say("{unit} and year fixed effects", unit=info.unit_label)
    return say("{unit} fixed effects", unit=info.unit_label)


def _candidates_sentence(options: ThresholdOptions, info: StudyInfo, seed: int) -> str:
    tried = say("all distinct values") if options.grid is None else say("{n} quantiles", n=options.grid)
    draws = say("no bootstrap was run")
    if options.replications:
        null = options.residuals == "null"
        residuals = say("the null model's residuals") if null else say("the alternative model's residuals")
        draws = say(
            "p-values and critical values from {n} bootstrap draws of whole {unit} histories of {residuals} "
            "(seed {seed}), p = (1 + number at least as large) / (1 + draws)",
            n=options.replications, unit=info.unit_label, seed=seed,
            residuals=residuals,
        )  # fmt: skip
    return say(
        "Candidates: {tried} of the threshold variable that leave at least {trim:.1%} of the observations in every "
        "regime; {draws}.",
        tried=tried, trim=options.trim, draws=draws,
    )  # fmt: skip


def _sets_sentence(options: ThresholdOptions) -> str:
    if not options.refine:
        return say("Confidence sets invert the likelihood ratio; each test takes the thresholds found before as given.")
    return say(
        "Confidence sets invert the likelihood ratio; each test takes the thresholds found before as given, and "
        "earlier thresholds were searched again."
    )


def _sample_sentence(arrays: ThresholdPanel, info: StudyInfo) -> str:
    n, years = arrays.y.shape
    return say(
        "Balanced sample: {n} rows, {units}, {years} years; {missing} rows left out for missing values, {gone} for a "
        "missing year.",
        n=n * years, units=counted(n, info.unit_label), years=years, missing=notes.number_or_no(arrays.n_missing),
        gone=counted(arrays.n_dropped_units, info.unit_label, none="no"),
    )  # fmt: skip


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
            say(
                "the threshold variable has {n} distinct values: thresholds and confidence sets can lie at these only",
                n=values,
            )
        )
    draws = model.options.replications
    if 0 < draws < FEW_DRAWS:
        found.append(say("{n} bootstrap draws are few: p-values and 1% critical values are rough", n=draws))
    if not used:
        found.append(say("no threshold is significant: the regime regression is the linear model"))
    total = sum(sizes)
    small = [str(j) for j, size in enumerate(sizes, start=1) if size < 0.05 * total]
    if small:
        found.append(
            say(
                "regime {regimes} holds less than 5% of the observations: its slope rests on few rows",
                regimes=joined(small, "and"),
            )
        )
    if spec["threshold_variable"] in spec["regressors"]:
        found.append(
            say("the threshold variable is also the regressor whose slope changes: a kink may look like a threshold")
        )
    return found
