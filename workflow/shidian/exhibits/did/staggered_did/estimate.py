"""Robust staggered estimators side by side: overall effects and event studies in one table and one figure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import stats

from shidian.did.event_window import term_name
from shidian.did.second_engine import PEERS, check
from shidian.did.staggered import USUAL, Design, Effects, design, estimate
from shidian.did.staggered.weights import rule_sentences
from shidian.errors import EstimationError
from shidian.estimates import missing, normalise
from shidian.exhibits import notes
from shidian.exhibits.columns import column_settings
from shidian.exhibits.did.staggered_words import (
    effective_cells,
    estimator_sentences,
    general_sentences,
    left_out_ledger,
    own_warnings,
    reference_of,
    warnings_of,
)
from shidian.exhibits.moved_controls import moved_controls, moved_warnings
from shidian.exhibits.regression_table import Style, TableColumn, regression_table
from shidian.exhibits.result import ExhibitResult, Figure, StudyInfo, Table
from shidian.exhibits.samples import ADOPTION, by_rows, refused, restricted_to, roles, unit_years
from shidian.exhibits.subsample import needed_by, subsample
from shidian.inference.weights import weights_of
from shidian.ledger import about, ledger_frame, ledger_row
from shidian.messages import say
from shidian.used import Used
from shidian.variance import least_error, standard_errors, variance_reasons

ATT, CS = "ATT", "callaway_santanna"
NAMES = {
    "twfe": "TWFE", "callaway_santanna": "Callaway-Sant'Anna", "sun_abraham": "Sun-Abraham",
    "imputation": say("Imputation (BJS)"), "two_stage": say("Two-stage (Gardner)"), "lp_did": "LP-DID",
    "stacked": say("Stacked"), "etwfe": say("Extended TWFE"),
}  # fmt: skip
THIN = say("one treated unit only: no usable standard error")
USELESS = say("not identified in this sample")
BINNED = "ends of the event study binned"


def run(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Run the estimators of ``spec`` on one sample."""
    exhibit, style = notes.exhibit_id(spec), Style.of(spec)
    settings = column_settings(spec, {}, 0, info)
    wanted = spec.get("estimators", list(USUAL))
    first, last = spec["window"]
    variables = roles(settings, adoption=ADOPTION, fixed_effects=("unit", "year"))
    variables.setdefault("clusters", ("unit",))
    left: Literal["leave_out", "keep"] = spec.get("always_treated", "leave_out")
    try:
        part, words = subsample(panel, spec.get("sample"), info.label, needed_by(spec))
        asked = design(
            part, settings["outcome"], settings["controls"], (first, last), settings["vcov"], settings["ssc"],
            spec.get("control_group", "never_treated"), spec.get("anticipation", 0),
            left, spec.get("balance", "full"), settings["singletons"],
            spec.get("stack_effects", "stack"), weights_of(settings), spec.get("fix_weights"),
        )  # fmt: skip
        asked = replace(asked, **_of_group_time(spec, wanted))
    except EstimationError as error:
        return notes.refusal(exhibit, info, [ATT], error, refused(panel, variables), say("all estimators"))
    found, frames, sentences, lines, warnings = _estimates(
        asked, wanted, spec.get("second_engine", True), info, exhibit
    )
    ledger = [*notes.sample_ledger(exhibit, "all estimators", asked.sample, part), *lines]
    ledger += left_out_ledger(asked.left_out, say("robust estimators"))
    estimates = pd.concat(frames, ignore_index=True)

    def used_by(key: str) -> Used:
        if key not in found:
            return refused(part, variables)
        return _used(found[key], asked, part, variables, restricted_to({**spec, "always_treated": left}, words))

    return ExhibitResult(
        estimates=estimates,
        table=_table(estimates, [NAMES[k] for k in wanted], (first, last), style, further_labels(found)),
        figure=Figure("coefficient_plot", {"points": _figure_frame(estimates, asked, found.values())},
                      {"outcome": info.label(settings["outcome"]), "level": 0.95}),
        notes=(
            *general_sentences(asked, info, words, _errors_words(estimates, style), style),
            *rule_sentences(asked, wanted, [NAMES[k] for k in wanted]), *sentences,
            *notes.simulated_sentence(info),
        ),
        ledger=ledger_frame(ledger),
        warnings=(*warnings_of(asked, _thin_times(asked)), *warnings, *_moved(part, settings, asked, info)),
        used={NAMES[key]: used_by(key) for key in wanted},
    )  # fmt: skip


def _of_group_time(spec: Mapping[str, Any], wanted: Sequence[str]) -> dict[str, Any]:
    """Return what of the design is asked of Callaway-Sant'Anna alone.

    Raises:
        EstimationError: it is asked without this estimator.
    """
    own = [key for key in ("base_period", "averages") if key in spec]
    if own and CS not in wanted:
        raise EstimationError(
            say(
                "'{key}' is of callaway_santanna, which is not among 'estimators': add it, or leave '{key}' out",
                key=own[0],
            )
        )
    return {"base_period": spec.get("base_period", "universal"), "averages": tuple(spec.get("averages", ()))}


