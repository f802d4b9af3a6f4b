"""Coverage: the share of units with a value by variable and year, or the years of each unit of one variable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from shidian.coverage.counts import having, lacking, rows_by_period
from shidian.errors import EstimationError, no_column
from shidian.estimates import normalise
from shidian.exhibits import notes
from shidian.exhibits.data.descriptives.estimate import table_variables
from shidian.exhibits.result import Cell, ExhibitResult, Figure, Row, StudyInfo, Table
from shidian.exhibits.samples import by_rows, roles
from shidian.exhibits.subsample import needed_by, subsample
from shidian.messages import counted, say
from shidian.used import Used

NO_ROW, NO_VALUE, VALUE = 0, 1, 2
"""What a unit-year of one variable is in the figure."""
COUNTS = {"unit_years": say("Unit-years"), "share": say("Share"), "complete": say("Units with all years"),
          "none": say("Units without any")}  # fmt: skip
BY_YEAR = {"units": say("Units with a value"), "lacking": say("Units without"), "share": say("Share")}


def run(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Count the values of ``variables`` (default: outcome, treatment, controls), or those of one ``variable``.

    Every unit of the sample counts in every year from its first to its last that it does not leave out: a unit-year
    without a row has no value.
    In the long schema the terms are variables, and columns the counts and, by year, the share of units with a value;
    of one ``variable`` the terms are years.

    Raises:
        EstimationError: both ``variable`` and ``variables``; a column that the panel has not; no row in the sample.
    """
    if "variable" in spec and "variables" in spec:
        raise EstimationError(
            say("exhibit '{exhibit}': give 'variables', or one 'variable' by unit", exhibit=notes.exhibit_id(spec))
        )
    part, words = subsample(panel, spec.get("sample"), info.label, needed_by(spec))
    if part.empty:
        raise EstimationError(say("exhibit '{exhibit}': no row is left to count", exhibit=notes.exhibit_id(spec)))
    out = (spec.get("sample") or {}).get("exclude_years", ())
    periods = [year for year in range(int(part["year"].min()), int(part["year"].max()) + 1) if year not in out]
    if "variable" in spec:
        return _by_unit(part, periods, spec, info, words)
    names = table_variables(spec, info, part)
    units, counts = int(part["unit"].nunique()), having(part, names, periods)
    shares = counts.set_axis([str(year) for year in periods], axis="columns") / units
    frame = pd.concat([_totals(part, names, periods, counts), shares], axis="columns")
    cells = [
        {"row": info.label(name), "year": year, "value": value}
        for name, values in zip(names, shares.to_numpy().tolist(), strict=True)
        for year, value in zip(periods, values, strict=True)
    ]
    options = {"colour_label": say("Share of units with a value")}
    used = by_rows(part, part, roles({"sample": spec.get("sample")}, variables=names), words)
    return ExhibitResult(
        _long(frame, spec, info, len(part), units),
        _table(say("Variable"), frame, COUNTS, [info.label(name) for name in names]),
        Figure("coverage", {"cells": pd.DataFrame(cells)}, options),
        notes=(*_sentences(part, periods, info, words), *notes.simulated_sentence(info)),
        used=dict.fromkeys(map(str, frame.columns), used),
    )


def _totals(part: pd.DataFrame, names: Sequence[str], periods: Sequence[int], counts: pd.DataFrame) -> pd.DataFrame:
    """Return unit-years with a value, their share, units that have all and units that have none, a row a variable."""
    units, n = int(part["unit"].nunique()), counts.sum(axis=1)
    gaps = lacking(part, names, periods)
    by_name = gaps.groupby("variable")["n"]
    some = by_name.size().reindex(list(names), fill_value=0)
    none = (gaps["n"] == len(periods)).groupby(gaps["variable"]).sum().reindex(list(names), fill_value=0)
    return pd.DataFrame({"unit_years": n, "share": n / (units * len(periods)), "complete": units - some, "none": none})


