"""The words of an exhibit: its note, its ledger lines, and what it says when there is no number."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from shidian.errors import EstimationError
from shidian.estimates import Fit, missing
from shidian.exhibits.result import Cell, ExhibitResult, Row, StudyInfo, Table, ledger_frame, ledger_row
from shidian.inference.sample import Sample

DASH = "—"
"""What a cell prints that has no number."""


def exhibit_id(spec: Mapping[str, Any]) -> str:
    """Return the id under which the exhibit's estimates are filed: ``id``, or its kind where it has none."""
    return str(spec.get("id", spec["kind"]))


COUNTED = re.compile(r"^(Sample|Standard errors|t statistics|only)\b")
"""Sentences that differ between columns in their counts alone, which are then given in turn."""
_COUNT = re.compile(r"\b(?:\d+|no)\b")


def by_column(sentences: Sequence[tuple[str, str]]) -> list[str]:
    """Join (column label, sentence) pairs: a sentence that all columns share stands alone, others name columns.

    Of the sentences on sample and errors one is printed, with the counts of the columns in turn.
    """
    labels = list(dict.fromkeys(label for label, _ in sentences))
    shared: dict[str, list[str]] = {}
    for label, sentence in _counts_in_turn(sentences):
        if sentence:
            shared.setdefault(sentence, []).append(label)
    return [
        sentence if len(owners) == len(labels) else f"{columns_named(owners)}: {sentence}"
        for sentence, owners in shared.items()
    ]


