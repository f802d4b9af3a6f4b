"""What a formula may read of a panel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from shidian.period import Period


@dataclass(frozen=True)
class Scope:
    """What a formula may read.

    Attributes:
        rows: unit, unit_name and year of every row of the panel.
        columns: name in the formula -> (n,) values.
        period: what a year of the panel is.
    """

    rows: pd.DataFrame
    columns: Mapping[str, np.ndarray]
    period: Period = field(default_factory=Period)

    @property
    def calendar(self) -> np.ndarray:
        """Periods of the rows (n,) as the calendar numbers them, as dates in columns are."""
        return self.period.origin + self.rows["year"].to_numpy() * self.period.step
