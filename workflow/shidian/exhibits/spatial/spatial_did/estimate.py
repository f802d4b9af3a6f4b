"""Spatial DID: SAR, SEM and SDM columns with the treatment, W × treatment, and direct, indirect, total effects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from shidian.errors import EstimationError
from shidian.estimates import missing, normalise
from shidian.exhibits import notes
from shidian.exhibits.regression_table import DASH, Style, TableColumn, coefficient_rows, statistic_row, used_by
from shidian.exhibits.result import Cell, ExhibitResult, Row, StudyInfo, Table
from shidian.exhibits.samples import refused
from shidian.exhibits.spatial.spatial_inputs import Inputs, effects_of, prepare, regressors_of, spatial_roles
from shidian.ledger import about, ledger_frame, ledger_row
from shidian.messages import capital, joined, say
from shidian.spatial.effects import effects
from shidian.spatial.logdet import LogDeterminant, log_determinant
from shidian.spatial.models import SpatialFit, fit_spatial
from shidian.spatial.transformed import LAMBDA, RHO, lag_name
from shidian.spatial.vcov import SpatialVcov

FITTED = {"log_likelihood": say("Log-likelihood"), "aic": "AIC", "bic": "BIC", "sigma2": "σ²"}
LEE_YU_WORDS = {
    "transformation": say("Lee and Yu (2010) transformation"),
    "correction": say("direct approach with Lee and Yu's (2010) bias correction"),
    "none": say("direct approach without bias correction"),
}
EFFECT_WORDS = {
    "direct": say("Direct effect"),
    "indirect": say("Indirect effect"),
    "total": say("Total effect"),
}


@dataclass(frozen=True)
class Column:
    """One estimated model and what it prints."""

    table: TableColumn
    fit: SpatialFit | None
    sentences: tuple[str, ...] = ()


def run(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Estimate every model of ``spec`` on one balanced sample with one W."""
    exhibit, style = notes.exhibit_id(spec), Style.of(spec)
    regressors = regressors_of(spec, info)
    try:
        inputs = prepare(panel, spec, info, [spec["outcome"], *regressors], exhibit)
        logdet = log_determinant(inputs.weights)
    except EstimationError as error:
        return notes.refusal(exhibit, info, regressors[:1], error, refused(panel, spatial_roles(spec, info)))
    columns = [_column(inputs, spec, info, model, logdet, regressors) for model in spec["models"]]
    failed = [c for c in columns if c.fit is None]
    lines = [
        *inputs.ledger,
        *(ledger_row(say("estimation"), about(exhibit, c.table.id), s) for c in failed for s in c.sentences),
    ]
    by_label = [(c.table.header, s) for c in columns for s in c.sentences]
    warnings = [(c.table.header, w) for c in columns if c.fit is not None for w in c.fit.warnings]
    return ExhibitResult(
        estimates=pd.concat([c.table.estimates for c in columns], ignore_index=True),
        table=_table(columns, spec, info, style, regressors),
        notes=(*inputs.sentences, *_sentences(spec, info, style), *notes.by_column(by_label),
               notes.stars_sentence(style.stars), *notes.simulated_sentence(info)),
        ledger=ledger_frame(lines),
        warnings=(*notes.by_column(warnings), *(s for c in failed for s in c.sentences)),
        used=used_by([c.table for c in columns]),
    )  # fmt: skip


def lags_of(model: str, spec: Mapping[str, Any], regressors: Sequence[str]) -> list[str]:
    """Return the regressors whose lag enters: all (or the treatment alone) in SDM; by option W × did elsewhere."""
    if model == "sdm":
        return list(regressors) if spec.get("lag_controls", True) else [regressors[0]]
    return [regressors[0]] if spec.get("lag_treatment", "sdm") == "all_models" else []


def _column(
    inputs: Inputs, spec: Mapping[str, Any], info: StudyInfo, model: Any, logdet: LogDeterminant, regressors: list[str]
) -> Column:
    exhibit, label = notes.exhibit_id(spec), f"{model.upper()}-DID"
    try:
        result = fit_spatial(
            inputs.panel, spec["outcome"], regressors, inputs.weights, model, lags_of(model, spec, regressors),
            effects_of(spec["fixed_effects"]), spec.get("vcov", "iid"), spec.get("lee_yu", "transformation"),
            spec.get("demeaning", "lag_first"), logdet,
        )  # fmt: skip
    except EstimationError as error:
        gone = missing(info.study, exhibit, label, regressors[0], str(error))
        table = TableColumn(label, label, gone, used=refused(inputs.panel, inputs.used.variables))
        return Column(table, None, (say("Not estimated: {error}.", error=error),))
    seed = int(spec.get("seed", info.seed))
    found = effects(result, regressors, int(spec.get("draws", 1000)), seed, int(spec.get("orders", 0)))
    estimates = pd.concat(
        [result.fit.long(info.study, exhibit, label), *_extra_rows(result, found, info, exhibit, label, seed)],
        ignore_index=True,
    )
    out = say("{n} of the draws had ρ outside its interval and were left out.", n=found.rejected)
    form = SpatialVcov.parse(spec.get("vcov", "iid")).form()
    sentences = (_errors_sentence(result, spec, info), form, out if found.rejected else "")
    used = inputs.used.drawn(seed, int(spec.get("draws", 1000)))
    return Column(TableColumn(label, label, estimates, used=used), result, sentences)


def _errors_sentence(result: SpatialFit, spec: Mapping[str, Any], info: StudyInfo) -> str:
    parts = [notes.errors_words(result.fit.vcov_kind, info)]
    parts += [] if result.fit.n_clusters is None else [say("{n} clusters", n=result.fit.n_clusters)]
    parts.append(say("normal distribution"))
    return say("{what}: {kind}.", what=style_words(spec), kind=joined(parts, "commas"))


