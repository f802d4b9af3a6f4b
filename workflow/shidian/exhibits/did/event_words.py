"""The note of an event study: its base, what else is zero, the joint test, and what a referee would object to."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from shidian.did.base_period import Normalisation
from shidian.did.event_study import EventStudy
from shidian.did.event_window import Window, relative_time
from shidian.did.pretest_words import rejected
from shidian.exhibits import notes
from shidian.exhibits.cohorts import cohort_warnings, rows_used
from shidian.exhibits.did.model_words import model_sentences
from shidian.exhibits.regression_table import Style
from shidian.exhibits.result import StudyInfo
from shidian.ledger import about, ledger_row, ledger_row_of
from shidian.messages import aside, joined, say
from shidian.printed import p_words


def sentences(study: EventStudy, settings: Mapping[str, Any], info: StudyInfo, style: Style, words: str) -> list[str]:
    """Return the sentences of the note, ``words`` those of a restricted sample."""
    fit, window = study.regression.fit, study.window
    text = [
        say(
            "Coefficients by time since adoption (τ), {first} to {last}; reference {base}; {ends}.",
            first=window.first, last=window.last, base=base(window), ends=_ends(window),
        ),
        *normalisation_sentences(study.normalisation),
    ]  # fmt: skip
    if study.outside:
        text.append(aside(say("In the data but without a coefficient of its own: τ = {taus}.", taus=study.outside)))
    text += [say("Intervals are pointwise, at 95%."), *_pretrend(study)]
    text.append(notes.controls_sentence([info.label(name) for name in settings["controls"]]))
    text += notes.restricted_sentences(words)
    text += model_sentences(study.regression, settings, info)
    gone = study.missing[~study.missing["tau"].isin(list(study.normalisation.second))]
    text += [say("τ = {tau} not estimated: {why}.", tau=r["tau"], why=r["reason"]) for r in gone.to_dict("records")]
    text += notes.omitted_sentences(omitted_controls(study), info)
    return [
        *text, notes.effects_sentence(settings["fixed_effects"], info),
        notes.errors_sentence(fit, info, style.errors_words(fit.df)),
        *notes.weights_sentences(settings, study.regression.sample, info), notes.sample_sentence(fit, info),
    ]  # fmt: skip


def _ends(window: Window) -> str:
    """Say what happens to relative times beyond the window."""
    return {
        "bin": say("the ends are binned (τ ≤ {first} and τ ≥ {last})", first=window.first, last=window.last),
        "omit": say("relative times outside have no dummy and so belong to the reference"),
        "omit_before": say(
            "earlier times have no dummy and so are reference; the last is binned (τ ≥ {last})", last=window.last
        ),
        "drop": say("rows of treated units outside are dropped"),
    }[window.ends]


def normalisation_sentences(found: Normalisation) -> list[str]:
    """Return the sentences on a base other than the one asked for, on what else is zero, and on anticipation."""
    window, text = found.window, []
    if found.unobserved:
        text.append(
            say(
                "No treated unit is observed at {times}, asked for as reference; the base is {base}.",
                times=times(window, found.unobserved),
                base=base(window),
            )
        )
    for reason in dict.fromkeys(found.second.values()):
        of = [tau for tau, why in found.second.items() if why == reason]
        text.append(say("{times}: {why}.", times=times(window, of), why=reason))
    if window.anticipation == 1:
        text.append(say("Anticipation of 1 year: the period τ = -1 counts as after adoption."))
    elif k := window.anticipation:
        text.append(
            say("Anticipation of {n} years: the periods τ = {first} to -1 count as after adoption.", n=k, first=-k)
        )
    return text


def normalisation_warnings(found: Normalisation, outside: Iterable[int] = ()) -> list[str]:
    """Return the warnings of a base or of further zeros that the study file does not name, or that lie after adoption.

    ``outside`` are the relative times in the data outside the window.
    """
    window, said = found.window, []
    if found.unobserved:
        said.append(
            say(
                "no treated unit is observed at {times}: effects are relative to {base}",
                times=times(window, found.unobserved),
                base=base(window),
            )
        )
    if found.second:
        said.append(
            say(
                "relative times are collinear: {times} set to zero beside the reference, and the other coefficients "
                "rest on it; `reference` can name other periods",
                times=times(window, found.second),
            )
        )
    late = [tau for tau in window.reference if tau >= 0]
    if late:
        said.append(
            say("the reference {times} lies after adoption: its effect is set to zero", times=times(window, late))
        )
    if window.ends == "omit" and any(tau > window.last for tau in outside):
        said.append(
            say(
                "relative times after τ = {last} are part of the reference: their effects are set to zero",
                last=window.last,
            )
        )
    return said


def normalisation_ledger(found: Normalisation, exhibit: str) -> list[dict[str, Any]]:
    """Return the ledger's line of a base other than the one asked for."""
    if not found.unobserved:
        return []
    reason = say(
        "no treated unit at {times}: {base} used", times=times(found.window, found.unobserved), base=base(found.window)
    )
    return [ledger_row(say("estimation"), about(exhibit, say("base period")), reason)]


