"""Correlation matrix of the variables, lower triangle, with stars."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from shidian.errors import EstimationError
from shidian.estimates import normalise
from shidian.exhibits import notes
from shidian.exhibits.data.descriptives.estimate import table_variables
from shidian.exhibits.regression_table import DASH, Style
from shidian.exhibits.result import Cell, ExhibitResult, Row, StudyInfo, Table
from shidian.exhibits.samples import by_rows, roles
from shidian.exhibits.subsample import needed_by, subsample
from shidian.exhibits.weighted_rows import WeightedRows, weighted_rows
from shidian.inference.weights import weights_of
from shidian.messages import say


def run(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Correlate the variables of ``spec`` (default: outcome, treatment, controls) on their complete rows."""
    exhibit, style = notes.exhibit_id(spec), Style.of(spec)
    part, words = subsample(panel, spec.get("sample"), info.label, needed_by(spec))
    names = table_variables(spec, info, part)
    data = part[names].astype("float64").dropna()
    method = spec.get("method", "pearson")
    rows = weighted_rows(data, part, weights_of(spec))
    data = rows.data
    if rows.weighting and method == "spearman":
        raise EstimationError(
            say(
                "exhibit '{exhibit}': rank correlations take no weights: take the method pearson, or write "
                "'unweighted: true'",
                exhibit=exhibit,
            )
        )
    if len(data) < 3 or len(names) < 2:
        raise EstimationError(
            say("exhibit '{exhibit}': correlations want two variables and three complete rows", exhibit=exhibit)
        )
    estimates = _long(rows, method, info, exhibit)
    header = ((("", 1), *((f"({i + 1})", 1) for i in range(len(names)))),)
    lines = []
    for i, name in enumerate(names):
        cells = [
            _cell(estimates, names[j], name, style) if j < i else Cell("1" if j == i else "") for j in range(len(names))
        ]
        lines.append(Row(f"({i + 1}) {info.label(name)}", tuple(cells)))
    variables = roles({"sample": spec.get("sample"), "weights": spec.get("weights")}, variables=names)
    left = len(part) - len(data) - rows.n_zero
    return ExhibitResult(
        estimates,
        Table(header, tuple(lines)),
        notes=(
            _sentence(method, rows.n, words),
            *rows.sentences(info),
            notes.stars_sentence(style.stars),
            *notes.simulated_sentence(info),
        ),
        used=dict.fromkeys(estimates["column"], by_rows(data, part, variables, words, left)),
    )


def _sentence(method: str, n: int, words: str) -> str:
    kind = say("Pearson") if method == "pearson" else say("Spearman")
    if words:
        return say("{kind} correlations; {n} rows without missing values ({words}).", kind=kind, n=n, words=words)
    return say("{kind} correlations; {n} rows without missing values.", kind=kind, n=n)


def _matrix(rows: WeightedRows, method: str) -> np.ndarray:
    """Return the (k, k) correlations, nan where a variable is constant."""
    values = (rows.data.rank() if method == "spearman" else rows.data).to_numpy()
    with np.errstate(invalid="ignore"):
        if rows.w is None:
            return np.corrcoef(values, rowvar=False)
        centred = (values - rows.mean()) * np.sqrt(rows.w)[:, None]
        lengths = np.where(np.ptp(values, axis=0) > 0, np.linalg.norm(centred, axis=0), np.nan)
        return np.asarray(centred.T @ centred / np.outer(lengths, lengths))


def _long(found: WeightedRows, method: str, info: StudyInfo, exhibit: str) -> pd.DataFrame:
    data, matrix = found.data, _matrix(found, method)
    n, rows = found.n, list[dict[str, Any]]()
    for i, row in enumerate(data.columns):
        for j, column in enumerate(data.columns[:i]):
            r = float(np.clip(matrix[i, j], -1, 1))
            if not np.isfinite(r):
                rows.append({"column": column, "term": row, "reason": say("a variable is constant")})
                continue
            t = r * np.sqrt((n - 2) / max(1 - r * r, 1e-300))
            p = 2 * stats.t.sf(abs(t), n - 2)
            rows.append({"column": column, "term": row, "estimate": r, "statistic": t, "df": n - 2.0, "p": p})
    return normalise(pd.DataFrame(rows).assign(study=info.study, exhibit=exhibit, n_obs=n))


def _cell(estimates: pd.DataFrame, column: str, term: str, style: Style) -> Cell:
    row = estimates[(estimates["column"] == column) & (estimates["term"] == term)].iloc[0]
    if pd.isna(row["estimate"]):
        return Cell(DASH, (column, term, "reason"))
    return Cell(style.number(row["estimate"]) + style.mark(row["p"]), (column, term, "estimate"))
