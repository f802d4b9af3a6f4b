"""The same overall effect by a second, independent engine: diff-diff beside our own code, pyfixest beside diff-diff."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd

from shidian.did.staggered import NEVER, Design
from shidian.errors import EstimationError

PEERS = {"callaway_santanna": "diff-diff", "sun_abraham": "diff-diff", "two_stage": "pyfixest"}
"""Estimator -> the engine that can check it."""


def overall(name: str, asked: Design) -> float:
    """Return the overall effect of ``name`` by its second engine.

    Raises:
        EstimationError: the second engine cannot fit this sample.
        KeyError: there is no second engine.
    """
    run = {"callaway_santanna": _callaway_santanna, "sun_abraham": _sun_abraham, "two_stage": _did2s}[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return run(asked, _data(asked))
        except (ValueError, np.linalg.LinAlgError, KeyError) as error:
            raise EstimationError(f"{PEERS[name]} refuses: {' '.join(str(error).split())}") from error


def _data(asked: Design) -> pd.DataFrame:
    first = asked.panel["adoption_year"].fillna(NEVER).astype("int64")
    treated = (first > 0) & (asked.panel["year"] >= first)
    return asked.panel.assign(_first=first, _unit=pd.factorize(asked.panel["unit"], sort=True)[0], _d=treated)


def _callaway_santanna(asked: Design, data: pd.DataFrame) -> float:
    from diff_diff import CallawaySantAnna

    full = data.groupby("_unit")["year"].transform("size") == data["year"].nunique()
    estimator = CallawaySantAnna(control_group=asked.control_group, base_period="universal")
    fit = estimator.fit(data[full], asked.outcome, "_unit", "year", "_first", covariates=list(asked.controls) or None)
    return float(fit.overall_att)


def _sun_abraham(asked: Design, data: pd.DataFrame) -> float:
    from diff_diff import SunAbraham

    fit = SunAbraham().fit(data, asked.outcome, "_unit", "year", "_first", covariates=list(asked.controls) or None)
    return float(fit.overall_att)


def _did2s(asked: Design, data: pd.DataFrame) -> float:
    import pyfixest as pf

    numbered = {name: f"x{i}" for i, name in enumerate(asked.controls)}
    frame = data.rename(columns={**numbered, asked.outcome: "y"}).assign(d=data["_d"].astype(float))
    first_stage = "~ " + (" + ".join(numbered.values()) or "0") + " | _unit + year"
    fit = pf.did2s(
        frame, yname="y", first_stage=first_stage, second_stage="~ d", treatment="_d", cluster="_unit"
    )  # fmt: skip
    return float(fit.coef()["d"])
