"""Mediation exhibit: three regressions a mediator, Sobel's test, contribution share and bootstrap
interval."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from shidian.errors import EstimationError
from shidian.estimates import Fit, missing
from shidian.exhibits import notes
from shidian.exhibits.columns import column_settings
from shidian.exhibits.diagnostics import Diagnostic
from shidian.exhibits.foot_statistics import OfSample, with_foot
from shidian.exhibits.mediation.stacked import stack_tables
from shidian.exhibits.mediation.words import bootstrap_sentence, mediation_warnings, step_words
from shidian.exhibits.moved_controls import Moved, moved_controls, moved_warnings
from shidian.exhibits.regression_table import Style, TableColumn, regression_table, used_by
from shidian.exhibits.result import Cell, ExhibitResult, Row, StudyInfo, Table
from shidian.exhibits.samples import by_sample, refused, roles
from shidian.exhibits.subsample import policy_sample
from shidian.inference.sample import Sample
from shidian.inference.weights import weights_of
from shidian.ledger import about, ledger_frame, ledger_row
from shidian.mediation.effects import rule_sentence
from shidian.mediation.two_step import DirectNotIdentifiedError, Mediation, mediate
from shidian.messages import aside, capital, say
from shidian.used import Used

STEPS = ("total", "mediator", "direct")
SHOWN = (
    ("indirect effect", say("Indirect effect δθ"), "value"),
    ("sobel z", say("Sobel z [p]"), "value [p]"),
    ("bootstrap interval", say("95% bootstrap interval of δθ"), "interval"),
    ("share", say("Contribution δθ/(δθ + φ)"), "value"),
)
WORDS = {
    "none": say("no mediation"), "by Sobel": say("mediation by Sobel's test"), "full": say("full mediation"),
    "partial": say("partial mediation"), "suppression": say("suppression"), "undecided": say("no decision"),
}  # fmt: skip


@dataclass(frozen=True)
class _Done:
    mediator: str
    label: str
    columns: tuple[TableColumn, ...]
    diagnostics: dict[str, Diagnostic]
    decision: str
    sentences: tuple[str, ...]
    ledger: tuple[dict[str, Any], ...]
    warnings: tuple[str, ...]
    moved: Moved = field(default_factory=Moved)


def run(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Estimate each mediator of ``spec``; one that cannot be estimated prints a dash and its reason.

    ``panels`` stacks the table: the mediators of each name stand side by side under it.

    Raises:
        EstimationError: the panels do not hold each mediator once.
    """
    style, exhibit = Style.of(spec), notes.exhibit_id(spec)
    named = [name for names in spec.get("panels", {"": spec["mediators"]}).values() for name in names]
    if sorted(named) != sorted(spec["mediators"]):
        raise EstimationError(
            say(
                "exhibit '{exhibit}': its panels name {named}, its mediators are {mediators}; each mediator must "
                "stand in one panel",
                exhibit=exhibit,
                named=named,
                mediators=spec["mediators"],
            )
        )
    settings = column_settings(spec, {}, 0, info)
    done = [_mediator(panel, name, settings, spec, info, exhibit, style) for name in spec["mediators"]]
    frames = [c.estimates for d in done for c in d.columns]
    frames += [x.long(info.study, exhibit, d.columns[-1].id) for d in done for x in d.diagnostics.values()]
    by_label = [(d.label, s) for d in done for s in d.sentences]
    treatment = settings["treatment"]
    return ExhibitResult(
        estimates=pd.concat(frames, ignore_index=True),
        table=_table(done, treatment, spec, style, info),
        notes=(
            *notes.by_column(by_label),
            notes.stars_sentence(style.stars),
            *notes.simulated_sentence(info),
        ),
        ledger=ledger_frame([line for d in done for line in d.ledger]),
        warnings=(
            *notes.by_column([(d.label, w) for d in done for w in d.warnings or ("",)]),
            *moved_warnings([(d.label, d.moved) for d in done]),
        ),
        used=used_by([c for d in done for c in d.columns]),
    )


