"""The three sectors of an economy: what indicators of its structure read."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from shidian.errors import EstimationError
from shidian.indicators.checks import numeric_frame
from shidian.messages import say

SECTORS = (say("primary"), say("secondary"), say("tertiary"))


def three_sectors(indicator: str, inputs: Sequence[object], what: str) -> pd.DataFrame:
    """Return the inputs of the three sectors as columns; raises EstimationError for another number of them."""
    if len(inputs) != 3:
        raise EstimationError(
            say(
                "{indicator}: three sectors are needed (primary, secondary, tertiary), not {n}",
                indicator=indicator,
                n=len(inputs),
            )
        )
    columns = {say("{sector} {what}", sector=name, what=what): v for name, v in zip(SECTORS, inputs, strict=True)}
    return numeric_frame(indicator, columns)
