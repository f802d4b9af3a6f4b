"""Robust staggered estimators side by side: overall effects and event studies in one table and one figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from shidian.did.second_engine import PEERS, overall
from shidian.did.staggered import ESTIMATORS, REFERENCE, Design, Effects, design, estimate
from shidian.errors import EstimationError
from shidian.estimates import missing, normalise
from shidian.exhibits import notes
from shidian.exhibits.cohorts import cohort_warnings
from shidian.exhibits.columns import column_settings
from shidian.exhibits.moved_controls import moved_controls, moved_warnings
from shidian.exhibits.regression_table import Style, TableColumn, regression_table
from shidian.exhibits.result import ExhibitResult, Figure, StudyInfo, Table, ledger_frame, ledger_row
from shidian.exhibits.subsample import subsample
from shidian.inference.covariance import few_clusters_warning
from shidian.variance import least_error, standard_errors, variance_reasons

ATT = "ATT"
NAMES = {
    "twfe": "TWFE", "callaway_santanna": "Callaway-Sant'Anna", "sun_abraham": "Sun-Abraham",
    "imputation": "Imputation (BJS)", "two_stage": "Two-stage (Gardner)", "lp_did": "LP-DID", "stacked": "Stacked",
}  # fmt: skip
THIN = "one treated unit only: no usable standard error"
USELESS = "not identified in this sample"
BINNED = "ends of the event study binned"


def run(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Run the estimators of ``spec`` on one sample."""
    exhibit, style = notes.exhibit_id(spec), Style.of(spec)
    settings = column_settings(spec, {}, 0, info)
    wanted = spec.get("estimators", list(ESTIMATORS))
    first, last = spec["window"]
    try:
        part, words = subsample(panel, spec.get("sample"), info.label)
        asked = design(
            part, settings["outcome"], settings["controls"], (first, last), settings["vcov"], settings["ssc"],
            spec.get("control_group", "never_treated"),
        )  # fmt: skip
    except EstimationError as error:
        return notes.refusal(exhibit, info, [ATT], error, "all estimators")
    frames, sentences, lines = _estimates(asked, wanted, spec.get("second_engine", True), info, exhibit)
    ledger = [*notes.sample_ledger(exhibit, "all estimators", asked.sample, part), *lines]
    estimates = pd.concat(frames, ignore_index=True)
    if asked.always_treated:
        always = asked.always_treated
        gone = {"units": len(always), "rows": len(asked.sample.frame) - len(asked.panel)}
        ledger.append(ledger_row("robust estimators", ", ".join(always), "no year before adoption", **gone))
    return ExhibitResult(
        estimates=estimates,
        table=_table(estimates, [NAMES[k] for k in wanted], (first, last), style),
        figure=Figure("coefficient_plot", {"points": _figure_frame(estimates)},
                      {"outcome": info.label(settings["outcome"]), "level": 0.95}),
        notes=(
            *_general(asked, info, words, _errors_words(estimates, style), style), *sentences,
            *notes.simulated_sentence(info),
        ),
        ledger=ledger_frame(ledger),
        warnings=(*_warnings(asked), *_moved(part, settings, asked, info)),
    )  # fmt: skip


def _estimates(
    asked: Design, wanted: Sequence[str], second: bool, info: StudyInfo, exhibit: str
) -> tuple[list[pd.DataFrame], list[str], list[dict[str, Any]]]:
    """Return the estimates of each estimator, the note's sentences on them, and the ledger's lines."""
    frames, sentences, ledger = [], [], []
    without: list[tuple[str, str]] = []
    for key in wanted:
        name = NAMES[key]
        try:
            effects = estimate(key, asked)
        except EstimationError as error:
            frames.append(missing(info.study, exhibit, name, ATT, str(error)))
            sentences.append(f"{name}: not estimated, {error}.")
            ledger.append(ledger_row("estimation", f"{exhibit} {name}", str(error)))
            continue
        frames.append(_long(effects, asked, info, exhibit))
        sentences.append(_sentence(key, effects, asked, second))
        gone = _without_estimate(frames[-1])
        ledger += [ledger_row("estimation", f"{exhibit} {name}: {', '.join(t)}", why) for why, t in gone.items()]
        ledger += notes.omitted_ledger(exhibit, name, effects.omitted)
        without += [(name, ""), *((name, s) for s in notes.omitted_sentences(effects.omitted, info))]
        without += [(name, f"No number for {', '.join(map(_words, t))}: {why}.") for why, t in gone.items()]
    return frames, [*sentences, *notes.by_column(without)], ledger


def _thin_times(asked: Design, binned: bool = False) -> list[int]:
    """Return the relative times of the window at which one treated unit alone is observed."""
    tau = (asked.panel["year"].astype("Int64") - asked.panel["adoption_year"]).dropna()
    tau = tau.clip(asked.first, asked.last) if binned else tau[tau.between(asked.first, asked.last)]
    units = asked.panel.loc[tau.index, "unit"].groupby(tau).nunique()
    return sorted(int(k) for k in units.index[units == 1] if k != REFERENCE)


def _without_estimate(rows: pd.DataFrame) -> dict[str, list[str]]:
    """Return the terms of an estimator that print nothing, by reason."""
    gone = rows[rows["estimate"].isna()]
    return {str(reason): part["term"].tolist() for reason, part in gone.groupby("reason", sort=True)}


def _words(term: str) -> str:
    """Return what the table calls a term."""
    return "the overall effect" if term == ATT else f"τ = {term.removeprefix('tau')}".replace("+0", "0")


