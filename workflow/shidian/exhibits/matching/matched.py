"""Matching as an exhibit declares it, with the words, ledger lines and warnings that go with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from shidian.errors import EstimationError, nearest
from shidian.exhibits.diagnostics import Diagnostic
from shidian.exhibits.result import StudyInfo, ledger_row
from shidian.exhibits.subsample import subsample
from shidian.matching.neighbours import MatchRule
from shidian.matching.psm import Base, PropensityMatch, match_panel

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
    """

    panel: pd.DataFrame
    match: PropensityMatch
    rule: MatchRule
    base: Base
    base_year: int | None
    treatment: str
    covariates: tuple[str, ...]
    sample_words: str


def run_matching(panel: pd.DataFrame, settings: Mapping[str, Any], info: StudyInfo) -> Matched:
    """Match as ``settings`` declare; the covariates are the controls where none are given.

    Raises:
        EstimationError: an unknown treatment, no covariate, nothing matched.
    """
    treatment = settings["treatment"]
    covariates = tuple(settings.get("covariates") or settings["controls"])
    if not covariates:
        raise EstimationError("the matching has no covariate: give 'covariates' or controls")
    if treatment not in panel.columns:
        raise EstimationError(f"the panel has no treatment '{treatment}'{nearest(treatment, panel.columns)}")
    part, words = subsample(panel, settings.get("sample"), info.label)
    part = part.reset_index(drop=True)
    ever = part.groupby("unit")[treatment].transform("max").fillna(0) > 0
    rule = MatchRule(**{key: settings[key] for key in RULE if key in settings}, seed=info.seed)
    base: Base = settings.get("base", "pooled")
    year = settings.get("base_year")
    match = match_panel(part, ever, covariates, rule, base, year)
    return Matched(part, match, rule, base, year, treatment, covariates, words)


def count_matched(match: PropensityMatch, treated: bool) -> int:
    """Return the matched rows of one group."""
    return int(((match.rows["weight"] > 0) & (match.rows["treated"] == treated)).sum())


def balance_long(match: PropensityMatch, study: str, exhibit: str, column: str) -> pd.DataFrame:
    """Return the balance as rows of the long schema: per cent bias before and after, with the p of the t tests."""
    rows = []
    for r in match.balance.to_dict("records"):
        for stage, bias, p in (("before", r["bias"], r["p"]), ("after", r["bias_matched"], r["p_matched"])):
            reason = "" if bias == bias else "the covariate does not vary"
            diagnostic = Diagnostic(f"bias {stage}: {r['covariate']}", bias, p=p, reason=reason)
            rows.append(diagnostic.long(study, exhibit, column))
    return pd.concat(rows, ignore_index=True)


def matching_sentences(m: Matched, info: StudyInfo) -> list[str]:
    """Return the note's sentences on the matching."""
    rule, match = m.rule, m.match
    bases = {"pooled": "on pooled rows", "by_year": "year by year", "base_year": f"in {m.base_year}"}
    support = {
        "none": "no common support imposed",
        "treated": "common support imposed on treated rows",
        "both": "common support imposed on all rows",
    }
    caliper = ""
    if rule.caliper is not None:
        caliper = f", caliper {rule.caliper:g}{' standard deviations' if rule.caliper_scale == 'sd' else ''}"
    order = "with replacement" if rule.replacement else f"without replacement, {rule.order} first"
    names = ", ".join(info.label(c) for c in m.covariates)
    measure = "score" if rule.measure == "score" else "log odds"
    ties = f"the first by {info.unit_label}" if rule.ties == "first" else "all"
    return [
        f"Rows restricted to: {m.sample_words}." if m.sample_words else "",
        f"Logit of ever being treated on {names}, {bases[m.base]}.",
        f"1:{rule.neighbours} nearest neighbours on the {measure}, {order}{caliper}, {support[rule.support]}, "
        f"ties to {ties}.",
        f"{match.off_support or 'No'} rows off the common support, {match.unmatched or 'no'} treated rows without a "
        f"control near enough, {match.n_missing or 'no'} rows without a covariate.",
        *(f"{year or 'All rows'} not matched: {why}." for year, why in match.failed.items()),
    ]


def matching_ledger(match: PropensityMatch, subject: str) -> list[dict[str, Any]]:
    """Return the ledger lines of rows that the matching left out."""
    rows = match.rows
    unused = rows[(rows["weight"] == 0) & rows["on_support"] & ~rows["treated"]]
    off = rows[~rows["on_support"]]
    alone = rows[(rows["weight"] == 0) & rows["on_support"] & rows["treated"]]
    found = [
        ("off the common support", off["unit"].nunique(), len(off)),
        ("treated row without a control near enough", alone["unit"].nunique(), match.unmatched),
        ("control row that no treated row chose", unused["unit"].nunique(), len(unused)),
        ("missing covariate", match.missing_units, match.n_missing),
    ]
    lines = [ledger_row("matching", subject, why, units=units, rows=count) for why, units, count in found if count]
    return lines + [ledger_row("matching", f"{subject} {year}", why) for year, why in match.failed.items()]


def matching_warnings(m: Matched, info: StudyInfo) -> list[str]:
    """Return what a referee would object to: post-treatment covariates, imbalance, treated rows lost."""
    match = m.match
    found = [f"{year} could not be matched: {why}" for year, why in match.failed.items()]
    treated = match.rows.index[match.rows["treated"]]
    after = int((m.panel.loc[treated, m.treatment] > 0).sum())
    if after:
        found.append(
            f"matching on post-treatment covariates: {after} treated rows were matched on values observed after the "
            "policy, which it may have moved; match in a base year before the first adoption"
        )
    bad = match.balance[match.balance["bias_matched"].abs() > BALANCED]
    names = [info.label(c) for c in bad["covariate"] if c != "score"]
    if names:
        found.append(f"not balanced after matching (|bias| above {BALANCED:g}%): {', '.join(names)}")
    kept = count_matched(match, treated=True)
    if kept < 0.8 * len(treated):
        found.append(f"only {kept} of {len(treated)} treated rows are matched: the DID speaks for them")
    return found
