"""The three sectors of an economy: what indicators of its structure read."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from shidian.errors import EstimationError
from shidian.indicators.checks import numeric_frame

SECTORS = ("primary", "secondary", "tertiary")


def three_sectors(indicator: str, inputs: Sequence[object], what: str) -> pd.DataFrame:
    """Return the inputs of the three sectors as columns; raises EstimationError for another number of them."""
    if len(inputs) != 3:
        raise EstimationError(
            f"{indicator}: three sectors are needed (primary, secondary, tertiary), not {len(inputs)}"
        )
    return numeric_frame(indicator, {f"{name} {what}": v for name, v in zip(SECTORS, inputs, strict=True)})
