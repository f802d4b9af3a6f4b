"""Sigma-convergence: the spread of a variable over units, year by year, of all units and of groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from shidian.distribution.spread import SpreadTest, equal_spread, sd_log, variation
from shidian.errors import EstimationError
from shidian.estimates import missing, normalise
from shidian.exhibits import notes
from shidian.exhibits.distribution.by_year import declared_years, described, known_with
from shidian.exhibits.groups import groups_of
from shidian.exhibits.numbers_table import numbers_table
from shidian.exhibits.regression_table import DASH, Style
from shidian.exhibits.result import Cell, ExhibitResult, Figure, Row, StudyInfo, Table
from shidian.exhibits.samples import by_rows, roles
from shidian.exhibits.subsample import needed_by, subsample
from shidian.indicators.checks import require_not_negative, require_positive
from shidian.messages import say
from shidian.used import Rows

ALL = say("All")
RATIO, CHI2, P = say("variance, first over last"), say("χ² of equal variance"), say("p of equal variance")
LABELS = {RATIO: say("Variance, first over last"), CHI2: say("χ² of equal variance"), P: say("P of equal variance")}
"""Term of the test -> label of its row."""


def run(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Follow the spread of ``variable`` over ``years``, and test the last year against the first.

    In the long schema a column is ``All`` or a group, a term a year or a number of the test. Figure kind
    ``sigma_convergence``.

    Raises:
        EstimationError: a value that the measure does not allow, fewer than two years, a year of a group with one unit.
    """
    part, words = subsample(panel, spec.get("sample"), info.label, needed_by(spec))
    name, years, logs = spec["variable"], declared_years(part, spec, least=2), spec.get("measure", "sd_log") == "sd_log"
    part = part[part["year"].isin(years)]
    known, ledger = known_with(part, [name], say("sigma-convergence"))
    known = known.sort_values(["year", "unit"], kind="stable")
    keyed = known.set_index(["unit", "year"])[[name]].astype(float)
    (require_positive if logs else require_not_negative)("sigma_convergence", keyed)
    groups = _groups(known, spec)
    frame = pd.DataFrame({g: _spread(known[mask], name, years, logs, g) for g, mask in groups.items()})
    estimates, table = numbers_table(frame, info.study, notes.exhibit_id(spec), say("Year"), Style.of(spec))
    tests = {g: _test(known[mask], name, years) for g, mask in groups.items()} if logs else {}
    used = {
        g: replace(
            by_rows(known[mask], part, roles(spec, variables=(name,), groups=_grouping(spec)), words,
                    len(part) - len(known) if g == ALL else 0),
            of_terms={str(y): Rows.of(mine.index) for y, mine in known[mask].groupby("year")},
        )
        for g, mask in groups.items()
    }  # fmt: skip
    lines = frame.rename_axis("year").reset_index().melt("year", var_name="group", value_name="value")
    return ExhibitResult(
        pd.concat([estimates, *_long(tests, info, spec)], ignore_index=True),
        _with_tests(table, tests, Style.of(spec)),
        figure=Figure(
            "sigma_convergence",
            {"lines": lines.assign(year=lines["year"].astype(int))[["group", "year", "value"]]},
            {"y_label": _measured(logs, info.label(name))},
        ),
        notes=(
            described(_measured(logs, info.label(name)), known, words, info), *_sentences(logs),
            *notes.simulated_sentence(info),
        ),
        ledger=ledger,
        used=used,
    )  # fmt: skip


def _groups(known: pd.DataFrame, spec: Mapping[str, Any]) -> dict[str, pd.Series]:
    """Return group -> its rows, all rows first."""
    groups = {ALL: pd.Series(True, index=known.index)}
    if "groups" in spec:
        values = groups_of(known, spec["groups"])
        groups |= {str(one): values == one for one in sorted(values.dropna().unique(), key=str)}
    return groups


def _grouping(spec: Mapping[str, Any]) -> list[str]:
    return [spec["groups"]["variable"]] if "groups" in spec else []


def _spread(rows: pd.DataFrame, name: str, years: list[int], logs: bool, group: str) -> dict[str, float]:
    """Return year -> spread of one group.

    Raises:
        EstimationError: a year with fewer than two units, or with zeros alone.
    """
    found = {}
    for year in years:
        values = rows.loc[rows["year"] == year, name].to_numpy(dtype=float)
        if len(values) < 2 or not values.mean() > 0:
            raise EstimationError(
                say(
                    "sigma_convergence: '{name}' of {group} in {year}: {n} values, {distinct} distinct; a spread needs "
                    "two values or more, not all zero: leave the year out by 'years' or choose other 'groups'",
                    name=name, group=group, year=str(year), n=len(values), distinct=len(set(values)),
                )
            )  # fmt: skip
        found[str(year)] = sd_log(values) if logs else variation(values)
    return found


def _test(rows: pd.DataFrame, name: str, years: list[int]) -> SpreadTest | str:
    """Return the test of the last year against the first, or why there is none."""
    wide = rows[rows["year"].isin([years[0], years[-1]])].pivot(index="unit", columns="year", values=name).dropna()
    both = np.log(wide.to_numpy(dtype=float))
    try:
        return equal_spread(both[:, 0], both[:, 1])
    except EstimationError as error:
        return str(error)


def _numbers(test: SpreadTest) -> dict[str, float]:
    return {RATIO: test.ratio, CHI2: test.chi2, P: test.p}


def _long(tests: Mapping[str, SpreadTest | str], info: StudyInfo, spec: Mapping[str, Any]) -> list[pd.DataFrame]:
    """Return the tests in the long schema."""
    exhibit, frames = notes.exhibit_id(spec), []
    for group, test in tests.items():
        if isinstance(test, str):
            frames += [missing(info.study, exhibit, group, term, test) for term in LABELS]
            continue
        found = _numbers(test)
        rows = pd.DataFrame({"term": list(found), "estimate": list(found.values())})
        frames.append(normalise(rows.assign(study=info.study, exhibit=exhibit, column=group, n_units=test.n)))
    return frames


def _with_tests(table: Table, tests: Mapping[str, SpreadTest | str], style: Style) -> Table:
    """Return the table of years with the rows of the test below."""
    rows = []
    for term, label in LABELS.items() if tests else ():
        cells = []
        for group, test in tests.items():
            if isinstance(test, str):
                cells.append(Cell(DASH, (group, term, "reason")))
                continue
            value = _numbers(test)[term]
            cells.append(Cell(style.p(value) if term == P else style.number(value), (group, term, "estimate")))
        rows.append(Row(label, tuple(cells), rule_above=term == RATIO))
    return Table(table.header, (*table.rows, *rows))


def _measured(logs: bool, variable: str) -> str:
    if logs:
        return say("Standard deviation of the logarithm of {variable}", variable=variable)
    return say("Coefficient of variation of {variable}", variable=variable)


def _sentences(logs: bool) -> list[str]:
    said = [say("Over units in each year, N in the denominator; it falls where units converge (sigma-convergence).")]
    if logs:
        said.append(
            say(
                "Test that the variances of the first and the last year are equal, over units with both: likelihood "
                "ratio T2 of Carree and Klomp (1997), χ² with one degree of freedom."
            )
        )
    return said
