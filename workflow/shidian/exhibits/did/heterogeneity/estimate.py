"""Heterogeneity table: effects by group or by interaction, with the test that they are equal; median splits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pandas as pd

from shidian.did.heterogeneity import by_group, equality_test, interaction
from shidian.did.models import fit_model
from shidian.did.twfe import Regression
from shidian.errors import EstimationError
from shidian.estimates import missing
from shidian.exhibits import notes
from shidian.exhibits.bootstrap_rows import NONLINEAR, NOT_ESTIMATED, SEVERAL, bootstrap_estimates
from shidian.exhibits.columns import column_settings, long_with_omitted
from shidian.exhibits.did.equal_effects import LABEL, compared, equality_cell, equality_frame, untested
from shidian.exhibits.did.model_words import (
    is_nonlinear_column,
    margin_labels,
    margins_long,
    margins_sentences,
    model_cells,
    model_of,
    model_sentences,
    model_statistics,
    model_warnings,
)
from shidian.exhibits.foot_statistics import with_foot
from shidian.exhibits.groups import groups_of
from shidian.exhibits.moved_controls import moved_controls, moved_warnings
from shidian.exhibits.regression_table import DASH, Style, TableColumn, regression_table, used_by
from shidian.exhibits.result import Cell, ExhibitResult, Row, StudyInfo
from shidian.exhibits.samples import by_sample, refused, roles
from shidian.exhibits.subsample import policy_sample
from shidian.inference.weights import weights_of
from shidian.ledger import about, ledger_frame, ledger_row
from shidian.messages import joined, say


@dataclass(frozen=True)
class Split:
    """One split of the sample, estimated: a column a group, or one column of interactions.

    ``terms`` has the printed label of each effect, ``fitted`` the regression of each column, or why it has none that
    can be bootstrapped, ``foot`` the cells at the foot of each column.
    """

    columns: list[TableColumn]
    tests: pd.DataFrame
    sentences: list[tuple[str, str]]
    warnings: list[tuple[str, str]]
    terms: Mapping[str, str]
    ledger: list[dict[str, Any]] = field(default_factory=list)
    fitted: list[Regression | str] = field(default_factory=lambda: [NOT_ESTIMATED])
    foot: Mapping[str, Mapping[str, Cell]] = field(default_factory=dict)


def run(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Estimate every split of ``spec``."""
    exhibit, style = notes.exhibit_id(spec), Style.of(spec)
    settings = column_settings(spec, {}, 0, info)
    part, words = policy_sample(panel, spec, info.label)
    splits, ledger, effect = [], [], {settings["treatment"]: info.label(settings["treatment"])}
    for declared in spec["splits"]:
        label = declared.get("label", info.label(declared["variable"]))
        try:
            groups = groups_of(part, declared)
            splits.append(_estimate(part, groups, declared, label, settings, info, exhibit, style, words))
        except EstimationError as error:
            frame = missing(info.study, exhibit, label, settings["treatment"], str(error))
            gone = [(label, say("Not estimated: {error}.", error=error))]
            used = refused(part, roles(settings, groups=(declared["variable"],)))
            column = TableColumn(label, label, frame, used=used)
            splits.append(Split([column], pd.DataFrame(), gone, [(label, str(error))], effect))
            ledger.append(ledger_row(say("estimation"), about(exhibit, label), str(error)))
    columns = [c for s in splits for c in s.columns]
    fitted = zip(columns, (one for s in splits for one in s.fitted), strict=True)
    boot = bootstrap_estimates([({**settings, "label": c.id}, one) for c, one in fitted], spec, info, exhibit)
    ledger += [*(line for s in splits for line in s.ledger), *boot.ledger]
    tests = [s.tests for s in splits if len(s.tests)]
    terms = {name: label for s in splits for name, label in s.terms.items()}
    rows = [*boot.rows(columns, columns), *([_test_row(splits)] if tests else []), *_foot_rows(splits, columns)]
    table = regression_table(columns, terms, style, _statistics(spec, settings), rows)
    tests += [boot.estimates] * bool(len(boot.estimates))
    text = [*notes.by_column([pair for s in splits for pair in s.sentences]), *boot.sentences]
    apart = [s for s in splits if len(s.columns) > 1 and len(s.tests) and s.tests["p"].notna().any()]
    sets = [[c.id for c in s.columns] for s in apart]
    text += [compared(sets)] * bool(sets)
    text += notes.restricted_sentences(words)
    return ExhibitResult(
        estimates=pd.concat([*(c.estimates for c in columns), *tests], ignore_index=True),
        table=table,
        notes=(*text, notes.stars_sentence(style.stars), *notes.simulated_sentence(info)),
        ledger=ledger_frame(ledger),
        warnings=(
            *notes.by_column([pair for s in splits for pair in s.warnings]),
            *moved_warnings([("", moved_controls(part, settings, info))]),
        ),
        used=boot.drawn(used_by(columns)),
    )


