"""Estimated efficiency beside the planted one: rank correlation, bias, and the policy effect on each.

Estimated scores may be super-efficient (above 1), which true scores never are; ranks are compared, and the policy
effect is the same regression on scores, on the true efficiency of the same cities, and on the noise-free world, whose
effect the intervals of the others should hold. What does not hold is a warning, as is a world in which scores and truth
agree by construction.
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
LOWEST, EFFICIENT = say("Rank correlation within years, lowest"), say("Efficient units a year, mean")
LEAST_RANK = 0.9
"""Rank correlation within a year below which scores do not order units as the truth does."""
FEW = 5
"""Efficient units a year below which the frontier is that of a few."""


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
    blank = (Cell(""),) * 4
    rows = [Row(n, (Cell(fixed(v, 4), ("closeness", n, "estimate")), *blank)) for n, v in closeness.items()]
    lines = {
        name: frame[frame["term"] == info.treatment].iloc[0] for name, frame in zip(effects, frames[1:], strict=True)
    }
    target = float(lines[NOISE_FREE]["estimate"])
    rows += [_effect_row(name, line, target, info, rule=not i) for i, (name, line) in enumerate(lines.items())]
    heads = (say("Estimate"), say("Standard error"), "N", say("95% interval"), say("Holds the truth"))
    header = ((("", 1), *((head, 1) for head in heads)),)
    scores_fit = effects[SCORES].fit
    settings = {**spec, "outcome": score, "treatment": info.treatment}
    used = {name: by_sample(r.sample, both, settings) for name, r in effects.items()}
    used[NOISE_FREE] = replace(by_sample(effects[NOISE_FREE].sample, noise_free, settings), noise_free=True)
    sentences = (
        say("Rank correlations are Spearman's. Bias: score minus truth, on scores of at most 1 and on all."),
        say("The truth of the effect is that without disturbances, {number}.", number=fixed(target, 5)),
        notes.effects_sentence(spec["fixed_effects"], info),
        notes.errors_sentence(scores_fit, info, say("Standard errors")),
        notes.sample_sentence(scores_fit, info),
        *notes.simulated_sentence(info),
    )
    used["closeness"] = by_rows(both, panel, {"outcome": (score,)})
    return ExhibitResult(
        pd.concat(frames, ignore_index=True), Table(header, tuple(rows)), notes=sentences, used=used,
        warnings=(*_unlike(closeness), *_missed(lines, target, info)),
    )  # fmt: skip


def _closeness(both: pd.DataFrame, score: str) -> dict[str, float]:
    """Return rank correlations over all rows and within years, and the bias of scores."""
    by_year = pd.Series({year: part[score].corr(part[TRUE], method="spearman") for year, part in both.groupby("year")})
    error = both[score] - both[TRUE]
    return {
        say("Rank correlation, all unit-years"): float(both[score].corr(both[TRUE], method="spearman")),
        say("Rank correlation within years, mean"): float(by_year.mean()),
        LOWEST: float(by_year.min()),
        say("Bias, scores of at most 1"): float(error[both[score] <= 1].mean()),
        say("Bias, all scores"): float(error.mean()),
        EFFICIENT: float((both[score] >= 1).groupby(both["year"]).sum().mean()),
    }


def _unlike(closeness: Mapping[str, float]) -> list[str]:
    """Warn of scores that do not order units as the truth does, and of those that cannot but do so."""
    found = []
    if closeness[LOWEST] < LEAST_RANK:
        found.append(
            say(
                "scores do not order units as true efficiency does: the lowest rank correlation within a year is "
                "{number}, below {least:g}",
                number=fixed(closeness[LOWEST], 4),
                least=LEAST_RANK,
            )
        )
    if 0 < closeness[EFFICIENT] < FEW:
        found.append(
            say(
                "a frontier has {n:.1f} efficient units on average: with so few that scores agree with the truth says "
                "little of scores on a frontier of many",
                n=closeness[EFFICIENT],
            )
        )
    return found


def _missed(lines: Mapping[str, pd.Series], target: float, info: StudyInfo) -> list[str]:
    """Warn of effects whose interval does not hold the truth."""
    return [
        say(
            "the 95% interval of {what} does not hold the effect without disturbances, {number}",
            what=_label(name, info),
            number=fixed(target, 5),
        )
        for name, line in lines.items() if name != NOISE_FREE and _holds(line, target) is False
    ]  # fmt: skip


def _holds(line: pd.Series, target: float) -> bool | None:
    """Return whether an interval holds a number, None where there is no interval."""
    known = pd.notna(line["ci_low"]) and pd.notna(line["ci_high"])
    return bool(line["ci_low"] <= target <= line["ci_high"]) if known else None


def _label(name: str, info: StudyInfo) -> str:
    return say("{variable}: {outcome}", variable=info.label(info.treatment), outcome=EFFECTS[name])


def _effect(panel: pd.DataFrame, outcome: str, spec: Mapping[str, Any], info: StudyInfo) -> Regression:
    regressors = [info.treatment, *spec.get("controls", [])]
    return regress(
        panel, outcome, regressors, spec["fixed_effects"], spec["vcov"], spec["ssc"], singletons=spec.get("singletons")
    )


def _effect_row(name: str, line: pd.Series, target: float, info: StudyInfo, *, rule: bool) -> Row:
    ref, graded = (name, info.treatment), name != NOISE_FREE
    held = _holds(line, target)
    interval = f"[{fixed(line['ci_low'], 5)}, {fixed(line['ci_high'], 5)}]"
    cells = (
        Cell(fixed(float(line["estimate"]), 5), (*ref, "estimate")),
        Cell(DASH, (*ref, "reason")) if line["reason"] else Cell(f"{float(line['se']):.5f}", (*ref, "se")),
        Cell(f"{line['n_obs']:,}", (*ref, "n_obs")),
        Cell(DASH) if held is None else Cell(interval, (*ref, "ci_low")),
        Cell({True: say("yes"), False: say("no"), None: DASH}[held] if graded else ""),
    )
    return Row(_label(name, info), cells, rule_above=rule)
