"""A study of towns written for simulated sources, and the user's own sources: other names, other units of measure."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pandas as pd

from .built_study import flat_source

UNIT = {"level": "other", "code": "town", "code_kind": "plain", "name": "town_name"}
YEARS = range(2001, 2009)

STUDY: dict[str, Any] = {
    "study": "towns",
    "title": "Towns",
    "unit": {"label": "town"},
    "years": {"first": 2001, "last": 2008},
    "sources": {"sim_units": {"role": "frame"}, "sim_book": {}, "sim_pilots": {}, "sim_texts": {}},
    "sample": {"exclude": [{"units": ["999"], "reason": "boundary changes"}]},
    "treatment": {"name": "did", "adoption": "pilot_year"},
    "variables": {
        "area": "region",
        "wage": "wages / workers",
        "ln_workers": "ln(workers)",
        "words": "sim_texts.words",
        "capital": "sim_units.capital",
    },
    "indicators": {"squared": {"method": "formula", "formula": "words ^ 2"}},
    "outcome": "wage",
    "controls": [],
    "fixed_effects": ["unit", "year"],
    "vcov": {"kind": "cluster", "by": "unit"},
    "ssc": "reghdfe",
    "exhibits": [
        {"id": "summary", "kind": "descriptives", "variables": ["wage", "words"]},
        {
            "id": "baseline", "kind": "did_table",
            "columns": [
                {"label": "(1)"},
                {"label": "(2)", "controls": ["squared"]},
                {"label": "(3)", "sample": {"exclude_units": ["998", "112"], "exclude_years": [2001]}},
            ],
        },
        {"id": "dynamics", "kind": "event_study", "window": [-3, 3], "controls": ["words"]},
        {"id": "plain", "kind": "event_study", "window": [-3, 3]},
        {
            "id": "compared", "kind": "comparison", "published": "towns",
            "numbers": [
                {"what": "did", "exhibit": "baseline", "column": "(1)", "term": "did"},
                {"what": "tau", "exhibit": "dynamics", "column": "event study", "term": "tau=0"},
            ],
        },
    ],
}  # fmt: skip


def simulated() -> list[tuple[dict[str, Any], str]]:
    """The simulated sources; nothing reads their files."""
    columns: dict[str, tuple[dict[str, str], str]] = {
        "sim_units": ({"region": "1", "capital": "1"}, "year"),
        "sim_book": ({"wages": "万元", "workers": "人"}, "year"),
        "sim_pilots": ({"pilot_year": "year"}, ""),
        "sim_texts": ({"words": "1"}, "year"),
    }
    made = [flat_source(name, UNIT, of, year) for name, (of, year) in columns.items()]
    for source in made:
        source |= {"simulated": True, "files": [{"path": f"simulated/{source['source']}.csv", "what": "made"}]}
    return [(source, "") for source in made]


def rows() -> pd.DataFrame:
    """Town, year, wages in 元, workers in 万人, region."""
    rng = np.random.default_rng(3)
    made = [
        (100 + town, f"Town {town}", year, 1 + town % 3, 0.5 + 0.01 * town, 1e6 * (1 + 0.1 * town + rng.random()))
        for town in range(1, 13)
        for year in YEARS
    ]
    return pd.DataFrame(made, columns=["town", "town_name", "year", "region", "staff_wan", "pay"])


def pilots() -> pd.DataFrame:
    """Six towns, one of them without a year."""
    years = [2004, 2004, 2005, 2005, 2006, ""]
    return pd.DataFrame({"town": range(101, 107), "town_name": [f"Town {n}" for n in range(1, 7)], "pilot_year": years})


def own() -> list[tuple[dict[str, Any], pd.DataFrame]]:
    """The user's sources: a yearbook without the wages of 2008, a second that has them all, a list of pilots."""
    table = rows()
    book = flat_source("book", UNIT, {"region": "1", "staff_wan": "万人", "pay": "元"}, "year")
    second = flat_source("second", UNIT, {"pay": "万元"}, "year")
    listed = flat_source("listed", UNIT, {"pilot_year": "year"})
    for source, series in ((book, "pay"), (listed, "pilot_year")):
        source["tables"][0]["columns"][series]["missing"] = [""]
    first = table.assign(pay=table["pay"].where(table["year"] < 2008))
    other = table[["town", "town_name", "year"]].assign(
        pay=table["pay"] / 1e4 * np.where(table["year"] == 2003, 1.1, 1)
    )
    return [(book, first), (second, other), (listed, pilots())]


REAL: dict[str, Any] = {
    "sim_units": {"sources": "book", "provides": {"capital": None}},
    "sim_book": {
        "sources": ["book", "second"],
        "provides": {"wages": ["book.pay", "second.pay"], "workers": "staff_wan"},
    },
    "sim_pilots": {"sources": "listed", "undated": "leave_out"},
    "sim_texts": None,
}


def real(**changes: Any) -> dict[str, Any]:
    """``real_sources`` as above, some entries changed."""
    return {**copy.deepcopy(REAL), **changes}