def _counts_in_turn(sentences: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the pairs with sentences on counts that differ in the counts alone replaced by one for all of them."""
    alike: dict[str, list[tuple[str, str]]] = {}
    for label, sentence in sentences:
        if COUNTED.match(sentence):
            alike.setdefault(_COUNT.sub("#", sentence), []).append((label, sentence))
    turned: dict[str, str] = {}
    for template, pairs in alike.items():
        if len({sentence for _, sentence in pairs}) > 1 and len({label for label, _ in pairs}) == len(pairs):
            counts = zip(*(_COUNT.findall(sentence) for _, sentence in pairs), strict=True)
            texts = iter(", ".join(values if len(set(values)) > 1 else values[:1]) for values in counts)
            one = "".join(f"{before}{next(texts, '')}" for before in template.split("#"))
            turned |= {sentence: one.replace(": ", ", columns in turn: ", 1) for _, sentence in pairs}
    return [(label, turned.get(sentence, sentence)) for label, sentence in sentences]


def columns_named(labels: Sequence[str]) -> str:
    """Return "Column (1)" or "Columns (1), (2)"."""
    return ("Column " if len(labels) == 1 else "Columns ") + ", ".join(labels)


def effects_sentence(fixed_effects: Sequence[str], info: StudyInfo) -> str:
    """Return the sentence on fixed effects."""
    if not fixed_effects:
        return "No fixed effects."
    names = [effect_label(name, info) for name in fixed_effects]
    text = " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
    return f"{text[0].upper()}{text[1:]} fixed effects."


def effect_label(name: str, info: StudyInfo) -> str:
    """Return the printed name of a fixed effect or cluster variable: the unit's own word for ``unit``."""
    return info.unit_label if name == "unit" else info.label(name)


def errors_sentence(fit: Fit, info: StudyInfo, what: str = "Standard errors in parentheses") -> str:
    """Return the sentence on standard errors: kind, small-sample convention, clusters, degrees of freedom."""
    kind = fit.vcov_kind.replace("clustered by unit", f"clustered by {info.unit_label}")
    kind = kind.replace(" and unit (", f" and {info.unit_label} (")
    clusters = "" if fit.n_clusters is None else f", {fit.n_clusters} clusters"
    convention = f", small-sample convention of {fit.ssc}" if fit.ssc else ""
    return f"{what}: {kind}{convention}{clusters}."


def sample_sentence(fit: Fit, info: StudyInfo) -> str:
    """Return the sentence on the sample: rows, units, singletons dropped or kept, rows with missing values."""
    alone = f"{fit.n_singletons or 'no'} singleton rows dropped"
    if fit.n_singletons_kept:
        alone = f"{fit.n_singletons_kept} singleton rows kept"
    return (
        f"Sample: {fit.n_obs} rows of {plural(fit.n_units, info.unit_label)}; "
        f"{alone}; "
        f"{fit.n_missing or 'no'} rows left out for missing values."
    )


def singletons_sentences(sample: Sample) -> list[str]:
    """Return the sentence on singletons where there are any: "12 singleton rows dropped."."""
    counts = ((sample.n_singletons, "dropped"), (sample.n_kept, "kept"))
    return [f"{n} singleton rows {what}." for n, what in counts if n]


def rows_sentence(n_obs: int, n_units: int, n_missing: int, info: StudyInfo) -> str:
    """Return the sentence on a sample without singletons: rows, units, rows with missing values."""
    left = f"{n_missing or 'no'} rows left out for missing values"
    return f"Sample: {n_obs} rows of {plural(n_units, info.unit_label)}; {left}."


def plural(count: int, word: str, none: str = "0") -> str:
    """Return "1 city", "3 cities", "2 counties": the count with the word in number; a Chinese word has none.

    ``none`` stands in the place of zero.
    """
    shown = str(count) if count else none
    if count == 1 or not word.isascii():
        return f"{shown} {word}"
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return f"{shown} {word[:-1]}ies"
    return f"{shown} {word}s"


def simulated_sentence(info: StudyInfo) -> list[str]:
    """Return the warning that every note of a study on simulated data carries."""
    return ["SIMULATED: these numbers come from simulated data and say nothing about the real policy."] * info.simulated


def stars_sentence(stars: Sequence[tuple[float, str]]) -> str:
    """Return the legend of the significance marks, the strictest level first."""
    return ", ".join(f"{mark} p < {level:g}" for level, mark in sorted(stars)) + "."


def is_legend(sentence: str) -> bool:
    """Say whether a sentence is the legend of the significance marks."""
    return re.fullmatch(r"\S+ p < \S+(, \S+ p < \S+)*\.", sentence) is not None


def sample_ledger(exhibit: str, column: str, sample: Sample, panel: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the ledger lines of rows that the estimation sample dropped, with the units they belong to."""
    rows = []
    for reason, part in sample.dropped.groupby("reason", sort=True):
        units = panel.loc[part["row"], "unit"].nunique() if "unit" in panel.columns else 0
        rows.append(ledger_row("estimation sample", f"{exhibit} {column}", str(reason), units=units, rows=len(part)))
    return rows


def omitted_sentences(omitted: Mapping[str, str], info: StudyInfo) -> list[str]:
    """Return the sentences on regressors that could not be estimated (name -> reason)."""
    return [f"{info.label(name)} not estimated: {why}." for name, why in omitted.items()]


def omitted_ledger(exhibit: str, column: str, omitted: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the ledger lines of regressors that could not be estimated."""
    return [ledger_row("estimation", f"{exhibit} {column}: {name}", why) for name, why in omitted.items()]


def refusal(
    exhibit: str, info: StudyInfo, terms: Iterable[str], error: EstimationError, column: str = ""
) -> ExhibitResult:
    """Return the exhibit of an estimate that cannot be given: NA with the reason, in note and ledger."""
    names = list(terms)
    frames = [missing(info.study, exhibit, column, term, str(error)) for term in names]
    rows = tuple(Row(name, (Cell(DASH, (column, name, "reason")),)) for name in names)
    notes = (f"Not estimated: {error}.", *simulated_sentence(info))
    ledger = ledger_frame([ledger_row("estimation", exhibit, str(error))])
    table = Table(((("", 1), ("Not estimated", 1)),), rows)
    return ExhibitResult(
        pd.concat(frames, ignore_index=True), table, notes=notes, ledger=ledger, warnings=(str(error),)
    )
