"""Productivity indices as variables of the panel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from shidian.efficiency.declared import compare_declared
from shidian.efficiency.leave_outs import name_unit_years
from shidian.errors import EstimationError, PanelError
from shidian.ledger import at_step, ledger_row_of
from shidian.messages import say


def index_of(panel: pd.DataFrame, name: str, spec: Mapping[str, Any]) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """Compute one declared index.

    Args:
        panel: the panel with the variables of the index's model.
        name: name of the index, that of its column.
        spec: the declared index, its model resolved (``workflow/schemas/study.schema.yaml``, ``productivity``).

    Returns:
        unit, year and the column ``name`` of the unit-years compared, and the ledger's lines: what cleaning did,
        pairs of years without an index and why, unit-years left empty.

    Raises:
        PanelError: what makes the index impossible for the data; names unit, year, variable.
    """
    try:
        declared = compare_declared(panel, spec)
    except EstimationError as problem:
        raise PanelError(f"productivity '{name}': {problem}") from None
    found = declared.result.index
    column = found["level" if spec["value"] == "level" else spec["value"]]
    frame = found[["unit", "year"]].assign(**{name: column})
    ledger = at_step(_step(name), declared.ledger)
    compared = say("{n:,} pairs of consecutive years compared", n=declared.result.counts["pairs"])
    ledger.append(ledger_row_of(found[found["reason"] == ""], _step(name), name, compared))
    broken = found[column.isna() & (found["reason"] == "")]
    if len(broken):
        who = name_unit_years(broken["unit"], broken["year"])
        reason = say("level empty: an index before it is missing: {who}", who=who)
        ledger.append(ledger_row_of(broken, _step(name), name, reason))
    return frame, ledger


def _step(name: str) -> str:
    return say("productivity {name}", name=name)
