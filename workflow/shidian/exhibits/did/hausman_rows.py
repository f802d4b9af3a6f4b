"""The Hausman test at the foot of a DID table: fixed against random unit effects, a column each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from shidian.did.hausman import HausmanTest, hausman, mundlak
from shidian.did.twfe import Regression
from shidian.errors import EstimationError
from shidian.exhibits import notes
from shidian.exhibits.diagnostics import Diagnostic
from shidian.exhibits.did.did_column import column_sample, regressors_of
from shidian.exhibits.regression_table import Style, TableColumn
from shidian.exhibits.result import Cell, Row, StudyInfo
from shidian.inference.weights import weights_of
from shidian.ledger import about, ledger_row
from shidian.messages import say

CLASSIC, REGRESSION = "hausman", "hausman, regression form"
LABELS = {CLASSIC: say("Hausman χ² [p]"), REGRESSION: say("Hausman, regression form, F [p]")}
NAMES = {CLASSIC: say("Hausman χ²"), REGRESSION: say("Hausman, regression form, F")}


@dataclass(frozen=True)
class HausmanRows:
    """The tests that a table asks for, nothing where it asks for none.

    Attributes:
        tests: column -> its two tests.
        frames: rows of the long schema.
        sentences: of the note.
        ledger: lines on tests without a statistic.
    """

    tests: Mapping[str, Sequence[Diagnostic]]
    frames: tuple[pd.DataFrame, ...] = ()
    sentences: tuple[str, ...] = ()
    ledger: tuple[dict[str, Any], ...] = ()

    def rows(self, columns: Sequence[TableColumn], style: Style) -> list[Row]:
        """Return the printed rows; a column that was not estimated has none."""
        if not self.tests:
            return []
        found = {(c, d.term): d.cell(c, style, "value [p]") for c, tests in self.tests.items() for d in tests}
        return [Row(label, tuple(found.get((c.id, term), Cell("")) for c in columns)) for term, label in LABELS.items()]


def hausman_rows(
    panel: pd.DataFrame,
    spec: Mapping[str, Any],
    fitted: Sequence[tuple[Mapping[str, Any], Regression | str]],
    info: StudyInfo,
    exhibit: str,
) -> HausmanRows:
    """Test each estimated column where ``spec`` says ``hausman``; one that cannot be tested says why."""
    asked = spec.get("hausman", False)
    if not asked:
        return HausmanRows({})
    variance = "sigmamore" if asked == "sigmamore" else "own"
    tests = {
        str(s["label"]): _column(column_sample(panel, s)[0], s, variance)
        for s, regression in fitted
        if not isinstance(regression, str)
    }
    gone = [(label, d) for label, found in tests.items() for d in found if d.reason]
    said = [(label, say("{what} not given: {why}.", what=NAMES[d.term], why=d.reason)) for label, d in gone]
    everywhere = [(str(s["label"]), "") for s, _ in fitted]
    return HausmanRows(
        tests,
        tuple(d.long(info.study, exhibit, label) for label, found in tests.items() for d in found),
        (*_words(variance), *notes.by_column([*everywhere, *said])),
        tuple(ledger_row(say("estimation"), about(exhibit, label, d.term), d.reason) for label, d in gone),
    )


def _column(panel: pd.DataFrame, s: Mapping[str, Any], variance: Any) -> list[Diagnostic]:
    arguments = panel, s["outcome"], regressors_of(s), list(s["fixed_effects"])
    if weights_of(s):
        unweighted = say("random effects are estimated without weights here, and this column has them")
        return [Diagnostic(term, float("nan"), reason=unweighted) for term in (CLASSIC, REGRESSION)]
    try:
        classic = _diagnostic(CLASSIC, hausman(*arguments, variance))
    except EstimationError as error:
        classic = Diagnostic(CLASSIC, float("nan"), reason=str(error))
    try:
        regression = _diagnostic(REGRESSION, mundlak(*arguments, s["vcov"], s["ssc"]))
    except EstimationError as error:
        regression = Diagnostic(REGRESSION, float("nan"), reason=str(error))
    return [classic, regression]


def _diagnostic(term: str, test: HausmanTest) -> Diagnostic:
    return Diagnostic(term, test.statistic, p=test.p, df=float(test.df), reason=test.reason)


def _words(variance: str) -> tuple[str, str]:
    how = say("both models with the error variance of random effects, as Stata's option sigmamore")
    if variance == "own":
        how = say("each model with its own error variance, as Stata's hausman and plm's phtest")
    return (
        say(
            "Hausman: fixed against random unit effects (Swamy and Arora) over the slopes, conventional covariances, "
            "{how}; the null is that random effects are consistent.",
            how=how,
        ),
        say(
            "Regression form: the unit means of the regressors are jointly zero in the random-effects model (Mundlak "
            "1978), under the errors of the table."
        ),
    )
