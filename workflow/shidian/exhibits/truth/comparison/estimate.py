"""Published against reproduced: each printed number beside ours, and whether they agree to the printed digits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from typing import Any

import pandas as pd

from shidian.estimates import normalise
from shidian.exhibits import notes
from shidian.exhibits.regression_table import DASH, Style
from shidian.exhibits.result import Cell, ExhibitResult, Row, StudyInfo, Table
from shidian.exhibits.truth.conclusions import Concluded, conclusion_sentences, conclusions
from shidian.exhibits.truth.findings import HEAD, finding, findings_sentences, named, order_sentences
from shidian.exhibits.truth.printed import (
    Printed,
    by_group,
    declared_numbers,
    find_estimate,
    no_estimate_sentences,
    printed_at,
    taken_from,
    with_headings,
)
from shidian.exhibits.truth.sizes import sizes_apart
from shidian.messages import say
from shidian.printed import fixed

HEADS = (say("Published"), say("Reproduced"), say("Difference"), say("Agrees"))
VERDICTS = (say("In standard errors"), say("Same sign"), say("Same stars"), say("In our 95% interval"), HEAD)
OWN = (say("Reproduced"), say("Standard error"), say("95% interval"))
YES, NO = say("yes"), say("NO")
LEVELS = (0.1, 0.05, 0.01)


def run(
    results: Mapping[str, ExhibitResult], published: Mapping[str, Any], spec: Mapping[str, Any], info: StudyInfo
) -> ExhibitResult:
    """Compare printed numbers with the study's own; where the text at hand prints none, list our own.

    Means and standard deviations come before the estimates: a variable of another size is the first warning. A
    coefficient printed with its standard error takes two rows. An estimate that its exhibit refused is a dash, with
    the reason in the note.

    Args:
        results: exhibit -> result, every exhibit that ``spec`` names.
        published: the published numbers, all scalars as text so that the printed digits are kept.
        spec: resolved specification; ``numbers`` is a list of {group, what, at, exhibit, column, term, field}.
        info: the study.

    Raises:
        EstimationError: a printed number or an estimate that is not there, with the nearest one that is.
    """
    numbers = declared_numbers(spec["numbers"])
    if not any("at" in number for number in numbers):
        return _our_own(results, published, numbers, spec, info)
    numbers = [number for number in numbers if "at" in number]
    rows, compared, verdicts, agree = [], [], bool(spec.get("verdicts", False)), []
    values, by_what, group = dict[str, tuple[Printed, pd.Series]](), dict[str, tuple[Printed, pd.Series]](), ""
    for number in numbers:
        estimate = find_estimate(results[number["exhibit"]].estimates, number)
        compared.append(estimate)
        printed = printed_at(published, number["at"])
        group = number["group"] or group
        if number["field"] == "estimate":
            values[named(group, number)] = by_what[number["what"]] = (printed, estimate.iloc[0])
        for row, same in _rows(number, printed, estimate.iloc[0], verdicts):
            rows.append((number["group"], row))
            agree.append(same)
    text = [
        say("{n} of {of} published numbers are reproduced to the printed digits.", n=sum(agree), of=len(agree)),
        say("Published: {source}", source=published["source"]),
        *no_estimate_sentences(_lost(numbers, compared)),
    ]
    text += order_sentences(spec.get("orders", ()), by_what)
    if verdicts:
        text += findings_sentences([(what, finding(*pair)) for what, pair in values.items()])
        text.append(
            say("In standard errors: the difference over our own. Stars: the printed ones against our p-value.")
        )
    if info.simulated:
        text.insert(0, say("SIMULATED data: the published numbers stand here for orientation only."))
    missed = len(agree) - sum(agree)
    if verdicts:
        concluded = conclusions(results, spec.get("conclusions", ()))
        rows = by_group([*rows, *_concluded_rows(concluded)])
        text += conclusion_sentences(concluded)
    heads = (*HEADS, *(VERDICTS if verdicts else ()))
    table = Table(((("", 1), *((head, 1) for head in heads)),), with_headings(rows))
    apart = tuple(size.said(info.label(size.variable)) for size in sizes_apart(results, published, numbers))
    warnings = (*apart, *[say("{n} published numbers are not reproduced.", n=missed)] * bool(missed))
    return ExhibitResult(
        _estimates(compared, spec), table, notes=tuple(text), warnings=warnings, used=taken_from(numbers)
    )


def _our_own(
    results: Mapping[str, ExhibitResult], published: Mapping[str, Any], numbers: Sequence[Mapping[str, Any]],
    spec: Mapping[str, Any], info: StudyInfo,
) -> ExhibitResult:  # fmt: skip
    """Return our estimates alone, for a text that prints no number."""
    found = [find_estimate(results[number["exhibit"]].estimates, number) for number in numbers]
    style, rows = Style.of(spec), []
    for number, frame in zip(numbers, found, strict=True):
        estimate = frame.iloc[0]
        ref = (str(estimate["column"]), number["term"])
        interval = f"[{style.number(estimate['ci_low'])}, {style.number(estimate['ci_high'])}]"
        cells = (
            _ours(estimate, number["term"], number["field"], style.number(estimate[number["field"]])),
            Cell(style.number(estimate["se"]), (*ref, "se")) if pd.notna(estimate["se"]) else Cell(DASH),
            Cell(interval, (*ref, "ci_low")) if pd.notna(estimate["ci_low"]) else Cell(DASH),
        )
        rows.append((number["group"], Row(number["what"], cells)))
    text = (
        *notes.simulated_sentence(info),
        say("None of these numbers is printed in the text at hand: {source}", source=published["source"]),
        *no_estimate_sentences(_lost(numbers, found)),
    )
    table = Table(((("", 1), *((head, 1) for head in OWN)),), with_headings(rows))
    return ExhibitResult(_estimates(found, spec), table, notes=text, used=taken_from(numbers))


def _concluded_rows(concluded: Sequence[Concluded]) -> list[tuple[str, Row]]:
    """Return a row a conclusion: what the paper says of the estimates, how many keep to it, whether it comes back."""
    return [
        (one.group, Row(one.what, tuple(map(Cell, (one.condition, one.count, *("",) * 6, one.verdict)))))
        for one in concluded
    ]


def _estimates(found: Sequence[pd.DataFrame], spec: Mapping[str, Any]) -> pd.DataFrame:
    together = normalise(pd.concat(found).assign(exhibit=spec["id"]))
    return together.drop_duplicates(["column", "term"], ignore_index=True)


def _lost(numbers: Sequence[Mapping[str, Any]], found: Sequence[pd.DataFrame]) -> list[tuple[str, str]]:
    """Return (what, reason) of the numbers whose estimate was refused."""
    reasons = [str(frame["reason"].iloc[0]) if frame["estimate"].isna().iloc[0] else "" for frame in found]
    return [(number["what"], why) for number, why in zip(numbers, reasons, strict=True) if why]


def _ours(estimate: pd.Series, term: str, field: str, text: str) -> Cell:
    """Return the cell of our own number, or a dash that leads to the reason why there is none."""
    column = str(estimate["column"])
    return Cell(DASH, (column, term, "reason")) if pd.isna(estimate[field]) else Cell(text, (column, term, field))


def _rows(number: Mapping[str, Any], printed: Printed, estimate: pd.Series, verdicts: bool) -> list[tuple[Row, bool]]:
    """Return the row of a printed number and that of its standard error, and whether ours are those printed."""
    term, field = number["term"], number["field"]
    said = _verdicts(printed, estimate, term, field) if verdicts else ()
    rows = [_row(number["what"], printed.value, estimate, (term, field), said)]
    if printed.se:
        empty = tuple(Cell("") for _ in said)
        rows.append(_row(say("standard error"), printed.se, estimate, (term, "se"), empty))
    return rows


def _row(
    label: str, printed: str, estimate: pd.Series, place: tuple[str, str], verdicts: tuple[Cell, ...]
) -> tuple[Row, bool]:
    ours = estimate[place[1]]
    if pd.isna(ours):
        cells = (Cell(printed), _ours(estimate, *place, ""), Cell(""), Cell(DASH), *verdicts)
        return Row(label, cells), False
    decimals = max(0, -int(Decimal(printed).as_tuple().exponent))
    same, difference = agrees(printed, float(ours)), float(ours) - float(printed)
    cells = (
        Cell(printed),
        _ours(estimate, *place, fixed(float(ours), decimals)),
        Cell("0" if difference == 0 else f"{difference:.1e}"),
        Cell(YES if same else NO),
        *verdicts,
    )
    return Row(label, cells), same


def _verdicts(printed: Printed, row: pd.Series, term: str, field: str) -> tuple[Cell, ...]:
    """Say how far a printed coefficient is from ours: in standard errors, in sign, in stars, in our interval."""
    if field != "estimate" or pd.isna(row["se"]) or pd.isna(row["estimate"]):
        return tuple(Cell("") for _ in VERDICTS)
    value, said = float(printed.value), {True: YES, False: NO}
    stars = said[int(printed.stars) == sum(row["p"] < level for level in LEVELS)] if printed.stars else ""
    return (
        Cell(f"{(float(row['estimate']) - value) / float(row['se']):+z.2f}", (str(row["column"]), term, "se")),
        Cell(said[bool((row["estimate"] > 0) == (value > 0))]),
        Cell(stars),
        Cell(said[bool(row["ci_low"] <= value <= row["ci_high"])]),
        Cell(finding(printed, row)),
    )


def agrees(printed: str, ours: float) -> bool:
    """Say whether our number, rounded to the digits printed, is the printed one (either rule of rounding halves)."""
    target = Decimal(printed)
    step = Decimal(1).scaleb(int(target.as_tuple().exponent))
    value = Decimal(repr(ours))
    return any(value.quantize(step, rounding=rule) == target for rule in (ROUND_HALF_EVEN, ROUND_HALF_UP))
