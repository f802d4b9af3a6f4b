"""Planted / recovered: what was planted in simulated yearbooks beside what the study finds in them.

Each estimate is graded against its pseudo-true value: the same exhibit, by the same code, on the panel without
disturbances. The printed number of the paper stands beside it for orientation, without a verdict.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
from scipy.stats import binom

from shidian.errors import EstimationError
from shidian.estimates import missing, normalise
from shidian.exhibits import notes
from shidian.exhibits.regression_table import DASH, Style
from shidian.exhibits.result import Cell, ExhibitResult, Row, StudyInfo, Table
from shidian.exhibits.truth.conclusions import Concluded, conclusion_sentences, conclusions
from shidian.exhibits.truth.findings import HEAD, finding, findings_sentences, named, order_sentences
from shidian.exhibits.truth.printed import (
    Printed,
    by_group,
    by_reason,
    column_of,
    find_estimate,
    graded_numbers,
    no_estimate_sentences,
    printed_at,
    taken_from,
    with_headings,
)
from shidian.messages import say

HEADS = (
    say("Planted"), say("Pseudo-true"), say("Recovered"), say("Standard error"), say("95% interval"),
    say("Holds pseudo-true"), say("Printed"), HEAD,
)  # fmt: skip

UNLIKELY = 0.01
"""Probability of so few intervals that hold the truth below which a warning says so."""
ZERO = 1e-12
"""A pseudo-true value below this is a zero that was computed."""


def run(
    results: Mapping[str, ExhibitResult], pseudo: Mapping[str, ExhibitResult], truth: Mapping[str, Any],
    published: Mapping[str, Any], spec: Mapping[str, Any], info: StudyInfo,
) -> ExhibitResult:  # fmt: skip
    """Put planted, pseudo-true, recovered and printed values side by side.

    Args:
        results: exhibit -> result on the simulated panel.
        pseudo: exhibit -> result on the panel without disturbances.
        truth: the study's planted truth (``config/truth``).
        published: the printed numbers, all scalars as text.
        spec: resolved specification; ``numbers`` is a list of {group, what, exhibit, column, term, field, at, planted,
            graded}; those of other fields than the estimate, and those not graded, are left out.
        info: the study.

    Raises:
        EstimationError: a printed or planted number or an estimate that is not there, with the nearest one that is.
    """
    style, rows, frames, held, graded = Style.of(spec), [], [], 0, 0
    refused: list[tuple[str, str]] = []
    lost: list[tuple[str, str]] = []
    values, by_what, group = dict[str, tuple[Printed, pd.Series]](), dict[str, tuple[Printed, pd.Series]](), ""
    outside: list[str] = []
    has_numbers = any("at" in number for number in graded_numbers(spec["numbers"]))
    concluded = conclusions(results, spec.get("conclusions", ()))
    printed = has_numbers or bool(concluded)
    for number in graded_numbers(spec["numbers"]):
        ours = find_estimate(results[number["exhibit"]].estimates, number)
        asked = graded_on(number)
        true = _pseudo(pseudo[asked["exhibit"]].estimates, asked, info)
        row, inside = _row(number, ours, true, truth, published, style)
        row = row if printed else replace(row, cells=row.cells[:-2])
        group = number["group"] or group
        if "at" in number:
            values[named(group, number)] = (printed_at(published, number["at"]), ours.iloc[0])
            by_what[number["what"]] = values[named(group, number)]
        rows.append((number["group"], row))
        frames += [ours, true]
        if pd.isna(ours["estimate"].iloc[0]):
            refused.append((str(number["what"]), str(ours["reason"].iloc[0])))
        if pd.isna(true["estimate"].iloc[0]):
            lost.append((str(number["what"]), str(true["reason"].iloc[0])))
        graded += inside is not None
        held += bool(inside)
        outside += [str(number["what"])] if inside is False else []
    estimates = normalise(pd.concat(frames).assign(exhibit=spec["id"])).drop_duplicates(
        ["column", "term"], ignore_index=True
    )
    text = (
        *notes.simulated_sentence(info),
        say(
            "Pseudo-true: the same exhibit by the same code on the same units, treatment and covariates without "
            "disturbances; it may differ from what was planted where the estimator answers another question."
        ),
        say("{n} of {of} intervals hold the pseudo-true value; of many independent ones 95% would.", n=held, of=graded),
        *no_estimate_sentences(refused),
        *_lost_sentences(lost),
        _source_sentence(published, has_numbers),
        *findings_sentences([(what, finding(*pair)) for what, pair in values.items()]),
        *order_sentences(spec.get("orders", ()), by_what),
        *conclusion_sentences(concluded),
    )
    heads = HEADS if printed else HEADS[:-2]
    rows = by_group([*rows, *_concluded_rows(concluded)])
    numbers = graded_numbers(spec["numbers"])
    return ExhibitResult(
        estimates, Table(((("", 1), *((h, 1) for h in heads)),), with_headings(rows)), notes=text,
        used=taken_from(numbers) | taken_from(map(graded_on, numbers), noise_free=True),
        warnings=_too_few(held, graded, outside),
    )  # fmt: skip


def _concluded_rows(concluded: Sequence[Concluded]) -> list[tuple[str, Row]]:
    """Return a row a conclusion: how many estimates keep to it, what the paper says of them, whether it comes back."""
    return [
        (one.group, Row(one.what, tuple(map(Cell, ("", "", one.count, "", "", "", one.condition, one.verdict)))))
        for one in concluded
    ]


def graded_on(number: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the number whose pseudo-true value a number is graded against: itself, or what ``truth_of`` names."""
    return {**number, **number.get("truth_of", {})}


