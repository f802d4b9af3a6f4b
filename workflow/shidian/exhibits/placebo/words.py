"""Sentences of the placebo note: how draws were made, what gave no estimate, errors, clusters, seed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from shidian.estimates import Fit
from shidian.exhibits import notes
from shidian.exhibits.did.event_words import base, normalisation_sentences
from shidian.exhibits.placebo.figures import MAX_POINTS
from shidian.exhibits.result import StudyInfo
from shidian.placebo.draws import ABSORBED, OK
from shidian.placebo.event_study import EventColumns
from shidian.placebo.registry import find_entry
from shidian.placebo.settings import Settings

MAX_REASONS = 5
"""Most reasons why draws gave no estimate that the note spells out; it always counts all of them."""


def placebo_notes(
    frame: pd.DataFrame, fit: Fit, settings: Settings, words: str, info: StudyInfo, asked: EventColumns | None = None
) -> tuple[str, ...]:
    """Return the sentences of the note: how draws were made, what was absorbed, errors, clusters, seed.

    ``asked`` are the event times of an event study.
    """
    controls = ", ".join(info.label(c) for c in settings.controls)
    entry = find_entry(settings.estimator)
    sentences = [
        f"{settings.draws} placebo draws: {_how_drawn(settings)}. Draw d uses the random stream ({settings.seed}, d).",
        "Randomisation p = (1 + number of draws at least as extreme) / (1 + number of draws); "
        "its Monte-Carlo standard error is in parentheses. "
        "That of t is the studentised test, of estimate / standard error.",
        *draws_without_a_number(frame, settings),
        *_event_times(asked),
        f"Estimator: {_estimator(settings)}; outcome: {info.label(settings.outcome)}; controls: {controls or 'none'}.",
        *([notes.effects_sentence(settings.fixed_effects, info)] if entry.fixed_effects else []),
        notes.errors_sentence(fit, info, "Standard errors"),
        f"Of the true estimate: {notes.sample_sentence(fit, info)}",
        *([f"Restricted to {words}."] if words else []),
    ]
    if settings.draws > MAX_POINTS and settings.estimator != "event_study":
        sentences.append(f"The figure shows draws 0 to {MAX_POINTS - 1}, the table all.")
    return (*sentences, *notes.simulated_sentence(info))


def _event_times(asked: EventColumns | None) -> list[str]:
    """Say what the coefficients of every draw are measured against, and which event times have none."""
    if asked is None:
        return []
    second = asked.normalisation.second
    gone = [(tau, why) for tau, why in asked.missing.items() if tau not in second]
    return [
        f"Every draw has the base of the true estimate: {base(asked.window)}.",
        *normalisation_sentences(asked.normalisation),
        *(f"τ = {tau} not estimated: {why}." for tau, why in gone),
    ]


def _how_drawn(settings: Settings) -> str:
    text = {
        "permute": "which units are treated is permuted, the size of each adoption cohort kept",
        "random": "treated units and their adoption years are both drawn at random",
        "in_time": "adoption of the treated units is moved earlier and years from the true adoption on are dropped",
    }[settings.mode]
    text += f", within each {settings.strata}" if settings.strata else ""
    text += f", each {settings.assign_by} as a whole" if settings.assign_by != "unit" else ""
    return text + (", among units never treated, the treated ones left out" if settings.pool != "all" else "")


def _estimator(settings: Settings) -> str:
    """Name the estimator, what it estimates and with which options."""
    options = [f"{key}: {_words(value)}" for key, value in settings.options.items()]
    return f"{find_entry(settings.estimator).words}" + (f" ({', '.join(options)})" if options else "")


def _words(value: Any) -> str:
    """Write the value of an option as the study file has it, without its brackets."""
    if isinstance(value, Mapping):
        return " ".join(f"{key} {_words(v)}" for key, v in value.items())
    return " ".join(map(_words, value)) if isinstance(value, list) else str(value).lower()


def draws_without_a_number(frame: pd.DataFrame, settings: Settings) -> list[str]:
    """Say how many draws gave no number, and why; for an event study, how many at some event time."""
    bad = frame.loc[frame["status"] != OK].drop_duplicates(["draw", "status"])
    if bad.empty:
        return ["Every draw gave an estimate."]
    where = " of some event time" if settings.estimator == "event_study" else ""
    reasons = bad["status"].where(bad["status"] != ABSORBED, "fixed effects and controls absorb the pseudo-treatment")
    counts = reasons.value_counts().rename_axis("reason").reset_index(name="draws")
    counts = counts.sort_values(["draws", "reason"], ascending=[False, True], ignore_index=True)
    shown = list(counts.head(MAX_REASONS).itertuples(index=False, name=None))
    rest = counts.iloc[MAX_REASONS:]
    if len(rest):
        shown.append((f"{len(rest)} other reasons", int(rest["draws"].sum())))
    return [
        f"{n} of {settings.draws} draws gave no estimate{where} and are left out there: {reason}."
        for reason, n in shown
    ]
