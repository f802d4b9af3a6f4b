"""Estimators whose engine is diff-diff: fit, and the result in the form of ours."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from shidian.did.staggered.design import NEVER, Design, Effects
from shidian.errors import EstimationError


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
    if not np.isfinite(fit.overall_att):
        raise EstimationError("diff-diff finds no overall effect: some effects are not identified in this sample")
    return Effects(
        name, "diff-diff", target, float(fit.overall_att), float(fit.overall_se), event.reset_index(drop=True), df,
        int(fit.n_stacked_obs), asked.panel["unit"].nunique(), int(fit.n_clusters), remarks=tuple(remarks),
    )  # fmt: skip