def further_labels(found: Mapping[str, Effects]) -> dict[str, str]:
    """Return term -> printed name of the further averages of all estimators."""
    return {str(row["term"]): row["label"] for effects in found.values() for row in effects.more.to_dict("records")}


def _estimates(
    asked: Design, wanted: Sequence[str], second: bool, info: StudyInfo, exhibit: str
) -> tuple[dict[str, Effects], list[pd.DataFrame], list[str], list[dict[str, Any]], list[str]]:
    """Return what each estimator found, its estimates, the note's sentences, the ledger's lines, and the warnings."""
    found, frames, sentences, ledger, warnings = dict[str, Effects](), [], [], [], list[str]()
    without: list[tuple[str, str]] = []
    for key in wanted:
        name = NAMES[key]
        try:
            effects = estimate(key, asked)
        except EstimationError as error:
            frames.append(missing(info.study, exhibit, name, ATT, str(error)))
            sentences.append(say("{name}: not estimated, {error}.", name=name, error=error))
            ledger.append(ledger_row(say("estimation"), about(exhibit, name), str(error)))
            continue
        found[key] = effects
        frames.append(_long(effects, asked, info, exhibit))
        verdict = check(key, asked, effects) if second and key in PEERS else None
        sentences += estimator_sentences(effects, verdict)
        warnings += own_warnings(effects, asked, verdict)
        gone, times = _without_estimate(frames[-1]), event_times(effects)
        labels = further_labels({key: effects})
        ledger += [ledger_row(say("estimation"), about(exhibit, name, list(t)), why) for why, t in gone.items()]
        ledger += notes.omitted_ledger(exhibit, name, effects.omitted)
        ledger += left_out_ledger(effects.left_out, say("estimation"), about(exhibit, name))
        without += [(name, s) for s in effects.sentences]
        without += [(name, ""), *((name, s) for s in notes.omitted_sentences(effects.omitted, info))]
        without += [
            (
                name,
                say("No number for {terms}: {why}.", terms=[labels.get(o, _words(times.get(o))) for o in t], why=why),
            )
            for why, t in gone.items()
        ]
    return found, frames, [*sentences, *notes.by_column(without)], ledger, warnings


def _used(
    effects: Effects, asked: Design, part: pd.DataFrame, variables: Mapping[str, Sequence[str]], words: str
) -> Used:
    """Return what an estimator used of the common sample."""
    return replace(
        by_rows(unit_years(part, effects.unit_years), part, variables, words), counts=effects.counts,
        n_missing=asked.sample.n_missing, n_singletons=asked.sample.n_singletons, singletons=asked.singletons,
        ssc=effects.ssc or asked.ssc,
    )  # fmt: skip


def _thin_times(asked: Design, binned: bool = False) -> list[int]:
    """Return the relative times of the window at which one treated unit alone is observed, base periods aside."""
    cells = effective_cells(asked)
    tau = cells["tau"].clip(asked.first, asked.last) if binned else cells["tau"]
    cells = cells.assign(tau=tau)[tau.between(asked.first, asked.last)]
    adopting = asked.panel[["unit", "year", "adoption_year"]].dropna()
    rows = adopting.merge(
        cells[["cohort", "year", "tau"]], left_on=["adoption_year", "year"], right_on=["cohort", "year"]
    )
    units = rows.groupby("tau")["unit"].nunique()
    return sorted(int(k) for k in units.index[units == 1])


def _without_estimate(rows: pd.DataFrame) -> dict[str, list[str]]:
    """Return the terms of an estimator that print nothing, by reason."""
    gone = rows[rows["estimate"].isna()]
    return {str(reason): part["term"].tolist() for reason, part in gone.groupby("reason", sort=True)}


def _words(tau: int | None) -> str:
    """Return what the table calls a term: the time since adoption, the overall effect where there is none."""
    return say("the overall effect") if tau is None else f"τ = {tau:+d}" if tau else "τ = 0"


def _long(effects: Effects, asked: Design, info: StudyInfo, exhibit: str) -> pd.DataFrame:
    event = effects.event.assign(term=list(event_times(effects)))
    overall = {"term": ATT, "estimate": effects.att, "se": effects.att_se, "reason": effects.reason}
    parts = [pd.DataFrame([overall]), event, *([effects.more] if len(effects.more) else [])]
    rows = pd.concat(parts, ignore_index=True)
    rows = _with_reasons(rows, _thin(rows, effects, asked), asked)
    dist = stats.norm if np.isinf(effects.df) else stats.t(effects.df)
    half = dist.ppf(0.975) * rows["se"]
    statistic = rows["estimate"] / rows["se"]
    convention = asked.ssc if effects.engine == "shidian" and np.isfinite(effects.df) else effects.engine
    rows = rows[["term", "estimate", "se", "reason"]].assign(
        statistic=statistic, p=2 * dist.sf(np.abs(statistic)), ci_low=rows["estimate"] - half,
        ci_high=rows["estimate"] + half, df=effects.df, n_obs=effects.n_obs, n_units=effects.n_units,
        n_clusters=effects.n_clusters, n_missing=asked.sample.n_missing,
        vcov=say("clustered by {by}", by=asked.cluster),
        ssc=effects.ssc or convention, study=info.study, exhibit=exhibit, column=effects.name,
    )  # fmt: skip
    return normalise(rows)


