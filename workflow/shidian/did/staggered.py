"""The estimators that a referee asks for when adoption is staggered, each reduced to the same two things.

Overall effect on the treated and event study, on one sample, of: TWFE; Callaway & Sant'Anna (2021); Sun & Abraham
(2021); Borusyak, Jaravel & Spiess (2024) imputation; Gardner (2022) two-stage; Dube et al. (2023) local projections;
Wing et al. (2024) stacked. Engines: our own regressions for the first three and local projections, diff-diff for
imputation, two-stage and stacked. They do not estimate the same average: each result says which.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd

from shidian.did.event_study import Window, fit_event_study
from shidian.did.twfe import regress
from shidian.did.within import inestimable, require_variation
from shidian.errors import EstimationError
from shidian.inference.covariance import Vcov, VcovLike
from shidian.inference.sample import Sample, estimation_sample
from shidian.inference.small_sample import Convention

NEVER = 0
REFERENCE = -1


@dataclass(frozen=True)
class Design:
    """The sample that all estimators share, and what they are asked.

    Attributes:
        panel: complete unit-years of units that have a year before adoption; adoption_year missing = never treated.
        outcome: name of the outcome.
        controls: names of the controls.
        first: earliest relative time reported.
        last: latest relative time reported.
        cluster: column to cluster by.
        ssc: small-sample convention of the regressions that are ours.
        control_group: control group of Callaway & Sant'Anna.
        always_treated: units left out because they have no year before adoption.
        sample: the complete cases, with the rows left out; ``panel`` is what remains of them.
    """

    panel: pd.DataFrame
    outcome: str
    controls: tuple[str, ...]
    first: int
    last: int
    cluster: str
    ssc: Convention
    control_group: Literal["never_treated", "not_yet_treated"]
    always_treated: tuple[str, ...]
    sample: Sample


@dataclass(frozen=True)
class Effects:
    """What one estimator finds.

    Attributes:
        name: the estimator.
        engine: the code that ran.
        target: what its overall effect averages.
        att: overall effect on the treated.
        att_se: its standard error.
        event: one row a relative time: tau, estimate, se.
        df: degrees of freedom of tests; inf = normal.
        n_obs: rows behind the estimate.
        n_units: units behind the estimate.
        n_clusters: clusters.
        vcov: covariance of the rows of ``event``, where the engine gives it.
        remarks: what it did to the sample.
        omitted: name of each control that it could not use -> the reason.
    """

    name: str
    engine: str
    target: str
    att: float
    att_se: float
    event: pd.DataFrame
    df: float
    n_obs: int
    n_units: int
    n_clusters: int
    vcov: np.ndarray | None = None
    remarks: tuple[str, ...] = field(default_factory=tuple)
    omitted: Mapping[str, str] = field(default_factory=dict)


def design(
    panel: pd.DataFrame, outcome: str, controls: Sequence[str], window: tuple[int, int], vcov: VcovLike = "iid",
    ssc: Convention = "reghdfe", control_group: Literal["never_treated", "not_yet_treated"] = "never_treated",
) -> Design:  # fmt: skip
    """Return the common sample: complete cases without units treated from their first year on.

    Errors are clustered by unit unless ``vcov`` names another variable.

    Raises:
        EstimationError: no treated unit with a year before adoption; a window that does not surround adoption; an
            outcome that does not vary within units and years.
    """
    Window(window[0], window[1], (REFERENCE,))
    by = Vcov.parse(vcov).clusters
    if len(by) > 1:
        raise EstimationError("the robust staggered estimators cluster one way")
    cluster = by[0] if by else "unit"
    columns = list(dict.fromkeys([outcome, *controls, cluster]))
    sample = estimation_sample(panel, columns, ["unit", "year"], keep=["adoption_year"])
    frame = sample.frame.assign(adoption_year=sample.frame["adoption_year"].astype("Int64"))
    frame.loc[frame["adoption_year"] > frame["year"].max(), "adoption_year"] = pd.NA
    start = frame.groupby("unit")["year"].transform("min")
    always = frame["adoption_year"].notna() & (frame["adoption_year"] <= start)
    named = tuple(sorted(frame.loc[always, "unit"].astype(str).unique()))
    frame = frame[~always].sort_values(["unit", "year"]).reset_index(drop=True)
    if frame["adoption_year"].isna().all():
        raise EstimationError("no unit is observed both before and after adoption: nothing to estimate")
    require_variation(frame, outcome, ["unit", "year"])
    return Design(frame, outcome, tuple(controls), *window, cluster, ssc, control_group, named, sample)


def estimate(name: str, asked: Design) -> Effects:
    """Run one estimator of ``ESTIMATORS`` on the design.

    Raises:
        EstimationError: the estimator cannot be used on this sample, and why.
    """
    return ESTIMATORS[name](asked)


def _twfe(asked: Design) -> Effects:
    by = {"kind": "cluster", "by": asked.cluster}
    effects = ["unit", "year"]
    adopted = asked.panel["adoption_year"].astype("Float64").fillna(np.inf).to_numpy(dtype=float)
    panel = asked.panel.assign(_treated=(asked.panel["year"].to_numpy() >= adopted).astype(float))
    static = regress(panel, asked.outcome, ["_treated", *asked.controls], effects, by, asked.ssc)
    fit = static.fit
    if fit.terms[0] != "_treated":
        raise EstimationError("treatment is absorbed by the unit and year effects")
    window = Window(asked.first, asked.last, (REFERENCE,))
    study = fit_event_study(panel, asked.outcome, asked.controls, effects, window, by, asked.ssc)
    rows = study.effects[study.effects["reason"] == ""]
    index = [study.regression.fit.terms.index(term) for term in rows["term"]]
    return Effects(
        "TWFE", "shidian", "a weighted mean of effects, weights may be negative", fit.coef[0], fit.se[0],
        rows[["tau", "estimate", "se"]].reset_index(drop=True), fit.df, fit.n_obs, fit.n_units, fit.n_clusters or 0,
        study.regression.fit.vcov[np.ix_(index, index)], ("ends of the event study binned",),
        {**_controls_in(study.regression.omitted, asked), **_controls_in(static.omitted, asked)},
    )  # fmt: skip


def _callaway_santanna(asked: Design) -> Effects:
    from shidian.did import callaway_santanna as cs

    panel, gone = _balanced(asked.panel)
    effects = cs.group_time_effects(
        panel, asked.outcome, asked.controls, asked.control_group, "universal", asked.cluster
    )
    att, se = cs.simple(effects)
    dynamic = cs.dynamic(effects)
    kept = [i for i, tau in enumerate(dynamic.labels) if tau != REFERENCE and asked.first <= tau <= asked.last]
    event = pd.DataFrame({
        "tau": [dynamic.labels[i] for i in kept], "estimate": dynamic.att[kept], "se": dynamic.se[kept],
    })  # fmt: skip
    remarks = [f"{asked.control_group.replace('_', '-')} controls, universal base period"]
    remarks += [f"{gone} units with gaps left out: it wants a balanced panel"] * bool(gone)
    failed = effects.cells[effects.cells["reason"] != ""]
    for reason, part in failed.groupby("reason", sort=True):
        remarks.append(f"{len(part)} group-time effects missing: {reason}")
    remarks.append(cs.pretest_words(effects))
    return Effects(
        "Callaway-Sant'Anna", "shidian", "mean effect over treated unit-years", att, se, event, np.inf, len(panel),
        len(effects.units), int(effects.clusters.max()) + 1, dynamic.vcov[np.ix_(kept, kept)], tuple(remarks),
    )  # fmt: skip


def _sun_abraham(asked: Design) -> Effects:
    from shidian.did.sun_abraham import fit_sun_abraham

    by = {"kind": "cluster", "by": asked.cluster}
    result = fit_sun_abraham(asked.panel, asked.outcome, asked.controls, ["unit", "year"], by, asked.ssc)
    fit = result.regression.fit
    gone = [name for name in result.regression.omitted if name not in asked.controls]
    remarks = ["never-treated controls"]
    remarks += [f"{len(gone)} cells of cohort and time without an estimate, first {gone[0]}"] if gone else []
    kept = [i for i, tau in enumerate(result.taus) if asked.first <= tau <= asked.last]
    event = pd.DataFrame({
        "tau": [result.taus[i] for i in kept], "estimate": result.effects[kept],
        "se": np.sqrt(np.diag(result.vcov))[kept],
    })  # fmt: skip
    return Effects(
        "Sun-Abraham", "shidian", "mean effect over treated unit-years", result.att, result.att_se, event, fit.df,
        fit.n_obs, fit.n_units, fit.n_clusters or 0, result.vcov[np.ix_(kept, kept)], tuple(remarks),
        _controls_in(result.regression.omitted, asked),
    )  # fmt: skip


def _local_projections(asked: Design) -> Effects:
    from shidian.did.lp_did import fit_lp_did

    result = fit_lp_did(asked.panel, asked.outcome, asked.controls, asked.first, asked.last, asked.cluster, asked.ssc)
    fit = result.regression.fit
    event = pd.DataFrame({"tau": result.taus, "estimate": result.effects, "se": np.sqrt(np.diag(result.vcov))})
    gone = result.regression.omitted
    slopes = {name: [t for t in (*fit.terms, *gone) if t.rpartition("@")[0] == name] for name in asked.controls}
    omitted = {name: gone[own[0]] for name, own in slopes.items() if own and gone.keys() >= set(own)}
    return Effects(
        "LP-DID", "shidian", f"mean of horizons 0 to {asked.last}, weighted by the units that adopt", result.att,
        result.att_se, event, fit.df, fit.n_obs, fit.n_units, fit.n_clusters or 0, result.vcov,
        ("rows are unit-years by horizon", "clean controls, variance-weighted"), omitted,
    )  # fmt: skip


def _imputation(asked: Design) -> Effects:
    from diff_diff import ImputationDiD

    estimator = ImputationDiD(cluster=_cluster(asked), pretrends=True)
    fit, said = _diff_diff(estimator, asked)
    return _from_diff_diff("Imputation (BJS)", "mean effect over treated unit-years", fit, asked, said, np.inf)


def _two_stage(asked: Design) -> Effects:
    from diff_diff import TwoStageDiD

    estimator = TwoStageDiD(cluster=_cluster(asked), pretrends=True)
    fit, said = _diff_diff(estimator, asked)
    return _from_diff_diff("Two-stage (Gardner)", "mean effect over treated unit-years", fit, asked, said, np.inf)


def _stacked(asked: Design) -> Effects:
    from diff_diff import StackedDiD

    if asked.cluster != "unit":
        raise EstimationError("stacked DID clusters by unit only")
    if asked.controls:
        raise EstimationError("stacked DID takes no controls")
    estimator = StackedDiD(kappa_pre=-asked.first, kappa_post=asked.last, control_group="not_yet_treated")
    fit, said = _diff_diff(estimator, asked)
    target = f"mean of τ = 0 to {asked.last} over cohorts observed in the whole window"
    trimmed = [int(g) for g in fit.trimmed_groups]
    remarks = [f"cohorts {', '.join(map(str, sorted(trimmed)))} not observed in the whole window"] * bool(trimmed)
    remarks += [s for s in said if not s.startswith("Trimmed")]
    return _from_diff_diff("Stacked", target, fit, asked, remarks, fit.n_clusters - 1.0)


ESTIMATORS: Mapping[str, Callable[[Design], Effects]] = {
    "twfe": _twfe,
    "callaway_santanna": _callaway_santanna,
    "sun_abraham": _sun_abraham,
    "imputation": _imputation,
    "two_stage": _two_stage,
    "lp_did": _local_projections,
    "stacked": _stacked,
}
"""Key in a study file -> estimator."""


def _diff_diff(estimator: Any, asked: Design) -> tuple[Any, list[str]]:
    """Fit one of diff-diff's estimators; its refusals become ours, its warnings remarks."""
    first = asked.panel["adoption_year"].fillna(NEVER).astype("int64")
    data = asked.panel.assign(_first=first, _unit=pd.factorize(asked.panel["unit"], sort=True)[0])
    if asked.cluster != "unit":
        data["_cluster"] = pd.factorize(asked.panel[asked.cluster], sort=True)[0]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            fit = estimator.fit(
                data, outcome=asked.outcome, unit="_unit", time="year", first_treat="_first",
                covariates=list(asked.controls) or None,
            )  # fmt: skip
        except (ValueError, np.linalg.LinAlgError, KeyError) as error:
            raise EstimationError(f"diff-diff refuses: {' '.join(str(error).split())}") from error
    own = [w for w in caught if issubclass(w.category, UserWarning | RuntimeWarning)]
    return fit, list(dict.fromkeys(" ".join(str(w.message).split()) for w in own))


