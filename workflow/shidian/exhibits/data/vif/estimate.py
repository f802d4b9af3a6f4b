"""Variance inflation factors of the regressors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from shidian.errors import EstimationError
from shidian.estimates import missing, normalise
from shidian.exhibits import notes
from shidian.exhibits.data.descriptives.estimate import table_variables
from shidian.exhibits.regression_table import DASH, Style
from shidian.exhibits.result import Cell, ExhibitResult, Row, StudyInfo, Table
from shidian.exhibits.samples import by_rows, roles
from shidian.exhibits.subsample import needed_by, subsample
from shidian.exhibits.weighted_rows import weighted_rows
from shidian.inference.weights import weights_of
from shidian.messages import say

HIGH = 10.0
COLLINEAR = 1e-10


def run(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Print VIF and 1/VIF of the treatment and the controls (or of ``variables``), in the order asked, and the mean."""
    exhibit, style = notes.exhibit_id(spec), Style.of(spec)
    part, words = subsample(panel, spec.get("sample"), info.label, needed_by(spec))
    names = table_variables({key: value for key, value in spec.items() if key != "outcome"}, info, part)
    data = part[names].astype("float64").dropna()
    weighted = weighted_rows(data, part, weights_of(spec))
    data = weighted.data
    factors = variance_inflation(data, weighted.w)
    variables = roles({"sample": spec.get("sample"), "weights": spec.get("weights")}, variables=names)
    used = by_rows(data, part, variables, words, len(part) - len(data) - weighted.n_zero)
    frames, rows = [], []
    known = factors.dropna()
    if spec.get("order", "falling") == "falling":
        known = known.sort_values(ascending=False, kind="stable")
    for name, value in known.items():
        frames.append(pd.DataFrame({"term": [name, name], "column": ["vif", "1/vif"], "estimate": [value, 1 / value]}))
        cells = (Cell(style.number(value), ("vif", str(name), "estimate")),
                 Cell(style.number(1 / value), ("1/vif", str(name), "estimate")))  # fmt: skip
        rows.append(Row(info.label(str(name)), cells))
    facts: dict[str, Any] = {"study": info.study, "exhibit": exhibit, "n_obs": weighted.n}
    estimates = [normalise(pd.concat(frames).assign(**facts))] if frames else []
    reason = say("an exact linear combination of the other variables, or constant")
    for name in factors.index[factors.isna()]:
        estimates.append(missing(info.study, exhibit, "vif", str(name), reason))
        rows.append(Row(info.label(str(name)), (Cell(DASH, ("vif", str(name), "reason")), Cell(DASH))))
    rows.append(Row(say("Mean"), (Cell(style.number(known.mean())), Cell("")), rule_above=True))
    high = known[known > HIGH]
    return ExhibitResult(
        estimates=pd.concat(estimates, ignore_index=True),
        table=Table((((say("Variable"), 1), ("VIF", 1), ("1/VIF", 1)),), tuple(rows)),
        notes=(
            _sentence(weighted.n, words),
            *weighted.sentences(info),
            *notes.simulated_sentence(info),
        ),
        warnings=tuple(
            say("{name}: VIF {value:.1f} exceeds {high:g}", name=info.label(str(n)), value=v, high=HIGH)
            for n, v in high.items()
        )
        + tuple(say("{name}: {why}", name=info.label(str(n)), why=reason) for n in factors.index[factors.isna()]),
        used=dict.fromkeys(("vif", "1/vif"), used),
    )


def _sentence(n: int, words: str) -> str:
    if words:
        return say("Variance inflation factors of pooled OLS with a constant; {n} rows ({words}).", n=n, words=words)
    return say("Variance inflation factors of pooled OLS with a constant; {n} rows.", n=n)


def variance_inflation(data: pd.DataFrame, weights: np.ndarray | None = None) -> pd.Series:
    """Return 1 / (1 - R2) of each column regressed on the others with a constant; missing where R2 is one.

    ``weights`` are those of the rows in least squares, None for none.

    Raises:
        EstimationError: fewer than two variables, or no more rows than variables.
    """
    if data.shape[1] < 2:
        raise EstimationError(say("variance inflation wants at least two variables"))
    if len(data) <= data.shape[1] + 1:
        raise EstimationError(say("{n} complete rows are too few for {k} variables", n=len(data), k=data.shape[1]))
    X = data.to_numpy(dtype=np.float64)
    if weights is None:
        X = X - X.mean(axis=0)
    else:
        X = np.sqrt(weights)[:, None] * np.where(np.ptp(X, axis=0) > 0, X - np.average(X, axis=0, weights=weights), 0.0)
    norms = np.linalg.norm(X, axis=0)
    out = {}
    for j, name in enumerate(data.columns):
        if norms[j] == 0:
            out[name] = np.nan
            continue
        others = np.delete(X, j, axis=1)
        others = others[:, np.linalg.norm(others, axis=0) > 0]
        others = others / np.linalg.norm(others, axis=0)
        y = X[:, j] / norms[j]
        rest = y - others @ np.linalg.lstsq(others, y, rcond=None)[0]
        out[name] = 1 / (rest @ rest) if rest @ rest > COLLINEAR else np.nan
    return pd.Series(out, dtype="float64")
