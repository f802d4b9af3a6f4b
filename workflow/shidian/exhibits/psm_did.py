"""PSM-DID exhibit: matching on the propensity score, balance, and the DID on the matched sample."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from shidian.errors import EstimationError
from shidian.estimates import missing
from shidian.exhibits import notes
from shidian.exhibits.diagnostics import Diagnostic
from shidian.exhibits.did_table import column_settings, long_with_omitted
from shidian.exhibits.regression_table import Style, TableColumn, regression_table
from shidian.exhibits.result import (
    Cell,
    ExhibitResult,
    Figure,
    Row,
    StudyInfo,
    Table,
    ledger_frame,
    ledger_row,
)
from shidian.exhibits.subsample import subsample
from shidian.matching.balance import score_values
from shidian.matching.neighbours import MatchRule
from shidian.matching.psm import PropensityMatch, match_panel, matched_weights
from shidian.matching.weighted_did import regress_matched

BALANCED = 10.0
"""Absolute standardised bias, in per cent, below which a covariate is called balanced."""
RULE = ("neighbours", "replacement", "caliper", "caliper_scale", "measure", "order", "ties", "support")
MATCHING = (*RULE, "covariates", "base", "base_year", "keep")
KEEP_WORDS = {
    "analytic": "weighted by the matching weights",
    "frequency": "each row repeated as often as it was matched",
    "matched": "on the matched rows, unweighted",
    "support": "on the rows on the common support, unweighted",
}


@dataclass(frozen=True)
class _Done:
    column: TableColumn
    match: PropensityMatch | None
    sentences: tuple[str, ...]
    ledger: tuple[dict[str, Any], ...]
    warnings: tuple[str, ...]
    extra: pd.DataFrame | None = None


def run(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Match and estimate every column of ``spec``; table and figure show what ``table`` and ``figure`` ask
    for."""
    style, exhibit = Style.of(spec), notes.exhibit_id(spec)
    defaults = {key: spec[key] for key in MATCHING if key in spec}
    settings = [column_settings(spec, {**defaults, **c}, i, info) for i, c in enumerate(spec.get("columns", [{}]))]
    done = [_column(panel.reset_index(drop=True), s, info, exhibit, style) for s in settings]
    columns = [d.column for d in done]
    terms = spec.get("coefficients") or list(
        dict.fromkeys([s["treatment"] for s in settings] + [c for s in settings for c in s["controls"]])
    )
    first = next((d.match for d in done if d.match is not None), None)
    if spec.get("table", "did") == "did" or first is None:
        labels = {t: info.label(t) for t in terms}
        table = regression_table(columns, labels, style, spec.get("statistics", ["n_obs", "r2"]))
    else:
        table = _balance_table(first, columns[0].id, info, style)
    frames = [c.estimates for c in columns] + [d.extra for d in done if d.extra is not None]
    by_label = [(d.column.header, s) for d in done for s in d.sentences]
    return ExhibitResult(
        estimates=pd.concat(frames, ignore_index=True),
        table=table,
        figure=_figure(first, spec.get("figure", "balance"), info),
        notes=(
            *notes.by_column(by_label),
            notes.stars_sentence(style.stars),
            *notes.simulated_sentence(info),
        ),
        ledger=ledger_frame([line for d in done for line in d.ledger]),
        warnings=tuple(notes.by_column([(d.column.header, w) for d in done for w in d.warnings or ("",)])),
    )