def _too_few(held: int, graded: int, outside: Sequence[str]) -> tuple[str, ...]:
    """Warn where fewer 95% intervals hold the truth than one in a hundred sets of independent ones would."""
    if binom.cdf(held, graded, 0.95) >= UNLIKELY:
        return ()
    said = say(
        "only {n} of {of} 95% intervals hold the pseudo-true value; those of {names} do not: the estimators or the "
        "scores do not recover what was planted",
        n=held,
        of=graded,
        names=list(outside),
    )
    return (said,)


def _lost_sentences(lost: list[tuple[str, str]]) -> list[str]:
    return [
        say("No pseudo-true value of {names}: without disturbances {why}.", names=names, why=why)
        for why, names in by_reason(lost)
    ]


def _source_sentence(published: Mapping[str, Any], printed: bool) -> str:
    source = published["source"]
    if not printed:
        return say("None of these numbers is printed in the text at hand: {source}", source=source)
    return say(
        "Printed: {source} For orientation: simulated data say nothing about the paper's.",
        source=source,
    )


def _pseudo(estimates: pd.DataFrame, number: Mapping[str, Any], info: StudyInfo) -> pd.DataFrame:
    """Return the pseudo-true estimate, or why there is none: without disturbances a model may be degenerate."""
    at = estimates[(estimates["column"] == number["column"]) & (estimates["term"] == number["term"])].head(1)
    column = column_of(number, noise_free=True)
    if len(at) and pd.notna(at["estimate"].iloc[0]):
        return at.assign(column=column)
    refused = estimates.loc[estimates["estimate"].isna() & (estimates["reason"] != ""), "reason"]
    reason = at["reason"].iloc[0] if len(at) else refused.iloc[0] if len(refused) else ""
    return missing(info.study, number["exhibit"], column, number["term"], reason or say("not estimated"))


def _row(
    number: Mapping[str, Any], ours: pd.DataFrame, true: pd.DataFrame, truth: Mapping[str, Any],
    published: Mapping[str, Any], style: Style,
) -> tuple[Row, bool | None]:  # fmt: skip
    estimate, target = ours.iloc[0], true["estimate"].iloc[0]
    target = 0.0 if abs(target) < ZERO else target
    ref, term, missing_here = str(estimate["column"]), number["term"], pd.isna(estimate["estimate"])
    has_interval = pd.notna(estimate["ci_low"]) and pd.notna(estimate["ci_high"])
    inside = bool(estimate["ci_low"] <= target <= estimate["ci_high"]) if has_interval and pd.notna(target) else None
    interval = f"[{style.number(estimate['ci_low'])}, {style.number(estimate['ci_high'])}]" if has_interval else DASH
    printed = printed_at(published, number["at"]) if "at" in number else None
    known = Cell(style.number(target), (str(true["column"].iloc[0]), term, "estimate"))
    cells = (
        Cell(style.number(_planted(truth, number["planted"])) if "planted" in number else ""),
        Cell(DASH, (str(true["column"].iloc[0]), term, "reason")) if pd.isna(target) else known,
        Cell(style.number(estimate["estimate"]), (ref, term, "reason" if missing_here else "estimate")),
        Cell(style.number(estimate["se"]), (ref, term, "se")) if pd.notna(estimate["se"]) else Cell(DASH),
        Cell(interval, (ref, term, "ci_low")) if has_interval else Cell(DASH),
        Cell({True: say("yes"), False: say("no"), None: DASH}[inside]),
        Cell(printed.value if printed else ""),
        Cell(finding(printed, estimate) if printed else ""),
    )
    return Row(number["what"], cells), inside


def _planted(truth: Mapping[str, Any], at: str) -> float:
    """Return the planted number at a dotted path of the truth file."""
    place: Any = truth
    for key in at.split("."):
        if not isinstance(place, Mapping) or key not in place:
            raise EstimationError(say("the planted truth has nothing at '{at}': no '{key}'", at=at, key=key))
        place = place[key]
    return float(place)
