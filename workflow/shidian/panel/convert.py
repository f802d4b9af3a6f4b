"""Bring a series that tables of different years print in different units of measure to one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from shidian.errors import PanelError, StudyError
from shidian.ledger import ledger_row_of
from shidian.measures import parse_measure
from shidian.messages import say
from shidian.panel.coded import qualified_names
from shidian.study.sized import conversion_factor


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
    coded = {"name": qualified_names(long), "printed": long["measure"].astype("category").array}
    code = coded["name"].codes.astype(np.int64) * len(coded["printed"].categories) + coded["printed"].codes
    factors = np.ones(len(coded["name"].categories) * len(coded["printed"].categories))
    ledger = []
    for pair in pd.unique(code).tolist():
        n, m = divmod(pair, len(coded["printed"].categories))
        name, printed = str(coded["name"].categories[n]), str(coded["printed"].categories[m])
        target = measures[name]
        try:
            factor = conversion_factor(parse_measure(printed, extra), parse_measure(target, extra))
        except StudyError as problem:
            raise PanelError(f"'{name}' is printed in {printed} and in {target}: {problem}") from None
        factors[pair] = factor
        if factor != 1:
            measures_of = {"printed": printed, "target": target, "factor": factor}
            reason = say("printed in {printed}, converted to {target}: times {factor:g}", **measures_of)
            ledger.append(ledger_row_of(long[code == pair], say("convert"), name, reason))
    targets = [measures[str(name)] for name in coded["name"].categories]
    distinct = sorted(set(targets))
    numbers = np.array([distinct.index(target) for target in targets], dtype=np.int32)
    measure = pd.Categorical.from_codes(numbers[coded["name"].codes], pd.Index(distinct, dtype="str"))
    by_row = factors[code]
    return long.assign(value=long["value"].to_numpy() * by_row, measure=measure, factor=by_row), ledger