def _estimate(
    panel: pd.DataFrame, groups: pd.Series, declared: Mapping[str, Any], label: str, settings: Mapping[str, Any],
    info: StudyInfo, exhibit: str, style: Style, words: str,
) -> Split:  # fmt: skip
    treatment, controls = settings["treatment"], settings["controls"]
    arguments = (settings["fixed_effects"], settings["vcov"], settings["ssc"])
    singletons = settings["singletons"]
    if declared.get("form", "groups") == "interaction":
        return _interaction(panel, groups, declared, label, settings, info, exhibit, style, words)
    weights = weights_of(settings)
    model = model_of(settings)
    pooled = by_group(panel, groups, settings["outcome"], treatment, controls, *arguments, singletons, weights, model)
    columns, sentences, ledger, fitted = [], [], list[dict[str, Any]](), list[Regression | str]()
    warnings, foot = list[tuple[str, str]](), dict[str, Mapping[str, Cell]]()
    for group in sorted(groups.dropna().unique(), key=str):
        name = group_column(label, group)
        rows = panel[groups == group]
        result = fit_model(
            rows, settings["outcome"], [treatment, *controls], settings["fixed_effects"], model, settings["vcov"],
            settings["ssc"], singletons=singletons, weights=weights,
        )  # fmt: skip
        ledger += notes.sample_ledger(exhibit, name, result.sample, rows)
        ledger += notes.omitted_ledger(exhibit, name, result.omitted)
        estimates = _long(result, settings, info, exhibit, name)
        foot[name] = model_cells(result, name, style)
        within = joined([*[words] * bool(words), name], "clauses")
        used = by_sample(result.sample, rows, settings, within, groups=(declared["variable"],))
        columns.append(TableColumn(name, name, estimates, info.label(settings["outcome"]), used=used))
        fitted.append(NONLINEAR if is_nonlinear_column(settings) else result)
        sentences += _sentences(name, result, settings, info, style)
        said = (*result.warnings, *model_warnings(result, settings, info))
        warnings += [(name, w) for w in said or ("",)]
    test = equality_frame(pooled.equality, columns[0].id, info, exhibit)
    untested_said, gone = untested(test, label)
    sentences += [(columns[0].header, sentence) for sentence in untested_said]
    how = say("Groups estimated apart; equality tested in one model with controls and effects of each group's own.")
    sentences += [(column.header, how) for column in columns]
    effect = {treatment: info.label(treatment)}
    printed = {str(term) for column in columns for term in column.estimates["term"]}
    effect |= {term: text for term, text in margin_labels(treatment, effect[treatment]).items() if term in printed}
    return Split(columns, test, sentences, warnings, effect, [*ledger, *gone], fitted, foot)


def _interaction(
    panel: pd.DataFrame, groups: pd.Series, declared: Mapping[str, Any], label: str, settings: Mapping[str, Any],
    info: StudyInfo, exhibit: str, style: Style, words: str,
) -> Split:  # fmt: skip
    """One regression with common controls and effects: treatment interacted with each group's dummy."""
    treatment = settings["treatment"]
    data = panel[groups.notna()]
    names = sorted(groups.dropna().unique(), key=str)
    if len(names) < 2:
        raise EstimationError(say("an interaction wants at least two groups"))
    terms, main = interaction_columns(data, groups[groups.notna()], treatment)
    result = fit_model(
        data.assign(**terms, **main), settings["outcome"], [*terms, *main, *settings["controls"]],
        settings["fixed_effects"], model_of(settings), settings["vcov"], settings["ssc"],
        singletons=settings["singletons"], weights=weights_of(settings), plain=settings["controls"],
    )  # fmt: skip
    gone = [name for name in terms if name in result.omitted]
    if gone:
        raise EstimationError(say("'{name}' cannot be estimated: {why}", name=gone[0], why=result.omitted[gone[0]]))
    estimates = _long(result, settings, info, exhibit, label)
    used = by_sample(result.sample, data, settings, words, groups=(declared["variable"],))
    column = TableColumn(label, label, estimates, info.label(settings["outcome"]), used=used)
    sentences = _sentences(label, result, settings, info, style)
    sentences.append(
        (label, say("One regression, treatment interacted with the groups; controls and effects in common."))
    )
    test = equality_frame(partial(equality_test, result.fit, list(terms)), label, info, exhibit)
    said, lines = untested(test, label)
    sentences += [(label, sentence) for sentence in said]
    ledger = notes.sample_ledger(exhibit, label, result.sample, data)
    ledger += notes.omitted_ledger(exhibit, label, result.omitted)
    warnings = [(label, w) for w in (*result.warnings, *model_warnings(result, settings, info)) or ("",)]
    labels = {
        interaction(treatment, g): say("{name} × {group}", name=info.label(treatment), group=f"{g}") for g in names
    }
    foot = {label: model_cells(result, label, style)}
    return Split([column], test, sentences, warnings, labels, [*ledger, *lines], [SEVERAL], foot)