def _table(done: list[_Done], treatment: str, spec: Mapping[str, Any], style: Style, info: StudyInfo) -> Table:
    if "panels" in spec:
        parts = {str(name): [d for d in done if d.mediator in names] for name, names in spec["panels"].items()}
        single = {key: value for key, value in spec.items() if key != "panels"}
        return stack_tables({name: _table(part, treatment, single, style, info) for name, part in parts.items()})
    terms = {name: info.label(name) for name in [treatment, *(d.mediator for d in done)]}
    columns = [c for d in done for c in d.columns]
    table = regression_table(columns, terms, style, spec.get("statistics", ["n_obs", "r2"]))
    return Table(table.header, table.rows + _foot(done, style))


def _mediator(
    panel: pd.DataFrame, mediator: str, s: Mapping[str, Any], spec: Mapping[str, Any], info: StudyInfo,
    exhibit: str,
    style: Style,
) -> _Done:  # fmt: skip
    seed, level, rule = (
        int(spec.get("seed", info.seed)),
        float(spec.get("level", 0.1)),
        spec.get("decision", "supported"),
    )
    between = {"mediator": (mediator,)}
    try:
        part, words = policy_sample(panel, spec, info.label)
        m = mediate(
            part, s["outcome"], s["treatment"], mediator, s["controls"], s["fixed_effects"],
            vcov=s["vcov"], ssc=s["ssc"], level=level, rule=rule,
            replications=int(spec.get("replications", 1000)), seed=seed, cluster=spec.get("cluster", "unit"),
            singletons=s["singletons"], weights=weights_of(s),
        )  # fmt: skip
    except DirectNotIdentifiedError as error:
        used = by_sample(error.sample, part, s, words, **between)
        found = _without_direct(error, mediator, s, spec, info, exhibit, used)
        return replace(found, moved=moved_controls(part, s, info))
    except EstimationError as error:
        rows = missing(info.study, exhibit, mediator, mediator, str(error))
        gone = refused(panel, roles(s, **between))
        column = TableColumn(mediator, info.label(mediator), rows, info.label(s["outcome"]), used=gone)
        lines = (ledger_row(say("estimation"), about(exhibit, mediator), str(error)),)
        words = say("Not estimated: {error}.", error=error)
        return _Done(mediator, column.header, (column,), {}, "", (words,), lines, (str(error),))
    fits = {"total": m.total, "mediator": m.mediator_fit, "direct": m.direct}
    frames = {step: _long(step, fit, m.sample, mediator, s, info, exhibit) for step, fit in fits.items()}
    used = by_sample(m.sample, part, s, words, **between)
    *others, last = _columns(frames, mediator, s, spec, info, used)
    columns = (*others, replace(last, used=used.drawn(seed, int(spec.get("replications", 1000)))))
    sentences = (
        say("Rows restricted to: {words}.", words=words) if words else "",
        say("{sentence}.", sentence=capital(m.reasoning)),
        rule_sentence(rule, level, m.interval is not None),
        aside(say("All three regressions use the rows that are complete in outcome, mediator and controls.")),
        bootstrap_sentence(m),
        notes.effects_sentence(s["fixed_effects"], info),
        notes.errors_sentence(m.direct, info, style.errors_words(m.direct.df)),
        *notes.weights_sentences(s, m.sample, info),
        notes.sample_sentence(m.direct, info),
        *notes.omitted_sentences(m.omitted, info),
    )
    ledger = (
        *notes.sample_ledger(exhibit, mediator, m.sample, part),
        *notes.omitted_ledger(exhibit, mediator, m.omitted),
    )
    label = info.label(mediator) if "panels" in spec else columns[-1].header
    return _Done(
        mediator,
        label,
        columns,
        _diagnostics(m, seed),
        WORDS[m.decision],
        sentences,
        ledger,
        tuple(mediation_warnings(m)),
        moved_controls(part, s, info),
    )


