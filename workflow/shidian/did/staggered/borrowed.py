"""Estimators whose engine is diff-diff: imputation (Borusyak, Jaravel & Spiess 2024), two-stage (Gardner 2022)."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from shidian.did.staggered.design import NEVER, Design, Effects
from shidian.did.within import inestimable
from shidian.errors import EstimationError


def imputation(asked: Design) -> Effects:
    """Impute untreated outcomes and average the differences over treated unit-years."""
    from diff_diff import ImputationDiD

    estimator = ImputationDiD(cluster=cluster_argument(asked), pretrends=True)
    fit, said = fit_diff_diff(estimator, asked)
    return from_diff_diff("Imputation (BJS)", "mean effect over treated unit-years", fit, asked, said, np.inf)


def two_stage(asked: Design) -> Effects:
    """Estimate the effects on outcomes without the effects of untreated rows."""
    from diff_diff import TwoStageDiD

    estimator = TwoStageDiD(cluster=cluster_argument(asked), pretrends=True)
    fit, said = fit_diff_diff(estimator, asked)
    return from_diff_diff("Two-stage (Gardner)", "mean effect over treated unit-years", fit, asked, said, np.inf)


def fit_diff_diff(estimator: Any, asked: Design) -> tuple[Any, list[str]]:
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


def from_diff_diff(name: str, target: str, fit: Any, asked: Design, remarks: Sequence[str], df: float) -> Effects:
    """Read diff-diff's result; ``df`` are the degrees of freedom of its tests."""
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


def _without_slope_untreated(asked: Design) -> dict[str, str]:
    """Return the controls without a slope where imputation and two-stage estimate it: rows not yet treated."""
    adopted = asked.panel["adoption_year"].astype("Float64").fillna(np.inf).to_numpy(dtype=float)
    untreated = asked.panel[asked.panel["year"].to_numpy() < adopted]
    return inestimable(untreated, asked.controls, ["unit", "year"])


def cluster_argument(asked: Design) -> str | None:
    """Return diff-diff's cluster argument: None for the unit."""
    return None if asked.cluster == "unit" else "_cluster"
