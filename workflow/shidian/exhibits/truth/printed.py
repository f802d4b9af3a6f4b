"""Numbers that a paper prints and our own estimates of them, found by the paths and names of a comparison."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from shidian.errors import EstimationError, nearest
from shidian.estimates import ESTIMATE_COLUMNS, missing
from shidian.exhibits.result import Cell, Row
from shidian.messages import say
from shidian.used import Taken, Used

PSEUDO_TRUE = " (pseudo-true)"
"""What the column of an estimate on the panel without disturbances ends with."""
NOT_PRINTED = ("", "null")
"""What stands in a file of published numbers where the text prints nothing."""


@dataclass(frozen=True)
class Printed:
    """A printed number as its text; of a coefficient the standard error and how many stars, "" where not printed."""

    value: str
    se: str = ""
    stars: str = ""


def read_published(path: str | Path) -> Mapping[str, Any]:
    """Read a file of published numbers, every scalar as the text that was printed."""
    content = yaml.load(Path(path).read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    assert isinstance(content, dict)
    return content


def printed_at(published: Mapping[str, Any], at: str) -> Printed:
    """Return what is printed at a dotted path such as ``tables.twfe.rows.post.c1``.

    The path leads to a number, or to a coefficient with its standard error and stars. A key may hold dots itself, such
    as ``below_3.420``: the longest that is there counts.

    Raises:
        EstimationError: nothing is there, or more than one coefficient.
    """
    place: Any = published
    left = at.split(".")
    while left:
        inside = {str(n): v for n, v in enumerate(place)} if isinstance(place, list) else place
        known = list(inside) if isinstance(inside, Mapping) else []
        taken = next((n for n in range(len(left), 0, -1) if ".".join(left[:n]) in known), 0)
        if not taken:
            raise EstimationError(
                say(
                    "the published numbers have nothing at '{at}': no '{key}'{near}",
                    at=at,
                    key=left[0],
                    near=nearest(left[0], known),
                )
            )
        place, left = inside[".".join(left[:taken])], left[taken:]
    if isinstance(place, str):
        return Printed(place)
    if isinstance(place, list) and len(place) == 3:
        return Printed(*("" if text in NOT_PRINTED else text for text in place))
    raise EstimationError(
        say(
            "the published numbers have at '{at}' neither one number nor a coefficient with its standard error and "
            "stars; lead on to one of them",
            at=at,
        )
    )


def find_estimate(estimates: pd.DataFrame, number: Mapping[str, Any]) -> pd.DataFrame:
    """Return the one estimate that a number names; its column says which exhibit it comes from.

    Of an estimate that the exhibit refused, the row holds the reason and no number.

    Raises:
        EstimationError: a column, term or field that is not there and that no refusal explains.
    """
    exhibit, field = number["exhibit"], number["field"]
    if field not in ESTIMATE_COLUMNS:
        near = nearest(field, ESTIMATE_COLUMNS)
        raise EstimationError(say("estimates have no field '{field}'{near}", field=field, near=near))
    column = column_of(number)
    rows = estimates
    for key in ("column", "term"):
        found = rows[rows[key] == number[key]]
        if found.empty:
            refused = rows.loc[rows["estimate"].isna() & (rows["reason"] != ""), "reason"]
            if len(refused):
                return missing(str(rows["study"].iloc[0]), number["exhibit"], column, number["term"], refused.iloc[0])
            near = nearest(number[key], [str(value) for value in rows[key].unique()])
            raise EstimationError(
                say(
                    "exhibit '{exhibit}' has no {key} '{name}'{near}",
                    exhibit=exhibit,
                    key=say("column") if key == "column" else say("term"),
                    name=number[key],
                    near=near,
                )
            )
        rows = found
    if pd.isna(rows[field].iloc[0]) and not rows["reason"].iloc[0]:
        raise EstimationError(
            say(
                "exhibit '{exhibit}': '{term}' of column '{column}' has no {field}",
                exhibit=exhibit,
                term=number["term"],
                column=number["column"],
                field=field,
            )
        )
    return rows.head(1).assign(column=column)


def column_of(number: Mapping[str, Any], noise_free: bool = False) -> str:
    """Return the column of a compared number: the exhibit and column that it is taken from."""
    return f"{number['exhibit']}: {number['column']}" + (PSEUDO_TRUE if noise_free else "")


def taken_from(numbers: Iterable[Mapping[str, Any]], noise_free: bool = False) -> dict[str, Used]:
    """Return column of a comparison -> where its number is taken from."""
    return {
        column_of(n, noise_free): Used(
            noise_free=noise_free, taken=(Taken(str(n["exhibit"]), str(n["column"]), noise_free),)
        )
        for n in numbers
    }


def no_estimate_sentences(lost: Sequence[tuple[str, str]]) -> list[str]:
    """Return a sentence a reason on the numbers (what, reason) that could not be had."""
    return [say("No estimate of {names}: {why}.", names=names, why=why) for why, names in by_reason(lost)]


def by_reason(lost: Sequence[tuple[str, str]]) -> list[tuple[str, list[str]]]:
    """Return (reason, names in quotes) of (what, reason) pairs, reasons without a full stop."""
    return [
        (reason.removesuffix("."), [_quoted(what) for what, why in lost if why == reason])
        for reason in dict.fromkeys(why for _, why in lost)
    ]


def _quoted(what: str) -> str:
    return repr(what) if "'" in what else say("'{name}'", name=what)


def declared_numbers(numbers: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the numbers with their ``field``, by default the estimate, and the ``group`` last named."""
    group, grouped = "", []
    for number in numbers:
        group = number.get("group", group)
        grouped.append({"field": "estimate", **number, "group": group})
    return grouped


def graded_numbers(numbers: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the numbers that simulated yearbooks are graded on: estimates of what was planted."""
    return [n for n in declared_numbers(numbers) if n["field"] == "estimate" and n.get("graded", True)]


def by_group(rows: Iterable[tuple[str, Row]]) -> list[tuple[str, Row]]:
    """Return the rows (group, row) with those of a group together, groups in the order in which they first come."""
    found: dict[str, list[tuple[str, Row]]] = {}
    for group, row in rows:
        found.setdefault(group, []).append((group, row))
    return [pair for pairs in found.values() for pair in pairs]


def with_headings(rows: Iterable[tuple[str, Row]]) -> tuple[Row, ...]:
    """Return the rows (group, row) with the name of each group above its first."""
    out: list[Row] = []
    last = ""
    for group, row in rows:
        if group != last:
            out.append(Row(table_name(group), tuple(Cell("") for _ in row.cells), rule_above=bool(out)))
            last = group
        out.append(row)
    return tuple(out)


def table_name(group: str) -> str:
    """Return the name of a group; a printed table or figure has its word in the language of the report."""
    found = re.fullmatch(r"(Table|Figure) (\d+)", group)
    if found is None:
        return group
    return say("Table {n}", n=int(found[2])) if found[1] == "Table" else say("Figure {n}", n=int(found[2]))
