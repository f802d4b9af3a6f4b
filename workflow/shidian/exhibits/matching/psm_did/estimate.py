"""PSM-DID exhibit: the DID on samples matched on the propensity score, their balance in a table and a figure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from shidian.did.twfe import Regression
from shidian.errors import EstimationError
from shidian.estimates import missing
from shidian.exhibits import notes
from shidian.exhibits.bootstrap_rows import NOT_ESTIMATED, WEIGHTED, bootstrap_estimates
from shidian.exhibits.columns import column_settings, long_with_omitted
from shidian.exhibits.foot_statistics import with_foot
from shidian.exhibits.matching.matched import (
    BALANCED,
    MATCHING,
    Matched,
    balance_long,
    bias_term,
    count_matched,
    run_matching,
)
from shidian.exhibits.matching.words import matching_ledger, matching_sentences, matching_warnings
from shidian.exhibits.moved_controls import Moved, moved_controls, moved_warnings
from shidian.exhibits.regression_table import Style, TableColumn, regression_table, used_by
from shidian.exhibits.result import Cell, ExhibitResult, Figure, Row, StudyInfo, Table
from shidian.exhibits.samples import by_sample, refused, roles
from shidian.inference.weights import weights_of
from shidian.ledger import about, ledger_frame, ledger_row
from shidian.matching.psm import SCORE, Keep, PropensityMatch, matched_weights
from shidian.matching.weighted_did import regress_matched
from shidian.messages import say
from shidian.used import Rows, Used

KEEP_WORDS = {
    "analytic": say("DID weighted by the matching weights."),
    "frequency": say("DID each row repeated as often as it was matched."),
    "matched": say("DID on the matched rows, unweighted."),
    "support": say("DID on the rows on the common support, unweighted."),
}


WEIGHTED_WORDS = {
    "analytic": say("DID weighted by the matching weights times the weights of the rows, which do not enter scores."),
    "frequency": say("DID each row repeated as often as it was matched, weights of rows beside, not in the scores."),
    "matched": say("DID on the matched rows, by their weights, which do not enter scores."),
    "support": say("DID on the rows on the common support, by their weights, which do not enter scores."),
}


@dataclass(frozen=True)
class _Done:
    """One column: its estimates, the matching and the regression behind it, or why none can be bootstrapped; words."""

    column: TableColumn
    match: PropensityMatch | None
    sentences: tuple[str, ...]
    ledger: tuple[dict[str, Any], ...]
    warnings: tuple[str, ...]
    moved: Moved = field(default_factory=Moved)
    regression: Regression | str = NOT_ESTIMATED


def run(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Match and estimate every column of ``spec``; the figure shows the balance of the first one matched."""
    style, exhibit = Style.of(spec), notes.exhibit_id(spec)
    defaults = {key: spec[key] for key in (*MATCHING, "keep", "sample") if key in spec}
    settings = [column_settings(spec, {**defaults, **c}, i, info) for i, c in enumerate(spec.get("columns", [{}]))]
    done = [matched_column(panel, s, info, exhibit, style) for s in settings]
    columns = [d.column for d in done]
    boot = bootstrap_estimates([(s, d.regression) for s, d in zip(settings, done, strict=True)], spec, info, exhibit)
    matches = [(d.column.id, d.match) for d in done if d.match is not None]
    frames = [c.estimates for c in columns] + [balance_long(m, info.study, exhibit, c) for c, m in matches]
    frames += [boot.estimates] * bool(len(boot.estimates))
    if spec.get("table", "did") == "balance" and matches:
        table = _balance_table(matches[0][1], matches[0][0], info, style)
    else:
        table = regression_table(
            columns, _printed_terms(spec, settings, info), style, spec.get("statistics", ["n_obs", "r2"]),
            boot.rows(columns, columns),
        )  # fmt: skip
    by_label = [(d.column.header, s) for d in done for s in d.sentences]
    return ExhibitResult(
        estimates=pd.concat(frames, ignore_index=True),
        table=table,
        figure=_figure(matches[0][1], info) if matches else None,
        notes=(
            *notes.by_column(by_label),
            *boot.sentences,
            notes.stars_sentence(style.stars),
            *notes.simulated_sentence(info),
        ),
        ledger=ledger_frame([*(line for d in done for line in d.ledger), *boot.ledger]),
        warnings=(
            *notes.by_column([(d.column.header, w) for d in done for w in d.warnings or ("",)]),
            *moved_warnings([(d.column.header, d.moved) for d in done]),
        ),
        used=boot.drawn(used_by(columns)),
    )


def _printed_terms(spec: Mapping[str, Any], settings: list[dict[str, Any]], info: StudyInfo) -> dict[str, str]:
    names = spec.get("coefficients") or [s["treatment"] for s in settings] + [
        control for s in settings for control in s["controls"]
    ]
    return {name: info.label(name) for name in dict.fromkeys(names)}