def style_words(spec: Mapping[str, Any]) -> str:
    """Return the opening of the sentence on standard errors."""
    return Style.of(spec).errors_words(float("inf"))


def effect_term(kind: str, name: str) -> str:
    """Return the term under which an effect is filed."""
    if kind == "direct":
        return say("direct effect of {name}", name=name)
    return (
        say("indirect effect of {name}", name=name) if kind == "indirect" else say("total effect of {name}", name=name)
    )


def _extra_rows(
    result: SpatialFit, found: Any, info: StudyInfo, exhibit: str, label: str, seed: int
) -> list[pd.DataFrame]:
    """Return the effects (simulated and delta errors, by order) and the fit statistics in the long schema."""
    fit = result.fit
    common = {
        "study": info.study, "exhibit": exhibit, "column": label, "n_obs": fit.n_obs, "n_units": fit.n_units,
        "n_clusters": fit.n_clusters,
    }  # fmt: skip
    table = found.table[~found.table["none"]]
    terms = [effect_term(k, t) for k, t in zip(table["effect"], table["term"], strict=True)]
    numbers = table[["estimate", "se", "statistic", "p", "ci_low", "ci_high", "reason"]]
    simulated = numbers.assign(term=terms, vcov=say("simulation"), seed=seed, df=float("inf"))
    delta = table[["estimate"]].assign(
        term=[say("{effect} (delta method)", effect=t) for t in terms],
        se=table["se_delta"],
        vcov=say("delta method"),
        df=float("inf"),
        reason=table["reason_delta"],
    )
    rows = [simulated, delta]
    if len(found.orders):
        o = found.orders
        names = [
            say("{effect}, order {q}", effect=effect_term(k, t), q=q)
            for k, t, q in zip(o["effect"], o["term"], o["order"], strict=True)
        ]
        rows.append(o[["estimate", "se"]].assign(term=names, vcov=say("simulation"), seed=seed))
    rows.append(pd.DataFrame({"term": list(FITTED), "estimate": [fit.extra[name] for name in FITTED]}))
    return [normalise(frame.assign(**common)) for frame in rows]


def _table(
    columns: Sequence[Column], spec: Mapping[str, Any], info: StudyInfo, style: Style, regressors: Sequence[str]
) -> Table:
    tables = [c.table for c in columns]
    printed = list(regressors) if spec.get("print_controls", True) else [regressors[0]]
    terms = {name: info.label(name) for name in printed}
    terms |= {lag_name(name): f"W × {info.label(name)}" for name in printed}
    terms |= {RHO: "ρ", LAMBDA: "λ"}
    have = {str(t) for c in tables for t in c.estimates["term"]}
    rows = [r for t, label in terms.items() if t in have for r in coefficient_rows(tables, t, label, style)]
    first = len(rows)
    for name in spec.get("effects_of", [regressors[0]]):
        for kind, effect in EFFECT_WORDS.items():
            label = say("{effect}, {name}", effect=effect, name=info.label(name))
            rows += coefficient_rows(tables, effect_term(kind, name), label, style)
    foot = len(rows)
    for name in ("unit", "year"):
        text = say("Yes") if name in spec["fixed_effects"] else say("No")
        label = say("{name} fixed effects", name=capital(notes.effect_label(name, info)))
        rows.append(Row(label, tuple(Cell(text) for _ in tables)))
    rows.append(statistic_row(tables, "n_obs", style))
    rows += [Row(label, tuple(_number(t, name, style) for t in tables)) for name, label in FITTED.items()]
    rows = [Row(r.label, r.cells, rule_above=i in (first, foot)) for i, r in enumerate(rows)]
    header = (
        (("", 1), *((t.header, 1) for t in tables)),
        (("", 1), *((info.label(spec["outcome"]), 1) for _ in tables)),
    )
    return Table(header, tuple(rows))


LIKELIHOODS = ("log_likelihood", "aic", "bic")
"""Numbers of a fit that are printed with two decimals."""


def _number(column: TableColumn, name: str, style: Style) -> Cell:
    rows = column.estimates[column.estimates["term"] == name]
    if rows.empty or pd.isna(rows["estimate"].iloc[0]):
        return Cell(DASH)
    value = float(rows["estimate"].iloc[0])
    return Cell(style.rounded(value, 2) if name in LIKELIHOODS else style.number(value), (column.id, name, "estimate"))


def _sentences(spec: Mapping[str, Any], info: StudyInfo, style: Style) -> list[str]:
    how = LEE_YU_WORDS[spec.get("lee_yu", "transformation")]
    order = say("W is applied to the demeaned outcome and errors; WX is made first and then demeaned.")
    if spec.get("demeaning", "lag_first") == "lag_first":
        order = say("W is applied before demeaning.")
    text = [
        notes.effects_sentence(spec["fixed_effects"], info),
        say("Maximum likelihood, {how}; {order}", how=how, order=order),
        say(
            "Effects: LeSage and Pace (2009); their errors from {draws:,} draws of the estimates (seed {seed}), those "
            "of the delta method in the estimates file; an indirect effect that the model sets to zero is not "
            "printed.",
            draws=int(spec.get("draws", 1000)), seed=spec.get("seed", info.seed),
        ),
    ]  # fmt: skip
    if spec.get("lag_treatment", "sdm") == "all_models":
        text.append(say("W × treatment is added to SAR and SEM, which have no such term in their textbook form."))
    return text
