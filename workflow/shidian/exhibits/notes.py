"""The words of an exhibit: its note, its ledger lines, and what it says when there is no number."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from shidian.crossed import CROSS, is_written_product, part_name, read_product, slope_of
from shidian.errors import EstimationError
from shidian.estimates import LIKELIHOOD, Fit, missing
from shidian.exhibits.crossed import part_label
from shidian.exhibits.result import Cell, ExhibitResult, Row, StudyInfo, Table
from shidian.inference.sample import Sample
from shidian.inference.weights import WORDS, Weighting, weights_of
from shidian.ledger import about, ledger_frame, ledger_row
from shidian.messages import capital, counted, in_turn, joined, number, say, with_names
from shidian.messages.words import COUNT
from shidian.used import Used

DASH = "—"
"""What a cell prints that has no number."""
IN_PARENTHESES = say("Standard errors in parentheses")


def exhibit_id(spec: Mapping[str, Any]) -> str:
    """Return the id under which the exhibit's estimates are filed: ``id``, or its kind where it has none."""
    return str(spec.get("id", spec["kind"]))


COUNTED = re.compile(r"^(Sample|Standard errors|[tz] statistics|only)\b")
"""Sentences that differ between columns in their counts alone, which are then given in turn."""


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
        sentence
        if len(owners) == len(labels)
        else say("{columns}: {sentence}", columns=columns_named(owners), sentence=sentence)
        for sentence, owners in shared.items()
    ]


