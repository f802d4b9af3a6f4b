"""What an exhibit says of its matching: sentences of the note, ledger lines, what a referee would object to."""

from __future__ import annotations

from typing import Any

import pandas as pd

from shidian.exhibits.matching.matched import BALANCED, Matched, count_matched
from shidian.exhibits.notes import number_or_no, restricted_sentences
from shidian.exhibits.result import StudyInfo
from shidian.ledger import ledger_row_of
from shidian.matching.psm import SCORE
from shidian.messages import aside, counted, joined, say

NAMED = 10
"""Rows that a sentence names; of more it says how many."""


def matching_sentences(m: Matched, info: StudyInfo) -> list[str]:
    """Return the note's sentences on the matching."""
    match, names = m.match, [info.label(c) for c in m.covariates]
    return [
        *restricted_sentences(m.sample_words),
        say("Logit of ever being treated on {covariates}, {rows}.", covariates=names, rows=_base(m)),
        _rule_sentence(m, info),
        aside(
            say(
                "Off the common support: {off} rows; without a covariate: {missing} rows.",
                off=number_or_no(len(match.off_support)),
                missing=number_or_no(len(match.missing)),
            )
        ),
        _neighbours_sentence(m),
        _unmatched_sentence(m),
        say("Left out for having no row in {year}: {units}.", year=m.base_year, units=_listed(match.absent))
        if match.absent
        else "",
        *(
            say("{rows} not matched: {why}.", rows=year or say("All rows"), why=why)
            for year, why in match.failed.items()
        ),
    ]


def _base(m: Matched) -> str:
    """Say on which rows units are matched."""
    if m.base == "base_year":
        return say("in {year}", year=m.base_year)
    return say("on pooled rows") if m.base == "pooled" else say("year by year")


def _rule_sentence(m: Matched, info: StudyInfo) -> str:
    """Return the sentence on the rule of the matching: neighbours, measure, order, caliper, support, ties."""
    rule = m.rule
    neighbours = say("1:{n} nearest neighbours on the log odds", n=rule.neighbours)
    if rule.measure == "score":
        neighbours = say("1:{n} nearest neighbours on the score", n=rule.neighbours)
    order = {
        "largest": say("without replacement, largest first"),
        "smallest": say("without replacement, smallest first"),
        "key": say("without replacement, key first"),
        "random": say("without replacement, random first"),
    }
    parts = [neighbours, say("with replacement") if rule.replacement else order[rule.order]]
    if rule.caliper is not None and rule.caliper_scale == "sd":
        parts.append(say("caliper {caliper:g} standard deviations", caliper=rule.caliper))
    elif rule.caliper is not None:
        parts.append(say("caliper {caliper:g}", caliper=rule.caliper))
    support = {
        "none": say("no common support imposed"),
        "treated": say("common support imposed on treated rows"),
        "both": say("common support imposed on all rows"),
    }
    ties = say("ties to the first by {unit}", unit=info.unit_label) if rule.ties == "first" else say("ties to all")
    return say("{rule}.", rule=joined([*parts, support[rule.support], ties], "commas"))


def _neighbours_sentence(m: Matched) -> str:
    """Return how many treated rows found how many neighbours; more than asked for are ties."""
    counts = m.match.found.value_counts().sort_index(ascending=False)
    return aside(
        say(
            "Treated rows with {found} of the {n} neighbours asked for: {rows}.",
            found=counts.index.tolist(),
            n=m.rule.neighbours,
            rows=counts.tolist(),
        )
    )


def _unmatched_sentence(m: Matched) -> str:
    rows = m.match.unmatched
    if rows.empty:
        return "" if m.rule.caliper is None else say("No treated rows without a control near enough.")
    n, names = counted(len(rows), "treated row"), _listed(_names(m, rows))
    if m.rule.caliper is None:
        return say("{n} without a control left: {rows}.", n=n, rows=names)
    return say("{n} without a control near enough: {rows}.", n=n, rows=names)


