"""What the report on a study's coverage says, section by section."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from shidian.checking.coverage import columns_of, spans
from shidian.checking.matrix import matrix_lines
from shidian.checking.page import Section, cut
from shidian.coverage.counts import beyond_rows, complete_rows, having, lacking, percent, rows_by_period
from shidian.messages import joined, say
from shidian.period import Period

NAMED = 4
"""Most subjects that a folded line of the ledger names."""
WHOLE = "panel"
"""Step of the ledger's line that counts the panel: nothing is lost there."""
ROW = say("(row of the panel)")


@dataclass(frozen=True)
class Asked:
    """A panel and what is asked of it: variables, those of the main sample, and the declared periods."""

    panel: pd.DataFrame
    names: tuple[str, ...]
    main: tuple[str, ...]
    periods: tuple[int, ...]
    period: Period
    individuals: bool = False

    @property
    def n_units(self) -> int:
        """Units of the panel."""
        return int(self.panel["unit"].nunique())

    def spans(self, periods: Sequence[int]) -> str:
        """Return periods as they are written, those that follow each other as one span."""
        place = {period: at for at, period in enumerate(self.periods)}
        labels = [self.period.label(period) for period in self.periods]
        return ", ".join(spans([place[period] for period in periods], labels))


def span_section(asked: Asked) -> Section:
    """Say which periods and units are in the panel, beside those declared."""
    years, label = asked.panel["year"], asked.period.label
    ends = [label(asked.periods[0]), label(asked.periods[-1])]
    rows, of = len(asked.panel), asked.n_units * len(asked.periods)
    declared = say("declared: {first} to {last}", first=ends[0], last=ends[1])
    if asked.individuals:
        return Section(say("Panel: {n} rows, one a unit", n=f"{rows:,}"), [declared])
    there = say(
        "in the panel: {first} to {last}, {units} units, {rows} of the {of} unit-years that they would have",
        first=label(int(years.min())), last=label(int(years.max())), units=f"{asked.n_units:,}", rows=f"{rows:,}",
        of=f"{of:,}",
    )  # fmt: skip
    return Section(say("Panel"), [declared, there])


def share_section(asked: Asked, row: str) -> Section:
    """Print by variable and period the per cent of the units that have a value; ``row`` heads that of the rows."""
    rows = rows_by_period(asked.panel, asked.periods).to_numpy()
    of = rows if asked.individuals else np.full(len(rows), asked.n_units)
    counts = np.vstack([rows, having(asked.panel, asked.names, asked.periods).to_numpy()])
    shares = np.array([[percent(int(n), int(all_)) for n, all_ in zip(line, of, strict=True)] for line in counts])
    columns = columns_of(shares, [asked.period.label(period) for period in asked.periods])
    lines = matrix_lines([row, *asked.names], columns)
    return Section(say("Coverage: per cent of the units that have a value, by variable and year"), lines, as_is=True)


def lacking_section(asked: Asked, *, every: bool) -> Section | None:
    """Name the units that lack most, and what."""
    if asked.individuals:
        return None
    found = lacking(asked.panel, asked.names, asked.periods)
    if found.empty:
        return Section(say("No unit lacks a value."))
    latest = asked.panel.drop_duplicates("unit", keep="last")
    names = dict(zip(latest["unit"].astype(str), latest["unit_name"].astype(str), strict=True))
    of = len(asked.names) * len(asked.periods)
    seen = {str(unit): set(years) for unit, years in asked.panel.groupby(asked.panel["unit"].astype(str))["year"]}
    lines = [
        say(
            "{unit} {name}: {n} of {of}: {what}", unit=str(unit), name=names[str(unit)], n=int(rows["n"].sum()), of=of,
            what=joined(list(_lacks(asked, rows, seen[str(unit)])), "clauses"),
        )
        for unit, rows in found.groupby("unit", sort=False)
    ]  # fmt: skip
    heading = say("Units that lack values: {n}; those that lack most first", n=len(lines))
    return cut(heading, lines, every=every)


def _lacks(asked: Asked, rows: pd.DataFrame, seen: set[int]) -> Iterator[str]:
    """Give what a unit lacks: years without a row, then of the others the variables that lack the same ones."""
    absent = [period for period in asked.periods if period not in seen]
    if absent:
        yield say("no row {years}", years=asked.spans(absent))
    alike: dict[tuple[int, ...], list[str]] = defaultdict(list)
    for name, periods in zip(rows["variable"], rows["periods"].tolist(), strict=True):
        alike[tuple(period for period in periods if period in seen)].append(str(name))
    for left, names in alike.items():
        if left:
            yield say("{variables} {years}", variables=names, years=asked.spans(left))


def complete_section(asked: Asked) -> Section | None:
    """Say how many rows have outcome, treatment and controls, and what each of them costs."""
    if not asked.main:
        return None
    n, cost = complete_rows(asked.panel, asked.main)
    lines = [
        say("{variable}: missing in {n} rows, in {alone} of them nothing else is", variable=str(name),
            n=f"{row.missing:,}", alone=f"{row.alone:,}")
        for name, row in zip(cost.index, cost.itertuples(), strict=True)
    ]  # fmt: skip
    names = joined(list(asked.main))
    heading = say("Rows with {names}: {n} of {of}", names=names, n=f"{n:,}", of=f"{len(asked.panel):,}")
    return Section(heading, lines)


def beyond_section(asked: Asked, long: pd.DataFrame, *, every: bool) -> Section | None:
    """Say which printed values the panel has no row for."""
    found = beyond_rows(asked.panel, long)
    found = found[(found["lost"] > 0) | (found["blank"] > 0)]
    if found.empty:
        return None
    lines = [
        say("{series}: of {n} values {lost} stand in unit-years without a row; {blank} cells hold no number",
            series=str(series), n=f"{row.known:,}", lost=f"{row.lost:,}", blank=f"{row.blank:,}")
        for series, row in found.iterrows()
    ]  # fmt: skip
    return cut(say("Values of the sources that are lost, of the panel's units"), lines, every=every)


def ledger_section(ledger: pd.DataFrame, *, every: bool) -> Section:
    """Say what each step of the panel lost, filled or changed, and why; lines of one reason are one."""
    lines = []
    lost = ledger[ledger["step"] != WHOLE]
    for (step, _), rows in lost.assign(shared=_shared(lost)).groupby(["step", "shared"], sort=False):
        subjects = [str(subject) for subject in rows["subject"]]
        reason, who = str(rows["reason"].iloc[0]), joined(subjects[:NAMED])
        if len(subjects) > NAMED:
            who = say("{names} and {n} more", names=subjects[:NAMED], n=len(subjects) - NAMED)
        if rows["reason"].nunique() > 1:
            reason = say("such as {reason}", reason=reason)
        lines.append(
            say("{step}: {subject}: {reason} (units {units}, rows {rows})", step=str(step), subject=who, reason=reason,
                units=int(rows["units"].sum()), rows=int(rows["rows"].sum()))
        )  # fmt: skip
    return cut(say("Lost, filled or changed on the way, step by step"), lines, every=every)


def _shared(ledger: pd.DataFrame) -> list[str]:
    """Return the reasons without the code of their own subject: what they have in common."""
    codes = [str(subject).split()[0] if str(subject).split() else "" for subject in ledger["subject"]]
    return [
        str(reason).replace(code, "") if code.isdigit() else str(reason)
        for code, reason in zip(codes, ledger["reason"], strict=True)
    ]
