"""From a study's regression tables to the models behind their columns, one function a kind of exhibit.

Samples, winsorised values, event-time dummies, groups and matching weights are made by the functions that the exhibits
use, so that the data files are what the regressions started from; the regressions themselves are not called.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from shidian.audit.replication.model import Model
from shidian.did.event_study import event_dummies, relative_time
from shidian.errors import EstimationError
from shidian.exhibits.did_table import column_settings
from shidian.exhibits.event_study import COLUMN, window_of
from shidian.exhibits.heterogeneity import groups_of, interaction_columns
from shidian.exhibits.instruments import instrument_name, with_instruments
from shidian.exhibits.matched import MATCHING, run_matching
from shidian.exhibits.result import StudyInfo
from shidian.exhibits.subsample import subsample
from shidian.exhibits.variations import column_specs
from shidian.exhibits.winsorise import winsorised
from shidian.inference.covariance import Vcov
from shidian.matching.psm import matched_weights

WEIGHT = "matching_weight"
Spec = Mapping[str, Any]
Maker = Callable[[pd.DataFrame, Spec, StudyInfo], list[Model]]


def models_of(panel: pd.DataFrame, spec: Spec, info: StudyInfo) -> list[Model]:
    """Return the models behind an exhibit's columns, without those that the exhibit could not estimate.

    Raises:
        KeyError: a kind of exhibit without a maker; see ``MAKERS`` and ``LEFT_OUT``.
    """
    return MAKERS[spec["kind"]](panel, spec, info)


def _model(frame: pd.DataFrame, s: Spec, spec: Spec, column: str, regressors: list[str], **more: Any) -> Model:
    """Return a model with the settings of a column; its data file is cut to the columns that it needs."""
    model = Model(
        exhibit=str(spec["id"]), column=column, frame=frame, outcome=more.pop("outcome", s["outcome"]),
        regressors=tuple(regressors), fixed_effects=tuple(s["fixed_effects"]), vcov=Vcov.parse(s["vcov"]),
        ssc=s["ssc"], **more,
    )  # fmt: skip
    return replace(model, frame=frame[list(model.columns)])


def _did_table(panel: pd.DataFrame, spec: Spec, info: StudyInfo) -> list[Model]:
    models = []
    for i, column in enumerate(spec["columns"]):
        s = column_settings(spec, column, i, info)
        try:
            part, _ = subsample(panel, s.get("sample"))
            part, _ = winsorised(part, s.get("winsorise"))
        except EstimationError:
            continue
        models.append(_model(part, s, spec, s["label"], [s["treatment"], *s.get("add", []), *s["controls"]]))
    return models


def _variations(panel: pd.DataFrame, spec: Spec, info: StudyInfo) -> list[Model]:
    return _did_table(panel, {**spec, "columns": column_specs(spec)}, info)


def _event_study(panel: pd.DataFrame, spec: Spec, info: StudyInfo) -> list[Model]:
    s, window = column_settings(spec, {}, 0, info), window_of(spec)
    part, _ = subsample(panel, spec.get("sample"))
    tau = relative_time(part)
    dummies = event_dummies(tau, window)
    part = part.assign(**dummies)
    if window.ends == "drop":
        part = part[tau.isna() | tau.between(window.first, window.last)]
    present = [name for name in dummies if (part[name] != 0).any()]
    return [_model(part, s, spec, COLUMN, [*present, *s["controls"]])]


def _heterogeneity(panel: pd.DataFrame, spec: Spec, info: StudyInfo) -> list[Model]:
    s = column_settings(spec, {}, 0, info)
    treatment = s["treatment"]
    part, _ = subsample(panel, spec.get("sample"))
    models = []
    for declared in spec["splits"]:
        label = declared.get("label", info.label(declared["variable"]))
        try:
            groups = groups_of(part, declared)
        except EstimationError:
            continue
        names = sorted(groups.dropna().unique(), key=str)
        if declared.get("form", "groups") == "groups":
            for name in names:
                models.append(_model(part[groups == name], s, spec, f"{label}: {name}", [treatment, *s["controls"]]))
            continue
        data = part[groups.notna()]
        terms, main = interaction_columns(data, groups[groups.notna()], treatment)
        models.append(_model(data.assign(**terms, **main), s, spec, label, [*terms, *main, *s["controls"]]))
    return models


def _psm_did(panel: pd.DataFrame, spec: Spec, info: StudyInfo) -> list[Model]:
    """The matched sample as it entered the regression: rows repeated, or with their weights."""
    defaults = {key: spec[key] for key in (*MATCHING, "keep") if key in spec}
    models = []
    for i, column in enumerate(spec.get("columns", [{}])):
        s = column_settings(spec, {**defaults, **column}, i, info)
        keep = s.get("keep", "matched")
        try:
            m = run_matching(panel, s, info)
        except EstimationError:
            continue
        weights = matched_weights(m.panel, m.match, m.base, keep).to_numpy(dtype=float)
        part, more = m.panel[weights > 0], {}
        if keep == "frequency":
            part = m.panel.iloc[np.repeat(np.arange(len(weights)), weights.astype(int))]
        elif keep == "analytic":
            part, more = part.assign(**{WEIGHT: weights[weights > 0]}), {"weights": WEIGHT}
        regressors = [s["treatment"], *s["controls"]]
        models.append(_model(part.reset_index(drop=True), s, spec, s["label"], regressors, **more))
    return models


def _iv_table(panel: pd.DataFrame, spec: Spec, info: StudyInfo) -> list[Model]:
    """Second stages; a first stage is the regression of each endogenous regressor on instruments and controls."""
    shared = {k: spec[k] for k in ("endogenous", "instruments") if k in spec}
    models = []
    for i, column in enumerate(spec.get("columns", [{}])):
        s = column_settings(spec, {**shared, **column}, i, info)
        names = [instrument_name(item) for item in s["instruments"]]
        try:
            part, _ = subsample(with_instruments(panel, s["instruments"]), s.get("sample"))
        except EstimationError:
            continue
        endogenous, controls = tuple(s["endogenous"]), list(s["controls"])
        needed = [s["outcome"], *endogenous, *names, *controls]
        part = part[part[needed].notna().all(axis=1)]
        models.append(_model(part, s, spec, s["label"], controls, endogenous=endogenous, instruments=tuple(names)))
        for name in endogenous:
            key = f"{s['label']} first stage: {name}"
            models.append(_model(part, s, spec, key, [*names, *controls], outcome=name))
    return models


def _mediation(panel: pd.DataFrame, spec: Spec, info: StudyInfo) -> list[Model]:
    s = column_settings(spec, {}, 0, info)
    treatment, controls = s["treatment"], list(s["controls"])
    part, _ = subsample(panel, spec.get("sample"))
    models = []
    for mediator in spec["mediators"]:
        complete = part[part[[s["outcome"], treatment, mediator, *controls]].notna().all(axis=1)]
        steps = (("total", s["outcome"], [treatment]), ("mediator", mediator, [treatment]),
                 ("direct", s["outcome"], [treatment, mediator]))  # fmt: skip
        for step, outcome, first in steps:
            models.append(
                _model(complete, s, spec, f"{mediator}: {step}", [*first, *controls], outcome=outcome)
            )
    return models


MAKERS: dict[str, Maker] = {
    "did_table": _did_table, "variations": _variations, "event_study": _event_study,
    "heterogeneity": _heterogeneity, "psm_did": _psm_did, "iv_table": _iv_table, "mediation": _mediation,
}  # fmt: skip
"""Kind of exhibit -> the models behind it."""

LEFT_OUT = {
    "staggered_did": "no R package of these estimators is in Debian; diff-diff and pyfixest check them in the exhibit",
    "honest_did": "no R package of it is in Debian",
    "goodman_bacon": "a decomposition of the regression of the DID table, which adds up to it",
    "twfe_weights": "weights of the regression of the DID table, not estimates",
    "placebo": "random draws of the regression of the DID table; the true one is re-estimated there",
    "threshold": "a search over regressions: its second program is not written",
    "spatial_did": "maximum likelihood: its second program is not written",
    "spatial_selection": "Lagrange multiplier tests: their second program is not written",
    "weights_choice": "maximum likelihood: its second program is not written",
    "spillover_rings": "its second program is not written",
    "conley": "its second program is not written",
    "u_test": "its second program is not written",
    "epsilon_sensitivity": "its regressions are those of the DID table with the outcome of each epsilon; not written yet",
    "moran": "a description of space, not a regression",
    "vif": "a description of the regressors, not a regression",
}
"""Kinds of exhibit with estimates that no other program re-estimates here, and why."""