def _columns(
    frames: Mapping[str, pd.DataFrame], mediator: str, s: Mapping[str, Any], spec: Mapping[str, Any], info: StudyInfo,
    used: Used,
) -> tuple[TableColumn, ...]:  # fmt: skip
    """Return the printed columns of one mediator from the estimates of each step."""
    heads = spec.get("headings", {}).get(mediator)
    footer = {
        say("Controls"): say("Yes") if s["controls"] else say("No"),
        say("Fixed effects"): say("Yes") if s["fixed_effects"] else say("No"),
    }
    return tuple(
        TableColumn(
            step_words(step, mediator), heads or step_words(step, info.label(mediator)), frames[step],
            info.label(mediator if step == "mediator" else s["outcome"]), footer, used,
        )
        for step in spec.get("steps", list(STEPS))
    )  # fmt: skip


def _without_direct(
    error: DirectNotIdentifiedError, mediator: str, s: Mapping[str, Any], spec: Mapping[str, Any], info: StudyInfo,
    exhibit: str, used: Used,
) -> _Done:  # fmt: skip
    """Return a mediator whose direct regression is not identified: the steps before it, and the reason."""
    key = step_words("direct", mediator)
    gone = [missing(info.study, exhibit, key, term, str(error)) for term in (s["treatment"], mediator, "share")]
    frames = {
        "total": _long("total", error.total, error.sample, mediator, s, info, exhibit),
        "mediator": _long("mediator", error.mediator_fit, error.sample, mediator, s, info, exhibit),
        "direct": pd.concat(gone, ignore_index=True),
    }
    columns = _columns(frames, mediator, s, spec, info, used)
    label = info.label(mediator) if "panels" in spec else columns[-1].header
    lines = (ledger_row(say("estimation"), about(exhibit, mediator), str(error)),)
    words = say("Direct effect not estimated: {error}.", error=error)
    return _Done(mediator, label, columns, {}, "", (words,), lines, (str(error),))


def _long(
    step: str, fit: Fit, sample: Sample, mediator: str, s: Mapping[str, Any], info: StudyInfo, exhibit: str
) -> pd.DataFrame:
    """Return the estimates of one step, with the statistics at its foot."""
    settings = {**s, "outcome": mediator} if step == "mediator" else s
    return with_foot(fit.long(info.study, exhibit, step_words(step, mediator)), OfSample(fit, sample), settings)


def _diagnostics(m: Mediation, seed: int) -> dict[str, Diagnostic]:
    no_share = say("{decision}: a share of the total effect has no meaning", decision=WORDS[m.decision])
    nowhere = (float("nan"), float("nan"))
    no_error = say("no standard error: {why}", why=say("delta or theta has none"))
    untested = "" if m.sobel.z == m.sobel.z else no_error
    found = [
        Diagnostic("indirect effect", m.sobel.indirect, se=m.sobel.se, p=m.sobel.p, no_error=untested),
        Diagnostic("sobel z", m.sobel.z, p=m.sobel.p, reason=untested),
        Diagnostic("bootstrap interval", m.sobel.indirect, interval=m.interval or nowhere, seed=seed,
                   reason="" if m.interval else say("no bootstrap was run")),
        Diagnostic("share", m.share, interval=m.share_interval or nowhere,
                   seed=seed if m.share_interval else None,
                   reason="" if m.share == m.share else no_share),
    ]  # fmt: skip
    return {d.term: d for d in found}


def _foot(done: list[_Done], style: Style) -> tuple[Row, ...]:
    rows: list[Row] = []
    for term, label, show in SHOWN:
        cells: list[Cell] = []
        for d in done:
            cells += [Cell("")] * (len(d.columns) - 1)
            cells.append(d.diagnostics[term].cell(d.columns[-1].id, style, show) if d.diagnostics else Cell(""))
        rows.append(Row(label, tuple(cells), rule_above=not rows))
    decisions: list[Cell] = []
    for d in done:
        decisions += [*[Cell("")] * (len(d.columns) - 1), Cell(d.decision)]
    return (*rows, Row(say("Decision"), tuple(decisions)))