def base(window: Window) -> str:
    """Return the words for the base period."""
    return times(window, window.reference) or f"τ < {window.first}"


def times(window: Window, taus: Iterable[int]) -> str:
    """Return the words for relative times, in order."""
    return joined(window.words(tau) for tau in sorted(taus))


def missing_ledger(study: EventStudy, exhibit: str) -> list[dict[str, Any]]:
    """Return the ledger's lines of relative times without an estimate."""
    rows = study.missing.to_dict("records")
    return [ledger_row(say("estimation"), about(exhibit, r["term"]), str(r["reason"])) for r in rows]


def outside_ledger(study: EventStudy, panel: pd.DataFrame, exhibit: str) -> list[dict[str, Any]]:
    """Return the ledger's line of the rows of treated units outside the window, where ``ends`` drops them."""
    window = study.window
    if window.ends != "drop":
        return []
    tau = relative_time(panel)
    gone = panel[(tau.notna() & ~tau.between(window.first, window.last)).fillna(False).to_numpy(dtype=bool)]
    if gone.empty:
        return []
    reason = say("time since adoption outside {first} to {last} (ends: drop)", first=window.first, last=window.last)
    return [ledger_row_of(gone, "estimation sample", exhibit, reason)]


def pretrend_warnings(study: EventStudy) -> tuple[str, ...]:
    """Return the objection to a joint test before adoption that is rejected."""
    test = study.pretrend
    if test is None:
        return ()
    df = "∞" if math.isinf(test.df2) else f"{test.df2:g}"
    statistic = f"F({test.df1}, {df}) = {test.F:.3f}"
    return rejected(say("the {n} coefficients {when}", n=test.df1, when=_when(study)), statistic, test.p)


def thin_warnings(study: EventStudy, panel: pd.DataFrame) -> list[str]:
    """Return the warnings of coefficients that rest on one treated unit, and of the cohorts behind all of them."""
    warnings = cohort_warnings(rows_used(panel, study.regression.sample), by_cohort=False)
    taus = _thin(study)["tau"].tolist()
    if taus and not any(w.startswith("one treated unit") for w in warnings):
        one = len(taus) == 1
        warnings.insert(
            0,
            say("the coefficient at τ = {taus} rests on one treated unit", taus=taus)
            if one
            else say("the coefficients at τ = {taus} rest on one treated unit", taus=taus),
        )
    return warnings


def thin_ledger(study: EventStudy, exhibit: str) -> list[dict[str, Any]]:
    """Return the ledger's lines of coefficients that rest on one treated unit."""
    terms = _thin(study)["term"]
    why = say("rests on one treated unit")
    return [ledger_row(say("estimation"), about(exhibit, term), why, units=1) for term in terms]


def omitted_controls(study: EventStudy) -> dict[str, str]:
    """Return the controls that could not be estimated; relative times have their reason among the effects."""
    times = set(study.effects["term"])
    return {name: why for name, why in study.regression.omitted.items() if name not in times}


def _pretrend(study: EventStudy) -> list[str]:
    when = _when(study)
    if study.pretrend is not None:
        test = study.pretrend
        said = {"n": test.df1, "when": when, "F": test.F, "p": p_words(test.p)}
        if math.isinf(test.df2):
            return [say("Joint test of the {n} coefficients {when}: F({n}, ∞) = {F:.3f}, {p}.", **said)]
        return [
            say(
                "Joint test of the {n} coefficients {when}: F({n}, {df:g}) = {F:.3f}, {p}.",
                df=test.df2,
                **said,
            )
        ]
    if len(study.tested):
        return [say("No joint test {when}: the covariance of those coefficients has lower rank.", when=when)]
    return []


def _when(study: EventStudy) -> str:
    early = study.window.anticipation
    return say("before τ = {tau}", tau=-early) if early else say("before adoption")


def _thin(study: EventStudy) -> pd.DataFrame:
    found = study.effects[~study.effects["is_reference"]]
    return found[(found["n_treated"] == 1) & found["estimate"].notna()]
