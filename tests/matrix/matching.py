"""Rows of the matrix: propensity scores and the regression on the matched sample."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd

from tests.matrix.cells import DATED, WEIGHTS, Asked, Numbers, Row
from tests.matrix.did import regression

COVARIATES = ["x", "gdp"]


def scored(asked: Asked) -> pd.DataFrame:
    """Return the complete rows with their group, their score by statsmodels' logit, and matches by nearest score."""
    from statsmodels.discrete.discrete_model import Logit

    rows = asked.complete.sort_values(["unit", "year"]).reset_index(drop=True)
    rows["ever"] = rows["adopted"].notna()
    X = np.column_stack([np.ones(len(rows)), rows[COVARIATES]])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rows["score"] = Logit(rows["ever"].astype(float), X).fit(disp=0, tol=1e-12, method="newton").predict(X)
    control, rows["times"] = rows.index[~rows["ever"]], 0.0
    pool = rows.loc[control, "score"]
    for i in rows.index[rows["ever"]]:
        if pool.min() <= rows.loc[i, "score"] <= pool.max():
            rows.loc[(pool - rows.loc[i, "score"]).abs().idxmin(), "times"] += 1
            rows.loc[i, "times"] = 1.0
    return rows


def bias(rows: pd.DataFrame, name: str, weights: str = "") -> float:
    """Return the standardised difference of the groups' means in per cent, by the deviations before matching."""
    treated, control = rows[rows["ever"]], rows[~rows["ever"]]
    spread = np.sqrt((treated[name].var() + control[name].var()) / 2)
    w = (treated[weights], control[weights]) if weights else (None, None)
    means = np.average(treated[name], weights=w[0]) - np.average(control[name], weights=w[1])
    return float(100 * means / spread)


def balance(rows: pd.DataFrame, column: str) -> Numbers:
    """Return the bias of every covariate before and after matching."""
    return {
        (column, f"bias {when}: {name}"): {"estimate": bias(rows, name, by)}
        for name in COVARIATES
        for when, by in (("before", ""), ("after", "times"))
    }


def psm_did(asked: Asked) -> Numbers:
    """Nearest neighbours of statsmodels' scores, and pyfixest on the rows that were matched."""
    rows = scored(asked)
    matched = rows[rows["times"] > 0]
    return {**regression(asked, "(1)", ["did", "x"], rows=matched), **balance(rows, "(1)")}


def psm_scores(asked: Asked) -> Numbers:
    """Nearest neighbours of statsmodels' scores."""
    return balance(scored(asked), "matching")


ROWS = {
    "psm_did": Row({"covariates": COVARIATES}, psm_did, "statsmodels' logit, neighbours, pyfixest",
                   DATED),
    "psm_scores": Row({"covariates": COVARIATES}, psm_scores, "statsmodels' logit and neighbours",
                      {**DATED, "weights": WEIGHTS}, idle=("effects",)),
}  # fmt: skip
"""Kind -> its row."""
