"""The shapes of a panel that the matrix asks of every kind: what each changes in the study, its source and its file."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from shidian.period import read_period, written

from tests.matrix.made import FIRST, SOURCE, STUDY, made, treated
from tests.study.built_study import flat_source

QUARTERS_LATER = read_period("quarter", "2010Q4") - 2001


@dataclass
class Shaped:
    """A study of one shape.

    Attributes:
        rows: the file as any other program is given it, its years and adoption years as they were made: what the
            shape leaves of the rows, with the treatment ``did``.
        file: the file as the study reads it.
        study: the study file without exhibits.
        source: the source file of the panel.
        others: further sources with their files.
        weights: the column that weights the rows, "" for none.
        effects: the effects of the study.
        of_year: how the study writes a year of ``rows``.
    """

    rows: pd.DataFrame
    file: pd.DataFrame
    study: dict[str, Any] = field(default_factory=lambda: copy.deepcopy(STUDY))
    source: dict[str, Any] = field(default_factory=lambda: copy.deepcopy(SOURCE))
    others: list[tuple[dict[str, Any], pd.DataFrame]] = field(default_factory=list)
    weights: str = ""
    effects: tuple[str, ...] = ("unit", "year")
    of_year: Callable[[int], Any] = int
    number_of: Callable[[int], int] = int

    @property
    def table(self) -> dict[str, Any]:
        """The one table of the source."""
        return self.source["tables"][0]


def plain() -> Shaped:
    """Return the study without any shape."""
    return Shaped(treated(made()), made())


def weights() -> Shaped:
    """Return the study with weights of rows, as ``weights: pop``."""
    shaped = plain()
    shaped.study["weights"] = shaped.weights = "pop"
    return shaped


def effects() -> Shaped:
    """Return the study with years by category, as ``fixed_effects: [unit, branch#year]``."""
    shaped = plain()
    shaped.effects = ("unit", "branch#year")
    shaped.study["fixed_effects"] = list(shaped.effects)
    return shaped


def category() -> Shaped:
    """Return the study whose exhibits use the text category ``branch``; ``coded`` has it as numbers."""
    return plain()


def quarters(shaped: Shaped | None = None) -> Shaped:
    """Return the study, or a shaped one, by quarters from 2010Q4 on."""
    shaped = shaped or plain()
    shaped.of_year = lambda year: written("quarter", year + QUARTERS_LATER)
    shaped.number_of = lambda year: year + QUARTERS_LATER
    shaped.study["period"] = {"kind": "quarter"}
    shaped.table["year"]["kind"] = "quarter"
    shaped.table["columns"]["adopted"]["period"] = {"kind": "quarter"}
    return _rewritten(shaped)


def nested() -> Shaped:
    """Return the study whose treatment is a list of the zones that the cities lie in."""
    shaped = plain()
    zones = pd.DataFrame({"zone": range(11, 19), "first": FIRST}).query("first > 0")
    unit = {"level": "other", "code": "zone", "code_kind": "plain"}
    shaped.others = [(flat_source("pilots", unit, {"first": "1"}), zones)]
    shaped.study["sources"]["pilots"] = {"join": {"on": "towns.zone"}}
    shaped.study["treatment"]["adoption"] = "pilots.first"
    del shaped.table["columns"]["adopted"]
    shaped.file = shaped.file.drop(columns="adopted")
    return shaped


def switching() -> Shaped:
    """Return the study whose treatment ends and starts again."""
    return _status("onoff", "switching")


def continuous() -> Shaped:
    """Return the study whose treatment has doses."""
    return _status("dose", "continuous")


def gaps() -> Shaped:
    """Return the study whose file lacks rows, and values of the control in others."""
    shaped = plain()
    rng = np.random.default_rng(8)
    kept = shaped.file[rng.uniform(size=len(shaped.file)) >= 0.06].copy()
    kept["x"] = kept["x"].mask(rng.uniform(size=len(kept)) < 0.03)
    shaped.file = kept
    shaped.rows = treated(kept).reset_index(drop=True)
    return shaped


def two_yearly(shaped: Shaped | None = None) -> Shaped:
    """Return the study, or a shaped one, of the years 2001, 2003, ..., as ``period: {kind: year, step: 2}``."""
    shaped = shaped or plain()
    shaped.of_year = lambda year: 2001 + 2 * (year - 2001)
    shaped.number_of = lambda year: 1000 + year - 2001
    shaped.study["period"] = {"kind": "year", "step": 2}
    return _rewritten(shaped)


def _status(column: str, kind: str) -> Shaped:
    shaped = plain()
    shaped.study["treatment"] = {"name": "did", "status": f"towns.{column}", "kind": kind}
    shaped.rows = treated(made(), kind).assign(adopted=pd.NA)
    return shaped


def _rewritten(shaped: Shaped) -> Shaped:
    """Write the years of the file and of the study as ``of_year`` does."""
    for name in ("year", "adopted"):
        shaped.file[name] = [None if pd.isna(year) else shaped.of_year(int(year)) for year in shaped.file[name]]
    shaped.study["years"] = {"first": shaped.of_year(2001), "last": shaped.of_year(2008)}
    base = repr(shaped.of_year(2001))
    shaped.study["variables"] |= {"home": f"base(towns.branch, {base})", "home_code": f"base(towns.code, {base})"}
    shaped.study["variables"]["first_pop"] = f"base(towns.pop, {base})"
    if shaped.file["adopted"].dtype == float:
        shaped.file["adopted"] = shaped.file["adopted"].astype("Int64")
    return shaped


SHAPES: dict[str, Callable[[], Shaped]] = {
    "weights": weights, "effects": effects, "category": category, "quarters": quarters, "nested": nested,
    "switching": switching, "continuous": continuous, "gaps": gaps, "two_yearly": two_yearly,
}  # fmt: skip
"""The columns of the matrix, in the order of the page."""
PAIRS: dict[str, Callable[[], Shaped]] = {
    "weights+quarters": lambda: quarters(weights()), "effects+quarters": lambda: quarters(effects()),
    "gaps+two_yearly": lambda: two_yearly(gaps()), "continuous+quarters": lambda: quarters(continuous()),
    "switching+two_yearly": lambda: two_yearly(switching()),
}  # fmt: skip
"""Two shapes at once: the first, and how its periods are written."""