def _column(panel: pd.DataFrame, s: Mapping[str, Any], info: StudyInfo, exhibit: str, style: Style) -> _Done:
    label, treatment = s["label"], s["treatment"]
    covariates, base, keep = (
        list(s.get("covariates") or s["controls"]),
        s.get("base", "pooled"),
        s.get("keep", "matched"),
    )
    match = None
    try:
        part, words = subsample(panel, s.get("sample"))
        part = part.reset_index(drop=True)
        ever = _ever_treated(part, treatment)
        rule = MatchRule(**{key: s[key] for key in RULE if key in s}, seed=info.seed)
        match = match_panel(part, ever, covariates, rule, base, s.get("base_year"))
        weights = matched_weights(part, match, base, keep)
        regression = regress_matched(
            part,
            weights,
            keep,
            s["outcome"],
            [treatment, *s["controls"]],
            s["fixed_effects"],
            s["vcov"],
            s["ssc"],
        )
    except EstimationError as error:
        rows = missing(info.study, exhibit, label, treatment, str(error))
        ledger = (ledger_row("matching", f"{exhibit} {label}", str(error)),)
        column = TableColumn(label, label, rows, info.label(s["outcome"]))
        extra = _balance_long(match, info, exhibit, label) if match else None
        return _Done(column, match, (f"Not estimated: {error}.",), ledger, (str(error),), extra)
    column = TableColumn(
        label, label, long_with_omitted(regression, info.study, exhibit, label), info.label(s["outcome"]),
        {"Neighbours": f"1:{rule.neighbours}", "Matched treated rows": f"{_matched(match, True):,}",
         "Matched control rows": f"{_matched(match, False):,}"},
    )  # fmt: skip
    sentences = (
        f"Rows restricted to: {words}." if words else "",
        *_matching_sentences(match, rule, base, s, covariates, info),
        f"DID {KEEP_WORDS[keep]}.",
        notes.effects_sentence(s["fixed_effects"], info),
        notes.errors_sentence(regression.fit, info, style.errors_words()),
        notes.sample_sentence(regression.fit, info),
    )
    lines = _ledger(match, f"{exhibit} {label}") + notes.sample_ledger(exhibit, label, regression.sample, part)
    warnings = (*regression.warnings, *_warnings(part, match, treatment, base, s, info))
    return _Done(column, match, sentences, tuple(lines), warnings, _balance_long(match, info, exhibit, label))


def _ever_treated(panel: pd.DataFrame, treatment: str) -> pd.Series:
    if treatment not in panel.columns:
        raise EstimationError(f"the panel has no treatment column '{treatment}'")
    return panel.groupby("unit")[treatment].transform("max").fillna(0) > 0


def _matched(match: PropensityMatch, treated: bool) -> int:
    rows = match.rows
    return int(((rows["weight"] > 0) & (rows["treated"] == treated)).sum())


def _balance_long(match: PropensityMatch, info: StudyInfo, exhibit: str, column: str) -> pd.DataFrame:
    """Return the balance as rows of the long schema: per cent bias before and after, with the t tests' p."""
    rows = []
    for r in match.balance.to_dict("records"):
        for stage, bias, p in (("before", r["bias"], r["p"]), ("after", r["bias_matched"], r["p_matched"])):
            reason = "" if bias == bias else "the covariate does not vary"
            term = f"bias {stage}: {r['covariate']}"
            rows.append(Diagnostic(term, bias, p=p, reason=reason).long(info.study, exhibit, column))
    return pd.concat(rows, ignore_index=True)


def _balance_table(match: PropensityMatch, column: str, info: StudyInfo, style: Style) -> Table:
    heads = ("Treated", "Controls", "Bias, %", "Reduction of |bias|, %", "t", "p")
    header = ((("", 1), *((h, 1) for h in heads)),)
    rows: list[Row] = []
    for r in match.balance.to_dict("records"):
        label = "Propensity score" if r["covariate"] == "score" else info.label(r["covariate"])
        for stage, suffix in (("before", ""), ("after", "_matched")):
            term = f"bias {stage}: {r['covariate']}"
            rows.append(Row(f"{label}: {'unmatched' if not suffix else 'matched'}", (
                Cell(style.number(r[f"mean_treated{suffix}"])),
                Cell(style.number(r[f"mean_control{suffix}"])),
                Cell(f"{r[f'bias{suffix}']:.1f}", (column, term, "estimate")),
                Cell(f"{r['reduction']:.1f}" if suffix else ""),
                Cell(f"{r[f't{suffix}']:.2f}"), Cell(style.number(r[f"p{suffix}"]), (column, term, "p")),
            ), rule_above=not suffix and bool(rows)))  # fmt: skip
    return Table(header, tuple(rows))


