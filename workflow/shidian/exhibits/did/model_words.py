"""What a column says of its model: how it is estimated, rows separated, effects that bias it, fitted probabilities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from shidian.did.models import LPM, OLS, is_nonlinear
from shidian.did.nonlinear.fit import MeanRegression
from shidian.did.nonlinear.margins import MARGINAL, SEMI_ELASTICITY, margin_term
from shidian.did.twfe import Regression
from shidian.estimates import normalise
from shidian.exhibits import notes
from shidian.exhibits.regression_table import Style
from shidian.exhibits.result import Cell, StudyInfo
from shidian.messages import aside, capital, joined, say

NAMES: Mapping[str, str] = {"poisson": "Poisson", "logit": "logit", "probit": "probit"}
SCALES: Mapping[str, str] = {
    "poisson": say("log points"), "logit": say("log odds"), "probit": say("units of the normal index"),
}  # fmt: skip
"""Model -> what its coefficients are in."""
PSEUDO_R2, SEPARATED_ROWS = "pseudo R2", "separated rows"
FEW_ROWS = 30
"""Rows a level of an effect below which a warning speaks of its bias in a logit or probit."""


def model_of(settings: Mapping[str, Any]) -> str:
    """Return the model of a column's settings, least squares where they name none."""
    return str(settings.get("model") or OLS)


def model_sentences(regression: Regression, settings: Mapping[str, Any], info: StudyInfo) -> list[str]:
    """Return the sentences of a column's note on its model, none for least squares."""
    if model_of(settings) == LPM:
        return [_linear_probability(regression, settings)]
    if not isinstance(regression, MeanRegression):
        return []
    n = regression.sample.n_separated
    said = [
        _estimated_by(regression.model),
        say("{n} rows left out as separated: no finite estimate fits them.", n=n) if n else say("No row is separated."),
        *_incidental(regression, settings, info),
    ]
    if settings.get("constant") and settings["fixed_effects"]:
        said.append(say("No constant is printed: the fixed effects absorb it."))
    return said


def margins_sentences(regression: Regression) -> list[str]:
    """Return the sentences on the marginal effects that stand under the coefficients."""
    if not isinstance(regression, MeanRegression) or regression.margins is None:
        return []
    said = [
        say(
            "Average marginal effects over all rows, of a 0/1 regressor the mean change from 0 to 1, errors by the "
            "delta method."
        )
    ]
    if regression.model == "poisson":
        said.append(say("Semi-elasticity of a 0/1 regressor: exp(coefficient) - 1, error by the delta method."))
    return said


def model_warnings(regression: Regression, settings: Mapping[str, Any], info: StudyInfo) -> list[str]:
    """Return the objection to a logit or probit whose effects have few rows a level."""
    few = [(name, rows) for name, rows in _rows_a_level(regression, settings) if rows < FEW_ROWS]
    if not few:
        return []
    name, rows = min(few, key=lambda pair: pair[1])
    return [
        say(
            "a {model} with fixed effects of {effect}, {rows:g} rows each at the median: its coefficients are biased "
            "away from zero (incidental parameters); compare with model lpm",
            model=NAMES[model_of(settings)], effect=notes.effect_label(name, info), rows=rows,
        )
    ]  # fmt: skip


def margin_labels(name: str, label: str) -> dict[str, str]:
    """Return the terms of a regressor's marginal effects -> their printed labels."""
    return {
        margin_term(name, MARGINAL): say("{name}: average marginal effect", name=label),
        margin_term(name, SEMI_ELASTICITY): say("{name}: semi-elasticity", name=label),
    }


def margins_long(regression: Regression, study: str, exhibit: str, column: str) -> pd.DataFrame | None:
    """Return the marginal effects as rows of the long schema, None where there are none."""
    if not isinstance(regression, MeanRegression) or regression.margins is None:
        return None
    return regression.margins.long(study, exhibit, column)


def model_statistics(regression: Regression, study: str, exhibit: str, column: str) -> pd.DataFrame | None:
    """Return pseudo R² and separated rows as rows of the long schema, None for least squares."""
    if not isinstance(regression, MeanRegression):
        return None
    fit = regression.fit
    shared = {"study": study, "exhibit": exhibit, "column": column, "n_obs": fit.n_obs, "n_units": fit.n_units}
    values = {PSEUDO_R2: regression.pseudo_r2, SEPARATED_ROWS: float(regression.sample.n_separated)}
    return normalise(pd.DataFrame([{**shared, "term": term, "estimate": value} for term, value in values.items()]))


def model_cells(regression: Regression, column: str, style: Style) -> dict[str, Cell]:
    """Return the cells at the foot of a nonlinear model's column: pseudo R², rows separated."""
    if not isinstance(regression, MeanRegression):
        return {}
    return {
        say("Pseudo R²"): Cell(style.number(regression.pseudo_r2), (column, PSEUDO_R2, "estimate")),
        say("Separated rows"): Cell(f"{regression.sample.n_separated:,}", (column, SEPARATED_ROWS, "estimate")),
    }


def _estimated_by(model: str) -> str:
    if model == "poisson":
        return say("Poisson pseudo maximum likelihood (PPML): coefficients are log points.")
    return say(
        "{model} by maximum likelihood: coefficients are {scale}.", model=capital(NAMES[model]), scale=SCALES[model]
    )


def _linear_probability(regression: Regression, settings: Mapping[str, Any]) -> str:
    sample = regression.sample
    y = sample.frame[settings["outcome"]].to_numpy(dtype=np.float64)
    root = 1.0 if sample.weights is None else np.sqrt(sample.weights)
    fitted = y - regression.residuals / root
    n = int(((fitted < -1e-9) | (fitted > 1 + 1e-9)).sum())
    return say(
        "Linear probability model: least squares on a 0/1 outcome; {n} of {of} fitted probabilities lie outside 0 and "
        "1.",
        n=notes.number_or_no(n), of=len(y),
    )  # fmt: skip


def _incidental(regression: Regression, settings: Mapping[str, Any], info: StudyInfo) -> list[str]:
    levels = _rows_a_level(regression, settings)
    if not levels:
        return []
    each = [say("{effect} {rows:g}", effect=notes.effect_label(name, info), rows=rows) for name, rows in levels]
    return [
        say(
            "Fixed effects of a {model} bias its coefficients where their levels have few rows (incidental "
            "parameters).",
            model=NAMES[model_of(settings)],
        ),
        aside(say("Rows a level at the median: {each}.", each=joined(each, "commas"))),
    ]  # fmt: skip


def _rows_a_level(regression: Regression, settings: Mapping[str, Any]) -> Sequence[tuple[str, float]]:
    """Return each fixed effect of a logit or probit with the median of the rows of its levels."""
    if not isinstance(regression, MeanRegression) or regression.model == "poisson":
        return []
    frame = regression.sample.frame
    return [(name, float(frame.groupby(name).size().median())) for name in settings["fixed_effects"]]


def outcome_words(settings: Mapping[str, Any], info: StudyInfo, *, measured: bool = False) -> str:
    """Return the outcome as an axis of effects names it, with what coefficients of a nonlinear model are in.

    A linear model's are in the outcome's unit of measure, which is said where ``measured``.
    """
    label = info.label(settings["outcome"])
    if not is_nonlinear_column(settings):
        return info.measured(settings["outcome"]) if measured else label
    return say("{outcome} ({scale})", outcome=label, scale=SCALES[model_of(settings)])


def is_nonlinear_column(settings: Mapping[str, Any]) -> bool:
    """Say whether a column's model is fitted by likelihood."""
    return is_nonlinear(model_of(settings))
