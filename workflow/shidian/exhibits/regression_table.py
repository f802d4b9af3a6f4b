"""A regression table as journals print it: coefficients with stars, standard errors in parentheses, footer rows."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd

from shidian.exhibits.notes import DASH
from shidian.exhibits.result import Cell, Row, Table
from shidian.messages import say
from shidian.printed import fixed, p_text, statistic_name
from shidian.used import Used

DEFAULT_STARS = ((0.1, "*"), (0.05, "**"), (0.01, "***"))


@dataclass(frozen=True)
class Style:
    """How numbers are printed.

    Attributes:
        digits: decimals of coefficients, errors and R-squared.
        stars: (level, mark) pairs; a p below the level earns the mark, the strictest one counts.
        parentheses: what stands in parentheses under a coefficient: ``se``, or ``t`` as many Chinese journals
            print it.
        words: coefficient, statistic or foot row -> its printed label in the place of the usual one; "" hides a row
            at the foot.
        tiny: how a number is printed that would round to zero: with two significant digits, or as that zero, as many
            journals do.
    """

    digits: int = 4
    stars: tuple[tuple[float, str], ...] = DEFAULT_STARS
    parentheses: Literal["se", "t"] = "se"
    words: Mapping[str, str] = field(default_factory=dict)
    tiny: Literal["digits", "zero"] = "digits"

    @staticmethod
    def of(spec: Mapping[str, Any]) -> Style:
        """Read ``digits``, ``tiny``, ``stars`` (mark -> level), ``parentheses`` and ``row_labels``."""
        stars = spec.get("stars")
        pairs = DEFAULT_STARS if stars is None else tuple((float(level), str(mark)) for mark, level in stars.items())
        words = {str(row): str(label) for row, label in spec.get("row_labels", {}).items()}
        return Style(
            int(spec.get("digits", 4)), pairs, spec.get("parentheses", "se"), words, spec.get("tiny", "digits")
        )

    def errors_words(self, df: float = 1.0) -> str:
        """Return the opening of the note's sentence on standard errors; ``df`` inf for tests by the normal."""
        if self.parentheses == "se":
            return say("Standard errors in parentheses")
        return say("{statistic} statistics in parentheses; errors", statistic=statistic_name(df))

    def number(self, value: float) -> str:
        """Return the number with the style's decimals; where those would print zero, as ``tiny`` says."""
        if pd.isna(value):
            return DASH
        if not np.isfinite(value):
            return "∞" if value > 0 else "-∞"
        text = fixed(value, self.digits)
        if value == 0 or float(text.replace(",", "")) != 0 or self.tiny == "zero":
            return text
        needed = 1 - math.floor(math.log10(abs(value)))
        return f"{value:.{needed}f}" if needed <= self.digits + 2 else f"{value:.1e}"

    def rounded(self, value: float, digits: int) -> str:
        """Return a number of known size, such as a percentage or an AIC, with so many decimals, and never more than the
        style has."""
        return DASH if pd.isna(value) else fixed(value, min(digits, self.digits))

    def p(self, value: float) -> str:
        """Return a p-value: "< 0.0001" below half the last digit, with the style's decimals, never a zero."""
        return DASH if pd.isna(value) else p_text(value, self.digits)

    def mark(self, p: float) -> str:
        """Return the stars of a p-value."""
        earned = [(level, mark) for level, mark in self.stars if not pd.isna(p) and p < level]
        return min(earned)[1] if earned else ""


@dataclass(frozen=True)
class TableColumn:
    """One column of a regression table.

    Attributes:
        id: the ``column`` of its rows in the long schema.
        header: number or name printed on top.
        estimates: its rows of the long schema.
        outcome: printed name of the outcome, "" to leave that line out.
        footer: text of each footer row of this column (controls, fixed effects, ...); a missing one prints a dash.
        used: what its estimates used.
    """

    id: str
    header: str
    estimates: pd.DataFrame
    outcome: str = ""
    footer: Mapping[str, str] | None = None
    used: Used = field(default_factory=Used)


def used_by(columns: Sequence[TableColumn]) -> dict[str, Used]:
    """Return column -> what its estimates used."""
    return {column.id: column.used for column in columns}


def regression_table(
    columns: Sequence[TableColumn],
    terms: Mapping[str, str],
    style: Style,
    statistics: Sequence[str] = ("n_obs", "r2"),
    tests: Sequence[Row] = (),
) -> Table:
    """Build the table: terms in order, tests, the footer rows in order of first appearance, statistics.

    Args:
        columns: the table's columns.
        terms: name of each coefficient row -> its printed label; a term that a column has not stays blank.
        style: number format.
        statistics: fields of the long schema printed at the foot, of ``STATISTICS``.
        tests: further rows under the coefficients.
    """
    header = [(("", 1), *spanned([c.header for c in columns]))]
    if any(c.outcome for c in columns):
        header.append((("", 1), *spanned([c.outcome for c in columns])))
    rows: list[Row] = []
    for term, label in terms.items():
        rows += coefficient_rows(columns, term, style.words.get(term, label), style)
    rows += tests
    first = len(rows)
    footer = list(dict.fromkeys(name for c in columns for name in (c.footer or {})))
    rows += [
        Row(style.words.get(name, name), tuple(Cell((c.footer or {}).get(name, DASH)) for c in columns))
        for name in footer
        if style.words.get(name, name)
    ]
    rows += [statistic_row(columns, name, style) for name in statistics]
    rows = [Row(r.label, r.cells, rule_above=(i == first and i > 0)) for i, r in enumerate(rows)]
    return Table(tuple(header), tuple(rows))