def _figure(match: PropensityMatch | None, kind: str, info: StudyInfo) -> Figure | None:
    if match is None:
        return None
    if kind == "density":
        rows = match.rows
        values = score_values(rows["score"].to_numpy(), rows["treated"].to_numpy(), rows["pairs"].to_numpy())
        return Figure("density", {"values": values}, {"x_label": "Propensity score"}) if len(values) else None
    balance = match.balance[match.balance["covariate"] != "score"]
    covariates = pd.DataFrame({
        "covariate": [info.label(c) for c in balance["covariate"]],
        "before": balance["bias"], "after": balance["bias_matched"],
    })  # fmt: skip
    return Figure("balance", {"covariates": covariates}, {"limit": BALANCED})


def _matching_sentences(
    match: PropensityMatch,
    rule: MatchRule,
    base: str,
    s: Mapping[str, Any],
    covariates: list[str],
    info: StudyInfo,
) -> list[str]:
    bases = {"pooled": "on pooled rows", "by_year": "year by year", "base_year": f"in {s.get('base_year')}"}
    caliper = ""
    if rule.caliper is not None:
        caliper = f", caliper {rule.caliper:g}{' standard deviations' if rule.caliper_scale == 'sd' else ''}"
    order = "with replacement" if rule.replacement else f"without replacement, {rule.order} first"
    support = {"none": "no common support imposed", "treated": "common support imposed on treated rows",
               "both": "common support imposed on all rows"}[rule.support]  # fmt: skip
    names = ", ".join(info.label(c) for c in covariates)
    words = "score" if rule.measure == "score" else "log odds"
    return [
        f"Logit of ever being treated on {names}, {bases[base]}; 1:{rule.neighbours} nearest neighbours on "
        f"the {words}, "
        f"{order}{caliper}, {support}, ties to the "
        f"{'first by ' + info.unit_label if rule.ties == 'first' else 'all'}.",
        f"{match.off_support or 'No'} rows off the common support, {match.unmatched or 'no'} treated rows "
        "without a "
        f"control near enough, {match.n_missing or 'no'} rows without a covariate.",
        *(f"{year or 'All rows'} not matched: {why}." for year, why in match.failed.items()),
    ]


def _ledger(match: PropensityMatch, subject: str) -> list[dict[str, Any]]:
    rows = match.rows
    unused = rows[(rows["weight"] == 0) & rows["on_support"] & ~rows["treated"]]
    found = [
        ledger_row("matching", subject, "off the common support", rows=match.off_support,
                   units=rows.loc[~rows["on_support"], "unit"].nunique()),
        ledger_row("matching", subject, "treated row without a control near enough", rows=match.unmatched),
        ledger_row("matching", subject, "control row that no treated row chose", rows=len(unused),
                   units=unused["unit"].nunique()),
        ledger_row("matching", subject, "missing covariate", rows=match.n_missing),
    ]  # fmt: skip
    found += [ledger_row("matching", f"{subject} {year}", why) for year, why in match.failed.items()]
    return [line for line in found if line["rows"] or line["units"] or line["subject"] != subject]


def _warnings(
    panel: pd.DataFrame,
    match: PropensityMatch,
    treatment: str,
    base: str,
    s: Mapping[str, Any],
    info: StudyInfo,
) -> list[str]:
    found = [f"{year} could not be matched: {why}" for year, why in match.failed.items()]
    rows = match.rows.index[match.rows["treated"]]
    after = int((panel.loc[rows, treatment] > 0).sum())
    if after:
        found.append(
            f"matching on post-treatment covariates: {after} treated rows were matched on values observed "
            "after the "
            "policy, which it may have moved; match in a base year before the first adoption"
        )
    bad = match.balance[match.balance["bias_matched"].abs() > BALANCED]
    names = [info.label(c) for c in bad["covariate"] if c != "score"]
    if names:
        found.append(f"not balanced after matching (|bias| above {BALANCED:g}%): {', '.join(names)}")
    kept = _matched(match, True)
    if kept < 0.8 * int(match.rows["treated"].sum()):
        found.append(
            f"only {kept} of {int(match.rows['treated'].sum())} treated rows are matched: the DID speaks for them"
        )
    return found
