"""Dagum's Gini coefficient by groups, year by year: a table, and the contributions over the years."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from shidian.distribution.dagum import Dagum, dagum
from shidian.exhibits import notes
from shidian.exhibits.distribution.by_year import declared_years, described, known_with
from shidian.exhibits.groups import groups_of
from shidian.exhibits.numbers_table import numbers_table
from shidian.exhibits.regression_table import Style
from shidian.exhibits.result import ExhibitResult, Figure, StudyInfo, Table
from shidian.exhibits.samples import by_rows, roles
from shidian.exhibits.subsample import needed_by, subsample
from shidian.exhibits.weighted_rows import weighted_rows
from shidian.inference.weights import weights_of
from shidian.messages import say
from shidian.used import Rows

GINI, MEAN = say("Gini"), say("Mean")
PARTS = {"within": say("Inside groups"), "between": say("Net between groups"), "transvariation": say("Transvariation")}
"""Part of the decomposition -> its name."""


def run(panel: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Decompose the Gini coefficient of ``variable`` by ``groups`` in each of ``years``.

    In the long schema a year is the term, and so is the mean of the years; columns are the coefficients of all rows, of
    groups and of pairs, the three parts and their shares in per cent. Figure kind ``dagum_gini``.

    Raises:
        EstimationError: a negative value, no positive one in a year, a year with one group.
    """
    part, words = subsample(panel, spec.get("sample"), info.label, needed_by(spec))
    name, years = spec["variable"], declared_years(part, spec)
    part = part[part["year"].isin(years)]
    grouped = part.assign(**{GROUP: groups_of(part, spec["groups"])})
    known, ledger = known_with(grouped, [name], say("decomposition"), also={GROUP: spec["groups"]["variable"]})
    weighted = weighted_rows(known, part, weights_of(spec))
    rows = weighted.data.assign(weight=1.0 if weighted.w is None else weighted.w).set_index(
        ["unit", "year"], drop=False
    )
    found = {
        year: dagum(mine[name], mine[GROUP], mine["weight"], say("of {year}", year=str(year)))
        for year, mine in ((year, rows[rows["year"] == year]) for year in years)
    }
    frame = pd.DataFrame.from_dict({str(year): columns_of(one) for year, one in found.items()}, orient="index")
    frame.loc[MEAN] = frame.mean()
    estimates, table = numbers_table(frame, info.study, notes.exhibit_id(spec), say("Year"), Style.of(spec))
    used = by_rows(
        weighted.data, part, roles(spec, variables=(name,), groups=(spec["groups"]["variable"],)), words,
        len(part) - len(known),
    )  # fmt: skip
    of_years = {str(year): Rows.of(mine.index) for year, mine in weighted.data.groupby("year")}
    return ExhibitResult(
        estimates,
        _shown(table, found, spec.get("show", ["groups", "pairs", "contributions"])),
        figure=_figure(found, info.label(name)),
        notes=(
            described(say("Gini coefficient of {variable}", variable=info.label(name)), weighted.data, words, info),
            *weighted.sentences(info), *sentences(), *notes.simulated_sentence(info),
        ),
        ledger=ledger,
        used=dict.fromkeys(frame.columns, replace(used, of_terms=of_years)),
    )  # fmt: skip


GROUP = "group of the decomposition"
"""Column of the rows that holds the group's printed name; no variable is called so."""


def sentences() -> list[str]:
    """Return what the note says of the decomposition."""
    return [
        say(
            "Decomposition of Dagum (1997): inside groups, net between groups, and transvariation, what groups that "
            "overlap contribute; the three shares sum to 100%."
        ),
        say("The coefficient of a pair compares every value of one group with every value of the other."),
        say("Nothing is corrected for small samples."),
    ]


def columns_of(one: Dagum) -> dict[str, float]:
    """Return column -> number of one year."""
    groups = {group_column(str(row.group)): row.gini for row in one.groups.itertuples()}
    pairs = {pair_column(str(row.first), str(row.second)): row.gini for row in one.pairs.itertuples()}
    parts = {label: getattr(one, key) for key, label in PARTS.items()}
    shares = {
        share_column(label): 100 * value / one.gini if one.gini > 0 else float("nan") for label, value in parts.items()
    }
    return {GINI: one.gini, **groups, **pairs, **parts, **shares}


def group_column(group: str) -> str:
    """Return the column of a group's own coefficient."""
    return say("Gini, {group}", group=group)


def pair_column(first: str, second: str) -> str:
    """Return the column of the coefficient between two groups."""
    return say("Gini, {first} and {second}", first=first, second=second)


def share_column(label: str) -> str:
    """Return the column of a part's share."""
    return say("{part}, %", part=label)


def _shown(table: Table, found: Mapping[int, Dagum], blocks: list[str]) -> Table:
    """Return the table with the declared blocks of columns."""
    groups, pairs = dict[str, None](), dict[str, None]()
    for one in found.values():
        groups |= dict.fromkeys(group_column(str(g)) for g in one.groups["group"])
        pairs |= dict.fromkeys(pair_column(str(r.first), str(r.second)) for r in one.pairs.itertuples())
    columns = {"groups": groups, "pairs": pairs, "contributions": dict.fromkeys(map(share_column, PARTS.values()))}
    wanted = {GINI, *(column for block in blocks for column in columns[block])}
    (heads,) = table.header
    kept = [i for i, (text, _) in enumerate(heads[1:]) if text in wanted]
    rows = tuple(
        replace(row, cells=tuple(row.cells[i] for i in kept), rule_above=row.label == MEAN) for row in table.rows
    )
    return Table(((heads[0], *(heads[1:][i] for i in kept)),), rows)


def _figure(found: Mapping[int, Dagum], variable: str) -> Figure:
    """Return the coefficients of all rows and of groups, and the shares of the parts, over the years."""
    ginis, shares = [], []
    for year, one in found.items():
        ginis.append({"group": say("All"), "year": year, "value": one.gini})
        ginis += [{"group": str(r.group), "year": year, "value": r.gini} for r in one.groups.itertuples()]
        columns = columns_of(one)
        shares += [{"group": part, "year": year, "value": columns[share_column(part)]} for part in PARTS.values()]
    options = {
        "gini_label": say("Gini coefficient of {variable}", variable=variable), "share_label": say("Contribution, %")
    }  # fmt: skip
    return Figure("dagum_gini", {"ginis": pd.DataFrame(ginis), "shares": pd.DataFrame(shares)}, options)
