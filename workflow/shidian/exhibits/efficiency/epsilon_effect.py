"""The policy's effect on efficiency scores, once for each shift ε of the entropy indices behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from shidian.did.twfe import Regression, regress
from shidian.errors import EstimationError
from shidian.estimates import Fit, missing
from shidian.exhibits import notes
from shidian.exhibits.columns import column_settings, long_with_omitted
from shidian.exhibits.regression_table import DASH, Style, error_cell, estimate_cell
from shidian.exhibits.result import Cell, StudyInfo, Table
from shidian.exhibits.samples import by_sample, model_roles, refused, roles
from shidian.exhibits.subsample import policy_sample
from shidian.inference.weights import weights_of
from shidian.messages import joined, say
from shidian.used import Used

SCORE = say("score of this ε")
"""Column that holds the scores whose regression gives the effect."""
MOVED = 0.1
"""Share by which the effect may differ from that at the baseline before it is a warning."""


@dataclass(frozen=True)
class Effect:
    """The effect on the scores of one ε.

    Attributes:
        column, term: where its row stands among the estimates.
        estimates: rows of the long schema, the effect's first among those of its column.
        regression: None where there is none.
        used: what it used.
        ledger: lines on the rows that the regression's sample dropped.
    """

    column: str
    term: str
    estimates: pd.DataFrame
    regression: Regression | None
    used: Used
    ledger: tuple[dict[str, Any], ...] = ()

    @property
    def row(self) -> pd.Series:
        """The effect's row of the long schema."""
        return self.estimates[self.estimates["term"] == self.term].iloc[0]

    @property
    def known(self) -> Regression:
        """The regression; only where the effect is known."""
        assert self.regression is not None
        return self.regression

    @property
    def fit(self) -> Fit:
        """The regression's fit; only where the effect is known."""
        return self.known.fit

    @property
    def is_known(self) -> bool:
        """Whether the effect could be estimated."""
        return not pd.isna(self.row["estimate"])


def effects_by_epsilon(
    panel: pd.DataFrame, scores: Mapping[str, pd.Series], spec: Mapping[str, Any], info: StudyInfo
) -> dict[str, Effect]:
    """Regress the scores of each ε on the treatment, with the controls, effects and errors of ``spec``.

    Args:
        panel: the panel.
        scores: ε as printed -> scores, indexed by unit and year.
        spec: the exhibit.
        info: the study.
    """
    settings = column_settings({**spec, "outcome": SCORE}, {}, 0, info)
    return {epsilon: _effect(panel, epsilon, found, settings, spec, info) for epsilon, found in scores.items()}


def _effect(
    panel: pd.DataFrame, epsilon: str, scores: pd.Series, settings: Mapping[str, Any], spec: Mapping[str, Any],
    info: StudyInfo,
) -> Effect:  # fmt: skip
    exhibit, column, term = notes.exhibit_id(spec), f"ε = {epsilon}", settings["treatment"]
    scored = panel.merge(scores.rename(SCORE).reset_index(), on=["unit", "year"], how="left").set_axis(panel.index)
    model = {"outcome": ()} | model_roles(spec["model"])
    try:
        part, words = policy_sample(scored, {**spec, "outcome": SCORE})
        regression = regress(
            part, SCORE, [term, *settings["controls"]], settings["fixed_effects"], settings["vcov"], settings["ssc"],
            singletons=settings["singletons"], weights=weights_of(settings),
        )  # fmt: skip
    except EstimationError as problem:
        gone = missing(info.study, exhibit, column, term, str(problem))
        return Effect(column, term, gone, None, refused(panel, roles(settings, **model)))
    ledger = tuple(notes.sample_ledger(exhibit, column, regression.sample, part))
    found = long_with_omitted(regression, info.study, exhibit, column)
    used = by_sample(regression.sample, part, settings, words, **model)
    return Effect(column, term, found, regression, used, ledger)


def with_effects(table: Table, effects: Mapping[str, Effect], info: StudyInfo, style: Style) -> Table:
    """Add to each row of a table, one an ε, the effect with its stars, its error and its observations."""
    rows = []
    for row in table.rows:
        effect, found = effects[row.label], effects[row.label].row
        ref = (effect.column, effect.term)
        cells = (Cell(DASH, (*ref, "reason")), Cell(""), Cell(""))
        if effect.is_known:
            cells = (
                estimate_cell(found, *ref, style),
                error_cell(found, *ref, replace(style, parentheses="se")),
                Cell(f"{int(found['n_obs']):,}", (*ref, "n_obs")),
            )
        rows.append(replace(row, cells=(*row.cells, *cells)))
    label = info.label(next(iter(effects.values())).term)
    header = tuple((*line, (label, 1), (say("Standard error"), 1), (say("Observations"), 1)) for line in table.header)
    return Table(header, tuple(rows))


def effect_words(
    effects: Mapping[str, Effect], baseline: str, spec: Mapping[str, Any], info: StudyInfo, style: Style
) -> tuple[list[str], tuple[str, ...]]:
    """Return the sentences of the note on the effects, and what a referee would object to."""
    known = [e for e in effects.values() if e.is_known]
    label = info.label(next(iter(effects.values())).term)
    if not known:
        reasons = tuple(sorted({str(e.row["reason"]) for e in effects.values()}))
        return [say("{what} not estimated: {why}.", what=label, why=joined(reasons, "clauses"))], reasons
    first = known[0]
    settings = column_settings(spec, {}, 0, info)
    sentences = [
        say(
            "{variable}: its coefficient in a regression of the scores of each ε; controls: {controls}.",
            variable=label,
            controls=[info.label(name) for name in settings["controls"]] or say("none"),
        ),
        notes.effects_sentence(settings["fixed_effects"], info),
        notes.errors_sentence(first.fit, info),
        *notes.weights_sentences(settings, first.known.sample, info),
        *notes.by_column([(e.column, notes.sample_sentence(e.fit, info)) for e in known]),
        notes.stars_sentence(style.stars),
    ]
    return sentences, _warnings(known, effects[baseline], baseline, label, style)


def _warnings(known: list[Effect], base: Effect, baseline: str, label: str, style: Style) -> tuple[str, ...]:
    values = [float(e.row["estimate"]) for e in known]
    spread = {"variable": label, "low": min(values), "high": max(values)}
    if min(values) < 0 < max(values):
        return (say("The sign of the coefficient of {variable} depends on ε: from {low:.4g} to {high:.4g}.", **spread),)
    at = float(base.row["estimate"])
    moved = any(abs(value - at) > MOVED * abs(at) for value in values)
    if moved or len({style.mark(e.row["p"]) for e in known}) > 1:
        return (
            say(
                "The coefficient of {variable} depends on ε: from {low:.4g} to {high:.4g}, {at:.4g} at ε = {baseline}.",
                **spread,
                at=at,
                baseline=baseline,
            ),
        )
    return ()
