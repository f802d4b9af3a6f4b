"""Alias tables: declared matches from the names that a source prints to the panel's codes."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from shidian.errors import PanelError


def read_aliases(path: str | Path) -> pd.DataFrame:
    """Read ``config/aliases/<table>.csv``: columns alias and code, further columns free.

    Raises:
        PanelError: the file or a column is missing, an alias is blank or stands twice.
    """
    if not Path(path).exists():
        raise PanelError(f"{path}: there is no such alias table")
    table = pd.read_csv(path, dtype=str, keep_default_na=False, comment="#")
    absent = [c for c in ("alias", "code") if c not in table.columns]
    if absent:
        raise PanelError(f"{path}: the column '{absent[0]}' is missing; found {', '.join(table.columns)}")
    twice = table["alias"][table["alias"].duplicated()]
    if len(twice):
        raise PanelError(f"{path}: the alias '{twice.iloc[0]}' stands twice")
    blank = table[(table["alias"] == "") | (table["code"] == "")]
    if len(blank):
        raise PanelError(f"{path}: line {blank.index[0] + 2} has a blank alias or code")
    return table[["alias", "code"]]
