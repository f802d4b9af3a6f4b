"""StatsPAI (PyPI: StatsPAI)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import statspai as sp

from bench.hard_panels.answer import ATT, Answer, Number, numbers
from bench.hard_panels.packages.coded import coded, one_cluster
from bench.hard_panels.panel import HardPanel


def static(panel: HardPanel, rows: pd.DataFrame) -> Answer:
    """Ask ``sp.feols``."""
    formula = " + ".join(("did", *panel.controls))
    fit = sp.feols(f"y ~ {formula} | unit + year", coded(panel, rows), vcov={"CRV1": " + ".join(panel.clusters)})
    if "did" not in fit.params.index:
        return Answer(refused="did is dropped")
    return Answer((Number(ATT, float(fit.params["did"]), float(fit.std_errors["did"])),))


def event_study(panel: HardPanel, rows: pd.DataFrame) -> Answer:
    """Ask ``sp.event_study``; its overall effect is the mean after adoption."""
    fit = sp.event_study(
        coded(panel, rows), "y", "first_nan", "year", "unit", window=panel.window, covariates=_controls(panel),
        cluster=one_cluster(panel),
    )  # fmt: skip
    return _read(fit, fit.model_info["event_study"])


def sun_abraham(panel: HardPanel, rows: pd.DataFrame) -> Answer:
    """Ask ``sp.sun_abraham``."""
    fit = sp.sun_abraham(
        coded(panel, rows), "y", "first_nan", "year", "unit", event_window=panel.window, covariates=_controls(panel),
        cluster=one_cluster(panel),
    )  # fmt: skip
    return _read(fit, fit.model_info["event_study"])


def callaway_santanna(panel: HardPanel, rows: pd.DataFrame) -> Answer:
    """Ask ``sp.callaway_santanna``, then ``sp.aggte``."""
    never = rows["adoption_year"].isna().any()
    fit = sp.callaway_santanna(
        coded(panel, rows), "y", "first", "year", "id", x=_controls(panel), clustervars=_other_cluster(panel),
        control_group="nevertreated" if never else "notyettreated",
    )  # fmt: skip
    return _read(sp.aggte(fit, "simple"), sp.aggte(fit, "dynamic").model_info["event_study"])


def imputation(panel: HardPanel, rows: pd.DataFrame) -> Answer:
    """Ask ``sp.bjs``."""
    fit = sp.bjs(
        coded(panel, rows), "y", "id", "year", "first_nan", controls=_controls(panel), cluster=_other_cluster(panel),
        horizon=list(range(panel.window[1] + 1)), pretrends=-panel.window[0],
    )  # fmt: skip
    return _read(fit, fit.model_info["event_study"])


def two_stage(panel: HardPanel, rows: pd.DataFrame) -> Answer:
    """Ask ``sp.gardner_did`` twice: overall and by time since adoption."""
    arguments: dict[str, Any] = {
        "data": coded(panel, rows), "y": "y", "group": "id", "time": "year", "first_treat": "first_nan",
        "controls": _controls(panel), "cluster": _other_cluster(panel),
    }  # fmt: skip
    overall = sp.gardner_did(**arguments)
    events = sp.gardner_did(**arguments, event_study=True, horizon=list(range(panel.window[0], panel.window[1] + 1)))
    study = events.model_info["event_study"]
    taus = [name.removeprefix("D_k") for name in study["horizon"]]
    dynamic = numbers(taus, [study["coef"][k] for k in study["horizon"]], [study["se"][k] for k in study["horizon"]])
    return Answer((Number(ATT, float(overall.estimate), float(overall.se)), *dynamic))


def stacked(panel: HardPanel, rows: pd.DataFrame) -> Answer:
    """Ask ``sp.stacked_did``, never-treated controls where there are any."""
    never = bool(rows["adoption_year"].isna().any())
    fit = sp.stacked_did(
        coded(panel, rows), "y", "id", "year", "first_nan", window=panel.window, never_treated_only=never,
        controls=_controls(panel), cluster=_other_cluster(panel),
    )  # fmt: skip
    return _read(fit, fit.model_info["event_study"])


def lp_did(panel: HardPanel, rows: pd.DataFrame) -> Answer:
    """Ask ``sp.lp_did``; its overall effect is that of horizon 0."""
    fit = sp.lp_did(
        coded(panel, rows), "y", "id", "year", "did", horizons=panel.window, controls=_controls(panel),
        cluster=_other_cluster(panel),
    )  # fmt: skip
    return _read(fit, fit.model_info["event_study"])


def _read(fit: Any, study: pd.DataFrame) -> Answer:
    found = numbers(study["relative_time"], study["att"], study["se"])
    return Answer((Number(ATT, float(fit.estimate), float(fit.se)), *found), told=str(fit.summary()))


def _controls(panel: HardPanel) -> list[str] | None:
    return list(panel.controls) or None


def _other_cluster(panel: HardPanel) -> str | None:
    """Return the cluster variable where it is not the unit, by which these functions cluster unasked."""
    by = one_cluster(panel)
    return None if by == "unit" else by


ANSWERS = {
    "static": static, "event_study": event_study, "sun_abraham": sun_abraham, "callaway_santanna": callaway_santanna,
    "imputation": imputation, "two_stage": two_stage, "stacked": stacked, "lp_did": lp_did,
}  # fmt: skip
REFUSALS: Sequence[type[Exception]] = (Exception,)
