"""The words of the robust staggered estimators: the note's sentences, the ledger's lines, the warnings."""

from __future__ import annotations

from typing import Any

import pandas as pd

from shidian.did.cohort_base import cohort_cells
from shidian.did.second_engine import Check
from shidian.did.staggered import Design, Effects, LeftOut
from shidian.did.staggered.gaps import never_treated_lost
from shidian.exhibits import notes
from shidian.exhibits.cohorts import cohort_warnings
from shidian.exhibits.regression_table import Style
from shidian.exhibits.result import StudyInfo
from shidian.inference.covariance import few_clusters_warning
from shidian.ledger import ledger_row
from shidian.messages import aside, joined, say

NONE_LEFT = "no never-treated units"


def effective_cells(asked: Design) -> pd.DataFrame:
    """Return the cells of cohort and year that are no base in the sample: cohort, year, tau, base, units."""
    cells = cohort_cells(asked.panel, asked.anticipation)
    return cells[cells["base"].notna() & (cells["year"] != cells["base"])]


def reference_of(asked: Design) -> int | None:
    """Return the base period of the sample: the usual one where a cohort has it, else that of all; None if several."""
    cells = cohort_cells(asked.panel, asked.anticipation).dropna(subset=["base"])
    taus = set((cells["base"] - cells["cohort"]).astype(int))
    if asked.reference in taus:
        return asked.reference
    return next(iter(taus)) if len(taus) == 1 else None


def general_sentences(asked: Design, info: StudyInfo, restricted: str, errors: str, style: Style) -> list[str]:
    """Return the sentences on sample, errors (``errors`` opens theirs), reference and controls, which columns share."""
    tau = reference_of(asked)
    reference = say("each cohort's last period observed before adoption") if tau is None else f"τ = {tau}"
    text = [
        notes.rows_sentence(len(asked.panel), asked.panel["unit"].nunique(), asked.sample.n_missing, info),
        *notes.singletons_sentences(asked.sample),
        say(
            "{errors}: clustered by {by}. Reference {reference}.",
            errors=errors,
            by=notes.effect_label(asked.cluster, info),
            reference=reference,
        ),
    ]
    if asked.weighting:
        text.append(notes.weighted_by(asked.weighting, asked.sample.n_zero, info))
    if asked.anticipation:
        text.append(
            say(
                "Anticipation of {n} years allowed for: effects from τ = -{n} on are no part of tests before adoption.",
                n=asked.anticipation,
            )
        )
    if asked.always_treated:
        text.append(
            say("Kept as controls of TWFE, treated from their first year on: {units}.", units=asked.always_treated)
            if asked.keep_always
            else say("Left out, treated from their first year on: {units}.", units=asked.always_treated)
        )
    text += notes.restricted_sentences(restricted)
    text.append(notes.controls_sentence([info.label(name) for name in asked.controls]))
    return [*text, notes.stars_sentence(style.stars)]


def estimator_sentences(effects: Effects, verdict: Check | None) -> list[str]:
    """Return the sentences on one estimator: what its overall effect averages and remarks; how it was checked."""
    parts = [effects.target, *(remark.rstrip(".") for remark in effects.remarks)]
    sentence = say("{name}: {parts}.", name=effects.name, parts=joined(parts, "clauses"))
    if verdict is None:
        return [sentence]
    check = say("{name} (engine {engine}): {check}.", name=effects.name, engine=effects.engine, check=verdict.words)
    return [sentence, aside(check) if verdict.agrees else check]


def left_out_ledger(left: tuple[LeftOut, ...], step: str, whose: str = "") -> list[dict[str, Any]]:
    """Return the ledger's lines on units and rows that an estimate does not use."""
    return [ledger_row(step, _whose(whose, part.who), part.why, units=part.units, rows=part.rows) for part in left]


def _whose(whose: str, who: str) -> str:
    return say("{name}: {text}", name=whose, text=who) if whose and who else whose or who


def warnings_of(asked: Design, thin: list[int]) -> list[str]:
    """Return what a referee would object to in the sample; ``thin`` are times with one treated unit."""
    few = few_clusters_warning(asked.panel[asked.cluster].nunique())
    lost = never_treated_lost(asked)
    cohorts = cohort_warnings(asked.panel)
    if lost:
        cohorts = [w for w in cohorts if not w.startswith(NONE_LEFT)]
        cohorts.append(say("no never-treated unit is in the sample: {lost}", lost=lost))
    text = [*([few] if few else []), *cohorts]
    if asked.keep_always:
        text.append(
            say(
                "{n} units treated from their first year on are controls of TWFE: where effects change over time, they "
                "bend it",
                n=len(asked.always_treated),
            )
        )
    if thin and asked.panel.loc[asked.panel["adoption_year"].notna(), "unit"].nunique() > 1:
        text.append(say("at τ = {taus} one treated unit alone is observed: no effect is printed there", taus=thin))
    return text


def own_warnings(effects: Effects, asked: Design, verdict: Check | None) -> list[str]:
    """Return what a referee would object to in one estimator: what it uses of the sample, the second engine."""
    said = list(effects.warnings)
    few = few_clusters_warning(effects.n_clusters)
    if few and not few_clusters_warning(asked.panel[asked.cluster].nunique()):
        said.append(few)
    if _one_at_a_time(effects) and asked.panel.loc[asked.panel["adoption_year"].notna(), "unit"].nunique() > 1:
        said.append(say("one treated unit at a time is behind its overall effect: the standard error is far too small"))
    if verdict and not verdict.agrees:
        said.append(verdict.words)
    return [say("{name}: {what}", name=effects.name, what=text) for text in said]


def _one_at_a_time(effects: Effects) -> bool:
    """Say whether each effect after adoption rests on one treated unit, by the estimator's own count of them."""
    if "n_treated" not in effects.event:
        return False
    after = effects.event.loc[(effects.event["tau"] >= 0) & effects.event["estimate"].notna(), "n_treated"]
    return len(after) > 0 and bool(after.eq(1).all())
