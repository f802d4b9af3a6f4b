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
from shidian.messages import aside, joined, say
from shidian.placebo.draws import ABSORBED, OK
from shidian.placebo.event_study import EventColumns
from shidian.placebo.registry import find_entry
from shidian.placebo.settings import Settings
from shidian.printed import statistic_name

MAX_REASONS = 5
"""Most reasons why draws gave no estimate that the note spells out; it always counts all of them."""


def placebo_notes(
    frame: pd.DataFrame, fit: Fit, settings: Settings, words: str, info: StudyInfo,
    asked: EventColumns | None = None, distinct: int | None = None,
) -> tuple[str, ...]:  # fmt: skip
    """Return the sentences of the note: how draws were made, what was absorbed, errors, clusters, seed.

    ``asked`` are the event times of an event study; ``distinct`` is the number of different assignments that draws are
    taken from, None where it is not known.
    """
    entry = find_entry(settings.estimator)
    sentences = [
        say(
            "{draws} placebo draws: {how}. Draw d uses the random stream ({seed}, d).",
            draws=settings.draws,
            how=_how_drawn(settings),
            seed=settings.seed,
        ),
        *(_distinct(distinct, settings) if distinct is not None else ()),
        aside(
            say(
                "Randomisation p = (1 + number of draws at least as extreme) / (1 + number of draws); its Monte-Carlo "
                "standard error is in parentheses. That of {statistic} is the studentised test, of estimate / standard "
                "error.",
                statistic=statistic_name(fit.df),
            )
        ),
        *draws_without_a_number(frame, settings),
        *_event_times(asked),
        say(
            "Estimator: {estimator}; outcome: {outcome}; controls: {controls}.",
            estimator=_estimator(settings),
            outcome=info.label(settings.outcome),
            controls=[info.label(c) for c in settings.controls] or say("none"),
        ),
        *([notes.effects_sentence(settings.fixed_effects, info)] if entry.fixed_effects else []),
        notes.errors_sentence(fit, info, say("Standard errors")),
        say("Of the observed estimate: {sample}", sample=notes.sample_sentence(fit, info)),
        *([say("Restricted to {words}.", words=words)] if words else []),
    ]
    if settings.draws > MAX_POINTS and settings.estimator != "event_study":
        sentences.append(say("The figure shows draws 0 to {last}, the table all.", last=MAX_POINTS - 1))
    return (*sentences, *notes.simulated_sentence(info))


def _event_times(asked: EventColumns | None) -> list[str]:
    """Say what the coefficients of every draw are measured against, and which event times have none."""
    if asked is None:
        return []
    second = asked.normalisation.second
    gone = [(tau, why) for tau, why in asked.missing.items() if tau not in second]
    return [
        say("Every draw has the base of the observed estimate: {base}.", base=base(asked.window)),
        *normalisation_sentences(asked.normalisation),
        *(say("τ = {tau} not estimated: {why}.", tau=tau, why=why) for tau, why in gone),
    ]


def _distinct(count: int, settings: Settings) -> list[str]:
    """Say how many different assignments there are; of fewer than the draws, draws repeat each other."""
    if settings.leads:
        return []
    if count < settings.draws:
        return [say("There are {n:,} distinct assignments: draws repeat them.", n=count)]
    if count < 10**9:
        return [aside(say("There are {n:,} distinct assignments.", n=count))]
    if count < 10**300:
        return [aside(say("There are about {n:.1e} distinct assignments.", n=float(count)))]
    return [aside(say("There are more than 1e300 distinct assignments."))]


def _how_drawn(settings: Settings) -> str:
    parts = [
        {
            "permute": say("which units are treated is permuted, the size of each adoption cohort kept"),
            "random": say("treated units and their adoption years are both drawn at random"),
            "in_time": say(
                "adoption of the treated units is moved earlier and years from the true adoption on are dropped"
            ),
        }[settings.mode]
    ]
    if settings.strata:
        parts.append(say("within each {stratum}", stratum=settings.strata))
    if settings.assign_by != "unit":
        parts.append(say("each {group} as a whole", group=settings.assign_by))
    if settings.pool != "all":
        parts.append(say("among units never treated, the treated ones left out"))
    return joined(parts, "commas")


def _estimator(settings: Settings) -> str:
    """Name the estimator, what it estimates and with which options."""
    options = [f"{key}: {_words(value)}" for key, value in settings.options.items()]
    words = find_entry(settings.estimator).words
    return say("{estimator} ({options})", estimator=words, options=options) if options else words


def _words(value: Any) -> str:
    """Write the value of an option as the study file has it, without its brackets."""
    if isinstance(value, Mapping):
        return " ".join(f"{key} {_words(v)}" for key, v in value.items())
    return " ".join(map(_words, value)) if isinstance(value, list) else str(value).lower()


def draws_without_a_number(frame: pd.DataFrame, settings: Settings) -> list[str]:
    """Say how many draws gave no number, and why; for an event study, how many at some event time."""
    bad = frame.loc[frame["status"] != OK].drop_duplicates(["draw", "status"])
    if bad.empty:
        return [aside(say("Every draw gave an estimate."))]
    absorbed = say("fixed effects and controls absorb the pseudo-treatment")
    reasons = bad["status"].where(bad["status"] != ABSORBED, str(absorbed))
    counts = reasons.value_counts().rename_axis("reason").reset_index(name="draws")
    counts = counts.sort_values(["draws", "reason"], ascending=[False, True], ignore_index=True)
    shown = list(counts.head(MAX_REASONS).itertuples(index=False, name=None))
    rest = counts.iloc[MAX_REASONS:]
    if len(rest):
        shown.append((say("{n} other reasons", n=len(rest)), int(rest["draws"].sum())))
    counts_of = [{"n": int(n), "draws": settings.draws, "why": reason} for reason, n in shown]
    if settings.estimator == "event_study":
        return [
            say("{n} of {draws} draws gave no estimate of some event time and are left out there: {why}.", **one)
            for one in counts_of
        ]
    return [say("{n} of {draws} draws gave no estimate and are left out there: {why}.", **one) for one in counts_of]
