"""The rows where a variable has a value, and the ledger of the others."""

from __future__ import annotations

import pandas as pd

from shidian.efficiency.leave_outs import name_unit_years, unit_names
from shidian.errors import EstimationError, no_column
from shidian.ledger import ledger_frame, ledger_row_of
from shidian.messages import say


def known_rows(panel: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the rows where a variable has a value; an absent or empty variable is an error."""
    if name not in panel.columns:
        raise no_column(name, panel.columns)
    known = panel[panel[name].notna()]
    if known.empty:
        raise EstimationError(say("'{name}' has no value in the rows that the exhibit uses", name=name))
    return known


def missing_ledger(step: str, panel: pd.DataFrame, known: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the ledger of rows left out because the variable is missing."""
    gone = panel.loc[panel.index.difference(known.index)]
    if gone.empty:
        return ledger_frame([])
    who = name_unit_years(gone["unit"], gone["year"], unit_names(panel))
    return ledger_frame([ledger_row_of(gone, step, name, say("missing value: {who}", who=who))])
