"""Robust staggered estimators side by side: overall effects and event studies in one table and one figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from shidian.did.second_engine import PEERS, overall
from shidian.did.staggered import ESTIMATORS, Design, Effects, design, estimate
from shidian.errors import EstimationError
from shidian.estimates import missing, normalise
from shidian.exhibits import notes
from shidian.exhibits.columns import column_settings
from shidian.exhibits.regression_table import Style, TableColumn, regression_table
from shidian.exhibits.result import ExhibitResult, Figure, StudyInfo, Table, ledger_frame, ledger_row
from shidian.exhibits.subsample import subsample
from shidian.inference.covariance import few_clusters_warning

ATT = "ATT"
NAMES = {
    "twfe": "TWFE", "callaway_santanna": "Callaway-Sant'Anna", "sun_abraham": "Sun-Abraham",
    "imputation": "Imputation (BJS)", "two_stage": "Two-stage (Gardner)", "lp_did": "LP-DID", "stacked": "Stacked",
}  # fmt: skip
THIN = "one treated unit only: no usable standard error"


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
    thin = _thin_times(asked)
    frames, sentences, ledger = [], [], []
    for key in wanted:
        name = NAMES[key]
        try:
            effects = estimate(key, asked)
        except EstimationError as error:
            frames.append(missing(info.study, exhibit, name, ATT, str(error)))
            sentences.append(f"{name}: not estimated, {error}.")
            ledger.append(ledger_row("estimation", f"{exhibit} {name}", str(error)))
            continue
        frames.append(_long(effects, asked, thin, info, exhibit))
        sentences.append(_sentence(key, effects, asked, spec.get("second_engine", True)))
    estimates = pd.concat(frames, ignore_index=True)
    if asked.always_treated:
        always = asked.always_treated
        ledger.append(ledger_row("robust estimators", ", ".join(always), "no year before adoption", units=len(always)))
    return ExhibitResult(
        estimates=estimates,
        table=_table(estimates, [NAMES[k] for k in wanted], (first, last), style),
        figure=Figure("coefficient_plot", {"points": _figure_frame(estimates)},
                      {"outcome": info.label(settings["outcome"]), "level": 0.95}),
        notes=(*_general(asked, info, words, style), *sentences, *notes.simulated_sentence(info)),
        ledger=ledger_frame(ledger),
        warnings=tuple(_warnings(asked, thin)),
    )  # fmt: skip


def _thin_times(asked: Design) -> set[int]:
    """Return the relative times at which one treated unit alone is observed."""
    tau = (asked.panel["year"].astype("Int64") - asked.panel["adoption_year"]).dropna()
    counts = tau.value_counts()
    return {int(k) for k in counts.index[counts == 1]}


def _long(effects: Effects, asked: Design, thin: set[int], info: StudyInfo, exhibit: str) -> pd.DataFrame:
    event = effects.event.assign(term=[f"tau{int(k):+d}" for k in effects.event["tau"]])
    rows = pd.concat(
        [pd.DataFrame({"term": [ATT], "estimate": [effects.att], "se": [effects.att_se]}), event], ignore_index=True
    )
    gone = rows["tau"].isin(thin) & (effects.event["tau"].size > 0)
    binned = "ends of the event study binned" in effects.remarks
    if binned:
        gone &= ~rows["tau"].isin([asked.first, asked.last])
    useless = ~np.isfinite(rows["se"]) | ~np.isfinite(rows["estimate"]) | (rows["se"] <= 0)
    rows.loc[gone | useless, ["estimate", "se"]] = np.nan
    rows["reason"] = np.where(gone, THIN, np.where(useless, "not identified in this sample", ""))
    dist = stats.norm if np.isinf(effects.df) else stats.t(effects.df)
    half = dist.ppf(0.975) * rows["se"]
    statistic = rows["estimate"] / rows["se"]
    rows = rows.drop(columns="tau").assign(
        statistic=statistic, p=2 * dist.sf(np.abs(statistic)), ci_low=rows["estimate"] - half,
        ci_high=rows["estimate"] + half, df=effects.df, n_obs=effects.n_obs, n_units=effects.n_units,
        n_clusters=effects.n_clusters, n_missing=asked.n_missing, vcov=f"clustered by {asked.cluster}",
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


def _general(asked: Design, info: StudyInfo, words: str, style: Style) -> list[str]:
    units = notes.plural(asked.panel["unit"].nunique(), info.unit_label)
    text = [
        f"Sample: {len(asked.panel)} rows of {units}; {asked.n_missing or 'no'} rows left out for missing values.",
        f"{style.errors_words()}: clustered by {notes.effect_label(asked.cluster, info)}. Reference τ = -1.",
    ]
    if asked.always_treated:
        text.append(f"Left out, treated from their first year on: {', '.join(asked.always_treated)}.")
    if words:
        text.append(f"Rows restricted to: {words}.")
    controls = [info.label(name) for name in asked.controls]
    text.append(f"Controls: {', '.join(controls)}." if controls else "No controls.")
    return [*text, notes.stars_sentence(style.stars)]


def _warnings(asked: Design, thin: set[int]) -> list[str]:
    sizes = asked.panel.drop_duplicates("unit")["adoption_year"].value_counts(dropna=True)
    single = sorted(int(g) for g in sizes.index[sizes == 1])
    few = few_clusters_warning(asked.panel[asked.cluster].nunique())
    text = [few] if few else []
    if single:
        text.append(f"cohorts of a single unit: {', '.join(map(str, single))}; their errors are understated")
    if thin:
        listed = ", ".join(map(str, sorted(thin)))
        text.append(f"at τ = {listed} one treated unit alone is observed: no effect is printed there")
    if asked.panel["adoption_year"].notna().all():
        text.append("no never-treated units: effects late in the sample rest on few comparisons")
    if asked.controls:
        text.append("controls that the policy itself moves bias every one of these estimators")
    return text
