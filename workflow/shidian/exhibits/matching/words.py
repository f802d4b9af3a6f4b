"""What an exhibit says of its matching: sentences of the note, ledger lines, what a referee would object to."""

from __future__ import annotations

from typing import Any

import pandas as pd

from shidian.exhibits.matching.matched import BALANCED, Matched, count_matched
from shidian.exhibits.result import StudyInfo, ledger_row
from shidian.matching.psm import SCORE
from shidian.messages import counted

NAMED = 10
"""Rows that a sentence names; of more it says how many."""


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
        f"Off the common support: {len(match.off_support) or 'no'} rows; without a covariate: "
        f"{len(match.missing) or 'no'} rows.",
        _neighbours_sentence(m),
        _unmatched_sentence(m),
        f"Left out for having no row in {m.base_year}: {_listed(match.absent)}." if match.absent else "",
        *(f"{year or 'All rows'} not matched: {why}." for year, why in match.failed.items()),
    ]


def _neighbours_sentence(m: Matched) -> str:
    """Return how many treated rows found how many neighbours; more than asked for are ties."""
    counts = m.match.found.value_counts().sort_index(ascending=False)
    numbers, rows = (", ".join(str(value) for value in values) for values in (counts.index, counts))
    return f"Treated rows with {numbers} of the {m.rule.neighbours} neighbours asked for: {rows}."


def _unmatched_sentence(m: Matched) -> str:
    rows = m.match.unmatched
    if rows.empty:
        return "" if m.rule.caliper is None else "No treated rows without a control near enough."
    return f"{counted(len(rows), 'treated row')} {_without(m)}: {_listed(_names(m, rows))}."


def _without(m: Matched) -> str:
    """Return what a treated row without a neighbour lacks: near enough is said where a caliper is set."""
    return "without a control " + ("left" if m.rule.caliper is None else "near enough")


def _names(m: Matched, rows: pd.DataFrame) -> tuple[str, ...]:
    if m.base == "base_year":
        return tuple(rows["unit"].astype(str))
    return tuple(f"{unit} {year}" for unit, year in zip(rows["unit"], rows["year"], strict=True))


def _listed(names: tuple[str, ...]) -> str:
    """Return the names, of many the first and the number of the others."""
    shown = ", ".join(names[:NAMED])
    return shown if len(names) <= NAMED else f"{shown} and {len(names) - NAMED} others"


def matching_ledger(m: Matched, subject: str) -> list[dict[str, Any]]:
    """Return the ledger lines of rows that the matching left out, and of treated rows by neighbours found."""
    match = m.match
    rows = match.rows
    unused = rows[(rows["weight"] == 0) & rows["on_support"] & ~rows["treated"]]
    absent = m.panel[m.panel["unit"].astype(str).isin(match.absent)]
    left = [
        ("off the common support", match.off_support),
        (f"treated row {_without(m)}", match.unmatched),
        ("control row that no treated row chose", unused),
        ("missing covariate", match.missing),
        (f"no row in the base year {m.base_year}", absent),
    ]
    for neighbours, found in match.found[match.found > 0].groupby(match.found):
        part = rows.loc[found.index]
        if neighbours < m.rule.neighbours:
            left.append((f"treated row with {neighbours} of the {m.rule.neighbours} neighbours asked for", part))
    lines = [_line(subject, why, part) for why, part in left if len(part)]
    return lines + [_line(f"{subject} {year}", why, _rows_of(m, year)) for year, why in match.failed.items()]


def _line(subject: str, why: str, part: pd.DataFrame) -> dict[str, Any]:
    return ledger_row("matching", subject, why, units=part["unit"].nunique(), rows=len(part))


def _rows_of(m: Matched, year: str) -> pd.DataFrame:
    """Return the rows that a matching that failed left out: one year's, complete in the covariates."""
    return m.panel[(m.panel["year"].astype(str) == year) & ~m.panel.index.isin(m.match.missing.index)]


def matching_warnings(m: Matched, info: StudyInfo) -> list[str]:
    """Return what a referee would object to: post-treatment covariates, few neighbours, imbalance, rows lost."""
    match = m.match
    said = [f"{year} could not be matched: {why}" for year, why in match.failed.items()]
    treated = match.rows.index[match.rows["treated"]]
    after = int((m.panel.loc[treated, m.treatment] > 0).sum())
    if after:
        said.append(
            f"matching on post-treatment covariates: {after} treated rows were matched on values observed after the "
            "policy, which it may have moved; match in a base year before the first adoption"
        )
    said += _few_neighbours(m)
    bad = match.balance[match.balance["bias_matched"].abs() > BALANCED]
    names = [info.label(c) for c in bad["covariate"] if c != SCORE]
    if names:
        said.append(f"not balanced after matching (|bias| above {BALANCED:g}%): {', '.join(names)}")
    kept = count_matched(match, treated=True)
    if kept < 0.8 * len(treated):
        said.append(f"only {kept} of {len(treated)} treated rows are matched: the DID speaks for them")
    return said


def _few_neighbours(m: Matched) -> list[str]:
    """Return the warning of treated rows with fewer neighbours than asked for, with the reason and the ways out."""
    found, rule = m.match.found, m.rule
    few = int((found < rule.neighbours).sum())
    if not few:
        return []
    if rule.caliper is not None:
        why = "no other control was near enough; widen the caliper or ask for fewer neighbours"
    elif not rule.replacement:
        why = "the controls ran out; match with replacement or ask for fewer neighbours"
    else:
        why = "there are no more controls; ask for fewer neighbours"
    return [f"{few} of {len(found)} treated rows found fewer than the {rule.neighbours} neighbours asked for: {why}"]
