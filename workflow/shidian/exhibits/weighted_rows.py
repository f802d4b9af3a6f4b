"""The rows of a table of variables with their weights: those of weight zero left out, and counted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from shidian.errors import no_column
from shidian.exhibits import notes
from shidian.exhibits.result import StudyInfo
from shidian.inference.weights import Weighting, normalised, row_weights


@dataclass(frozen=True)
class WeightedRows:
    """Rows of weight above zero.

    Attributes:
        data: the rows.
        w: (n,) weights as they enter sums, None where rows have none.
        n: number of rows, of frequencies their sum.
        n_zero: rows left out.
        weighting: what the rows are weighted by.
    """

    data: pd.DataFrame
    w: np.ndarray | None
    n: int
    n_zero: int = 0
    weighting: Weighting | None = None

    def sentences(self, info: StudyInfo) -> list[str]:
        """Return the sentence on weights, none where rows have none."""
        return [notes.weighted_by(self.weighting, self.n_zero, info)] if self.weighting else []

    def mean(self) -> np.ndarray:
        """Return the (k,) weighted means of the columns."""
        return np.asarray(np.average(self.data.to_numpy(dtype=np.float64), axis=0, weights=self.w))


def weighted_rows(data: pd.DataFrame, panel: pd.DataFrame, weighting: Weighting | None) -> WeightedRows:
    """Return the rows of ``data`` with the weights that ``panel`` holds of them.

    Raises:
        EstimationError: the panel has not the variable, or a weight that is none.
    """
    if weighting is None:
        return WeightedRows(data, None, len(data))
    if weighting.variable not in panel.columns:
        raise no_column(weighting.variable, panel.columns)
    values = row_weights(panel.loc[data.index], weighting)
    kept = data[values > 0]
    w = normalised(values[values > 0], weighting)
    n = int(w.sum()) if weighting.counts else len(kept)
    return WeightedRows(kept, w, n, int((values == 0).sum()), weighting)
