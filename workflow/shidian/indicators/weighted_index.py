"""What the indices of several indicators share: polarity, complete rows, min-max normalisation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from shidian.errors import EstimationError, nearest
from shidian.indicators.checks import describe, numeric_frame
from shidian.messages import say


@dataclass(frozen=True)
class Complete:
    """The rows of an index that have every indicator.

    Attributes:
        x: their values, one column an indicator.
        cost: (k,) whether less is better.
        rows: (n,) of all rows: which these are.
        index: labels of all rows.
    """

    x: pd.DataFrame
    cost: np.ndarray
    rows: np.ndarray
    index: pd.Index

    @property
    def constant(self) -> np.ndarray:
        """(k,) which indicators do not vary."""
        return np.asarray((self.x.max() == self.x.min()).to_numpy())

    def minmax(self) -> np.ndarray:
        """Return (m, k) values between 0 and 1, reversed for a cost; 0 of an indicator that does not vary."""
        low, span = self.x.min().to_numpy(), (self.x.max() - self.x.min()).to_numpy()
        z = (self.x.to_numpy() - low) / np.where(self.constant, 1.0, span)
        return np.where(self.cost & ~self.constant, 1.0 - z, z)

    def scored(self, score: np.ndarray) -> pd.Series:
        """Return the scores of these rows on all rows, missing where an indicator is."""
        values = np.full(len(self.index), np.nan)
        values[self.rows] = score
        return pd.Series(values, index=self.index, name="score")


def complete_rows(method: str, indicators: pd.DataFrame, cost: Sequence[str], missing: str, least: int) -> Complete:
    """Return the rows with every indicator.

    Args:
        method: what errors call the index.
        indicators: one column an indicator.
        cost: those of which less is better.
        missing: ``error`` refuses a missing value, ``drop`` leaves its row without a score.
        least: rows that the index needs.

    Raises:
        EstimationError: a cost that is no indicator, a missing value, too few rows, no number.
    """
    frame = numeric_frame(method, {str(name): indicators[name] for name in indicators.columns})
    if strangers := [name for name in cost if name not in frame.columns]:
        raise EstimationError(
            say(
                "{method}: '{name}' under 'cost' is none of its inputs{near}",
                method=method, name=strangers[0], near=nearest(strangers[0], frame.columns),
            )
        )  # fmt: skip
    complete = frame.notna().all(axis=1)
    if missing == "error" and not complete.all():
        row = frame.index[~complete][0]
        raise EstimationError(
            say(
                "{method}: {where}: {names} missing, and {n} rows have a missing value; supply it or declare missing: "
                "drop",
                method=method, where=describe(row, frame.index.names),
                names=[name for name in frame.columns if np.isnan(frame.loc[row, name])], n=int((~complete).sum()),
            )
        )  # fmt: skip
    x = frame[complete]
    if len(x) < least:
        raise EstimationError(
            say(
                "{method}: it needs {least} rows or more; {n} have all indicators", method=method, least=least, n=len(x)
            )
        )
    return Complete(x, np.array([name in cost for name in x.columns]), complete.to_numpy(), frame.index)
