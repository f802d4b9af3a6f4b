"""One column of a DID table: its sample, its regression, its words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from shidian.did.constant import fit_with_constant
from shidian.did.models import fit_model
from shidian.did.twfe import Regression
from shidian.errors import EstimationError, no_column
from shidian.estimates import Fit, missing
from shidian.exhibits import notes
from shidian.exhibits.bootstrap_rows import NONLINEAR, NOT_ESTIMATED
from shidian.exhibits.cohorts import policy_warnings
from shidian.exhibits.columns import long_with_omitted
from shidian.exhibits.did.model_words import (
    is_nonlinear_column,
    margins_long,
    margins_sentences,
    model_cells,
    model_of,
    model_sentences,
    model_statistics,
    model_warnings,
)
from shidian.exhibits.foot_statistics import with_foot
from shidian.exhibits.moved_controls import Moved, moved_controls
from shidian.exhibits.regression_table import Style, TableColumn
from shidian.exhibits.result import Cell, StudyInfo
from shidian.exhibits.samples import by_sample, refused, roles
from shidian.exhibits.subsample import policy_sample
from shidian.exhibits.winsorise import winsorised
from shidian.inference.weights import weights_of
from shidian.ledger import about, ledger_row
from shidian.messages import say

PRODUCT = " × "


@dataclass(frozen=True)
class Outcome:
    """One estimate of a table with everything that it adds to the exhibit.

    Attributes:
        columns: the columns that it prints, two where there is a first stage.
        sentences: of the note.
        ledger: lines of the ledger.
        warnings: what a referee would object to.
        moved: controls that its treatments move, of which the table warns once for all columns.
        regression: the regression behind the last column, or why it has none that can be bootstrapped.
        more: further estimates, not printed as coefficients.
        foot: label -> cell printed at the foot under its last column.
        terms: coefficients that its settings do not name -> their printed labels.
    """

    columns: tuple[TableColumn, ...]
    sentences: tuple[str, ...]
    ledger: tuple[dict[str, Any], ...]
    warnings: tuple[str, ...]
    moved: tuple[Moved, ...] = ()
    regression: Regression | str = NOT_ESTIMATED
    more: tuple[pd.DataFrame, ...] = ()
    foot: Mapping[str, Cell] = field(default_factory=dict)
    terms: Mapping[str, str] = field(default_factory=dict)

    @property
    def header(self) -> str:
        """What the note calls it."""
        return self.columns[-1].id


def estimate_column(
    panel: pd.DataFrame,
    settings: Mapping[str, Any],
    info: StudyInfo,
    exhibit: str,
    style: Style,
    all_effects: Sequence[str],
) -> Outcome:
    """Estimate one column; a refusal becomes a row with its reason. ``all_effects``: those of the whole table."""
    label, treatment, effects = settings["label"], settings["treatment"], settings["fixed_effects"]
    outcome, footer = heading(settings, info), footer_of(settings, info, all_effects)
    try:
        part, words, winsor_sentence = column_sample(panel, settings, info.label)
        regression = fit_model(
            part, settings["outcome"], regressors_of(settings), effects, model_of(settings), settings["vcov"],
            settings["ssc"], singletons=settings["singletons"], weights=weights_of(settings),
            plain=plain_regressors(settings),
        )  # fmt: skip
        fit = _printed_fit(regression, settings)
    except EstimationError as error:
        return refused_column(panel, settings, info, exhibit, error, all_effects)
    omitted, products = regression.omitted, product_labels(settings, info)
    estimates = long_with_omitted(replace(regression, fit=fit), info.study, exhibit, label)
    likelihood = is_nonlinear_column(settings)
    estimates = with_foot(estimates, regression, settings, "likelihood" if likelihood else "ols")
    margins = margins_long(regression, info.study, exhibit, label)
    if margins is not None:
        estimates = pd.concat([estimates, margins], ignore_index=True)
    sentences = (
        *notes.restricted_sentences(words),
        winsor_sentence,
        *model_sentences(regression, settings, info),
        *margins_sentences(regression),
        notes.effects_sentence(effects, info),
        notes.errors_sentence(fit, info, style.errors_words(fit.df)),
        *notes.weights_sentences(settings, regression.sample, info),
        notes.sample_sentence(fit, info),
        *(
            say("{what} not estimated: {why}.", what=products.get(name, info.label(name)), why=why)
            for name, why in omitted.items()
        ),
    )
    lines = notes.sample_ledger(exhibit, label, regression.sample, part)
    lines += notes.omitted_ledger(exhibit, label, omitted)
    moved = moved_controls(part, settings, info)
    used = by_sample(regression.sample, part, settings, words)
    column = TableColumn(label, str(settings.get("head", label)), estimates, outcome, footer, used)
    warnings = list(regression.warnings)
    if treatment == info.treatment:
        warnings += policy_warnings(part, regression.sample, treatment)
    warnings += model_warnings(regression, settings, info)
    statistics = model_statistics(regression, info.study, exhibit, label)
    return Outcome(
        (column,), sentences, tuple(lines), tuple(warnings), (moved,),
        NONLINEAR if likelihood else regression, () if statistics is None else (statistics,),
        model_cells(regression, label, style),
    )  # fmt: skip


def refused_column(
    panel: pd.DataFrame, settings: Mapping[str, Any], info: StudyInfo, exhibit: str, error: EstimationError,
    all_effects: Sequence[str],
) -> Outcome:  # fmt: skip
    """Return a column that cannot be estimated: a dash, its reason in note, ledger and warnings."""
    label = settings["label"]
    estimates = missing(info.study, exhibit, label, settings["treatment"], str(error))
    column = TableColumn(
        label, str(settings.get("head", label)), estimates, heading(settings, info),
        footer_of(settings, info, all_effects), refused(panel, roles(settings)),
    )  # fmt: skip
    ledger = (ledger_row(say("estimation"), about(exhibit, label), str(error)),)
    return Outcome((column,), (say("Not estimated: {error}.", error=error),), ledger, (str(error),))


def column_sample(
    panel: pd.DataFrame, settings: Mapping[str, Any], label: Callable[[str], str] = str
) -> tuple[pd.DataFrame, str, str]:
    """Return the rows of a column, winsorised and with its products, and the sentences on both."""
    part, words = policy_sample(panel, settings, label)
    part, winsor_sentence = made_values(part, settings, label)
    return part, words, winsor_sentence


def made_values(
    part: pd.DataFrame, settings: Mapping[str, Any], label: Callable[[str], str] = str
) -> tuple[pd.DataFrame, str]:
    """Return the rows of a column's sample winsorised and with its products, and the sentence on the former."""
    part, sentence = winsorised(part, settings.get("winsorise"), label)
    return with_products(part, settings), sentence


