"""Bias-reduced errors (CR2, CR3) of a regression table's coefficients of interest, as rows below them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from shidian.did.bias_reduced import REDUCTIONS, Reduced, Reduction, reduced_error
from shidian.did.twfe import Regression
from shidian.errors import EstimationError
from shidian.estimates import missing, normalise
from shidian.exhibits import notes
from shidian.exhibits.bootstrap_rows import NOT_ESTIMATED
from shidian.exhibits.regression_table import DASH, Style, TableColumn
from shidian.exhibits.result import Cell, Row, StudyInfo
from shidian.inference.covariance import Vcov
from shidian.ledger import about, ledger_row
from shidian.messages import say

LEVEL = 0.95
NOT_LEAST_SQUARES = say("not available in this column: these errors are those of one effect by least squares")


@dataclass(frozen=True)
class ReducedRows:
    """The errors that a table asks for, nothing where it asks for none.

    Attributes:
        found: (column, CR2 or CR3) -> the error, or why there is none.
        frames: rows of the long schema.
        sentences: of the note.
        ledger: lines on columns without.
    """

    found: Mapping[tuple[str, Reduction], Reduced | str]
    frames: tuple[pd.DataFrame, ...] = ()
    sentences: tuple[str, ...] = ()
    ledger: tuple[dict[str, Any], ...] = ()

    def rows(self, last: Sequence[TableColumn], columns: Sequence[TableColumn], style: Style) -> list[Row]:
        """Return error and p of each kind, under the coefficients of ``last`` among ``columns``."""
        asked, rows = {c.id for c in last}, []
        for kind in dict.fromkeys(kind for _, kind in self.found):
            for label, key in (
                (say("{kind} standard error", kind=kind), "se"), (say("{kind} p", kind=kind), "p"),
            ):  # fmt: skip
                cells = [self._cell(c.id, kind, key, style) if c.id in asked else Cell("") for c in columns]
                rows.append(Row(label, tuple(cells)))
        return rows

    def _cell(self, column: str, kind: Reduction, key: str, style: Style) -> Cell:
        one = self.found[column, kind]
        if isinstance(one, str):
            return Cell(DASH, (column, kind, "reason"))
        text = style.number(one.se) if key == "se" else style.p(_numbers(one)["p"])
        return Cell(text, (column, kind, key))


def reduced_rows(
    spec: Mapping[str, Any],
    fitted: Sequence[tuple[Mapping[str, Any], Regression | str]],
    info: StudyInfo,
    exhibit: str,
) -> ReducedRows:
    """Return the errors that ``spec`` names under ``few_clusters``; a column without says why, in note and ledger."""
    kinds: list[Reduction] = [kind for kind in REDUCTIONS if kind in spec.get("few_clusters", ())]
    if not kinds:
        return ReducedRows({})
    found = {(str(s["label"]), kind): _error(s, one, kind) for s, one in fitted for kind in kinds}
    fits = {str(s["label"]): one for s, one in fitted}
    frames = tuple(_frame(one, kind, label, fits[label], info, exhibit) for (label, kind), one in found.items())
    gone = {(label, kind): one for (label, kind), one in found.items() if isinstance(one, str) and one != NOT_ESTIMATED}
    said = [
        (label, say("{what} not given: {why}.", what=kind, why=gone[label, kind]) if (label, kind) in gone else "")
        for label, kind in found
    ]
    return ReducedRows(
        found, frames, (*(_words(kind, found) for kind in kinds), *notes.by_column(said)),
        tuple(ledger_row(say("estimation"), about(exhibit, label, kind), why) for (label, kind), why in gone.items()),
    )  # fmt: skip


def _error(settings: Mapping[str, Any], regression: Regression | str, kind: Reduction) -> Reduced | str:
    if isinstance(regression, str):
        return NOT_ESTIMATED if regression == NOT_ESTIMATED else NOT_LEAST_SQUARES
    clusters = Vcov.parse(settings["vcov"]).clusters
    if len(clusters) != 1:
        return say("it wants errors clustered one way")
    try:
        return reduced_error(regression, settings["treatment"], settings["fixed_effects"], clusters[0], kind)
    except EstimationError as error:
        return str(error)


def _numbers(one: Reduced) -> dict[str, float]:
    from scipy import stats  # here, so that exhibits without such rows need not load it

    t, half = one.estimate / one.se, float(stats.t.ppf(0.5 + LEVEL / 2, one.df)) * one.se
    return {
        "estimate": one.estimate, "se": one.se, "statistic": t, "p": float(2 * stats.t.sf(abs(t), one.df)),
        "ci_low": one.estimate - half, "ci_high": one.estimate + half, "df": one.df,
    }  # fmt: skip


def _frame(
    one: Reduced | str, kind: Reduction, label: str, regression: Regression | str, info: StudyInfo, exhibit: str
) -> pd.DataFrame:
    if isinstance(one, str) or isinstance(regression, str):
        return missing(info.study, exhibit, label, kind, str(one))
    fit = regression.fit
    return normalise(pd.DataFrame([{
        "study": info.study, "exhibit": exhibit, "column": label, "term": kind, **_numbers(one),
        "n_obs": fit.n_obs, "n_units": fit.n_units, "n_clusters": one.n_clusters, "vcov": kind,
    }]))  # fmt: skip


def _words(kind: Reduction, found: Mapping[tuple[str, Reduction], Reduced | str]) -> str:
    if kind == "CR3":
        return say(
            "CR3: cluster jackknife, the spread of the estimates without one cluster each (MacKinnon, Nielsen and Webb "
            "2023); p by t with G − 1 degrees of freedom."
        )
    degrees = [one.df for (_, k), one in found.items() if k == kind and not isinstance(one, str)]
    range_of = sorted({f"{df:.1f}" for df in (min(degrees), max(degrees))}, key=float) if degrees else [DASH]
    return say(
        "CR2: bias-reduced linearisation (Bell and McCaffrey 2002; Pustejovsky and Tipton 2018); p by t with "
        "Satterthwaite's degrees of freedom, {df}.",
        df="–".join(range_of),
    )
