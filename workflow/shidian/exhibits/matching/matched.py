"""Matching as an exhibit declares it, and its balance as rows of the long schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from shidian.errors import EstimationError, nearest
from shidian.exhibits.diagnostics import Diagnostic
from shidian.exhibits.result import StudyInfo
from shidian.exhibits.subsample import policy_sample
from shidian.inference.weights import row_weights, weights_of
from shidian.matching.neighbours import MatchRule
from shidian.matching.psm import Base, PropensityMatch, match_panel
from shidian.messages import say

BALANCED = 10.0
"""Absolute standardised bias, in per cent, below which a covariate is called balanced."""
RULE = ("neighbours", "replacement", "caliper", "caliper_scale", "measure", "order", "ties", "support")
MATCHING = (*RULE, "covariates", "base", "base_year")


@dataclass(frozen=True)
class Matched:
    """A matching with what was asked for.

    Attributes:
        panel: the rows of the declared sample, index reset.
        match: the matching.
        rule: how it was done.
        base: pooled, by_year or base_year.
        base_year: the year of ``base_year``.
        treatment: name of the treatment.
        covariates: names of the matching covariates.
        sample_words: restriction of the sample, for the note.
        rows: index in the panel of each row of ``panel``.
        weightless: unit and year of the rows of weight zero, which are not in ``panel``.
    """

    panel: pd.DataFrame
    match: PropensityMatch
    rule: MatchRule
    base: Base
    base_year: int | None
    treatment: str
    covariates: tuple[str, ...]
    sample_words: str
    rows: pd.Index
    weightless: pd.DataFrame

    @property
    def seed(self) -> int | None:
        """The seed of the order in which treated rows choose, None where it is not drawn."""
        return self.rule.seed if self.rule.order == "random" and not self.rule.replacement else None


def run_matching(panel: pd.DataFrame, settings: Mapping[str, Any], info: StudyInfo) -> Matched:
    """Match as ``settings`` declare; the covariates are the controls where none are given.

    Raises:
        EstimationError: an unknown treatment, no covariate, a row whose weight is none, nothing matched.
    """
    treatment = settings["treatment"]
    covariates = tuple(settings.get("covariates") or settings["controls"])
    if not covariates:
        raise EstimationError(say("the matching has no covariate: give 'covariates' or controls"))
    if treatment not in panel.columns:
        raise EstimationError(
            say(
                "the panel has no treatment '{treatment}'{nearest}",
                treatment=treatment,
                nearest=nearest(treatment, panel.columns),
            )
        )
    part, words = policy_sample(panel, settings, info.label)
    weighting = weights_of(settings)
    idle = np.zeros(len(part), dtype=bool) if weighting is None else row_weights(part, weighting) == 0
    weightless, part = part.loc[idle, ["unit", "year"]], part.loc[~idle]
    rows, part = part.index, part.reset_index(drop=True)
    ever = part.groupby("unit")[treatment].transform("max").fillna(0) > 0
    rule = MatchRule(**{key: settings[key] for key in RULE if key in settings}, seed=info.seed)
    base: Base = settings.get("base", "pooled")
    year = settings.get("base_year")
    match = match_panel(part, ever, covariates, rule, base, year)
    return Matched(part, match, rule, base, year, treatment, covariates, words, rows, weightless)


def count_matched(match: PropensityMatch, treated: bool) -> int:
    """Return the matched rows of one group."""
    return int(((match.rows["weight"] > 0) & (match.rows["treated"] == treated)).sum())


def balance_long(match: PropensityMatch, study: str, exhibit: str, column: str) -> pd.DataFrame:
    """Return the balance as rows of the long schema: per cent bias before and after, with the p of the t tests."""
    rows = []
    for r in match.balance.to_dict("records"):
        for stage, bias, p in (("before", r["bias"], r["p"]), ("after", r["bias_matched"], r["p_matched"])):
            reason = "" if bias == bias else say("the covariate does not vary")
            diagnostic = Diagnostic(bias_term(stage, r["covariate"]), bias, p=p, reason=reason)
            rows.append(diagnostic.long(study, exhibit, column))
    return pd.concat(rows, ignore_index=True)


def bias_term(stage: str, covariate: str) -> str:
    """Return the term of a covariate's standardised bias; ``stage`` is "before" or "after" matching."""
    return (
        say("bias before: {name}", name=covariate) if stage == "before" else say("bias after: {name}", name=covariate)
    )
