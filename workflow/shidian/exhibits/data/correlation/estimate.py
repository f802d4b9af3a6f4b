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
from shidian.messages import say


def run(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Correlate the variables of ``spec`` (default: outcome, treatment, controls) on their complete rows."""
    exhibit, style = notes.exhibit_id(spec), Style.of(spec)
    part, words = subsample(panel, spec.get("sample"), info.label, needed_by(spec))
    names = table_variables(spec, info, part)
    data = part[names].astype("float64").dropna()
    if len(data) < 3 or len(names) < 2:
        raise EstimationError(
            say("exhibit '{exhibit}': correlations want two variables and three complete rows", exhibit=exhibit)
        )
    method = spec.get("method", "pearson")
    estimates = _long(data, method, info, exhibit)
    header = ((("", 1), *((f"({i + 1})", 1) for i in range(len(names)))),)
    rows = []
    for i, name in enumerate(names):
        cells = [
            _cell(estimates, names[j], name, style) if j < i else Cell("1" if j == i else "") for j in range(len(names))
        ]
        rows.append(Row(f"({i + 1}) {info.label(name)}", tuple(cells)))
    return ExhibitResult(
        estimates,
        Table(header, tuple(rows)),
        notes=(
            _sentence(method, len(data), words),
            notes.stars_sentence(style.stars),
            *notes.simulated_sentence(info),
        ),
        used=dict.fromkeys(
            estimates["column"],
            by_rows(data, part, roles({"sample": spec.get("sample")}, variables=names), words, len(part) - len(data)),
        ),
    )


def _sentence(method: str, n: int, words: str) -> str:
    kind = say("Pearson") if method == "pearson" else say("Spearman")
    if words:
        return say("{kind} correlations; {n} rows without missing values ({words}).", kind=kind, n=n, words=words)
    return say("{kind} correlations; {n} rows without missing values.", kind=kind, n=n)


def _long(data: pd.DataFrame, method: str, info: StudyInfo, exhibit: str) -> pd.DataFrame:
    values = data.rank() if method == "spearman" else data
    with np.errstate(invalid="ignore"):
        matrix = np.corrcoef(values.to_numpy(), rowvar=False)
    n, rows = len(data), list[dict[str, Any]]()
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
