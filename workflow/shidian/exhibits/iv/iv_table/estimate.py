"""Instrumental variables: first and second stage side by side, with the tests that journals ask for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from shidian.did.twfe import CONSTANT
from shidian.errors import EstimationError
from shidian.estimates import missing
from shidian.exhibits import notes
from shidian.exhibits.columns import column_settings
from shidian.exhibits.diagnostics import Diagnostic
from shidian.exhibits.foot_statistics import OfSample, with_foot
from shidian.exhibits.iv.instruments import (
    instrument_label,
    instrument_name,
    instrument_variables,
    lag_warnings,
    with_instruments,
)
from shidian.exhibits.moved_controls import Moved, moved_controls, moved_warnings
from shidian.exhibits.regression_table import Style, TableColumn, regression_table, used_by
from shidian.exhibits.result import Cell, ExhibitResult, Row, StudyInfo, Table
from shidian.exhibits.samples import by_sample, refused
from shidian.exhibits.samples import roles as roles_of
from shidian.exhibits.subsample import policy_sample
from shidian.inference.small_sample import CONVENTIONS
from shidian.inference.weights import weights_of
from shidian.iv.estimate import IVResult, estimate_iv
from shidian.iv.rank_tests import Statistic
from shidian.ledger import about, ledger_frame, ledger_row
from shidian.messages import capital, joined, say
from shidian.printed import p_words

WEAK = 10.0
"""Staiger & Stock's (1997) rule of thumb for a first-stage F."""

SHOWN = {
    "anderson_lm": (say("Anderson canonical correlation LM [p]"), "value [p]"),
    "kp_rk_lm": (say("Kleibergen–Paap rk LM [p]"), "value [p]"),
    "cd_f": (say("Cragg–Donald Wald F"), "value"),
    "kp_rk_f": (say("Kleibergen–Paap rk Wald F"), "value"),
    "stock_yogo_10": (say("Stock–Yogo 10% maximal size"), "tabulated"),
    "stock_yogo_15": (say("Stock–Yogo 15% maximal size"), "tabulated"),
    "sargan": (say("Sargan [p]"), "value [p]"),
    "overid": (say("Hansen J [p]"), "value [p]"),
    "wu_hausman": (say("Wu–Hausman F [p]"), "value [p]"),
    "ar_f": (say("Anderson–Rubin F [p]"), "value [p]"),
    "ar_set": (say("Anderson–Rubin 95% set"), "interval"),
}


@dataclass(frozen=True)
class _Done:
    """One IV regression: its printed columns, diagnostics and words."""

    columns: tuple[TableColumn, ...]
    diagnostics: dict[str, Diagnostic]
    estimates: pd.DataFrame
    sentences: tuple[str, ...]
    ledger: tuple[dict[str, Any], ...]
    warnings: tuple[str, ...]
    terms: tuple[str, ...]
    moved: tuple[Moved, ...] = ()


