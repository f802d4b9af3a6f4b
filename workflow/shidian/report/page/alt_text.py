"""Alternative texts of figures that say what the figure shows, for those who do not see it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

import pandas as pd

from shidian.exhibits.result import ExhibitResult, Figure
from shidian.messages import joined, say
from shidian.report.catalogue import in_language
from shidian.report.study_report import ExhibitMeta

_MOST = 6
"""Most lines or panels of one figure whose numbers are read out."""


class Printed(Protocol):
    """An exhibit as a report or a manuscript has it."""

    @property
    def meta(self) -> ExhibitMeta:
        """Number and title."""

    @property
    def result(self) -> ExhibitResult:
        """What it found."""


def alt_text(exhibit: Printed, lang: str) -> str:
    """Return heading and finding of a figure; where its kind has no finding of its own, its note's first sentence."""
    figure, heading = exhibit.result.figure, exhibit.meta.heading
    if figure is None:
        return heading
    finds = _FINDINGS.get(figure.kind)
    sentences = [in_language(text, lang, {}) for text in finds(figure)] if finds else []
    said = [heading, *(sentences or exhibit.result.notes[:1])]
    stop, ends = ("。", "。！？!?") if lang == "zh" else (". ", ".!?")
    return "".join(text if text.endswith(tuple(ends)) else text + stop for text in said).strip()


def _number(value: float) -> str:
    return f"{value:.3g}".replace("-", "\N{MINUS SIGN}")


def _points(figure: Figure) -> Iterator[str]:
    frame = figure.data["points"]
    groups = frame.groupby("estimator", sort=False) if "estimator" in frame else [("", frame)]
    for name, points in list(groups)[:_MOST]:
        text = _series(points)
        yield say("{name}: {finding}", name=str(name), finding=text) if name else text


def _series(points: pd.DataFrame) -> str:
    drawn = points.dropna(subset=["estimate", "ci_low", "ci_high"])
    before, after = drawn[drawn["tau"] < 0], drawn[drawn["tau"] >= 0]
    parts = [say("before adoption {finding}", finding=_apart(before))] if len(before) else []
    parts += [say("from adoption on {finding}", finding=_apart(after))] if len(after) else []
    return joined(parts, "clauses")


def _apart(points: pd.DataFrame) -> str:
    apart = points[(points["ci_low"] > 0) | (points["ci_high"] < 0)]
    return say(
        "estimates between {low} and {high}, {n} of {of} with an interval that leaves out zero",
        low=_number(points["estimate"].min()), high=_number(points["estimate"].max()), n=len(apart), of=len(points),
    )  # fmt: skip


def _placebo(figure: Figure) -> Iterator[str]:
    draws, observed = figure.data["draws"]["estimate"].dropna(), figure.data["observed"]["estimate"].iloc[0]
    if not len(draws):
        return
    beyond = int((draws.abs() >= abs(observed)).sum())
    yield say(
        "{n:,} placebo estimates between {low} and {high}; "
        "the observed one is {observed}, and {beyond:,} are as far from zero",
        n=len(draws), low=_number(draws.min()), high=_number(draws.max()), observed=_number(observed), beyond=beyond,
    )  # fmt: skip


def _balance(figure: Figure) -> Iterator[str]:
    frame, limit = figure.data["covariates"], float(figure.options.get("limit", 10.0))
    facts = {when: frame[when].abs() for when in ("before", "after")}
    yield say(
        "largest standardised bias {before}% before matching and {after}% after; "
        "{n} of {of} covariates above {limit:g}% after",
        before=_number(facts["before"].max()), after=_number(facts["after"].max()),
        n=int((facts["after"] > limit).sum()), of=len(frame), limit=limit,
    )  # fmt: skip


def _honest(figure: Figure) -> Iterator[str]:
    for name, rows in list(figure.data["intervals"].groupby("restriction", sort=False))[:_MOST]:
        within = rows[(rows["ci_low"] <= 0) & (rows["ci_high"] >= 0)]
        where = joined([f"{value:.3g}" for value in within["value"]], "list")
        text = (
            say("no interval holds zero")
            if within.empty
            else say("zero lies in the interval at {values}", values=where)
        )
        yield say("{name}: {finding}", name=str(name), finding=text)


def _trend(figure: Figure) -> Iterator[str]:
    for name, line in list(figure.data["lines"].dropna(subset=["value"]).groupby("group", sort=False))[:_MOST]:
        line = line.sort_values("year")
        first, last = line.iloc[0], line.iloc[-1]
        yield say(
            "{name}: from {low} in {first} to {high} in {last}",
            name=str(name), low=_number(first["value"]), first=str(first["year"]), high=_number(last["value"]),
            last=str(last["year"]),
        )  # fmt: skip


def _thresholds(figure: Figure) -> Iterator[str]:
    for row in figure.data["estimates"].to_dict("records")[:_MOST]:
        finding = say("{value}, set {low} to {high}", value=_number(row["gamma"]), low=_number(row["ci_low"]),
                      high=_number(row["ci_high"]))  # fmt: skip
        yield say("{name}: {finding}", name=str(row["threshold"]), finding=finding)


def _moran(figure: Figure) -> Iterator[str]:
    for row in figure.data["slopes"].to_dict("records")[:_MOST]:
        yield say("Moran's I in {year}: {value}", year=str(row["year"]), value=_number(row["I"]))


def _pairs(figure: Figure) -> Iterator[str]:
    frame = figure.data["pairs"]
    for name, rows in frame.groupby("type", sort=False):
        share = rows["weight"].sum()
        mean = (rows["weight"] * rows["estimate"]).sum() / share if share else float("nan")
        yield say(
            "{name}: weight {weight}, mean estimate {mean}", name=str(name), weight=_number(share), mean=_number(mean)
        )


def _weights(figure: Figure) -> Iterator[str]:
    for name, rows in figure.data["weights"].groupby("estimator", sort=False):
        negative = int((rows["weight"] < 0).sum())
        yield say("{name}: {n} of {of} weights are negative", name=str(name), n=negative, of=len(rows))


_FINDINGS: dict[str, Callable[[Figure], Iterator[str]]] = {
    "event_study": _points, "coefficient_plot": _points, "placebo_event_study": _points, "placebo": _placebo,
    "balance": _balance, "honest_did": _honest, "trend": _trend, "lr_curve": _thresholds, "moran_scatter": _moran,
    "bacon": _pairs, "twfe_weights": _weights,
}  # fmt: skip
