"""From a study's regression tables to the models behind their columns, one function a kind of exhibit.

Samples, winsorised values, event-time dummies, groups and matching weights are made by the functions that the exhibits
use, so that the data files are what the regressions started from; the regressions themselves are not called.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from shidian.audit.replication.model import Conley, Model
from shidian.did.event_study import Window, event_design
from shidian.errors import EstimationError
from shidian.exhibits.columns import column_settings
from shidian.exhibits.did.did_column import column_sample, regressors_of
from shidian.exhibits.did.did_table import table_settings
from shidian.exhibits.did.event_study import COLUMN
from shidian.exhibits.did.heterogeneity import interaction_columns
from shidian.exhibits.groups import groups_of
from shidian.exhibits.iv.instruments import instrument_name, with_instruments
from shidian.exhibits.matching.matched import MATCHING, run_matching
from shidian.exhibits.result import StudyInfo
from shidian.exhibits.spatial.spillover_rings import WITH, WITHOUT, declared_rings
from shidian.exhibits.subsample import policy_sample
from shidian.exhibits.threshold.u_test import REGRESSION
from shidian.exhibits.varied_columns import varied_columns
from shidian.inference.covariance import Vcov
from shidian.matching.psm import matched_weights

WEIGHT = "matching_weight"
Spec = Mapping[str, Any]
Maker = Callable[[pd.DataFrame, Spec, StudyInfo], list[Model]]


def models_of(panel: pd.DataFrame, spec: Spec, info: StudyInfo) -> list[Model]:
    """Return the models behind an exhibit's columns, without those that the exhibit could not even set up.

    Raises:
        KeyError: a kind of exhibit without a maker; see ``MAKERS`` and ``LEFT_OUT``.
        EstimationError: the exhibit as a whole could not be estimated.
    """
    return MAKERS[spec["kind"]](panel, spec, info)


def _model(frame: pd.DataFrame, s: Spec, column: str, regressors: Sequence[str], **more: Any) -> Model:
    """Return a model with the settings of a column; its data file is cut to the columns that it needs."""
    model = Model(
        column=column, frame=frame, outcome=more.pop("outcome", s["outcome"]), regressors=tuple(regressors),
        fixed_effects=tuple(s["fixed_effects"]), vcov=Vcov.parse(s["vcov"]), ssc=s["ssc"],
        singletons=s["singletons"], **more,
    )  # fmt: skip
    return replace(model, frame=frame[list(model.columns)])


def _each(settings: Iterable[Spec], make: Callable[[Spec], list[Model]]) -> list[Model]:
    """Return the models of columns; a column that the exhibit refuses has none."""
    models = []
    for s in settings:
        with suppress(EstimationError):
            models += make(s)
    return models


def _did_table(panel: pd.DataFrame, spec: Spec, info: StudyInfo) -> list[Model]:
    return _each(table_settings(spec, info), lambda s: _column(panel, s, info))


def _variations(panel: pd.DataFrame, spec: Spec, info: StudyInfo) -> list[Model]:
    return _did_table(panel, {**spec, "columns": varied_columns(spec)}, info)


def _column(panel: pd.DataFrame, s: Spec, info: StudyInfo) -> list[Model]:
    """Return the models of one column, by the estimator that it declares."""
    if "matching" in s:
        return _matched(panel, {**s, **s["matching"]}, info)
    if "instruments" in s:
        return _instrumented(panel, {"endogenous": [s["treatment"]], **s})
    return [_model(column_sample(panel, s)[0], s, s["label"], regressors_of(s))]


def _event_study(panel: pd.DataFrame, spec: Spec, info: StudyInfo) -> list[Model]:
    """Return the regression with its dummies in the order in which a program drops the last of a collinear set."""
    s, window = column_settings(spec, {}, 0, info), Window.declared(spec)
    part, _ = policy_sample(panel, spec)
    asked = event_design(
        part, s["outcome"], s["controls"], s["fixed_effects"], window, s["vcov"], singletons=s["singletons"]
    )
    return [_model(asked.data, s, COLUMN, [*asked.terms, *s["controls"]])]


def _heterogeneity(panel: pd.DataFrame, spec: Spec, info: StudyInfo) -> list[Model]:
    s = column_settings(spec, {}, 0, info)
    part, _ = policy_sample(panel, spec)
    return _each(spec["splits"], lambda declared: _split(part, declared, s, info))


def _split(panel: pd.DataFrame, declared: Spec, s: Spec, info: StudyInfo) -> list[Model]:
    """Return one regression a group, or the one with interactions."""
    groups, treatment = groups_of(panel, declared), s["treatment"]
    label = declared.get("label", info.label(declared["variable"]))
    if declared.get("form", "groups") == "groups":
        names = sorted(groups.dropna().unique(), key=str)
        regressors = [treatment, *s["controls"]]
        return [_model(panel[groups == name], s, f"{label}: {name}", regressors) for name in names]
    data = panel[groups.notna()]
    terms, main = interaction_columns(data, groups[groups.notna()], treatment)
    return [_model(data.assign(**terms, **main), s, label, [*terms, *main, *s["controls"]])]


def _psm_did(panel: pd.DataFrame, spec: Spec, info: StudyInfo) -> list[Model]:
    defaults = {key: spec[key] for key in (*MATCHING, "keep") if key in spec}
    columns = spec.get("columns", [{}])
    settings = [column_settings(spec, {**defaults, **c}, i, info) for i, c in enumerate(columns)]
    return _each(settings, lambda s: _matched(panel, s, info))


def _matched(panel: pd.DataFrame, s: Spec, info: StudyInfo) -> list[Model]:
    """Return the regression on the matched sample: rows kept, rows repeated, or rows with their weights."""
    keep, m = s.get("keep", "matched"), run_matching(panel, s, info)
    weights = matched_weights(m.panel, m.match, m.base, keep).to_numpy(dtype=float)
    part, more = m.panel[weights > 0], dict[str, str]()
    if keep == "frequency":
        part = m.panel.iloc[np.repeat(np.arange(len(weights)), weights.astype(int))]
    elif keep == "analytic":
        part, more = part.assign(**{WEIGHT: weights[weights > 0]}), {"weights": WEIGHT}
    return [_model(part.reset_index(drop=True), s, s["label"], [s["treatment"], *s["controls"]], **more)]


def _iv_table(panel: pd.DataFrame, spec: Spec, info: StudyInfo) -> list[Model]:
    shared = {k: spec[k] for k in ("endogenous", "instruments") if k in spec}
    columns = spec.get("columns", [{}])
    settings = [column_settings(spec, {**shared, **c}, i, info) for i, c in enumerate(columns)]
    return _each(settings, lambda s: _instrumented(panel, s))


def _instrumented(panel: pd.DataFrame, s: Spec) -> list[Model]:
    """Return a second stage, and a first stage for each endogenous regressor on the rows of the second."""
    names = [instrument_name(item) for item in s["instruments"]]
    part, _ = policy_sample(with_instruments(panel, s["instruments"]), s)
    endogenous, controls = list(s["endogenous"]), list(s["controls"])
    part = part[part[[s["outcome"], *endogenous, *names, *controls]].notna().all(axis=1)]
    instruments = {"endogenous": tuple(endogenous), "instruments": tuple(names)}
    first = [
        _model(part, s, f"{s['label']} first stage: {name}", [*names, *controls], outcome=name) for name in endogenous
    ]
    return [*first, _model(part, s, s["label"], controls, **instruments)]


def _mediation(panel: pd.DataFrame, spec: Spec, info: StudyInfo) -> list[Model]:
    s = column_settings(spec, {}, 0, info)
    treatment, controls, y = s["treatment"], list(s["controls"]), s["outcome"]
    part, _ = policy_sample(panel, spec)
    models = []
    for m in spec["mediators"]:
        complete = part[part[[y, treatment, m, *controls]].notna().all(axis=1)]
        models += [
            _model(complete, s, f"{m}: total", [treatment, *controls]),
            _model(complete, s, f"{m}: mediator", [treatment, *controls], outcome=m),
            _model(complete, s, f"{m}: direct", [treatment, m, *controls]),
        ]
    return models


def _u_test(panel: pd.DataFrame, spec: Spec, info: StudyInfo) -> list[Model]:
    s, x = column_settings(spec, {}, 0, info), str(spec["regressor"])
    part, _ = policy_sample(panel.assign(**{f"{x}^2": panel[x].astype(float) ** 2}), spec)
    return [_model(part, s, REGRESSION, [x, f"{x}^2", *s["controls"]])]


def _rings(panel: pd.DataFrame, spec: Spec, info: StudyInfo) -> list[Model]:
    s = column_settings(spec, {}, 0, info)
    part, _ = policy_sample(panel, spec)
    rings = declared_rings(part, spec, s["treatment"])
    return [
        _model(part, s, WITHOUT, [s["treatment"], *s["controls"]]),
        _model(pd.concat([part, rings], axis=1), s, WITH, [s["treatment"], *map(str, rings.columns), *s["controls"]]),
    ]


def _conley(panel: pd.DataFrame, spec: Spec, info: StudyInfo) -> list[Model]:
    """Return the regression with its declared errors, and once a cut-off with Conley errors."""
    s = column_settings(spec, {}, 0, info)
    part, _ = policy_sample(panel, spec)
    regressors = [s["treatment"], *s["controls"]]
    place = {"longitude": spec.get("longitude", "longitude"), "latitude": spec.get("latitude", "latitude")}
    rule = {"kernel": spec.get("kernel", "uniform"), "lags": int(spec.get("lags", 0))}
    models = [_model(part, s, "(1)", regressors)]
    for i, cutoff in enumerate(spec["cutoffs_km"], start=2):
        conley = Conley(**place, cutoff_km=float(cutoff), **rule)
        models.append(_model(part, s, f"({i})", regressors, conley=conley))
    return models


MAKERS: dict[str, Maker] = {
    "did_table": _did_table, "variations": _variations, "event_study": _event_study,
    "heterogeneity": _heterogeneity, "psm_did": _psm_did, "iv_table": _iv_table, "mediation": _mediation,
    "mixed_table": _did_table, "u_test": _u_test, "spillover_rings": _rings, "conley": _conley,
}  # fmt: skip
"""Kind of exhibit -> the models behind it."""

LEFT_OUT = {
    "staggered_did": "no R package of these estimators is in Debian; diff-diff checks some of them in the exhibit",
    "honest_did": "no R package of it is in Debian",
    "goodman_bacon": "a decomposition of the regression of the DID table, which adds up to it",
    "twfe_weights": "weights of the regression of the DID table, not estimates",
    "placebo": "random draws of the regression of the DID table; the true one is re-estimated there",
    "threshold": "a search over regressions: its second program is not written",
    "spatial_did": "maximum likelihood: its second program is not written",
    "spatial_selection": "Lagrange multiplier tests: their second program is not written",
    "weights_choice": "maximum likelihood: its second program is not written",
    "epsilon_sensitivity": "measured anew for each epsilon: a second program of the frontier is not written",
    "score_intervals": "a bootstrap of the frontier: its second program is not written",
    "second_stage": "a bootstrap of the frontier: its second program is not written",
    "moran": "a description of space, not a regression",
    "vif": "a description of the regressors, not a regression",
}
"""Kinds of exhibit with estimates that no other program re-estimates here, and why."""