def matched_column(panel: pd.DataFrame, s: Mapping[str, Any], info: StudyInfo, exhibit: str, style: Style) -> _Done:
    """Estimate one DID on a matched sample."""
    label, treatment, outcome = s["label"], s["treatment"], info.label(s["outcome"])
    keep: Keep = s.get("keep", "matched")
    match = None
    try:
        m = run_matching(panel, s, info)
        match = m.match
        weights = matched_weights(m.panel, match, m.base, keep)
        regressors = [treatment, *s["controls"]]
        regression = regress_matched(
            m.panel, weights, keep, s["outcome"], regressors, s["fixed_effects"], s["vcov"], s["ssc"],
            s["singletons"], weights_of(s),
        )  # fmt: skip
    except EstimationError as error:
        rows = missing(info.study, exhibit, label, treatment, str(error))
        ledger = (ledger_row(say("matching"), about(exhibit, label), str(error)),)
        used = refused(panel, roles(s, covariates=s.get("covariates") or ()))
        column = TableColumn(label, label, rows, outcome, used=used)
        return _Done(column, match, (say("Not estimated: {error}.", error=error),), ledger, (str(error),))
    footer = {
        say("Neighbours"): f"1:{m.rule.neighbours}",
        say("Matched treated rows"): f"{count_matched(match, treated=True):,}",
        say("Matched control rows"): f"{count_matched(match, treated=False):,}",
    }
    estimates = with_foot(long_with_omitted(regression, info.study, exhibit, label), regression, s)
    sentences = (
        *matching_sentences(m, info),
        *_weights_sentences(m, s, keep, info),
        notes.effects_sentence(s["fixed_effects"], info),
        notes.errors_sentence(regression.fit, info, style.errors_words(regression.fit.df)),
        notes.sample_sentence(regression.fit, info),
        *notes.omitted_sentences(regression.omitted, info),
    )
    lines = matching_ledger(m, about(exhibit, label))
    lines += notes.sample_ledger(exhibit, label, regression.sample, m.panel)
    lines += notes.omitted_ledger(exhibit, label, regression.omitted)
    warnings = (*regression.warnings, *matching_warnings(m, info))
    moved = moved_controls(m.panel[weights > 0], s, info)
    column = TableColumn(label, label, estimates, outcome, footer, _used(m, regression, s, keep))
    least_squares = WEIGHTED if keep == "analytic" else regression
    return _Done(column, match, sentences, tuple(lines), warnings, moved, least_squares)


def _weights_sentences(m: Matched, s: Mapping[str, Any], keep: Keep, info: StudyInfo) -> list[str]:
    """Return the sentences on the weights of the DID: those of the matching and those of the rows."""
    weighting = weights_of(s)
    if weighting is None:
        return [KEEP_WORDS[keep]]
    return [WEIGHTED_WORDS[keep], notes.weighted_by(weighting, len(m.weightless), info)]


def _used(m: Matched, regression: Regression, s: Mapping[str, Any], keep: Keep) -> Used:
    """Return what a column used: rows of the panel, of which the matching reset the index."""
    declared = m.panel.set_axis(m.rows)
    used = by_sample(regression.sample, declared, s, m.sample_words, covariates=m.covariates)
    counts = say("rows, each as often as it was matched") if keep == "frequency" else ""
    return replace(used, rows=Rows.of(m.rows[regression.sample.rows]), counts=counts, seed=m.seed)


def _balance_table(match: PropensityMatch, column: str, info: StudyInfo, style: Style) -> Table:
    heads = (say("Treated"), say("Control"), say("Bias, %"), say("Reduction of |bias|, %"), "t", "p")
    header = ((("", 1), *((h, 1) for h in heads)),)
    rows: list[Row] = []
    for r in match.balance.to_dict("records"):
        label = say("Propensity score") if r["covariate"] == SCORE else info.label(r["covariate"])
        for stage, suffix in (("before", ""), ("after", "_matched")):
            term = bias_term(stage, r["covariate"])
            cells = (
                Cell(style.number(r[f"mean_treated{suffix}"])),
                Cell(style.number(r[f"mean_control{suffix}"])),
                Cell(f"{r[f'bias{suffix}']:.1f}", (column, term, "estimate")),
                Cell(f"{r['reduction']:.1f}" if suffix else ""),
                Cell(f"{r[f't{suffix}']:.2f}"),
                Cell(style.p(r[f"p{suffix}"]), (column, term, "p")),
            )
            words = say("{name}: matched", name=label) if suffix else say("{name}: unmatched", name=label)
            rows.append(Row(words, cells, rule_above=not suffix and bool(rows)))
    return Table(header, tuple(rows))


def _figure(match: PropensityMatch, info: StudyInfo) -> Figure:
    balance = match.balance[match.balance["covariate"] != SCORE]
    covariates = pd.DataFrame({
        "covariate": [info.label(c) for c in balance["covariate"]],
        "before": balance["bias"], "after": balance["bias_matched"],
    })  # fmt: skip
    return Figure("balance", {"covariates": covariates}, {"limit": BALANCED})
