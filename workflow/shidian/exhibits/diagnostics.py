"""Numbers at the foot of a table that are not coefficients: rows of the long schema and their printed
cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from shidian.estimates import missing, normalise
from shidian.exhibits.regression_table import DASH, Style
from shidian.exhibits.result import Cell
from shidian.variance import variance_reasons


@dataclass(frozen=True)
class Diagnostic:
    """One number of a column: a statistic, an effect or an interval.

    Attributes:
        term: its name in the long schema.
        value: the number, nan with ``reason``.
        se: standard error.
        p: p-value.
        df: first degrees of freedom.
        interval: confidence interval.
        reason: why there is no number.
        seed: seed behind it.
        text: what is printed instead of a dash where there is no number.
        no_error: why it has no standard error, as where those it is made of have none.
    """

    term: str
    value: float
    se: float = float("nan")
    p: float = float("nan")
    df: float = float("nan")
    interval: tuple[float, float] = (float("nan"), float("nan"))
    reason: str = ""
    seed: int | None = None
    text: str = DASH
    no_error: str = ""

    @property
    def without_error(self) -> str:
        """Why the number has no standard error where one was computed, "" otherwise (``shidian.variance``)."""
        se = np.array([self.se])
        if self.no_error:
            return self.no_error
        return "" if pd.isna(self.se) else variance_reasons(np.array([self.value]), se * np.abs(se))[0]

    def long(self, study: str, exhibit: str, column: str) -> pd.DataFrame:
        """Return its row of the long schema."""
        if self.reason:
            return missing(study, exhibit, column, self.term, self.reason)
        return normalise(pd.DataFrame([{
            "study": study, "exhibit": exhibit, "column": column, "term": self.term, "estimate": self.value,
            "se": self.se, "p": self.p, "df": self.df, "ci_low": self.interval[0],
            "ci_high": self.interval[1],
            "seed": self.seed, "reason": self.without_error,
        }]))  # fmt: skip

    def cell(self, column: str, style: Style, show: str = "value") -> Cell:
        """Return the printed cell: ``value``, ``value [p]``, ``p``, ``se``, ``interval``, ``tabulated``."""
        if self.reason:
            return Cell(self.text, (column, self.term, "reason"))
        if show == "interval" and any(pd.isna(end) for end in self.interval):
            return Cell(DASH)
        if show == "interval":
            low, high = (style.number(end) for end in self.interval)
            return Cell(f"[{low}, {high}]", (column, self.term, "ci_low"))
        if show in ("p", "se"):
            if self.without_error or pd.isna(self.p if show == "p" else self.se):
                return Cell(DASH, (column, self.term, "reason") if self.without_error else None)
            return Cell(style.p(self.p) if show == "p" else style.number(self.se), (column, self.term, show))
        text = style.rounded(self.value, 2) if show == "tabulated" else style.number(self.value)
        tested = show == "value [p]" and not self.without_error
        return Cell(f"{text} [{style.p(self.p)}]" if tested else text, (column, self.term, "estimate"))
