"""Numbers of the placebo distribution: the long estimates and the printed table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from shidian.estimates import Fit, normalise
from shidian.exhibits.result import Cell, Row, Table
from shidian.messages import say
from shidian.placebo.distribution import Line, describe, significant_shares
from shidian.printed import fixed, p_text

FIELDS = {"estimate": "coefficient", "statistic": "t"}
"""Column of the draws -> what it is called."""

Columns = dict[tuple[str, str], list[Line]]
"""(term, coefficient or t) -> the numbers of its distribution."""


def distributions(frame: pd.DataFrame, observed: pd.DataFrame, terms: list[str]) -> Columns:
    """Return mean, quantiles and p-values of the draws of each term, of the coefficient and of t."""
    columns: Columns = {}
    for term in terms:
        draws = frame.loc[frame["term"] == term]
        for field, name in FIELDS.items():
            estimate = float(observed[field].to_numpy()[terms.index(term)])
            columns[term, name] = describe(draws[field].to_numpy(), estimate)
        columns[term, "t"] += significant_shares(draws["p"].to_numpy())
    return columns


def distribution_estimates(columns: Columns, study: str, exhibit: str, fit: Fit, seed: int) -> pd.DataFrame:
    """Return the numbers in the long schema; ``se`` is the Monte-Carlo standard error where there is one."""
    constants: dict[str, Any] = {
        "study": study, "exhibit": exhibit, "n_obs": fit.n_obs, "n_units": fit.n_units, "n_clusters": fit.n_clusters,
        "vcov": fit.vcov_kind, "ssc": fit.ssc, "seed": seed,
    }  # fmt: skip
    parts = []
    for key, lines in columns.items():
        part = pd.DataFrame([(line.key, line.number, line.error) for line in lines], columns=["term", "estimate", "se"])
        parts.append(normalise(part.assign(column=_name(key), **constants)))
    frame = pd.concat(parts, ignore_index=True)
    frame.loc[frame["estimate"].isna(), "reason"] = say("one draw has no standard deviation")
    return frame


def _name(key: tuple[str, str]) -> str:
    return f"{key[0]}: {key[1]}"


def _cell(line: Line | None, column: str, decimals: int) -> Cell:
    """Print one number; randomisation p-values carry their Monte-Carlo standard error in parentheses."""
    if line is None or np.isnan(line.number):
        return Cell("")
    if not line.key.startswith("p_"):
        return Cell(fixed(line.number, decimals), (column, line.key, "estimate"))
    text = p_text(line.number, decimals)
    if not np.isnan(line.error):
        text += f" ({line.error:.{decimals}f})"
    return Cell(text, (column, line.key, "estimate"))


def table_by_statistic(columns: Columns, decimals: int, statistic: str = "t") -> Table:
    """Lay out one coefficient: a row a number, a column for the coefficient and one for t (or z: ``statistic``)."""
    by_column = {_name(key): {line.key: line for line in lines} for key, lines in columns.items()}
    labels = {line.key: line.label for lines in columns.values() for line in lines}
    rows = tuple(
        Row(
            label,
            tuple(_cell(lines.get(key), name, decimals) for name, lines in by_column.items()),
            rule_above=key in ("mean", "p_two_sided", "share_10"),
        )
        for key, label in labels.items()
    )
    return Table(((("", 1), (say("Coefficient"), 1), (statistic, 1)),), rows)


def table_by_event_time(columns: Columns, times: Mapping[str, int], decimals: int, statistic: str = "t") -> Table:
    """Lay out an event study: a row an event time; ``times`` gives that of each term."""
    shown = ("observed", "mean", "sd", "q2.5", "q97.5", "p_two_sided")
    by_column = {key: {line.key: line for line in lines} for key, lines in columns.items()}
    rows = []
    for term, tau in times.items():
        coefficient, t = by_column[term, "coefficient"], by_column[term, "t"]
        cells = [_cell(coefficient[key], _name((term, "coefficient")), decimals) for key in shown]
        cells.append(_cell(t["p_two_sided"], _name((term, "t")), decimals))
        rows.append(Row(f"τ = {tau}", tuple(cells)))
    heads = [coefficient[key].label for key in shown] + [
        say("Randomisation p of {statistic}, two-sided", statistic=statistic)
    ]
    return Table((((say("Years relative to adoption"), 1), *((head, 1) for head in heads)),), tuple(rows))
