"""Regressions of tables as models for a second program: what the rooms of the kinds put them together from.

Rows are those of the declared sample, as the exhibit's result says; winsorised values, event-time dummies, groups and
matching weights are made by the functions that the exhibits use, so that the data files are what the regressions
started from. The regressions themselves are not called.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from shidian.audit.replication.model import Model
from shidian.did.event_study import Window, event_design
from shidian.did.models import is_nonlinear
from shidian.errors import EstimationError
from shidian.exhibits.bootstrap_rows import NOT_ESTIMATED
from shidian.exhibits.did.did_column import made_values, regressors_of
from shidian.exhibits.iv.instruments import instrument_name, with_instruments
from shidian.exhibits.iv.iv_table.estimate import first_stage
from shidian.exhibits.matching.matched import run_matching
from shidian.exhibits.result import StudyInfo
from shidian.inference.covariance import Vcov
from shidian.inference.weights import weights_of
from shidian.matching.psm import matched_weights
from shidian.used import Used

WEIGHT = "matching_weight"
Spec = Mapping[str, Any]


def regression(frame: pd.DataFrame, s: Spec, column: str, regressors: Sequence[str], **more: Any) -> Model:
    """Return a model with the settings of a column; its data file is cut to the columns that it needs.

    A row of weight zero is not in it; rows of a frequency weight are repeated.
    """
    weighting = weights_of(s)
    if weighting is not None:
        weight = frame[weighting.variable].to_numpy(dtype=float)
        frame, weight = frame[weight > 0], weight[weight > 0]
        if weighting.counts:
            frame = frame.iloc[np.repeat(np.arange(len(frame)), weight.astype(int))].reset_index(drop=True)
        else:
            more["weights"] = weighting.variable
    family = str(s.get("model") or "")
    if is_nonlinear(family):
        more["family"] = family
    model = Model(
        column=column, frame=frame, outcome=more.pop("outcome", s["outcome"]), regressors=tuple(regressors),
        fixed_effects=tuple(s["fixed_effects"]), vcov=Vcov.parse(s["vcov"]), ssc=s["ssc"],
        singletons=s["singletons"], **more,
    )  # fmt: skip
    return replace(model, frame=frame[list(model.columns)])


def rows_of(panel: pd.DataFrame, used: Mapping[str, Used], column: str, s: Spec | None = None) -> pd.DataFrame:
    """Return the rows that a column started from, before missing values and singletons go.

    Of a nonlinear model in ``s`` they are the rows that it was fitted to: another program would look for separated rows
    in its own way.

    Raises:
        EstimationError: the column was refused.
    """
    one = used.get(column, Used())
    if not one.rows or one.declared is None:
        raise EstimationError(NOT_ESTIMATED)
    nonlinear = s is not None and is_nonlinear(str(s.get("model") or ""))
    return panel.loc[(one.rows if nonlinear else one.declared).positions]


def event_model(panel: pd.DataFrame, s: Spec, window: Window, column: str, used: Mapping[str, Used]) -> Model:
    """Return an event study's regression, its dummies in the order in which the last of a collinear set is dropped."""
    part = rows_of(panel, used, column, s)
    asked = event_design(
        part, s["outcome"], s["controls"], s["fixed_effects"], window, s["vcov"], singletons=s["singletons"],
        weights=weights_of(s),
    )  # fmt: skip
    data = asked.data.assign(year=part.loc[asked.data.index, "year"])
    return regression(data, s, column, [*asked.terms, *s["controls"]])


def each_column(settings: Iterable[Spec], make: Callable[[Spec], list[Model]]) -> list[Model]:
    """Return the models of columns; a column that the exhibit refuses has none."""
    models = []
    for s in settings:
        with suppress(EstimationError):
            models += make(s)
    return models


def column_models(panel: pd.DataFrame, s: Spec, info: StudyInfo, used: Mapping[str, Used]) -> list[Model]:
    """Return the models of one column, by the estimator that it declares."""
    if "matching" in s:
        return matched_models(panel, {**s, **s["matching"]}, info)
    if "instruments" in s:
        return instrumented_models(panel, {"endogenous": [s["treatment"]], **s}, used)
    part, _ = made_values(rows_of(panel, used, s["label"], s), s)
    return [regression(part, s, s["label"], regressors_of(s))]


def matched_models(panel: pd.DataFrame, s: Spec, info: StudyInfo) -> list[Model]:
    """Return the regression on the matched sample: rows kept, rows repeated, or rows with their weights."""
    keep, m = s.get("keep", "matched"), run_matching(panel, s, info)
    weights = matched_weights(m.panel, m.match, m.base, keep).to_numpy(dtype=float)
    part, more = m.panel[weights > 0], dict[str, str]()
    if keep == "frequency":
        part = m.panel.iloc[np.repeat(np.arange(len(weights)), weights.astype(int))]
    elif keep == "analytic":
        own = weights_of(s)
        part, more = part.assign(**{WEIGHT: weights[weights > 0]}), {"weights": WEIGHT}
        if own is not None:
            part = part.assign(**{WEIGHT: part[WEIGHT] * part[own.variable].astype(float)})
            part, s = part[part[WEIGHT] > 0], {**s, "weights": None}
    return [regression(part.reset_index(drop=True), s, s["label"], [s["treatment"], *s["controls"]], **more)]


def instrumented_models(panel: pd.DataFrame, s: Spec, used: Mapping[str, Used]) -> list[Model]:
    """Return a second stage, and a first stage for each endogenous regressor on the rows of the second."""
    names = [instrument_name(item) for item in s["instruments"]]
    part = rows_of(with_instruments(panel, s["instruments"]), used, s["label"])
    endogenous, controls = list(s["endogenous"]), list(s["controls"])
    part = part[part[[s["outcome"], *endogenous, *names, *controls]].notna().all(axis=1)]
    instruments = {"endogenous": tuple(endogenous), "instruments": tuple(names)}
    first = [
        regression(part, s, first_stage(s["label"], name), [*names, *controls], outcome=name) for name in endogenous
    ]
    return [*first, regression(part, s, s["label"], controls, **instruments)]
