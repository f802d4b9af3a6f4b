"""What must hold of what any estimator prints."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from shidian.exhibits.result import ExhibitResult

from tests.properties.subjects import BY_TIME, Subject

ENGINE = re.compile(r"\bnp\.|array\(|operands|dtype|Traceback|\bnan\b|\bNaN\b|int64|float64|\w+Error\b|<class|\bNone\b")
"""Text of an engine, not of a sentence."""
ROUNDING = 1e-9


def check_words(result: ExhibitResult) -> None:
    """Sentences are sentences, not the text of an engine."""
    said = [*result.warnings, *result.notes, *result.estimates["reason"], *result.ledger["reason"]]
    assert [text for text in said if ENGINE.search(text)] == []
    assert len(set(result.warnings)) == len(result.warnings), result.warnings


def check_errors(result: ExhibitResult) -> None:
    """No standard error is zero, negative or rounding error; what is missing has its reason, and no statistic."""
    rows = result.estimates
    size = rows["estimate"].abs().fillna(0)
    assert rows[rows["se"] <= ROUNDING * size].empty, rows[["column", "term", "estimate", "se"]]
    silent = rows[rows["estimate"].isna() & (rows["reason"] == "")]
    assert silent.empty, silent[["column", "term"]]
    without = rows[rows["se"].isna() & (rows["reason"] != "")]
    assert without["statistic"].isna().all(), without[["column", "term", "statistic", "reason"]]
    assert without[["ci_low", "ci_high"]].isna().all(axis=None)


def check_truth(subject: Subject, result: ExhibitResult, tolerance: float = 1e-5) -> None:
    """Without disturbances every effect printed is the one planted."""
    for row in result.estimates.itertuples():
        expected = subject.truth(row.column, row.term)
        if expected is not None and not np.isnan(row.estimate):
            assert abs(row.estimate - expected) < tolerance, (row.column, row.term, row.estimate, expected)


def check_no_effect_dropped(result: ExhibitResult) -> None:
    """No dummy after adoption is set aside as collinear where others are printed: that would be an effect of zero.

    One that the effects of its own units absorb leaves the others as they are, and is a dash with that reason.
    """
    rows = result.estimates
    tau = rows["term"].str.extract(BY_TIME)[0].astype("float64")
    dropped = rows[(tau >= 0) & rows["reason"].str.contains("collinear")]
    if rows["estimate"][tau.notna()].notna().any():
        assert dropped.empty, dropped[["term", "reason"]]


def check_same_statistics(subject: Subject, one: ExhibitResult, other: ExhibitResult) -> None:
    """Statistics, p-values and what has no unit are the same, whatever the unit of measure."""
    a, b = (_tested(result, subject.in_units) for result in (one, other))
    assert a.index.equals(b.index), (a.index, b.index)
    _same(a, b, ["statistic", "p"])
    free = a[a["se"].isna() & a["statistic"].isna() & a["p"].isna() & (a["reason"] == "")].index
    _same(a.loc[free], b.loc[free], ["estimate"])
    assert (a["estimate"].isna() == b["estimate"].isna()).all()
    assert (a["se"].isna() == b["se"].isna()).all()


def check_same_numbers(one: ExhibitResult, other: ExhibitResult, leave_out: str = "$^") -> None:
    """All numbers but those whose name matches ``leave_out`` are the same.

    A refusal for want of usable bootstrap draws hangs on the draws, and so on the names.
    """
    if any(result.estimates["reason"].str.contains("bootstrap draws").any() for result in (one, other)):
        return
    a, b = (_tested(result, leave_out) for result in (one, other))
    assert a.index.equals(b.index), (a.index, b.index)
    _same(a, b, ["estimate", "se", "statistic", "p", "ci_low", "ci_high"])
    assert (a["n_obs"].fillna(-1) == b["n_obs"].fillna(-1)).all()


def _tested(result: ExhibitResult, leave_out: str) -> pd.DataFrame:
    rows = result.estimates
    left_out = rows["term"].str.contains(leave_out) | rows["column"].str.contains(leave_out)
    return rows[~left_out.astype(bool)].set_index(["column", "term"]).sort_index()


def _same(a: pd.DataFrame, b: pd.DataFrame, columns: list[str]) -> None:
    for name in columns:
        x, y = a[name].to_numpy(dtype=float), b[name].to_numpy(dtype=float)
        unlike = ~np.isclose(x, y, rtol=1e-5, atol=1e-7 * (1 + _size(a)), equal_nan=True)
        assert not unlike.any(), (name, pd.DataFrame({"one": x, "other": y}, a.index)[unlike])


def _size(rows: pd.DataFrame) -> float:
    """Return a size of the estimates, so that one that is zero but for rounding is not held to its last digits."""
    return float(np.nanmax(np.abs(rows["estimate"]), initial=0.0)) if len(rows) else 0.0
