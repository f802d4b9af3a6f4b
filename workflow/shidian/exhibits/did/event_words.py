"""The note of an event study: its base, what else is zero, the joint test, and what a referee would object to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from shidian.did.base_period import Normalisation
from shidian.did.event_study import EventStudy
from shidian.did.event_window import Window
from shidian.did.pretest_words import rejected
from shidian.exhibits import notes
from shidian.exhibits.cohorts import cohort_warnings, rows_used
from shidian.exhibits.regression_table import Style
from shidian.exhibits.result import StudyInfo, ledger_row


def sentences(study: EventStudy, settings: Mapping[str, Any], info: StudyInfo, style: Style, words: str) -> list[str]:
    """Return the sentences of the note, ``words`` those of a restricted sample."""
    fit, window = study.regression.fit, study.window
    ends = {
        "bin": f"the ends are binned (τ ≤ {window.first} and τ ≥ {window.last})",
        "omit": "relative times outside have no dummy and so belong to the reference",
        "omit_before": f"earlier times have no dummy and so are reference; the last is binned (τ ≥ {window.last})",
        "drop": "rows of treated units outside are dropped",
    }[window.ends]
    text = [
        f"Coefficients by time since adoption (τ), {window.first} to {window.last}; reference {base(window)}; {ends}."
    ]
    text += normalisation_sentences(study.normalisation)
    if study.outside:
        text.append("In the data but without a coefficient of its own: τ = " + ", ".join(map(str, study.outside)) + ".")
    text += ["Intervals are pointwise, at 95%.", *_pretrend(study)]
    controls = [info.label(name) for name in settings["controls"]]
    text.append(f"Controls: {', '.join(controls)}." if controls else "No controls.")
    if words:
        text.append(f"Rows restricted to: {words}.")
    gone = study.missing[~study.missing["tau"].isin(list(study.normalisation.second))]
    text += [f"τ = {r['tau']} not estimated: {r['reason']}." for r in gone.to_dict("records")]
    text += notes.omitted_sentences(omitted_controls(study), info)
    return [
        *text, notes.effects_sentence(settings["fixed_effects"], info),
        notes.errors_sentence(fit, info, style.errors_words()), notes.sample_sentence(fit, info),
        notes.stars_sentence(style.stars),
    ]  # fmt: skip


def normalisation_sentences(found: Normalisation) -> list[str]:
    """Return the sentences on a base other than the one asked for, on what else is zero, and on anticipation."""
    window, text = found.window, []
    if found.unobserved:
        text.append(
            f"No treated unit is observed at {times(window, found.unobserved)}, asked for as reference; "
            f"the base is {base(window)}."
        )
    for reason in dict.fromkeys(found.second.values()):
        of = [tau for tau, why in found.second.items() if why == reason]
        text.append(f"{times(window, of)}: {reason}.")
    if k := window.anticipation:
        periods = "the period τ = -1 counts" if k == 1 else f"the periods τ = {-k} to -1 count"
        text.append(f"Anticipation of {k} year{'s' * (k > 1)}: {periods} as after adoption.")
    return text


def normalisation_warnings(found: Normalisation, outside: Iterable[int] = ()) -> list[str]:
    """Return the warnings of a base or of further zeros that the study file does not name, or that lie after adoption.

    ``outside`` are the relative times in the data outside the window.
    """
    window, said = found.window, []
    if found.unobserved:
        said.append(
            f"no treated unit is observed at {times(window, found.unobserved)}: effects are relative to {base(window)}"
        )
    if found.second:
        said.append(
            f"relative times are collinear: {times(window, found.second)} set to zero beside the reference, and the "
            "other coefficients rest on it; `reference` can name other periods"
        )
    late = [tau for tau in window.reference if tau >= 0]
    if late:
        said.append(f"the reference {times(window, late)} lies after adoption: its effect is set to zero")
    if window.ends == "omit" and any(tau > window.last for tau in outside):
        said.append(f"relative times after τ = {window.last} are part of the reference: their effects are set to zero")
    return said


def normalisation_ledger(found: Normalisation, exhibit: str) -> list[dict[str, Any]]:
    """Return the ledger's line of a base other than the one asked for."""
    if not found.unobserved:
        return []
    reason = f"no treated unit at {times(found.window, found.unobserved)}: {base(found.window)} used"
    return [ledger_row("estimation", f"{exhibit} base period", reason)]


def base(window: Window) -> str:
    """Return the words for the base period."""
    return times(window, window.reference) or f"τ < {window.first}"


def times(window: Window, taus: Iterable[int]) -> str:
    """Return the words for relative times, in order."""
    return ", ".join(window.words(tau) for tau in sorted(taus))


def missing_ledger(study: EventStudy, exhibit: str) -> list[dict[str, Any]]:
    """Return the ledger's lines of relative times without an estimate."""
    rows = study.missing.to_dict("records")
    return [ledger_row("estimation", f"{exhibit} {r['term']}", str(r["reason"])) for r in rows]


def pretrend_warnings(study: EventStudy) -> tuple[str, ...]:
    """Return the objection to a joint test before adoption that is rejected."""
    test = study.pretrend
    if test is None:
        return ()
    statistic = f"F({test.df1}, {test.df2:g}) = {test.F:.3f}"
    return rejected(f"the {test.df1} coefficients {_when(study)}", statistic, test.p)


def thin_warnings(study: EventStudy, panel: pd.DataFrame) -> list[str]:
    """Return the warnings of coefficients that rest on one treated unit, and of the cohorts behind all of them."""
    warnings = cohort_warnings(rows_used(panel, study.regression.sample), by_cohort=False)
    taus = _thin(study)["tau"].tolist()
    if taus and not any(w.startswith("one treated unit") for w in warnings):
        one = len(taus) == 1
        at = f"coefficient{'' if one else 's'} at τ = {', '.join(map(str, taus))} rest{'s' if one else ''}"
        warnings.insert(0, f"the {at} on one treated unit")
    return warnings


def thin_ledger(study: EventStudy, exhibit: str) -> list[dict[str, Any]]:
    """Return the ledger's lines of coefficients that rest on one treated unit."""
    terms = _thin(study)["term"]
    return [ledger_row("estimation", f"{exhibit} {term}", "rests on one treated unit", units=1) for term in terms]


def omitted_controls(study: EventStudy) -> dict[str, str]:
    """Return the controls that could not be estimated; relative times have their reason among the effects."""
    times = set(study.effects["term"])
    return {name: why for name, why in study.regression.omitted.items() if name not in times}


def _pretrend(study: EventStudy) -> list[str]:
    when = _when(study)
    if study.pretrend is not None:
        test = study.pretrend
        return [
            f"Joint test of the {test.df1} coefficients {when}: "
            f"F({test.df1}, {test.df2:g}) = {test.F:.3f}, p = {test.p:.4f}."
        ]
    if len(study.tested):
        return [f"No joint test {when}: the covariance of those coefficients has lower rank."]
    return []


def _when(study: EventStudy) -> str:
    return f"before τ = {-study.window.anticipation}" if study.window.anticipation else "before adoption"


def _thin(study: EventStudy) -> pd.DataFrame:
    found = study.effects[~study.effects["is_reference"]]
    return found[(found["n_treated"] == 1) & found["estimate"].notna()]