def spanned(texts: Sequence[str]) -> list[tuple[str, int]]:
    """Return the texts of a header line with equal neighbours joined into one cell over their columns."""
    cells: list[tuple[str, int]] = []
    for text in texts:
        if cells and cells[-1][0] == text:
            cells[-1] = (text, cells[-1][1] + 1)
        else:
            cells.append((text, 1))
    return cells


def coefficient_rows(columns: Sequence[TableColumn], term: str, label: str, style: Style) -> list[Row]:
    """Return the two rows of a coefficient: the estimate with stars, and its error or t in parentheses.

    Where the estimate has no standard error it stands without stars over a dash that leads to the reason.
    """
    top, bottom = [], []
    for column in columns:
        row = _row(column, term)
        if row is None:
            top.append(Cell(""))
            bottom.append(Cell(""))
        else:
            top.append(estimate_cell(row, column.id, term, style))
            bottom.append(Cell("") if pd.isna(row["estimate"]) else error_cell(row, column.id, term, style))
    return [Row(label, tuple(top)), Row("", tuple(bottom))]


def estimate_cell(row: pd.Series | Mapping[Hashable, Any], column: str, term: str, style: Style) -> Cell:
    """Return the cell of an estimate with its stars, which it earns by a finite standard error alone."""
    if pd.isna(row["estimate"]):
        return Cell(DASH, (column, term, "reason"))
    stars = "" if pd.isna(row["se"]) else style.mark(row["p"])
    return Cell(style.number(row["estimate"]) + stars, (column, term, "estimate"))


def error_cell(row: pd.Series | Mapping[Hashable, Any], column: str, term: str, style: Style) -> Cell:
    """Return the cell under an estimate: its error or t in parentheses, or a dash that leads to the reason."""
    field = "se" if style.parentheses == "se" else "statistic"
    if pd.isna(row["se"]):
        return Cell(DASH, (column, term, "reason") if row["reason"] else None)
    return Cell(f"({style.number(row[field])})", (column, term, field))


def number_cell(row: pd.Series | Mapping[Hashable, Any], column: str, term: str, field: str, style: Style) -> Cell:
    """Return the cell of one number of an estimate: its ``se``, ``statistic`` or ``p``, or a dash where it has none."""
    if pd.isna(row[field]):
        return Cell(DASH, (column, term, "reason") if row["reason"] else None)
    text = style.p(row[field]) if field == "p" else style.number(row[field])
    return Cell(text, (column, term, field))


def interval_cell(row: pd.Series | Mapping[Hashable, Any], column: str, term: str, style: Style) -> Cell:
    """Return the cell of an estimate's interval, a dash where it has none."""
    if pd.isna(row["ci_low"]) or pd.isna(row["ci_high"]):
        return number_cell(row, column, term, "ci_low", style)
    return Cell(f"[{style.number(row['ci_low'])}, {style.number(row['ci_high'])}]", (column, term, "ci_low"))


STATISTICS = {
    "n_obs": say("Observations"), "n_units": say("Units"), "n_clusters": say("Clusters"), "r2": "R²",
    "r2_within": say("Within R²"), "r2_adjusted": say("Adjusted R²"), "outcome_mean": say("Mean of the outcome"),
    "f": "F", "outcome_sd": say("SD of the outcome"), "control_mean": say("Mean of the outcome, untreated"),
    "rmse": say("Root mean squared error"), "log_likelihood": say("Log likelihood"), "aic": "AIC", "bic": "BIC",
}  # fmt: skip


LIKELIHOOD = ("log_likelihood", "aic", "bic")


def statistic_row(columns: Sequence[TableColumn], name: str, style: Style) -> Row:
    """Return the row of a statistic that belongs to a whole column: N, R-squared, clusters."""
    cells = []
    for column in columns:
        if name not in column.estimates.columns:
            cells.append(_own_cell(column, name, style))
            continue
        have = column.estimates[column.estimates[name].notna()]
        if have.empty:
            cells.append(Cell(DASH))
            continue
        value, term = have.iloc[0][name], str(have.iloc[0]["term"])
        text = style.number(value) if name.startswith("r2") else f"{int(value):,}"
        cells.append(Cell(text, (column.id, term, name)))
    return Row(style.words.get(name, STATISTICS[name]), tuple(cells))


def _own_cell(column: TableColumn, name: str, style: Style) -> Cell:
    """Return the cell of a statistic that is a row of its own; a criterion has two decimals."""
    row = _row(column, name)
    if row is None:
        return Cell(DASH)
    if name in LIKELIHOOD and not pd.isna(row["estimate"]):
        return Cell(style.rounded(row["estimate"], 2), (column.id, name, "estimate"))
    return number_cell(row, column.id, name, "estimate", style)


def _row(column: TableColumn, term: str) -> pd.Series | None:
    rows = column.estimates[column.estimates["term"] == term]
    return None if rows.empty else rows.iloc[0]