def _thin(rows: pd.DataFrame, effects: Effects, asked: Design) -> pd.Series:
    """Say which rows rest on one treated unit, by the estimator's own count of them where it has one."""
    if "n_treated" in rows:
        return rows["n_treated"].eq(1) & rows["estimate"].notna()
    return rows["tau"].isin(_thin_times(asked, BINNED in effects.remarks)) & rows["estimate"].notna()


def _with_reasons(rows: pd.DataFrame, thin: pd.Series, asked: Design) -> pd.DataFrame:
    """Return the rows with ``reason``, without the numbers that may not be printed."""
    own = rows["reason"].fillna("")
    thin = thin | own.eq(THIN)
    rows = rows.astype({"estimate": "float64", "se": "float64"})
    useless = ~np.isfinite(rows["estimate"])
    reason = np.where(thin, THIN, np.where(own != "", own, np.where(useless, USELESS, "")))
    estimates = rows["estimate"].where(~thin & ~useless)
    floor = least_error(asked.panel[asked.outcome].to_numpy(dtype=np.float64))
    variance = np.asarray(rows["se"], dtype=np.float64) ** 2
    why = np.array(variance_reasons(estimates.to_numpy(), variance, np.full(len(rows), floor)), dtype=object)
    usable = estimates.notna() & (reason == "") & (why == "")
    reason = np.where(estimates.notna() & (reason == ""), why, reason)
    return rows.assign(
        estimate=estimates, reason=reason,
        se=np.where(usable, standard_errors(variance, [""] * len(rows)), np.nan),
    )  # fmt: skip


def _table(
    estimates: pd.DataFrame, names: Sequence[str], window: tuple[int, int], style: Style, more: Mapping[str, str]
) -> Table:
    columns = [TableColumn(name, name, estimates[estimates["column"] == name]) for name in names]
    terms = {ATT: say("Overall effect")}
    printed = set(estimates["term"])
    terms |= {term_name(k): _words(k) for k in range(window[0], window[1] + 1)}
    terms = {term: label for term, label in terms.items() if term == ATT or term in printed} | dict(more)
    return regression_table(columns, terms, style, ["n_obs", "n_clusters"])


def event_times(effects: Effects) -> dict[str, int]:
    """Return term -> time since adoption of an estimator's event study, in order."""
    return {term_name(int(k)): int(k) for k in effects.event["tau"]}


def _figure_frame(estimates: pd.DataFrame, asked: Design, found: Iterable[Effects]) -> pd.DataFrame:
    found = tuple(found)
    times = {term: k for effects in found for term, k in event_times(effects).items()}
    rows = estimates[estimates["term"].isin(times) & estimates["estimate"].notna()]
    frame = pd.DataFrame({
        "estimator": rows["column"], "tau": rows["term"].map(times).astype("int64"),
        "estimate": rows["estimate"], "ci_low": rows["ci_low"], "ci_high": rows["ci_high"], "is_reference": False,
    })  # fmt: skip
    without = {effects.name for effects in found if not effects.has_reference}
    base = pd.DataFrame({"estimator": [name for name in frame["estimator"].unique() if name not in without]}).assign(
        tau=reference_of(asked), estimate=0.0, ci_low=np.nan, ci_high=np.nan, is_reference=True
    )
    order = {name: i for i, name in enumerate(frame["estimator"].unique())}
    both = pd.concat([frame, base.dropna(subset=["tau"]).astype({"tau": "int64"})], ignore_index=True)
    return both.assign(_order=both["estimator"].map(order)).sort_values(["_order", "tau"]).drop(columns="_order")


def _errors_words(estimates: pd.DataFrame, style: Style) -> str:
    """Return the opening of the sentence on errors: of several estimators some may be tested by the normal."""
    known = estimates[estimates["se"].notna()]
    normal = list(dict.fromkeys(known.loc[np.isinf(known["df"]), "column"]))
    words = style.errors_words(np.inf if normal and known["column"].isin(normal).all() else 1.0)
    if not normal or not words.startswith("t"):
        return words
    return say("z ({normal}) and t statistics in parentheses; errors", normal=normal)


def _moved(panel: pd.DataFrame, settings: Mapping[str, Any], asked: Design, info: StudyInfo) -> list[str]:
    two_way = {"fixed_effects": ["unit", "year"], "vcov": {"kind": "cluster", "by": asked.cluster}}
    return moved_warnings([("", moved_controls(panel, {**settings, **two_way}, info))])