def _counts_in_turn(sentences: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the pairs with sentences on counts that differ in the counts alone replaced by one for all of them."""
    alike: dict[str, list[tuple[str, str]]] = {}
    for label, sentence in sentences:
        if COUNTED.match(sentence):
            alike.setdefault(COUNT.sub("#", sentence), []).append((label, sentence))
    turned: dict[str, str] = {}
    for pairs in alike.values():
        if len({sentence for _, sentence in pairs}) > 1 and len({label for label, _ in pairs}) == len(pairs):
            turned |= dict.fromkeys([sentence for _, sentence in pairs], in_turn(sentence for _, sentence in pairs))
    return [(label, turned.get(sentence, sentence)) for label, sentence in sentences]


def columns_named(labels: Sequence[str]) -> str:
    """Return "Column (1)" or "Columns (1), (2)"."""
    return say("Column {name}", name=labels[0]) if len(labels) == 1 else say("Columns {names}", names=list(labels))


def effects_sentence(fixed_effects: Sequence[str], info: StudyInfo) -> str:
    """Return the sentence on fixed effects, and on the trends and slopes that levels have of their own."""
    if not fixed_effects:
        return say("No fixed effects.")
    plain = [effect_label(name, info) for name in fixed_effects if not slope_of(name)]
    slopes = [effect_label(name, info) for name in fixed_effects if slope_of(name)]
    if not slopes:
        return say("{names} fixed effects.", names=capital(joined(plain, "and")))
    if not plain:
        return say("{slopes}; no fixed effects.", slopes=capital(joined(slopes, "and")))
    return say("{names} fixed effects; {slopes}.", names=capital(joined(plain, "and")), slopes=joined(slopes, "and"))


def controls_sentence(labels: Sequence[str]) -> str:
    """Return the sentence on control variables, by their printed names."""
    return say("Controls: {names}.", names=list(labels)) if labels else say("No controls.")


def effect_label(name: str, info: StudyInfo) -> str:
    """Return the printed name of a fixed effect or cluster variable: the unit's own word for ``unit``.

    A slope is called a trend where it is one of years.
    """
    if not slope_of(name):
        return info.of_effects.label(name)
    product = read_product(name, "fixed-effect")
    of = CROSS.join(part.name for part in product.categories)
    if slope_of(name) == "year":
        return say("linear trend of each {of}", of=info.of_effects.label(of))
    number = part_label(part_name(product.numbers[0]), info.of_effects)
    return say("slope of {x} of each {of}", x=number, of=info.of_effects.label(of))


def effect_row(name: str, info: StudyInfo) -> str:
    """Return the label of the row at a table's foot that says which columns have a fixed effect."""
    label = capital(effect_label(name, info))
    return label if slope_of(name) else say("{names} fixed effects", names=label)


def errors_sentence(fit: Fit, info: StudyInfo, what: str = IN_PARENTHESES) -> str:
    """Return the sentence on standard errors: kind, small-sample convention, clusters; likelihoods follow none."""
    parts = [errors_words(fit.vcov_kind, info)]
    parts += [say("small-sample convention of {ssc}", ssc=fit.ssc)] * (fit.ssc not in ("", LIKELIHOOD))
    parts += [] if fit.n_clusters is None else [say("{n} clusters", n=fit.n_clusters)]
    return say("{what}: {kind}.", what=what, kind=joined(parts, "commas"))


def errors_words(kind: str, info: StudyInfo) -> str:
    """Return what errors are called (``Vcov.describe``) with the unit's own word for a cluster by unit."""
    return with_names(
        kind, lambda name: effect_label(name, info) if name == "unit" or is_written_product(name) else name
    )


def sample_sentence(fit: Fit, info: StudyInfo) -> str:
    """Return the sentence on the sample: rows, units, singletons dropped or kept, rows with missing values."""
    alone = say("{n} singleton rows dropped", n=number_or_no(fit.n_singletons))
    if fit.n_singletons_kept:
        alone = say("{n} singleton rows kept", n=fit.n_singletons_kept)
    if info.individuals:
        return say(
            "Sample: {units}; {singletons}; {missing} rows left out for missing values.",
            units=counted(fit.n_obs, info.unit_label), singletons=alone, missing=number_or_no(fit.n_missing),
        )  # fmt: skip
    return say(
        "Sample: {n} rows of {units}; {singletons}; {missing} rows left out for missing values.",
        n=fit.n_obs, units=counted(fit.n_units, info.unit_label), singletons=alone,
        missing=number_or_no(fit.n_missing),
    )  # fmt: skip


def weights_sentences(settings: Mapping[str, Any], sample: Sample, info: StudyInfo) -> list[str]:
    """Return the sentence on weights where rows have them: variable, kind, rows of weight zero."""
    weighting = weights_of(settings)
    return [] if weighting is None else [weighted_by(weighting, sample.n_zero, info)]


def weighted_by(weighting: Weighting, n_zero: int, info: StudyInfo) -> str:
    """Return the sentence on weights: variable, kind, how many rows of weight zero are left out."""
    named = {"variable": info.label(weighting.variable), "kind": WORDS[weighting.kind]}
    if n_zero:
        return say("Weighted by {variable} ({kind}); {n} rows of weight zero left out.", n=n_zero, **named)
    return say("Weighted by {variable} ({kind}).", **named)


def number_or_no(n: int) -> str:
    """Return a count as a sentence says it: "no" for none."""
    return number(n, none="no")


def singletons_sentences(sample: Sample) -> list[str]:
    """Return the sentence on singletons where there are any: "12 singleton rows dropped."."""
    dropped = [say("{n} singleton rows dropped.", n=sample.n_singletons)] * bool(sample.n_singletons)
    return dropped + [say("{n} singleton rows kept.", n=sample.n_kept)] * bool(sample.n_kept)


def rows_sentence(n_obs: int, n_units: int, n_missing: int, info: StudyInfo) -> str:
    """Return the sentence on a sample without singletons: rows, units, rows with missing values."""
    if info.individuals:
        units, gone = counted(n_obs, info.unit_label), number_or_no(n_missing)
        return say("Sample: {units}; {missing} rows left out for missing values.", units=units, missing=gone)
    return say(
        "Sample: {n} rows of {units}; {missing} rows left out for missing values.",
        n=n_obs, units=counted(n_units, info.unit_label), missing=number_or_no(n_missing),
    )  # fmt: skip


def described_sentence(n_obs: int, n_units: int, words: str, info: StudyInfo) -> str:
    """Return the sentence on the rows that a table describes and what they are restricted to ("" for nothing)."""
    units = counted(n_units, info.unit_label)
    if info.individuals:
        return (
            say("Sample: {units} ({words}).", units=units, words=words)
            if words
            else say("Sample: {units}.", units=units)
        )
    if words:
        return say("Sample: {n} rows of {units} ({words}).", n=n_obs, units=units, words=words)
    return say("Sample: {n} rows of {units}.", n=n_obs, units=units)


def restricted_sentences(words: str) -> list[str]:
    """Return the sentence on what the rows are restricted to, none where they are not."""
    return [say("Rows restricted to: {words}.", words=words)] * bool(words)


def simulated_sentence(info: StudyInfo) -> list[str]:
    """Return the warning that every note of a study on simulated data carries."""
    if not info.simulated:
        return []
    return [say("SIMULATED: these numbers come from simulated data and say nothing about the real policy.")]


def stars_sentence(stars: Sequence[tuple[float, str]]) -> str:
    """Return the legend of the significance marks, the strictest level first."""
    return ", ".join(f"{mark} p < {level:g}" for level, mark in sorted(stars)) + "."


def sample_ledger(exhibit: str, column: str, sample: Sample, panel: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the ledger lines of rows that the estimation sample dropped, with the units they belong to."""
    rows = []
    for reason, part in sample.dropped.groupby("reason", sort=True):
        units = panel.loc[part["row"], "unit"].nunique() if "unit" in panel.columns else 0
        rows.append(
            ledger_row(say("estimation sample"), about(exhibit, column), str(reason), units=units, rows=len(part))
        )
    return rows


def omitted_sentences(omitted: Mapping[str, str], info: StudyInfo) -> list[str]:
    """Return the sentences on regressors that could not be estimated (name -> reason)."""
    return [say("{what} not estimated: {why}.", what=info.label(name), why=why) for name, why in omitted.items()]


def omitted_ledger(exhibit: str, column: str, omitted: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the ledger lines of regressors that could not be estimated."""
    return [ledger_row(say("estimation"), about(exhibit, column, name), why) for name, why in omitted.items()]


def refusal(
    exhibit: str, info: StudyInfo, terms: Iterable[str], error: EstimationError, used: Used, column: str = ""
) -> ExhibitResult:
    """Return the exhibit of an estimate that cannot be given: NA with the reason, in note and ledger.

    ``used`` says of which rows and variables it was asked.
    """
    names = list(terms)
    frames = [missing(info.study, exhibit, column, term, str(error)) for term in names]
    rows = tuple(Row(name, (Cell(DASH, (column, name, "reason")),)) for name in names)
    notes = (say("Not estimated: {error}.", error=error), *simulated_sentence(info))
    ledger = ledger_frame([ledger_row(say("estimation"), exhibit, str(error))])
    table = Table(((("", 1), (say("Not estimated"), 1)),), rows)
    return ExhibitResult(
        pd.concat(frames, ignore_index=True), table, notes=notes, ledger=ledger, warnings=(str(error),),
        used={column: used},
    )  # fmt: skip
