"""What the kinds that judge an event study share: the fit that a study declares, and what note and ledger say of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from shidian.did.event_study import EventStudy, Window, fit_event_study
from shidian.exhibits import notes
from shidian.exhibits.did.event_words import normalisation_sentences, omitted_controls, thin_ledger
from shidian.exhibits.result import StudyInfo
from shidian.inference.weights import weights_of
from shidian.messages import say


def fit_declared(panel: pd.DataFrame, spec: Mapping[str, Any], settings: Mapping[str, Any]) -> EventStudy:
    """Fit the event study that an exhibit declares, by least squares.

    Args:
        panel: the rows of its sample.
        spec: the exhibit.
        settings: of its one column.

    Raises:
        EstimationError: what ``fit_event_study`` raises.
    """
    return fit_event_study(
        panel, settings["outcome"], settings["controls"], settings["fixed_effects"], Window.declared(spec),
        settings["vcov"], settings["ssc"], singletons=settings["singletons"], weights=weights_of(settings),
    )  # fmt: skip


def base_sentences(study: EventStudy, settings: Mapping[str, Any], words: str, info: StudyInfo) -> list[str]:
    """Return the note's sentences on base, sample, effects, errors and weights of the event study behind an exhibit."""
    fit = study.regression.fit
    return [
        *normalisation_sentences(study.normalisation),
        *notes.restricted_sentences(words),
        notes.effects_sentence(settings["fixed_effects"], info),
        notes.errors_sentence(fit, info, say("Standard errors")),
        *notes.weights_sentences(settings, study.regression.sample, info),
        notes.sample_sentence(fit, info),
        *notes.omitted_sentences(omitted_controls(study), info),
    ]


def base_ledger(study: EventStudy, panel: pd.DataFrame, exhibit: str, column: str) -> list[dict[str, Any]]:
    """Return the ledger's lines on the sample of the event study behind an exhibit."""
    return [
        *notes.sample_ledger(exhibit, column, study.regression.sample, panel),
        *notes.omitted_ledger(exhibit, column, omitted_controls(study)),
        *thin_ledger(study, exhibit),
    ]
