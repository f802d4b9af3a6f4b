"""Estimated efficiency beside the planted one: rank correlation, bias, and the policy effect on each.

Estimated scores may be super-efficient (above 1), which true scores never are; ranks are compared, and the policy
effect is the same regression on scores, on the true efficiency of the same cities, and on the noise-free world.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from shidian.did.twfe import Regression, regress
from shidian.errors import EstimationError
from shidian.estimates import normalise
from shidian.exhibits import notes
from shidian.exhibits.crossed import entered
from shidian.exhibits.regression_table import DASH
from shidian.exhibits.result import Cell, ExhibitResult, Row, StudyInfo, Table
from shidian.exhibits.samples import by_rows, by_sample
from shidian.messages import say
from shidian.printed import fixed

TRUE = "true efficiency"
SCORES, NOISE_FREE = "Scores", "Without disturbances"
EFFECTS = {
    SCORES: say("scores"), "True efficiency": say("true efficiency"),
    NOISE_FREE: say("without disturbances"),
}  # fmt: skip
"""Column of an effect among the estimates -> its words."""


def run(
    panel: pd.DataFrame, truth: pd.DataFrame, noise_free: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo
) -> ExhibitResult:
    """Compare the score ``spec["score"]`` with its truth.

    Args:
        panel: the panel.
        truth: unit, year and the true score under the score's name.
        noise_free: the panel without disturbances, true efficiency in place of the score.
        spec: resolved specification with score, controls, fixed_effects, vcov, ssc.
        info: the study.

    Raises:
        EstimationError: no truth of that score; a unit-year of the panel without one.
    """
    noise_free = entered(noise_free, spec)[0]
    panel, spec = entered(panel, spec)
    score, exhibit = str(spec["score"]), notes.exhibit_id(spec)
    if score not in truth.columns:
        raise EstimationError(
            say("exhibit '{exhibit}': no true values of '{score}' are planted", exhibit=exhibit, score=score)
        )
    true = truth[["unit", "year", score]].rename(columns={score: TRUE})
    both = panel.merge(true, on=["unit", "year"], how="left").set_axis(panel.index)
    both = both[both[score].notna()]
    lost = both[both[TRUE].isna()]
    if len(lost):
        raise EstimationError(
            say(
                "unit {unit} has a score in {year}, but no true value",
                unit=lost["unit"].iloc[0],
                year=lost["year"].iloc[0],
            )
        )
    closeness = _closeness(both, score)
    effects = {
        SCORES: _effect(both, score, spec, info), "True efficiency": _effect(both, TRUE, spec, info),
        NOISE_FREE: _effect(noise_free, score, spec, info),
    }  # fmt: skip
    terms = [{"column": "closeness", "term": name, "estimate": value} for name, value in closeness.items()]
    frames = [normalise(pd.DataFrame(terms).assign(study=info.study, exhibit=exhibit))]
    frames += [r.fit.long(info.study, exhibit, name) for name, r in effects.items()]
    rows = [Row(n, (Cell(fixed(v, 4), ("closeness", n, "estimate")), Cell(""), Cell(""))) for n, v in closeness.items()]
    rows += [_effect_row(name, r.fit, info, rule=not i) for i, (name, r) in enumerate(effects.items())]
    header = ((("", 1), (say("Estimate"), 1), (say("Standard error"), 1), ("N", 1)),)
    scores_fit = effects[SCORES].fit
    settings = {**spec, "outcome": score, "treatment": info.treatment}
    used = {name: by_sample(r.sample, both, settings) for name, r in effects.items()}
    used[NOISE_FREE] = replace(by_sample(effects[NOISE_FREE].sample, noise_free, settings), noise_free=True)
    sentences = (
        say("Rank correlations are Spearman's. Bias: score minus truth, on scores of at most 1 and on all."),
        notes.effects_sentence(spec["fixed_effects"], info),
        notes.errors_sentence(scores_fit, info, say("Standard errors")),
        notes.sample_sentence(scores_fit, info),
        *notes.simulated_sentence(info),
    )
    used["closeness"] = by_rows(both, panel, {"outcome": (score,)})
    return ExhibitResult(pd.concat(frames, ignore_index=True), Table(header, tuple(rows)), notes=sentences, used=used)


def _closeness(both: pd.DataFrame, score: str) -> dict[str, float]:
    """Return rank correlations over all rows and within years, and the bias of scores."""
    by_year = pd.Series({year: part[score].corr(part[TRUE], method="spearman") for year, part in both.groupby("year")})
    error = both[score] - both[TRUE]
    return {
        say("Rank correlation, all unit-years"): float(both[score].corr(both[TRUE], method="spearman")),
        say("Rank correlation within years, mean"): float(by_year.mean()),
        say("Rank correlation within years, lowest"): float(by_year.min()),
        say("Bias, scores of at most 1"): float(error[both[score] <= 1].mean()),
        say("Bias, all scores"): float(error.mean()),
    }


def _effect(panel: pd.DataFrame, outcome: str, spec: Mapping[str, Any], info: StudyInfo) -> Regression:
    regressors = [info.treatment, *spec.get("controls", [])]
    return regress(
        panel, outcome, regressors, spec["fixed_effects"], spec["vcov"], spec["ssc"], singletons=spec.get("singletons")
    )


def _effect_row(name: str, fit: Any, info: StudyInfo, *, rule: bool) -> Row:
    at = list(fit.terms).index(info.treatment)
    why = fit.reasons[at]
    error = (
        Cell(DASH, (name, info.treatment, "reason"))
        if why
        else Cell(f"{float(fit.se[at]):.5f}", (name, info.treatment, "se"))
    )
    cells = (
        Cell(fixed(float(fit.coef[at]), 5), (name, info.treatment, "estimate")),
        error,
        Cell(f"{fit.n_obs:,}", (name, info.treatment, "n_obs")),
    )
    label = say("{variable}: {outcome}", variable=info.label(info.treatment), outcome=EFFECTS[name])
    return Row(label, cells, rule_above=rule)