def _names(m: Matched, rows: pd.DataFrame) -> tuple[str, ...]:
    if m.base == "base_year":
        return tuple(rows["unit"].astype(str))
    return tuple(f"{unit} {year}" for unit, year in zip(rows["unit"], rows["year"], strict=True))


def _listed(names: tuple[str, ...]) -> str:
    """Return the names, of many the first and the number of the others."""
    shown = joined(names[:NAMED])
    return shown if len(names) <= NAMED else say("{names} and {n} others", names=shown, n=len(names) - NAMED)


def matching_ledger(m: Matched, subject: str) -> list[dict[str, Any]]:
    """Return the ledger lines of rows that the matching left out, and of treated rows by neighbours found."""
    match = m.match
    rows = match.rows
    unused = rows[(rows["weight"] == 0) & rows["on_support"] & ~rows["treated"]]
    absent = m.panel[m.panel["unit"].astype(str).isin(match.absent)]
    alone = say("treated row without a control near enough")
    if m.rule.caliper is None:
        alone = say("treated row without a control left")
    left = [
        (say("off the common support"), match.off_support),
        (alone, match.unmatched),
        (say("control row that no treated row chose"), unused),
        (say("missing covariate"), match.missing),
        (say("weight of zero"), m.weightless),
        (say("no row in the base year {year}", year=m.base_year), absent),
    ]
    for neighbours, found in match.found[match.found > 0].groupby(match.found):
        part = rows.loc[found.index]
        if neighbours < m.rule.neighbours:
            why = say("treated row with {found} of the {n} neighbours asked for", found=neighbours, n=m.rule.neighbours)
            left.append((why, part))
    lines = [(subject, why, part) for why, part in left if len(part)]
    lines += [(f"{subject} {year}", why, _rows_of(m, year)) for year, why in match.failed.items()]
    return [ledger_row_of(part, say("matching"), of, why) for of, why, part in lines]


def _rows_of(m: Matched, year: str) -> pd.DataFrame:
    """Return the rows that a matching that failed left out: one year's, complete in the covariates."""
    return m.panel[(m.panel["year"].astype(str) == year) & ~m.panel.index.isin(m.match.missing.index)]


def matching_warnings(m: Matched, info: StudyInfo) -> list[str]:
    """Return what a referee would object to: post-treatment covariates, few neighbours, imbalance, rows lost."""
    match = m.match
    said = [say("{year} could not be matched: {why}", year=year, why=why) for year, why in match.failed.items()]
    treated = match.rows.index[match.rows["treated"]]
    after = int((m.panel.loc[treated, m.treatment] > 0).sum())
    if after:
        said.append(
            say(
                "matching on post-treatment covariates: {n} treated rows were matched on values observed after the "
                "policy, which it may have moved; match in a base year before the first adoption",
                n=after,
            )
        )
    said += _few_neighbours(m)
    bad = match.balance[match.balance["bias_matched"].abs() > BALANCED]
    names = [info.label(c) for c in bad["covariate"] if c != SCORE]
    if names:
        said.append(say("not balanced after matching (|bias| above {limit:g}%): {names}", limit=BALANCED, names=names))
    kept = count_matched(match, treated=True)
    if kept < 0.8 * len(treated):
        said.append(
            say("only {n} of {all} treated rows are matched: the DID speaks for them", n=kept, all=len(treated))
        )
    return said


def _few_neighbours(m: Matched) -> list[str]:
    """Return the warning of treated rows with fewer neighbours than asked for, with the reason and the ways out."""
    found, rule = m.match.found, m.rule
    few = int((found < rule.neighbours).sum())
    if not few:
        return []
    if rule.caliper is not None:
        why = say("no other control was near enough; widen the caliper or ask for fewer neighbours")
    elif not rule.replacement:
        why = say("the controls ran out; match with replacement or ask for fewer neighbours")
    else:
        why = say("there are no more controls; ask for fewer neighbours")
    return [
        say(
            "{n} of {all} treated rows found fewer than the {asked} neighbours asked for: {why}",
            n=few,
            all=len(found),
            asked=rule.neighbours,
            why=why,
        )
    ]