def _statistics(spec: Mapping[str, Any], settings: Mapping[str, Any]) -> list[str]:
    """Return the statistics at the foot, without R² where the model is nonlinear and has a pseudo R²."""
    asked = list(spec.get("statistics", ["n_obs", "r2"]))
    return [name for name in asked if not name.startswith("r2")] if is_nonlinear_column(settings) else asked


def _long(result: Regression, settings: Mapping[str, Any], info: StudyInfo, exhibit: str, column: str) -> pd.DataFrame:
    """Return a column's estimates: its coefficients and statistics, and of a nonlinear model margins and its own."""
    method = "likelihood" if is_nonlinear_column(settings) else "ols"
    frames = [
        with_foot(long_with_omitted(result, info.study, exhibit, column), result, settings, method),
        margins_long(result, info.study, exhibit, column),
        model_statistics(result, info.study, exhibit, column),
    ]
    found = [frame for frame in frames if frame is not None]
    return found[0] if len(found) == 1 else pd.concat(found, ignore_index=True)


def group_column(label: str, group: object) -> str:
    """Return the column of one group of a split."""
    return say("{label}: {group}", label=label, group=group)


def interaction_columns(
    panel: pd.DataFrame, groups: pd.Series, treatment: str
) -> tuple[dict[str, pd.Series], dict[str, pd.Series]]:
    """Return the treatment times each group's dummy, and the dummies themselves where units change groups.

    Every row has a group; the first group's dummy is the base.
    """
    names = sorted(groups.unique(), key=str)
    inside = {g: pd.Series((groups == g).to_numpy(dtype=float), index=panel.index) for g in names}
    terms = {interaction(treatment, g): panel[treatment].astype(float) * inside[g] for g in names}
    varying = (panel.assign(_g=groups).groupby("unit")["_g"].nunique() > 1).any()
    return terms, {str(say("group {group}", group=g)): inside[g] for g in names[1:]} if varying else {}


def _sentences(
    name: str, regression: Regression, settings: Mapping[str, Any], info: StudyInfo, style: Style
) -> list[tuple[str, str]]:
    fit = regression.fit
    of_model = (*model_sentences(regression, settings, info), *margins_sentences(regression))
    return [
        *((name, sentence) for sentence in of_model),
        (name, notes.effects_sentence(settings["fixed_effects"], info)),
        (name, notes.errors_sentence(fit, info, style.errors_words(fit.df))),
        *((name, sentence) for sentence in notes.weights_sentences(settings, regression.sample, info)),
        (name, notes.sample_sentence(fit, info)),
        *((name, sentence) for sentence in notes.omitted_sentences(regression.omitted, info)),
    ]


def _test_row(splits: list[Split]) -> Row:
    """Return the row of the p-values of equality, under the first column of each split."""
    cells = []
    for split in splits:
        cells.append(equality_cell(split.tests) if len(split.tests) else Cell(DASH))
        cells += [Cell("") for _ in split.columns[1:]]
    return Row(LABEL, tuple(cells))


def _foot_rows(splits: list[Split], columns: list[TableColumn]) -> list[Row]:
    """Return the rows of a nonlinear model's own statistics under each column."""
    cells = {name: foot for split in splits for name, foot in split.foot.items()}
    labels = dict.fromkeys(label for foot in cells.values() for label in foot)
    return [
        Row(label, tuple(cells.get(c.id, {}).get(label, Cell("")) for c in columns), rule_above=n == 0)
        for n, label in enumerate(labels)
    ]
