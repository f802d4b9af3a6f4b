"""Bring a series that tables of different years print in different units of measure to one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from shidian.errors import PanelError, StudyError
from shidian.ledger import ledger_row_of
from shidian.messages import say
from shidian.study.formula_measures import conversion_factor
from shidian.study.measures import parse_measure


def convert_measures(
    long: pd.DataFrame, measures: Mapping[str, str], extra: Mapping[str, str]
) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """Convert every value to its series' unit of measure.

    Args:
        long: joined records with columns source_id, indicator, value, measure.
        measures: ``source.series`` -> unit of measure that the study computes with.
        extra: units of measure that the study declares.

    Returns:
        ``long`` with ``value`` and ``measure`` converted and ``factor``, by which the printed number was multiplied;
        and the ledger's lines.

    Raises:
        PanelError: a series is printed in units of measure of another kind.
    """
    name = long["source_id"] + "." + long["indicator"]
    target = name.map(measures)
    pairs = pd.DataFrame({"name": name, "printed": long["measure"], "target": target}).drop_duplicates()
    factors, ledger = {}, []
    for row in pairs.itertuples(index=False):
        try:
            factor = conversion_factor(parse_measure(str(row.printed), extra), parse_measure(str(row.target), extra))
        except StudyError as problem:
            raise PanelError(f"'{row.name}' is printed in {row.printed} and in {row.target}: {problem}") from None
        factors[row.name, row.printed] = factor
        if factor != 1:
            hit = (name == row.name) & (long["measure"] == row.printed)
            measures_of = {"printed": str(row.printed), "target": str(row.target), "factor": factor}
            reason = say("printed in {printed}, converted to {target}: times {factor:g}", **measures_of)
            ledger.append(ledger_row_of(long[hit], say("convert"), str(row.name), reason))
    by_row = np.array([factors[key] for key in zip(name, long["measure"], strict=True)], dtype=float)
    return long.assign(value=long["value"] * by_row, measure=target, factor=by_row), ledger
