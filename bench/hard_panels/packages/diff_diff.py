"""diff-diff, the engine that shidian borrows for some estimators, asked without shidian."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import diff_diff as dd
import pandas as pd

from bench.hard_panels.answer import ATT, Answer, Number, numbers
from bench.hard_panels.packages.coded import coded, one_cluster
from bench.hard_panels.panel import HardPanel


def robust(name: str, panel: HardPanel, rows: pd.DataFrame) -> Answer:
    """Ask one of its staggered estimators, overall and by time since adoption."""
    fit = _estimator(name, panel, rows).fit(
        coded(panel, rows), outcome="y", unit="id", time="year", first_treat="first",
        covariates=list(panel.controls) or None,
    )  # fmt: skip
    if name == "sun_abraham":
        table = fit.to_dataframe("event_study").rename(columns={"relative_period": "event_time", "effect": "att"})
    else:
        table = fit.aggregate("event_study").to_dataframe()
        table = table[~table["is_reference"]]
    table = table[table["event_time"].between(*panel.window)]
    found = numbers(table["event_time"], table["att"], table["se"])
    return Answer((Number(ATT, float(fit.overall_att), float(fit.overall_se)), *found), told=str(fit.summary()))


def lp_did(panel: HardPanel, rows: pd.DataFrame) -> Answer:
    """Ask ``LPDiD``, pooled and by horizon."""
    estimator = dd.LPDiD(pre_window=-panel.window[0], post_window=panel.window[1], cluster=one_cluster(panel))
    fit = estimator.fit(coded(panel, rows), "y", "unit", "year", "did", covariates=list(panel.controls) or None)
    table = fit.event_study
    found = numbers(table["horizon"], table["coefficient"], table["se"])
    return Answer((Number(ATT, float(fit.att), float(fit.se)), *found), told=str(fit.summary()))


def _estimator(name: str, panel: HardPanel, rows: pd.DataFrame) -> Any:
    by = one_cluster(panel)
    cluster = None if by == "unit" else by
    group = "never_treated" if rows["adoption_year"].isna().any() else "not_yet_treated"
    if name == "sun_abraham":
        return dd.SunAbraham(cluster=cluster)
    if name == "callaway_santanna":
        return dd.CallawaySantAnna(cluster=cluster, control_group=group, base_period="universal")
    if name == "stacked":
        return dd.StackedDiD(kappa_pre=-panel.window[0], kappa_post=panel.window[1], control_group="not_yet_treated")
    return {"imputation": dd.ImputationDiD, "two_stage": dd.TwoStageDiD}[name](cluster=cluster, pretrends=True)


ANSWERS = {
    **{
        name: partial(robust, name)
        for name in ("sun_abraham", "callaway_santanna", "imputation", "two_stage", "stacked")
    },
    "lp_did": lp_did,
}
REFUSALS: Sequence[type[Exception]] = (Exception,)
