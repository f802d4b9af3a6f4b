"""The design that is looked at: the rows of a panel, the study's main specification, and an objection to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import pandas as pd

from shidian.exhibits.columns import column_settings
from shidian.exhibits.result import StudyInfo
from shidian.messages import joined

Level = Literal["stop", "warn", "note"]
NAMED = 8
"""Most units that an objection names."""


@dataclass(frozen=True)
class Objection:
    """One objection.

    Attributes:
        level: ``stop`` = the usual estimates are not to be trusted; ``warn`` = a referee will ask; ``note`` = good to
            know.
        topic: what it is about, a key in lower case.
        what: what was found.
        do: what to do.
    """

    level: Level
    topic: str
    what: str
    do: str


@dataclass(frozen=True)
class Design:
    """What the checks are given.

    Attributes:
        panel: all rows: unit, unit_name, year, adoption_year, the treatment and the variables.
        rows: rows with outcome, treatment and controls.
        settings: the main specification (``shidian.exhibits.columns.column_settings``).
        info: what exhibits know of the study.
        dated: whether units adopt and stay treated, so that there are cohorts.
    """

    panel: pd.DataFrame
    rows: pd.DataFrame
    settings: Mapping[str, Any]
    info: StudyInfo
    dated: bool

    @staticmethod
    def of(panel: pd.DataFrame, main: Mapping[str, Any], info: StudyInfo, *, dated: bool) -> Design:
        """Return the design of a study whose exhibit ``main`` has its main specification."""
        columns = main.get("columns") or [{}]
        settings = column_settings(main, {**columns[-1], "label": "main"}, 0, info)
        names = [settings["outcome"], settings["treatment"], *settings["controls"]]
        known = [name for name in names if name in panel.columns]
        return Design(panel, panel.dropna(subset=known), settings, info, dated)

    @cached_property
    def adopted(self) -> pd.Series:
        """Adoption year by unit of the rows, missing for units that adopt after their last year."""
        units = self.rows.groupby("unit")
        first = units["adoption_year"].first().astype("Float64")
        return first.mask(first > units["year"].max())

    def names_of(self, units: Sequence[str]) -> str:
        """Return the names of some units, the first ones and how many more."""
        names = self.panel.drop_duplicates("unit").set_index("unit")["unit_name"]
        said = [str(names.get(unit, unit)) for unit in units]
        rest = [f"+{len(said) - NAMED}"] if len(said) > NAMED else []
        return joined([*said[:NAMED], *rest])