def _long(effects: Effects, asked: Design, info: StudyInfo, exhibit: str) -> pd.DataFrame:
    event = effects.event.assign(term=[f"tau{int(k):+d}" for k in effects.event["tau"]])
    rows = pd.concat(
        [pd.DataFrame({"term": [ATT], "estimate": [effects.att], "se": [effects.att_se]}), event], ignore_index=True
    )
    gone = rows["tau"].isin(_thin_times(asked, BINNED in effects.remarks))
    useless = ~np.isfinite(rows["estimate"]) | ((rows["estimate"] == 0) & (rows["se"] == 0))  # a dummy set to zero
    rows.loc[gone | useless, ["estimate", "se"]] = np.nan
    floor = np.full(len(rows), least_error(asked.panel[asked.outcome].to_numpy(dtype=float)))
    lacking = variance_reasons(rows["estimate"].to_numpy(), rows["se"].to_numpy() ** 2, floor)
    rows["se"] = standard_errors(rows["se"].to_numpy() ** 2, lacking)
    rows["reason"] = np.where(gone, THIN, np.where(useless, USELESS, lacking))
    dist = stats.norm if np.isinf(effects.df) else stats.t(effects.df)
    half = dist.ppf(0.975) * rows["se"]
    statistic = rows["estimate"] / rows["se"]
    rows = rows.drop(columns="tau").assign(
        statistic=statistic, p=2 * dist.sf(np.abs(statistic)), ci_low=rows["estimate"] - half,
        ci_high=rows["estimate"] + half, df=effects.df, n_obs=effects.n_obs, n_units=effects.n_units,
        n_clusters=effects.n_clusters, n_missing=asked.sample.n_missing, vcov=f"clustered by {asked.cluster}",
        ssc=asked.ssc if effects.engine == "shidian" and np.isfinite(effects.df) else effects.engine,
        study=info.study, exhibit=exhibit, column=effects.name,
    )  # fmt: skip
    return normalise(rows)


def _table(estimates: pd.DataFrame, names: Sequence[str], window: tuple[int, int], style: Style) -> Table:
    columns = [TableColumn(name, name, estimates[estimates["column"] == name]) for name in names]
    terms = {ATT: "Overall effect"}
    terms |= {f"tau{k:+d}": f"τ = {k:+d}" if k else "τ = 0" for k in range(window[0], window[1] + 1) if k != -1}
    return regression_table(columns, terms, style, ["n_obs", "n_clusters"])


def _figure_frame(estimates: pd.DataFrame) -> pd.DataFrame:
    rows = estimates[estimates["term"].str.startswith("tau") & estimates["estimate"].notna()]
    frame = pd.DataFrame({
        "estimator": rows["column"], "tau": rows["term"].str.removeprefix("tau").astype("int64"),
        "estimate": rows["estimate"], "ci_low": rows["ci_low"], "ci_high": rows["ci_high"], "is_reference": False,
    })  # fmt: skip
    base = pd.DataFrame({"estimator": frame["estimator"].unique()}).assign(
        tau=-1, estimate=0.0, ci_low=np.nan, ci_high=np.nan, is_reference=True
    )
    order = {name: i for i, name in enumerate(frame["estimator"].unique())}
    both = pd.concat([frame, base], ignore_index=True)
    return both.assign(_order=both["estimator"].map(order)).sort_values(["_order", "tau"]).drop(columns="_order")


def _sentence(key: str, effects: Effects, asked: Design, second: bool) -> str:
    text = f"{effects.name} (engine {effects.engine}): {effects.target}"
    text += "".join(f"; {remark.rstrip('.')}" for remark in effects.remarks)
    if second and key in PEERS:
        try:
            gap = abs(overall(key, asked) - effects.att)
            text += f"; {PEERS[key]} gives the same overall effect to {max(gap, 1e-12):.0e}"
        except EstimationError as error:
            text += f"; not checked by a second engine, {error}"
    return text + "."


def _errors_words(estimates: pd.DataFrame, style: Style) -> str:
    """Return the opening of the sentence on errors: of several estimators some may be tested by the normal."""
    known = estimates[estimates["se"].notna()]
    normal = list(dict.fromkeys(known.loc[np.isinf(known["df"]), "column"]))
    words = style.errors_words(np.inf if normal and known["column"].isin(normal).all() else 1.0)
    return words.replace("t stat", f"z ({', '.join(normal)}) and t stat") if normal and words.startswith("t") else words


def _general(asked: Design, info: StudyInfo, words: str, errors: str, style: Style) -> list[str]:
    text = [
        notes.rows_sentence(len(asked.panel), asked.panel["unit"].nunique(), asked.sample.n_missing, info),
        f"{errors}: clustered by {notes.effect_label(asked.cluster, info)}. Reference τ = -1.",
    ]
    if asked.always_treated:
        text.append(f"Left out, treated from their first year on: {', '.join(asked.always_treated)}.")
    if words:
        text.append(f"Rows restricted to: {words}.")
    controls = [info.label(name) for name in asked.controls]
    text.append(f"Controls: {', '.join(controls)}." if controls else "No controls.")
    return [*text, notes.stars_sentence(style.stars)]


def _warnings(asked: Design) -> list[str]:
    few = few_clusters_warning(asked.panel[asked.cluster].nunique())
    text = [*([few] if few else []), *cohort_warnings(asked.panel)]
    thin = _thin_times(asked)
    if thin and asked.panel.loc[asked.panel["adoption_year"].notna(), "unit"].nunique() > 1:
        listed = ", ".join(map(str, thin))
        text.append(f"at τ = {listed} one treated unit alone is observed: no effect is printed there")
    return text


def _moved(panel: pd.DataFrame, settings: Mapping[str, Any], asked: Design, info: StudyInfo) -> list[str]:
    two_way = {"fixed_effects": ["unit", "year"], "vcov": {"kind": "cluster", "by": asked.cluster}}
    return moved_warnings([("", moved_controls(panel, {**settings, **two_way}, info))])
