"""Stepwise DID table: one regression a column, adding controls, fixed effects, or restricting the sample."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from shidian.did.twfe import CONSTANT
from shidian.errors import EstimationError
from shidian.exhibits import notes
from shidian.exhibits.bootstrap_rows import bootstrap_estimates
from shidian.exhibits.columns import column_settings
from shidian.exhibits.did.did_column import Outcome, estimate_column, product_labels, products_of
from shidian.exhibits.did.equal_effects import equality_rows
from shidian.exhibits.did.hausman_rows import hausman_rows
from shidian.exhibits.did.model_words import is_nonlinear_column, margin_labels
from shidian.exhibits.did.reduced_rows import reduced_rows
from shidian.exhibits.moved_controls import Moved, moved_warnings
from shidian.exhibits.regression_table import Style, TableColumn, regression_table, used_by
from shidian.exhibits.result import Cell, ExhibitResult, Row, StudyInfo, Table
from shidian.ledger import ledger_frame
from shidian.messages import say


def run(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Estimate every column of ``spec`` and print them side by side.

    A column that cannot be estimated prints a dash; the note and the ledger say why.
    """
    style, exhibit, settings = Style.of(spec), notes.exhibit_id(spec), table_settings(spec, info)
    effects = all_effects(settings)
    done = [estimate_column(panel, s, info, exhibit, style, effects) for s in settings]
    return lay_out(panel, spec, settings, done, info)


def table_settings(spec: Mapping[str, Any], info: StudyInfo) -> list[dict[str, Any]]:
    """Return the settings of each column of a table.

    Raises:
        EstimationError: two columns share a label.
    """
    settings = [column_settings(spec, column, i, info) for i, column in enumerate(spec["columns"])]
    labels = [s["label"] for s in settings]
    if len(set(labels)) != len(labels):
        raise EstimationError(
            say(
                "exhibit '{exhibit}': columns share a label: {labels}",
                exhibit=notes.exhibit_id(spec),
                labels=list(labels),
            )
        )
    return settings


def all_effects(settings: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the fixed effects of all columns, in order of first appearance."""
    return list(dict.fromkeys(name for s in settings for name in s["fixed_effects"]))


def lay_out(
    panel: pd.DataFrame, spec: Mapping[str, Any], settings: list[dict[str, Any]], done: list[Outcome], info: StudyInfo
) -> ExhibitResult:
    """Print estimated columns as one table, with the p-values and tests that ``spec`` asks for."""
    style, exhibit = Style.of(spec), notes.exhibit_id(spec)
    columns = [c for d in done for c in d.columns]
    last = [d.columns[-1] for d in done]
    fitted = list(zip(settings, (d.regression for d in done), strict=True))
    boot = bootstrap_estimates(fitted, spec, info, exhibit)
    reduced = reduced_rows(spec, fitted, info, exhibit)
    tests, test_frames, tested, untested = equality_rows(panel, spec, settings, columns, info)
    terms = _printed_terms(spec, settings, done, info)
    effects = hausman_rows(panel, spec, fitted, info, exhibit)
    rows = [*boot.rows(last, columns), *reduced.rows(last, columns, style), *tests, *effects.rows(columns, style)]
    table = regression_table(columns, terms, style, _statistics(spec, settings), rows)
    foot = _foot_rows(done, columns)
    by_label = [(d.header, sentence) for d in done for sentence in d.sentences]
    text = [*notes.by_column(by_label), *boot.sentences, *reduced.sentences, *tested, *effects.sentences]
    frames = [c.estimates for c in columns] + [frame for d in done for frame in d.more]
    frames += [boot.estimates] * bool(len(boot.estimates)) + [*reduced.frames, *test_frames, *effects.frames]
    return ExhibitResult(
        estimates=pd.concat(frames, ignore_index=True),
        table=Table(table.header, table.rows + foot),
        notes=(*text, notes.stars_sentence(style.stars), *notes.simulated_sentence(info)),
        ledger=ledger_frame(
            [*(line for d in done for line in d.ledger), *boot.ledger, *reduced.ledger, *untested, *effects.ledger]
        ),
        warnings=(
            *notes.by_column([(d.header, w) for d in done for w in d.warnings or ("",)]),
            *moved_warnings([(d.header, moved) for d in done for moved in d.moved or (Moved(),)]),
        ),
        used=used_by(columns) | boot.drawn({c.id: c.used for c in last}),
    )


def _statistics(spec: Mapping[str, Any], settings: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the statistics at the foot, without R² where all columns are nonlinear and have a pseudo R² each."""
    asked = list(spec.get("statistics", ["n_obs", "r2"]))
    if not all(map(is_nonlinear_column, settings)):
        return asked
    return [name for name in asked if not name.startswith("r2")]


def _foot_rows(done: list[Outcome], columns: list[TableColumn]) -> tuple[Row, ...]:
    """Return the rows that some columns alone have, such as tests of instruments, with a rule above."""
    labels = dict.fromkeys(label for d in done for label in d.foot)
    by_id = {d.columns[-1].id: d.foot for d in done}
    return tuple(
        Row(label, tuple(by_id.get(c.id, {}).get(label, Cell("")) for c in columns), rule_above=n == 0)
        for n, label in enumerate(labels)
    )


def _printed_terms(
    spec: Mapping[str, Any], settings: list[dict[str, Any]], done: list[Outcome], info: StudyInfo
) -> dict[str, str]:
    """Return the coefficient rows: those asked for, else treatment, its products, controls in order, the constant."""
    further = {name: label for d in done for name, label in d.terms.items()}
    columns = [c for d in done for c in d.columns]
    if "coefficients" in spec:
        names = list(spec["coefficients"])
    else:
        names = [s["treatment"] for s in settings] + [*further] + [name for s in settings for name in products_of(s)]
        names += [c for s in settings for c in s.get("add", [])]
        names += [c for s in settings for c in s["controls"]]
        if any((column.estimates["term"] == CONSTANT).any() for column in columns):
            names.append(CONSTANT)
    products = {name: label for s in settings for name, label in product_labels(s, info).items()}
    labels = {**products, CONSTANT: say("Constant"), **further}
    printed = {name: labels.get(name, info.label(name)) for name in dict.fromkeys(names)}
    return _with_margins(printed, columns)


def _with_margins(printed: Mapping[str, str], columns: Sequence[TableColumn]) -> dict[str, str]:
    """Return the coefficient rows with the marginal effects that some column has under each."""
    have = {str(term) for column in columns for term in column.estimates["term"]}
    found: dict[str, str] = {}
    for name, label in printed.items():
        found[name] = label
        found |= {term: text for term, text in margin_labels(name, label).items() if term in have}
    return found