def with_products(panel: pd.DataFrame, settings: Mapping[str, Any]) -> pd.DataFrame:
    """Return the panel with the product of the treatment and each variable of ``interactions``."""
    added = {}
    for name, variable in zip(products_of(settings), settings.get("interactions", []), strict=True):
        if variable not in panel.columns:
            raise no_column(variable, panel.columns)
        added[name] = panel[settings["treatment"]].astype("float64") * panel[variable].astype("float64")
    return panel.assign(**added) if added else panel


def products_of(settings: Mapping[str, Any]) -> list[str]:
    """Return the names of a column's products of the treatment with other variables."""
    return [f"{variable}{PRODUCT}{settings['treatment']}" for variable in settings.get("interactions", [])]


def regressors_of(settings: Mapping[str, Any]) -> list[str]:
    """Return a column's regressors: the treatment, its products, those added, the controls."""
    return [settings["treatment"], *products_of(settings), *settings.get("add", []), *settings["controls"]]


def plain_regressors(settings: Mapping[str, Any]) -> list[str]:
    """Return the regressors that have a marginal effect: not products, nor the variables that these multiply."""
    factors = [settings["treatment"], *settings["interactions"]] if settings.get("interactions") else []
    return [name for name in regressors_of(settings) if PRODUCT not in name and name not in factors]


def product_labels(settings: Mapping[str, Any], info: StudyInfo) -> dict[str, str]:
    """Return the printed names of a column's products, from their factors."""
    factors = zip(products_of(settings), settings.get("interactions", []), strict=True)
    return {name: PRODUCT.join([info.label(one), info.label(settings["treatment"])]) for name, one in factors}


def heading(settings: Mapping[str, Any], info: StudyInfo) -> str:
    """Return the second line above a column: its own heading, or the outcome."""
    return str(settings.get("heading", info.label(settings["outcome"])))


def footer_of(settings: Mapping[str, Any], info: StudyInfo, all_effects: Sequence[str]) -> dict[str, str]:
    """Return the rows at the foot of a column: controls, each fixed effect, its own."""
    yes, no = say("Yes"), say("No")
    rows: dict[str, str] = {say("Controls"): yes if settings["controls"] else no}
    for name in all_effects:
        rows[notes.effect_row(name, info)] = yes if name in settings["fixed_effects"] else no
    return rows | dict(settings.get("footer", {}))


def _printed_fit(regression: Regression, settings: Mapping[str, Any]) -> Fit:
    if not settings.get("constant", False) or is_nonlinear_column(settings):
        return regression.fit
    return fit_with_constant(
        regression, settings["outcome"], list(settings["fixed_effects"]), settings["vcov"], settings["ssc"]
    )
