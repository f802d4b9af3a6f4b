"""Estimated efficiency beside the planted one: rank correlation, bias, and the policy effect on each.

Estimated scores may be super-efficient (above 1), which true scores never are; ranks are compared, and the policy
effect is the same regression on scores, on the true efficiency of the same cities, and on the noise-free world.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from shidian.did.twfe import regress
from shidian.errors import EstimationError
from shidian.estimates import normalise
from shidian.exhibits import notes
from shidian.exhibits.result import Cell, ExhibitResult, Row, StudyInfo, Table

TRUE = "true efficiency"


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
    score, exhibit = str(spec["score"]), notes.exhibit_id(spec)
    if score not in truth.columns:
        raise EstimationError(f"exhibit '{exhibit}': no true values of '{score}' are planted")
    both = panel.merge(truth[["unit", "year", score]].rename(columns={score: TRUE}), on=["unit", "year"], how="left")
    both = both[both[score].notna()]
    lost = both[both[TRUE].isna()]
    if len(lost):
        raise EstimationError(f"unit {lost['unit'].iloc[0]} has a score in {lost['year'].iloc[0]}, but no true value")
    closeness = _closeness(both, score)
    effects = {
        "Scores": _effect(both, score, spec, info), "True efficiency": _effect(both, TRUE, spec, info),
        "Without disturbances": _effect(noise_free, score, spec, info),
    }  # fmt: skip
    terms = [{"column": "closeness", "term": name, "estimate": value} for name, value in closeness.items()]
    frames = [normalise(pd.DataFrame(terms).assign(study=info.study, exhibit=exhibit))]
    frames += [fit.long(info.study, exhibit, name) for name, fit in effects.items()]
    rows = [Row(n, (Cell(f"{v:z.4f}", ("closeness", n, "estimate")), Cell(""), Cell(""))) for n, v in closeness.items()]
    rows += [_effect_row(name, fit, info, rule=not i) for i, (name, fit) in enumerate(effects.items())]
    header = ((("", 1), ("Estimate", 1), ("Standard error", 1), ("N", 1)),)
    scores_fit = effects["Scores"]
    sentences = (
        "Rank correlations are Spearman's. Bias: score minus truth, on scores of at most 1 and on all.",
        notes.effects_sentence(spec["fixed_effects"], info),
        notes.errors_sentence(scores_fit, info, "Standard errors"),
        notes.sample_sentence(scores_fit, info),
        *notes.simulated_sentence(info),
    )
    return ExhibitResult(pd.concat(frames, ignore_index=True), Table(header, tuple(rows)), notes=sentences)


def _closeness(both: pd.DataFrame, score: str) -> dict[str, float]:
    """Return rank correlations over all rows and within years, and the bias of scores."""
    by_year = pd.Series({year: part[score].corr(part[TRUE], method="spearman") for year, part in both.groupby("year")})
    error = both[score] - both[TRUE]
    return {
        "Rank correlation, all unit-years": float(both[score].corr(both[TRUE], method="spearman")),
        "Rank correlation within years, mean": float(by_year.mean()),
        "Rank correlation within years, lowest": float(by_year.min()),
        "Bias, scores of at most 1": float(error[both[score] <= 1].mean()),
        "Bias, all scores": float(error.mean()),
    }


def _effect(panel: pd.DataFrame, outcome: str, spec: Mapping[str, Any], info: StudyInfo) -> Any:
    regressors = [info.treatment, *spec.get("controls", [])]
    return regress(
        panel, outcome, regressors, spec["fixed_effects"], spec["vcov"], spec["ssc"], singletons=spec.get("singletons")
    ).fit


def _effect_row(name: str, fit: Any, info: StudyInfo, *, rule: bool) -> Row:
    at = list(fit.terms).index(info.treatment)
    cells = (
        Cell(f"{float(fit.coef[at]):z.5f}", (name, info.treatment, "estimate")),
        Cell(f"{float(fit.se[at]):.5f}", (name, info.treatment, "se")),
        Cell(f"{fit.n_obs:,}", (name, info.treatment, "n_obs")),
    )
    return Row(f"{info.label(info.treatment)}: {name.lower()}", cells, rule_above=rule)
