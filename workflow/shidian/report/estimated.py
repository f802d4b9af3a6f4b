"""The years and units that were estimated, said under headings whose words are those of the study's author.

A title may say "29 major cities, 2002-2019" over a panel of 2013-2018: the author's words stay as they are, and a line
under them says what is there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from shidian.exhibits.result import ExhibitResult
from shidian.messages import counted, say
from shidian.period import Period
from shidian.report.catalogue import in_language

_NUMBER = re.compile(r"\d\d|[一二三四五六七八九十百千两][一二三四五六七八九十百千]+")
"""What may be a year or a number of units in a title."""


@dataclass(frozen=True)
class Estimated:
    """The panel behind a report, and how its periods and units are called.

    Attributes:
        rows: unit and year of ``panel.parquet``, in its order.
        period: that of the study.
        unit: what a unit is called, in the language of the report.
        lang: language of the report.
        individuals: whether each unit has one row.
    """

    rows: pd.DataFrame
    period: Period
    unit: str
    lang: str
    individuals: bool = False

    @staticmethod
    def of(meta: Mapping[str, Any], rows: pd.DataFrame) -> Estimated:
        """Return the panel of the study that ``shidian.study.plan.Plan.report_meta`` describes."""
        kept = rows[["unit", "year"]].reset_index(drop=True)
        return Estimated(kept, Period.of(meta["period"]), meta["unit_label"], meta["lang"], meta["individuals"])

    def of_study(self) -> str:
        """Return the line on the whole panel."""
        return self._line(self.rows, say("In the panel"))

    def of_exhibit(self, words: str, result: ExhibitResult) -> str:
        """Return the line on the rows that an exhibit used; "" where its words have no number, or no rows are its own.

        Args:
            words: its title and note, as the author wrote them.
            result: the exhibit's result; its ``used`` says which rows are behind each column.
        """
        if not _NUMBER.search(words):
            return ""
        own = [used for used in result.used.values() if not used.taken and not used.noise_free]
        if any(used.rows is None for used in own):
            return self._line(self.rows, say("Estimated"))
        positions = [used.rows.positions for used in own if used.rows is not None]
        at = np.unique(np.concatenate([np.empty(0, np.int64), *positions]))
        return self._line(self.rows.iloc[at[at < len(self.rows)]], say("Estimated")) if len(at) else ""

    def _line(self, rows: pd.DataFrame, what: str) -> str:
        if rows.empty:
            return ""
        first, last = int(rows["year"].min()), int(rows["year"].max())
        span = self.period.label(first) + (f"–{self.period.label(last)}" if last > first else "")
        facts = {"what": what, "span": span, "n": f"{len(rows):,}"}
        if self.individuals:
            return in_language(say("{what}: {span}, {n} rows", **facts), self.lang)
        units = counted(int(rows["unit"].nunique()), self.unit)
        return in_language(say("{what}: {span}, {units}, {n} rows", units=units, **facts), self.lang)