def _by_unit(
    part: pd.DataFrame, periods: list[int], spec: Mapping[str, Any], info: StudyInfo, words: str
) -> ExhibitResult:
    """Return the units with a value of one variable by year, and the figure of every unit-year."""
    name = str(spec["variable"])
    if name not in part.columns:
        raise no_column(name, part.columns)
    units, n = int(part["unit"].nunique()), having(part, [name], periods).to_numpy()[0]
    years = [str(year) for year in periods]
    frame = pd.DataFrame({"units": n, "lacking": units - n, "share": n / units}, index=years)
    used: Used = by_rows(part, part, roles({"sample": spec.get("sample")}, variables=[name]), words)
    options = {
        "level_0": say("no row"), "level_1": say("no value"), "level_2": say("value"),
        "colour_label": info.label(name),
    }  # fmt: skip
    absent = units * len(periods) - int(rows_by_period(part, periods).sum())
    said = say(
        "{variable}: {n} of {of} unit-years have a value; {absent} have no row in the panel.",
        variable=info.label(name), n=int(n.sum()), of=units * len(periods), absent=absent,
    )  # fmt: skip
    return ExhibitResult(
        _long(frame, spec, info, len(part), units),
        _table(say("Year"), frame, BY_YEAR, list(frame.index)),
        Figure("coverage", {"cells": _status(part, name, periods)}, options),
        notes=(said, *_sentences(part, periods, info, words), *notes.simulated_sentence(info)),
        used=dict.fromkeys(frame.columns, used),
    )


def _status(part: pd.DataFrame, name: str, periods: list[int]) -> pd.DataFrame:
    """Return row (the unit's name), year and value (``NO_ROW``, ``NO_VALUE``, ``VALUE``), fullest units first."""
    status = part[name].notna().astype("int64") + NO_VALUE
    wide = status.groupby([part["unit"].astype(str), part["year"]]).max().unstack().reindex(columns=periods)
    wide = wide.fillna(NO_ROW).astype("int64")
    fullest = pd.DataFrame({"values": -(wide == VALUE).sum(axis=1), "rows": -wide.sum(axis=1)})
    wide = wide.sort_index().loc[fullest.sort_index().sort_values(["values", "rows"], kind="stable").index]
    latest = part.drop_duplicates("unit", keep="last")
    names = dict(zip(latest["unit"].astype(str), latest["unit_name"].fillna("").astype(str), strict=True))
    several = Counter(names.values())
    shown = [names[unit] if several[names[unit]] == 1 else f"{names[unit]} {unit}" for unit in wide.index.astype(str)]
    return pd.DataFrame({
        "row": np.repeat(shown, len(periods)),
        "year": np.tile(periods, len(wide)), "value": wide.to_numpy().ravel(),
    })  # fmt: skip


def _long(frame: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo, n: int, units: int) -> pd.DataFrame:
    long = frame.rename_axis("term").reset_index().melt("term", var_name="column", value_name="estimate")
    facts: dict[str, Any] = {"study": info.study, "exhibit": notes.exhibit_id(spec), "n_obs": n, "n_units": units}
    return normalise(long.astype({"estimate": "float64"}).assign(**facts))


def _table(stub: str, frame: pd.DataFrame, heads: Mapping[str, str], labels: Sequence[str]) -> Table:
    rows = []
    for label, (term, values) in zip(labels, frame.iterrows(), strict=True):
        cells = (
            Cell(f"{values[name]:.1%}" if name == "share" else f"{int(values[name]):,}", (name, str(term), "estimate"))
            for name in heads
        )
        rows.append(Row(label, tuple(cells)))
    return Table((((stub, 1), *((head, 1) for head in heads.values())),), tuple(rows))


def _sentences(part: pd.DataFrame, periods: list[int], info: StudyInfo, words: str) -> list[str]:
    units = int(part["unit"].nunique())
    facts = {"units": counted(units, info.unit_label), "first": periods[0], "last": periods[-1], "n": len(part)}
    text = [say("{units}, {first}–{last}: {n} rows of {of} unit-years.", of=units * len(periods), **facts)]
    return [*text, say("Rows restricted to: {words}.", words=words)] if words else text