def run(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Estimate every IV regression of ``spec`` and print its stages; a refusal prints a dash and its reason."""
    style, exhibit = Style.of(spec), notes.exhibit_id(spec)
    given = [{**{k: spec[k] for k in ("endogenous", "instruments", "sample") if k in spec}, **c}
             for c in spec.get("columns", [{}])]  # fmt: skip
    settings = [column_settings(spec, c, i, info) for i, c in enumerate(given)]
    done = [iv_columns(panel, s, info, exhibit, style) for s in settings]
    columns = [c for d in done for c in d.columns]
    terms = spec.get("coefficients") or list(dict.fromkeys(t for d in done for t in d.terms))
    named = {instrument_name(item): instrument_label(item, info) for s in settings for item in s["instruments"]}
    labels = {CONSTANT: say("Constant"), **named}
    table = regression_table(
        columns,
        {t: labels.get(t, info.label(t)) for t in terms},
        style,
        list(spec.get("statistics", ["n_obs"])),
    )
    by_label = [(d.columns[-1].header, sentence) for d in done for sentence in d.sentences]
    return ExhibitResult(
        estimates=pd.concat([d.estimates for d in done], ignore_index=True),
        table=Table(table.header, table.rows + _foot(done, style)),
        notes=(
            *notes.by_column(by_label),
            notes.stars_sentence(style.stars),
            *notes.simulated_sentence(info),
        ),
        ledger=ledger_frame([line for d in done for line in d.ledger]),
        warnings=(
            *notes.by_column([(d.columns[-1].header, w) for d in done for w in d.warnings or ("",)]),
            *moved_warnings([(d.columns[-1].header, moved) for d in done for moved in d.moved or (Moved(),)]),
        ),
        used=used_by(columns),
    )


def first_stage(label: str, endogenous: str) -> str:
    """Return the column of the first stage of one endogenous regressor."""
    return say("{label} first stage: {name}", label=label, name=endogenous)


def iv_columns(panel: pd.DataFrame, s: Mapping[str, Any], info: StudyInfo, exhibit: str, style: Style) -> _Done:
    """Estimate one IV regression: a column a first stage, and the second stage last."""
    endogenous, label = list(s["endogenous"]), s["label"]
    declared = s["instruments"]
    names = [instrument_name(item) for item in declared]
    roles = {"treatment": (), "endogenous": endogenous, "instruments": instrument_variables(declared)}
    try:
        part, words = policy_sample(with_instruments(panel, declared), s, info.label)
        result = estimate_iv(
            part, s["outcome"], endogenous, names, s["controls"], s["fixed_effects"],
            vcov=s["vcov"], ssc=s["ssc"], level=0.95, constant=bool(s.get("constant", False)),
            singletons=s["singletons"], weights=weights_of(s),
        )  # fmt: skip
    except EstimationError as error:
        rows = pd.concat([missing(info.study, exhibit, label, t, str(error)) for t in endogenous], ignore_index=True)
        used = refused(panel, roles_of(s, **roles))
        column = TableColumn(label, label, rows, info.label(s["outcome"]), used=used)
        ledger = (ledger_row(say("estimation"), about(exhibit, label), str(error)),)
        words = say("Not estimated: {error}.", error=error)
        return _Done((column,), {}, rows, (words,), ledger, (str(error),), tuple(endogenous))
    used, columns = by_sample(result.design.sample, part, s, words, **roles), []
    for name, fit in result.first.items():
        key = first_stage(label, name)
        rows = _first_stage_rows(fit.long(info.study, exhibit, key), name, result, s)
        columns.append(TableColumn(key, say("{label} first", label=label), rows, info.label(name), used=used))
    fitted = OfSample(result.second, result.design.sample)
    second = with_foot(result.second.long(info.study, exhibit, label), fitted, s, "iv")
    columns.append(TableColumn(label, say("{label} 2SLS", label=label), second, info.label(s["outcome"]), used=used))
    diagnostics = _diagnostics(result)
    frames = [c.estimates for c in columns] + [d.long(info.study, exhibit, label) for d in diagnostics.values()]
    lines = notes.sample_ledger(exhibit, label, result.design.sample, part)
    lines += [ledger_row(say("estimation"), about(exhibit, label), why) for why in result.dropped]
    # a test that an exactly identified model has not is no loss
    lost = [d for d in diagnostics.values() if d.reason and not d.reason.startswith("exactly identified")]
    lines += [ledger_row(say("estimation"), about(exhibit, label, d.term), d.reason) for d in lost]
    return _Done(
        tuple(columns), diagnostics, pd.concat(frames, ignore_index=True),
        _sentences(result, s, info, style, words), tuple(lines),
        (*lag_warnings(declared, s["outcome"], endogenous, info), *_warnings(result)),
        (*names, *endogenous, *s["controls"], *[CONSTANT] * bool(s.get("constant", False))),
        _moved(part, s, info),
    )  # fmt: skip


def _first_stage_rows(rows: pd.DataFrame, name: str, result: IVResult, s: Mapping[str, Any]) -> pd.DataFrame:
    """Return the rows of a first stage with the statistics at its foot: its F is that of the excluded instruments."""
    others = [one for one in s.get("statistics", ()) if one != "f"]
    settings = {**s, "outcome": name, "statistics": others}
    found = with_foot(rows, OfSample(result.first[name], result.design.sample), settings)
    if others == list(s.get("statistics", ())):
        return found
    study, exhibit, column = (str(rows[field].iloc[0]) for field in ("study", "exhibit", "column"))
    f = _of("f", result.first_f[name]).long(study, exhibit, column)
    return pd.concat([found, f], ignore_index=True)


def _moved(panel: pd.DataFrame, s: Mapping[str, Any], info: StudyInfo) -> tuple[Moved, ...]:
    """Return the controls that each endogenous regressor predicts, by least squares as in a DID table."""
    ssc = s["ssc"] if s["ssc"] in CONVENTIONS else "reghdfe"  # ivreg2 and ivreghdfe count for two stages alone
    return tuple(moved_controls(panel, {**s, "treatment": name, "ssc": ssc}, info) for name in s["endogenous"])


def _diagnostics(result: IVResult) -> dict[str, Diagnostic]:
    rank, size = result.rank, result.critical["size"]
    not_tabulated = "" if size else say("Stock and Yogo do not tabulate this number of regressors and instruments")
    robust = [
        _of("kp_rk_lm", rank.kp_lm),
        Diagnostic("kp_rk_f", rank.kp_f, reason=rank.kp_f_reason),
        _of("overid", result.hansen),
    ]  # fmt: skip
    found = [
        *(robust if result.design.kind != "iid" else []),
        Diagnostic("cd_f", rank.cragg_donald_f),
        _of("anderson_lm", rank.anderson_lm),
        *(Diagnostic(f"stock_yogo_{round(100 * level)}", size.get(level, float("nan")), reason=not_tabulated)
          for level in (0.10, 0.15, 0.20, 0.25)),
        *(Diagnostic(f"stock_yogo_bias_{round(100 * level)}", value)
          for level, value in result.critical["bias"].items()),
        _of("sargan", result.sargan),
        _of("wu_hausman", result.wu_hausman),
        _of("ar_f", result.ar.test),
        _set(result),
        *(_of(say("first_stage_f: {name}", name=name), test) for name, test in result.first_f.items()),
    ]  # fmt: skip
    return {d.term: d for d in found}


def _of(term: str, test: Statistic) -> Diagnostic:
    return Diagnostic(term, test.statistic, p=test.p, df=test.df, reason=test.reason)


def _set(result: IVResult) -> Diagnostic:
    intervals = result.ar.intervals
    if intervals is None:
        return Diagnostic("ar_set", float("nan"), reason=result.ar.reason)
    if not intervals:
        reason = say("the set is empty: the overidentifying restrictions fail")
        return Diagnostic("ar_set", float("nan"), reason=reason, text=say("empty"))
    if len(intervals) > 1:
        parts = [f"[{low:.4g}, {high:.4g}]".replace("inf", "∞") for low, high in intervals]
        reason = say("the set is not an interval: {parts}", parts=joined(parts, "and"))
        return Diagnostic("ar_set", float("nan"), reason=reason, text=" ∪ ".join(parts))
    return Diagnostic("ar_set", float(result.second.coef[0]), interval=intervals[0])


def foot_cells(diagnostics: Mapping[str, Diagnostic], column: str, style: Style) -> dict[str, Cell]:
    """Return label -> cell of the tests that ivreg2 prints under the column's kind of errors.

    Under iid errors those are Anderson's, Cragg and Donald's and Sargan's; else Kleibergen and Paap's, Cragg and
    Donald's and Hansen's.
    """
    robust = "kp_rk_lm" in diagnostics
    left_out = ("anderson_lm", "sargan") if robust else ()
    return {
        label: diagnostics[term].cell(column, style, show)
        for term, (label, show) in SHOWN.items()
        if term in diagnostics and term not in left_out
    }


def _foot(done: list[_Done], style: Style) -> tuple[Row, ...]:
    found = [foot_cells(d.diagnostics, d.columns[-1].id, style) for d in done]
    rows: list[Row] = []
    for term, (label, _) in SHOWN.items():
        printed = style.words.get(term, label)
        cells: list[Cell] = []
        for d, mine in zip(done, found, strict=True):
            cells += [Cell("")] * (len(d.columns) - 1)
            cells.append(mine.get(label, Cell("")))
        if printed and any(c.text for c in cells):
            rows.append(Row(printed, tuple(cells), rule_above=not rows))
    return tuple(rows)


def _sentences(result: IVResult, s: Mapping[str, Any], info: StudyInfo, style: Style, words: str) -> tuple[str, ...]:
    fit = result.second
    labels = {instrument_name(item): instrument_label(item, info) for item in s["instruments"]}
    return (
        say("Rows restricted to: {words}.", words=words) if words else "",
        say(
            "Two-stage least squares; {endogenous} instrumented by {instruments}.",
            endogenous=[info.label(name) for name in s["endogenous"]],
            instruments=[labels[name] for name in result.design.names[2]],
        ),
        notes.effects_sentence(s["fixed_effects"], info),
        notes.errors_sentence(fit, info, style.errors_words(fit.df)),
        *notes.weights_sentences(s, result.design.sample, info),
        notes.sample_sentence(fit, info),
        say(
            "Tests follow ivreg2: absorbed effects nested in the clusters are not counted. Stock–Yogo values hold for "
            "the Cragg–Donald F under homoskedastic errors."
        ),
        *(say("{sentence}.", sentence=capital(sentence)) for sentence in result.dropped),
    )


def _warnings(result: IVResult) -> list[str]:
    found = list(result.warnings)
    f = result.rank.kp_f
    bar = result.critical["size"].get(0.10)
    if f == f and f < (bar if bar is not None else WEAK):
        against = f"{WEAK:g}"
        if bar is not None:
            against = say("the Stock–Yogo value of {bar:g} for 10% maximal size", bar=bar)
        found.append(
            say(
                "weak instruments: the first-stage F of {f:.2f} is below {against}; read the Anderson–Rubin set",
                f=f,
                against=against,
            )
        )
    if result.rank.kp_lm.p > 0.05:
        found.append(say("underidentification is not rejected ({p})", p=p_words(result.rank.kp_lm.p, 3)))
    if result.hansen.p < 0.05:
        found.append(say("the overidentifying restrictions are rejected ({p})", p=p_words(result.hansen.p, 3)))
    if result.ar.intervals is not None and any(abs(e) == float("inf") for i in result.ar.intervals for e in i):
        found.append(say("the Anderson–Rubin set is unbounded: the data say little about the coefficient"))
    return found