def _from_diff_diff(name: str, target: str, fit: Any, asked: Design, remarks: Sequence[str], df: float) -> Effects:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        table = fit.aggregate("event_study").to_dataframe()
    table = table[~table["is_reference"] & table["event_time"].between(asked.first, asked.last)]
    event = table.rename(columns={"event_time": "tau", "att": "estimate"})[["tau", "estimate", "se"]]
    clusters = asked.panel[asked.cluster].nunique() if name != "Stacked" else fit.n_clusters
    if not np.isfinite(fit.overall_att):
        raise EstimationError("diff-diff finds no overall effect: some effects are not identified in this sample")
    return Effects(
        name, "diff-diff", target, float(fit.overall_att), float(fit.overall_se), event.reset_index(drop=True), df,
        int(getattr(fit, "n_stacked_obs", len(asked.panel))), asked.panel["unit"].nunique(), int(clusters),
        remarks=tuple(remarks), omitted=_without_slope_untreated(asked),
    )  # fmt: skip


def _controls_in(omitted: Mapping[str, str], asked: Design) -> dict[str, str]:
    return {name: omitted[name] for name in asked.controls if name in omitted}


def _without_slope_untreated(asked: Design) -> dict[str, str]:
    """Return the controls without a slope where imputation and two-stage estimate it: rows not yet treated."""
    adopted = asked.panel["adoption_year"].astype("Float64").fillna(np.inf).to_numpy(dtype=float)
    untreated = asked.panel[asked.panel["year"].to_numpy() < adopted]
    return inestimable(untreated, asked.controls, ["unit", "year"])


def _cluster(asked: Design) -> str | None:
    return None if asked.cluster == "unit" else "_cluster"


def _balanced(panel: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Keep the units observed in every year; return them and how many were left out."""
    full = panel.groupby("unit")["year"].transform("size") == panel["year"].nunique()
    if not full.any():
        raise EstimationError("no unit is observed in every year, and Callaway-Sant'Anna wants a balanced panel")
    return panel[full], int(panel.loc[~full, "unit"].nunique())
