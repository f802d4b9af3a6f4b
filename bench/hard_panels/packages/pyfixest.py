"""pyfixest: regressions, ``did2s``, the saturated event study of Sun and Abraham, ``lpdid``."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import pyfixest as pf

from bench.hard_panels.answer import ATT, Answer, Number, numbers
from bench.hard_panels.packages.coded import coded, one_cluster
from bench.hard_panels.panel import HardPanel


def static(panel: HardPanel, rows: pd.DataFrame) -> Answer:
    """Ask ``feols``."""
    formula = " + ".join(("did", *panel.controls))
    fit = pf.feols(f"y ~ {formula} | unit + year", coded(panel, rows), vcov={"CRV1": "+".join(panel.clusters)})
    return _overall(fit.tidy(), "did")


def event_study(panel: HardPanel, rows: pd.DataFrame) -> Answer:
    """Ask ``feols`` with ``i(tau, ref=-1)``, ends binned, never-treated units at the reference."""
    formula = " + ".join(("i(tau, ref=-1)", *panel.controls))
    fit = pf.feols(f"y ~ {formula} | unit + year", coded(panel, rows), vcov={"CRV1": "+".join(panel.clusters)})
    return Answer(tuple(_by_time(fit.tidy())))


def sun_abraham(panel: HardPanel, rows: pd.DataFrame) -> Answer:
    """Ask ``event_study(estimator="saturated")`` and aggregate by period; it takes no controls here."""
    if panel.controls:
        raise NotImplementedError("asked without controls only")
    fit = pf.event_study(
        coded(panel, rows), "y", "id", "year", "first", cluster=_cluster(panel), estimator="saturated"
    )  # fmt: skip
    table = fit.aggregate()
    inside = table[(table.index >= panel.window[0]) & (table.index <= panel.window[1])]
    return Answer(tuple(numbers(inside.index, inside["Estimate"], inside["Std. Error"])))


def two_stage(panel: HardPanel, rows: pd.DataFrame) -> Answer:
    """Ask ``did2s`` twice: overall and by time since adoption."""
    data, first = coded(panel, rows), " + ".join(panel.controls) or "0"
    overall = pf.did2s(data, "y", f"~ {first} | unit + year", "~ i(did, ref=0)", "did", cluster=one_cluster(panel))
    events = pf.did2s(data, "y", f"~ {first} | unit + year", "~ i(tau, ref=-1)", "did", cluster=one_cluster(panel))
    (number,) = _overall(overall.tidy(), overall.tidy().index[0]).numbers
    return Answer((number, *_by_time(events.tidy())))


def lp_did(panel: HardPanel, rows: pd.DataFrame) -> Answer:
    """Ask ``lpdid``, pooled and by horizon."""
    if panel.controls:
        raise NotImplementedError("asked without controls only")
    data, by = coded(panel, rows), {"CRV1": _cluster(panel)}
    window = {"pre_window": panel.window[0], "post_window": panel.window[1]}
    pooled = pf.lpdid(data.copy(), "y", "id", "year", "first", vcov=by, **window).tidy()
    events = pf.lpdid(data.copy(), "y", "id", "year", "first", vcov=by, att=False, **window).tidy()
    (number,) = _overall(pooled, pooled.index[0]).numbers
    return Answer((number, *_by_time(events)))


def _overall(table: pd.DataFrame, term: str) -> Answer:
    if term not in table.index:
        return Answer(refused=f"{term} is dropped")
    row = table.loc[term]
    return Answer((Number(ATT, float(row["Estimate"]), float(row["Std. Error"])),))


def _by_time(table: pd.DataFrame) -> list[Number]:
    rows = table[table.index.str.contains("::")]
    taus = [name.split("::")[-1] for name in rows.index]
    return numbers(taus, rows["Estimate"], rows["Std. Error"])


def _cluster(panel: HardPanel) -> str:
    by = one_cluster(panel)
    return "id" if by == "unit" else by


ANSWERS = {
    "static": static, "event_study": event_study, "sun_abraham": sun_abraham, "two_stage": two_stage, "lp_did": lp_did,
}  # fmt: skip
REFUSALS: Sequence[type[Exception]] = (Exception,)
