"""What an indicator's ``compute`` gets, and what it gives back beside its values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class Inputs:
    """What a declared indicator reads.

    Attributes:
        name: the indicator's name in the study.
        columns: role -> column of the panel, those of one kind in one size, in the order of the roles or the list.
        options: option -> value, defaults filled in.
        panel: the panel indexed by unit and year, with the indicators before this one.
        node: of a formula, what it says, with the conversions of units in it.
    """

    name: str
    columns: Mapping[str, pd.Series]
    options: Mapping[str, Any]
    panel: pd.DataFrame
    node: Any = None

    def __getitem__(self, role: str) -> pd.Series:
        """Return the column of a role."""
        return self.columns[role]

    @property
    def years(self) -> pd.Series:
        """The year of each row."""
        return pd.Series(self.panel.index.get_level_values("year"), index=self.panel.index)

    @property
    def units(self) -> pd.Series:
        """The unit of each row."""
        return pd.Series(self.panel.index.get_level_values("unit"), index=self.panel.index)


@dataclass(frozen=True)
class Computed:
    """An indicator's values with lines of the ledger and, for an entropy index, its weights."""

    values: pd.Series
    ledger: tuple[dict[str, Any], ...] = ()
    weights: pd.DataFrame = field(default_factory=pd.DataFrame)
